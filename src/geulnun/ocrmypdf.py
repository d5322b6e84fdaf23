"""Geulnun as an engine of OCRmyPDF: ``ocrmypdf --plugin geulnun.ocrmypdf -l kor scan.pdf out.pdf``.

OCRmyPDF prepares pages and makes PDF/A; this reads them and writes the text over them, with the spaces as read. Its
default renderer is left for "sandwich", which takes the text as `geulnun.write.pdf` lays it; ``--pdf-renderer fpdf2``
goes by hOCR. Pages may be read by several jobs at once, each on one core.
"""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from ocrmypdf import OcrEngine, OrientationConfidence, hookimpl
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOptions
from ocrmypdf.exceptions import BadArgsError
from pydantic import BaseModel, Field

from geulnun import Document, Reader, ReaderOptions, __version__, geometry
from geulnun.runtime import weights
from geulnun.write.files import write_file
from geulnun.write.hocr import HocrWriter
from geulnun.write.pdf import text_layer
from geulnun.write.text import TextWriter

if TYPE_CHECKING:
    from ocrmypdf._options import OcrOptions
    from pluggy import PluginManager


#: What OCRmyPDF calls the languages that are read, all of them always, with the hanja among them.
LANGUAGES = frozenset(("kor", "kor_vert", "ko", "eng", "en"))
_TESSERACT = "ocrmypdf.builtin_plugins.tesseract_ocr"
#: The name under which OCRmyPDF looks for the font of a text layer.
_FONT = "F1"
#: A page read without a doubt has this much certainty, in the units of ``--rotate-pages-threshold`` (14 unless given).
_CERTAIN = 20.0
#: Lines that lean by more degrees than this do not tell how a scan lies.
_LEAN = 15.0


class GeulnunOptions(BaseModel):
    """What the plugin adds to OCRmyPDF's options.

    Attributes:
        recogniser: ONNX file of a line recogniser of one's own.
        detector: ONNX file of a detector of one's own; "points" is the package's other one.
        min_confidence: lines read with less are left out, 0 to 1.
    """

    recogniser: str | None = None
    detector: str | None = None
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.5


@hookimpl
def initialize(plugin_manager: PluginManager) -> None:
    """Do without Tesseract where it is not installed."""
    if shutil.which("tesseract") is None:
        plugin_manager.set_blocked(_TESSERACT)


@hookimpl
def register_options() -> dict[str, type[BaseModel]]:
    """Name the options; OCRmyPDF asks for Tesseract's even where another engine reads."""
    ours: dict[str, type[BaseModel]] = {"geulnun": GeulnunOptions}
    return ours | ({"tesseract": TesseractOptions} if shutil.which("tesseract") is None else {})


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Add the options to the command line."""
    group = parser.add_argument_group("Geulnun", "Options of the engine that reads Korean")
    for name, kind, text in (
        ("recogniser", str, "A line recogniser of your own (.onnx), as geulnun finetune writes."),
        ("detector", str, "points, or a detector of your own (.onnx), as geulnun train detector writes."),
        ("min-confidence", float, "Leave out lines read with less confidence, 0 to 1 (0.5 unless given)."),
    ):
        usual = GeulnunOptions.model_fields[name.replace("-", "_")].default
        dest = f"geulnun_{name.replace('-', '_')}"
        group.add_argument(f"--geulnun-{name}", dest=dest, type=kind, default=usual, help=text)
    if shutil.which("tesseract") is None:
        TesseractOptions.add_arguments_to_parser(parser)


@hookimpl
def check_options(options: OcrOptions) -> None:
    """Check files and choose the renderer whose text is laid by this package."""
    for name in ("recogniser", "detector"):
        file = getattr(_ours(options), name)
        if file is not None and not weights.choose(name, file).is_file():
            raise BadArgsError(f"--geulnun-{name} {file}: no such file; check the path")
    if options.pdf_renderer == "auto":
        options.pdf_renderer = "sandwich"


@hookimpl
def get_ocr_engine(options: OcrOptions | None) -> OcrEngine | None:
    """The engine, unless another one is named."""
    named = "auto" if options is None else options.ocr_engine
    return GeulnunEngine() if named in ("auto", "geulnun") else None


def _ours(options: OcrOptions) -> GeulnunOptions:
    found = getattr(options, "geulnun", None)
    return found if isinstance(found, GeulnunOptions) else GeulnunOptions()


@lru_cache(maxsize=4)
def _reader(recogniser: str | None, detector: str | None, min_confidence: float) -> Reader:
    """One reader a process, whatever the number of its threads."""
    options = ReaderOptions(min_confidence=min_confidence, threads=1)
    return Reader(options, detector=detector, recogniser=recogniser)


def _read(image: Path, options: OcrOptions) -> Document:
    ours = _ours(options)
    return _reader(ours.recogniser, ours.detector, ours.min_confidence).read(image)


class GeulnunEngine(OcrEngine):
    """Reads page images for OCRmyPDF."""

    @staticmethod
    def version() -> str:
        """The package's version."""
        return __version__

    @staticmethod
    def creator_tag(options: OcrOptions) -> str:
        """How the PDF's metadata name what read it."""
        return f"geulnun {__version__}"

    def __str__(self) -> str:
        """Name and version."""
        return f"Geulnun {__version__}"

    @staticmethod
    def languages(options: OcrOptions) -> frozenset[str]:
        """The languages that may be asked for."""
        return LANGUAGES

    @staticmethod
    def get_orientation(input_file: Path, options: OcrOptions) -> OrientationConfidence:
        """The clockwise turn, in degrees, in which a page lies, and how sure its reading is."""
        (page,) = _read(input_file, options).pages
        weights = [len(line.text) for line in page.lines]
        if not weights:
            return OrientationConfidence(0, 0.0)
        sure = float(np.average([line.confidence for line in page.lines], weights=weights))
        return OrientationConfidence((360 - page.rotation) % 360, _CERTAIN * sure)

    @staticmethod
    def get_deskew(input_file: Path, options: OcrOptions) -> float:
        """The counterclockwise turn, in degrees, that levels a page: its lines' median lean."""
        (page,) = _read(input_file, options).pages
        quads = [line.quad for line in page.lines if line.quad is not None and not line.vertical]
        if not quads:
            return 0.0
        lean = float(np.median((geometry.angles(quads) + page.rotation + 180) % 360 - 180))
        return lean if abs(lean) < _LEAN else 0.0

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: OcrOptions) -> None:
        """Read a page image and write hOCR and plain text."""
        document = _read(input_file, options)
        write_file(output_hocr, HocrWriter().encode(document))
        write_file(output_text, TextWriter().encode(document))

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: OcrOptions) -> None:
        """Read a page image and write its text as a page without anything to see, and as plain text."""
        document = _read(input_file, options)
        (page,) = document.pages
        write_file(output_pdf, text_layer(page, _FONT))
        write_file(output_text, TextWriter().encode(document))
