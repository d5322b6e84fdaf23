"""What a document from outside must hold to before anything is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from geulnun.document import Document, Page, Quad
from geulnun.errors import DamagedInputError, TooLargeError

#: Sides of a page, and how far from its middle anything may stand, in pixels.
_LONGEST_SIDE, _FARTHEST = 100_000, 1_000_000.0
_MOST_PAGES, _MOST_CHARACTERS = 10_000, 5_000_000
#: Characters that one `Char` or name may hold: the longest of emoji and stacked marks have fewer.
_LONGEST_CHAR, _LONGEST_NAME = 64, 4096


def check(document: Document) -> None:
    """Refuse a document with values that no reader makes.

    Raises:
        DamagedInputError: a size, place, confidence or text is out of range; the message names the page.
        TooLargeError: there are too many pages or characters.
    """
    if len(document.pages) > _MOST_PAGES:
        raise TooLargeError(f"document: {len(document.pages)} pages; expected {_MOST_PAGES} or fewer")
    if sum(len(word.chars) for page in document.pages for word in page.words) > _MOST_CHARACTERS:
        raise TooLargeError(f"document: more than {_MOST_CHARACTERS:,} characters; send its pages one by one")
    if len(document.source) > _LONGEST_NAME or sum(len(a) + len(b) for a, b in document.metadata) > _LONGEST_NAME:
        raise DamagedInputError(f"document: its source or metadata is longer than {_LONGEST_NAME} characters")
    for page in document.pages:
        _check_page(page)


def _check_page(page: Page) -> None:
    if not (1 <= page.width <= _LONGEST_SIDE and 1 <= page.height <= _LONGEST_SIDE):
        raise _wrong(page, f"{page.width} x {page.height} pixels", f"1 to {_LONGEST_SIDE} each")
    if not 1 <= page.number <= _MOST_PAGES * 100:
        raise _wrong(page, f"number {page.number}", "1 or more")
    if page.rotation not in (0, 90, 180, 270):
        raise _wrong(page, f"rotation {page.rotation}", "0, 90, 180 or 270")
    if page.dpi is not None and not 1 <= page.dpi <= 100_000:
        raise _wrong(page, f"{page.dpi} dpi", "1 to 100000, or none")
    for share in _shares(page):
        if not 0 <= share <= 1:
            raise _wrong(page, f"a confidence or probability of {share}", "0 to 1")
    for quad in _quads(page):
        if any(not isfinite(value) or abs(value) > _FARTHEST for point in quad for value in point):
            raise _wrong(page, "a quad far from the page", f"coordinates within {_FARTHEST:g}")
    for word in page.words:
        if any(len(char.text) > _LONGEST_CHAR for char in word.chars):
            raise _wrong(page, "a character of many", "one user-perceived character in each")
    words = len(page.words)
    for entity in page.entities:
        if not 0 <= entity.start <= entity.end <= words:
            raise _wrong(page, f"an entity of words {entity.start} to {entity.end}", f"0 to {words}")


def _wrong(page: Page, found: str, expected: str) -> DamagedInputError:
    return DamagedInputError(f"document, page {page.number}: {found}; expected {expected}")


def _shares(page: Page) -> Iterator[float]:
    yield from (entity.confidence for entity in page.entities)
    for line in page.lines:
        yield line.confidence
        for word in line.words:
            for char in word.chars:
                yield char.confidence
                yield from (other.probability for other in char.alternatives)


def _quads(page: Page) -> Iterator[Quad]:
    for block in page.blocks:
        yield from (quad for quad in (block.quad, *(line.quad for line in block.lines)) if quad is not None)
    for word in page.words:
        yield from (quad for quad in (word.quad, *(char.quad for char in word.chars)) if quad is not None)
