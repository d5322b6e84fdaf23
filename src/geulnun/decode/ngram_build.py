"""Texts counted into a character n-gram model: interpolated modified Kneser-Ney.

Chen and Goodman 1999, section 3, equations 9 to 13: counts of the highest order as they are; below it, in how many
different contexts an n-gram stands, but for those that begin a line, which have none before; three discounts an order.
N-grams seen no more than ``prune`` times are left out from order 3 on; the probability they had goes to the shorter
contexts, so that every context's distribution still sums to 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import normalise
from geulnun.decode.ngram import END, ORDERS, STEPS, UNKNOWN, Level, NGram
from geulnun.errors import UsageError

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Characters a Korean reader may write: 11,172 syllables and about 800 symbols. Those a text lacks share what is left.
_ALPHABET = 12_000
#: Characters seen less often than this are counted as the unknown one, which is how much it is to be expected.
_RARE = 2
#: Discounts where a text is too small to estimate them.
_DISCOUNTS = (0.5, 1.0, 1.5)
#: The lowest order that pruning touches.
_PRUNED_FROM = 3


@dataclass(frozen=True, eq=False)
class _Counts:
    """The n-grams of one order, sorted by prefix and character.

    Attributes:
        prefix: index of the first n - 1 characters in the order below (M,).
        char: last character (M,).
        suffix: index of the last n - 1 characters in the order below (M,).
        raw: occurrences (M,).
        begins: which stand at the beginning of a line (M,).
    """

    prefix: Ints
    char: Ints
    suffix: Ints
    raw: Ints
    begins: NDArray[np.bool_]


def build(lines: Iterable[str], order: int = 5, prune: int = 0) -> NGram:
    """Count lines, one sentence each, into a model; they are normalised first, empty ones skipped.

    Args:
        lines: the text.
        order: characters of the longest n-grams, 1 to 7.
        prune: n-grams of 3 characters and more seen no more often than this are left out; 0 keeps all.

    Raises:
        UsageError: order or prune are out of range, or there is no text.
    """
    if order not in ORDERS:
        raise UsageError(f"order {order}; expected {ORDERS[0]} to {ORDERS[-1]}")
    if prune < 0:
        raise UsageError(f"prune {prune}; expected 0 (keep all) or more")
    text = "\n".join(line for line in map(normalise, lines) if line)
    if not text:
        raise UsageError("no text to count; give files of UTF-8 text, one sentence a line")
    characters, ids = _ids(f"\n{text}\n")
    unseen = max(_ALPHABET - len(characters), 1)
    counts = _count(ids, len(characters) + 2, order)
    return NGram(characters, unseen, _levels(counts, len(characters) + 2, unseen, prune))


def _ids(text: str) -> tuple[str, Ints]:
    """The vocabulary, and the text as ids; line ends are `END`."""
    codes, at, counts = np.unique(
        np.frombuffer(text.encode("utf-32-le"), np.uint32), return_inverse=True, return_counts=True
    )
    kept = (counts >= _RARE) & (codes != ord("\n"))
    ids = np.where(kept, np.cumsum(kept) + 1, UNKNOWN)
    ids[codes == ord("\n")] = END
    return "".join(map(chr, codes[kept].tolist())), ids[at.ravel()].astype(np.int64)


def _count(ids: Ints, vocabulary: int, order: int) -> list[_Counts]:
    """N-grams of each order; one never runs across the end of a line, but may begin or finish with it."""
    # The first line end only begins a line.
    raw = np.bincount(ids[1:], minlength=vocabulary)
    every = np.arange(vocabulary)
    none = np.zeros(vocabulary, np.int64)
    out = [_Counts(none, every, none, raw, np.zeros(vocabulary, np.bool_))]
    # For each place where an n-gram begins, its index in its order.
    places, index = np.arange(len(ids)), ids
    for size in range(2, order + 1):
        inside = (places + size - 1 < len(ids)) & (
            (ids[np.minimum(places + size - 2, len(ids) - 1)] != END) | (size == 2)
        )
        places = places[inside]
        keys, first, at, raw = np.unique(
            index[places] * vocabulary + ids[places + size - 1],
            return_index=True, return_inverse=True, return_counts=True,
        )  # fmt: skip
        out.append(
            _Counts(keys // vocabulary, keys % vocabulary, index[places[first] + 1], raw, ids[places[first]] == END)
        )
        spread = np.full(len(ids) + 1, -1, np.int64)
        spread[places] = at.ravel()
        index = spread
    return out


def _levels(counts: list[_Counts], vocabulary: int, unseen: int, prune: int) -> list[Level]:
    below: Floats = np.full(vocabulary, 1.0 / (vocabulary - 1 + unseen))
    below[UNKNOWN] *= unseen
    chances: list[Floats] = []
    backoffs: list[Floats] = []
    keeps: list[NDArray[np.bool_]] = []
    for at, grams in enumerate(counts):
        keep = grams.raw > (prune if at + 1 >= _PRUNED_FROM else 0) if at else np.ones(vocabulary, np.bool_)
        adjusted = _adjusted(grams, counts[at + 1] if at + 1 < len(counts) else None)
        contexts = len(counts[at - 1].char) if at else 1
        totals = np.bincount(grams.prefix, adjusted, contexts)
        share = np.where(keep, adjusted - _discount(adjusted), 0.0) / np.maximum(totals[grams.prefix], 1)
        left = 1.0 - np.bincount(grams.prefix, share, contexts)
        below = np.asarray(share + left[grams.prefix] * (below[grams.suffix] if at else below), np.float64)
        chances.append(below)
        backoffs.append(np.asarray(left, np.float64))
        keeps.append(keep)
    return [
        Level(
            grams.char[keep].astype(np.uint16),
            _costs(chance[keep]),
            _costs(backoffs[at + 1][keep]) if at + 1 < len(counts) else np.zeros(0, np.uint16),
            _children(counts[at + 1], keeps[at + 1], keep) if at + 1 < len(counts) else np.zeros(0, np.uint16),
        )
        for at, (grams, chance, keep) in enumerate(zip(counts, chances, keeps, strict=True))
    ]


def _adjusted(grams: _Counts, longer: _Counts | None) -> Ints:
    """Occurrences at the highest order and at a line's beginning, else in how many contexts."""
    if longer is None:
        return grams.raw
    contexts = np.bincount(longer.suffix, minlength=len(grams.char))
    return np.where(grams.begins, grams.raw, contexts)


def _discount(counts: Ints) -> Floats:
    """What is taken off each count, by the counts of counts (Chen and Goodman 1999, equation 17)."""
    once, twice, thrice, four = (int((counts == times).sum()) for times in (1, 2, 3, 4))
    found = _DISCOUNTS
    if once and twice and thrice:
        share = once / (once + 2 * twice)
        found = (1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice, 3 - 4 * share * four / thrice)
        if not all(0 < value < times for times, value in enumerate(found, 1)):
            found = _DISCOUNTS
    return np.asarray([0.0, *found])[np.minimum(counts, 3)]


def _children(longer: _Counts, kept: NDArray[np.bool_], keep: NDArray[np.bool_]) -> NDArray[np.uint16]:
    return np.bincount(longer.prefix[kept], minlength=len(keep))[keep].astype(np.uint16)


def _costs(chances: Floats) -> NDArray[np.uint16]:
    """-ln p in fixed point."""
    costs = np.round(-np.log(np.maximum(chances, 1e-30)) * STEPS)
    return np.clip(costs, 0, np.iinfo(np.uint16).max).astype(np.uint16)
