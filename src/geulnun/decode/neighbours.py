"""Which points lie in which boxes, and what hangs together: for thousands at once, without a loop over them."""

from __future__ import annotations

import numpy as np

from geulnun.decode.shapes import Indices
from geulnun.geometry import Floats


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
    # Lines of text lie in bands: one of the two directions leaves far fewer pairs to look at.
    share = np.minimum(boxes[:, 2:] - boxes[:, :2], 1e9).mean(0) / np.maximum(np.ptp(points, 0), 1e-9)
    axis = int(share[1] <= share[0])
    order = np.argsort(points[:, axis], kind="stable")
    along = points[order, axis]
    low = np.searchsorted(along, boxes[:, axis], "left")
    high = np.searchsorted(along, boxes[:, axis + 2], "right")
    box, place = spread_out(low, np.maximum(high - low, 0))
    point = order[place]
    across = points[point, 1 - axis]
    inside = (across >= boxes[box, 1 - axis]) & (across <= boxes[box, 3 - axis])
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
