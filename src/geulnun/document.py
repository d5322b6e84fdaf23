"""The document tree: the language in which all parts of the package speak to each other.

Coordinates are pixels of the page raster: origin top-left, x right, y down, floats. A quad is four
(x, y) points, clockwise from the start of the text (the top-left corner of upright text), so the
order of its points carries the rotation. Text is NFC. Every node is frozen: change one with
`dataclasses.replace`. Predictions, truth and synthetic pages are all a `Page`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
BlockKind = Literal["text", "title", "table", "list", "figure", "header", "footer"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same ink, with its probability in 0..1."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Char:
    """One user-perceived character (a whole syllable, never a lone part of one)."""

    text: str
    quad: Quad | None = None
    confidence: float = 1.0
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """An eojeol: characters with no space between them; ``space_after`` keeps text lossless."""

    chars: tuple[Char, ...]
    quad: Quad | None = None
    space_after: bool = True

    @property
    def text(self) -> str:
        """The word's characters, without the space that may follow."""
        return "".join(char.text for char in self.chars)

    @property
    def confidence(self) -> float:
        """The lowest confidence among the characters, 1.0 for an empty word."""
        return min((char.confidence for char in self.chars), default=1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one baseline (or in one column of vertical text)."""

    words: tuple[Word, ...]
    quad: Quad | None = None
    confidence: float = 1.0
    vertical: bool = False

    @property
    def text(self) -> str:
        """The line's text with its inner spaces; a space after the last word is not part of it."""
        return "".join(word.text + " " * word.space_after for word in self.words).removesuffix(" ")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, in reading order."""

    lines: tuple[Line, ...]
    quad: Quad | None = None
    kind: BlockKind = "text"

    @property
    def text(self) -> str:
        """The lines' texts joined by newlines."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Entity:
    """A named span: the half-open range ``start..end`` of the page's words."""

    kind: str
    start: int
    end: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """One page raster: its size in pixels, its blocks in reading order, and what is known of it.

    ``rotation`` is the clockwise turn in degrees (0, 90, 180, 270) that was applied to the input
    raster to make the text upright; ``width``, ``height`` and all quads are those of the raster as
    it came in, before that turn.
    """

    width: int
    height: int
    blocks: tuple[Block, ...] = ()
    number: int = 1
    rotation: int = 0
    dpi: float | None = None
    entities: tuple[Entity, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines of all blocks, in reading order."""
        return tuple(line for block in self.blocks for line in block.lines)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words of all lines, in reading order."""
        return tuple(word for line in self.lines for word in line.words)

    @property
    def text(self) -> str:
        """Blocks joined by one empty line, their lines by newlines."""
        return "\n\n".join(block.text for block in self.blocks if block.lines)


@dataclass(frozen=True, slots=True)
class Document:
    """The pages of one input, in order; ``source`` names the file or stream it came from."""

    pages: tuple[Page, ...] = ()
    source: str = ""
    metadata: tuple[tuple[str, str], ...] = field(default=())

    @property
    def text(self) -> str:
        """The pages' texts joined by form feeds, as pdftotext and Tesseract join them."""
        return "\f".join(page.text for page in self.pages)

    def __iter__(self) -> Iterator[Page]:
        return iter(self.pages)


def line_from_text(text: str, quad: Quad | None = None) -> Line:
    """Build a line from plain text, words cut at single spaces, without character boxes."""
    words = tuple(Word(tuple(Char(char) for char in word)) for word in text.split(" "))
    return Line(words, quad)
