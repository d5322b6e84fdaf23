"""ALTO and PAGE as truth.

ALTO: https://www.loc.gov/standards/alto/ (versions 2 to 4). PAGE: https://github.com/PRImA-Research-Lab/PAGE-XML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from geulnun.data.boxes import clean, quad_of
from geulnun.data.readers.common import each_label, number_name, sureness
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree
from geulnun.data.xmltree import parse
from geulnun.document import Block, BlockKind, Char, Line, Page, Quad, Word, line_from_text
from geulnun.errors import DamagedInputError, MissingInputError

_POINT = re.compile(r"(-?\d+(?:\.\d+)?)[,\s]\s*(-?\d+(?:\.\d+)?)")
_KINDS: dict[str, BlockKind] = {
    "heading": "title", "header": "header", "footer": "footer", "page-number": "footer", "list": "list",
    "caption": "text", "paragraph": "text",
}  # fmt: skip
_DOWNWARDS = frozenset(("top-to-bottom", "bottom-to-top"))


def read_alto(tree: Tree) -> Iterator[Sample | Problem]:
    """Pages of ALTO: blocks, lines, strings and glyphs; positions must be in pixels. Facts: document (the file)."""
    return each_label(tree, tree.of(".xml", ".alto"), _alto)


def read_page(tree: Tree) -> Iterator[Sample | Problem]:
    """Pages of PAGE: regions in their reading order, lines, words, glyphs. Facts: document (the file)."""
    return each_label(tree, tree.of(".xml", ".page"), _page_xml)


def _samples(label: File, pairing: Pairing, pages: list[tuple[str, Page]], source: str) -> Iterator[Sample | Problem]:
    for index, (name, page) in enumerate(pages):
        try:
            image = pairing.find(name or label.stem, label).image()
        except MissingInputError:
            image = None
        facts = {"document": label.stem, "source": source}
        yield Sample(number_name(label.stem, index, len(pages)), page, image, facts)


def _alto(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    return _samples(label, pairing, alto_pages(label.read(), label.place), "alto")


def _page_xml(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    return _samples(label, pairing, page_pages(label.read(), label.place), "page")


def alto_pages(content: bytes, place: str) -> list[tuple[str, Page]]:
    """The pages of an ALTO file, each with the name of its image, "" where it has none.

    Raises:
        DamagedInputError: no ALTO, or none in pixels; the message begins with ``place``.
    """
    root = parse(content, place)
    if root.tag != "alto":
        raise DamagedInputError(f"{place}: its root is {root.tag!r:.40}; expected alto")
    unit = (root.findtext("Description/MeasurementUnit") or "pixel").strip()
    if unit != "pixel":
        raise DamagedInputError(f"{place}: measured in {unit}, which no image size follows from; expected pixel")
    name = (root.findtext("Description/sourceImageInformation/fileName") or "").strip()
    nodes = root.iterfind("Layout/Page")
    return [(name, replace(_alto_page(node, place), number=number)) for number, node in enumerate(nodes, 1)]


def _alto_page(node: Element, place: str) -> Page:
    width, height = (round(_number(node, side, place)) for side in ("WIDTH", "HEIGHT"))
    blocks = [
        Block(tuple(_alto_line(line, place) for line in block.iterfind("TextLine")), _alto_quad(block, place))
        for block in node.iter("TextBlock")
    ]
    return Page(max(width, 1), max(height, 1), tuple(block for block in blocks if block.lines))


def _alto_line(node: Element, place: str) -> Line:
    words: list[Word] = []
    for item in node:
        if item.tag == "String":
            words.append(_alto_word(item, place))
        elif item.tag == "SP" and words:
            words[-1] = replace(words[-1], space_after=True)
        elif item.tag == "HYP" and words:
            hyphen = tuple(Char(char) for char in clean(item.get("CONTENT", "")))
            words[-1] = replace(words[-1], chars=words[-1].chars + hyphen)
    if words:
        words[-1] = replace(words[-1], space_after=True)
    confidence = min((word.confidence for word in words if word.chars), default=1.0)
    return Line(tuple(words), _alto_quad(node, place), confidence)


def _alto_word(node: Element, place: str) -> Word:
    text, sure = clean(node.get("CONTENT", "")), sureness(float(node.get("WC", "1")))
    glyphs = list(node.iterfind("Glyph"))
    quads: list[Quad | None] = [None] * len(text)
    if [clean(glyph.get("CONTENT", "")) for glyph in glyphs] == list(text):
        quads = [_alto_quad(glyph, place) for glyph in glyphs]
    chars = tuple(Char(char, quad, sure) for char, quad in zip(text, quads, strict=True))
    # What no SP follows stands close to the next string, as with marks that are strings of their own.
    return Word(chars, _alto_quad(node, place), space_after=False)


def _alto_quad(node: Element, place: str) -> Quad | None:
    polygon = node.find("Shape/Polygon")
    if polygon is not None:
        points = _points(polygon.get("POINTS", ""))
        if len(points) >= 4:
            return quad_of(points)
    if node.get("HPOS") is None or node.get("WIDTH") is None:
        return None
    x, y, w, h = (_number(node, name, place) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return quad_of([(x, y), (x + w, y + h)])


def page_pages(content: bytes, place: str) -> list[tuple[str, Page]]:
    """The page of a PAGE file with the name of its image.

    Raises:
        DamagedInputError: no PAGE; the message begins with ``place``.
    """
    root = parse(content, place)
    node = root.find("Page")
    if root.tag != "PcGts" or node is None:
        raise DamagedInputError(f"{place}: its root is {root.tag!r:.40}; expected PcGts with a Page")
    width, height = (round(_number(node, side, place)) for side in ("imageWidth", "imageHeight"))
    blocks = [_region(region) for region in _in_order(node)]
    page = Page(max(width, 1), max(height, 1), tuple(block for block in blocks if block.lines))
    return [(node.get("imageFilename", ""), page)]


def _in_order(node: Element) -> list[Element]:
    """The text regions as the reading order lists them, then those it does not list."""
    regions = {region.get("id", str(at)): region for at, region in enumerate(node.iter("TextRegion"))}
    order = node.find("ReadingOrder")
    listed = [] if order is None else [item.get("regionRef", "") for item in order.iter() if item.get("regionRef")]
    names = dict.fromkeys([name for name in listed if name in regions] + list(regions))
    return [regions[name] for name in names]


def _region(node: Element) -> Block:
    down = node.get("readingDirection") in _DOWNWARDS
    lines = tuple(_line(line, down) for line in node.iterfind("TextLine"))
    if not lines and (text := _text(node)):
        lines = (line_from_text(text, _coords(node)),)
    return Block(lines, _coords(node), _KINDS.get(node.get("type", ""), "text"))


def _line(node: Element, down: bool) -> Line:
    quad, text = _coords(node), _text(node)
    vertical = node.get("readingDirection") in _DOWNWARDS if node.get("readingDirection") else down
    words = tuple(_word(word) for word in node.iterfind("Word"))
    spelt = " ".join(word.text for word in words)
    if words and (not text or spelt.replace(" ", "") == text.replace(" ", "")):
        return Line(_spaced(words, text or spelt), quad, vertical=vertical)
    return replace(line_from_text(text, quad), vertical=vertical)


def _spaced(words: tuple[Word, ...], text: str) -> tuple[Word, ...]:
    """The words with the spaces that the line's own text has between them."""
    out, at = [], 0
    for word in words:
        at += len(word.text)
        space = at >= len(text) or text[at] == " "
        at += space
        out.append(replace(word, space_after=bool(space)))
    return tuple(out)


