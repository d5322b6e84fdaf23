"""Plain text that keeps the page's layout: columns, indents and gaps stand where they stood."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from statistics import median, median_low

from geulnun.document import Document, Line, Page, Quad
from geulnun.write.base import Original
from geulnun.write.characters import cells, one_line, utf8
from geulnun.write.places import quad_of, size_of, slant

#: Empty lines kept for a gap between rows, at most: a page of few lines is not mostly empty rows.
_EMPTY = 4
#: Gaps between the words of one line wider than so many cells are kept, narrower ones are its one space.
_GAP = 4
#: A row of the file is at most so many cells wide; a page of minute print is set closer.
_WIDEST = 400


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words that follow one another, with their place on the page turned upright: left, middle and height."""

    text: str
    x: float
    y: float
    height: float


class LayoutWriter:
    """UTF-8 text laid out as the page is, for a font of fixed width in which Hangul takes two cells.

    Lines level with each other share a row, each begins in the column where it stood; form feeds part pages. Lines
    without a place, and columns of vertical text, follow in reading order.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content; empty for a document without text."""
        text = "\f".join(_page(page) for page in document.pages)
        return utf8(text + "\n") if text else b""


def _page(page: Page) -> str:
    level: list[tuple[Line, Quad]] = []
    others: list[str] = []
    for line in page.lines:
        quad = quad_of(line)
        if quad is None or line.vertical or abs(_beside(quad, page)) > 45 or size_of(quad)[1] <= 0:
            others.append(one_line(line.text))
        else:
            level.append((line, quad))
    # A page photographed askew is set straight, as most of its lines lean.
    turn = page.rotation - median([_beside(quad, page) for _, quad in level] or [0.0])
    pieces = [piece for line, quad in level for piece in _pieces(line, quad, turn)]
    laid = _rows(pieces)
    return "\n".join(laid + ([""] if laid and others else []) + others)


def _beside(quad: Quad, page: Page) -> float:
    """The angle in degrees that is left to a line once its page is turned upright, within -180..180."""
    return (slant(quad) + page.rotation + 180) % 360 - 180


def _pieces(line: Line, quad: Quad, rotation: float) -> list[_Piece]:
    """The line, cut where a space parts words that stand far apart."""
    length, height = size_of(quad)
    cell = length / max(cells(line.text), 1)
    places = [None if word.quad is None else _upright(word.quad, rotation) for word in line.words]
    x, y = _upright(quad, rotation)[:2]
    out: list[_Piece] = []
    text, end = "", None
    for word, place in zip(line.words, places, strict=True):
        if text.endswith(" ") and end is not None and place is not None and place[0] - end > _GAP * cell:
            out.append(_Piece(text.rstrip(" "), x, y, height))
            text, x = "", place[0]
        text += one_line(word.text) + " " * word.space_after
        end = place[2] if place is not None else None
    return [*out, _Piece(text.removesuffix(" "), x, y, height)]


def _upright(quad: Quad, rotation: float) -> tuple[float, float, float]:
    """Left, middle height and right of a quad after the page's turn; only differences between quads mean anything."""
    turn = radians(rotation)
    points = [(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)) for x, y in quad]
    left = (points[0][0] + points[3][0]) / 2
    right = (points[1][0] + points[2][0]) / 2
    return left, sum(y for _, y in points) / 4, right


def _rows(pieces: list[_Piece]) -> list[str]:
    """Rows of text, the pieces at their columns."""
    if not pieces:
        return []
    height = median(piece.height for piece in pieces)
    left = min(piece.x for piece in pieces)
    # A cell is half as wide as text is high, which Hangul of most fonts is; the widest row keeps to the limit.
    cell = max(height / 2, max(piece.x - left for piece in pieces) / _WIDEST)
    levels = _levels(pieces)
    middles = [sum(piece.y for piece in level) / len(level) for level in levels]
    pitch = median_low([b - a for a, b in pairwise(middles)] or [height])
    out: list[str] = []
    for at, level in enumerate(levels):
        gap = middles[at] - middles[at - 1] if at else 0.0
        out += [""] * min(max(round(gap / max(pitch, height)) - 1, 0), _EMPTY)
        out.append(_row(level, left, cell))
    return out


def _levels(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces level with each other, from the top, each level from the left."""
    levels: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.y):
        first = levels[-1][0] if levels else None
        if first is not None and piece.y - first.y < 0.5 * min(piece.height, first.height):
            levels[-1].append(piece)
        else:
            levels.append([piece])
    return [sorted(level, key=lambda piece: piece.x) for level in levels]


def _row(level: list[_Piece], left: float, cell: float) -> str:
    text = ""
    for piece in level:
        column, used = round((piece.x - left) / cell), cells(text)
        # Two spaces at least, so that neighbours are told from words of one line.
        text += " " * max(column - used, 2 if text else 0) + piece.text
    return text
