"""SVG: a page's picture with its text over it, to be selected, and outlines that show how sure each word is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from math import cos, hypot, radians, sin

import cv2

from geulnun.document import Document, Line, Page, Quad
from geulnun.write import xml
from geulnun.write.base import Original, Pixels, only_page, pixels_of
from geulnun.write.characters import cells, language, xml_text
from geulnun.write.overlay import colour_of
from geulnun.write.places import certainty, number, quad_of, share, size_of, slant, word_quads
from geulnun.write.xml import Node, under

_SVG = "http://www.w3.org/2000/svg"
#: JPEG's quality of the picture: it is there to be looked at, and grey text on white shows no loss at it.
_QUALITY = 85
#: Letters stand on a line a little above the lower side of their quad.
_DESCENT = 0.15
_STYLE = (
    "text { white-space: pre; font-family: 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', sans-serif }\n"
    ".over { fill: transparent } .over::selection { fill: transparent; background: #3367d655 }\n"
    "polygon { fill: none; stroke-width: 1; vector-effect: non-scaling-stroke }"
)


class SvgWriter:
    """One page in pixels of its raster: the picture where the original is given, outlines, and every word as text.

    A word's text is as long as its quad and turned with it; the space after it reaches to the next word, so that
    selecting a line copies it with its spaces. Over a picture the text is transparent, without one it shows.
    """

    def __init__(self, outlines: bool = True) -> None:
        """Without ``outlines``, no word is framed."""
        self._outlines = outlines

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content.

        Raises:
            UsageError: the document has not one page, or the original's page has another size.
        """
        page = only_page(document, "svg")
        wide, high = max(page.width, 0), max(page.height, 0)
        root = xml.root("svg", _SVG)
        for key, value in {"viewBox": f"0 0 {wide} {high}", "width": str(wide), "height": str(high)}.items():
            root.set(key, value)
        # In a window of its own it is seen whole.
        root.set("style", "max-width: 100%; height: auto")
        if tongue := language(page.text):
            root.set(xml.LANG, tongue)
        under(root, "title", xml_text(document.source))
        under(root, "style", _STYLE)
        if original is not None:
            picture = _jpeg(pixels_of(page, original, "svg"))
            under(root, "image", width=str(wide), height=str(high), href=f"data:image/jpeg;base64,{picture}")
        if self._outlines:
            self._frames(under(root, "g", class_="frames"), page)
        layer = under(root, "g", class_="over" if original is not None else "text")
        # What drawing programs go by; browsers take the style.
        layer.set(xml.SPACE, "preserve")
        for line in page.lines:
            _line(layer, line)
        return xml.content(root)

    def _frames(self, group: Node, page: Page) -> None:
        for word in page.words:
            quad = quad_of(word)
            if quad is not None:
                red, green, blue = colour_of(share(word.confidence))
                corners = " ".join(f"{number(x)},{number(y)}" for x, y in quad)
                frame = under(group, "polygon", points=corners, stroke=f"#{red:02x}{green:02x}{blue:02x}")
                under(frame, "title", f"{xml_text(word.text)} {certainty(word.confidence)}")


def _line(layer: Node, line: Line) -> None:
    """A line as one text, its words placed each by itself along it."""
    if not line.words:
        return
    quad = quad_of(line)
    node = under(layer, "text")
    node.tail = "\n"
    if quad is None:
        # Of no place, and so that it can be found all the same: a line as small as can be.
        node.set("style", "font-size: 1px")
        node.text = xml_text(line.text)
        return
    along = slant(quad)
    node.set("font-size", number(max(size_of(quad)[1], 1.0) * 0.9))
    if line.vertical:
        # Characters stand upright below one another: the writing mode turns the line, only what it leans is left.
        node.set("style", "writing-mode: vertical-rl; text-orientation: upright")
        along -= 90
    if abs(along) >= 0.05:
        node.set("transform", f"rotate({number(along)})")
    else:
        along = 0.0
    quads = [_turned(one or quad, along) for one in word_quads(line)]
    for at, (word, place) in enumerate(zip(line.words, quads, strict=True)):
        following = quads[at + 1 : at + 2]
        spaced = word.space_after and bool(following)
        _word(node, xml_text(word.text) + " " * spaced, place, following if spaced else [], line.vertical)


def _word(row: Node, text: str, quad: Quad, following: Sequence[Quad], vertical: bool) -> None:
    length, _ = size_of(quad)
    (ax, ay), _, _, (dx, dy) = quad
    x, y = ((ax + dx) / 2, (ay + dy) / 2) if vertical else (dx + _DESCENT * (ax - dx), dy + _DESCENT * (ay - dy))
    facts = {"x": number(x), "y": number(y)}
    if length > 0:
        # A space that reaches no next word is as wide as a space of the word's own letters.
        own = length * cells(text) / (cells(text.rstrip(" ")) or 1)
        facts |= {"textLength": number(_reach(quad, following) or own), "lengthAdjust": "spacingAndGlyphs"}
    under(row, "tspan", text, **facts)


def _turned(quad: Quad, degrees: float) -> Quad:
    """The quad in the frame of text that is turned clockwise by so many degrees about the origin."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    a, b, d, e = ((x * c + y * s, y * c - x * s) for x, y in quad)
    return a, b, d, e


def _reach(quad: Quad, following: Sequence[Quad]) -> float:
    """How far it is to where the next word starts, along this one; 0 where there is none or it is not ahead."""
    length, height = size_of(quad)
    (x0, y0), (x1, y1) = quad[:2]
    side = hypot(x1 - x0, y1 - y0)
    for (x, y), *_ in following:
        ahead = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / side if side else 0.0
        if length < ahead < 4 * length + height:
            return ahead
    return 0.0


def _jpeg(rgb: Pixels) -> str:
    _, content = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return b64encode(content.tobytes()).decode()
