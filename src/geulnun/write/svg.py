"""SVG: a page's picture with its text over it, to be selected, and outlines that show how sure each word is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from math import hypot

import cv2

from geulnun.document import Document, Line, Page, Quad
from geulnun.write import xml
from geulnun.write.base import Original, Pixels, only_page, pixels_of
from geulnun.write.characters import cells, language, xml_text
from geulnun.write.overlay import colour_of
from geulnun.write.places import certainty, number, quad_of, size_of, slant, word_quads
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
        for line in page.lines:
            _line(layer, line)
        return xml.content(root)

    def _frames(self, group: Node, page: Page) -> None:
        for word in page.words:
            quad = quad_of(word)
            if quad is not None:
                red, green, blue = colour_of(word.confidence)
                corners = " ".join(f"{number(x)},{number(y)}" for x, y in quad)
                frame = under(group, "polygon", points=corners, stroke=f"#{red:02x}{green:02x}{blue:02x}")
                under(frame, "title", f"{xml_text(word.text)} {certainty(word.confidence)}")


def _line(layer: Node, line: Line) -> None:
    quads = word_quads(line)
    for at, (word, quad) in enumerate(zip(line.words, quads, strict=True)):
        following = quads[at + 1 : at + 2]
        spaced = word.space_after and bool(following)
        text = xml_text(word.text) + " " * spaced
        if quad is None:
            # Of no place, and so that it can be found all the same: a line as small as can be.
            node = under(layer, "text", text, x="0", y="0", style="font-size: 1px")
        else:
            node = _text(layer, text, quad, _reach(quad, following) if spaced else 0.0, line.vertical)
        # Where one line of text ends and the next begins, for whoever reads the file's text alone.
        node.tail = "" if following else "\n"


def _text(layer: Node, text: str, quad: Quad, reach: float, vertical: bool) -> Node:
    length, height = size_of(quad)
    along, x, y = slant(quad), *_foot(quad, _DESCENT)
    turn = f"rotate({number(along)} {number(x)} {number(y)})"
    facts = {"x": number(x), "y": number(y), "font-size": number(max(height, 1.0) * 0.9)}
    if vertical:
        # Characters stand upright below one another: the writing mode turns the line, the quad's own slant beyond it.
        x, y = ((quad[0][0] + quad[3][0]) / 2, (quad[0][1] + quad[3][1]) / 2)
        turn = f"rotate({number(along - 90)} {number(x)} {number(y)})"
        facts |= {"x": number(x), "y": number(y), "writing-mode": "vertical-rl", "text-orientation": "upright"}
    if abs(along - 90 * vertical) >= 0.05:
        facts["transform"] = turn
    if length > 0:
        # A space that reaches no next word is as wide as a space of the word's own letters.
        share = cells(text.rstrip(" ")) or 1
        whole = reach or length * cells(text) / share
        facts |= {"textLength": number(whole), "lengthAdjust": "spacingAndGlyphs"}
    return under(layer, "text", text, **facts)


def _foot(quad: Quad, above: float) -> tuple[float, float]:
    """Where the text starts on its line: so much of the height above the lower corner."""
    (ax, ay), _, _, (dx, dy) = quad
    return dx + above * (ax - dx), dy + above * (ay - dy)


def _reach(quad: Quad, following: Sequence[Quad | None]) -> float:
    """How far it is to where the next word starts, along this one; 0 where that is not known or not ahead."""
    length, _ = size_of(quad)
    if not following or following[0] is None or length <= 0:
        return 0.0
    (x0, y0), (x1, y1) = quad[:2]
    (x, y), side = following[0][0], hypot(x1 - x0, y1 - y0) or 1.0
    ahead = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / side
    return ahead if length < ahead < 4 * length + size_of(quad)[1] else 0.0


def _jpeg(rgb: Pixels) -> str:
    _, content = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return b64encode(content.tobytes()).decode()
