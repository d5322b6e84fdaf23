"""Text lines as eight maps at a quarter of the page's size, and the quads they stand for.

Channels, at each cell of `STRIDE` x `STRIDE` pixels:

====  =====================================================================================
0     logit of lying in a line's core: its middle half across, short of both ends
1     log2 of the line's height, in units of `UNIT` pixels
2     offset to the line's centre, across its axis, in line heights
3, 4  distance to the line's back and front end, in line heights, cut off at `REACH`
5, 6  cosine and sine of twice the axis' angle, x right and y down
7     logit that the text reads along the axis, not against it
====  =====================================================================================

The core keeps close lines and neighbouring cells apart (as the shrunk kernels of PSENet do, Wang et al. 2019,
section 3.1); the other maps say where the edges are, so that nothing has to be grown back by guess (as in EAST,
Zhou et al. 2017, section 3.3). The axis of a line points right, or down where the line is nearer to upright: it can
be seen without telling letters, so all geometry is given along it, and which way up the letters stand is a question
of its own, which the whole page answers by vote. `encode` draws the maps of known quads, `decode` finds the quads
of maps.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.geometry import Floats

Maps = NDArray[np.float32]

CHANNELS = 8
STRIDE = 4
UNIT = 16.0
REACH = 2.0
#: Half the core's height, in line heights.
_CORE = 0.25
#: How far the core stops short of a line's ends, in line heights.
_SHORT = 0.25
#: Lines lower than this many pixels are neither text nor background to learn from.
_LEAST = 5.0
#: Error of the cells' votes for a line's end, in line heights; the core's own is half a cell.
_SLIP = 0.25
#: Nothing narrower than this is text, in line heights.
_NARROW = 0.25
#: Lines whose cells scatter more than this around their centre line, in line heights, are cut at these probabilities.
_THICK, _FIRMER = 0.3, (0.75, 0.9, 0.97)
#: Parts of a line are at most this many line heights apart, and their cells beside the gap see no end within this many.
_GAP, _OPEN = 3.0, 1.4
#: Mean logit that level text must fall below to be read from right to left.
_DOUBT = 0.3


def encode(quads: Floats, height: int, width: int) -> tuple[Maps, Maps]:
    """Draw the maps of quads (n, 4, 2) for a page of ``height`` x ``width`` pixels, multiples of `STRIDE`.

    Returns:
        Maps (8, h, w) with channels 0 and 7 as 0 or 1, and the weight (h, w) each cell has in learning:
        less in long lines, more in short ones, 0 in lines too low to see.
    """
    rows, columns = height // STRIDE, width // STRIDE
    maps = np.zeros((CHANNELS, rows, columns), np.float32)
    weight = np.ones((rows, columns), np.float32)
    for quad in np.asarray(quads, np.float64):
        _draw(quad, maps, weight)
    return maps, weight


def _draw(quad: Floats, maps: Maps, weight: Maps) -> None:
    dx, dy = quad[1] + quad[2] - quad[0] - quad[3]
    # An axis in -45..135 degrees: right, or down.
    forward = dx + dy > 0 if abs(dx + dy) > 1e-9 else dx > 0
    if not forward:
        quad = np.roll(quad, 2, axis=0)
    start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    heights = np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1])
    length, high = float(np.linalg.norm(end - start)), float(sum(heights) / 2)
    if length < 1 or high < 1:
        return
    cos, sin = (end - start) / length
    low = np.maximum(np.floor(quad.min(0) / STRIDE).astype(int), 0)
    top = np.minimum(np.ceil(quad.max(0) / STRIDE).astype(int), maps.shape[:0:-1])
    if (low >= top).any():
        return
    window = (slice(low[1], top[1]), slice(low[0], top[0]))
    x = (np.arange(low[0], top[0]) + 0.5) * STRIDE - start[0]
    y = ((np.arange(low[1], top[1]) + 0.5) * STRIDE - start[1])[:, None]
    along, across = x * cos + y * sin, y * cos - x * sin
    if high < _LEAST:
        weight[window][(np.abs(across) < high) & (along > -high) & (along < length + high)] = 0
        return
    tall = heights[0] + (heights[1] - heights[0]) * np.clip(along / length, 0, 1)
    # Half a cell at least each way, so that a level line always holds a row of cells.
    short = min(_SHORT * min(high, length), max(length - 1.5 * STRIDE, 0) / 2)
    inside = np.abs(across) < np.maximum(_CORE * tall, 0.55 * STRIDE)
    inside &= (along > short) & (along < length - short)
    if not inside.any():
        inside.flat[int(np.argmin(across**2 + (along - length / 2) ** 2))] = True
    weight[window][inside] = np.clip(np.sqrt(60 / inside.sum()), 0.5, 3)
    drawn = (
        np.ones_like(along),
        np.log2(tall / UNIT),
        -across / tall,
        np.minimum(along / tall, REACH),
        np.minimum((length - along) / tall, REACH),
        np.full_like(along, cos * cos - sin * sin),
        np.full_like(along, 2 * cos * sin),
        np.full_like(along, forward),
    )
    for channel, values in enumerate(drawn):
        maps[channel][window][inside] = values[inside]


@dataclass(frozen=True, slots=True)
class Found:
    """Lines found in maps: quads (n, 4, 2) in pixels of the page the maps were drawn for, scores (n,) in 0..1."""

    quads: Floats
    scores: Floats


def decode(maps: Maps, threshold: float = 0.5, least_score: float = 0.65) -> Found:
    """Find the lines in maps (8, h, w).

    Args:
        maps: raw network output, channels 0 and 7 as logits.
        threshold: probability above which a cell belongs to a core.
        least_score: lines whose cells' mean probability is below this are dropped.

    Returns:
        Quads clockwise from the start of the text, ordered top to bottom by their component, and their scores.
    """
    core = maps[0] > _logit(threshold)
    cells = _connected(maps, core)
    for higher in _FIRMER:
        tangled = cells.tangled()
        if not tangled.any():
            break
        # What joins two lines is drawn fainter than they are.
        core[cells.y[tangled], cells.x[tangled]] = cells.logit[tangled] > _logit(higher)
        cells = _connected(maps, core)
    if not cells.n:
        return Found(np.zeros((0, 4, 2)), np.zeros(0))
    whole = cells.rejoined()
    if whole is not None:
        cells = _Cells(maps, cells.y, cells.x, whole)
    return cells.lines(least_score)


def _connected(maps: Maps, core: NDArray[np.bool_]) -> _Cells:
    """The core's connected components as lines; those that cross touch, yet differ in their axis."""
    upright = core & (maps[5] < 0)
    count, labels = cv2.connectedComponents((core & ~upright).astype(np.uint8), connectivity=8)
    _, others = cv2.connectedComponents(upright.astype(np.uint8), connectivity=8)
    y, x = np.nonzero(core)
    level = labels[y, x]
    return _Cells(maps, y, x, np.where(level > 0, level - 1, others[y, x] + count - 2))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


