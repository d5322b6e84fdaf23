"""Pages whose lines bend together, as beside the spine of an open book: by how much, and the page laid flat.

What is known of a page are its words. Where a page is flat, those of a line stand on a straight one; where all lines
rise and fall alike, a smooth field of shifts across the text explains it. The field is fitted to the ends of words by
robust least squares, with an unknown height for every line, so that the page need not be upright, and text of any
layout serves. What a straight line can follow anyhow, a page that leans or is seen aslant, is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode import spans
from geulnun.decode.lines import Lines
from geulnun.decode.shapes import Indices, Shapes
from geulnun.geometry import Floats

#: Highest power of the place along the text in which it bends.
_DEGREE = 7
#: Lines of fewer words, or shorter than this in heights, tell nothing; of fewer lines in all, nothing is told.
_WORDS, _LONG, _LINES = 3, 8.0, 4
#: A page bends if a tenth of the ends of words are farther from straight lines than this, in heights, and if the field
#: takes this share of what they stand off away, on average.
_BENT, _EXPLAINED = 0.12, 0.4
#: Where words stand off by more than this, in heights, they count for less; how much wild fields are held back.
_STRAY, _RIDGE = 0.2, 1e-3


@dataclass(frozen=True, eq=False)
class Bend:
    """The shift of points across the text, by where they stand.

    Attributes:
        down: whether text runs down the raster, and not along it.
        low: least place along and across the text (2,) at which words were seen, in pixels; before it, the page bends
            as there.
        high: the greatest, likewise.
        weights: (2, n) of Legendre polynomials of the place along the text from the second on, in pixels: of the mean,
            and of the change from the middle of the text to its last line.
    """

    down: bool
    low: Floats
    high: Floats
    weights: Floats

    @cached_property
    def margin(self) -> int:
        """Pixels the flat page has more than the bent one, before it and behind it, across the text."""
        along = np.linspace(self.low[0], self.high[0], 64)
        edges = [self._shift(along, np.full(64, at)) for at in (self.low[1], self.high[1])]
        return int(np.ceil(np.abs(edges).max()))

    def flat(self, points: Floats) -> Floats:
        """Where points (..., 2) of the bent page are on the flat one."""
        along, across = self._apart(points)
        at = across
        for _ in range(4):
            at = across - self._shift(along, at)
        return self._together(along, at + self.margin)

    def bent(self, points: Floats) -> Floats:
        """Where points (..., 2) of the flat page are on the bent one."""
        along, across = self._apart(points)
        at = across - self.margin
        return self._together(along, at + self._shift(along, at))

    def sources(self, height: int, width: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Of each pixel of the flat page, where it is in a bent raster of ``height`` x ``width``: x and y, (h, w)."""
        size = [width, height]
        size[0 if self.down else 1] += 2 * self.margin
        y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
        along, across = (y, x) if self.down else (x, y)
        at = across - self.margin
        moved = (at + self._shift(along, at)).astype(np.float32)
        return (moved, y) if self.down else (x, moved)

    def _apart(self, points: Floats) -> tuple[Floats, Floats]:
        x, y = np.asarray(points, np.float64)[..., 0], np.asarray(points, np.float64)[..., 1]
        return (y, x) if self.down else (x, y)

    def _together(self, along: Floats, across: Floats) -> Floats:
        return np.stack([across, along] if self.down else [along, across], -1)

    def _shift(self, along: Floats, across: Floats) -> Floats:
        u, v = _unit(along, self.low[0], self.high[0]), _unit(across, self.low[1], self.high[1])
        mean, change = (np.polynomial.legendre.legval(u, [0, 0, *row]) for row in self.weights)
        return np.asarray(mean + v * change)


def find(shapes: Shapes, lines: Lines) -> Bend | None:
    """How the lines of a page bend; None where they are straight, or too few to tell."""
    if not lines.words:
        return None
    words = spans.of_quads(shapes.words)
    along, across = geometry.sizes(lines.quads)
    counts = np.array([len(members) for members in lines.words])
    line_of = np.zeros(len(words.start), np.int64)
    line_of[np.concatenate(lines.words)] = np.repeat(np.arange(len(counts)), counts)
    told = (counts >= _WORDS) & (along >= _LONG * across)
    quarter = np.round(geometry.angles(lines.quads) / 90).astype(int) % 4
    votes = np.bincount(quarter[told], along[told], 4)
    told &= quarter == votes.argmax()
    if told.sum() < _LINES:
        return None
    down = bool(votes.argmax() % 2)
    kept = told[line_of]
    points = np.concatenate([words.start[kept], words.end[kept]])
    line = np.unique(np.concatenate([line_of[kept]] * 2), return_inverse=True)[1]
    high = float(np.median(words.high[kept]))
    u, v = (points[:, 1], points[:, 0]) if down else (points[:, 0], points[:, 1])
    low, top = np.array([u.min(), v.min()]), np.array([u.max(), v.max()])
    weights = _fitted(_unit(u, low[0], top[0]), v, line, _unit(v, low[1], top[1]), high)
    bend = Bend(down, low, top, weights)
    before, after = (np.abs(_off(u, at, line)) / high for at in (v, v - bend._shift(u, v)))
    if np.percentile(before, 90) < _BENT or after.clip(max=1).mean() > (1 - _EXPLAINED) * before.clip(max=1).mean():
        return None
    return bend


def _fitted(u: Floats, v: Floats, line: Indices, place: Floats, high: float) -> Floats:
    """Weights (2, n) of the field that explains best where points (k,) stand across the text.

    Args:
        u: places along the text, -1..1.
        v: places across it, in pixels.
        line: the line of each point, numbers without gaps.
        place: ``v``, -1..1.
        high: height of words, in pixels.
    """
    waves = np.polynomial.legendre.legvander(u, _DEGREE)[:, 1:]
    # The first of either, a lean and lines that lean more and more, is found but belongs to no bend.
    design = np.concatenate([waves, waves * place[:, None]], 1)
    known, design = _centred(v, line), np.stack([_centred(column, line) for column in design.T], 1)
    power = np.tile(np.arange(1, _DEGREE + 1), 2)
    ridge = np.diag(_RIDGE * len(v) * (power > 1) * power**2.0)
    trust, found = np.ones(len(v)), np.zeros(2 * _DEGREE)
    for _ in range(5):
        found = np.linalg.solve(design.T @ (design * trust[:, None]) + ridge, design.T @ (known * trust))
        off = np.abs(known - design @ found)
        trust = 1 / np.maximum(1, off / (_STRAY * high))
    return np.asarray(found.reshape(2, -1)[:, 1:])


def _centred(values: Floats, line: Indices) -> Floats:
    return np.asarray(values - (np.bincount(line, values) / np.bincount(line))[line])


def _off(u: Floats, v: Floats, line: Indices) -> Floats:
    """How far points (k,) are from the straight one through those of their line."""
    u, v = _centred(u, line), _centred(v, line)
    slope = np.bincount(line, u * v) / np.maximum(np.bincount(line, u * u), 1e-9)
    return np.asarray(v - slope[line] * u)


def _unit(values: Floats, low: float, high: float) -> Floats:
    """Places between two, as -1..1; those beyond as the nearer."""
    return np.clip((values - low) * 2 / max(high - low, 1e-9) - 1, -1, 1)