def _word(node: Element) -> Word:
    text = _text(node).replace(" ", "")
    glyphs = list(node.iterfind("Glyph"))
    spelt = [_text(glyph) for glyph in glyphs]
    quads: list[Quad | None] = [_coords(glyph) for glyph in glyphs] if spelt == list(text) else [None] * len(text)
    if not text:
        text, quads = "".join(spelt), [_coords(glyph) for glyph in glyphs]
        quads = quads if len(quads) == len(text) else [None] * len(text)
    return Word(tuple(Char(char, quad) for char, quad in zip(text, quads, strict=True)), _coords(node))


def _text(node: Element) -> str:
    """The text of the first equivalent, which is the best by its index."""
    texts = sorted(node.iterfind("TextEquiv"), key=lambda item: int(item.get("index", "0") or 0))
    found = texts[0].findtext("Unicode") if texts else None
    return clean(unicodedata.normalize("NFC", found or ""))


def _coords(node: Element) -> Quad | None:
    coords = node.find("Coords")
    if coords is None:
        return None
    points = _points(coords.get("points", "")) or [
        (float(point.get("x", "0")), float(point.get("y", "0"))) for point in coords.iterfind("Point")
    ]
    return quad_of(points) if len(points) == 2 or len(points) >= 4 else None


def _points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in _POINT.findall(text)]


def _number(node: Element, name: str, place: str) -> float:
    try:
        number = float(node.get(name, ""))
    except ValueError:
        number = float("nan")
    if not abs(number) < 1e9:
        raise DamagedInputError(f"{place}: {node.tag} has {name}={node.get(name)!r:.40}; expected a number of pixels")
    return number
