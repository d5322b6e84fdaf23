"""Words and characters out of region maps (`geulnun.decode.region_maps` says what stands in them).

After CRAFT (Baek et al. 2019, arXiv:1904.01941, section 3.3): what is above thresholds hangs together in words. Three
things are done otherwise. Characters come out of the very same pass: each hill of the region map is one, its cells
those from which the way up leads to its top (a watershed). A hill's breadth is told by its second moments, which are
finer than a cell, not by how many cells it has. And characters are bound where the affinity map is high between their
middles, so that a faint cell does not break a word, nor a stray one join two lines. All of it works on arrays; nothing
loops over boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geulnun.decode.neighbours import components, pairs_inside
from geulnun.decode.region_maps import BELL, CHANNELS, STRIDE, Maps, encode
from geulnun.decode.shapes import Bools, Indices, Shapes
from geulnun.geometry import Floats

__all__ = ["CHANNELS", "STRIDE", "Maps", "RegionOptions", "decode", "encode"]

_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
#: Two hills are one where the pass between them is higher than this share of the lower top.
_PASS = 0.8
#: Characters of a word are no farther apart, middle to middle, than this many times their size, of unlike ones the
#: geometric mean: a full stop is near its syllable, while a headline is not of one word with the small print below.
_FARTHEST = 2.2
#: Share of the link threshold that the affinity must reach a little beside the middle, too: where it does not, it is
#: the bond of two others, on a line between theirs.
_BESIDE = 0.6
#: Neighbours in a word whose gap is smaller than this share of their breadths touch.
_TOUCH = 1.4
#: Words lean as the page does, if they lean otherwise by less than this (radians), the shorter the more.
_LEAN = 0.1


@dataclass(frozen=True)
class RegionOptions:
    """What counts as found; heights of maps, 0..1.

    Attributes:
        text_threshold: a word has one character at least whose top is as high.
        low_text: cells of characters are higher than this; 0.4 in CRAFT, which grows words by guess afterwards.
        char_threshold: characters have a top as high.
        link_threshold: characters are of one word where the affinity between them is higher; more cuts words apart.
        least_height: words lower than this many pixels are dropped.
    """

    text_threshold: float = 0.6
    low_text: float = 0.25
    char_threshold: float = 0.4
    link_threshold: float = 0.4
    least_height: float = 2.0

    def __post_init__(self) -> None:
        for name in ("text_threshold", "low_text", "char_threshold", "link_threshold"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0 and less than 1")
        if not 0 < self.least_height <= 100:
            raise ValueError(f"least_height is {self.least_height}; expected more than 0 and at most 100")


DEFAULT = RegionOptions()


class _Hills(NamedTuple):
    """Characters in cells: middles (m, 2), squared spreads (m, 3) as xx, xy, yy, and heights of the tops (m,)."""

    middle: Floats
    spread: Floats
    top: Floats


def decode(maps: Maps, options: RegionOptions = DEFAULT) -> Shapes:
    """Find words and characters in maps (2, h, w).

    Which way up text stands cannot be seen from its middles: words read to the right, or down where they are nearer to
    upright.

    Returns:
        Words and their characters in reading order, in pixels of the page the maps were drawn for.
    """
    hills = _hills(np.nan_to_num(maps[0], nan=0.0, posinf=2.0, neginf=0.0), options)
    word_of = _words(hills, np.nan_to_num(maps[1], nan=0.0), options)
    if not len(word_of):
        return Shapes.empty()
    found = _boxes(hills, word_of, _axes(hills, word_of))
    best = np.zeros(len(found.words))
    np.maximum.at(best, found.word_of, found.char_scores)
    side = np.linalg.norm(found.words[:, 3] - found.words[:, 0], axis=1)
    return found.kept((best >= options.text_threshold) & (side >= options.least_height))


def _hills(region: Maps, options: RegionOptions) -> _Hills:
    """The hills of a map (h, w)."""
    columns = region.shape[1] + 2
    padded = np.pad(region, 1).reshape(-1)
    cell = np.flatnonzero(padded > options.low_text)
    value = padded[cell].astype(np.float64)
    place = np.full(len(padded), -1, np.int64)
    place[cell] = np.arange(len(cell))
    label = _uphill(padded, cell, place, columns)
    tops, label = np.unique(label, return_inverse=True)
    joined = _joined(value, value[tops], label, cell, place, columns)
    label = joined[label]
    n = int(joined.max(initial=-1)) + 1
    top = np.zeros(n)
    np.maximum.at(top, joined, value[tops])
    # Cells count by how far they stand out: those at the rim, which come and go with the grid, hardly do.
    weight = value - options.low_text
    total = np.maximum(np.bincount(label, weight, n), 1e-12)
    x, y = cell % columns - 0.5, cell // columns - 0.5
    middle = np.stack([np.bincount(label, weight * at, n) / total for at in (x, y)], 1).reshape(-1, 2)
    dx, dy = x - middle[label, 0], y - middle[label, 1]
    moments = [np.bincount(label, weight * product, n) / total for product in (dx * dx, dx * dy, dy * dy)]
    spread = np.stack(moments, 1) / _kept_share(top, options.low_text)[:, None]
    # What is narrower than a cell has no moments left.
    spread[:, [0, 2]] = np.maximum(spread[:, [0, 2]], 0.1)
    keep = top >= options.char_threshold
    return _Hills(middle[keep], spread[keep], top[keep])


def _uphill(padded: Maps, cell: Indices, place: Indices, columns: int) -> Indices:
    """The cell (k,) at the top of the hill on which each cell lies: steps to the highest neighbour, all at once."""
    best, way = padded[cell].copy(), np.arange(len(cell))
    for down, right in _AROUND:
        step = down * columns + right
        other = padded[cell + step]
        # Of equals the later in reading order, so that level ground leads somewhere and never in a circle.
        higher = (other > best) | ((other == best) & (step > 0))
        best = np.where(higher, other, best)
        way = np.where(higher, place[cell + step], way)
    while (way != (on := way[way])).any():
        way = on
    return way


def _joined(
    value: Floats, tops: Floats, label: Indices, cell: Indices, place: Indices, columns: int
) -> Indices:  # fmt: skip
    """New numbers of hills, where those with a high pass between them are one: noise on one top."""
    firsts, seconds = [], []
    for step in (1, columns - 1, columns, columns + 1):
        here = np.flatnonzero(place[cell + step] >= 0)
        there = place[cell[here] + step]
        one, two = label[here], label[there]
        high = (one != two) & (
            np.minimum(value[here], value[there]) > _PASS * np.minimum(tops[one], tops[two])
        )  # fmt: skip
        firsts.append(one[high])
        seconds.append(two[high])
    return components(len(tops), np.concatenate(firsts), np.concatenate(seconds))


def _kept_share(top: Floats, low: float) -> Floats:
    """What part of a bell's squared spread is left in moments over what stands out above ``low``, for tops (m,).

    Of a round bell of height p and spread 1, the part above ``low`` ends where r^2 = R^2 = 2 ln(p / low). With
    q = low / p, the mean of r^2 / 2, weighted by bell - q, is (2 - (R^2 + 2) q - q R^4 / 4) / (2 (1 - q - q R^2 / 2)).
    """
    q = np.clip(low / np.maximum(top, 1e-9), 1e-3, 0.97)
    square = -2 * np.log(q)
    return np.asarray((2 - (square + 2) * q - q * square**2 / 4) / (2 * (1 - q - q * square / 2)))


def _words(hills: _Hills, link: NDArray[np.floating], options: RegionOptions) -> Indices:
    """The word (m,) of each character."""
    size = np.sqrt((hills.spread[:, 0] + hills.spread[:, 2]) / 2) * 2 / BELL
    reach = _FARTHEST * size[:, None]
    first, second = pairs_inside(hills.middle, np.concatenate([hills.middle - reach, hills.middle + reach], 1))
    # A pair is looked at from its larger side.
    once = (size[first] > size[second]) | ((size[first] == size[second]) & (first < second))
    first, second = first[once], second[once]
    one, two = hills.middle[first], hills.middle[second]
    near = np.linalg.norm(two - one, axis=1) < _FARTHEST * np.sqrt(size[first] * size[second])
    first, second, one, two = first[near], second[near], one[near], two[near]
    bound = _sampled(link, (one + two) / 2) > options.link_threshold
    for share in (0.35, 0.65):
        bound &= _sampled(link, one * (1 - share) + two * share) > _BESIDE * options.link_threshold
    return components(len(size), first[bound], second[bound])


def _sampled(layer: NDArray[np.floating], points: Floats) -> Floats:
    """Values (k,) of a map at points (k, 2), between the middles of its cells (bilinear)."""
    rows, columns = layer.shape
    at = np.clip(points - 0.5, 0, (columns - 1, rows - 1))
    x, y = at.astype(np.int64).T
    right, below = np.minimum(x + 1, columns - 1), np.minimum(y + 1, rows - 1)
    fx, fy = (at - np.stack([x, y], 1)).T
    upper = layer[y, x] * (1 - fx) + layer[y, right] * fx
    return np.asarray(upper * (1 - fy) + (layer[below, x] * (1 - fx) + layer[below, right] * fx) * fy)


def _axes(hills: _Hills, word_of: Indices) -> Floats:
    """Directions (n,) in which words read, in radians clockwise from the x axis, in -45..135 degrees."""
    n = int(word_of.max()) + 1
    count = np.bincount(word_of, minlength=n)
    mean = np.stack([np.bincount(word_of, hills.middle[:, axis], n) / count for axis in (0, 1)], 1)
    dx, dy = (hills.middle - mean[word_of]).T
    c = np.bincount(word_of, dx * dx - dy * dy, n)
    s = np.bincount(word_of, 2 * dx * dy, n)
    length = np.hypot(c, s)
    share = np.where(count > 1, np.sqrt(length), 0.0) / np.maximum(length, 1e-12)
    angle = np.where(count > 1, np.arctan2(s, c) / 2, 0.0)
    page = np.arctan2((share * s).sum(), (share * c).sum()) / 2 if (count > 1).any() else 0.0
    # Half a turn leads to the same axis.
    off = (angle - page + np.pi / 2) % np.pi - np.pi / 2
    trust = np.where(np.abs(off) < _LEAN, np.clip((count - 1) / 6, 0, 1), 1.0)
    angle = np.where(count > 1, page + trust * off, page)
    return np.asarray((angle + np.pi / 4) % np.pi - np.pi / 4)


def _boxes(hills: _Hills, word_of: Indices, angle: Floats) -> Shapes:
    """Quads of words and characters: those of a word are as high as it, and neighbours that touch share a side."""
    n = len(angle)
    cos, sin = np.cos(angle)[word_of], np.sin(angle)[word_of]
    (x, y), (xx, xy, yy) = hills.middle.T, hills.spread.T
    u, v = x * cos + y * sin, y * cos - x * sin
    half = np.sqrt(np.maximum(xx * cos**2 + 2 * xy * cos * sin + yy * sin**2, 0.1)) / BELL
    tall = np.sqrt(np.maximum(xx * sin**2 - 2 * xy * cos * sin + yy * cos**2, 0.1)) / BELL
    order = np.lexsort((u, word_of))
    word_of, top = word_of[order], np.clip(hills.top[order], 0, 1)
    u, v, half, tall = (values[order] for values in (u, v, half, tall))
    low, high = _sides(u, half, word_of)
    count = np.maximum(np.bincount(word_of, minlength=n), 1)
    across, reach = np.bincount(word_of, v, n) / count, np.bincount(word_of, tall, n) / count
    start, end = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(start, word_of, low)
    np.maximum.at(end, word_of, high)
    return Shapes(
        _quads(start, end, across, reach, angle),
        _quads(low, high, across[word_of], reach[word_of], angle[word_of]),
        word_of,
        np.bincount(word_of, top, n) / count,
        top,
        np.ones(n, np.bool_),
    )


def _sides(u: Floats, half: Floats, word_of: Indices) -> tuple[Floats, Floats]:
    """Where characters (m,), in order, begin and end along their words."""
    low, high = u - half, u + half
    if len(u) < 2:
        return low, high
    gap, breadth = u[1:] - u[:-1], half[1:] + half[:-1]
    touch: Bools = (word_of[1:] == word_of[:-1]) & (gap < _TOUCH * breadth)
    side = u[:-1] + gap * half[:-1] / breadth
    # The outer side of a word's first or last character is as far from its middle as its inner one.
    inner_first, inner_last = np.r_[touch, False] & ~np.r_[False, touch], np.r_[False, touch] & ~np.r_[touch, False]
    low = np.where(inner_first, u - (half + np.r_[side, 0] - u) / 2, low)
    high = np.where(inner_last, u + (half + u - np.r_[0, side]) / 2, high)
    low[1:], high[:-1] = np.where(touch, side, low[1:]), np.where(touch, side, high[:-1])
    return low, high


def _quads(start: Floats, end: Floats, across: Floats, reach: Floats, angle: Floats) -> Floats:
    """Rectangles (k, 4, 2), in pixels, from extents along and across axes, in cells."""
    u = np.stack([start, end, end, start], 1)
    v = np.stack([across - reach, across - reach, across + reach, across + reach], 1)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.asarray(np.stack([u * cos - v * sin, u * sin + v * cos], 2) * STRIDE)
