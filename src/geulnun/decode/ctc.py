"""Connectionist temporal classification decoded: steps of a network -> characters with places and alternatives.

Greedy decoding takes the most probable class of every step; beam search
(Graves 2012, section 7.5; Hannun et al. 2014, arXiv:1408.2873, without a language model) sums over the alignments of
each text. Both write nothing that the network did not see: no dictionary, no language model.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import BLANK, Classes
from geulnun.decode.steps import Steps

#: Probability below which a class is neither followed by the beam nor told as an alternative.
LEAST = 5e-4


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


def greedy(steps: Steps, classes: Classes, alternatives: int = 4) -> list[Decoded]:
    """Decode step by step: repeats merged, blanks dropped."""
    ids, probabilities = steps.best()
    peaks = [first + int(probabilities[first:last].argmax()) for first, last in _runs(ids) if ids[first] != BLANK]
    return characters(steps, [int(ids[peak]) for peak in peaks], peaks, classes, alternatives)


def beam(steps: Steps, classes: Classes, width: int = 8, alternatives: int = 4) -> list[Decoded]:
    """Decode by prefix beam search over ``width`` prefixes."""
    # Per prefix: probability of ending in blank, of ending in its last character, and that character's best step.
    beams: dict[tuple[int, ...], _Ending] = {(): _Ending(1.0, 0.0, ())}
    ids, probabilities = steps.top(np.arange(len(steps)), width)
    for step, (found, chances) in enumerate(zip(ids.tolist(), probabilities.tolist(), strict=True)):
        options = [(index, p) for index, p in zip(found, chances, strict=True) if p > LEAST]
        grown: dict[tuple[int, ...], _Ending] = {}
        for prefix, ending in beams.items():
            for index, p in options:
                _extend(grown, prefix, ending, index, p, step)
        kept = sorted(grown.items(), key=lambda item: -item[1].total)[:width]
        scale = max(kept[0][1].total, 1e-30)
        beams = {prefix: _Ending(e.blank / scale, e.letter / scale, e.peaks) for prefix, e in kept}
    prefix, ending = max(beams.items(), key=lambda item: item[1].total)
    return characters(steps, list(prefix), [step for step, _ in ending.peaks], classes, alternatives)


def text_of(decoded: list[Decoded]) -> str:
    """The decoded characters as a string, inner spaces single, outer ones dropped."""
    return " ".join("".join(char.text for char in decoded).split())


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


def characters(
    steps: Steps, ids: Sequence[int], peaks: Sequence[int], classes: Classes, alternatives: int
) -> list[Decoded]:
    """The characters ``ids`` that are clearest at the steps ``peaks``, ascending, with places and other readings."""
    if not ids:
        return []
    borders = _borders(peaks, len(steps))
    found, chances = steps.top(peaks, alternatives + 2)
    out: list[Decoded] = []
    for at, index in enumerate(ids):
        options = list(zip(found[at].tolist(), chances[at].tolist(), strict=True))
        chosen = next((p for other, p in options if other == index), 0.0)
        # Below this a reading is noise, and most characters of a clean page have none above it.
        others = tuple((classes.decode([o]), p) for o, p in options if o not in (index, BLANK) and p > LEAST)
        text = classes.decode([index])
        out.append(Decoded(text, min(chosen, 1.0), peaks[at], borders[at], borders[at + 1], others[:alternatives]))
    return out


def _borders(peaks: Sequence[int], steps: int) -> list[float]:
    """Borders between characters: half-way between their peaks; the outer two mirror the inner ones."""
    if not peaks:
        return [0.0]
    centres = np.asarray(peaks, np.float64) + 0.5
    inner = (centres[1:] + centres[:-1]) / 2
    # One character alone, or the ends of a line: as wide on the outside as on the inside.
    head = centres[0] - (inner[0] - centres[0] if len(inner) else centres[0])
    tail = centres[-1] + (centres[-1] - inner[-1] if len(inner) else steps - centres[-1])
    return [max(0.0, float(head)), *inner.tolist(), min(float(steps), float(tail))]
