"""Words and characters out of the maps of points (`geulnun.decode.point_maps` says what stands in them).

Every box is announced by the one cell nearest to its centre: peaks take the place of the search for overlapping boxes
(non-maximum suppression). Characters name the centre of their word, so that words and characters check each other: a
word takes its ends from its characters, and characters whose word was not seen make it up. All of it works on arrays;
nothing loops over boxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode.neighbours import best_of, components, pairs_inside
from geulnun.decode.peaks import NARROW, Peaks, bounds, centres, kept, middles, peaks, sides
from geulnun.decode.point_maps import (
    AGAINST,
    CHANNELS,
    CHAR,
    CHAR_QUAD,
    DOWN,
    OWNER,
    STRIDE,
    UNIT,
    WORD,
    WORD_QUAD,
    Maps,
    encode,
    lengthened,
    perfect,
    shortened,
)
from geulnun.decode.shapes import Bools, Indices, Shapes
from geulnun.geometry import Floats

__all__ = [
    "CHANNELS",
    "STRIDE",
    "UNIT",
    "Maps",
    "PointOptions",
    "decode",
    "encode",
    "lengthened",
    "perfect",
    "shortened",
]

#: The middles of a word's characters are nearer to its middle line than this, in half heights.
_BESIDE = 1.2
#: Logits of directions count no more than this, and level text must be doubted by this much to read from the right.
_CERTAIN, _DOUBT = 6.0, 0.3


@dataclass(frozen=True)
class PointOptions:
    """What counts as found; all probabilities 0..1.

    They were chosen on pages of the training side for the package's weights. Peaks and sound corners keep some noise
    out; the rest are words that no character speaks for, so that these are asked for more.

    Attributes:
        word_threshold: of a word's centre.
        char_threshold: of a character's centre.
        lone_threshold: least score of words that no character speaks for, and of such that only characters do.
        reach: how far a character's guess may be from the centre of its word, in the word's size along and across.
        least_height: words lower than this many pixels are dropped.
    """

    word_threshold: float = 0.6
    char_threshold: float = 0.55
    lone_threshold: float = 0.8
    reach: float = 2.0
    least_height: float = 2.0

    def __post_init__(self) -> None:
        for name in ("word_threshold", "char_threshold", "lone_threshold"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0 and less than 1")
        for name in ("reach", "least_height"):
            if not 0 < getattr(self, name) <= 100:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0 and at most 100")


DEFAULT = PointOptions()


def decode(maps: Maps, options: PointOptions = DEFAULT) -> Shapes:
    """Find words and characters in maps (22, h, w).

    Returns:
        Words from the start of their text, and characters in reading order, which start where their words do; a
        character of no word is left out. In pixels of the page the maps were drawn for.
    """
    words = peaks(maps, WORD, WORD_QUAD, options.word_threshold)
    words = kept(words, ~_repeated(words) & (sides(words.quads)[1] >= options.least_height))
    chars = peaks(maps, CHAR, CHAR_QUAD, options.char_threshold)
    votes = centres(chars.quads)
    if len(chars.cell):
        votes = middles(chars.cell, maps.shape[2]) + lengthened(maps.reshape(CHANNELS, -1)[OWNER, chars.cell].T)
    turned = maps.reshape(CHANNELS, -1)[DOWN : AGAINST + 1, words.cell]
    quarters = _directions(words, np.clip(turned, -_CERTAIN, _CERTAIN))
    quads = _rolled(words.quads, quarters)
    owner = _owners(quads, chars, votes, options.reach)
    made, owner = _assembled(chars, votes, owner, _majority(quarters, words.quads), len(quads))
    quads = _with_ends(np.concatenate([quads, made]), chars.quads, owner)
    return _shapes(words, quads, chars, owner, options)


class _Frame(NamedTuple):
    """Middles (n, 2), unit axes along and across (n, 2), and half sizes along and across (n,) of quads."""

    middle: Floats
    along: Floats
    across: Floats
    half: Floats
    tall: Floats

    def seen(self, box: Indices, points: Floats) -> tuple[Floats, Floats]:
        """Where points (k, 2) lie, seen from the middle of their box (k,): along and across, in pixels."""
        dx, dy = (points - self.middle[box]).T
        (ax, ay), (bx, by) = self.along[box].T, self.across[box].T
        return dx * ax + dy * ay, dx * bx + dy * by


def _frame(quads: Floats) -> _Frame:
    """Frames of words along their longer side."""
    width, height = sides(quads)
    quads = np.where((width < height)[:, None, None], np.roll(quads, 1, 1), quads)
    along = quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    return _Frame(centres(quads), along, across, np.maximum(width, height) / 2, np.minimum(width, height) / 2)


def _repeated(words: Peaks) -> Bools:
    """Which words (n,) are a weaker sight of another: long words may have several peaks, seen with errors."""
    frame = _frame(words.quads)
    again = np.zeros(len(words.cell), bool)
    box, other = pairs_inside(frame.middle, bounds(words.quads))
    box, other = box[box != other], other[box != other]
    u, v = frame.seen(box, frame.middle[other])
    inside = (np.abs(u) < 0.8 * frame.half[box]) & (np.abs(v) < 0.8 * frame.tall[box])
    weaker = (words.scores[box] < words.scores[other]) | ((words.scores[box] == words.scores[other]) & (box > other))
    # Words that stand in each other's middle are one, of like height at least; else both may be.
    alike = np.abs(np.log(np.maximum(frame.tall[box], 1e-9) / np.maximum(frame.tall[other], 1e-9))) < np.log(1.8)
    clash = inside & alike
    again[box[clash & weaker]] = True
    again[other[clash & ~weaker]] = True
    return again


def _directions(words: Peaks, logits: NDArray[np.float32]) -> Indices:
    """Quarter turns (n,) of the words' text, from their logits (2, n) of running down and of reading against that.

    A long word shows its axis; which way it reads along that all words with the same axis decide together, unless it
    is long and sure itself. Words of one character take the page's axis where they are not sure.
    """
    width, height = sides(words.quads)
    longer = np.log(np.maximum(height, 1e-3) / np.maximum(width, 1e-3))
    size = np.clip(np.maximum(width, height) / np.maximum(np.minimum(width, height), 1e-3), 0.5, 20)
    own = logits[0] + 8 * np.sign(longer) * np.clip(np.abs(longer) - np.log(1.5), 0, 1)
    page = np.clip((own * size).sum() / max(size.sum(), 1e-9), -2, 2)
    down = own + page > 0
    against = logits[1].astype(np.float64)
    level = (against * size)[~down].sum() - _DOUBT * size[~down].sum()
    whole = np.where(down, (against * size)[down].sum(), level)
    sure = (size > 3) & (np.abs(against) > 2.5)
    back = np.where(sure, against, whole) > 0
    return np.asarray(down + 2 * back, np.int64)


def _rolled(quads: Floats, quarters: Indices) -> Floats:
    """Quads from their upper left corner to quads from the start of text so turned."""
    order = (np.arange(4) + quarters[:, None]) % 4
    return np.take_along_axis(quads, order[..., None], 1)


def _majority(quarters: Indices, quads: Floats) -> int:
    """The turn of most words, by length."""
    return int(np.bincount(quarters, np.maximum(*sides(quads)), 4).argmax()) if len(quads) else 0


def _owners(quads: Floats, chars: Peaks, votes: Floats, reach: float) -> Indices:
    """The word (m,) of each character: of those it lies in, or else just beside, the one whose centre it names; or -1.

    What a character stands in is surer than what it names, so that beside a word it must name its centre better.
    """
    owner = np.full(len(chars.cell), -1, np.int64)
    if not len(quads):
        return owner
    frame, middle = _frame(quads), centres(chars.quads)
    for beyond, most in ((0.3, reach), (2.5, 0.6 * reach)):
        left = np.flatnonzero(owner < 0)
        if not len(left):
            break
        grown = np.abs(frame.along) * (frame.half + beyond * frame.tall)[:, None]
        grown += np.abs(frame.across) * (_BESIDE * frame.tall)[:, None]
        box, char = pairs_inside(middle[left], np.concatenate([frame.middle - grown, frame.middle + grown], 1))
        char = left[char]
        u, v = frame.seen(box, middle[char])
        out = np.maximum(np.abs(u) - frame.half[box], 0) / frame.tall[box]
        near = (out < beyond) & (np.abs(v) < _BESIDE * frame.tall[box])
        box, char, out = box[near], char[near], out[near]
        du, dv = frame.seen(box, votes[char])
        cost = np.abs(du) / (0.5 * frame.half[box] + frame.tall[box]) + np.abs(dv) / (2 * frame.tall[box])
        near = cost < most
        box, char, cost = box[near], char[near], (cost + out)[near]
        best = best_of(char, cost)
        owner[char[best]] = box[best]
    return owner


def _assembled(chars: Peaks, votes: Floats, owner: Indices, turn: int, count: int) -> tuple[Floats, Indices]:
    """Words (k, 4, 2) made of the characters that have none: neighbours that name the same centre; and all owners."""
    left = np.flatnonzero(owner < 0)
    quads = _rolled(chars.quads[left], np.full(len(left), turn))
    if not len(left):
        return quads, owner
    width, height = sides(quads)
    size, middle, named = np.maximum(width, height), centres(quads), votes[left]
    first, second = pairs_inside(
        middle, np.concatenate([middle - 1.6 * size[:, None], middle + 1.6 * size[:, None]], 1)
    )
    away = np.abs(middle[first] - middle[second]).max(1, initial=0)
    slack = 0.5 * np.minimum(size[first], size[second]) + 0.15 * np.abs(named[first] - middle[first]).max(1, initial=0)
    same = (np.abs(named[first] - named[second]).max(1, initial=0) < slack) & (away < 1.6 * size[second])
    group = components(len(left), first[same], second[same])
    owner = owner.copy()
    owner[left] = count + group
    made = np.zeros((int(group.max()) + 1, 4, 2))
    # Any of its characters stands for a word until it takes its ends from all of them.
    made[group[::-1]] = quads[::-1]
    return _around(made, quads, group), owner


def _around(words: Floats, quads: Floats, owner: Indices) -> Floats:
    """The rectangles around the quads of each word, along the axes of ``words``."""
    axis = words[:, 1] + words[:, 2] - words[:, 0] - words[:, 3]
    axis = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    turn = np.stack([axis, np.stack([-axis[:, 1], axis[:, 0]], 1)], 1)
    seen = np.einsum("nij,nkj->nki", turn[owner], quads)
    low, high = np.full((len(words), 2), np.inf), np.full((len(words), 2), -np.inf)
    np.minimum.at(low, owner, seen.min(1))
    np.maximum.at(high, owner, seen.max(1))
    box = np.stack([low, np.stack([high[:, 0], low[:, 1]], 1), high, np.stack([low[:, 0], high[:, 1]], 1)], 1)
    return np.asarray(np.einsum("nji,nkj->nki", turn, box))


def _with_ends(words: Floats, chars: Floats, owner: Indices) -> Floats:
    """Words that end where their first and last characters do, which see their sides from near by.

    Where a word reaches farther than its characters by a character and more, one was missed, and its own end stays.
    """
    held = owner >= 0
    if not held.any():
        return words
    owner = owner[held]
    along = words[:, 1] + words[:, 2] - words[:, 0] - words[:, 3]
    length = np.linalg.norm(along, axis=1) / 2
    along = along / np.maximum(2 * length, 1e-9)[:, None]
    middle, high = centres(words), sides(words)[1]
    u = np.einsum("nij,nj->ni", chars[held] - middle[owner][:, None], along[owner])
    u.sort(axis=1)  # two corners of a character's quad are its back, two its front
    low, top = np.full(len(words), np.inf), np.full(len(words), -np.inf)
    np.minimum.at(low, owner, (u[:, 0] + u[:, 1]) / 2)
    np.maximum.at(top, owner, (u[:, 2] + u[:, 3]) / 2)
    slack = np.maximum(0.6 * high, 0.12 * length)
    back = np.where(low + length / 2 < slack, low + length / 2, 0.0)
    front = np.where(length / 2 - top < slack, top - length / 2, 0.0)
    bare = ~np.isfinite(low)
    back, front = (np.where(bare, 0.0, shift)[:, None] * along for shift in (back, front))
    return np.asarray(words + np.stack([back, front, front, back], 1))


def _shapes(words: Peaks, quads: Floats, chars: Peaks, owner: Indices, options: PointOptions) -> Shapes:
    """Words worth keeping, with their characters in the order in which they are read."""
    n = len(quads)
    held = owner >= 0
    count = np.bincount(owner[held], minlength=n)
    mean = np.bincount(owner[held], chars.scores[held], n) / np.maximum(count, 1)
    own = np.concatenate([words.scores, np.zeros(n - len(words.scores))])
    both = (own > 0) & (count > 0)
    scores = np.where(both, (own + mean) / 2, np.maximum(own, mean))
    keep = both | (scores >= options.lone_threshold)
    keep &= np.isfinite(quads).all((1, 2)) & (np.minimum(*sides(quads)) >= NARROW)
    along = quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]
    place = (centres(chars.quads) * along[owner]).sum(1) if n else np.zeros(len(owner))
    order = np.lexsort((place, owner))
    order = order[held[order]]
    quarters = _turns(quads)
    found = Shapes(
        quads,
        _rolled(chars.quads[order], quarters[owner[order]]),
        owner[order],
        scores,
        chars.scores[order],
        np.ones(n, bool),
    )
    return found if keep.all() else found.kept(keep)


def _turns(quads: Floats) -> Indices:
    """Quarter turns (n,) of text from the upper left corner of the page, by the direction of its quads."""
    return np.asarray(np.round(geometry.angles(quads) / 90), np.int64) % 4
