"""Tesseract's TSV: a row for each page, block, paragraph, line and word, with boxes and confidences.

Columns: level, page_num, block_num, par_num, line_num, word_num, left, top, width, height, conf, text. Levels: 1 page,
2 block, 3 paragraph, 4 line, 5 word. Confidences are 0 to 100, -1 where there is none. (tesseract(1), "TSV".)
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from geulnun.document import Block, Char, Document, Line, Page, Quad, Word, line_from_text
from geulnun.errors import DamagedInputError

_HEAD = "level\tpage_num"
_COLUMNS = 12


@dataclass
class _Line:
    """A line while its words come in."""

    quad: Quad
    block: str
    words: list[Word] = field(default_factory=list)


@dataclass
class _Page:
    width: int
    height: int
    lines: list[_Line] = field(default_factory=list)


def read_tsv(content: str, name: str, text: str | None = None) -> Document:
    """Read a TSV of one or more pages.

    Args:
        content: the file.
        name: what error messages and the document call it.
        text: Tesseract's text output of the same run. Its Korean models cut words anywhere, and only the text keeps
            the true spaces; where it has as many lines as the TSV, lines take their text from it, the boxes of words
            are dropped, and characters share the line's mean confidence.

    Raises:
        DamagedInputError: not a TSV of Tesseract; the message tells the line.
    """
    pages: list[_Page] = []
    rows = content.replace("\r\n", "\n").split("\n")
    if not rows[0].startswith(_HEAD):
        raise DamagedInputError(f"{name}:1: begins with {rows[0]!r:.40}; expected the columns level, page_num, ...")
    for number, row in enumerate(rows[1:], 2):
        if row:
            try:
                _take(row, pages)
            except (ValueError, IndexError) as error:
                raise DamagedInputError(f"{name}:{number}: not a row of Tesseract's TSV ({error})") from None
    lines = [[line for line in page.lines if line.words] for page in pages]
    texts = _texts(text, [len(found) for found in lines])
    made = []
    for at, (page, found) in enumerate(zip(pages, lines, strict=True)):
        written = texts[at] if texts else [None] * len(found)
        blocks: dict[str, list[Line]] = {}
        for line, spaced in zip(found, written, strict=True):
            blocks.setdefault(line.block, []).append(_line(line, spaced))
        made.append(Page(page.width, page.height, tuple(Block(tuple(block)) for block in blocks.values()), at + 1))
    return Document(tuple(made), name)


def _take(row: str, pages: list[_Page]) -> None:
    cells = row.split("\t", _COLUMNS - 1)
    level = cells[0]
    left, top, width, height = (int(cell) for cell in cells[6:10])
    quad: Quad = ((left, top), (left + width, top), (left + width, top + height), (left, top + height))
    if level == "1":
        pages.append(_Page(width, height))
    elif level == "4":
        pages[-1].lines.append(_Line(quad, cells[2]))
    elif level == "5" and len(cells) == _COLUMNS and cells[11].strip():
        sure = min(1.0, max(0.0, float(cells[10]) / 100))
        chars = tuple(Char(char, None, sure) for char in cells[11].strip())
        pages[-1].lines[-1].words.append(Word(chars, quad))
    elif level not in ("2", "3", "5"):
        raise ValueError(f"level {level!r:.20}; expected 1 to 5")


def _texts(text: str | None, counts: list[int]) -> list[list[str]] | None:
    """The lines of each page of the text output, None where they are not those of the TSV."""
    if text is None:
        return None
    pages = [[line.strip() for line in page.splitlines() if line.strip()] for page in text.split("\f")]
    pages = pages[: len(counts)] + [[]] * (len(counts) - len(pages))
    return pages if [len(page) for page in pages] == counts else None


def _line(line: _Line, spaced: str | None) -> Line:
    sure = sum(word.confidence for word in line.words) / len(line.words)
    if spaced is None:
        return Line(tuple(line.words), line.quad, sure)
    return replace(line_from_text(" ".join(spaced.split()), line.quad), confidence=sure)
