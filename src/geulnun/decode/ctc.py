"""Connectionist temporal classification decoded: steps of a network -> characters with places and alternatives.

Greedy decoding takes the most probable class of every step and writes nothing that the network did not see; beam search
is in `geulnun.decode.beam`.
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


def text_of(decoded: list[Decoded]) -> str:
    """The decoded characters as a string, inner spaces single, outer ones dropped."""
    return " ".join("".join(char.text for char in decoded).split())


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
    best, surest = (values[list(peaks)] for values in steps.best())
    # Beside a class of nearly all probability there is none worth telling, and nothing to look for.
    clear = (best == ids) & (surest > 1 - LEAST)
    doubtful = np.flatnonzero(~clear)
    found = zip(*steps.top(np.asarray(peaks)[doubtful], alternatives + 2), strict=True) if len(doubtful) else iter(())
    out: list[Decoded] = []
    for at, index in enumerate(ids):
        chosen = float(surest[at])
        others: tuple[tuple[str, float], ...] = ()
        if not clear[at]:
            options = [(int(other), float(p)) for other, p in zip(*next(found), strict=True)]
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
