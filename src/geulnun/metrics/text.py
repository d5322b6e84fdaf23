"""Scores of one string against another: CER, WER, eojeols, spaces, 1-NED.

Both sides go through `geulnun.charset.normalise` first (NFC, look-alike marks folded, every run of white space, line
ends included, one space), so that no engine is charged for the choice between, say, ``～`` and ``~``. Truth comes
first in every signature. Distances are Levenshtein's with unit costs, over code points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import LCSseq, Levenshtein

from geulnun.charset import normalise
from geulnun.metrics.counts import ErrorRate, Matches


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Levenshtein distance between two strings or two sequences of words, not normalised."""
    return Levenshtein.distance(first, second)


def cer(truth: str, read: str, spaces: bool = True) -> ErrorRate:
    """Character error rate: edits over the truth's characters.

    Args:
        truth: What stands there.
        read: What was read.
        spaces: Count spaces as characters; False takes them out of both sides first.
    """
    wanted, found = normalise(truth), normalise(read)
    if not spaces:
        wanted, found = _without_spaces(wanted), _without_spaces(found)
    return ErrorRate(edit_distance(wanted, found), len(wanted))


def wer(truth: str, read: str) -> ErrorRate:
    """Word error rate over eojeols: edits of whole eojeols over the truth's eojeols."""
    wanted, found = eojeols(truth), eojeols(read)
    return ErrorRate(edit_distance(wanted, found), len(wanted))


def eojeols(text: str) -> list[str]:
    """The eojeols of a text: what stands between spaces, after normalising."""
    return normalise(text).split()


def eojeol_accuracy(truth: str, read: str) -> Matches:
    """Eojeols read exactly and in order: the longest common subsequence of both; ``recall`` is the accuracy."""
    wanted, found = eojeols(truth), eojeols(read)
    return Matches(LCSseq.similarity(wanted, found), len(found), len(wanted))


def eojeol_bag(truth: str, read: str) -> Matches:
    """Eojeols read exactly wherever they stand: the multiset intersection of both. For truth without an order."""
    wanted, found = Counter(eojeols(truth)), Counter(eojeols(read))
    return Matches((wanted & found).total(), found.total(), wanted.total())


def spaces(truth: str, read: str) -> Matches:
    """Spaces put where the truth has them.

    The characters without spaces are aligned by Levenshtein; a space of the truth is hit if the reading has one at the
    same place of the alignment. Each space of the reading is used once.
    """
    wanted, found = _gaps(normalise(truth)), _gaps(normalise(read))
    hits = 0
    open_wanted, open_found = set(wanted), set(found)
    for i, j in _alignment(_without_spaces(normalise(truth)), _without_spaces(normalise(read))):
        if i in open_wanted and j in open_found:
            open_wanted.remove(i)
            open_found.remove(j)
            hits += 1
    return Matches(hits, len(found), len(wanted))


def exact(truth: str, read: str) -> bool:
    """Tell whether both are the same after normalising, spaces included."""
    return normalise(truth) == normalise(read)


def ned_similarity(truth: str, read: str) -> float:
    """1 - edits / the longer length, in 0..1: ICDAR 2019's "1-NED" (ArT, section 4.2); a corpus has the mean."""
    return Levenshtein.normalized_similarity(normalise(truth), normalise(read))


def _without_spaces(text: str) -> str:
    return text.replace(" ", "")


def _gaps(text: str) -> list[int]:
    """For each space, the number of other characters before it."""
    out: list[int] = []
    seen = 0
    for char in text:
        if char == " ":
            out.append(seen)
        else:
            seen += 1
    return out


def _alignment(first: str, second: str) -> Iterator[tuple[int, int]]:
    """Every point (i, j) of the alignment path: i characters of the first stand before it and j of the second."""
    yield 0, 0
    for step in Levenshtein.opcodes(first, second):
        i, j = step.src_start, step.dest_start
        while i < step.src_end or j < step.dest_end:
            i, j = min(i + 1, step.src_end), min(j + 1, step.dest_end)
            yield i, j
