"""Which character of the truth stands opposite which of a reading, and what was taken for what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from geulnun import hangul
from geulnun.charset import normalise
from geulnun.metrics.counts import ErrorRate

#: Stands opposite a character that was lost or added.
NOTHING = ""
#: One edit, in the units of which a differing jamo is one: no number of jamo outweighs an edit.
_EDIT = 1000
#: The largest stretch of differing characters (their number in the truth times that in the reading) searched for the
#: best pairs; larger ones, which share next to nothing, keep the pairs they came with.
_LARGEST = 40_000

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Confusions:
    """How often each unit of the truth was read as which; add two to pool them.

    Attributes:
        counts: By (wanted, found), right ones included; `NOTHING` (the empty string) opposite lost and added ones.
    """

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Units of the truth."""
        return sum(count for (wanted, _), count in self.counts.items() if wanted != NOTHING)

    @property
    def errors(self) -> int:
        """Units lost, added or taken for another."""
        return sum(count for (wanted, found), count in self.counts.items() if wanted != found)

    @property
    def rate(self) -> ErrorRate:
        """Errors over the units of the truth."""
        return ErrorRate(self.errors, self.total)

    def worst(self, count: int) -> list[tuple[tuple[str, str], int]]:
        """The most frequent errors as ((wanted, found), times), equal ones in the order of their characters."""
        wrong = [(pair, times) for pair, times in self.counts.items() if pair[0] != pair[1]]
        return sorted(wrong, key=lambda item: (-item[1], item[0]))[:count]

    def matrix(self, labels: Sequence[str]) -> NDArray[np.int64]:
        """Counts (n, n) of n labels: rows what was wanted, columns what was found; others are left out."""
        return np.array([[self.counts[wanted, found] for found in labels] for wanted in labels], np.int64).reshape(
            len(labels), len(labels)
        )

    def __add__(self, other: Confusions) -> Confusions:
        return Confusions(self.counts + other.counts)


def confusions(truth: str, read: str, spaces: bool = True) -> Confusions:
    """What each character was read as, after `align`; its ``errors`` are those of `cer`."""
    return Confusions(Counter(align(truth, read, spaces)))


def align(truth: str, read: str, spaces: bool = True) -> Pairs:
    """Pairs (wanted, found) of characters, in order, with `NOTHING` opposite lost and added ones.

    Both are normalised first. No alignment has fewer edits. Of those with equally few, one is taken in which the
    syllables that stand opposite each other share most jamo, between characters on which all of these agree.

    Args:
        truth: What stands there.
        read: What was read.
        spaces: False takes spaces out of both sides first.
    """
    wanted, found = normalise(truth), normalise(read)
    if not spaces:
        wanted, found = wanted.replace(" ", ""), found.replace(" ", "")
    return align_plain(wanted, found)


def align_plain(wanted: str, found: str) -> Pairs:
    """`align` of two strings as they are."""
    out: Pairs = []
    i = j = 0
    for block in Levenshtein.opcodes(wanted, found):
        if block.tag != "equal":
            continue
        out += _stretch(wanted[i : block.src_start], found[j : block.dest_start])
        out += ((char, char) for char in wanted[block.src_start : block.src_end])
        i, j = block.src_end, block.dest_end
    return out + _stretch(wanted[i:], found[j:])


def _stretch(wanted: str, found: str) -> Pairs:
    """The pairs of two differing stretches."""
    if not wanted or not found:
        return [(char, NOTHING) for char in wanted] + [(NOTHING, char) for char in found]
    if len(wanted) * len(found) > _LARGEST:
        return _as_they_come(wanted, found)
    costs = _costs(wanted, found)
    out: Pairs = []
    i, j = len(wanted), len(found)
    while i or j:
        here = costs[i][j]
        if i and j and here == costs[i - 1][j - 1] + unlikeness(wanted[i - 1], found[j - 1]):
            i, j = i - 1, j - 1
            out.append((wanted[i], found[j]))
        elif i and here == costs[i - 1][j] + _EDIT:
            i -= 1
            out.append((wanted[i], NOTHING))
        else:
            j -= 1
            out.append((NOTHING, found[j]))
    return out[::-1]


def _costs(wanted: str, found: str) -> list[list[int]]:
    """Costs of the best alignments of all prefixes."""
    rows = [[_EDIT * j for j in range(len(found) + 1)]]
    for i, char in enumerate(wanted, 1):
        above, row = rows[-1], [_EDIT * i]
        for j, other in enumerate(found, 1):
            row.append(min(above[j - 1] + unlikeness(char, other), above[j] + _EDIT, row[-1] + _EDIT))
        rows.append(row)
    return rows


def _as_they_come(wanted: str, found: str) -> Pairs:
    both = min(len(wanted), len(found))
    rest = [(char, NOTHING) for char in wanted[both:]] + [(NOTHING, char) for char in found[both:]]
    return [*zip(wanted[:both], found[:both], strict=True), *rest]


def unlikeness(wanted: str, found: str) -> int:
    """Cost of reading one character as another: 0 for the same, else an edit and the number of differing jamo."""
    if wanted == found:
        return 0
    if not (hangul.is_syllable(wanted) and hangul.is_syllable(found)):
        return _EDIT + 3
    return _EDIT + sum(a != b for a, b in zip(hangul.split(wanted), hangul.split(found), strict=True))
