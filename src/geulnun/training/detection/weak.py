"""Weak supervision: boxes of characters for truth that has words, or lines, with their texts only.

CRAFT (Baek et al. 2019, arXiv:1904.01941, section 3.2.2) cuts words with the very network that it trains and trusts a
cut as far as the number of characters agrees. Here a recogniser that can read already says where each character of a
word stands, and a cut is trusted as far as it read what is written.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Quad, Word
from geulnun.geometry import Floats
from geulnun.image import ops
from geulnun.metrics.alignment import NOTHING, align_plain
from geulnun.runtime.recogniser import LineReading, Recogniser

#: Below this confidence the reading says nothing, and the characters get even shares, of this confidence (as there).
DOUBT = 0.5
#: A box of several characters that is so many times higher than wide holds them one below the other.
_TALL = 1.5


class Cut(NamedTuple):
    """Borders (k + 1,) of k characters as rising fractions of their quad, and how far they are to be trusted, 0..1."""

    borders: Floats
    confidence: float


class _Unit(NamedTuple):
    """What is read at once: a word, or a line whose words have no quads: its place in the page, quad and words."""

    block: int
    line: int
    word: int | None
    quad: Quad
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """One sign for each character, and those of the spaces between words."""
        return "".join(char.text[:1] or " " for char in _characters(self.words))


def guessed(page: Page, pixels: NDArray[np.uint8], recogniser: Recogniser) -> Page:
    """The page with boxes for characters that have none, where their word or line has one.

    Lines of confidence 0 stay as they are. A guessed character's confidence is that of its box; words of a line that
    only has a quad itself get theirs with their characters'.

    Args:
        page: truth with texts.
        pixels: its image, grey or RGB uint8.
        recogniser: reads the words.
    """
    units = [
        unit
        for b, block in enumerate(page.blocks)
        for at, line in enumerate(block.lines)
        if line.confidence > 0
        for unit in _units(b, at, line)
    ]
    read = [at for at, unit in enumerate(units) if not _down(unit, page)]
    readings = recogniser.read([ops.crop_quad(pixels, units[at].quad) for at in read])
    cuts = [even(unit.text) for unit in units]
    for at, reading in zip(read, readings, strict=True):
        cuts[at] = cut(units[at].text, reading)
    blocks = [[list(line.words) for line in block.lines] for block in page.blocks]
    for unit, found in zip(units, cuts, strict=True):
        words = _boxed(unit, found, page)
        place = blocks[unit.block][unit.line]
        if unit.word is None:
            place[:] = words
        else:
            place[unit.word] = words[0]
    return replace(page, blocks=tuple(_with(block, words) for block, words in zip(page.blocks, blocks, strict=True)))


def _with(block: Block, words: Sequence[Sequence[Word]]) -> Block:
    lines = (replace(line, words=tuple(found)) for line, found in zip(block.lines, words, strict=True))
    return replace(block, lines=tuple(lines))


def _units(block: int, at: int, line: Line) -> list[_Unit]:
    """What of a line has a quad and no boxes of characters."""
    bare = [not any(char.quad for char in word.chars) and bool(word.chars) for word in line.words]
    if line.quad is not None and line.words and all(bare) and not any(word.quad for word in line.words):
        return [_Unit(block, at, None, line.quad, line.words)]
    return [
        _Unit(block, at, number, word.quad, (word,))
        for number, word in enumerate(line.words)
        if bare[number] and word.quad is not None
    ]


def _down(unit: _Unit, page: Page) -> bool:
    """Whether the characters stand one below the other, as the recogniser does not read them."""
    if page.blocks[unit.block].lines[unit.line].vertical:
        return True
    return _tall(unit)


def _tall(unit: _Unit) -> bool:
    wide, high = (float(size[0]) for size in geometry.sizes(unit.quad))
    return len(unit.text) > 1 and high > _TALL * wide


def cut(text: str, reading: LineReading) -> Cut:
    """Where the characters of ``text`` stand, by a reading of its crop.

    Characters are aligned with those read, right or wrong. Between them others share the room by their usual widths.

    Args:
        text: a sign for each character, spaces among them.
        reading: what the recogniser read there.
    """
    usual, n = _shares(text), len(text)
    knots: dict[float, float] = {0.0: 0.0, 1.0: 1.0}
    errors, i, j, last = 0, 0, 0, (-2, -2)
    for wanted, found in align_plain(text, "".join(char.text[:1] for char in reading.chars)):
        errors += wanted != found
        if wanted != NOTHING and found != NOTHING:
            char = reading.chars[j]
            knots[float(usual[i] + usual[i + 1]) / 2] = (char.start + char.end) / 2
            if last == (i - 1, j - 1):
                knots[float(usual[i])] = char.start
            last = i, j
        i += wanted != NOTHING
        j += found != NOTHING
    confidence = (n - min(n, errors)) / max(n, 1)
    if confidence < DOUBT:
        return even(text)
    places = sorted(knots)
    borders = np.interp(usual, places, np.maximum.accumulate([knots[place] for place in places]))
    return Cut(borders, confidence)


def even(text: str) -> Cut:
    """Shares by the usual widths alone."""
    return Cut(_shares(text), DOUBT)


def _shares(text: str) -> Floats:
    """Borders (n + 1,) of characters by their usual widths: letters, digits and signs are half as wide as Hangul."""
    widths = [1.0 if unicodedata.east_asian_width(char) in "WF" else 0.5 for char in text]
    ends = np.cumsum([0.0, *widths])
    return np.asarray(ends / max(float(ends[-1]), 1e-9), np.float64)


def _characters(words: Sequence[Word]) -> list[Char]:
    """The characters of words in order, with one for each space between them."""
    out: list[Char] = []
    for number, word in enumerate(words):
        out += word.chars
        if word.space_after and number + 1 < len(words):
            out.append(Char(" "))
    return out


def _boxed(unit: _Unit, found: Cut, page: Page) -> list[Word]:
    """The words of a unit with quads of their characters, and of their own where they had none."""
    vertical = page.blocks[unit.block].lines[unit.line].vertical
    quad = np.asarray(unit.quad, np.float64)
    if not vertical and _tall(unit):
        # Down its right side: as a column of upright characters is written.
        quad, vertical = np.roll(quad, -1, axis=0), True
    out, at = [], 0
    for word in unit.words:
        borders = found.borders[at : at + len(word.chars) + 1]
        at += len(word.chars) + word.space_after
        pieces = [_piece(quad, first, end) for first, end in itertools.pairwise(borders)]
        boxes = geometry.to_tuples([np.roll(piece, 1, axis=0) for piece in pieces] if vertical else pieces)
        chars = tuple(
            replace(char, quad=box, confidence=found.confidence) for char, box in zip(word.chars, boxes, strict=True)
        )
        own = word.quad or (geometry.to_tuple(_piece(quad, borders[0], borders[-1])) if pieces else None)
        out.append(replace(word, chars=chars, quad=own))
    return out


def _piece(quad: Floats, first: float, end: float) -> Floats:
    """The part of a quad (4, 2) between two fractions of the way along it."""
    top, bottom = quad[1] - quad[0], quad[2] - quad[3]
    return np.stack([quad[0] + first * top, quad[0] + end * top, quad[3] + end * bottom, quad[3] + first * bottom])
