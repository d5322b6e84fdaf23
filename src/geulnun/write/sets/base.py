"""What all formats of data sets share: their interface, their options, and images and files written whole."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.document import Document, Page
from geulnun.errors import UsageError
from geulnun.write.json import JsonWriter

Pixels = NDArray[np.uint8]
Extension = Literal["png", "jpg"]
Level = Literal["word", "line"]
Facts = Mapping[str, str | int | float]

#: No part of a path, nothing hidden, nothing that a list in lines cannot hold.
_BAD_NAME = re.compile(r"\A(?:|\..*)\Z|[/\\\x00-\x1f\x7f\ud800-\udfff]", re.DOTALL)
#: Bytes of a file name, with room for a prefix, an extension and the mark of a part file.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SetOptions:
    """How a data set is written; each format takes what concerns it.

    Attributes:
        extension: of the image files; None leaves it to the format: "jpg" for aihub, whose readers look for nothing
            else, and for all others "png", which loses nothing.
        quality: of JPEG, 1 to 100.
        level: what icdar, aihub and coco_text give a box: every "word" or every "line".
        truth: folder: whether a JSON truth (`geulnun.write.json`) stands beside each image, as pages want it.
        prefix: tar: the name of a shard before its number.
        shard_samples: tar: samples a shard, at most.
        shard_bytes: tar: bytes a shard, at most; a sample larger than that has a shard of its own.
        pickle_size: koocr: characters a pickle.
    """

    extension: Extension | None = None
    quality: int = 95
    level: Level = "word"
    truth: bool = False
    prefix: str = "geulnun"
    shard_samples: int = 10_000
    shard_bytes: int = 1 << 30
    pickle_size: int = 5_000

    def __post_init__(self) -> None:
        if self.extension not in (None, "png", "jpg"):
            raise UsageError(f"extension is {self.extension!r}; expected png or jpg")
        if not 1 <= self.quality <= 100:
            raise UsageError(f"quality is {self.quality}; expected 1 to 100")
        if self.level not in ("word", "line"):
            raise UsageError(f"level is {self.level!r}; expected word or line")
        for name in ("shard_samples", "shard_bytes", "pickle_size"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; expected 1 or more")
        check_name(self.prefix)


class SetWriter(Protocol):
    """A data set that is being written, sample by sample.

    The same samples in the same order give the same bytes (an LMDB: the same contents). A set can be opened again,
    closed or killed, with any number of samples it held after a `flush`; what it held beyond them is dropped or written
    over as the same names come again, and in the end nothing tells it from a set written at one go. `OSError` (a full
    disk) passes through as it is; no file that is cut short ever has its final name.
    """

    @property
    def extension(self) -> Extension | None:
        """What images are stored as; `add` takes them encoded so. None: it takes pixels only."""
        ...

    @property
    def done(self) -> int:
        """How many samples it holds, which is the index of the next one."""
        ...

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample.

        Args:
            name: what its files are called, without an extension; no other sample of the set may have it.
            image: uint8 (h, w) grey or (h, w, 3) RGB of the page's size, or what `encode` made of such.
            page: the truth.
            facts: what it was made of; formats with a place for such keep it.

        Raises:
            OSError: it could not be written, and nothing of it shows; `abort` the set, and open it again later.
            UsageError: the name cannot be a file's, or the format has no place for such a sample.
        """
        ...

    def flush(self) -> None:
        """Hand all that was added to the operating system: a process killed after it loses nothing."""
        ...

    def close(self) -> None:
        """Finish the set: write its indices."""
        ...

    def abort(self) -> None:
        """Let go of the set without finishing it; it can be opened again. Never raises."""
        ...


class FileByFile:
    """What writers share whose samples have files of their own and no index: each is whole when it is added."""

    #: How images are stored where the options leave it open.
    usual: ClassVar[Extension] = "png"

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder``, which holds ``start`` samples."""
        self.extension: Extension = options.extension or self.usual
        self.done = start
        self._folder = folder
        self._options = options

    def flush(self) -> None:
        """Nothing waits: every sample is written when it is added."""

    def close(self) -> None:
        """Nothing is left to write."""

    def abort(self) -> None:
        """Nothing is open."""


def encode(image: Pixels, extension: Extension, quality: int = 95) -> bytes:
    """An image, uint8 (h, w) grey or (h, w, 3) RGB, as the content of a PNG or JPEG file.

    Grey stays grey. PNG is written with OpenCV's own strategy, which is three times as fast as a stated level of
    compression and, on rendered text, as small.
    """
    pixels = image if image.ndim == 2 else image[..., ::-1]
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality] if extension == "jpg" else []
    made, content = cv2.imencode(f".{extension}", np.ascontiguousarray(pixels), settings)
    if not made:
        raise ValueError(f"an image of shape {image.shape} cannot be written as {extension}")
    return content.tobytes()


def encoded(image: Pixels | bytes, page: Page, extension: Extension, options: SetOptions) -> bytes:
    """What the image's file holds; pixels are checked against the page's size first."""
    if isinstance(image, bytes):
        return image
    check_size(image, page)
    return encode(image, extension, options.quality)


def check_size(image: Pixels, page: Page) -> None:
    """Refuse an image that the truth is not of: its boxes would lie elsewhere."""
    if image.shape[:2] != (page.height, page.width):
        raise ValueError(f"an image of shape {image.shape} for a page of {page.width} x {page.height}")


def check_name(name: str) -> str:
    """Return ``name``, refusing what cannot be a file's name on every system this may run on or be copied to."""
    if _BAD_NAME.search(name):
        raise UsageError(f"{name!r}: not a name for a sample; expected a file name without slashes or a leading dot")
    if len(name.encode()) > _LONGEST:
        raise UsageError(f"{name[:20]!r}...: {len(name.encode())} bytes; a sample's name has {_LONGEST} at most")
    return name


def put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, making its folder if need be.

    Unlike `geulnun.write.write_file` it does not wait for the disk, which a hundred thousand small files could not
    afford, and its part file has a name that follows from its own, so that the next try takes up what a kill left.

    Raises:
        OSError: as it came; the part file is gone.
    """
    with whole(path) as part:
        part.write_bytes(content)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the part file to write, which gets its name when all went well and is removed when not."""
    part = part_of(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield part
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def part_of(path: Path) -> Path:
    """Where a file is written before it has its name."""
    return path.with_name(f".{path.name}.part")


def truth_json(name: str, page: Page, facts: Facts) -> bytes:
    """The page as `geulnun.write.json` writes it, in one row, with the facts as the document's metadata."""
    metadata = tuple((key, str(value)) for key, value in sorted(facts.items()))
    return JsonWriter(rows=False).encode(Document((page,), name, metadata))
