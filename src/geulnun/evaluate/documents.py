"""Files that hold a text or a whole page tree, ours or another engine's, as documents."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from geulnun.data import read_alto, read_hocr, read_page_xml
from geulnun.data.readers.labels import HEAD, csv_rows
from geulnun.document import Block, Char, Document, Line, Page, Word, line_from_text
from geulnun.errors import DamagedInputError, MissingInputError
from geulnun.evaluate.tsv import read_tsv
from geulnun.write.json import read_json

#: Suffixes of files that hold a document, the most telling first: where an engine wrote several, that one is read.
SUFFIXES = (".json", ".xml", ".hocr", ".html", ".tsv", ".txt")
LABELS = "labels.csv"


def read_document(path: Path) -> Document:
    """Read one file by its suffix: JSON of ours, ALTO, PAGE, hOCR, Tesseract's TSV, or plain UTF-8 text.

    A ``.tsv`` takes the spaces of the ``.txt`` beside it, where there is one: Tesseract's TSV does not keep them.

    Raises:
        MissingInputError: the file cannot be opened.
        DamagedInputError: it is not what its suffix says; the message names the file and the place.
    """
    content = read_bytes(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        return read_json(content, str(path))
    if suffix == ".txt":
        return text_document(decoded(content, path), str(path))
    if suffix == ".tsv":
        beside = path.with_suffix(".txt")
        text = decoded(read_bytes(beside), beside) if beside.is_file() else None
        return read_tsv(decoded(content, path), str(path), text)
    if suffix == ".xml":
        return (read_page_xml if b"PcGts" in content[:4096] else read_alto)(content, str(path))
    if suffix in SUFFIXES:
        return read_hocr(content, str(path))
    raise DamagedInputError(f"{path}: not a kind of file that holds a reading; expected {', '.join(SUFFIXES)}")


def text_document(text: str, name: str) -> Document:
    """Plain text as `geulnun.write.TextWriter` and Tesseract lay it out: form feeds part pages, tabs lines of a row."""
    # Tesseract ends each page with a form feed, others part pages with it.
    pages = text.removesuffix("\n").removesuffix("\f").split("\f")
    return Document(tuple(_text_page(page, number) for number, page in enumerate(pages, 1)), name)


def _text_page(text: str, number: int) -> Page:
    blocks: list[list[Line]] = [[]]
    for row in text.replace("\r\n", "\n").split("\n"):
        lines = [line_from_text(part.strip()) for part in row.split("\t") if part.strip()]
        if not lines:
            blocks.append([])
        blocks[-1] += lines
    return Page(0, 0, tuple(Block(tuple(lines)) for lines in blocks if lines), number)


def read_labels(path: Path) -> list[tuple[str, str]]:
    """The image files and texts of a ``labels.csv`` with the columns filename and words.

    Raises:
        MissingInputError: the file cannot be opened.
        DamagedInputError: not such a list; the message tells the line.
    """
    text = decoded(read_bytes(path), path)
    if not HEAD.match(text.replace("\r\n", "\n", 1)):
        raise DamagedInputError(f"{path}:1: begins with {text.split(chr(10))[0]!r:.60}; expected filename,words")
    return [(name.replace("\\", "/"), words) for name, words in csv_rows(text, str(path))]


def label_page(text: str) -> Page:
    """The page of an image whose text alone is known; without lines for an empty text."""
    lines = tuple(line_from_text(line) for line in text.split("\n") if line.strip())
    return Page(0, 0, (Block(lines),) if lines else ())


def without_char_quads(page: Page) -> Page:
    """The page without what no measure asks for: places and alternatives of characters, nine tenths of its memory."""
    return replace(page, blocks=tuple(_slim_block(block) for block in page.blocks))


def _slim_block(block: Block) -> Block:
    lines = []
    for line in block.lines:
        words = tuple(
            Word(tuple(_char(char.text, char.confidence) for char in word.chars), word.quad, word.space_after)
            for word in line.words
        )
        lines.append(Line(words, line.quad, line.confidence, line.vertical))
    return Block(tuple(lines), block.quad, block.kind)


@lru_cache(maxsize=1 << 16)
def _char(text: str, confidence: float) -> Char:
    return Char(text, None, confidence)


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        MissingInputError: it cannot be opened.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def decoded(content: bytes, path: Path) -> str:
    """UTF-8 text, with or without a byte order mark.

    Raises:
        DamagedInputError: another encoding; the message tells the byte.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedInputError(
            f"{path}: not UTF-8 at byte {error.start} ({error.reason}); convert it, e.g. iconv -f cp949"
        ) from error
