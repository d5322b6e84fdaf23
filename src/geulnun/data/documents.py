"""Files of one engine's output as documents: hOCR, ALTO and PAGE, as `geulnun.write.read_json` reads this project's."""

from __future__ import annotations

from collections.abc import Callable

from geulnun.data.readers.hocr import pages_of
from geulnun.data.readers.xml import alto_pages, page_pages
from geulnun.document import Document, Page
from geulnun.errors import DamagedInputError

#: A file's content and name to its pages, each with its image's name.
_Read = Callable[[bytes, str], list[tuple[str, Page]]]


def read_hocr(content: bytes, name: str = "hOCR") -> Document:
    """Read an hOCR file; ``name`` stands before messages.

    Raises:
        DamagedInputError: not UTF-8, or no hOCR.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedInputError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return _document(pages_of(text, name), name)


def read_alto(content: bytes, name: str = "ALTO") -> Document:
    """Read an ALTO file; ``name`` stands before messages.

    Raises:
        DamagedInputError: no XML (with line and column), no ALTO, or none in pixels.
    """
    return _document(_checked(alto_pages, content, name), name)


def read_page_xml(content: bytes, name: str = "PAGE") -> Document:
    """Read a PAGE file; ``name`` stands before messages.

    Raises:
        DamagedInputError: no XML (with line and column), or no PAGE.
    """
    return _document(_checked(page_pages, content, name), name)


def _checked(read: _Read, content: bytes, name: str) -> list[tuple[str, Page]]:
    """The pages, with what a wrong number in an attribute raises told as the file's damage."""
    try:
        return read(content, name)
    except ValueError as error:
        raise DamagedInputError(f"{name}: {error}; export it again") from error


def _document(pages: list[tuple[str, Page]], name: str) -> Document:
    return Document(tuple(page for _, page in pages), name)
