"""Page ranges as printers write them: ``1-3,7-`` is pages 1, 2, 3 and from 7 to the end."""

from __future__ import annotations

import re

from geulnun.errors import PageRangeError

#: First and last page, counted from 1, both included; ``None`` is the document's last page.
PageSpan = tuple[int, int | None]

_PART = re.compile(r"(?P<first>[0-9]{1,9})?\s*(?P<dash>-)?\s*(?P<last>[0-9]{1,9})?")


def parse_pages(text: str) -> tuple[PageSpan, ...]:
    """Parse a page range: parts joined by commas, each ``n``, ``n-m``, ``n-`` or ``-m``.

    Raises:
        PageRangeError: the text is malformed, counts from 0, or runs backwards.
    """
    spans: list[PageSpan] = []
    for part in text.split(","):
        match = _PART.fullmatch(part.strip())
        first, last = (match["first"], match["last"]) if match else (None, None)
        if match is None or not (first or last):
            raise PageRangeError(f"page range {text!r}: cannot read {part.strip()!r}; write it like 1-3,7-")
        start = int(first) if first else 1
        end = (int(last) if last else None) if match["dash"] else start
        if start < 1 or (end is not None and end < start):
            raise PageRangeError(f"page range {text!r}: {part.strip()!r} must count upwards from 1")
        spans.append((start, end))
    return tuple(spans)


def resolve_pages(text: str, count: int, name: str) -> tuple[int, ...]:
    """The page numbers that ``text`` names in a document of ``count`` pages, as given, repeats dropped.

    A span may run past the end (``1-5`` of three pages is all three), but each must name at least one page.

    Raises:
        PageRangeError: the range is malformed or a part of it names no page; ``name`` says of what.
    """
    numbers: dict[int, None] = {}
    for start, end in parse_pages(text):
        if start > count:
            pages = "page" if count == 1 else "pages"
            raise PageRangeError(f"{name}: page {start} asked for, but it has {count} {pages}; change the page range")
        numbers.update(dict.fromkeys(range(start, min(end or count, count) + 1)))
    return tuple(numbers)
