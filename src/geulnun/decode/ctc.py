"""Connectionist temporal classification decoded: factored logits (T, K) -> characters with places and alternatives.

The layout of K is that of `geulnun.charset`. Greedy decoding takes the most probable class of every step; beam search
(Graves 2012, section 7.5; Hannun et al. 2014, arXiv:1408.2873, without a language model) sums over the alignments of
each text. Both write nothing that the network did not see: no dictionary, no language model.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun import hangul
from geulnun.charset import BLANK, HANGUL, Charset

Floats = NDArray[np.float32]

#: Probability below which a class is neither followed by the beam nor told as an alternative.
_LEAST = 5e-4


@dataclass(frozen=True, slots=True)
class Decoded:
    """One decoded character.

    Attributes:
        text: the character; a space too.
        confidence: probability in 0..1 of its class at its clearest step.
        step: that step's index.
        start, end: extent in steps, half-open, floats; neighbours share their border.
        alternatives: other readings at that step with their probabilities, best first.
    """

    text: str
    confidence: float
    step: int
    start: float
    end: float
    alternatives: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Factored:
    """The four distributions of every step, each summing to 1: gate (T, G), cho (T, 19), jung (T, 21), jong (T, 28)."""

    gate: Floats
    cho: Floats
    jung: Floats
    jong: Floats

    @classmethod
    def of(cls, logits: ArrayLike, charset: Charset) -> Factored:
        """Softmax over each block of logits (T, charset.width).

        Raises:
            ValueError: the last axis is not charset.width wide.
        """
        array = np.asarray(logits, np.float32)
        if array.ndim != 2 or array.shape[1] != charset.width:
            raise ValueError(f"logits of shape {array.shape}; expected (T, {charset.width})")
        cuts = np.cumsum([charset.gate_size, hangul.N_CHO, hangul.N_JUNG])
        return cls(*(_softmax(block) for block in np.split(array, cuts, axis=1)))

    def best(self) -> tuple[NDArray[np.int64], Floats]:
        """Class id and probability (T,) of the most probable class at each step, blank included."""
        plain = self.gate.copy()
        plain[:, HANGUL] = -1.0
        symbol = plain.argmax(1)
        parts = [block.argmax(1) for block in (self.cho, self.jung, self.jong)]
        rows = np.arange(len(plain))
        syllable_p = (
            self.gate[:, HANGUL] * self.cho[rows, parts[0]] * self.jung[rows, parts[1]] * self.jong[rows, parts[2]]
        )
        syllable = self.gate.shape[1] + (parts[0] * hangul.N_JUNG + parts[1]) * hangul.N_JONG + parts[2]
        symbol_p = plain[rows, symbol]
        wins = syllable_p > symbol_p
        return np.where(wins, syllable, symbol), np.where(wins, syllable_p, symbol_p)

    def top(self, steps: ArrayLike, count: int, per_jamo: int = 3) -> tuple[NDArray[np.int64], Floats]:
        """The ``count`` most probable classes at each of ``steps`` (n,), blank among them, best first.

        Returns:
            class ids and probabilities, each (n, count). Syllables are sought among the ``per_jamo``
            best of each block.
        """
        rows = np.asarray(steps, np.int64)
        gate = self.gate[rows]
        plain = gate.copy()
        plain[:, HANGUL] = 0.0
        blocks = [block[rows] for block in (self.cho, self.jung, self.jong)]
        near = [np.argpartition(-block, per_jamo, axis=1)[:, :per_jamo] for block in blocks]
        cho_p, jung_p, jong_p = (np.take_along_axis(block, at, 1) for block, at in zip(blocks, near, strict=True))
        cho, jung, jong = near
        product = cho_p[:, :, None, None] * jung_p[:, None, :, None] * jong_p[:, None, None, :]
        code = (cho[:, :, None, None] * hangul.N_JUNG + jung[:, None, :, None]) * hangul.N_JONG + jong[:, None, None, :]
        kept = min(count, plain.shape[1] - 1)
        symbols = np.argpartition(-plain, kept, axis=1)[:, : kept + 1]
        ids = np.concatenate([symbols, gate.shape[1] + code.reshape(len(rows), per_jamo**3)], 1)
        found = [np.take_along_axis(plain, symbols, 1), gate[:, HANGUL, None] * product.reshape(len(rows), per_jamo**3)]
        probabilities = np.concatenate(found, 1)
        order = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
        return np.take_along_axis(ids, order, 1), np.take_along_axis(probabilities, order, 1)


def greedy(logits: ArrayLike, charset: Charset, alternatives: int = 4) -> list[Decoded]:
    """Decode logits (T, charset.width) step by step: repeats merged, blanks dropped."""
    factored = Factored.of(logits, charset)
    ids, probabilities = factored.best()
    peaks = [first + int(probabilities[first:last].argmax()) for first, last in _runs(ids) if ids[first] != BLANK]
    return _characters(factored, [int(ids[peak]) for peak in peaks], peaks, charset, alternatives)


def beam(logits: ArrayLike, charset: Charset, width: int = 8, alternatives: int = 4) -> list[Decoded]:
    """Decode logits (T, charset.width) by prefix beam search over ``width`` prefixes."""
    factored = Factored.of(logits, charset)
    # Per prefix: probability of ending in blank, of ending in its last character, and that character's best step.
    beams: dict[tuple[int, ...], _Ending] = {(): _Ending(1.0, 0.0, ())}
    ids, probabilities = factored.top(np.arange(len(factored.gate)), width)
    for step, (classes, chances) in enumerate(zip(ids.tolist(), probabilities.tolist(), strict=True)):
        options = [(index, p) for index, p in zip(classes, chances, strict=True) if p > _LEAST]
        grown: dict[tuple[int, ...], _Ending] = {}
        for prefix, ending in beams.items():
            for index, p in options:
                _extend(grown, prefix, ending, index, p, step)
        kept = sorted(grown.items(), key=lambda item: -item[1].total)[:width]
        scale = max(kept[0][1].total, 1e-30)
        beams = {prefix: _Ending(e.blank / scale, e.letter / scale, e.peaks) for prefix, e in kept}
    prefix, ending = max(beams.items(), key=lambda item: item[1].total)
    return _characters(factored, list(prefix), [step for step, _ in ending.peaks], charset, alternatives)


def text_of(characters: list[Decoded]) -> str:
    """The decoded characters as a string, inner spaces single, outer ones dropped."""
    return " ".join("".join(char.text for char in characters).split())


@dataclass(frozen=True, slots=True)
class _Ending:
    blank: float
    letter: float
    peaks: tuple[tuple[int, float], ...]

    @property
    def total(self) -> float:
        return self.blank + self.letter


def _extend(
    grown: dict[tuple[int, ...], _Ending], prefix: tuple[int, ...], ending: _Ending, index: int, p: float, step: int
) -> None:
    if index == BLANK:
        _add(grown, prefix, ending.total * p, 0.0, ending.peaks)
        return
    repeats = bool(prefix) and prefix[-1] == index
    if repeats:
        best = ending.peaks[-1][1]
        peaks = (*ending.peaks[:-1], (step, p)) if p > best else ending.peaks
        _add(grown, prefix, 0.0, ending.letter * p, peaks)
    # A repeated character is a new one only after a blank.
    before = ending.blank if repeats else ending.total
    if before > 0:
        _add(grown, (*prefix, index), 0.0, before * p, (*ending.peaks, (step, p)))


def _add(
    grown: dict[tuple[int, ...], _Ending],
    prefix: tuple[int, ...],
    blank: float,
    letter: float,
    peaks: tuple[tuple[int, float], ...],
) -> None:
    old = grown.get(prefix)
    if old is None:
        grown[prefix] = _Ending(blank, letter, peaks)
        return
    # Of two alignments of one text, the clearer peak of the last character places it.
    keep = peaks if peaks and (not old.peaks or peaks[-1][1] > old.peaks[-1][1]) else old.peaks
    grown[prefix] = _Ending(old.blank + blank, old.letter + letter, keep)


def _runs(ids: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of equal neighbours."""
    if not len(ids):
        return
    cuts = [0, *(np.flatnonzero(np.diff(ids)) + 1).tolist(), len(ids)]
    yield from itertools.pairwise(cuts)


