"""Scores of one string against another: CER, WER, eojeols, spaces, 1-NED.

Both sides go through `geulnun.charset.normalise` first (NFC, look-alike marks folded, every run of white space, line
ends included, one space), so that no engine is charged for the choice between, say, ``～`` and ``~``. Truth comes
first in every signature. Distances are Levenshtein's with unit costs, over code points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq, Levenshtein

from geulnun.charset import normalise
from geulnun.metrics.alignment import align_plain
from geulnun.metrics.counts import Accuracy, ErrorRate, Matches, Mean


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


def wer(truth: str, read: str, spaces: bool = True) -> ErrorRate:
    """Word error rate over eojeols: edits of whole eojeols over the truth's eojeols.

    Args:
        truth: What stands there.
        read: What was read.
        spaces: False does not charge for spaces: the reading's characters are dealt out to the truth's eojeols by their
            alignment, and each eojeol whose characters differ is one error. This is the space-normalised WER of
            KsponSpeech (Bang et al. 2020, section 4.1), for a language whose spacing is a matter of taste.
    """
    wanted, found = eojeols(truth), eojeols(read)
    if spaces:
        return ErrorRate(edit_distance(wanted, found), len(wanted))
    if not wanted:
        return ErrorRate(len(found), 0)
    return ErrorRate(len(_wrong_eojeols(wanted, "".join(found))), len(wanted))


def _wrong_eojeols(wanted: Sequence[str], found: str) -> set[int]:
    """Indices of the eojeols that the alignment of all characters edits; what is added belongs to the one before it."""
    owner = [index for index, eojeol in enumerate(wanted) for _ in eojeol]
    out: set[int] = set()
    for step in Levenshtein.editops("".join(wanted), found):
        at = step.src_pos - 1 if step.tag == "insert" else step.src_pos
        out.add(owner[max(at, 0)])
    return out


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

    The characters without spaces are aligned as `align` does; a space of the truth is hit if the reading has one at the
    same place of the alignment. Each space of the reading is used once.
    """
    wanted, found = _gaps(normalise(truth)), _gaps(normalise(read))
    hits = 0
    open_wanted, open_found = set(wanted), set(found)
    i = j = 0
    # One more step than pairs: spaces stand between characters, the first before all of them.
    for left, right in [("", ""), *align_plain(_without_spaces(normalise(truth)), _without_spaces(normalise(read)))]:
        i, j = i + len(left), j + len(right)
        if i in open_wanted and j in open_found:
            open_wanted.remove(i)
            open_found.remove(j)
            hits += 1
    return Matches(hits, len(found), len(wanted))


def exact(truth: str, read: str) -> bool:
    """Tell whether both are the same after normalising, spaces included."""
    return normalise(truth) == normalise(read)


def lines_exact(truths: Sequence[str], reads: Sequence[str]) -> Accuracy:
    """Lines of two lists, in pairs, that are the same after normalising, spaces included.

    Raises:
        ValueError: the lists differ in length.
    """
    _in_pairs(truths, reads)
    return Accuracy(sum(map(exact, truths, reads)), len(truths))


def ned(truths: Sequence[str], reads: Sequence[str]) -> Mean:
    """Mean of `ned_similarity` over two lists, in pairs: the 1-NED of a data set.

    Raises:
        ValueError: the lists differ in length.
    """
    _in_pairs(truths, reads)
    return Mean(sum(map(ned_similarity, truths, reads)), len(truths))


def _in_pairs(truths: Sequence[str], reads: Sequence[str]) -> None:
    if len(truths) != len(reads):
        raise ValueError(f"{len(truths)} true texts and {len(reads)} read ones; expected as many")


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
