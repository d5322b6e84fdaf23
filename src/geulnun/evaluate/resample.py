"""How sure a figure is: bootstrap intervals, and a permutation test of two runs.

Both resample whole documents. Lines of one page share its font, its paper and its scanner, so that errors come in
clusters; resampling lines or characters would call chance a finding. Everything here works on an array of sums per
document, and a measure is a function of the summed columns, so that a corpus is always the sum of its parts.

Intervals: the percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 13.3).
Test: a paired permutation test, also called approximate randomisation (Noreen, Computer-Intensive Methods for Testing
Hypotheses, 1989, chapter 2; recommended for such measures by Dror et al., The Hitchhiker's Guide to Testing
Statistical Significance in NLP, ACL 2018, section 3). Its null hypothesis is the question asked: if both runs were
equally good, it would not matter which of them gave which reading of a document. It needs no distribution, holds for
ratios of sums, and is exact on few documents, where a bootstrap test is too bold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun.errors import UsageError

Floats = NDArray[np.float64]
#: Takes summed columns (..., c), gives values (...); NaN where nothing was counted.
Combine = Callable[[Floats], Floats]

#: Up to so many documents that differ, every exchange of the two runs is tried: 2 ** 14 = 16,384.
EXACT = 14
#: Exchanges of single documents drawn for one test: of more than 20,000 documents fewer exchanges are drawn, but never
#: fewer than the second number. So many documents leave little to chance.
_DRAWN, _FEWEST = 200_000_000, 999
#: Weights or masks held in memory at once.
_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class ResampleOptions:
    """How often and with what seed.

    Attributes:
        rounds: draws of a bootstrap; 0 leaves intervals out.
        permutations: exchanges drawn for a test of more documents than `EXACT`.
        seed: the same seed gives the same intervals and p-values.
        confidence: share of the bootstrap distribution between an interval's ends, more than 0 and less than 1.
    """

    rounds: int = 1000
    permutations: int = 9999
    seed: int = 20
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.rounds < 0 or self.permutations < 1:
            raise UsageError(f"{self.rounds} rounds, {self.permutations} permutations; expected at least 0 and 1")
        if not 0 < self.confidence < 1:
            raise UsageError(f"a confidence of {self.confidence}; expected more than 0 and less than 1, such as 0.95")
        if self.seed < 0:
            raise UsageError(f"seed {self.seed}; expected 0 or more")


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends of a confidence interval, in the measure's unit."""

    low: float
    high: float


def ratio(sums: Floats) -> Floats:
    """Columns (part, whole) to part / whole."""
    return _divide(sums[..., 0], sums[..., 1])


def mean_ratio(sums: Floats) -> Floats:
    """Columns (part at each of several thresholds, whole) to the mean of the parts / whole."""
    return _divide(sums[..., :-1].mean(-1), sums[..., -1])


def harmonic(sums: Floats) -> Floats:
    """Columns (hits of precision, found, hits of recall, wanted) to the harmonic mean of the two ratios."""
    # CLEval takes penalties from hits, and never less than all of them.
    precision = np.maximum(0, _divide(sums[..., 0], sums[..., 1]))
    recall = np.maximum(0, _divide(sums[..., 2], sums[..., 3]))
    value = _divide(2 * precision * recall, precision + recall)
    # One side empty is as bad as nothing right; both empty is no figure at all.
    some = (sums[..., 1] > 0) | (sums[..., 3] > 0)
    return np.asarray(np.where(some, np.nan_to_num(value), np.nan))


def _divide(part: Floats, whole: Floats) -> Floats:
    out = np.full(np.broadcast_shapes(np.shape(part), np.shape(whole)), np.nan)
    np.divide(part, whole, out=out, where=np.asarray(whole) != 0)
    return out


