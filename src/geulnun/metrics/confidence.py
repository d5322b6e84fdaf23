"""What confidences are worth: top-n accuracy, calibration, and what is gained by giving doubtful readings back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun.charset import normalise
from geulnun.geometry import Floats
from geulnun.metrics.counts import Accuracy

Ints = NDArray[np.int64]


def top_n(truths: Sequence[str], candidates: Sequence[Sequence[str]], n: int = 5) -> Accuracy:
    """How often the truth is among the first ``n`` candidates, both normalised.

    Args:
        truths: What stands there.
        candidates: For each of them its readings, best first; fewer than ``n`` or none are fine.
        n: How many candidates count, 1 and up.

    Raises:
        ValueError: the lists differ in length, or ``n`` is below 1.
    """
    if len(truths) != len(candidates):
        raise ValueError(f"{len(truths)} truths and {len(candidates)} lists of candidates; expected as many")
    if n < 1:
        raise ValueError(f"the first {n} candidates; expected 1 or more")
    right = sum(
        normalise(truth) in {normalise(one) for one in given[:n]}
        for truth, given in zip(truths, candidates, strict=True)
    )
    return Accuracy(right, len(truths))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Confidences beside the share of right readings, in bins of equal width; add two with as many bins to pool them.

    Source: Guo et al., "On Calibration of Modern Neural Networks", 2017, equations 2 and 3. Bin m of M holds the
    confidences above (m - 1) / M up to m / M; 0 lies in the first.

    Attributes:
        counts: Readings in each bin, (M,).
        confidences: Sums of their confidences, (M,).
        right: How many of them are right, (M,).
    """

    counts: Ints
    confidences: Floats
    right: Ints

    @property
    def ece(self) -> float:
        """Expected calibration error in 0..1: the bins' gaps, weighted by their readings; of nothing 0.0."""
        total = int(self.counts.sum())
        return float(np.abs(self.right - self.confidences).sum() / total) if total else 0.0

    @property
    def mce(self) -> float:
        """Largest gap of any bin, in 0..1."""
        return float(self.gaps.max(initial=0.0))

    @property
    def gaps(self) -> Floats:
        """For each bin (M,) how far mean confidence and accuracy lie apart, 0 where it is empty."""
        return np.asarray(np.abs(self.right - self.confidences) / np.maximum(self.counts, 1))

    def __add__(self, other: Calibration) -> Calibration:
        if len(self.counts) != len(other.counts):
            raise ValueError(f"{len(self.counts)} bins and {len(other.counts)}; expected as many")
        return Calibration(
            self.counts + other.counts, self.confidences + other.confidences, self.right + other.right
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class RejectCurve:
    """The error of what is kept when readings below a confidence are given back to a person.

    Sources: Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks", 2017 (risk and coverage), and
    "Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers", 2019 (area under the curve).

    Attributes:
        threshold: Confidences at which to cut, falling; readings of equal confidence are kept or given back together.
        coverage: Share of the readings that is kept, rising to 1.
        error: Errors over units of what is kept.
    """

    threshold: Floats
    coverage: Floats
    error: Floats

    @property
    def area(self) -> float:
        """Mean error over all coverages (AURC), 0.0 for no readings; the lower, the better confidences sort."""
        return float((np.diff(self.coverage, prepend=0.0) * self.error).sum())

    def error_at(self, coverage: float) -> float:
        """Error of the fewest readings that are at least this share of all, 0.0 for no readings."""
        at = int(np.searchsorted(self.coverage, coverage - 1e-12))
        return float(self.error[min(at, len(self.error) - 1)]) if len(self.error) else 0.0

    def coverage_at(self, error: float) -> float:
        """Largest share that can be kept with no more error than this, 0.0 where none can."""
        return float(self.coverage[self.error <= error].max(initial=0.0))


def _none() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Readings with their confidences and what was wrong with them; add two to join them.

    Attributes:
        confidences: (n,), in 0..1.
        errors: Errors of each, (n,): of a character 0 or 1, of a line its edits.
        units: What each counts in the error's denominator, (n,): 1 for a character, a line's length.

    Raises:
        ValueError: the arrays differ in length, a confidence lies outside 0..1, or a count is negative or not finite.
    """

    confidences: Floats = field(default_factory=_none)
    errors: Floats = field(default_factory=_none)
    units: Floats = field(default_factory=_none)

    def __post_init__(self) -> None:
        arrays = (self.confidences, self.errors, self.units)
        if any(array.ndim != 1 or len(array) != len(self.confidences) for array in arrays):
            raise ValueError("confidences, errors and units differ in length; expected one each for each reading")
        if not all(np.isfinite(array).all() and (array >= 0).all() for array in arrays):
            raise ValueError("confidences, errors or units hold negative numbers, NaN or infinity")
        if (self.confidences > 1).any():
            raise ValueError(f"a confidence of {self.confidences.max()}; expected 0..1")

    def calibration(self, bins: int = 15) -> Calibration:
        """Calibration over ``bins`` bins; a reading without errors is right.

        Raises:
            ValueError: ``bins`` is below 1.
        """
        if bins < 1:
            raise ValueError(f"{bins} bins; expected 1 or more")
        edges = np.arange(1, bins) / bins
        place = np.searchsorted(edges, self.confidences, side="left")
        right = np.bincount(place[self.errors == 0], minlength=bins)
        sums = np.asarray(np.bincount(place, self.confidences, minlength=bins), dtype=np.float64)
        return Calibration(np.bincount(place, minlength=bins).astype(np.int64), sums, right.astype(np.int64))

    def reject_curve(self) -> RejectCurve:
        """Error against coverage, from the surest readings to all of them."""
        order = np.argsort(-self.confidences, kind="stable")
        confidences = self.confidences[order]
        last = np.append(confidences[1:] < confidences[:-1], True)[: len(order)]
        errors, units = self.errors[order].cumsum(), self.units[order].cumsum()
        error = np.where(units > 0, errors / np.where(units > 0, units, 1.0), (errors > 0).astype(np.float64))
        coverage = np.arange(1, len(order) + 1) / max(len(order), 1)
        return RejectCurve(confidences[last], coverage[last], error[last])

    def __add__(self, other: Outcomes) -> Outcomes:
        pairs = zip(self._arrays(), other._arrays(), strict=True)
        return Outcomes(*(np.concatenate(pair) for pair in pairs))

    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return self.confidences, self.errors, self.units


def outcomes(confidences: ArrayLike, right: Sequence[bool] | NDArray[np.bool_]) -> Outcomes:
    """Outcomes of readings that are right or wrong as a whole, such as single characters."""
    given = np.asarray(confidences, dtype=np.float64)
    wrong = ~np.asarray(right, dtype=bool)
    return Outcomes(given, wrong.astype(np.float64), np.ones(len(given)))
