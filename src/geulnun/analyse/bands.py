"""Cutting a region of lines: into bands one below the other, into columns side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geulnun.analyse.frame import Frame
from geulnun.geometry import Floats

#: Lines overlap in height from this share of the lower one's height on.
_TOUCH = 0.1
#: Lines one above the other are of one band only if they overlap by more than this: else they are tight or bent.
_STACKED = 0.5
#: A line that overlaps another this many times more than its neighbour stands beside the first, not between the two.
_CLEARER = 2.0


def bands(frame: Frame, ids: Sequence[int]) -> list[list[int]]:
    """Cut a region into bands, from top to bottom: rows of cells, single lines, or what cannot be cut.

    Lines side by side that overlap in height hang together. A cell centred beside two lines of the next cell holds
    them in one band; a cell beside one line that leans over to the next, as on a bent or tilted page, does not.
    """
    index = np.asarray(ids, dtype=int)
    if len(index) < 2:
        return [index.tolist()] if len(index) else []
    shared = _overlap(frame.top[index], frame.bottom[index])
    above = _overlap(frame.left[index], frame.right[index]) > _TOUCH
    shared[(shared < _TOUCH) | (above & (shared <= _STACKED))] = 0
    np.fill_diagonal(shared, 0)
    np.fill_diagonal(above, True)
    links = shared > 0
    for a, b in np.argwhere(links):
        # The best that line a has among the lines stacked with b.
        if shared[a, above[b]].max() > _CLEARER * shared[a, b]:
            links[a, b] = links[b, a] = False
    parts = [index[part] for part in _components(links)]
    middles = (frame.top + frame.bottom) / 2
    return [part.tolist() for part in sorted(parts, key=lambda part: float(middles[part].mean()))]


def columns(frame: Frame, ids: Sequence[int], gap: float) -> list[list[int]]:
    """Cut a region wherever a vertical strip of width ``gap`` (pixels) meets no box; from left to right."""
    index = np.asarray(ids, dtype=int)
    order = index[np.argsort(frame.left[index], kind="stable")]
    reach = np.maximum.accumulate(frame.right[order])
    cuts = np.flatnonzero(frame.left[order][1:] - reach[:-1] > gap) + 1
    return [part.tolist() for part in np.split(order, cuts)]


def is_row(frame: Frame, band: Sequence[int]) -> bool:
    """Whether a band's lines stand side by side, on one baseline or nearly."""
    if len(band) == 1:
        return True
    index = np.asarray(band)
    heights = frame.heights(band)
    beside = len(columns(frame, band, -0.5 * float(np.median(heights)))) == len(band)
    # Neighbours are compared, not all with all: a long row may lean.
    order = index[np.argsort(frame.left[index], kind="stable")]
    # Cells of unequal size are set on one baseline, or centred on one axis.
    steps = np.minimum(
        np.abs(np.diff(frame.bottom[order])), np.abs(np.diff((frame.top[order] + frame.bottom[order]) / 2))
    )
    return beside and bool(steps.max() < 0.5 * heights.min())


def _overlap(start: Floats, end: Floats) -> Floats:
    """Shared length of intervals (n, n), as a share of the shorter one, at most 1."""
    shared = np.minimum(end[:, None], end) - np.maximum(start[:, None], start)
    length = np.maximum(end - start, 1e-6)
    return np.clip(shared / np.minimum(length[:, None], length), 0, 1)


def _components(links: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Connected components of a symmetric graph."""
    left = np.ones(len(links), dtype=bool)
    out: list[NDArray[np.intp]] = []
    while left.any():
        reached = np.zeros(len(links), dtype=bool)
        front = np.zeros(len(links), dtype=bool)
        front[int(np.argmax(left))] = True
        while front.any():
            reached |= front
            front = links[front].any(0) & ~reached
        out.append(np.flatnonzero(reached))
        left &= ~reached
    return out
