"""Anything a user may name or hold, opened as a stream of page rasters."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geulnun.errors import InputError, MissingInputError, PageRangeError
from geulnun.read.images import SUFFIXES as IMAGE_SUFFIXES
from geulnun.read.images import ImagePages, from_bytes
from geulnun.read.ranges import resolve_pages
from geulnun.read.raster import LoadOptions, Pixels, Raster, array_to_rgb, check_size, pil_to_rgb

if TYPE_CHECKING:
    from geulnun.read.pdf_text import PdfText

#: A path (file, folder or glob), ``-`` for stdin, a file's bytes, an open binary file, an array or a PIL image.
Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | NDArray[np.generic] | Image.Image

SUFFIXES = IMAGE_SUFFIXES | {".pdf"}
_PDF_HEAD = 1024  # PDFium, like Acrobat, lets the header stand anywhere in the first 1024 bytes.


class _Pages(Protocol):
    """An open document: ``raster(index)`` decodes one page, counted from 0, ``place(index)`` tells its file."""

    name: str
    count: int

    def raster(self, index: int) -> Raster: ...

    def place(self, index: int) -> tuple[Path | bytes, int] | None: ...

    def own_text(self, index: int) -> PdfText | None: ...

    def close(self) -> None: ...


class PageStream:
    """The selected pages of one source, decoded one at a time as they are asked for.

    Iterate over it once or more, or use it as a context manager to close files early.
    """

    def __init__(self, pages: _Pages, page_range: str | None) -> None:
        """Select pages; ``page_range`` as in `LoadOptions`.

        Raises:
            PageRangeError: the range is malformed or names no page.
        """
        self._pages = pages
        self.name = pages.name
        everything = tuple(range(1, pages.count + 1))
        self.numbers = resolve_pages(page_range, pages.count, pages.name) if page_range is not None else everything

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Raster]:
        for number in self.numbers:
            yield self._pages.raster(number - 1)

    def rgb(self, number: int) -> Pixels:
        """Decode the page of this number, selected or not: uint8 (h, w, 3).

        Raises:
            PageRangeError: there is no such page.
        """
        return self._pages.raster(self._index(number)).rgb

    def place(self, number: int) -> tuple[Path | bytes, int] | None:
        """The file that holds the page of this number, as a path or as its content, and its place there, from 0.

        ``None`` for an array or a PIL image.

        Raises:
            PageRangeError: there is no such page.
        """
        return self._pages.place(self._index(number))

    def own_text(self, number: int) -> PdfText | None:
        """The text that the page of this number holds already, where it is a PDF's and holds some.

        Raises:
            PageRangeError: there is no such page.
        """
        return self._pages.own_text(self._index(number))

    def _index(self, number: int) -> int:
        if not 1 <= number <= self._pages.count:
            raise PageRangeError(f"{self.name}: no page {number}; it has {self._pages.count}")
        return number - 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the files behind it."""
        self._pages.close()


def open_source(source: Source, options: LoadOptions | None = None) -> PageStream:
    """Open ``source`` and select its pages; nothing is decoded before it is asked for.

    A folder or a glob is one document: the pages of its files in natural order (2 before 10), numbered through.

    Raises:
        InputError: a subclass says what is wrong; the message names the source and the remedy.
    """
    options = options or LoadOptions()
    pages = _open(source, options)
    try:
        return PageStream(pages, options.pages)
    except BaseException:
        pages.close()
        raise


def _open(source: Source, options: LoadOptions) -> _Pages:
    if isinstance(source, np.ndarray):
        if source.ndim > 1:
            check_size(source.shape[1], source.shape[0], options.max_pixels, "array")
        array = source
        return _Single("array", lambda: Raster(array_to_rgb(array), source="array"))
    if isinstance(source, Image.Image):
        name = str(getattr(source, "filename", "")) or "image"
        check_size(*source.size, options.max_pixels, name)
        image = source
        return _Single(name, lambda: Raster(pil_to_rgb(image), source=name))
    if isinstance(source, bytes | bytearray | memoryview):
        return _open_bytes(bytes(source), "bytes", options)
    if isinstance(source, str) and source == "-":
        content = sys.stdin.buffer.read()
        if not content:
            raise MissingInputError("stdin: nothing came; pipe an image or a PDF in, or name a file")
        return _open_bytes(content, "stdin", options)
    if isinstance(source, str | os.PathLike):
        paths = expand(source)
        if len(paths) == 1 and not Path(source).is_dir():
            return _open_path(paths[0], options)
        return _Folder(os.fspath(source), paths, options)
    if hasattr(source, "read"):
        return _open_bytes(source.read(), str(getattr(source, "name", "stream")), options)
    raise InputError(f"a source of type {type(source).__name__}; expected a path, bytes, an array or a PIL image")


