"""Tesseract's two outputs put together, and Tesseract itself where it is installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from geulnun.bench import tesseract
from geulnun.bench.engines import Image
from geulnun.errors import GeulnunError, MissingDependencyError
from geulnun.metrics import cer

HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
#: Two images; the words of the first line are cut inside eojeols, its second line holds no text; the second is blank.
TSV = HEAD + (
    "1\t1\t0\t0\t0\t0\t0\t0\t120\t60\t-1\t\n"
    "4\t1\t1\t1\t1\t0\t15\t12\t80\t20\t-1\t\n"
    "5\t1\t1\t1\t1\t1\t15\t12\t20\t20\t93.2\t려\n"
    "5\t1\t1\t1\t1\t2\t35\t12\t60\t20\t93.2\t운 것\n"
    "4\t1\t2\t1\t1\t0\t0\t40\t9\t9\t-1\t\n"
    "5\t1\t2\t1\t1\t1\t0\t40\t9\t9\t12.0\t \n"
    "1\t2\t0\t0\t0\t0\t0\t0\t50\t50\t-1\t\n"
)
TEXT = "려운 것\n\n \n\f\n"


def test_text_comes_from_the_text_and_boxes_from_the_tsv() -> None:
    first, second = tesseract.parse(TSV, TEXT, [(100, 40), (30, 30)], [10, 10])
    [line] = first.lines
    assert line.text == "려운 것"
    assert line.quad == ((5.0, 2.0), (85.0, 2.0), (85.0, 22.0), (5.0, 22.0))
    assert (first.width, first.height) == (100, 40)
    assert second.lines == ()


def test_outputs_that_disagree_are_an_error() -> None:
    with pytest.raises(GeulnunError, match="2 lines of text and 1"):
        tesseract.parse(TSV, "려운 것\n또\n\f", [(100, 40), (30, 30)], [10, 10])


def test_a_missing_program_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="install tesseract-ocr"):
        tesseract.find()


def test_one_thread_is_set_and_the_default_is_left_alone() -> None:
    installation = tesseract.Installation("tesseract", "5", Path("/none"), ("kor",))
    one, default = (tesseract.Tesseract(installation, "kor", 6, threads) for threads in (1, None))
    assert one.command(Path("page.png"))[1] == {"OMP_THREAD_LIMIT": "1"}
    assert default.command(Path("page.png"))[1] == {}
    assert (one.setting, default.setting) == ("psm 6", "psm 6, default threads")


def test_several_copies_are_a_list_in_a_file(tmp_path: Path) -> None:
    engine = tesseract.Tesseract(tesseract.Installation("tesseract", "5", Path("/none"), ("kor",)), "kor", 6)
    arguments, _ = engine.command(tmp_path / "page.png", 3)
    assert Path(arguments[1]).read_text() == f"{tmp_path / 'page.png'}\n" * 3


def _drawn(lines: list[str], font: Path) -> Image:
    face = ImageFont.truetype(str(font), 40)
    sheet = PillowImage.new("RGB", (600, 60 * len(lines) + 20), "white")
    for index, line in enumerate(lines):
        ImageDraw.Draw(sheet).text((20, 10 + 60 * index), line, font=face, fill="black")
    return np.asarray(sheet)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_it_reads_lines_and_pages(test_font: Path) -> None:
    installation = tesseract.find()
    lines = ["우리는 서로 다른 길을", "2026년 11월 21일", "사람이 읽는 글자"]
    line_engine = tesseract.Tesseract(installation, installation.languages[0], 7)
    readings = line_engine.read([_drawn([line], test_font) for line in lines], "line")
    assert (
        sum((cer(line, reading.page.text) for line, reading in zip(lines, readings, strict=True)), cer("", "")).value
        < 0.3
    )
    assert all(reading.wall > 0 and reading.cpu > 0 for reading in readings)
    [page] = tesseract.Tesseract(installation, installation.languages[0], 6).read([_drawn(lines, test_font)], "page")
    assert len(page.page.lines) == 3
    tops = [line.quad[0][1] for line in page.page.lines if line.quad]
    assert tops == sorted(tops)
    assert line_engine.weights_bytes > 1e6
