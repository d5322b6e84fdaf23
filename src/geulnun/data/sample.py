"""What a reader of data sets yields: samples with lazily opened images, and problems that cost only themselves."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from numpy import uint8
from numpy.typing import NDArray
from PIL import ExifTags, Image

from geulnun.document import Page
from geulnun.errors import DamagedInputError, GeulnunError, TooLargeError
from geulnun.read.images import from_bytes
from geulnun.read.raster import MAX_PIXELS, check_size

Pixels = NDArray[uint8]
Facts = Mapping[str, str | int | float]

#: What headers are read for; of these Pillow runs no other program.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
#: What a PNG with EXIF holds somewhere.
_PNG_EXIF = (b"eXIf", b"Raw profile type exif")
#: EXIF orientations that turn a picture by a quarter.
_QUARTER_TURNS = (5, 6, 7, 8)


@dataclass(frozen=True, slots=True, eq=False)
class SampleImage:
    """An image that is read when it is asked for, while the set it is of is open.

    Attributes:
        place: what messages call it.
        load: gives an image file's content, or pixels as uint8 (h, w) grey or (h, w, 3) RGB.
        path: where its file lies in the set, "" for an image that is no file of its own.
    """

    place: str
    load: Callable[[], bytes | Pixels]
    path: str = ""

    def pixels(self) -> Pixels:
        """The image as uint8, (h, w) grey or (h, w, 3) RGB, upright as its EXIF says.

        Raises:
            InputError: missing, damaged or too large.
        """
        loaded = self.load()
        if not isinstance(loaded, bytes):
            return loaded
        pages = from_bytes(loaded, self.place, MAX_PIXELS)
        try:
            return pages.raster(0).rgb
        finally:
            pages.close()

    def size(self) -> tuple[int, int]:
        """Width and height in pixels, upright, from the header alone; raises as `pixels` does."""
        loaded = self.load()
        if not isinstance(loaded, bytes):
            return loaded.shape[1], loaded.shape[0]
        header = Header.of(loaded, self.place)
        return header.width, header.height


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of an image file say.

    Attributes:
        kind: "PNG", "JPEG" and so on, in capitals.
        width: pixels, after the turn that EXIF asks for; so is ``height``.
        height: pixels.
        turned: whether EXIF asks for any turn.
    """

    kind: str
    width: int
    height: int
    turned: bool

    @classmethod
    def of(cls, content: bytes, place: str) -> Header:
        """Read the header of an image file.

        Raises:
            DamagedInputError: not an image, or a broken one.
            TooLargeError: more pixels than are ever read.
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                    # Of a PNG, Pillow decodes every pixel to look for EXIF behind them.
                    bare = image.format == "PNG" and not any(mark in content for mark in _PNG_EXIF)
                    turn = 1 if bare else int(image.getexif().get(ExifTags.Base.Orientation, 1) or 1)
                    kind, (width, height) = str(image.format), image.size
        except Image.DecompressionBombError as error:
            raise TooLargeError(f"{place}: too large to decode ({error}); scale it down") from error
        except Exception as error:  # Decoders raise nearly every built-in exception on bytes they did not expect.
            raise DamagedInputError(f"{place}: not an image that can be read; save it again as PNG or JPEG") from error
        if turn in _QUARTER_TURNS:
            width, height = height, width
        check_size(width, height, MAX_PIXELS, place)
        return cls(kind, width, height, turn != 1)


@dataclass(frozen=True, slots=True)
class Sample:
    """One image with its truth.

    Attributes:
        name: what its files are called, without an extension; not always the only one of that name in its set.
        page: the truth; a line of confidence 0 is ink that nobody is asked to read.
        image: where its pixels are; None where the set has truth only.
        facts: what is known of it: "document", "writer", "font", "split", "source", "kind", ...
    """

    name: str
    page: Page
    image: SampleImage | None = None
    facts: Facts = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What pairs it with an engine's output: its image's path in the set without extension, else its name."""
        path = self.image.path if self.image else ""
        return path.removesuffix(PurePosixPath(path).suffix) if path else self.name


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a set that could not be read; the rest of the set can.

    Attributes:
        error: in one line, with the file it is about.
        unpaired: whether it is an image without truth or truth without an image.
    """

    error: GeulnunError
    unpaired: bool = False

    def __str__(self) -> str:
        return str(self.error)