class Bootstrap:
    """Draws of documents, the same for every measure and slice of a report, so that their figures belong together."""

    def __init__(self, documents: int, options: ResampleOptions) -> None:
        """Prepare for so many documents.

        Raises:
            UsageError: there is no document.
        """
        if documents < 1:
            raise UsageError("no document to resample; expected one at least")
        self.documents = documents
        self.options = options

    def weights(self) -> Iterator[Floats]:
        """Blocks (rounds of the block, documents) of how often each document was drawn; rows sum to ``documents``."""
        rng = np.random.default_rng(self.options.seed)
        left, most = self.options.rounds, max(1, _CELLS // self.documents)
        while left > 0:
            block = min(left, most)
            drawn = rng.integers(self.documents, size=(block, self.documents))
            # One count over all rows: each row's documents are numbered apart from those of the others.
            drawn += np.arange(block)[:, None] * self.documents
            counts = np.bincount(drawn.ravel(), minlength=block * self.documents)
            yield counts.reshape(block, self.documents).astype(np.float64)
            left -= block

    def sums(self, tables: list[tuple[NDArray[np.intp], Floats]]) -> list[Floats]:
        """Summed columns of each table in each round.

        Args:
            tables: for each, which documents its rows are (n,), each at most once, and its columns (n, c).

        Returns:
            One array (rounds, c) a table.
        """
        parts: list[list[Floats]] = [[] for _ in tables]
        for weights in self.weights():
            for found, (rows, columns) in zip(parts, tables, strict=True):
                whole = len(rows) == self.documents and bool((np.diff(rows) == 1).all())
                found.append((weights if whole else weights[:, rows]) @ columns)
        empty = [np.zeros((0, columns.shape[1])) for _, columns in tables]
        return [np.concatenate(found) if found else none for found, none in zip(parts, empty, strict=True)]

    def interval(self, values: Floats, documents: int) -> Interval | None:
        """The interval of a measure from its values (rounds,), None where a single document holds all there is.

        Rounds in which nothing of a slice was drawn are NaN and take no part.
        """
        kept = values[np.isfinite(values)]
        if documents < 2 or not len(kept):
            return None
        tail = (1 - self.options.confidence) / 2
        low, high = np.quantile(kept, (tail, 1 - tail))
        return Interval(float(low), float(high))


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two runs on the same documents.

    Attributes:
        difference: the second's value less the first's.
        p: probability of a difference at least so large, either way, if the runs were equally good; in 0..1.
        exact: whether all exchanges were tried, or some drawn.
        documents: how many differ, which are those that can decide.
    """

    difference: float
    p: float
    exact: bool
    documents: int


def permutation_test(
    first: ArrayLike, second: ArrayLike, combine: Combine, options: ResampleOptions | None = None
) -> PairedTest | None:
    """Test whether two runs differ by more than chance.

    Args:
        first: columns (documents, c) of one run.
        second: those of the other, on the same documents in the same order.
        combine: the measure.
        options: seed and number of exchanges where not all are tried.

    Returns:
        None where the measure has no value for one of the runs.

    Raises:
        ValueError: the arrays are of different shapes.
    """
    options = options or ResampleOptions()
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"columns of shapes {a.shape} and {b.shape}; expected two equal (documents, columns)")
    total_a, total_b = a.sum(0), b.sum(0)
    observed = float(combine(total_b) - combine(total_a))
    if not np.isfinite(observed):
        return None
    gap = (b - a)[(a != b).any(1)]
    exact = len(gap) <= EXACT
    reached = count = 0
    for mask in _all_masks(len(gap)) if exact else _drawn_masks(len(gap), options):
        moved = mask @ gap
        found = combine(total_b - moved) - combine(total_a + moved)
        # Equal splits differ in their last bits; a measure without a value for an exchange counts against a finding.
        reached += int((~(np.abs(found) < abs(observed) - 1e-9)).sum())
        count += len(mask)
    # Of drawn exchanges the one observed counts too, else p could be 0 (Phipson and Smyth 2010).
    p = reached / count if exact else (reached + 1) / (count + 1)
    return PairedTest(observed, p, exact, len(gap))


def _all_masks(size: int) -> Iterator[Floats]:
    numbers = np.arange(2**size)
    yield ((numbers[:, None] >> np.arange(size)) & 1).astype(np.float64)


def _drawn_masks(size: int, options: ResampleOptions) -> Iterator[Floats]:
    rng = np.random.default_rng((options.seed, 1))
    left, most = min(options.permutations, max(_FEWEST, _DRAWN // size)), max(1, _CELLS // size)
    while left > 0:
        block = min(left, most)
        yield rng.integers(0, 2, size=(block, size), dtype=np.int8).astype(np.float64)
        left -= block


def holm(values: list[float | None]) -> list[float | None]:
    """P-values of several tests, adjusted so that one false finding among all of them stays as rare as in one.

    Holm, A Simple Sequentially Rejective Multiple Test Procedure, 1979. None stays None and does not count.
    """
    order = sorted((value, place) for place, value in enumerate(values) if value is not None)
    out: list[float | None] = [None] * len(values)
    least = 0.0
    for rank, (value, place) in enumerate(order):
        least = max(least, min(1.0, value * (len(order) - rank)))
        out[place] = least
    return out
