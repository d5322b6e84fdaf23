"""pytesseract's functions (version 0.3) over this package: ``from geulnun.compat import pytesseract``.

No other program is run. docs/guides/compat.md tells which arguments mean something here.
"""

from __future__ import annotations

import csv
import importlib
import io
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geulnun import geometry
from geulnun.compat.readers import Readers, literal, warn_unused
from geulnun.decode.options import DecodeOptions
from geulnun.document import Block, Document, Page, Quad
from geulnun.errors import MissingDependencyError
from geulnun.pipeline import Reader
from geulnun.read import LoadOptions, PageStream, Raster, open_source
from geulnun.write import WRITERS, TextWriter

#: Programs set where Tesseract lies; nothing is run here, so it may lie anywhere.
tesseract_cmd = "tesseract"
#: `pytesseract.pytesseract.tesseract_cmd = …` is what programs write.
pytesseract = sys.modules[__name__]

#: The languages that are read, all of them always, as Tesseract names them.
LANGUAGES = ("eng", "kor", "kor_vert")
#: Page segmentation modes that take the image for one line, or for less than one.
_ONE_LINE = (7, 8, 9, 10, 13)
#: Variables that name characters: those beside which none is written, and those that are not.
_LISTS = ("tessedit_char_whitelist", "tessedit_char_blacklist")
#: Variables that ask for what is so anyway.
_QUIET = ("preserve_interword_spaces",)
#: What `image_to_osd` tells, by the name of pytesseract's dict and by Tesseract's line.
_OSD = {
    "page_num": "Page number", "orientation": "Orientation in degrees", "rotate": "Rotate",
    "orientation_conf": "Orientation confidence", "script": "Script", "script_conf": "Script confidence",
}  # fmt: skip

Picture = str | Path | Image.Image | NDArray[Any]


class Output:
    """What functions return."""

    BYTES = "bytes"
    DATAFRAME = "data.frame"
    DICT = "dict"
    STRING = "string"


class TesseractError(RuntimeError):
    """What Tesseract itself would refuse: an unknown language or option."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


class TesseractNotFoundError(OSError):
    """Never raised, as no other program is needed; programs may catch it."""


@dataclass(frozen=True)
class _Config:
    """What a string of Tesseract's command line options says."""

    mode: int = 3
    allow: str = ""
    block: str = ""


def get_languages(config: str = "") -> list[str]:
    """The languages that may be named."""
    return list(LANGUAGES)


def image_to_string(
    image: Picture, lang: str | None = None, config: str = "", nice: int = 0, output_type: str = Output.STRING,
    timeout: float = 0,
) -> Any:  # fmt: skip
    """The text of an image, ending in a form feed as Tesseract's does.

    Raises:
        TesseractError: a language or an option that cannot be had.
        InputError: the image cannot be read.
    """
    with _read(image, lang, config, timeout) as (document, _):
        return _given(_text(document), output_type, lambda text: {"text": text})


def image_to_data(
    image: Picture, lang: str | None = None, config: str = "", nice: int = 0, output_type: str = Output.STRING,
    timeout: float = 0, pandas_config: dict[str, Any] | None = None,
) -> Any:  # fmt: skip
    """Tesseract's table of pages, blocks, lines and words with boxes and confidences.

    Raises:
        TesseractError: a language or an option that cannot be had.
        InputError: the image cannot be read.
        MissingDependencyError: a data frame is asked for and pandas is not installed.
    """
    with _read(image, lang, config, timeout) as (document, _):
        table = WRITERS["tsv"].build().encode(document).decode()
    if output_type == Output.DATAFRAME:
        return _frame(table, pandas_config or {})
    return _given(table, output_type, _columns)


def image_to_boxes(
    image: Picture, lang: str | None = None, config: str = "", nice: int = 0, output_type: str = Output.STRING,
    timeout: float = 0,
) -> Any:  # fmt: skip
    """A row for each character: itself, then left, bottom, right and top, counted from the lower left corner, and page.

    Raises:
        TesseractError: a language or an option that cannot be had.
        InputError: the image cannot be read.
    """
    with _read(image, lang, config, timeout) as (document, _):
        rows = [
            (char.text, *_from_below(char.quad, page), at)
            for at, page in enumerate(document.pages)
            for word in page.words
            for char in word.chars
            if char.quad is not None
        ]
    text = "".join(" ".join(map(str, row)) + "\n" for row in rows)
    names = ("char", "left", "bottom", "right", "top", "page")
    return _given(text, output_type, lambda _: {name: [row[at] for row in rows] for at, name in enumerate(names)})


def image_to_pdf_or_hocr(
    image: Picture, lang: str | None = None, config: str = "", nice: int = 0, extension: str = "pdf", timeout: float = 0
) -> bytes:
    """A searchable PDF, or hOCR, as bytes.

    Raises:
        ValueError: another extension than "pdf" or "hocr".
        TesseractError: a language or an option that cannot be had.
        InputError: the image cannot be read.
    """
    if extension not in ("pdf", "hocr"):
        raise ValueError(f"extension {extension!r}; expected pdf or hocr")
    with _read(image, lang, config, timeout) as (document, original):
        return WRITERS[extension].build().encode(document, original)


