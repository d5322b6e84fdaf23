"""Tables of words: Tesseract's TSV, and CSV with all that the tree knows of a word."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from geulnun.document import Document, Line, Page, Quad, Word
from geulnun.write.base import Original
from geulnun.write.characters import one_line, utf8
from geulnun.write.places import around, number, pixel_box, quad_of, share, upright

#: The columns of ``tesseract … tsv``, and the levels it numbers: page, block, paragraph, line, word.
COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text".split()

_CSV_COLUMNS = (
    *"page block kind line vertical word text space_after confidence".split(),
    *(f"{axis}{corner}" for corner in (1, 2, 3, 4) for axis in "xy"),
)


class TsvWriter:
    """What ``tesseract … tsv`` writes: a row for each page, block, paragraph, line and word, whole pixels.

    The format has no place for spaces, so its readers put one between any two words of a line: words that none parts
    share a row. What has no quad takes the box of what it is part of. Confidences are percentages, -1 but for words.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        rows = ["\t".join(COLUMNS)]
        for page in document.pages:
            rows += ["\t".join(map(str, row)) for row in _tsv_rows(page)]
        return utf8("\n".join(rows) + "\n")


def _tsv_rows(page: Page) -> Iterator[Sequence[object]]:
    whole = upright(0, 0, page.width, page.height)
    yield 1, page.number, 0, 0, 0, 0, *_place(whole, page), -1, ""
    for b, block in enumerate(page.blocks, 1):
        area = quad_of(block) or whole
        yield 2, page.number, b, 0, 0, 0, *_place(area, page), -1, ""
        yield 3, page.number, b, 1, 0, 0, *_place(area, page), -1, ""
        for n, line in enumerate(block.lines, 1):
            strip = quad_of(line) or area
            yield 4, page.number, b, 1, n, 0, *_place(strip, page), -1, ""
            for w, words in enumerate(spaced(line), 1):
                quads = [quad for quad in map(quad_of, words) if quad is not None]
                sure = number(100 * share(min(word.confidence for word in words)))
                text = one_line("".join(word.text for word in words))
                yield 5, page.number, b, 1, n, w, *_place(around(quads) or strip, page), sure, text


def spaced(line: Line) -> list[list[Word]]:
    """The words of a line between spaces: most are one word, those that no space parts stand together."""
    out: list[list[Word]] = []
    for at, word in enumerate(line.words):
        if at and not line.words[at - 1].space_after:
            out[-1].append(word)
        else:
            out.append([word])
    return out


def _place(quad: Quad, page: Page) -> tuple[int, int, int, int]:
    """Left, top, width, height in whole pixels."""
    left, top, right, bottom = pixel_box(quad, page)
    return left, top, right - left, bottom - top


class CsvWriter:
    """A row for each word: its page, block, line, text, whether a space follows, confidence, and its quad's corners.

    RFC 4180, UTF-8 with a byte order mark, by which spreadsheets know it is UTF-8: without one, Korean ones take it
    for CP949. Cells are as read; a spreadsheet may take one that begins with ``=`` for a formula.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        stream = io.StringIO()
        table = csv.writer(stream)
        table.writerow(_CSV_COLUMNS)
        for page in document.pages:
            table.writerows(_csv_rows(page))
        return b"\xef\xbb\xbf" + utf8(stream.getvalue())


def _csv_rows(page: Page) -> Iterator[Sequence[object]]:
    for b, block in enumerate(page.blocks, 1):
        for n, line in enumerate(block.lines, 1):
            for w, word in enumerate(line.words, 1):
                quad = quad_of(word)
                corners = [""] * 8 if quad is None else [number(value) for point in quad for value in point]
                head = (page.number, b, block.kind, n, int(line.vertical), w)
                yield *head, word.text, int(word.space_after), share(word.confidence), *corners
