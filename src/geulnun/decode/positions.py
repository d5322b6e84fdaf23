"""Decoders that write a character a step, by attention or all at once: steps -> characters, up to the end class."""

from __future__ import annotations

import numpy as np

from geulnun.charset import BLANK, Classes
from geulnun.decode.ctc import LEAST, Decoded
from geulnun.decode.steps import Steps


def greedy(steps: Steps, classes: Classes, alternatives: int = 4) -> list[Decoded]:
    """The most probable class of each step until the end (class 0).

    Such networks do not say where a character stands: their extents here are equal shares of the steps read, and
    ``start`` and ``end`` are to be taken as fractions of the last character's ``end``.
    """
    ids, chances = steps.best()
    ends = np.flatnonzero(ids == BLANK)
    count = int(ends[0]) if len(ends) else len(ids)
    if not count:
        return []
    found, others = steps.top(np.arange(count), alternatives + 2)
    out = []
    for at in range(count):
        options = zip(found[at].tolist(), others[at].tolist(), strict=True)
        more = [(classes.decode([o]), p) for o, p in options if o not in (ids[at], BLANK) and p > LEAST]
        text = classes.decode([int(ids[at])])
        out.append(Decoded(text, min(float(chances[at]), 1.0), at, at, at + 1, tuple(more[:alternatives])))
    return out
