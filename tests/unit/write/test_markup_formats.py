"""hOCR, ALTO, PAGE, HTML, SVG and DOCX by value, and by readers that others wrote."""

from __future__ import annotations

import io
import zipfile
from base64 import b64decode
from datetime import UTC, datetime
from pathlib import Path

import cv2
import docx
import numpy as np
import pytest
from docx.shared import Inches
from lxml import etree

from geulnun.data import read_alto, read_hocr, read_page_xml
from geulnun.document import Alternative, Block, BlockKind, Char, Document, Line, Page, Quad, Word
from geulnun.errors import UsageError
from geulnun.read import open_source
from geulnun.write import WRITERS
from geulnun.write.alto import AltoWriter
from geulnun.write.hocr import HocrWriter
from geulnun.write.page import PageWriter


def quad(x: float, y: float, wide: float, high: float = 20) -> Quad:
    return (x, y), (x + wide, y), (x + wide, y + high), (x, y + high)


def turned(x: float, y: float, wide: float, high: float = 20) -> Quad:
    """Text that runs down from here, its top to the right."""
    return (x + high, y), (x + high, y + wide), (x, y + wide), (x, y)


def word(text: str, place: Quad | None, space: bool = True) -> Word:
    return Word(tuple(Char(char, None, 0.75) for char in text), place, space)


def document(*lines: Line, kind: BlockKind = "text", rotation: int = 0) -> Document:
    return Document((Page(200, 100, (Block(lines, kind=kind),), 3, rotation, 300.0),), "a <b>.png")


PLAIN = Line((word("글", quad(10, 10, 20), False), word("눈", quad(30, 10, 20)), word("끝", quad(60, 10, 20))))
DOWN = Line((word("옆", turned(150, 10, 20)),))
COLUMN = Line((word("세로", turned(150, 10, 40)),), vertical=True)
LEAN = ((10.0, 50.0), (50.0, 54.0), (48.0, 74.0), (8.0, 70.0))
LEANING = Line((word("기움", LEAN),), LEAN)


def test_hocr_is_read_by_ocrmypdf(tmp_path: Path) -> None:
    parser = pytest.importorskip("ocrmypdf.hocrtransform.hocr_parser")
    file = tmp_path / "a.hocr"
    file.write_bytes(WRITERS["hocr"].build().encode(document(PLAIN, DOWN, LEANING, kind="header")))
    page = parser.HocrParser(file).parse()
    assert (page.bbox.width, page.bbox.height, page.dpi) == (200, 100, 300)
    assert [(one.text, one.confidence) for one in page.words] == [(t, 0.75) for t in ("글", "눈", "끝", "옆", "기움")]
    boxes = [(one.bbox.left, one.bbox.top, one.bbox.right, one.bbox.bottom) for one in page.words]
    assert boxes == [(10, 10, 30, 30), (30, 10, 50, 30), (60, 10, 80, 30), (150, 10, 170, 30), (8, 50, 50, 74)]
    assert [one.textangle for one in page.lines] == [None, 270, None]
    assert page.lines[2].baseline.slope == pytest.approx(0.1, abs=0.001)


def test_hocr_tells_turns_leanings_and_columns() -> None:
    root = etree.fromstring(WRITERS["hocr"].build().encode(document(PLAIN, DOWN, LEANING, COLUMN)))
    titles = [node.get("title") for node in root.iter("{*}span") if node.get("class") == "ocr_line"]
    assert titles == [
        "bbox 10 10 80 30; baseline 0.0000 0",
        "bbox 150 10 170 30; textangle 270",
        "bbox 8 50 50 74; baseline 0.1000 -4",
        "bbox 150 10 170 50",
    ]
    assert [node.get("style") for node in root.iter("{*}span")].count("writing-mode: vertical-rl") == 1
    sheet = root.find("{*}body/{*}div")
    assert sheet is not None
    assert sheet.get("title") == 'image "a <b>.png"; bbox 0 0 200 100; ppageno 0; scan_res 300 300'
    assert root.get("lang") == "ko"


def test_hocr_of_characters() -> None:
    chars = Word((Char("글", quad(0, 0, 9.5), 0.5), Char("눈")), quad(0, 0, 20))
    content = HocrWriter(chars=True).encode(document(Line((chars,))))
    infos = [node for node in etree.fromstring(content).iter("{*}span") if node.get("class") == "ocrx_cinfo"]
    assert [(node.text, node.get("title")) for node in infos] == [
        ("글", "x_bboxes 0 0 10 20; x_conf 50"), ("눈", "x_conf 100"),
    ]  # fmt: skip
    (read,) = read_hocr(content).pages[0].words
    assert [(char.text, char.quad) for char in read.chars] == [("글", quad(0, 0, 10)), ("눈", None)]


