"""What every writer is, and what it may ask of the file that was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun.document import Document, Page
from geulnun.errors import UsageError

Pixels = NDArray[np.uint8]


class Original(Protocol):
    """The file (or folder of files) that a document was read from, for writers that show its pages.

    `geulnun.read.PageStream` is one: ``with open_source(name) as pages: writer.encode(document, pages)``. Pages are
    named by `Page.number` and decoded when asked for, so that long documents are never in memory at once.
    """

    def rgb(self, number: int) -> Pixels:
        """The page as it was read: uint8 (h, w, 3), of the page's width and height."""
        ...

    def place(self, number: int) -> tuple[Path | bytes, int] | None:
        """The file that holds the page, as a path or as its content, and the page's place in it, from 0.

        ``None`` where it came from no file, but from an array.
        """
        ...


class Writer(Protocol):
    """One format: a document to a file's content."""

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content.

        Args:
            document: it is only read.
            original: what it was read from. Formats without pictures never ask for it.

        Raises:
            UsageError: the format needs ``original`` and it is missing or another file, or it holds one page and
                ``document`` has several.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """What is known of a format before anything is written.

    Attributes:
        build: makes its writer with its usual options; what it needs is imported then.
        suffix: how its files end, the dot included.
        media_type: as HTTP names it. Where two formats share one, the first in `geulnun.write.WRITERS` is meant.
        title: what people call it, a few words of English.
        picture: whether its writer makes use of the original: not at all, if there is one, or cannot do without.
        single: whether a file holds one page only, so that a document of several needs several files.
    """

    build: Callable[[], Writer]
    suffix: str
    media_type: str
    title: str
    picture: Literal["none", "optional", "needed"] = "none"
    single: bool = False


def maker_version() -> str:
    """This package's version, which formats name as what made the file; as `geulnun.__version__` has it."""
    try:
        return version("geulnun")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"


def only_page(document: Document, name: str) -> Page:
    """The page of a document that has one.

    Raises:
        UsageError: it has none or several; the message calls the format ``name``.
    """
    if len(document.pages) != 1:
        raise UsageError(f"{len(document.pages)} pages; a file of format {name} holds one: write each by itself")
    return document.pages[0]


def pixels_of(page: Page, original: Original | None, name: str) -> Pixels:
    """The page's raster, uint8 (h, w, 3) of the page's size.

    Raises:
        UsageError: there is no original, or its page has another size; the message calls the format ``name``.
    """
    if original is None:
        raise UsageError(f"format {name} shows the page; give the file that was read as well")
    rgb = original.rgb(page.number)
    height, width = rgb.shape[:2]
    if (width, height) != (page.width, page.height):
        raise UsageError(
            f"page {page.number} of the file given has {width} x {height} pixels; "
            f"expected {page.width} x {page.height}: give the file that was read, at the same dpi"
        )
    return rgb