def _characters(
    factored: Factored, ids: list[int], peaks: list[int], charset: Charset, alternatives: int
) -> list[Decoded]:
    if not ids:
        return []
    borders = _borders(peaks, len(factored.gate))
    classes, chances = factored.top(peaks, alternatives + 2)
    out: list[Decoded] = []
    for at, index in enumerate(ids):
        options = list(zip(classes[at].tolist(), chances[at].tolist(), strict=True))
        chosen = next((p for other, p in options if other == index), 0.0)
        # Below this a reading is noise, and most characters of a clean page have none above it.
        others = tuple((charset.decode([o]), p) for o, p in options if o not in (index, BLANK) and p > _LEAST)
        text = charset.decode([index])
        out.append(Decoded(text, min(chosen, 1.0), peaks[at], borders[at], borders[at + 1], others[:alternatives]))
    return out


def _borders(peaks: list[int], steps: int) -> list[float]:
    """Borders between characters: half-way between their peaks; the outer two mirror the inner ones."""
    if not peaks:
        return [0.0]
    centres = np.asarray(peaks, np.float64) + 0.5
    inner = (centres[1:] + centres[:-1]) / 2
    # One character alone, or the ends of a line: as wide on the outside as on the inside.
    head = centres[0] - (inner[0] - centres[0] if len(inner) else centres[0])
    tail = centres[-1] + (centres[-1] - inner[-1] if len(inner) else steps - centres[-1])
    return [max(0.0, float(head)), *inner.tolist(), min(float(steps), float(tail))]


def _softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shifted / shifted.sum(1, keepdims=True), np.float32)
