"""Peaks of the maps of points: the cells surest of a box, and the boxes they speak of, each once.

What elsewhere takes a search for overlapping boxes (non-maximum suppression) is here a look at the cells around, and,
for large boxes, at a few dilations of the map: the time it takes hardly depends on how many boxes there are.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from geulnun.decode.point_maps import CHANNELS, CHAR, CHAR_QUAD, STRIDE, UNIT, WORD, Maps, lengthened
from geulnun.decode.shapes import Bools, Indices
from geulnun.geometry import Floats

#: Steps to the four cells that follow one, down and right; seen from these, it is one of the other four around.
_AHEAD = ((0, 1), (1, -1), (1, 0), (1, 1))
#: Boxes whose centres are nearer than this share of the shorter side of the smaller are the same.
_SAME = 0.4
#: A cell is near the middle of its box if it is nearer than this, in cells.
_CENTRED = 0.75
#: Opposite sides of a box differ by less than this share of the shorter ones.
_BENT = 0.7
#: Nothing that is narrower than this, in pixels, is a box.
NARROW = 1.0


class Peaks(NamedTuple):
    """Boxes at peaks: cells (k,), quads (k, 4, 2) from the page's upper left, probabilities (k,)."""

    cell: Indices
    quads: Floats
    scores: Floats


def peaks(maps: Maps, centre: int, corners: slice, threshold: float) -> Peaks:
    """Boxes in maps (22, h, w), each from the cell that is surer of it than all cells around that speak of it.

    Args:
        maps: as `geulnun.decode.point_maps` says.
        centre: channel of the logit of lying at a centre, `WORD` or `CHAR`.
        corners: channels of the corners that go with it.
        threshold: probability above which a cell may be a peak.
    """
    rows, columns = maps.shape[1:]
    flat = maps.reshape(CHANNELS, -1)
    cell = _candidates(maps, centre, np.log(threshold / (1 - threshold)))
    values = flat[corners, cell].T.astype(np.float64)
    away = lengthened(values) if centre == WORD else np.clip(values, -400, 400) * UNIT
    quads = away.reshape(-1, 4, 2) + middles(cell, columns)[:, None]
    sure, short = flat[centre, cell], np.minimum(*sides(quads))
    near = _SAME * short
    # Neither NaN nor infinity is above a limit and below another.
    good = (short > NARROW) & (short < np.inf) & (sure < np.inf) & _sound(quads, short)
    cell, quads, sure, near = cell[good], quads[good], sure[good], near[good]
    middle = centres(quads)
    place = np.full((rows + 2) * (columns + 2), -1, np.int64)
    at = (cell // columns + 1) * (columns + 2) + cell % columns + 1
    place[at] = np.arange(len(cell))
    top = np.ones(len(cell), bool)
    for down, right in _AHEAD:
        other = place[at + down * (columns + 2) + right]
        one = np.flatnonzero(other >= 0)
        other = other[one]
        away = np.abs(middle[other] - middle[one])
        same = np.maximum(away[:, 0], away[:, 1]) < np.minimum(near[one], near[other])
        worse = sure[one] < sure[other]
        top[one[same & worse]] = False
        top[other[same & ~worse]] = False
    found = Peaks(cell[top], quads[top], 1 / (1 + np.exp(-sure[top].astype(np.float64))))
    return kept(found, _foremost(found, near[top], rows, columns))


def sides(quads: Floats) -> tuple[Floats, Floats]:
    """Widths and heights (n,) of quads as parallelograms: far faster than `geometry.sizes`, which is exact for all."""
    down, up = quads[:, 2] - quads[:, 0], quads[:, 1] - quads[:, 3]
    along, across = down + up, down - up
    return np.hypot(along[:, 0], along[:, 1]) / 2, np.hypot(across[:, 0], across[:, 1]) / 2


def centres(quads: Floats) -> Floats:
    """The middles (n, 2) of quads; written out, as a mean over four of many is four times as slow."""
    return np.asarray((quads[:, 0] + quads[:, 1] + quads[:, 2] + quads[:, 3]) / 4)


def bounds(quads: Floats) -> Floats:
    """Boxes (n, 4) around quads, as x0, y0, x1, y1."""
    low = np.minimum(np.minimum(quads[:, 0], quads[:, 1]), np.minimum(quads[:, 2], quads[:, 3]))
    high = np.maximum(np.maximum(quads[:, 0], quads[:, 1]), np.maximum(quads[:, 2], quads[:, 3]))
    return np.concatenate([low, high], 1)


def _sound(quads: Floats, short: Floats) -> Bools:
    """Which quads (k,) are nearly parallelograms with their corners in order, as text is; noise draws others."""
    bend = np.abs(quads[:, 0] + quads[:, 2] - quads[:, 1] - quads[:, 3])
    (dx, dy), (ux, uy) = (quads[:, 2] - quads[:, 0]).T, (quads[:, 1] - quads[:, 3]).T
    return np.asarray((np.maximum(bend[:, 0], bend[:, 1]) / 2 < _BENT * short + STRIDE / 2) & (ux * dy > uy * dx))


def _candidates(maps: Maps, centre: int, least: float) -> Indices:
    """Cells (k,) that may be peaks: surer than ``least``, and no less sure than the eight around.

    Narrow characters may stand in cells side by side, so that of these only one is the highest: cells near the middle
    of the character they speak of may be peaks, too.
    """
    sure = maps[centre]
    top = sure >= cv2.dilate(sure, np.ones((3, 3), np.uint8))
    if centre == CHAR:
        x, y = (maps[CHAR_QUAD][axis::2].sum(0) for axis in (0, 1))
        slack = 4 * _CENTRED * STRIDE / UNIT
        top |= (np.abs(x) < slack) & (np.abs(y) < slack)
    return np.flatnonzero(top & (sure > least))


def _foremost(found: Peaks, near: Floats, rows: int, columns: int) -> Bools:
    """Which peaks (k,) are no weaker echo, a few cells away, of a peak whose box has its centre at the same place.

    Each writes its score where it sees its box's centre, and looks there for a better one, the larger the box the
    farther around; looking around is a dilation of the whole map, one for each class of sizes.
    """
    top = np.ones(len(found.cell), bool)
    middle = np.floor(centres(found.quads) / STRIDE).astype(np.int64)
    x, y = np.clip(middle, 0, (columns - 1, rows - 1)).T
    rank = np.empty(len(top), np.float32)
    rank[np.argsort(found.scores, kind="stable")] = np.arange(1, len(top) + 1)
    reach = near / STRIDE
    for low in (1, 2, 4, 8, 16, 32):
        group = (reach >= low) & ((reach < 2 * low) | (low == 32))
        if group.any():
            grid = np.zeros((rows, columns), np.float32)
            np.maximum.at(grid, (y[group], x[group]), rank[group])
            around = cv2.dilate(grid, np.ones((2 * low + 1, 2 * low + 1), np.uint8))
            top[group] = around[y[group], x[group]] == rank[group]
    return top


def kept(found: Peaks, keep: Bools) -> Peaks:
    """The peaks marked."""
    return Peaks(found.cell[keep], found.quads[keep], found.scores[keep])


def middles(cells: Indices, columns: int) -> Floats:
    """The middles (k, 2) of cells, in pixels."""
    return np.stack([cells % columns + 0.5, cells // columns + 0.5], 1) * STRIDE
