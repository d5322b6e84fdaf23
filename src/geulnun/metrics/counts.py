"""What every metric returns: plain sums, so that a corpus is the sum of its parts and not the mean of their ratios."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Edits over the length of the truth; add two to pool them.

    Attributes:
        errors: Least number of insertions, deletions and substitutions.
        length: Units (characters or eojeols) in the truth.
    """

    errors: int = 0
    length: int = 0

    @property
    def value(self) -> float:
        """errors / length, 0 upwards, above 1 where much was added; of an empty truth 0.0, or 1.0 for any reading."""
        if self.length:
            return self.errors / self.length
        return float(self.errors > 0)

    def __add__(self, other: ErrorRate) -> ErrorRate:
        return ErrorRate(self.errors + other.errors, self.length + other.length)


@dataclass(frozen=True, slots=True)
class Matches:
    """Hits between what was found and what was wanted; add two to pool them.

    Attributes:
        hits: Number, or for soft scores summed worth, of the matched units.
        found: Units in the reading.
        wanted: Units in the truth.

    All ratios lie in 0..1. With nothing wanted and nothing found they are 1.0; with one side empty, 0.0.
    """

    hits: float = 0
    found: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float:
        """hits / found."""
        return self._ratio(self.found)

    @property
    def recall(self) -> float:
        """hits / wanted."""
        return self._ratio(self.wanted)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0.0 where nothing matched."""
        return self._ratio(self.found + self.wanted, 2)

    def _ratio(self, whole: int, times: int = 1) -> float:
        if not self.found and not self.wanted:
            return 1.0
        return min(1.0, max(0.0, times * self.hits / whole)) if whole else 0.0

    def __add__(self, other: Matches) -> Matches:
        return Matches(self.hits + other.hits, self.found + other.found, self.wanted + other.wanted)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How many of how many were right; add two to pool them.

    Attributes:
        right: Number of right ones.
        total: Number of all.
    """

    right: int = 0
    total: int = 0

    @property
    def value(self) -> float:
        """right / total in 0..1; of nothing 1.0."""
        return self.right / self.total if self.total else 1.0

    def __add__(self, other: Accuracy) -> Accuracy:
        return Accuracy(self.right + other.right, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of values of which 1.0 is the best; add two to pool them, each value weighing the same.

    Attributes:
        total: Sum of the values.
        count: Number of them.
    """

    total: float = 0.0
    count: int = 0

    @property
    def value(self) -> float:
        """total / count; of nothing 1.0."""
        return self.total / self.count if self.count else 1.0

    def __add__(self, other: Mean) -> Mean:
        return Mean(self.total + other.total, self.count + other.count)
