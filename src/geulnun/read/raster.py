"""The raster of one page, and how every kind of pixel becomes one: uint8 RGB on white."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from geulnun.document import Document, Page
from geulnun.errors import DamagedInputError, InputError, TooLargeError, UsageError
from geulnun.read.ranges import parse_pages

Pixels = NDArray[np.uint8]
PdfTextChoice = Literal["redo", "keep", "skip"]

#: An A0 sheet at 300 dpi has 139 million pixels; RGB at this limit takes 450 MB.
MAX_PIXELS = 150_000_000
#: Resolutions at which pages can be drawn.
LEAST_DPI, MOST_DPI = 18.0, 2400.0


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How inputs become rasters.

    Attributes:
        dpi: resolution at which PDF pages are drawn. 300 is the archives' scanning norm, and the smallest print in
            common use (6 pt) is then 25 px high, clear of the 14 px where recognition starts to fail.
        pages: page range such as ``1-3,7-``; ``None`` is every page.
        password: opens encrypted PDFs.
        max_pixels: largest raster accepted, in pixels; checked before any pixel is decoded or drawn.
        pdf_text: PDF pages that hold text of their own are read like others ("redo"), are that text ("keep"), or are
            left out as if they were blank ("skip").
    """

    dpi: float = 300.0
    pages: str | None = None
    password: str | None = None
    max_pixels: int = MAX_PIXELS
    pdf_text: PdfTextChoice = "redo"

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: ``dpi`` or ``max_pixels`` is out of range, or ``pdf_text`` none of the three.
            PageRangeError: ``pages`` is malformed.
        """
        if not LEAST_DPI <= self.dpi <= MOST_DPI:
            raise UsageError(f"dpi {self.dpi:g}; expected {LEAST_DPI:g} to {MOST_DPI:g}")
        if self.max_pixels < 1:
            raise UsageError(f"max_pixels {self.max_pixels}; expected at least 1")
        if self.pdf_text not in get_args(PdfTextChoice):
            raise UsageError(f"pdf_text {self.pdf_text!r}; expected {', '.join(get_args(PdfTextChoice))}")
        if self.pages is not None:
            parse_pages(self.pages)


def drawn_at(document: Document) -> float | None:
    """The resolution at which PDF pages must be drawn to be as large as when ``document`` was read from them.

    None where it tells none, or none that `LoadOptions` takes.
    """
    return next((page.dpi for page in document.pages if page.dpi and LEAST_DPI <= page.dpi <= MOST_DPI), None)


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """One page as pixels.

    Attributes:
        rgb: uint8 (height, width, 3), both at least 1, upright as the file's metadata says.
        number: page number, from 1.
        dpi: resolution, where the input states one.
        source: file name, or what else it came from.
        own: the page of a PDF whose own text is kept, or is to be skipped; then without blocks.
    """

    rgb: Pixels
    number: int = 1
    dpi: float | None = None
    source: str = ""
    own: Page | None = None


def check_size(width: int, height: int, limit: int, name: str) -> None:
    """Refuse an empty or huge raster.

    Raises:
        DamagedInputError: a side is 0.
        TooLargeError: there are more pixels than ``limit``.
    """
    if width < 1 or height < 1:
        raise DamagedInputError(f"{name}: an image of {width} x {height} pixels; expected at least 1 x 1")
    if width * height > limit:
        raise TooLargeError(
            f"{name}: {width} x {height} pixels are over the limit of {limit:,}; scale it down or raise max_pixels"
        )


def array_to_rgb(array: NDArray[np.generic], name: str = "array") -> Pixels:
    """Turn an image array into uint8 RGB (h, w, 3).

    Args:
        array: (h, w), (h, w, 1) grey, (h, w, 2) grey and alpha, (h, w, 3) RGB or (h, w, 4) RGBA, alpha composited on
            white. Values: bool (True is white), uint8, uint16 over its whole range, float in 0..1, or another integer
            type in 0..255. OpenCV reads BGR: pass ``image[..., ::-1]``.
        name: what error messages call it.

    Raises:
        InputError: the shape, dtype or range is another.
    """
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4):
        raise InputError(f"{name}: shape {array.shape}; expected (h, w) or (h, w, 1 to 4)")
    check_size(array.shape[1], array.shape[0], np.iinfo(np.int64).max, name)
    pixels = _to_uint8(array, name)
    if pixels.shape[2] in (2, 4):
        pixels = _on_white(pixels[..., :-1], pixels[..., -1:])
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    return np.ascontiguousarray(pixels)


def _to_uint8(array: NDArray[np.generic], name: str) -> Pixels:
    kind = array.dtype.kind
    if array.dtype == np.uint8:
        return np.asarray(array, dtype=np.uint8)
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.newbyteorder("=") == np.uint16:
        return _uint16_to_uint8(array)
    if kind not in "iuf":
        raise InputError(f"{name}: dtype {array.dtype}; expected bool, integers or floats")
    low, high = float(array.min()), float(array.max())
    top = 1.0 if kind == "f" else 255.0
    # A float conversion may overshoot its range by a rounding error, not by more.
    if not (low >= -1e-3 and high <= top + 1e-3):  # also where they are NaN
        raise InputError(
            f"{name}: {array.dtype} values in {low:g}..{high:g}; expected 0..{top:g} (or uint8, or uint16): rescale it"
        )
    scaled = np.clip(array.astype(np.float32), 0, top) * (255.0 / top)
    rounded: Pixels = np.rint(scaled).astype(np.uint8)
    return rounded


def _uint16_to_uint8(array: NDArray[np.generic]) -> Pixels:
    # 65535 = 255 * 257: the rounded quotient maps both ends exactly, where a shift would darken.
    scaled: Pixels = ((array.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return scaled


def _on_white(colour: Pixels, alpha: Pixels) -> Pixels:
    weight = alpha.astype(np.uint16)
    mixed = colour.astype(np.uint16) * weight + np.uint16(255) * (255 - weight)
    scaled: Pixels = ((mixed.astype(np.uint32) + 127) // 255).astype(np.uint8)
    return scaled


def pil_to_rgb(image: Image.Image) -> Pixels:
    """Turn a PIL image of any mode into uint8 RGB (h, w, 3): EXIF orientation applied, alpha on white.

    Sixteen-bit grey is scaled over its whole range. Thirty-two-bit integers and floats say nothing of their range:
    0..1 (floats), 0..255 and 0..65535 are taken as such, anything else is stretched between its ends.
    """
    image.load()
    image = _upright(image)
    if image.mode.startswith("I;16"):
        return array_to_rgb(_uint16_to_uint8(np.asarray(image)))
    if image.mode in ("I", "F"):
        return array_to_rgb(_stretch(np.asarray(image)))
    if image.has_transparency_data:
        straight = image.convert("LA") if image.mode == "La" else image  # Pillow has no way from La to RGBA
        rgba = straight.convert("RGBA")
        page = Image.new("RGB", rgba.size, "white")
        page.paste(rgba, mask=rgba.getchannel("A"))
        return np.asarray(page)
    # Pillow has already undone the inversion of CMYK JPEGs, so 0 is "no ink" in every CMYK image here.
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except (SyntaxError, ValueError, TypeError, KeyError, OverflowError, struct.error):
        return image  # Metadata that cannot be read is no reason to refuse good pixels.


def _stretch(values: NDArray[np.generic]) -> Pixels:
    numbers = np.nan_to_num(values.astype(np.float64))
    low, high = float(numbers.min()), float(numbers.max())
    tops = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    top = next((top for top in tops if low >= 0 and high <= top), None)
    if top is None:
        numbers, top = numbers - low, max(high - low, 1e-9)
    return np.rint(numbers * (255.0 / top)).astype(np.uint8)
