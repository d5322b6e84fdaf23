"""What a network says at each step: probabilities of characters, from logits of the flat or the factored head.

The layout of logits is that of `geulnun.charset`. Decoders ask these, and need not know which head it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun import hangul
from geulnun.charset import HANGUL, Charset, Classes, FlatCharset

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class Steps(Protocol):
    """Probabilities of classes at each of T steps."""

    def __len__(self) -> int: ...

    def best(self) -> tuple[Ids, Floats]:
        """Class id and probability (T,) of the most probable class at each step, blank included."""

    def top(self, steps: ArrayLike, count: int) -> tuple[Ids, Floats]:
        """The ``count`` most probable classes at each of ``steps`` (n,), best first: ids, probabilities (n, count)."""

    def of(self, ids: ArrayLike) -> Floats:
        """Probabilities (T, U) of the class ids (U,) at every step."""


@dataclass(frozen=True)
class Rare:
    """Logits of ideographs at the few steps that may hold one: ``steps`` (R,) ascending, ``logits`` (R, I)."""

    steps: Ids
    logits: Floats


@dataclass(frozen=True)
class Flat:
    """One distribution (T, K) a step."""

    probabilities: Floats

    @classmethod
    def of_logits(cls, logits: ArrayLike, charset: FlatCharset, temperature: float = 1.0) -> Flat:
        """Softmax of logits (T, charset.width) over ``temperature``.

        Raises:
            ValueError: the last axis is not charset.width wide.
        """
        return cls(_softmax(_checked(logits, charset.width) / np.float32(temperature)))

    def __len__(self) -> int:
        return len(self.probabilities)

    def best(self) -> tuple[Ids, Floats]:
        """See `Steps.best`."""
        ids = self.probabilities.argmax(1)
        return ids, self.probabilities[np.arange(len(ids)), ids]

    def top(self, steps: ArrayLike, count: int) -> tuple[Ids, Floats]:
        """See `Steps.top`."""
        rows = self.probabilities[np.asarray(steps, np.int64)]
        kept = min(count, rows.shape[1])
        ids = np.argpartition(-rows, kept - 1, axis=1)[:, :kept]
        return _sorted(ids, np.take_along_axis(rows, ids, 1), count)

    def of(self, ids: ArrayLike) -> Floats:
        """See `Steps.of`."""
        return self.probabilities[:, np.asarray(ids, np.int64)]


@dataclass(frozen=True)
class Factored:
    """The distributions of every step, each summing to 1: gate (T, G), cho (T, 19), jung (T, 21), jong (T, 28).

    Ideographs, where the network writes any, have theirs, ``ideographs`` (R, I), at the steps ``rows`` (R,) only; at
    others they count as impossible.
    """

    charset: Charset
    gate: Floats
    cho: Floats
    jung: Floats
    jong: Floats
    rows: Ids
    ideographs: Floats

    @classmethod
    def of_logits(
        cls, logits: ArrayLike, charset: Charset, temperature: float = 1.0, rare: Rare | None = None
    ) -> Factored:
        """Softmax over each block of logits over ``temperature``.

        Args:
            logits: (T, charset.width), or (T, charset.core) with ideographs in ``rare`` or nowhere.
            charset: the characters of the head.
            temperature: divides the logits; more than 1 makes confidences smaller.
            rare: the ideographs' logits where ``logits`` lacks them.

        Raises:
            ValueError: the last axis is neither charset.width nor charset.core wide.
        """
        array = np.asarray(logits, np.float32)
        whole = array.ndim == 2 and array.shape[1] == charset.width and bool(charset.ideographs)
        if not whole:
            array = _checked(array, charset.core)
        scale = np.float32(temperature)
        cuts = np.cumsum([charset.gate_size, hangul.N_CHO, hangul.N_JUNG])
        gate, cho, jung, jong = (_softmax(block / scale) for block in np.split(array[:, : charset.core], cuts, axis=1))
        if whole:
            rows, ideographs = np.arange(len(array)), array[:, charset.core :]
        elif rare is not None:
            rows, ideographs = np.asarray(rare.steps, np.int64), np.asarray(rare.logits, np.float32)
        else:
            rows, ideographs = np.empty(0, np.int64), np.empty((0, len(charset.ideographs)), np.float32)
        ideographs = _softmax(ideographs / scale) if ideographs.size else ideographs
        return cls(charset, gate, cho, jung, jong, rows, ideographs)

    def __len__(self) -> int:
        return len(self.gate)

    @cached_property
    def _plain(self) -> Floats:
        """The gate without its entries that stand for many characters."""
        plain = self.gate.copy()
        plain[:, HANGUL] = 0.0
        if self.charset.ideographs:
            plain[:, self.charset.ideograph] = 0.0
        return plain

    def best(self) -> tuple[Ids, Floats]:
        """See `Steps.best`."""
        rows = np.arange(len(self.gate))
        ids = self._plain.argmax(1)
        chances = self._plain[rows, ids]
        parts = [block.argmax(1) for block in (self.cho, self.jung, self.jong)]
        syllable_p = (
            self.gate[:, HANGUL] * self.cho[rows, parts[0]] * self.jung[rows, parts[1]] * self.jong[rows, parts[2]]
        )
        syllable = self.charset.syllable_base + (parts[0] * hangul.N_JUNG + parts[1]) * hangul.N_JONG + parts[2]
        wins = syllable_p > chances
        ids, chances = np.where(wins, syllable, ids), np.where(wins, syllable_p, chances)
        if len(self.rows):
            found = self.ideographs.argmax(1)
            p = self.gate[self.rows, self.charset.ideograph] * self.ideographs[np.arange(len(found)), found]
            wins = p > chances[self.rows]
            at = self.rows[wins]
            ids[at], chances[at] = self.charset.ideograph_base + found[wins], p[wins]
        return ids, chances

    def top(self, steps: ArrayLike, count: int, per_jamo: int = 3) -> tuple[Ids, Floats]:
        """See `Steps.top`; syllables are sought among the ``per_jamo`` best of each block."""
        rows = np.asarray(steps, np.int64)
        plain = self._plain[rows]
        blocks = [block[rows] for block in (self.cho, self.jung, self.jong)]
        near = [np.argpartition(-block, per_jamo, axis=1)[:, :per_jamo] for block in blocks]
        cho_p, jung_p, jong_p = (np.take_along_axis(block, at, 1) for block, at in zip(blocks, near, strict=True))
        cho, jung, jong = near
        product = cho_p[:, :, None, None] * jung_p[:, None, :, None] * jong_p[:, None, None, :]
        code = (cho[:, :, None, None] * hangul.N_JUNG + jung[:, None, :, None]) * hangul.N_JONG + jong[:, None, None, :]
        kept = min(count, plain.shape[1] - 1)
        symbols = np.argpartition(-plain, kept, axis=1)[:, : kept + 1]
        ids = [symbols, self.charset.syllable_base + code.reshape(len(rows), per_jamo**3)]
        chances = [
            np.take_along_axis(plain, symbols, 1),
            self.gate[rows][:, HANGUL, None] * product.reshape(len(rows), per_jamo**3),
        ]
        if len(self.rows):
            more, p = self._top_ideographs(rows, min(count, self.ideographs.shape[1]))
            ids, chances = [*ids, more], [*chances, p]
        return _sorted(np.concatenate(ids, 1), np.concatenate(chances, 1), count)

    def _top_ideographs(self, steps: Ids, count: int) -> tuple[Ids, Floats]:
        ids = np.zeros((len(steps), count), np.int64)
        chances = np.zeros((len(steps), count), np.float32)
        at = np.searchsorted(self.rows, steps).clip(max=len(self.rows) - 1)
        here = np.flatnonzero(self.rows[at] == steps)
        if len(here):
            found = self.ideographs[at[here]]
            best = np.argpartition(-found, count - 1, axis=1)[:, :count]
            ids[here] = self.charset.ideograph_base + best
            gate = self.gate[steps[here]][:, self.charset.ideograph, None]
            chances[here] = gate * np.take_along_axis(found, best, 1)
        return ids, chances

    def of(self, ids: ArrayLike) -> Floats:
        """See `Steps.of`."""
        wanted = np.asarray(ids, np.int64)
        base, first = self.charset.syllable_base, self.charset.ideograph_base
        out = np.zeros((len(self), len(wanted)), np.float32)
        plain = np.flatnonzero(wanted < base)
        out[:, plain] = self._plain[:, wanted[plain]]
        syllables = np.flatnonzero((wanted >= base) & (wanted < first))
        code = wanted[syllables] - base
        rest, jong = code // hangul.N_JONG, code % hangul.N_JONG
        parts = self.cho[:, rest // hangul.N_JUNG] * self.jung[:, rest % hangul.N_JUNG] * self.jong[:, jong]
        out[:, syllables] = self.gate[:, HANGUL, None] * parts
        ideographs = np.flatnonzero(wanted >= first)
        if len(ideographs) and len(self.rows):
            gate = self.gate[self.rows][:, self.charset.ideograph, None]
            out[np.ix_(self.rows, ideographs)] = gate * self.ideographs[:, wanted[ideographs] - first]
        return out


def steps_of(logits: ArrayLike, classes: Classes, temperature: float = 1.0, rare: Rare | None = None) -> Steps:
    """The steps of logits (T, K) of whichever head; see `Flat.of_logits` and `Factored.of_logits`."""
    if isinstance(classes, Charset):
        return Factored.of_logits(logits, classes, temperature, rare)
    if isinstance(classes, FlatCharset):
        return Flat.of_logits(logits, classes, temperature)
    raise TypeError(f"classes of type {type(classes).__name__}; expected Charset or FlatCharset")


def _checked(logits: ArrayLike, width: int) -> Floats:
    array = np.asarray(logits, np.float32)
    if array.ndim != 2 or array.shape[1] != width:
        raise ValueError(f"logits of shape {array.shape}; expected (T, {width})")
    return array


def _sorted(ids: Ids, chances: Floats, count: int) -> tuple[Ids, Floats]:
    order = np.argsort(-chances, axis=1, kind="stable")[:, :count]
    return np.take_along_axis(ids, order, 1), np.take_along_axis(chances, order, 1)


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float32)
