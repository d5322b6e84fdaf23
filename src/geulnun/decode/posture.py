"""How lines of text stand, from the orientation network's logits, and which way up their page is.

A line crop is cut along its quad, whose axis can be seen without reading; four postures are left:

====================  ====================================================================
`UPRIGHT`             the text runs along the crop, heads up
`HEAD_DOWN`           the same, upside down: the quad begins at the text's end
`COLUMN`              upright characters one below the other, the crop's left is their up
`COLUMN_HEAD_DOWN`    the same from the other end
====================  ====================================================================

Each posture of a line says how the page was turned; a page's lines vote with their probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.geometry import Floats

UPRIGHT, HEAD_DOWN, COLUMN, COLUMN_HEAD_DOWN = range(4)
POSTURES = ("upright", "head down", "column", "column, head down")

#: The clockwise turns of a page, degrees, in the order of arrays below.
TURNS = (0, 90, 180, 270)
#: What a line keeps for each turn though it be sure of another: one misread line must not outvote a page.
_DOUBT = 0.04
#: How much likelier the turn that was guessed is than any other one, before a line was looked at.
_GUESS_ODDS = 3.0


@dataclass(frozen=True, slots=True)
class PageTurn:
    """Which way up a page is.

    Attributes:
        rotation: the clockwise turn, 0, 90, 180 or 270 degrees, that makes the page upright.
        confidence: its probability, 0..1; 0 where there was no line to tell.
        columns: share of the lines looked at that are columns of upright characters, 0..1.
    """

    rotation: int
    confidence: float
    columns: float


def probabilities(logits: NDArray[np.floating]) -> Floats:
    """Softmax of logits (n, 4) over the postures."""
    values = np.asarray(logits, np.float64).reshape(-1, len(POSTURES))
    raised = np.exp(values - values.max(1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(1, keepdims=True))


def upside_down(postures: Floats) -> Floats:
    """Probability (n,) that a line begins at the other end of its quad, from probabilities (n, 4)."""
    return np.asarray(postures[:, HEAD_DOWN] + postures[:, COLUMN_HEAD_DOWN])


def turned(postures: Floats, quads: Floats) -> Floats:
    """Probabilities (n, 4) of the page's turns (`TURNS`) by each line's postures (n, 4) and quad (n, 4, 2)."""
    quarter = np.round(geometry.angles(quads) / 90).astype(np.int64)
    out = np.zeros((len(quads), len(TURNS)))
    rows = np.arange(len(quads))
    # Level text that reads right needs no turn; a column of an upright page runs down, at 90 degrees.
    for posture, stands in ((UPRIGHT, 0), (HEAD_DOWN, 2), (COLUMN, 1), (COLUMN_HEAD_DOWN, 3)):
        np.add.at(out, (rows, (stands - quarter) % 4), postures[:, posture])
    return out


def page_turn(postures: Floats, quads: Floats, guess: int = 0) -> PageTurn:
    """Let lines vote on the turn of their page.

    The votes are multiplied as those of independent witnesses, each of whom errs once in a while.

    Args:
        postures: probabilities (n, 4) of each line's postures.
        quads: the lines (n, 4, 2) as they were found, in pixels of the page as it is.
        guess: the clockwise turn, 0, 90, 180 or 270 degrees, that a detector thinks makes the page upright; most pages
            are upright.

    Raises:
        ValueError: ``guess`` is no such turn.
    """
    if guess not in TURNS:
        raise ValueError(f"a turn of {guess} degrees; expected 0, 90, 180 or 270")
    if not len(quads):
        return PageTurn(guess, 0.0, 0.0)
    votes = np.log((1 - _DOUBT) * turned(postures, quads) + _DOUBT / len(TURNS)).sum(0)
    votes[TURNS.index(guess)] += np.log(_GUESS_ODDS)
    chances = np.exp(votes - votes.max())
    best = int(chances.argmax())
    columns = postures[:, COLUMN] + postures[:, COLUMN_HEAD_DOWN] > 0.5
    return PageTurn(TURNS[best], float(chances[best] / chances.sum()), float(columns.mean()))


def level(quads: Floats, rotation: int) -> NDArray[np.bool_]:
    """Which of the quads (n, 4, 2) run along the lines of a page that needs a turn of ``rotation`` degrees."""
    angle = _angle(quads, rotation)
    return (np.abs(angle) <= 45) | (np.abs(angle) > 135)


def righted(quads: Floats, rotation: int, over: Floats | None = None) -> Floats:
    """Quads (n, 4, 2) that begin where their text does on a page that needs a turn of ``rotation`` degrees.

    Lines of the upright page read to the right; quads against that are begun at their other end. Those nearer to
    upright go by ``over``, the probability (n,) that each begins at the wrong end, or else downwards.
    """
    array = geometry.as_quads(quads)
    angle = _angle(array, rotation)
    up = angle < 0 if over is None else over > 0.5
    against = np.where(level(array, rotation), np.abs(angle) > 90, up)
    return np.where(against[:, None, None], np.roll(array, 2, axis=1), array)


def _angle(quads: Floats, rotation: int) -> Floats:
    """Degrees (n,) by which lines lean on the page when it is upright, -180..180."""
    return np.asarray((geometry.angles(quads) + rotation + 180) % 360 - 180)
