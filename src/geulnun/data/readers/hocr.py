"""hOCR as truth (https://kba.github.io/hocr-spec/1.2/): HTML whose classes and titles say what stands where.

The parser is that of HTML, which knows no document types and no entities of a file's own: there is nothing to expand
and nothing to fetch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from geulnun.data.boxes import clean
from geulnun.data.readers.common import each_label, number_name, sureness, text_of
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree
from geulnun.document import Block, BlockKind, Char, Line, Page, Quad, Word, line_from_text
from geulnun.errors import DamagedInputError, MissingInputError

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_LINES: dict[str, BlockKind] = {
    "ocr_line": "text", "ocr_textfloat": "text", "ocr_caption": "text", "ocr_header": "header", "ocr_footer": "footer",
}  # fmt: skip
_AREAS = frozenset(("ocr_carea", "ocrx_block"))
_DEEPEST = 200
_NUMBER = r"-?\d+(?:\.\d+)?"
_BOX = re.compile(rf"(?:\A|;)\s*(?:x_)?bbox(?:es)?\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")
_IMAGE = re.compile(r"""(?:\A|;)\s*image\s+(?:"([^"]*)"|'([^']*)'|([^;\s]+))""")
_SURE = re.compile(rf"(?:\A|;)\s*x_wconf\s+({_NUMBER})")
_TURN = re.compile(rf"(?:\A|;)\s*textangle\s+({_NUMBER})")
_CHARS = re.compile(rf"(?:\A|;)\s*x_bboxes((?:\s+{_NUMBER})+)")


@dataclass(slots=True)
class _Node:
    kind: str
    title: str
    text: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def every(self, kinds: frozenset[str]) -> Iterator[_Node]:
        """The nodes below of these kinds, in order, not those within one another."""
        for child in self.children:
            if child.kind in kinds:
                yield child
            else:
                yield from child.every(kinds)


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Pages of blocks, lines and words, and of characters where ``ocrx_cinfo`` or ``x_bboxes`` give them.

    Pages without their image are read too. Facts: document (the file).
    """
    return each_label(tree, tree.of(".hocr", ".html", ".htm", ".xhtml"), _file)


def _file(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    pages = pages_of(text_of(label), label.place)
    for index, (name, page) in enumerate(pages):
        try:
            image = pairing.find(name or label.stem, label).image()
        except MissingInputError:
            image = None
        yield Sample(
            number_name(label.stem, index, len(pages)), page, image, {"document": label.stem, "source": "hocr"}
        )


def pages_of(text: str, place: str) -> list[tuple[str, Page]]:
    """The pages of an hOCR file, each with the name of its image, "" where it has none.

    Raises:
        DamagedInputError: no hOCR; the message begins with ``place``.
    """
    parser = _Parser(place)
    parser.feed(text)
    parser.close()
    found = []
    for index, node in enumerate(parser.root.every(frozenset(("ocr_page",))), 1):
        image = _IMAGE.search(node.title)
        name = next((part for part in image.groups() if part), "") if image else ""
        found.append((name, replace(_page(node, place), number=index)))
    if not found:
        raise DamagedInputError(f"{place}: no element of the class ocr_page; expected hOCR")
    return found


class _Parser(HTMLParser):
    """Keeps the elements whose class is of hOCR."""

    def __init__(self, place: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("", "")
        self._open: list[tuple[str, _Node | None]] = []
        self._nodes = [self.root]
        self._place = place

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        if len(self._open) >= _DEEPEST:
            raise DamagedInputError(f"{self._place}: more than {_DEEPEST} elements in one another; expected hOCR")
        named = dict(attrs)
        kind = next((part for part in (named.get("class") or "").split() if part.startswith("ocr")), "")
        node = _Node(kind, named.get("title") or "") if kind else None
        if node is not None:
            self._nodes[-1].children.append(node)
            self._nodes.append(node)
        self._open.append((tag, node))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content holds no text."""

    def handle_endtag(self, tag: str) -> None:
        if not any(tag == open_ for open_, _ in self._open):
            return
        while self._open:
            closed, node = self._open.pop()
            if node is not None:
                self._nodes.pop()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        for node in self._nodes[1:]:
            node.text.append(data)


def _page(node: _Node, place: str) -> Page:
    box = _BOX.search(node.title)
    if not box:
        raise DamagedInputError(f"{place}: an ocr_page without its bbox; its size is not known")
    width, height = round(float(box[3])), round(float(box[4]))
    if width < 1 or height < 1:
        raise DamagedInputError(f"{place}: an ocr_page of {width} x {height} pixels")
    areas = list(node.every(_AREAS)) or [node]
    blocks = []
    for area in areas:
        lines = list(area.every(frozenset(_LINES)))
        if lines:
            kind = _LINES[lines[0].kind]
            quad = _quad(area.title) if area.kind in _AREAS else None
            blocks.append(Block(tuple(_line(line) for line in lines), quad, kind))
    return Page(width, height, tuple(blocks))


def _quad(title: str) -> Quad | None:
    box = _BOX.search(title)
    if not box:
        return None
    x0, y0, x1, y1 = (float(part) for part in box.groups())
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _line(node: _Node) -> Line:
    words = tuple(_word(word) for word in node.every(frozenset(("ocrx_word",))))
    quad = _quad(node.title)
    if not words:
        return line_from_text(clean("".join(node.text)), quad)
    return Line(words, quad, min((word.confidence for word in words if word.chars), default=1.0))


def _word(node: _Node) -> Word:
    text = clean("".join(node.text))
    sure = _SURE.search(node.title)
    confidence = sureness(float(sure[1]) / 100) if sure else 1.0
    infos = [(clean("".join(info.text)), _quad(info.title)) for info in node.every(frozenset(("ocrx_cinfo",)))]
    # Between the elements of characters stand newlines, which are no part of the word.
    if infos and "".join(info for info, _ in infos) == text.replace(" ", ""):
        return Word(tuple(Char(info, quad, confidence) for info, quad in infos if info), _quad(node.title))
    places = _CHARS.search(node.title)
    values = [float(part) for part in places[1].split()] if places else []
    quads: list[Quad | None] = [None] * len(text)
    if len(values) == 4 * len(text):
        quads = [((a, b), (c, b), (c, d), (a, d)) for a, b, c, d in zip(*(iter(values),) * 4, strict=True)]
    return Word(tuple(Char(char, quad, confidence) for char, quad in zip(text, quads, strict=True)), _quad(node.title))
