"""The plugin under the real OCRmyPDF, which needs Ghostscript or pypdfium2 to draw pages and nothing else here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image

pytest.importorskip("ocrmypdf", reason="the extra ocrmypdf is not installed")

from ocrmypdf.hocrtransform.hocr_parser import HocrParser

import geulnun
from geulnun.ocrmypdf import GeulnunEngine, GeulnunOptions

OPTIONS: Any = SimpleNamespace(geulnun=GeulnunOptions(), ocr_engine="auto", pdf_renderer="auto")
#: Words that the sample letter holds in its first half.
WORDS = {"글마루구립도서관", "야간", "열람실", "운영을", "시작합니다"}


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """The head of the sample letter as a scan of 200 dpi."""
    path = tmp_path_factory.mktemp("scan") / "letter.png"
    with Image.open(samples / "letter.png") as page:
        page.convert("L").crop((0, 0, page.width, page.height // 3)).save(path, dpi=(200, 200))
    return path


def ocrmypdf(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ocrmypdf", "--plugin", "geulnun.ocrmypdf", *map(str, arguments)]
    # Found from another folder as well, where the package is not installed but run from its source tree.
    path = os.pathsep.join([str(Path(geulnun.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": path.rstrip(os.pathsep)}
    return subprocess.run(command, capture_output=True, text=True, timeout=110, cwd=cwd, env=environment)


def texts(path: Path) -> list[str]:
    document = pdfium.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_a_korean_scan_becomes_a_searchable_archive(letter: Path, tmp_path: Path) -> None:
    """Two pages in two jobs, the second on its side."""
    with Image.open(letter) as page:
        upright = page.copy()
    upright.save(tmp_path / "scan.pdf", save_all=True, append_images=[upright.rotate(-90, expand=True)], resolution=200)
    done = ocrmypdf(
        "-l", "kor+eng", "-j", "2", "--rotate-pages", "-O", "0", "--sidecar", "out.txt", "scan.pdf", "out.pdf",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = texts(tmp_path / "out.pdf")
    assert set(first.split()) >= WORDS
    assert first.split() == second.split()
    assert "야간 열람실 운영을 시작합니다" in (tmp_path / "out.txt").read_text("utf-8")
    with pikepdf.open(tmp_path / "out.pdf") as pdf:
        assert [int(page.obj.get("/Rotate", 0)) for page in pdf.pages] == [0, 270]
        with pdf.open_metadata() as facts:
            assert facts.pdfa_status == "2B"
        assert "geulnun" in str(pdf.docinfo.Creator)


def test_usage_that_cannot_be_is_said(letter: Path, tmp_path: Path) -> None:
    done = ocrmypdf("-l", "kor", "--geulnun-detector", "none.onnx", letter, "out.pdf", cwd=tmp_path)
    assert done.returncode == 1
    assert "none.onnx: no such file" in done.stderr


@pytest.mark.parametrize("turn", [90, 180])
def test_how_a_page_lies(letter: Path, tmp_path: Path, turn: int) -> None:
    with Image.open(letter) as page:
        page.rotate(-turn, expand=True).save(tmp_path / "turned.png")
    angle, certainty = GeulnunEngine.get_orientation(tmp_path / "turned.png", OPTIONS)
    assert angle == turn
    assert certainty > 14


def test_how_far_a_page_leans(letter: Path, tmp_path: Path) -> None:
    with Image.open(letter) as page:
        page.rotate(2, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC).save(tmp_path / "leaning.png")
    assert GeulnunEngine.get_deskew(tmp_path / "leaning.png", OPTIONS) == pytest.approx(-2, abs=0.4)


def test_a_blank_page_lies_anyhow(tmp_path: Path) -> None:
    Image.fromarray(np.full((200, 300), 255, np.uint8)).save(tmp_path / "blank.png")
    assert GeulnunEngine.get_orientation(tmp_path / "blank.png", OPTIONS) == (0, 0.0)
    assert GeulnunEngine.get_deskew(tmp_path / "blank.png", OPTIONS) == 0.0


def test_hocr_is_what_ocrmypdf_parses(letter: Path, tmp_path: Path) -> None:
    hocr, text = tmp_path / "a.hocr", tmp_path / "a.txt"
    GeulnunEngine.generate_hocr(letter, hocr, text, OPTIONS)
    page = HocrParser(hocr).parse()
    assert [word.text for word in page.words] == text.read_text("utf-8").split()
    assert {word.text for word in page.words} >= WORDS
