"""Which points lie in which boxes, and what hangs together: for thousands at once, without a loop over them."""

from __future__ import annotations

import numpy as np

from geulnun.decode.shapes import Indices
from geulnun.geometry import Floats

#: Bands that points are sorted into, at most.
_BANDS = 4096


def spread_out(starts: Indices, counts: Indices) -> tuple[Indices, Indices]:
    """For runs that begin at ``starts`` (n,) and are ``counts`` (n,) long: whose each entry is, and the entry."""
    whose = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return whose, np.arange(len(whose)) - first[whose] + starts[whose]


def pairs_inside(points: Floats, boxes: Floats) -> tuple[Indices, Indices]:
    """All pairs of a box and a point in it.

    Args:
        points: (n, 2).
        boxes: (m, 4) of x0, y0, x1, y1; edges belong to them.

    Returns:
        Indices of boxes and of points, (k,) each, ordered by box.
    """
    if not len(points) or not len(boxes):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # Points are sorted by bands as high as most boxes are, and in these from left to right, so that what a box holds
    # are a few runs of neighbours.
    origin, (wide, tall) = points.min(0), np.ptp(points, 0)
    high = max(float(np.median(boxes[:, 3] - boxes[:, 1])), tall / _BANDS, 1e-9)
    seen = points - origin
    x0, x1 = (np.clip(boxes[:, side] - origin[0], -0.5, wide + 0.5) for side in (0, 2))
    first, last = (np.clip(np.floor((boxes[:, side] - origin[1]) / high), 0, tall // high) for side in (1, 3))
    key = np.floor(seen[:, 1] / high) * (wide + 2) + seen[:, 0]
    order = np.argsort(key, kind="stable")
    key = key[order]
    box, band = spread_out(first.astype(np.int64), np.maximum(last - first + 1, 0).astype(np.int64))
    start = band * (wide + 2)
    # A little more, lest rounding loses what lies on an edge.
    low = np.searchsorted(key, start + x0[box] - 1e-6, "left")
    run, place = spread_out(low, np.maximum(np.searchsorted(key, start + x1[box] + 1e-6, "right") - low, 0))
    box, point = box[run], order[place]
    inside = (points[point] >= boxes[box, :2]) & (points[point] <= boxes[box, 2:])
    inside = inside[:, 0] & inside[:, 1]
    return box[inside], point[inside]


def components(count: int, first: Indices, second: Indices) -> Indices:
    """Numbers (count,), from 0 without gaps, alike for what edges ``first``-``second`` join, in order of appearance."""
    label = np.arange(count)
    while True:
        before = label.copy()
        # Roots hook onto the lower root beside them, then all point at their root: a few rounds join any chain.
        low = np.minimum(label[first], label[second])
        np.minimum.at(label, label[first], low)
        np.minimum.at(label, label[second], low)
        while (label != (up := label[label])).any():
            label = up
        if (label == before).all():
            return np.asarray(np.unique(label, return_inverse=True)[1], np.int64)


def best_of(owner: Indices, cost: Floats) -> Indices:
    """Positions of the least ``cost`` (k,) for every ``owner`` (k,) there is, in order of owner."""
    order = np.lexsort((cost, owner))
    if not len(order):
        return order
    first = np.r_[True, owner[order[1:]] != owner[order[:-1]]]
    return order[first]
