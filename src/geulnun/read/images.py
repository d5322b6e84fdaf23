"""Image files to rasters, told apart by their first bytes, never by their names."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from geulnun.errors import DamagedInputError, GeulnunError, TooLargeError
from geulnun.read.raster import Raster, check_size, pil_to_rgb

#: File name endings a folder is searched for.
SUFFIXES = frozenset(
    (
        ".png",
        ".jpg",
        ".jpeg",
        ".jfif",
        ".webp",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".gif",
        ".heic",
        ".heif",
        ".hif",
        ".avif",
    )
)

#: Brands of AVIF; every other file of the ISO base media format is tried as HEIF.
_AVIF = (b"avif", b"avis")

_T = TypeVar("_T")

# The plugins are called straight, not through Image.open: that would also try formats that run other programs, and
# it enforces a pixel limit that is one number for the whole process.
_OPENERS: tuple[tuple[tuple[bytes, ...], Callable[[IO[bytes], str], ImageFile.ImageFile]], ...] = (
    ((b"\x89PNG\r\n\x1a\n",), PngImagePlugin.PngImageFile),
    ((b"\xff\xd8\xff",), JpegImagePlugin.JpegImageFile),
    ((b"GIF87a", b"GIF89a"), GifImagePlugin.GifImageFile),
    ((b"RIFF",), WebPImagePlugin.WebPImageFile),
    ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), TiffImagePlugin.TiffImageFile),
    ((b"BM",), BmpImagePlugin.BmpImageFile),
)


class ImagePages:
    """The pages of one image file: every frame of a TIFF, else the one (first) picture."""

    def __init__(self, stream: IO[bytes], name: str, max_pixels: int, content: Path | bytes | None = None) -> None:
        """Read the header; no pixel is decoded yet.

        Args:
            stream: seekable; closed by `close`.
            name: what error messages and rasters call it.
            max_pixels: the size limit of each page.
            content: where the stream's bytes can be had again, a file or the bytes themselves.

        Raises:
            DamagedInputError: not an image of a known format, or a broken one.
            TooLargeError: beyond the limit.
        """
        self.name = name
        self._content = content
        self._stream = stream
        self._limit = max_pixels
        self._image = self._guarded(lambda: _open(stream, name))
        check_size(*self._image.size, max_pixels, name)
        # Frames of the other formats are animation steps, previews or depth maps, not pages.
        tiff = isinstance(self._image, TiffImagePlugin.TiffImageFile)
        self.count = self._guarded(lambda: int(getattr(self._image, "n_frames", 1))) if tiff else 1

    def raster(self, index: int) -> Raster:
        """Decode the page at ``index``, from 0."""
        label = self.name if self.count == 1 else f"{self.name}, page {index + 1}"
        if self.count > 1:
            self._guarded(lambda: self._image.seek(index), label)
            check_size(*self._image.size, self._limit, label)
        rgb = self._guarded(lambda: pil_to_rgb(self._image), label)
        return Raster(rgb, index + 1, _dpi(self._image), self.name)

    def place(self, index: int) -> tuple[Path | bytes, int] | None:
        """The file, and the page's place in it: ``index`` itself."""
        return None if self._content is None else (self._content, index)

    def own_text(self, index: int) -> None:
        """Images hold none."""

    def close(self) -> None:
        """Close the file."""
        self._image.close()
        self._stream.close()

    def _guarded(self, step: Callable[[], _T], label: str = "") -> _T:
        label = label or self.name
        try:
            return step()
        except GeulnunError:
            raise
        except (MemoryError, Image.DecompressionBombError) as error:
            raise TooLargeError(f"{label}: too large to decode ({_one_line(error)}); scale it down") from error
        except Exception as error:  # Decoders raise nearly every built-in exception on bytes they did not expect.
            raise DamagedInputError(f"{label}: damaged or cut short ({_one_line(error)}); save it again") from error


def _open(stream: IO[bytes], name: str) -> ImageFile.ImageFile:
    head = stream.read(16)
    stream.seek(0)
    for starts, opener in _OPENERS:
        if head.startswith(starts):
            return opener(stream, "")
    if head[4:8] == b"ftyp":
        return AvifImagePlugin.AvifImageFile(stream, "") if head[8:12] in _AVIF else _open_heif(stream)
    if not head:
        raise DamagedInputError(f"{name}: empty (0 bytes); expected an image or a PDF")
    raise DamagedInputError(
        f"{name}: neither an image nor a PDF (it starts with {head[:8]!r}); "
        "expected PNG, JPEG, WebP, BMP, TIFF, GIF, HEIC, AVIF or PDF"
    )


def _open_heif(stream: IO[bytes]) -> ImageFile.ImageFile:
    import pillow_heif  # here and not above: it loads a library of 10 MB that few inputs need

    if not pillow_heif.is_supported(stream):
        raise ValueError("a media file of another kind than HEIF")
    stream.seek(0)
    image: ImageFile.ImageFile = pillow_heif.HeifImageFile(stream)  # type: ignore[no-untyped-call]
    return image


def _dpi(image: Image.Image) -> float | None:
    """The stated horizontal resolution, unless it is no sensible one."""
    value = image.info.get("dpi")
    try:
        dpi = float(value[0]) if value else 0.0
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    return dpi if math.isfinite(dpi) and dpi > 1 else None


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def from_bytes(content: bytes, name: str, max_pixels: int) -> ImagePages:
    """The pages of an image file held in memory."""
    return ImagePages(io.BytesIO(content), name, max_pixels, content)
