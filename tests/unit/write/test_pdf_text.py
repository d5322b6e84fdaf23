"""The text of a PDF, read back by PDFium and by Poppler."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Quad, Word, line_from_text
from geulnun.read import LoadOptions, open_source
from geulnun.read.pdf_text import PdfText
from geulnun.write.pdf import font, text_layer


def box(left: float, top: float, right: float, bottom: float) -> Quad:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def line_at(text: str, left: float, top: float, height: float = 40.0, degrees: float = 0.0) -> Line:
    """A line with its words in place, turned about its start; wide characters are as wide as high."""
    along = np.radians(degrees)
    turn = np.array([[np.cos(along), -np.sin(along), left], [np.sin(along), np.cos(along), top]])
    at, words = 0.0, []
    for part in text.split(" "):
        end = at + sum(font.width(char) for char in part) / 1000 * height
        quad = geometry.to_tuple(geometry.transform(box(at, 0, end, height), turn))
        words.append(Word(tuple(map(Char, part)), quad))
        at = end + 0.3 * height
    return Line(tuple(words), geometry.to_tuple(geometry.transform(box(0, 0, at - 0.3 * height, height), turn)))


def page_of(*lines: Line, size: tuple[int, int] = (1200, 1600)) -> Page:
    return Page(*size, (Block(lines),), dpi=144.0)


def from_pdfium(content: bytes) -> str:
    document = pdfium.PdfDocument(content)
    try:
        return "\f".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def from_poppler(content: bytes, *options: str) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    command = ["pdftotext", "-enc", "UTF-8", *options, "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True, timeout=60).stdout.decode()


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\r\n\f]+", text) if line.strip()]


def own_text(content: bytes, dpi: float = 144.0) -> PdfText:
    with open_source(content, LoadOptions(dpi=dpi)) as pages:
        found = pages.own_text(1)
    assert found is not None
    return found


TEXTS = (
    "안녕하세요, 글눈입니다.",
    "가 나 다 라",
    "2026년 11월 22일 (일) 14:30",
    "끝이 하이픈인 줄-",
    "a1 b2 ㄱㄴ ᄒᆞᆫ글 ㅋㅋㅋㅋㅋ ......",
    "Plain 漢字 and 😀 🇰🇷",
)


def test_both_programs_find_lines_words_and_spaces() -> None:
    page = page_of(*(line_at(text, 80, 100 + 90 * at) for at, text in enumerate(TEXTS)))
    content = text_layer(page)
    assert lines_of(from_pdfium(content)) == list(TEXTS)
    assert lines_of(from_poppler(content, "-raw")) == list(TEXTS)
    assert lines_of(from_poppler(content)) == list(TEXTS)


@pytest.mark.parametrize("degrees", [3.0, -8.0, 14.0, 90.0, 180.0, 270.0, 93.0])
def test_leaning_and_turned_lines(degrees: float) -> None:
    along = np.radians(degrees)
    across = np.array([-np.sin(along), np.cos(along)]) * 90
    starts = [np.array([600.0, 800.0]) + at * across for at in range(4)]
    page = page_of(*(line_at(text, x, y, degrees=degrees) for text, (x, y) in zip(TEXTS, starts, strict=False)))
    content = text_layer(page)
    assert from_pdfium(content).split() == page.text.split()
    assert from_poppler(content, "-raw").split() == page.text.split()


def test_words_that_touch_part_or_overlap() -> None:
    def word(text: str, left: float, right: float, space: bool) -> Word:
        return Word(tuple(map(Char, text)), box(left, 0, right, 40), space)

    words = (
        word("(주)", 0, 70, False), word("글눈", 78, 160, True), word("은", 158, 200, True),
        word("닿아", 200, 280, True), word("있다", 281, 360, False), word(".", 360, 370, True),
        word("먼", 1000, 1040, True),
    )  # fmt: skip
    content = text_layer(page_of(Line(words, box(0, 0, 1040, 40))))
    assert lines_of(from_pdfium(content)) == ["(주)글눈 은 닿아 있다. 먼"]
    assert lines_of(from_poppler(content, "-raw")) == ["(주)글눈 은 닿아 있다. 먼"]


def test_lines_out_of_the_order_in_which_pdfium_sorts() -> None:
    # Columns are written from right to left, and each starts level with the one before.
    down = [line_at(text, 900 - 100 * at, 100, degrees=90) for at, text in enumerate(("글", "눈", "셋째 줄"))]
    content = text_layer(page_of(*down))
    assert from_pdfium(content).split() == ["글", "눈", "셋째", "줄"]


def test_lines_without_places_are_there_too() -> None:
    page = page_of(
        line_from_text("첫 줄"), line_from_text("둘째 줄입니다"), line_from_text("셋째", box(10, 500, 200, 540))
    )
    content = text_layer(page)
    assert lines_of(from_pdfium(content)) == ["첫 줄", "둘째 줄입니다", "셋째"]
    assert lines_of(from_poppler(content, "-raw")) == ["첫 줄", "둘째 줄입니다", "셋째"]


def test_control_characters_and_half_characters_are_left_out() -> None:
    odd = Line(
        (Word((Char("가\x07"), Char("\ud800"), Char("나"))), Word((Char("\n"),)), Word((Char("다"),))),
        box(0, 0, 200, 40),
    )
    assert lines_of(from_pdfium(text_layer(page_of(odd)))) == ["가나 다"]


def test_a_page_without_text_is_a_page() -> None:
    assert from_pdfium(text_layer(page_of())) == ""


@pytest.mark.parametrize("degrees", [0.0, 90.0, 180.0, 270.0])
def test_marks_lie_over_the_words(degrees: float) -> None:
    page = page_of(line_at("글눈은 한글을 읽습니다.", 600, 800, degrees=degrees))
    found = own_text(text_layer(page)).page
    assert found.text.split() == page.text.split()  # upside down, each word is a line for PDFium
    for word, there in zip(page.words, found.words, strict=True):
        assert np.abs(np.asarray(word.quad) - np.asarray(there.quad)).max() < 1.5


words = st.text("가나다한글ABCabc012.,-·()%漢ᄒᆞᆫ😀", min_size=1, max_size=9)
drawn = st.builds(
    line_at, st.lists(words, min_size=1, max_size=6).map(" ".join), st.floats(0, 900), st.floats(0, 1500),
    st.floats(4, 90), st.one_of(st.just(0.0), st.floats(-180, 180)),
)  # fmt: skip


@given(st.lists(drawn, max_size=1))
def test_any_line_comes_back(lines: list[Line]) -> None:
    page = page_of(*lines)
    # A syllable of three letters is one character of the tree where these letters stand apart; text is the same.
    assert from_pdfium(text_layer(page)).split() == page.text.split()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(words, min_size=1, max_size=6).map(" ".join), max_size=8))
def test_any_page_of_lines_comes_back_from_both(texts: list[str]) -> None:
    content = text_layer(
        page_of(*(line_at(text, 20, 20 + 80 * at) for at, text in enumerate(texts)), size=(2600, 1600))
    )
    assert lines_of(from_pdfium(content)) == texts
    assert lines_of(from_poppler(content, "-raw")) == texts


def test_the_font_is_what_its_maker_makes() -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    make_font = pytest.importorskip("geulnun.write.pdf.make_font")
    shipped, made = (ttlib.TTFont(io.BytesIO(content)) for content in (make_font.FILE.read_bytes(), make_font.build()))
    for one in (shipped, made):
        assert [one["hmtx"][name] for name in one.getGlyphOrder()] == [(500, 0), (font.NARROW, 0), (font.WIDE, 0)]
        assert [one["glyf"][name].yMax for name in one.getGlyphOrder()] == [font.ASCENT] * 3
    assert Path(make_font.FILE).stat().st_size < 2000


@pytest.mark.parametrize("degrees", [0.0, 90.0])
@pytest.mark.parametrize("start", [440.0, 430.0, 380.0, 300.0])
def test_a_line_that_begins_where_another_ends_or_over_it(degrees: float, start: float) -> None:
    """As detectors find them: parts of one line of print, or a word twice."""
    texts = {100.0: "모든 사진에 동의합니다..", start: "수신자 봉"}
    lines = [
        line_at(text, 900 if degrees else at, at if degrees else 100, degrees=degrees) for at, text in texts.items()
    ]
    content = text_layer(page_of(*lines))
    assert from_pdfium(content).split() == "모든 사진에 동의합니다.. 수신자 봉".split()
    assert from_poppler(content, "-raw").split() == "모든 사진에 동의합니다.. 수신자 봉".split()