def expand(source: str | os.PathLike[str]) -> list[Path]:
    """The files that a path names: itself, a folder's images and PDFs, or a glob's matches, in natural order.

    Raises:
        MissingInputError: there is none.
    """
    path = Path(source)
    text = os.fspath(source)
    try:
        if path.is_dir():
            return _folder(path)
        if path.exists():
            return [path]
    except (OSError, ValueError) as error:  # a name too long, or with a NUL in it
        raise MissingInputError(f"{text[:80]}: not a usable path ({error}); check the name") from error
    if re.match(r"[a-z]+://", text):
        raise MissingInputError(f"{text}: this reads files only and never uses a network; download it first")
    if glob.has_magic(text):
        found = sorted((Path(match) for match in glob.glob(text, recursive=True)), key=_natural)  # noqa: PTH207 (absolute too)
        files = [match for match in found if match.is_file()]
        if files:
            return files
        raise MissingInputError(f"{text}: no file matches; check the pattern")
    raise MissingInputError(f"{text}: no such file; check the path")


def _folder(path: Path) -> list[Path]:
    files = [
        item
        for item in path.iterdir()
        if item.suffix.lower() in SUFFIXES and not item.name.startswith(".") and item.is_file()
    ]
    if not files:
        raise MissingInputError(f"{path}: no image or PDF in this folder; for folders inside it, use a glob like **/*")
    return sorted(files, key=_natural)


def _natural(path: Path) -> tuple[tuple[tuple[bool, int, str], ...], str]:
    parts = re.split(r"([0-9]+)", str(path).casefold())
    key = tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)
    return key, str(path)


def _open_path(path: Path, options: LoadOptions) -> _Pages:
    name = str(path)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise MissingInputError(f"{name}: cannot be opened ({error.strerror}); check its permissions") from error
    try:
        if not stream.seekable():  # a pipe such as <(...)
            return _open_bytes(stream.read(), name, options)
        head = stream.read(_PDF_HEAD)
        stream.seek(0)
        if b"%PDF-" in head:
            stream.close()
            return _pdf(path, name, options)
        return ImagePages(stream, name, options.max_pixels, path)
    except BaseException:
        stream.close()
        raise


def _open_bytes(content: bytes, name: str, options: LoadOptions) -> _Pages:
    if b"%PDF-" in content[:_PDF_HEAD]:
        return _pdf(content, name, options)
    return from_bytes(content, name, options.max_pixels)


def _pdf(content: Path | bytes, name: str, options: LoadOptions) -> _Pages:
    # Here and not above: most inputs are images, and a command that reads one should not wait for PDFium to load.
    from geulnun.read.pdf import PdfPages

    return PdfPages(content, name, options)


class _Single:
    """One picture that is in memory already."""

    count = 1

    def __init__(self, name: str, make: Callable[[], Raster]) -> None:
        self.name = name
        self._make = make

    def raster(self, index: int) -> Raster:
        """The picture; ``index`` is 0."""
        return self._make()

    def place(self, index: int) -> None:
        """It came from no file."""

    def own_text(self, index: int) -> None:
        """A picture holds none."""

    def close(self) -> None:
        """Nothing to close: the picture is the caller's."""


class _Folder:
    """Several files as one document; only the file being read is held open."""

    def __init__(self, name: str, paths: Sequence[Path], options: LoadOptions) -> None:
        self.name = name
        self._options = options
        self._places: list[tuple[Path, int]] = []
        for path in paths:
            pages = _open_path(path, options)
            self._places += [(path, index) for index in range(pages.count)]
            pages.close()
        self.count = len(self._places)
        self._current: tuple[Path, _Pages] | None = None

    def raster(self, index: int) -> Raster:
        """Decode the page at ``index`` of all files, from 0."""
        raster = self._at(index).raster(self._places[index][1])
        own = None if raster.own is None else replace(raster.own, number=index + 1)
        return replace(raster, number=index + 1, own=own)

    def own_text(self, index: int) -> PdfText | None:
        """The text that the page at ``index`` of all files, from 0, holds already."""
        return self._at(index).own_text(self._places[index][1])

    def _at(self, index: int) -> _Pages:
        """The file of the page at ``index`` of all files, open."""
        path, _ = self._places[index]
        if self._current is None or self._current[0] != path:
            self.close()
            self._current = path, _open_path(path, self._options)
        return self._current[1]

    def place(self, index: int) -> tuple[Path, int]:
        """The file of the page at ``index`` of all files, and its place in that."""
        return self._places[index]

    def close(self) -> None:
        """Close the file being read."""
        if self._current is not None:
            self._current[1].close()
            self._current = None
