"""ALTO 4.3 (https://www.loc.gov/standards/alto/), in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from geulnun.document import Block, Char, Document, Line, Page, Quad, Word
from geulnun.write import xml
from geulnun.write.base import Original, maker_version
from geulnun.write.characters import language, xml_text
from geulnun.write.places import box_of, certainty, is_upright, number, quad_of, share, slant
from geulnun.write.xml import Node, under

_ALTO = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-3.xsd"
#: Lines that lean by less than so many degrees do not turn their block.
_LEANS = 1.0


class AltoWriter:
    """Pages, blocks, lines, strings with the spaces between them, and glyphs with their variants.

    A String that no SP follows stands close to the next. Boxes are upright; what is not has its quad as Shape, from
    the start of the text clockwise. Lines without words are left out: ALTO has none.
    """

    def __init__(self, glyphs: bool = True) -> None:
        """Without ``glyphs``, no characters' places and variants, which are nine tenths of a file."""
        self._glyphs = glyphs

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        root = xml.root("alto", _ALTO, _SCHEMA)
        root.set("SCHEMAVERSION", "4.3")
        _describe(root, document.source)
        kinds: dict[str, str] = {block.kind: f"kind_{block.kind}" for page in document.pages for block in page.blocks}
        if kinds:
            tags = under(root, "Tags")
            for kind, name in sorted(kinds.items()):
                under(tags, "LayoutTag", ID=name, TYPE="block", LABEL=kind)
        layout = under(root, "Layout")
        for index, page in enumerate(document.pages, 1):
            self._page(layout, page, f"p{index}", kinds)
        if not document.pages:
            # The schema wants a page; one without a size holds nothing.
            under(layout, "Page", ID="p1", PHYSICAL_IMG_NR="1")
        return xml.indented(root)

    def _page(self, layout: Node, page: Page, name: str, kinds: dict[str, str]) -> None:
        size = {"WIDTH": str(max(page.width, 0)), "HEIGHT": str(max(page.height, 0))}
        node = under(layout, "Page", ID=name, PHYSICAL_IMG_NR=str(page.number), **size)
        space = under(node, "PrintSpace", HPOS="0", VPOS="0", **size)
        for b, block in enumerate(page.blocks, 1):
            own = f"{name}_b{b}"
            area = under(space, "TextBlock", ID=own, TAGREFS=kinds[block.kind], **_place(quad_of(block)))
            if turn := _turn(block):
                area.set("ROTATION", number(turn))
            if tongue := language(block.text):
                area.set("LANG", tongue)
            _shape(area, quad_of(block))
            for n, line in enumerate(block.lines, 1):
                if line.words:
                    self._line(area, line, f"{own}_l{n}")

    def _line(self, area: Node, line: Line, name: str) -> None:
        quad = quad_of(line)
        node = under(area, "TextLine", ID=name, **_place(quad))
        if line.vertical:
            node.set("BASEDIRECTION", "ttb")
        elif quad is not None:
            node.set("BASELINE", _points((quad[3], quad[2])))
        _shape(node, quad)
        for w, word in enumerate(line.words, 1):
            self._word(node, word, f"{name}_s{w}")
            if word.space_after and w < len(line.words):
                under(node, "SP")

    def _word(self, row: Node, word: Word, name: str) -> None:
        quad = quad_of(word)
        text = xml_text(word.text)
        node = under(row, "String", ID=name, CONTENT=text, WC=certainty(word.confidence), **_place(quad))
        if word.chars:
            # One digit for each character, from 0, sure, to 9.
            node.set("CC", " ".join(str(round(9 * (1 - share(char.confidence)))) for char in word.chars))
        _shape(node, quad)
        # A Glyph holds one code point exactly; a word with a longer character has none rather than some.
        if self._glyphs and all(len(char.text) == 1 for char in word.chars):
            for char in word.chars:
                _glyph(node, char)


def _glyph(string: Node, char: Char) -> None:
    quad = quad_of(char)
    glyph = under(string, "Glyph", CONTENT=xml_text(char.text), GC=certainty(char.confidence), **_place(quad))
    _shape(glyph, quad)
    for other in char.alternatives:
        if 0 < len(other.text) <= 3:
            under(glyph, "Variant", CONTENT=xml_text(other.text), VC=certainty(other.probability))


def _describe(root: Node, source: str) -> None:
    about = under(root, "Description")
    under(about, "MeasurementUnit", "pixel")
    image = under(about, "sourceImageInformation")
    under(image, "fileName", xml_text(source))
    step = under(about, "Processing", ID="reading")
    under(step, "processingCategory", "contentGeneration")
    software = under(step, "processingSoftware")
    under(software, "softwareName", "geulnun")
    under(software, "softwareVersion", maker_version())


def _turn(block: Block) -> float:
    """How far the block's text is turned, in degrees counter-clockwise, 0 for text that runs to the right or down."""
    quads = [quad_of(line) for line in block.lines if not line.vertical]
    angles = [slant(quad) for quad in quads if quad is not None]
    turn = -median(angles) if angles else 0.0
    return turn if abs(turn) >= _LEANS else 0.0


def _place(quad: Quad | None) -> dict[str, str]:
    if quad is None:
        return {}
    left, top, right, bottom = box_of(quad)
    sizes = {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}
    return {name: number(value) for name, value in sizes.items()}


def _shape(node: Node, quad: Quad | None) -> None:
    if quad is not None and not is_upright(quad):
        under(under(node, "Shape"), "Polygon", POINTS=_points(quad))


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)
