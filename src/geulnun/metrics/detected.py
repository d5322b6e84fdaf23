"""Detection F1 at several IoU thresholds at once, for pages of thousands of shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geulnun.metrics import polygons as poly
from geulnun.metrics.counts import Matches
from geulnun.metrics.polygons import Shapes
from geulnun.metrics.ranking import THRESHOLDS


@dataclass(frozen=True, slots=True)
class Detected:
    """Shapes found at each of several IoU thresholds; add two to pool them.

    Attributes:
        hits: pairs of a true and a found shape with at least the IoU of each threshold.
        found: shapes found.
        wanted: true shapes.
        thresholds: the IoU thresholds, as many as there are hits.
    """

    hits: tuple[int, ...] = (0,) * len(THRESHOLDS)
    found: int = 0
    wanted: int = 0
    thresholds: tuple[float, ...] = THRESHOLDS

    def at(self, threshold: float = 0.5) -> Matches:
        """Precision, recall and F1 at one of the thresholds.

        Raises:
            ValueError: the threshold is not among ``thresholds``.
        """
        if threshold not in self.thresholds:
            raise ValueError(f"an IoU threshold of {threshold}; expected one of {', '.join(map(str, self.thresholds))}")
        return Matches(self.hits[self.thresholds.index(threshold)], self.found, self.wanted)

    @property
    def mean_f1(self) -> float:
        """Mean over the thresholds of the F1 at each, 0..1: tells how tight boxes are, as COCO's mean AP does."""
        return float(np.mean([self.at(threshold).f1 for threshold in self.thresholds]))

    def __add__(self, other: Detected) -> Detected:
        if self.thresholds != other.thresholds:
            raise ValueError(f"thresholds {self.thresholds} and {other.thresholds}; expected the same")
        hits = tuple(a + b for a, b in zip(self.hits, other.hits, strict=True))
        return Detected(hits, self.found + other.found, self.wanted + other.wanted, self.thresholds)


def detected(wanted: Shapes, found: Shapes, thresholds: Sequence[float] = THRESHOLDS) -> Detected:
    """Pair shapes as `quads.pair` does, greedily by falling IoU, and count the pairs at each threshold.

    Pairs above a threshold are those that pairing down to the least one makes, so that one pairing does for all.

    Args:
        wanted: true shapes, n of them.
        found: found shapes, m of them; memory grows with the pairs that touch, not with n times m.
        thresholds: IoU thresholds, each above 0 and at most 1, one at least.

    Raises:
        ValueError: a threshold is out of range, there is none, or a shape is none.
    """
    if not thresholds or not all(0 < threshold <= 1 for threshold in thresholds):
        raise ValueError(f"IoU thresholds {tuple(thresholds)}; expected one at least, each above 0 and at most 1")
    a, b = poly.as_polygons(wanted), poly.as_polygons(found)
    rows, columns, overlap = _overlaps(a, b)
    order = np.argsort(-overlap, kind="stable")
    order = order[overlap[order] >= min(thresholds)]
    free_wanted, free_found = np.ones(len(a), bool), np.ones(len(b), bool)
    paired = []
    for at in order.tolist():
        i, j = rows[at], columns[at]
        if free_wanted[i] and free_found[j]:
            free_wanted[i] = free_found[j] = False
            paired.append(overlap[at])
    values = np.asarray(paired, np.float64)
    hits = tuple(int((values >= threshold).sum()) for threshold in thresholds)
    return Detected(hits, len(b), len(a), tuple(thresholds))


def _overlaps(
    a: NDArray[np.float64], b: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Indices (k,), (k,) and IoU (k,) of the pairs of polygons whose bounding boxes share an area, in row order."""
    rows, columns = poly.near(a, b)
    shared = poly.slab_areas([a[rows], b[columns]], lambda inside: inside[0] & inside[1])
    area_a, area_b = poly.areas(a)[rows], poly.areas(b)[columns]
    shared = np.minimum(shared, np.minimum(area_a, area_b))
    union = area_a + area_b - shared
    overlap = np.where(shared > 0, shared / np.where(union > 0, union, 1.0), 0.0)
    # Two shapes of IoU 1 must pair at a threshold of 1 in spite of rounding.
    return rows, columns, np.where(overlap > 1 - 1e-12, 1.0, overlap)
