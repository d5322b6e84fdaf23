"""PAGE content, version 2019-07-15 (https://github.com/PRImA-Research-Lab/PAGE-XML)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median

from geulnun.document import Block, BlockKind, Char, Document, Line, Page, Point, Quad, Word
from geulnun.write import xml
from geulnun.write.base import Original, maker_version, only_page
from geulnun.write.characters import xml_text
from geulnun.write.places import certainty, number, pixel_points, quad_of, slant, upright
from geulnun.write.xml import Node, under

_PAGE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"
#: Kinds of blocks that the format's text types have; the others are named in ``custom``.
_TYPES: dict[BlockKind, str] = {"text": "paragraph", "title": "heading", "header": "header", "footer": "footer"}
#: Blocks that lean by less than so many degrees are not turned.
_LEANS = 1.0


def _now() -> datetime:
    return datetime.now(UTC)


class PageWriter:
    """Regions in reading order, lines, words and glyphs, each with its corners; one page a file.

    Corners are whole pixels within the page. The format wants corners of everything: what has no quad takes those of
    what it is part of, and whoever reads the file cannot tell. Which words a space parts, the text of their line says.
    """

    def __init__(self, glyphs: bool = True, now: Callable[[], datetime] = _now) -> None:
        """Without ``glyphs``, no characters; ``now`` is asked for the time of writing, which the format wants."""
        self._glyphs = glyphs
        self._now = now

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content.

        Raises:
            UsageError: the document has not one page.
        """
        page = only_page(document, "page")
        root = xml.root("PcGts", _PAGE, f"{_PAGE}/pagecontent.xsd")
        about = under(root, "Metadata")
        under(about, "Creator", f"geulnun {maker_version()}")
        time = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        under(about, "Created", time)
        under(about, "LastChange", time)
        self._page(root, page, document.source)
        return xml.indented(root)

    def _page(self, root: Node, page: Page, source: str) -> None:
        size = {"imageWidth": str(max(page.width, 0)), "imageHeight": str(max(page.height, 0))}
        node = under(root, "Page", imageFilename=xml_text(source), **size)
        if page.dpi is not None:
            for axis in ("imageXResolution", "imageYResolution"):
                node.set(axis, number(page.dpi))
            node.set("imageResolutionUnit", "PPI")
        if page.rotation % 360:
            node.set("orientation", number(_half(page.rotation)))
        if page.blocks:
            order = under(under(node, "ReadingOrder"), "OrderedGroup", id="order")
            for index in range(len(page.blocks)):
                under(order, "RegionRefIndexed", index=str(index), regionRef=f"r{index + 1}")
        for b, block in enumerate(page.blocks, 1):
            self._block(node, block, page, f"r{b}")

    def _block(self, sheet: Node, block: Block, page: Page, name: str) -> None:
        area = quad_of(block) or upright(0, 0, page.width, page.height)
        region = under(sheet, "TextRegion", id=name, type=_TYPES.get(block.kind, "paragraph"))
        if block.kind not in _TYPES:
            region.set("custom", f"structure {{type:{block.kind};}}")
        if block.lines and all(line.vertical for line in block.lines):
            region.set("readingDirection", "top-to-bottom")
        elif turn := _turn(block):
            region.set("orientation", number(turn))
        _corners(region, area, page)
        for n, line in enumerate(block.lines, 1):
            self._line(region, line, quad_of(line) or area, page, f"{name}_l{n}")
        _text(region, block.text)

    def _line(self, region: Node, line: Line, strip: Quad, page: Page, name: str) -> None:
        node = under(region, "TextLine", id=name)
        if line.vertical:
            node.set("readingDirection", "top-to-bottom")
        _corners(node, strip, page)
        if not line.vertical and quad_of(line) is not None:
            _, _, c, d = pixel_points(strip, page)
            under(node, "Baseline", points=_points((d, c)))
        for w, word in enumerate(line.words, 1):
            self._word(node, word, quad_of(word) or strip, page, f"{name}_w{w}")
        _text(node, line.text, line.confidence)

    def _word(self, row: Node, word: Word, place: Quad, page: Page, name: str) -> None:
        node = under(row, "Word", id=name)
        _corners(node, place, page)
        if self._glyphs:
            for g, char in enumerate(word.chars, 1):
                _glyph(node, char, quad_of(char) or place, page, f"{name}_g{g}")
        _text(node, word.text, word.confidence)


def _glyph(parent: Node, char: Char, place: Quad, page: Page, name: str) -> None:
    node = under(parent, "Glyph", id=name)
    _corners(node, place, page)
    readings = [(char.text, char.confidence), *((other.text, other.probability) for other in char.alternatives)]
    for index, (text, sure) in enumerate(readings):
        _text(node, text, sure, index=str(index))


def _text(node: Node, text: str, sure: float | None = None, **facts: str) -> None:
    equiv = under(node, "TextEquiv", **facts)
    if sure is not None:
        equiv.set("conf", certainty(sure))
    under(equiv, "Unicode", xml_text(text))


def _corners(node: Node, quad: Quad, page: Page) -> None:
    under(node, "Coords", points=_points(pixel_points(quad, page)))


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _turn(block: Block) -> float:
    """The clockwise turn in degrees that would make the block's text upright, within -179.99..180; 0 if it is."""
    quads = [quad_of(line) for line in block.lines if not line.vertical]
    angles = [slant(quad) for quad in quads if quad is not None]
    turn = _half(-median(angles)) if angles else 0.0
    return turn if abs(turn) >= _LEANS else 0.0


def _half(degrees: float) -> float:
    """The same turn within -180 < … <= 180, as the format counts."""
    return 180.0 - (180.0 - degrees) % 360.0
