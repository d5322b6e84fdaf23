"""The text that a PDF holds already, as the tree has it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geulnun.errors import PageRangeError, UsageError
from geulnun.read import LoadOptions, open_source
from geulnun.read.pdf_text import PdfText

MakePdf = Callable[..., bytes]


def with_text(make_pdf: MakePdf, *contents: bytes, box: tuple[int, int] = (200, 300)) -> bytes:
    """Pages that know Helvetica as F."""
    font = b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /MediaBox"
    content = make_pdf(list(contents), box=box).replace(b"/MediaBox", font)
    # The table of offsets is wrong now; PDFium builds it anew.
    return content[: content.rindex(b"xref")] + b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"


def text_of(content: bytes, number: int = 1, dpi: float = 72.0) -> PdfText | None:
    with open_source(content, LoadOptions(dpi=dpi)) as pages:
        return pages.own_text(number)


def test_words_lines_and_places(make_pdf: MakePdf) -> None:
    content = with_text(make_pdf, b"BT /F 20 Tf 40 250 Td (Two words) Tj 0 -30 Td (below) Tj ET")
    found = text_of(content, dpi=144)
    assert found is not None
    assert [line.text for line in found.page.lines] == ["Two words", "below"]
    assert [word.text for word in found.page.words] == ["Two", "words", "below"]
    assert len(found.shown) == 3
    (left, top), _, (right, bottom), _ = np.asarray(found.page.lines[0].quad)
    # The baseline is 250 points from below: 100 pixels from above, the letters 20 points high.
    assert left == pytest.approx(80, abs=4)
    assert top < 100 - 20
    assert 100 <= bottom < 120
    assert right > left + 120
    assert (found.page.width, found.page.height, found.page.dpi) == (400, 600, 144)


def test_text_that_is_not_painted_is_not_shown(make_pdf: MakePdf) -> None:
    found = text_of(with_text(make_pdf, b"BT /F 20 Tf 40 250 Td (seen) Tj 3 Tr 0 -30 Td (unseen) Tj ET"))
    assert found is not None
    assert found.page.text == "seen\nunseen"
    assert found.shown == (found.page.words[0].quad,)


def test_text_that_runs_down(make_pdf: MakePdf) -> None:
    found = text_of(with_text(make_pdf, b"BT /F 20 Tf 0 -1 1 0 100 250 Tm (down) Tj ET"))
    assert found is not None
    start, end = np.asarray(found.page.words[0].quad)[:2]
    assert end[1] > start[1] + 30
    assert abs(end[0] - start[0]) < 1


def test_pages_and_pictures_without_text_have_none(make_pdf: MakePdf, tmp_path: Path) -> None:
    assert text_of(with_text(make_pdf, b"0 g 0 0 9 9 re f")) is None
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "a.png")
    with open_source(tmp_path / "a.png") as pages:
        assert pages.own_text(1) is None
        with pytest.raises(PageRangeError, match="no page 2"):
            pages.own_text(2)
    with open_source(np.zeros((9, 9), np.uint8)) as pages:
        assert pages.own_text(1) is None


def test_a_folder_asks_the_file_that_holds_the_page(make_pdf: MakePdf, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.pdf").write_bytes(with_text(make_pdf, b"", b"BT /F 20 Tf 40 250 Td (second) Tj ET"))
    with open_source(tmp_path, LoadOptions(dpi=72, pdf_text="keep")) as pages:
        assert [pages.own_text(number) is None for number in (1, 2, 3)] == [True, True, False]
        kept = [raster.own for raster in pages]
    assert kept[:2] == [None, None]
    assert kept[2] is not None
    assert (kept[2].text, kept[2].number) == ("second", 3)


def test_own_text_comes_along_only_where_it_counts(make_pdf: MakePdf) -> None:
    content = with_text(make_pdf, b"BT /F 20 Tf 40 250 Td (own) Tj ET")
    for choice, text in (("redo", None), ("keep", "own"), ("skip", "")):
        with open_source(content, LoadOptions(dpi=72, pdf_text=choice)) as pages:  # type: ignore[arg-type]
            (raster,) = pages
        assert (None if raster.own is None else raster.own.text) == text
    with pytest.raises(UsageError, match="pdf_text 'drop'; expected redo, keep, skip"):
        LoadOptions(pdf_text="drop")  # type: ignore[arg-type]
