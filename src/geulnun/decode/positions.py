"""Decoders that write a character a step, by attention or all at once: steps -> characters, up to the end class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geulnun.charset import BLANK, Classes
from geulnun.decode.ctc import Decoded, characters
from geulnun.decode.steps import Steps


def greedy(steps: Steps, classes: Classes, alternatives: int = 4) -> list[Decoded]:
    """The most probable class of each step until the end (class 0).

    Such networks do not say where a character stands: their extents here are equal shares of the steps read, and
    ``start`` and ``end`` are to be taken as fractions of the last character's ``end``.
    """
    ids, _ = steps.best()
    ends = np.flatnonzero(ids == BLANK)
    count = int(ends[0]) if len(ends) else len(ids)
    return evenly(characters(steps, ids[:count].tolist(), range(count), classes, alternatives))


def evenly(decoded: Sequence[Decoded]) -> list[Decoded]:
    """The same characters, each with an equal share as its extent."""
    return [replace(char, start=float(at), end=at + 1.0) for at, char in enumerate(decoded)]
