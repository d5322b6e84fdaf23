"""Where what was read stands on the page: a crop's characters in its quad, and a flat page's lines on the bent one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode.bend import Bend
from geulnun.document import Alternative, Block, Char, Line, Quad, Word

if TYPE_CHECKING:
    from geulnun.runtime.recogniser import LineReading


def line_at(reading: LineReading, quad: NDArray[np.float64], crop: NDArray[np.float64], vertical: bool = False) -> Line:
    """Build a line with a quad (4, 2) from the reading of what was cut out, another quad around it."""
    words: list[Word] = []
    chars: list[Char] = []
    for char, place in zip(reading.chars, _places(reading, quad, crop), strict=True):
        if char.text != " ":
            others = tuple(Alternative(text, _share(probability)) for text, probability in char.alternatives)
            chars.append(Char(char.text, place, _share(char.confidence), others))
        elif chars:
            words.append(_word(chars, vertical))
            chars = []
    if chars:
        words.append(_word(chars, vertical))
    return Line(tuple(words), geometry.to_tuple(_rounded(quad)), _share(reading.confidence), vertical)


def _word(chars: Sequence[Char], vertical: bool) -> Word:
    first, last = chars[0].quad, chars[-1].quad
    assert first is not None
    assert last is not None
    whole = (first[0], last[1], last[2], first[3])
    if vertical:
        # The quad of a column begins at its upper right and runs down; that of a character at its own upper left.
        chars = [replace(char, quad=(*char.quad[-1:], *char.quad[:-1])) for char in chars if char.quad is not None]
    return Word(tuple(chars), whole)


def _places(reading: LineReading, quad: NDArray[np.float64], crop: NDArray[np.float64]) -> list[Quad]:
    """The part of a line's quad that each character takes; extents are fractions of the crop's width.

    A crop is cut as if it were a rectangle seen aslant: what is halfway along it need not be halfway along its quad.
    """
    extents = np.asarray([(char.start, char.end) for char in reading.chars], dtype=np.float64).reshape(-1, 2)
    matrix = geometry.from_square(crop)
    if abs(np.linalg.det(matrix)) < 1e-6:
        # What has no area has no places in it.
        return geometry.to_tuples(_rounded(np.repeat(quad[None], len(extents), 0)))
    left_top, right_top, right_bottom, left_bottom = geometry.transform(quad, np.linalg.inv(matrix))
    top, bottom = (
        one[1] + (extents - one[0]) * (two[1] - one[1]) / max(two[0] - one[0], 1e-9)
        for one, two in ((left_top, right_top), (left_bottom, right_bottom))
    )
    start, end = extents.T
    corners = [(start, top[:, 0]), (end, top[:, 1]), (end, bottom[:, 1]), (start, bottom[:, 0])]
    return geometry.to_tuples(_rounded(geometry.transform(np.stack([np.stack(at, 1) for at in corners], 1), matrix)))


def _rounded(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    # Hundredths of a pixel are finer than any detector, and keep written files short without loss.
    return np.round(quads, 2)


def _share(probability: float) -> float:
    return round(min(1.0, max(0.0, float(probability))), 4)


def bent_back(block: Block, bend: Bend) -> Block:
    """A block of the flat page as it stands on the bent one: its lines' quads lie around their words."""
    lines = tuple(_bent_line(line, bend) for line in block.lines)
    return replace(block, lines=lines, quad=_around([line.quad for line in lines], block.quad, bend))


def _bent_line(line: Line, bend: Bend) -> Line:
    words = tuple(_bent_word(word, bend) for word in line.words)
    return replace(line, words=words, quad=_around([word.quad for word in words], line.quad, bend))


def _bent_word(word: Word, bend: Bend) -> Word:
    quads = iter(_moved([quad for quad in (word.quad, *(char.quad for char in word.chars)) if quad is not None], bend))
    whole = word.quad and next(quads)
    return replace(word, quad=whole, chars=tuple(replace(char, quad=char.quad and next(quads)) for char in word.chars))


def _moved(quads: Sequence[Quad], bend: Bend) -> list[Quad]:
    return geometry.to_tuples(_rounded(bend.bent(geometry.as_quads(quads))))


def _around(parts: Sequence[Quad | None], quad: Quad | None, bend: Bend) -> Quad | None:
    """The least rectangle around parts on the bent page that runs as their quad on the flat one does."""
    held = [part for part in parts if part is not None]
    if quad is None or not held:
        return quad
    one, two, three, four = np.asarray(_moved([quad], bend)[0])
    return geometry.to_tuple(_rounded(geometry.around(held, two + three - one - four)))