@pytest.mark.parametrize("name", ["hocr", "alto", "page"])
def test_what_is_written_the_readers_of_data_sets_read(name: str) -> None:
    read = {"hocr": read_hocr, "alto": read_alto, "page": read_page_xml}[name]
    made = document(PLAIN, Line((word("둘째", quad(10, 50, 40)), word("줄", quad(60, 50, 20)))))
    back = read(WRITERS[name].build().encode(made)).pages[0]
    assert (back.width, back.height) == (200, 100)
    assert [one.quad for one in back.words] == [one.quad for one in made.pages[0].words]
    # hOCR's reader takes each element for a word that a space follows.
    assert back.text == (made.text if name != "hocr" else "글 눈 끝\n둘째 줄")


def test_alto_tells_readings_turns_and_directions() -> None:
    chars = (Char("글", quad(10, 10, 20), 0.9, (Alternative("굴", 0.0625), Alternative("long text", 0.01))), Char("눈"))
    made = document(Line((Word(chars, quad(10, 10, 40)),)), COLUMN)
    root = etree.fromstring(AltoWriter().encode(made))
    string = root.find(".//{*}String")
    assert string is not None
    assert (string.get("WC"), string.get("CC")) == ("0.9", "1 0")
    variants = [(node.get("CONTENT"), node.get("VC")) for node in root.iter("{*}Variant")]
    assert variants == [("굴", "0.0625")]
    assert [node.get("BASEDIRECTION") for node in root.iter("{*}TextLine")] == [None, "ttb"]
    assert [node.get("BASELINE") for node in root.iter("{*}TextLine")] == ["10,30 50,30", None]
    assert b"Glyph" not in AltoWriter(glyphs=False).encode(made)
    jamo = Line((Word((Char("ᄒᆞᆫ"), Char("글"))),))
    assert b"Glyph" not in AltoWriter().encode(document(jamo))
    area = etree.fromstring(AltoWriter().encode(document(DOWN))).find(".//{*}TextBlock")
    assert area is not None
    assert area.get("ROTATION") == "-90"


def test_page_tells_kinds_turns_readings_and_the_time() -> None:
    def noon() -> datetime:
        return datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)

    chars = (Char("글", quad(10, 10, 20), 0.9, (Alternative("굴", 0.05),)),)
    made = document(Line((Word(chars, quad(10, 10, 20)),)), kind="table", rotation=270)
    root = etree.fromstring(PageWriter(now=noon).encode(made))
    assert root.findtext(".//{*}Created") == "2026-11-22T12:00:01Z"
    sheet, region = root.find("{*}Page"), root.find(".//{*}TextRegion")
    assert sheet is not None
    assert region is not None
    assert (sheet.get("orientation"), sheet.get("imageXResolution")) == ("-90", "300")
    assert (region.get("type"), region.get("custom")) == ("paragraph", "structure {type:table;}")
    readings = [(node.get("index"), node.get("conf"), node.findtext("{*}Unicode"))
                for node in root.iterfind(".//{*}Glyph/{*}TextEquiv")]  # fmt: skip
    assert readings == [("0", "0.9", "글"), ("1", "0.05", "굴")]
    (leaning,) = etree.fromstring(PageWriter().encode(document(DOWN, kind="title"))).iter("{*}TextRegion")
    assert (leaning.get("type"), leaning.get("orientation")) == ("heading", "-90")
    (column,) = etree.fromstring(PageWriter().encode(document(COLUMN))).iter("{*}TextRegion")
    assert (column.get("readingDirection"), column.get("orientation")) == ("top-to-bottom", None)


@pytest.mark.parametrize("name", ["page", "svg", "overlay"])
def test_a_file_of_one_page_holds_one(name: str) -> None:
    with pytest.raises(UsageError, match=f"2 pages; a file of format {name} holds one"):
        WRITERS[name].build().encode(Document((Page(1, 1), Page(1, 1))))


