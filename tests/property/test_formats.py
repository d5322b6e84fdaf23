"""Every format of text holds the same words, the same spaces and the same boxes as the tree it was written from."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.table import Table
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from geulnun.document import Alternative, Block, Char, Document, Line, Page, Quad, Word
from geulnun.write import WRITERS

Found = list[tuple[str, list[tuple[str, Any]]]]
SCHEMAS = Path(__file__).parents[1] / "schemas"

# --- trees -----------------------------------------------------------------------------------------------------------

LETTERS = (
    "가", "힣", "ᄒᆞᆫ", "ㄱ", "あ", "漢", "é", "ά", "ש", "م", "👩‍👩‍👧", "🇰🇷", "a", "1", ".", "-",
    "#", "*", "_", "`", "|", "\\", "~", "&", "<", ">", "]]>", '"', "'", "=", "[", "]", ":", "\x00", "\x1b", "\x7f",
    "\x90", "\u200b", "\ufeff", "\ufffe", "\ud800",
    "\U0001fffe",
)  # fmt: skip
#: Files take a while to write and read back; a hunt takes it.
MANY = settings(max_examples=max(settings().max_examples // 2, 1))
FEW = settings(max_examples=max(settings().max_examples // 10, 1))
share = st.floats(0, 1)
coordinate = st.floats(-20, 220).map(lambda value: round(value, 2))
letter = st.sampled_from(LETTERS) | st.characters(exclude_categories=("Zs", "Zl", "Zp")).filter(
    lambda text: not text.isspace()
)


@st.composite
def quads(draw: st.DrawFn) -> Quad:
    """A rectangle, most of it on the page, upright or turned about its start."""
    x, y, angle = draw(coordinate), draw(coordinate), draw(st.sampled_from((0, 0, 0.02, 90, 180, 270, 33)))
    wide, high = draw(st.floats(1, 80)), draw(st.floats(1, 30))
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    a, b, d, e = ((round(x + u * c - v * s, 2), round(y + u * s + v * c, 2)) for u, v in
                  ((0, 0), (wide, 0), (wide, high), (0, high)))  # fmt: skip
    return a, b, d, e


place = st.none() | quads()
other = st.builds(Alternative, letter, share)
char = st.builds(Char, letter, st.none() | quads(), share, st.lists(other, max_size=2).map(tuple))
word = st.builds(Word, st.lists(char, min_size=1, max_size=3).map(tuple), place, st.booleans())
line = st.builds(Line, st.lists(word, min_size=1, max_size=4).map(tuple), place, share, st.booleans())
kind = st.sampled_from(("text", "title", "table", "figure", "header", "footer"))
block = st.builds(Block, st.lists(line, max_size=3).map(tuple), place, kind)
page = st.builds(
    Page, st.just(200), st.integers(1, 300), st.lists(block, max_size=3).map(tuple),
    rotation=st.sampled_from((0, 90, 180, 270)), dpi=st.none() | st.just(300.0),
)  # fmt: skip
tree = page.map(lambda one: Document((one,), '자료/<가> "나".png'))


def _quad(x: float, y: float, wide: float, high: float) -> Quad:
    return (x, y), (x + wide, y), (x + wide, y + high), (x, y + high)


def _line(text: str, x: float, y: float, cell: float = 20) -> Line:
    words, at = [], x
    for part in text.split(" "):
        chars = tuple(Char(c, _quad(at + i * cell, y, cell, 24), 0.9) for i, c in enumerate(part))
        words.append(Word(chars, _quad(at, y, cell * len(part), 24)))
        at += cell * (len(part) + 0.5)
    return Line(tuple(words), _quad(x, y, at - x - cell / 2, 24), 0.9)


def drawn() -> Document:
    """A page as it may come in: a heading, two columns, a table with a gap, a turned line, a column of Hanja."""
    turned = Line((Word((Char("옆"), Char("글")), ((190, 40), (190, 80), (170, 80), (170, 40))),))
    column = Line((Word((Char("大"), Char("韓")), ((150, 40), (150, 80), (130, 80), (130, 40))),), vertical=True)
    table = (_line("이름", 10, 150), _line("값", 120, 150), _line("둘", 10, 180), _line("3 개", 120, 180))
    blocks = (
        Block((_line("제1장. 글과 눈", 10, 10),), kind="title"),
        Block((_line("왼쪽 단은", 10, 60), _line("여기까지.", 10, 90))),
        Block((_line("오른쪽 단", 600, 60), _line("다음 줄", 600, 90))),
        Block(table, kind="table"),
        Block((turned, column)),
        Block(()),
    )
    return Document((Page(800, 300, blocks, dpi=300.0),), "drawn.png")


# --- what is expected ------------------------------------------------------------------------------------------------

_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


#: Corners that are ahead along the text, and those that are behind.
SIDES = ((1, 1), (2, 1), (0, -1), (3, -1))


def as_utf8(text: str) -> str:
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def as_xml(text: str) -> str:
    return _XML.sub("\ufffd", text)


def as_html(text: str) -> str:
    return "".join(
        "\ufffd" if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000
        or 0xFDD0 <= ord(c) < 0xFDF0 or ord(c) & 0xFFFE == 0xFFFE else c
        for c in text
    )  # fmt: skip


def known(one: Word) -> Quad | None:
    """The word's quad, or the box around its characters'."""
    if one.quad is not None:
        return one.quad
    return hulled([char.quad for char in one.chars if char.quad is not None])


def hulled(parts: list[Quad]) -> Quad | None:
    """The box around quads, begun where text of their quarter turn begins if they share one."""
    if not parts:
        return None
    xs, ys = zip(*(point for quad in parts for point in quad), strict=True)
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    ways = [[sum(quad[i][axis] * sign for i, sign in SIDES) for axis in (0, 1)] for quad in parts]
    turns = {round(math.degrees(math.atan2(y, x)) / 90) % 4 for x, y in ways}
    starts = {
        0: ((left, top), (right, top), (right, bottom), (left, bottom)),
        1: ((right, top), (right, bottom), (left, bottom), (left, top)),
        2: ((right, bottom), (left, bottom), (left, top), (right, top)),
        3: ((left, bottom), (left, top), (right, top), (right, bottom)),
    }
    return starts[turns.pop() if len(turns) == 1 else 0]


def pixels(quad: Quad | None, sheet: Page) -> tuple[int, ...] | None:
    if quad is None:
        return None
    xs, ys = zip(*quad, strict=True)
    box = math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))
    return tuple(min(max(v, 0), top) for v, top in zip(box, (sheet.width, sheet.height) * 2, strict=True))


def corners(quad: Quad | None, _: Page) -> tuple[float, ...] | None:
    return None if quad is None else tuple(value for point in quad for value in point)


def rounded(quad: Quad | None, sheet: Page) -> tuple[int, ...] | None:
    if quad is None:
        return None
    return tuple(
        min(max(round(v), 0), top) for p in quad for v, top in zip(p, (sheet.width, sheet.height), strict=True)
    )


# --- readers ---------------------------------------------------------------------------------------------------------


def read_csv(content: bytes, _: Page) -> Found:
    table = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    lines: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in table:
        lines.setdefault((row["block"], row["line"]), []).append(row)
    found = []
    for rows in lines.values():
        text = "".join(row["text"] + " " * (row["space_after"] == "1") for row in rows).removesuffix(" ")
        keys = [f"{axis}{n}" for n in (1, 2, 3, 4) for axis in "xy"]
        boxes = [tuple(float(row[key]) for key in keys) if row["x1"] else None for row in rows]
        found.append((text, list(zip([row["text"] for row in rows], boxes, strict=True))))
    return found


def read_hocr(content: bytes, _: Page) -> Found:
    root = etree.fromstring(content)
    found = []
    for node in root.iter("{*}span"):
        if node.get("class") in ("ocr_line", "ocr_header", "ocr_footer"):
            words = [
                (_all(item), _bbox(item.get("title", ""))) for item in node.iterfind("{*}span[@class='ocrx_word']")
            ]
            found.append((_all(node), words))
    return found


def _bbox(title: str) -> tuple[int, ...] | None:
    hit = re.search(r"bbox (\d+) (\d+) (\d+) (\d+)", title)
    return tuple(map(int, hit.groups())) if hit else None


def _all(node: Any) -> str:
    return "".join(node.itertext())


def read_alto(content: bytes, _: Page) -> Found:
    root = etree.fromstring(content)
    validated("alto-4-3.xsd").assertValid(root)
    found = []
    for node in root.iter("{*}TextLine"):
        text, words = "", []
        for item in node:
            name = etree.QName(item).localname
            text += item.get("CONTENT", "") if name == "String" else " " * (name == "SP")
            if name == "String":
                words.append((item.get("CONTENT", ""), _polygon(item)))
        found.append((text, words))
    return found


def _polygon(item: Any) -> tuple[float, ...] | None:
    polygon = item.find("{*}Shape/{*}Polygon")
    if polygon is not None:
        return tuple(map(float, re.split("[ ,]", polygon.get("POINTS"))))
    if item.get("HPOS") is None:
        return None
    x, y, wide, high = (float(item.get(key)) for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return x, y, x + wide, y, x + wide, y + high, x, y + high


def read_page(content: bytes, _: Page) -> Found:
    root = etree.fromstring(content)
    validated("pagecontent-2019-07-15.xsd").assertValid(root)
    order = [node.get("regionRef") for node in root.iter("{*}RegionRefIndexed")]
    assert order == [node.get("id") for node in root.iter("{*}TextRegion")]
    found = []
    for node in root.iter("{*}TextLine"):
        words = [(_unicode(item), _points(item)) for item in node.iterfind("{*}Word")]
        found.append((_unicode(node), words))
    return found


def _unicode(node: Any) -> str:
    return node.findtext("{*}TextEquiv/{*}Unicode") or ""


def _points(node: Any) -> tuple[int, ...]:
    return tuple(map(int, re.split("[ ,]", node.find("{*}Coords").get("points"))))


def read_html(content: bytes, _: Page) -> Found:
    root = lxml_html.document_fromstring(content)
    found = []
    for node in root.iterfind(".//span[@class]"):
        words = []
        for item in node.iterfind("span"):
            quad = item.get("data-quad")
            words.append((item.text or "", tuple(map(float, re.split("[ ,]", quad))) if quad else None))
        found.append((_all(node), words))
    return found


def read_svg(content: bytes, _: Page) -> Found:
    root = etree.fromstring(content)
    text = "".join(_all(node) + (node.tail or "") for node in root.iter("{*}text"))
    return [(row, []) for row in text.removesuffix("\n").split("\n") if text]


@cache
def validated(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / name)))


@dataclass(frozen=True)
class Kept:
    """How a format is read back, what of a text it can hold, and how it tells places; None where it tells none."""

    read: Callable[[bytes, Page], Found]
    text: Callable[[str], str]
    box: Callable[[Quad | None, Page], tuple[float, ...] | None] | None


FORMATS = {
    "csv": Kept(read_csv, as_utf8, corners),
    "hocr": Kept(read_hocr, as_xml, pixels),
    "alto": Kept(read_alto, as_xml, corners),
    "page": Kept(read_page, as_xml, rounded),
    "html": Kept(read_html, as_html, corners),
    "svg": Kept(read_svg, as_xml, None),
}


def places(sheet: Page, name: str) -> Iterator[tuple[Line, list[Quad | None]]]:
    """Each line with the quads of its words; in PAGE, which has no word without, those of what they are part of."""
    for group in sheet.blocks:
        strips = [row.quad or hulled([q for q in map(known, row.words) if q]) for row in group.lines]
        around = [quad for quad in strips if quad is not None]
        for row in group.lines:
            inner = [quad for quad in map(known, row.words) if quad is not None]
            whole = row.quad or hulled(inner) or group.quad or hulled(around) or _quad(0, 0, sheet.width, sheet.height)
            yield row, [known(one) or (whole if name == "page" else None) for one in row.words]


@pytest.mark.parametrize("name", FORMATS)
@MANY
@given(tree)
@example(drawn())
@example(Document((Page(1, 1),)))
def test_words_spaces_and_boxes(name: str, document: Document) -> None:
    kept, sheet = FORMATS[name], document.pages[0]
    found = kept.read(WRITERS[name].build().encode(document), sheet)
    lines = list(places(sheet, name))
    assert [text for text, _ in found] == [kept.text(row.text) for row, _ in lines]
    if kept.box is None:
        return
    for (_, words), (row, where) in zip(found, lines, strict=True):
        assert [text for text, _ in words] == [kept.text(one.text) for one in row.words]
        for (_, box), quad in zip(words, where, strict=True):
            expected = kept.box(quad, sheet)
            assert box == (expected if expected is None else pytest.approx(expected, abs=0.011))


@MANY
@given(tree)
@example(drawn())
def test_tesseracts_table(document: Document) -> None:
    sheet = document.pages[0]
    head, *rows = csv.reader(
        WRITERS["tsv"].build().encode(document).decode().removesuffix("\n").split("\n"),
        delimiter="\t", quoting=csv.QUOTE_NONE,
    )  # fmt: skip
    assert len(head) == 12
    assert {len(row) for row in rows} == {12}
    lines: dict[tuple[str, ...], list[list[str]]] = {}
    for row in rows:
        if row[0] == "4":
            lines[tuple(row[1:5])] = []
        elif row[0] == "5":
            lines[tuple(row[1:5])].append(row)
    assert [" ".join(row[11] for row in words) for words in lines.values()] == [
        as_utf8(row.text) for row in sheet.lines
    ]
    for words, line_ in zip(lines.values(), sheet.lines, strict=True):
        for row, one in zip(words, line_.words, strict=False):
            if one.space_after and len(words) == len(line_.words) and known(one):
                x, y, wide, high = map(int, row[6:10])
                assert (x, y, x + wide, y + high) == pixels(known(one), sheet)


@MANY
@given(tree)
@example(drawn())
def test_texts_hold_every_line(document: Document) -> None:
    texts = [as_utf8(row.text) for row in document.pages[0].lines]
    plain = WRITERS["txt"].build().encode(document).decode()
    assert re.split("[\t\n]+", plain.strip("\n")) == (texts or [""])
    laid = WRITERS["layout"].build().encode(document).decode()
    assert sorted(laid.split()) == sorted(" ".join(texts).split())


@MANY
@given(tree)
@example(drawn())
def test_markdown(document: Document) -> None:
    content = WRITERS["md"].build().encode(document).decode()
    rendered = MarkdownIt("commonmark").enable("table").render(content)
    shown = _all(lxml_html.fragment_fromstring(rendered, create_parent="div"))
    assert shown.split() == [part for row in document.pages[0].lines for part in as_html(row.text).split(" ")]


@FEW
@given(tree)
@example(drawn())
def test_word_document(document: Document) -> None:
    file = docx.Document(io.BytesIO(WRITERS["docx"].build().encode(document)))
    texts: list[str] = []
    for item in file.iter_inner_content():
        cells = [cell for row in item.rows for cell in row.cells] if isinstance(item, Table) else [item]
        texts += [text for cell in cells for text in cell.text.split("\n") if text]
    expected = [as_xml(row.text) for row in document.pages[0].lines]
    assert sorted(texts) == sorted(expected)
