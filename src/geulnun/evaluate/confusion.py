"""What was taken for what: characters, jamo and spaces, over all pages of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geulnun import hangul
from geulnun.evaluate.alignment import EXACT, LINES, SOLID_ERRORS, Aligned, Ints

#: The letters of each place, in the order of the matrices; no final is "∅".
LETTERS: Mapping[str, tuple[str, ...]] = {
    "cho": hangul.CHO, "jung": hangul.JUNG, "jong": tuple(letter or "∅" for letter in hangul.JONG),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Confusions:
    """Faults of the lines that were read, and how many lines were not.

    A line that was missed, or read elsewhere, says nothing of letters that look alike, so its faults are only counted:
    see `geulnun.evaluate.alignment.LOST`.

    Attributes:
        faults: (character of the truth, of the reading): count; "" for none on that side. Spaces are apart.
        occurrences: how often each character stood in the lines that were read.
        jamo: by place "cho", "jung", "jong": counts (letters, letters), truth by rows, for syllables read as syllables.
        lines: lines of the truth.
        exact: of these, those read without an error.
        lost: of these, those missed or misplaced.
        lost_errors: errors of the lost lines, spaces apart.
        stray: characters read between lines, of no line.
        errors: errors of all lines, spaces apart.
    """

    faults: Counter[tuple[str, str]]
    occurrences: Counter[str]
    jamo: Mapping[str, Ints]
    lines: int
    exact: int
    lost: int
    lost_errors: int
    stray: int
    errors: int

    def worst(self, count: int, syllables: bool) -> list[tuple[str, str, int]]:
        """The most frequent faults of syllables, or of all other signs: truth, reading, count."""
        chosen = [
            (wanted, found, many)
            for (wanted, found), many in self.faults.items()
            if hangul.is_syllable(wanted or found) is syllables
        ]
        return sorted(chosen, key=lambda fault: (-fault[2], not fault[0], fault[0], fault[1]))[:count]

    def letters(self, place: str, count: int) -> list[tuple[str, str, int, int]]:
        """The most frequent confusions of one place: truth, reading, count, and how often the true letter stood."""
        matrix, letters = self.jamo[place], LETTERS[place]
        off = matrix - np.diag(np.diag(matrix))
        places = np.argwhere(off).tolist()
        found = [(letters[i], letters[j], int(off[i, j]), int(matrix[i].sum())) for i, j in places]
        return sorted(found, key=lambda row: (-row[2], row[0], row[1]))[:count]

    def kinds(self) -> dict[str, int]:
        """Errors by kind: of lines that were read, of lost lines, and between lines."""
        counts = {
            "substituted": 0,
            "missing": 0,
            "added": 0,
            "lost lines": self.lost_errors,
            "between lines": self.stray,
        }
        for (wanted, found), many in self.faults.items():
            counts["missing" if not found else "added" if not wanted else "substituted"] += many
        return counts


def confusions(aligned: Iterable[Aligned]) -> Confusions:
    """Count the faults of all pages."""
    faults: Counter[tuple[str, str]] = Counter()
    occurrences: Counter[str] = Counter()
    lines = exact = lost = lost_errors = stray = errors = 0
    for laid in aligned:
        kept = ~laid.lost
        lines += int(laid.lines[:, LINES].sum())
        exact += int(laid.lines[:, EXACT].sum())
        lost += int((laid.lost & (laid.lines[:, LINES] > 0)).sum())
        errors += int(laid.totals[SOLID_ERRORS])
        lost_errors += int(laid.lines[laid.lost, SOLID_ERRORS].sum())
        stray += len(laid.stray)
        shown = kept[laid.line_of]
        occurrences.update(char for char, keep in zip(laid.wanted, shown.tolist(), strict=True) if keep)
        for at, wanted, found in laid.faults():
            if shown[at]:
                faults[wanted, found] += 1
    return Confusions(faults, occurrences, _jamo(faults, occurrences), lines, exact, lost, lost_errors, stray, errors)


def _jamo(faults: Counter[tuple[str, str]], occurrences: Counter[str]) -> dict[str, Ints]:
    matrices = [np.zeros((len(letters), len(letters)), np.int64) for letters in LETTERS.values()]
    right = occurrences.copy()
    for (wanted, found), many in faults.items():
        if wanted:
            right[wanted] -= many
        if hangul.is_syllable(wanted) and hangul.is_syllable(found):
            for matrix, i, j in zip(matrices, hangul.split(wanted), hangul.split(found), strict=True):
                matrix[i, j] += many
    for char, many in right.items():
        if hangul.is_syllable(char):
            for matrix, i in zip(matrices, hangul.split(char), strict=True):
                matrix[i, i] += many
    return dict(zip(LETTERS, matrices, strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Spaces:
    """Spaces of the truth that were not read, and spaces read that do not stand there, by the characters around."""

    missing: Counter[str]
    added: Counter[str]


def spaces(aligned: Sequence[Aligned]) -> Spaces:
    """Count the wrong spaces of all pages."""
    missing: Counter[str] = Counter()
    added: Counter[str] = Counter()
    for laid in aligned:
        missing.update(laid.missing_spaces)
        added.update(laid.added_spaces)
    return Spaces(missing, added)
