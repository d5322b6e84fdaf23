"""Detection beyond one threshold: average precision, GIoU, splits and merges, shapes nobody has to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun.geometry import Floats
from geulnun.metrics import polygons as poly
from geulnun.metrics.counts import Mean
from geulnun.metrics.polygons import Bools, Shapes

#: The IoU thresholds of COCO's mean AP, 0.50:0.05:0.95.
THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
_RECALLS = np.linspace(0.0, 1.0, 101)


def _no_hits() -> Bools:
    return np.zeros((len(THRESHOLDS), 0), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Found shapes with their scores, and whether each hit a true one at each threshold; add two to pool them.

    Attributes:
        wanted: Number of true shapes.
        scores: Confidences of the found ones, (m,).
        hits: For each threshold whether the found one hit, (t, m).
        thresholds: The IoU thresholds, t of them.
    """

    wanted: int = 0
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    hits: Bools = field(default_factory=_no_hits)
    thresholds: tuple[float, ...] = THRESHOLDS

    def ap(self, threshold: float = 0.5) -> float:
        """Average precision at one of the thresholds, in 0..1: the mean over 101 recalls (Lin et al., COCO, 2014).

        Precision at a recall is the best at that recall or beyond; shapes are taken by falling score, equal ones in
        their order. Of nothing wanted and nothing found 1.0, with one side empty 0.0.

        Raises:
            ValueError: the threshold is not among ``thresholds``.
        """
        if threshold not in self.thresholds:
            raise ValueError(f"an IoU threshold of {threshold}; expected one of {', '.join(map(str, self.thresholds))}")
        if not self.wanted or not len(self.scores):
            return float(not self.wanted and not len(self.scores))
        hits = self.hits[self.thresholds.index(threshold)][np.argsort(-self.scores, kind="stable")].cumsum()
        precision = hits / np.arange(1, len(hits) + 1)
        best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
        # A recall of k / n must reach the k-th n-th in spite of rounding.
        return float(best[np.searchsorted(hits / self.wanted, _RECALLS - 1e-12)].mean())

    @property
    def mean_ap(self) -> float:
        """Mean of the average precisions at all thresholds."""
        return float(np.mean([self.ap(threshold) for threshold in self.thresholds]))

    def __add__(self, other: Ranking) -> Ranking:
        if self.thresholds != other.thresholds:
            raise ValueError(f"thresholds {self.thresholds} and {other.thresholds}; expected the same")
        return Ranking(
            self.wanted + other.wanted,
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.hits, other.hits], 1),
            self.thresholds,
        )


def ranked_detection(
    wanted: Shapes, found: Shapes, scores: ArrayLike, thresholds: Sequence[float] = THRESHOLDS
) -> Ranking:
    """Match found shapes to true ones as COCO does: by falling score, each to the free true one of most IoU.

    Args:
        wanted: True shapes, n of them.
        found: Found shapes, m of them; any number takes part.
        scores: Confidences of the found ones, (m,).
        thresholds: IoU thresholds, each above 0 and at most 1.

    Raises:
        ValueError: scores are not as many as found shapes or not finite, or a threshold is out of range.
    """
    overlap = poly.iou(wanted, found)
    given = np.asarray(scores, dtype=np.float64)
    if given.shape != (overlap.shape[1],) or not np.isfinite(given).all():
        raise ValueError(f"scores of shape {given.shape} for {overlap.shape[1]} shapes; expected a finite one each")
    if not all(0 < threshold <= 1 for threshold in thresholds):
        raise ValueError(f"IoU thresholds {tuple(thresholds)}; expected more than 0 and at most 1")
    hits = np.zeros((len(thresholds), len(given)), dtype=bool)
    order = np.argsort(-given, kind="stable").tolist()
    for row, threshold in zip(hits, thresholds, strict=True):
        free = overlap.copy()
        for column in order if len(overlap) else ():
            best = int(free[:, column].argmax())
            if free[best, column] >= threshold - 1e-12:
                row[column] = True
                free[best] = 0.0
    return Ranking(len(overlap), given, hits, tuple(thresholds))


def best_giou(wanted: Shapes, found: Shapes) -> Mean:
    """Mean over true shapes of the GIoU with the found one that suits it most, -1 each where nothing was found."""
    values = poly.giou(wanted, found)
    return Mean(float(values.max(1).sum()) if values.size else -float(len(values)), len(values))


@dataclass(frozen=True, slots=True)
class Granularity:
    """How shapes were cut; add two to pool them.

    Attributes:
        splits: True shapes in which two or more found ones lie.
        merges: Found shapes in which two or more true ones lie.
        missed: True shapes that lie in no found one and in which none lies.
        spurious: Found shapes likewise.
        wanted: True shapes.
        found: Found shapes.
    """

    splits: int = 0
    merges: int = 0
    missed: int = 0
    spurious: int = 0
    wanted: int = 0
    found: int = 0

    def __add__(self, other: Granularity) -> Granularity:
        return Granularity(
            self.splits + other.splits,
            self.merges + other.merges,
            self.missed + other.missed,
            self.spurious + other.spurious,
            self.wanted + other.wanted,
            self.found + other.found,
        )


def granularity(wanted: Shapes, found: Shapes, cover: float = 0.5) -> Granularity:
    """Count splits and merges, after the one-to-many and many-to-one cases of Wolf and Jolion 2006, section 3.

    One shape lies in another if at least ``cover`` of its area does.

    Raises:
        ValueError: ``cover`` is not in 0..1 (0 excluded), or a shape is none.
    """
    if not 0 < cover <= 1:
        raise ValueError(f"a cover of {cover}; expected more than 0 and at most 1")
    a, b = poly.as_polygons(wanted), poly.as_polygons(found)
    shared = poly.shared_areas(a, b)
    in_found, in_wanted = _lies(shared, poly.areas(a)[:, None], cover), _lies(shared, poly.areas(b), cover)
    touched = in_found | in_wanted
    return Granularity(
        int((in_wanted.sum(1) >= 2).sum()),
        int((in_found.sum(0) >= 2).sum()),
        int((~touched.any(1)).sum()),
        int((~touched.any(0)).sum()),
        len(a),
        len(b),
    )


def _lies(shared: Floats, whole: Floats, cover: float) -> Bools:
    return np.asarray((shared >= cover * whole - 1e-9 * whole) & (shared > 0))


def without_ignored(
    wanted: Shapes, ignored: Sequence[bool] | NDArray[np.bool_], found: Shapes, cover: float = 0.5
) -> tuple[Bools, Bools]:
    """Which true (n,) and found (m,) shapes take part where some of the truth is marked as not to be found.

    Ignored true shapes are left out, and found ones of whose area more than ``cover`` lies in one of these (the rule of
    ICDAR 2015's incidental scene text, Karatzas et al. 2015).

    Raises:
        ValueError: marks are not as many as true shapes.
    """
    a, b = poly.as_polygons(wanted), poly.as_polygons(found)
    marks = np.asarray(ignored, dtype=bool).reshape(-1)
    if len(marks) != len(a):
        raise ValueError(f"{len(marks)} marks for {len(a)} true shapes; expected one each")
    inside = poly.shared_areas(a[marks], b) > cover * poly.areas(b)
    return ~marks, np.asarray(~inside.any(0))