class _Cells:
    """The core cells of all lines as flat arrays, summed by line: no loop over lines or cells."""

    def __init__(self, maps: Maps, y: NDArray[np.intp], x: NDArray[np.intp], line: NDArray[np.intp]) -> None:
        self.y, self.x, self.line = y, x, line
        self.n = int(line.max()) + 1 if len(line) else 0
        values = maps[:, self.y, self.x].astype(np.float64)
        self.logit = values[0]
        self.weight = 1 / (1 + np.exp(-values[0]))
        self.total = self.sum(1.0)
        self.high = UNIT * np.exp2(np.clip(values[1], -3, 7))
        self.to_back, self.to_front = values[3], values[4]
        self.cos2, self.sin2 = values[5], values[6]
        self.forward = np.clip(values[7], -6, 6)
        self.c, self.s = self.axes()
        self._fit(values[2])
        if self.n:
            self._lean()
            self._fit(values[2])

    def _lean(self) -> None:
        """Let short lines lean as the long ones of the page do, unless they clearly lean otherwise."""
        angle = np.arctan2(self.s, self.c) + np.arctan(self.slope)
        low, top = self._extent()
        length = (top - low) / self.height
        for part in (self.s > np.sqrt(0.5), self.s <= np.sqrt(0.5)):
            if not (part & (length > 6)).any():
                continue
            page = np.average(angle[part], weights=np.clip(length[part] - 6, 1e-3, 20))
            other = angle[part] - page
            trust = np.where(np.abs(other) < np.radians(6), np.clip((length[part] - 2) / 8, 0, 1), 1.0)
            angle[part] = page + trust * other
        self.c, self.s = np.cos(angle), np.sin(angle)

    def _fit(self, offset: Floats) -> None:
        """Fit a centre line and a height to each line's cells; u runs along the axis, v across it."""
        x, y = (self.x + 0.5) * STRIDE, (self.y + 0.5) * STRIDE
        c, s = self.c[self.line], self.s[self.line]
        self.u, v = x * c + y * s, y * c - x * s + offset * self.high
        self.height = np.exp(self.mean(np.log(self.high)))
        self.middle, self.centre = self.mean(self.u), self.mean(v)
        du, dv = self.u - self.middle[self.line], v - self.centre[self.line]
        # Ridge regression towards the axis the network sees: short lines cannot tell their own slope.
        spread = self.sum(du * du) + 55 * self.height**2
        self.slope = self.sum(du * dv) / spread
        self.growth = self.sum(du * (self.high - self.height[self.line])) / (spread + 200 * self.height**2)
        self.scatter = np.sqrt(self.mean((dv - self.slope[self.line] * du) ** 2))

    def tangled(self) -> NDArray[np.bool_]:
        """Which cells belong to what is too thick to be one line: several, joined by a few cells."""
        return np.asarray((self.scatter > _THICK * self.height)[self.line])

    def sum(self, values: Floats | float) -> Floats:
        """Weighted sums (n,) by line."""
        return np.asarray(np.bincount(self.line, self.weight * values, self.n), np.float64)

    def mean(self, values: Floats | float) -> Floats:
        """Weighted means (n,) by line."""
        return self.sum(values) / self.total

    def axes(self) -> tuple[Floats, Floats]:
        """Unit axes (n,), (n,) of the lines, in -45..135 degrees; lines that do not know theirs take the page's."""
        c, s = self.sum(self.cos2), self.sum(self.sin2)
        page = np.arctan2(s.sum(), c.sum())
        known = np.hypot(c, s) > 0.4 * self.total
        angle = np.where(known, np.arctan2(s, c), page) / 2
        # Twice the angle in -180..180 is the axis in -90..90: what points up more than 45 degrees points down.
        angle = np.where(angle < -np.pi / 4, angle + np.pi, angle)
        return np.cos(angle), np.sin(angle)

    def backward(self, sin: Floats) -> NDArray[np.bool_]:
        """Which lines (n,) read against their axis.

        All lines along the same axis vote, as pages are turned whole; one says otherwise only if it is long and sure.
        """
        own = self.sum(self.forward)
        upright = sin > np.sqrt(0.5)
        # Level text on its head is rare: it takes more than a doubt. Upright text reads up as often as down.
        level = own[~upright].sum() + _DOUBT * self.total[~upright].sum()
        page = np.where(upright, own[upright].sum(), level)
        sure = (self.total > 40) & (np.abs(own) > 2.5 * self.total)
        return np.where(sure, own, page) < 0

    def rejoined(self) -> NDArray[np.intp] | None:
        """New numbers of lines for all cells, where parts of one line are one; None where there are no such parts.

        Wide spaces break a core. Its cells beside such a gap do not see an end, as those beside a column's do.
        """
        high = self.height
        low, top = self._extent()
        near = 0.6 * high[self.line]
        back = self._nearby(self.u < low[self.line] + near, self.to_back)
        front = self._nearby(self.u > top[self.line] - near, self.to_front)
        # The parts' ends in the frame of each first part: rows are first parts, columns those that may follow.
        x0, y0 = self._point(low)
        along = x0 * self.c[:, None] + y0 * self.s[:, None]
        across = y0 * self.c[:, None] - x0 * self.s[:, None]
        gap = (along - top[:, None]) / high[:, None]
        bend = (across - (self.centre + self.slope * (top - self.middle))[:, None]) / high[:, None]
        bend -= self.slope[:, None] * gap
        alike = np.abs(np.log(high[:, None] / high)) < np.log(1.5)
        aligned = self.c[:, None] * self.c + self.s[:, None] * self.s > 0.9
        follows = (gap > 0) & (gap < _GAP) & (np.abs(bend) < 0.35) & alike & aligned
        follows &= np.minimum(front[:, None], back) > _OPEN
        if not follows.any():
            return None
        group = np.arange(self.n)
        for first, second in np.argwhere(follows):
            group[group == group[second]] = group[first]
        return np.asarray(np.unique(group, return_inverse=True)[1][self.line], np.intp)

    def _nearby(self, near: NDArray[np.bool_], distance: Floats) -> Floats:
        """Mean distance (n,) that the cells marked in each line see to an end."""
        weight = np.where(near, self.weight, 0.0)
        seen = np.bincount(self.line, weight * np.minimum(distance, REACH), self.n)
        return np.asarray(seen / np.maximum(np.bincount(self.line, weight, self.n), 1e-9))

    def _extent(self) -> tuple[Floats, Floats]:
        """The least and greatest u (n,) of each line's cells."""
        low, top = np.full(self.n, np.inf), np.full(self.n, -np.inf)
        np.minimum.at(low, self.line, self.u)
        np.maximum.at(top, self.line, self.u)
        return low, top

    def _point(self, u: Floats) -> tuple[Floats, Floats]:
        """Points (n,), (n,) of the centre lines at ``u`` along their axes."""
        v = self.centre + self.slope * (u - self.middle)
        return u * self.c - v * self.s, u * self.s + v * self.c

    def lines(self, least_score: float) -> Found:
        """Turn the fits into quads."""
        high, slope = self.height, self.slope
        back, front = (end - self.middle for end in self._ends())
        first, last = (np.clip(high + self.growth * at, 0.5 * high, 2 * high) / 2 for at in (back, front))
        corners = [
            (back, slope * back - first),
            (front, slope * front - last),
            (front, slope * front + last),
            (back, slope * back + first),
        ]
        quads = np.empty((self.n, 4, 2))
        for at, (du, dv) in enumerate(corners):
            along, across = self.middle + du, self.centre + dv
            quads[:, at, 0], quads[:, at, 1] = along * self.c - across * self.s, along * self.s + across * self.c
        turned = self.backward(self.s)
        quads[turned] = np.roll(quads[turned], 2, axis=1)
        scores = np.bincount(self.line, self.weight**2, self.n) / self.total
        length = (front - back) / high
        kept = (scores >= least_score) & (length > _NARROW) & np.isfinite(quads).all((1, 2))
        kept &= ~self._crosswise() | ((scores > 0.85) & (length > 4))
        return Found(quads[kept], scores[kept])

    def _crosswise(self) -> NDArray[np.bool_]:
        """Which lines run across nearly all others: columns of single digits look like upright lines, too."""
        upright = self.s > np.sqrt(0.5)
        share = self.total[upright].sum() / self.total.sum()
        return np.asarray((upright & (share < 0.25)) | (~upright & (share > 0.75)))

    def _ends(self) -> tuple[Floats, Floats]:
        """Where each line begins and ends along its axis, two arrays (n,).

        The core stops a known bit short of both ends, which is sharper than what single cells say of the distance;
        they refine it.
        """
        u, high = self.u, self.height
        low, top = self._extent()
        # In lines shorter than they are high the core is half as long as the line.
        short = np.minimum(_SHORT * high, (top - low + STRIDE) / 2) + STRIDE / 4
        back = -self._refined(-u, -low, short, self.to_back, high)
        return back, self._refined(u, top, short, self.to_front, high)

    def _refined(self, u: Floats, outermost: Floats, short: Floats, distance: Floats, high: Floats) -> Floats:
        """The end beyond the ``outermost`` cells, a little moved by the votes of cells near it that see an end."""
        near = (u > outermost[self.line] - 1.2 * high[self.line]) & (distance < 0.8 * REACH)
        weight = np.where(near, self.weight, 0.0)
        votes = np.bincount(self.line, weight, self.n)
        sums = np.bincount(self.line, weight * (u + np.maximum(distance, 0) * self.high), self.n)
        end = outermost + short
        voted = np.clip(sums / np.maximum(votes, 1e-9), outermost, end + _SHORT * high)
        trust = np.where(votes > 0.3, STRIDE / 2 / (STRIDE / 2 + _SLIP * high), 0.0)
        return np.asarray((1 - trust) * end + trust * voted)