def image_to_alto_xml(
    image: Picture, lang: str | None = None, config: str = "", nice: int = 0, timeout: float = 0
) -> bytes:
    """ALTO XML, as bytes.

    Raises:
        TesseractError: a language or an option that cannot be had.
        InputError: the image cannot be read.
    """
    with _read(image, lang, config, timeout) as (document, original):
        return WRITERS["alto"].build().encode(document, original)


def image_to_osd(
    image: Picture, lang: str | None = "osd", config: str = "", nice: int = 0, output_type: str = Output.STRING,
    timeout: float = 0,
) -> Any:  # fmt: skip
    """How an image lies and in which script it is; confidences are the mean of its lines', in 0 to 20.

    Raises:
        TesseractError: an option that cannot be had, or an image without text.
        InputError: the image cannot be read.
    """
    with _read(image, None if lang == "osd" else lang, config, timeout) as (document, _):
        page = document.pages[0]
    if not page.lines:
        raise TesseractError(1, "Too few characters. Skipping this page")
    sure = round(20 * float(np.mean([line.confidence for line in page.lines])), 2)
    hangul = any("가" <= char <= "힣" for char in page.text)
    values = (0, (360 - page.rotation) % 360, page.rotation, sure, "Hangul" if hangul else "Latin", sure)
    text = "".join(f"{title}: {value}\n" for title, value in zip(_OSD.values(), values, strict=True))
    return _given(text, output_type, lambda _: dict(zip(_OSD, values, strict=True)))


@cache
def _readers() -> Readers:
    return Readers()


@contextmanager
def _read(image: Picture, lang: str | None, config: str, timeout: float) -> Iterator[tuple[Document, PageStream]]:
    """The document of an image, and its original while it is open."""
    for code in (lang or "kor").split("+"):
        if code not in LANGUAGES:
            raise TesseractError(1, f"Failed loading language '{code}'; expected any of {', '.join(LANGUAGES)}")
    warn_unused({"timeout": timeout}, {"timeout": 0}, "pytesseract", 5)
    asked = _parsed(config)
    reader = _readers().get(DecodeOptions(allow=asked.allow, block=asked.block))
    with open_source(image, LoadOptions()) as pages:
        read = reader.read_page if asked.mode not in _ONE_LINE else lambda raster: _one_line(reader, raster)
        yield Document(tuple(read(raster) for raster in pages), pages.name), pages


def _one_line(reader: Reader, raster: Raster) -> Page:
    """A page of the one line that an image holds."""
    line = reader.read_line(raster.rgb)
    height, width = raster.rgb.shape[:2]
    blocks = (Block((line,), line.quad),) if line.words else ()
    return Page(width, height, blocks, raster.number, dpi=raster.dpi)


def _parsed(config: str) -> _Config:
    """Tesseract's command line options, of which only few mean something here."""
    mode, variables = 3, {}
    words = iter(shlex.split(config))
    for word in words:
        name, _, value = word.partition("=")
        if name in ("--psm", "--oem", "--dpi", "-c", "-l", "--tessdata-dir", "--user-words", "--user-patterns"):
            value = value or next(words, "")
        if name == "--psm":
            if not value.isdecimal() or int(value) > 13:
                raise TesseractError(1, f"page segmentation mode {value!r}; expected 0 to 13")
            mode = int(value)
        elif name == "-c":
            key, _, variables[key] = value.partition("=")
        elif name not in ("--oem", "--dpi"):
            warnings.warn(f"pytesseract: {word} has no meaning here and is not heeded", UserWarning, stacklevel=5)
    for name in variables:
        if name not in (*_LISTS, *_QUIET):
            warnings.warn(f"pytesseract: {name} has no meaning here and is not heeded", UserWarning, stacklevel=5)
    allow, block = (literal(variables.get(name)) for name in _LISTS)
    return _Config(mode, allow, block)


def _text(document: Document) -> str:
    """Plain text with a form feed behind each page, as Tesseract writes it."""
    return "".join(TextWriter().encode(Document((page,))).decode() + "\f" for page in document.pages)


def _given(text: str, output_type: str, to_dict: Callable[[str], dict[str, Any]]) -> str | bytes | dict[str, Any]:
    if output_type == Output.STRING:
        return text
    if output_type == Output.BYTES:
        return text.encode()
    if output_type == Output.DICT:
        return to_dict(text)
    raise TypeError(f"output_type {output_type!r}; expected one of {Output.STRING}, {Output.BYTES}, {Output.DICT}")


def _columns(table: str) -> dict[str, list[Any]]:
    """Tesseract's table by columns: whole numbers all but the texts, as pytesseract has them."""
    heads, *rows = [row.split("\t") for row in table.rstrip("\n").split("\n")]
    return {head: [row[at] if head == "text" else int(float(row[at])) for row in rows] for at, head in enumerate(heads)}


def _frame(table: str, options: dict[str, Any]) -> Any:
    try:
        pandas = importlib.import_module("pandas")
    except ModuleNotFoundError as error:
        raise MissingDependencyError("a data frame needs pandas; pip install pandas, or take Output.DICT") from error
    usual = {"quoting": csv.QUOTE_NONE, "sep": "\t"}
    return pandas.read_csv(io.BytesIO(table.encode()), **usual | options)


def _from_below(quad: Quad, page: Page) -> tuple[int, int, int, int]:
    """Left, bottom, right and top of a quad in whole pixels, rows counted from below."""
    left, top, right, bottom = (round(float(value)) for value in geometry.to_boxes(quad)[0])
    return left, page.height - bottom, right, page.height - top
