"""PDF pages drawn to rasters by PDFium, one at a time."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from geulnun.document import Page
from geulnun.errors import DamagedInputError, EncryptedError, InputError
from geulnun.read.pdf_text import PdfText, text_of
from geulnun.read.raster import LoadOptions, Pixels, Raster, check_size

# PDFium is not safe to call from two threads at once, not even on two documents.
_LOCK = threading.Lock()

_POINTS_PER_INCH = 72.0


class PdfPages:
    """The pages of one PDF, drawn on white with their annotations and filled form fields."""

    def __init__(self, content: Path | bytes, name: str, options: LoadOptions) -> None:
        """Open the document; no page is drawn yet.

        Raises:
            EncryptedError: it needs a password, or another one.
            DamagedInputError: PDFium cannot read it.
            InputError: it has no page.
        """
        self.name = name
        self._content = content
        self._dpi = options.dpi
        self._limit = options.max_pixels
        self._text = options.pdf_text
        with _LOCK:
            _prime_error_code()
            try:
                self._document = pdfium.PdfDocument(content, password=options.password)
                self._document.init_forms()
                self.count = len(self._document)
            except pdfium.PdfiumError as error:
                raise _opening_error(error, name, options.password) from error

    def raster(self, index: int) -> Raster:
        """Draw the page at ``index``, from 0.

        Raises:
            DamagedInputError: the page cannot be loaded or drawn.
            TooLargeError: at this resolution it is beyond the pixel limit.
        """
        with self._opened(index) as (page, label):
            rgb = self._draw(page, label)
            own = self._own(page, index + 1) if self._text != "redo" else None
        kept = None if own is None else own.page if self._text == "keep" else replace(own.page, blocks=())
        return Raster(rgb, index + 1, self._dpi, self.name, kept)

    def own_text(self, index: int) -> PdfText | None:
        """The text that the page at ``index``, from 0, holds already, None if it holds none.

        Raises:
            DamagedInputError: the page cannot be loaded.
        """
        with self._opened(index) as (page, _):
            return self._own(page, index + 1)

    @contextmanager
    def _opened(self, index: int) -> Iterator[tuple[pdfium.PdfPage, str]]:
        """A page, and what errors call it; no other thread uses PDFium meanwhile."""
        label = f"{self.name}, page {index + 1}"
        with _LOCK:
            try:
                page = self._document[index]
                try:
                    yield page, label
                finally:
                    page.close()
            except pdfium.PdfiumError as error:
                raise DamagedInputError(f"{label}: cannot be drawn ({error}); repair or reprint the PDF") from error

    def _own(self, page: pdfium.PdfPage, number: int) -> PdfText | None:
        return text_of(page, Page(*self._size(page), number=number, dpi=self._dpi))

    def _size(self, page: pdfium.PdfPage) -> tuple[int, int]:
        """Width and height in pixels of the page as it is drawn."""
        scale = self._dpi / _POINTS_PER_INCH
        width, height = page.get_size()
        return math.ceil(width * scale), math.ceil(height * scale)

    def _draw(self, page: pdfium.PdfPage, label: str) -> Pixels:
        scale = self._dpi / _POINTS_PER_INCH
        width, height = page.get_size()
        pixels_wide, pixels_high = round(width * scale), round(height * scale)
        check_size(pixels_wide, pixels_high, self._limit, f"{label} at {self._dpi:g} dpi")
        bitmap = page.render(scale=scale, rev_byteorder=True)
        try:
            # A copy, because PDFium frees what the array looks at.
            pixels = np.array(bitmap.to_numpy(), dtype=np.uint8)
        finally:
            bitmap.close()
        if pixels.ndim == 2 or pixels.shape[2] == 1:
            pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
        return np.ascontiguousarray(pixels[..., :3])

    def place(self, index: int) -> tuple[Path | bytes, int]:
        """The file, and the page's place in it: ``index`` itself."""
        return self._content, index

    def close(self) -> None:
        """Close the document."""
        with _LOCK:
            self._document.close()


def _prime_error_code() -> None:
    """Set PDFium's error code to FILE.

    PDFium refuses a document without pages and sets no code, so the code of an earlier failure would speak for it.
    FILE cannot come from the document itself, which has been opened by then.
    """
    raw.FPDF_LoadDocument(b"", None)


def _opening_error(error: pdfium.PdfiumError, name: str, password: str | None) -> InputError:
    if error.err_code == raw.FPDF_ERR_FILE:
        return InputError(f"{name}: a PDF with no page; expected at least one")
    if error.err_code == raw.FPDF_ERR_PASSWORD:
        if password is None:
            return EncryptedError(f"{name}: encrypted; give its password with --password (or password=)")
        return EncryptedError(f"{name}: encrypted, and the password given does not open it; give another")
    if error.err_code == raw.FPDF_ERR_SECURITY:
        return EncryptedError(f"{name}: encrypted in a way that is not supported; save it without encryption")
    return DamagedInputError(f"{name}: a damaged PDF ({error}); repair or print it to a new file")
