"""PDF through the command line: written of images and over PDFs, its own text kept or not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from PIL import Image


def texts(path: Path) -> list[str]:
    document = pdfium.PdfDocument(path)
    try:
        return [page.get_textpage().get_text_range().strip() for page in document]
    finally:
        document.close()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A grey page, which the stand-in for a reader reads as one line, "값77"."""
    path = tmp_path / "scan.png"
    Image.fromarray(np.full((60, 200), 77, np.uint8)).save(path, dpi=(72, 72))
    return path


def test_an_image_becomes_a_searchable_pdf(run: Callable[..., Any], scan: Path) -> None:
    assert run("read", scan, "-o", "out", "-f", "pdf,json", "--pdf-a").code == 0
    assert texts(Path("out/scan.pdf")) == ["값77"]
    with pikepdf.open("out/scan.pdf") as pdf, pdf.open_metadata() as facts:
        assert facts.pdfa_status == "2B"
    # The same from what was stored.
    assert run("convert", "out/scan.json", "--original", scan, "-f", "pdf", "-o", "again").code == 0
    assert texts(Path("again/scan.pdf")) == ["값77"]


def test_text_of_a_pdf_is_read_again_kept_or_skipped(run: Callable[..., Any], scan: Path) -> None:
    run("read", scan, "-o", "out", "-f", "pdf")
    with pikepdf.open("out/scan.pdf") as pdf:
        layer = pdf.pages[0].Contents
        first = layer[0] if isinstance(layer, pikepdf.Array) else layer
        first.write(first.read_bytes().replace(b"<000100020002> Tj", b"<000100020002> Tj <0002> Tj"))
        pdf.save("own.pdf")
    assert texts(Path("own.pdf")) == ["값777"]
    for choice, read, inside in (("redo", "값77", "값77"), ("keep", "값777", "값777"), ("skip", "", "값777")):
        result = run("read", "own.pdf", "-f", "json,pdf", "-o", choice, "--dpi", "72", "--pdf-text", choice)
        assert result.code == 0, result.err
        assert json.loads(Path(choice, "own.json").read_text("utf-8"))["pages"][0]["text"] == read
        assert texts(Path(choice, "own.pdf")) == [inside]


def test_what_cannot_be_had_is_said(run: Callable[..., Any], scan: Path) -> None:
    run("read", scan, "-o", "out", "-f", "pdf,json")
    refused = run("read", "out/scan.pdf", "-f", "pdf", "-o", "more", "--pdf-a")
    assert refused.code == 2
    assert "ocrmypdf" in refused.err
    missing = run("convert", "out/scan.json", "-f", "pdf", "-o", "more")
    assert missing.code == 2
    assert "give the file that was read" in missing.err
    assert run("read", scan, "--pdf-text", "drop").code == 2
