"""Errors within syllables: how many jamo are wrong, and whether it was the cho, the jung or the jong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from geulnun import hangul
from geulnun.charset import normalise
from geulnun.metrics.alignment import NOTHING, Confusions, Pairs, align
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import edit_distance

#: The jong of a syllable without one.
NO_FINAL = "∅"


@dataclass(frozen=True, slots=True)
class JamoErrors:
    """What each part of the syllables was read as; add two to pool them.

    Attributes:
        cho: Initials, as the letters of `hangul.CHO`.
        jung: Medials, as those of `hangul.JUNG`.
        jong: Finals, as those of `hangul.JONG`, `NO_FINAL` for none.

    Opposite a syllable that was lost, added or taken for something else than a syllable stands `NOTHING`, in each part.
    """

    cho: Confusions = field(default_factory=Confusions)
    jung: Confusions = field(default_factory=Confusions)
    jong: Confusions = field(default_factory=Confusions)

    @property
    def rate(self) -> ErrorRate:
        """Errors of all three parts over three times the syllables of the truth."""
        return self.cho.rate + self.jung.rate + self.jong.rate

    def __add__(self, other: JamoErrors) -> JamoErrors:
        return JamoErrors(self.cho + other.cho, self.jung + other.jung, self.jong + other.jong)


def jamo_error_rate(truth: str, read: str, spaces: bool = True) -> ErrorRate:
    """Edits over the truth's letters, syllables written as two or three jamo, other characters as they are.

    Args:
        truth: What stands there.
        read: What was read.
        spaces: Count spaces as letters; False takes them out of both sides first.
    """
    wanted, found = (hangul.decompose(normalise(text)) for text in (truth, read))
    if not spaces:
        wanted, found = wanted.replace(" ", ""), found.replace(" ", "")
    return ErrorRate(edit_distance(wanted, found), len(wanted))


def jamo_errors(truth: str, read: str) -> JamoErrors:
    """Which part of which syllable was taken for which, after `align` without spaces."""
    return jamo_of_pairs(align(truth, read, spaces=False))


def jamo_of_pairs(pairs: Pairs | Iterable[tuple[str, str]]) -> JamoErrors:
    """`jamo_errors` of characters that were aligned before."""
    parts: tuple[Counter[tuple[str, str]], ...] = (Counter(), Counter(), Counter())
    for wanted, found in pairs:
        if hangul.is_syllable(wanted) or hangul.is_syllable(found):
            for part, pair in zip(parts, zip(_letters(wanted), _letters(found), strict=True), strict=True):
                part[pair] += 1
    return JamoErrors(*map(Confusions, parts))


def _letters(char: str) -> tuple[str, str, str]:
    if not hangul.is_syllable(char):
        return NOTHING, NOTHING, NOTHING
    cho, jung, jong = hangul.split(char)
    return hangul.CHO[cho], hangul.JUNG[jung], hangul.JONG[jong] or NO_FINAL