@pytest.mark.parametrize("name", ["hocr", "alto", "html", "docx", "tsv", "csv", "md", "txt", "layout"])
def test_a_file_of_all_pages_holds_them_in_order(name: str) -> None:
    pages = tuple(Page(50, 40, (Block((Line((word(text, quad(0, 0, 20)),)),)),)) for text in ("하나", "둘", "셋"))
    content = WRITERS[name].build().encode(Document((*pages, Page(50, 40)), "a.pdf"))
    if name == "docx":
        file = docx.Document(io.BytesIO(content))
        texts = [paragraph.text for paragraph in file.paragraphs if paragraph.text]
        assert len(file.sections) == 4
    else:
        texts = sorted(("하나", "둘", "셋"), key=content.decode().index)
    assert texts == ["하나", "둘", "셋"]


def test_html_places_lines_and_needs_no_other_file() -> None:
    content = WRITERS["html"].build().encode(document(PLAIN, DOWN, COLUMN, kind="list")).decode()
    assert content.startswith('<!DOCTYPE html>\n<html lang="ko">')
    assert "http" not in content
    assert "<script" not in content
    root = etree.HTML(content)
    lines = root.findall(".//li/span")
    assert [line.get("class") for line in lines] == ["line", "line", "line down"]
    styles = [dict(part.split(": ") for part in (line.get("style") or "").split("; ")) for line in lines]
    assert [(style["left"], style["top"], style.get("transform")) for style in styles] == [
        ("5%", "10%", None), ("85%", "10%", "rotate(90deg)"), ("75%", "10%", None),
    ]  # fmt: skip
    assert [(style["width"], style["height"]) for style in styles] == [
        ("35cqw", "10cqw"), ("10cqw", "10cqw"), ("10cqw", "20cqw"),
    ]  # fmt: skip


def test_svg_lays_text_over_the_picture() -> None:
    rgb = np.full((100, 200, 3), 255, np.uint8)
    rgb[:50] = 0
    made = Document((Page(200, 100, document(PLAIN, DOWN).pages[0].blocks),), "a.png")
    with open_source(rgb) as pages:
        root = etree.fromstring(WRITERS["svg"].build().encode(made, pages))
    image = root.find("{*}image")
    assert image is not None
    shown = cv2.imdecode(np.frombuffer(b64decode((image.get("href") or "").split(",")[1]), np.uint8), 0)
    assert shown is not None
    assert (shown[:40].max() < 20, shown[60:].min() > 235) == (True, True)
    words = list(root.iter("{*}tspan"))
    assert [node.text for node in words] == ["글", "눈 ", "끝", "옆"]
    # The first word's text is as long as its quad, the second's reaches with its space to where the third starts.
    assert [node.get("textLength") for node in words] == ["20", "30", "20", "20"]
    assert [node.get("transform") for node in root.iter("{*}text")] == [None, "rotate(90)"]
    # Turned by a quarter, what is 153 to the right is 153 above; letters stand 3 above the lower side.
    places = [(node.get("x"), node.get("y")) for node in words]
    assert places == [("10", "27"), ("30", "27"), ("60", "27"), ("10", "-153")]
    assert root.find("{*}g[@class='over']") is not None
    plain = etree.fromstring(WRITERS["svg"].build().encode(made))
    assert plain.find("{*}image") is None
    assert plain.find("{*}g[@class='text']") is not None


def test_docx_has_styles_tables_and_sheets() -> None:
    title = Block((PLAIN,), kind="title")
    cells = Block((Line((word("가", quad(0, 0, 20)),), quad(0, 0, 20)),
                   Line((word("나", quad(90, 0, 20)),), quad(90, 0, 20))), kind="table")  # fmt: skip
    pages = (Page(600, 300, (title, cells), dpi=100.0), Page(827, 1169), Page(100_000, 1000, dpi=100.0))
    content = WRITERS["docx"].build().encode(Document(pages, "폴더/문서.pdf"))
    file = docx.Document(io.BytesIO(content))
    assert [(paragraph.style and paragraph.style.name, paragraph.text) for paragraph in file.paragraphs[:1]] == [
        ("Heading 1", "글눈 끝")
    ]
    assert [[cell.text for cell in row.cells] for row in file.tables[0].rows] == [["가", "나"]]
    sizes = [(section.page_width, section.page_height) for section in file.sections]
    assert sizes[0] == (Inches(6), Inches(3))
    assert sizes[1][1] == pytest.approx(Inches(11.69), abs=635)
    assert sizes[2] == (Inches(22), Inches(1))
    assert file.core_properties.title == "문서.pdf"
    assert file.core_properties.language == "ko"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "맑은 고딕" in archive.read("word/styles.xml").decode()
