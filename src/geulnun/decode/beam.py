"""Beam search over what a network says: prefix beam search for CTC, and a beam over positions for other decoders.

Prefix beam search (Graves 2012, section 7.5; Hannun et al. 2014, arXiv:1408.2873, algorithm 1) sums over the alignments
of each text. What else is known of the text comes in as a `Scorer`: a language model, a lexicon, a pattern. Without
one, nothing is written that the network did not see.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from geulnun.charset import BLANK, Classes
from geulnun.decode.ctc import LEAST, Decoded, characters
from geulnun.decode.positions import evenly
from geulnun.decode.steps import Floats, Ids, Steps

S = TypeVar("S", bound=Hashable)

#: Where a scorer says which characters may follow, they count as at least this probable: the network may be mistaken.
_FLOOR = 1e-9
#: Prefixes this much less probable than the best are not followed, unless a scorer says what may follow.
_HOPELESS = 1e-12


#: States whose followers are remembered before they are forgotten all at once.
_MOST_STATES = 50_000


class Scorer(Protocol[S]):
    """What is known of texts beside what the network sees; states are hashable and the scorer's own."""

    @property
    def alphabet(self) -> frozenset[str] | None:
        """All characters that any text may hold; None where any may."""

    @property
    def start(self) -> S:
        """The state before the first character."""

    def step(self, state: S, char: str) -> tuple[S, float] | None:
        """The state after one more character and the natural logarithm of its weight; None where it may not follow."""

    def end(self, state: S) -> float:
        """Natural logarithm of the weight of ending here; minus infinity where the text may not."""

    def follows(self, state: S) -> Iterable[str] | None:
        """The characters that may follow; None where any may, which `step` may still refuse."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text found: class ids, the step where each is clearest, and the natural logarithm of its weight."""

    ids: tuple[int, ...]
    peaks: tuple[int, ...]
    score: float


class _Node:
    """A prefix: its last class, the scorer's state and the logarithms of all its weights so far."""

    __slots__ = ("bonus", "children", "index", "parent", "state")

    def __init__(self, parent: _Node | None, index: int, state: Any, bonus: float) -> None:
        self.parent, self.index, self.state, self.bonus = parent, index, state, bonus
        self.children: dict[int, _Node | None] = {}

    @property
    def ids(self) -> tuple[int, ...]:
        out: list[int] = []
        node = self
        while node.parent is not None:
            out.append(node.index)
            node = node.parent
        return tuple(out[::-1])


#: Where the characters of a prefix are clearest: those before, the last one's step and its probability there.
_Link = tuple[Any, int, float] | None


class BeamSearch(Generic[S]):
    """Beam search for one set of classes; keep it for many lines, it remembers what it worked out.

    Args:
        classes: what the network writes.
        scorer: what else is known of the text; None for nothing.
        width: prefixes followed, and classes looked at a step, 1 and up.
    """

    def __init__(self, classes: Classes, scorer: Scorer[S] | None = None, width: int = 8) -> None:
        self.classes, self.scorer, self.width = classes, scorer, width
        self._texts: dict[int, str] = {}
        alphabet = None if scorer is None else scorer.alphabet
        self._alphabet = None if alphabet is None else np.asarray(_encoded(classes, alphabet), np.int64)
        self._follows: dict[Any, Ids | None] = {}

    def ctc(self, steps: Steps) -> Found | None:
        """The most probable text of CTC outputs; None where the scorer lets none end."""
        # What is left beside so sure a blank is too little to be followed.
        blanks = steps.of([BLANK])[:, 0]
        active = np.flatnonzero(blanks < 1 - LEAST)
        # Probabilities are kept in proportion to the best one's; what they were divided by.
        total = float(np.log(blanks[blanks >= 1 - LEAST].astype(np.float64)).sum())
        tree = self._root()
        # Per prefix: probability of ending in blank, of ending in its last character, and the characters' places.
        beams: dict[_Node, tuple[float, float, _Link]] = {tree: (1.0, 0.0, None)}
        before = -1
        options = self._options(steps, active)
        for at, step in enumerate(active.tolist()):
            if step > before + 1:
                beams = {node: (blank + letter, 0.0, link) for node, (blank, letter, link) in beams.items()}
            before = step
            beams, scale = self._advance(beams, options, at, step)
            total += math.log(scale)
        return _best(
            (total + math.log(blank + letter) + node.bonus + self._end(node), node, link)
            for node, (blank, letter, link) in beams.items()
        )

    def positions(self, steps: Steps) -> Found | None:
        """The most probable text of outputs with a character a step, until class 0; None as above.

        The steps stand as they are: those of a decoder that feeds its own text back are not computed anew.
        """
        every = np.arange(len(steps))
        options = self._options(steps, every)
        ends = np.log(np.maximum(steps.of([BLANK])[:, 0], _FLOOR)).tolist()
        beams: list[tuple[float, _Node, _Link]] = [(0.0, self._root(), None)]
        finished: list[tuple[float, _Node, _Link]] = []
        for step in every.tolist():
            grown: list[tuple[float, _Node, _Link]] = []
            for score, node, link in beams:
                finished.append((score + ends[step] + self._end(node), node, link))
                for index, p in options.of(node, step):
                    child = self._child(node, index) if index != BLANK else None
                    if child is not None:
                        grown.append((score + math.log(p) + child.bonus - node.bonus, child, (link, step, p)))
            beams = heapq.nlargest(self.width, grown, key=lambda one: one[0])
        return _best([*finished, *((score + self._end(node), node, link) for score, node, link in beams)])

    def _advance(
        self, beams: dict[_Node, tuple[float, float, _Link]], options: _Options, at: int, step: int
    ) -> tuple[dict[_Node, tuple[float, float, _Link]], float]:
        """The prefixes after one more step, and what their probabilities were divided by."""
        grown: dict[_Node, tuple[float, float, _Link]] = {}
        least = _HOPELESS if self._alphabet is None else 0.0
        for node, (blank, letter, link) in beams.items():
            total = blank + letter
            for index, p in options.of(node, at):
                if index == BLANK:
                    _add(grown, node, total * p, 0.0, link)
                    continue
                fresh = total
                if index == node.index:
                    # A repeated character is a new one only after a blank.
                    fresh = blank
                    if letter > 0 and link is not None:
                        _add(grown, node, 0.0, letter * p, (link[0], step, p) if p > link[2] else link)
                if fresh * p > least:
                    child = self._child(node, index)
                    if child is not None:
                        _add(grown, child, 0.0, fresh * p, (link, step, p))
        ranked = [
            (math.log(blank + letter) + node.bonus, node)
            for node, (blank, letter, _) in grown.items()
            if blank + letter > 0
        ]
        kept = [node for _, node in heapq.nlargest(self.width, ranked, key=lambda one: one[0])]
        scale = max(grown[node][0] + grown[node][1] for node in kept)
        out = {}
        for node in kept:
            blank, letter, link = grown[node]
            out[node] = (blank / scale, letter / scale, link)
        return out, scale

    def _root(self) -> _Node:
        return _Node(None, BLANK, None if self.scorer is None else self.scorer.start, 0.0)

    def _end(self, node: _Node) -> float:
        return 0.0 if self.scorer is None else self.scorer.end(node.state)

    def _child(self, node: _Node, index: int) -> _Node | None:
        """The prefix with one more character; None where it may not follow."""
        if index in node.children:
            return node.children[index]
        child: _Node | None
        if self.scorer is None:
            child = _Node(node, index, None, 0.0)
        else:
            text = self._texts.get(index)
            if text is None:
                text = self._texts[index] = self.classes.decode([index])
            scored = self.scorer.step(node.state, text)
            child = None if scored is None else _Node(node, index, scored[0], node.bonus + scored[1])
        node.children[index] = child
        return child

    def _options(self, steps: Steps, at: Ids) -> _Options:
        if self._alphabet is None or self.scorer is None:
            return _Same(steps, at, self.width)
        return _Limited(self, steps, at, self._alphabet)

    def columns(self, state: S) -> Ids | None:
        """Where the characters that may follow a state stand in the alphabet; None for all of it."""
        if state not in self._follows:
            if len(self._follows) >= _MOST_STATES:
                self._follows = {}
            assert self.scorer is not None
            assert self._alphabet is not None
            chars = self.scorer.follows(state)
            found = None if chars is None else np.searchsorted(self._alphabet, _encoded(self.classes, chars))
            self._follows[state] = found
            return found
        return self._follows[state]


class _Options(Protocol):
    """The classes looked at, with their probabilities."""

    def of(self, node: _Node, at: int) -> Sequence[tuple[int, float]]: ...


class _Same:
    """The same classes for every prefix: the most probable ones of each step."""

    def __init__(self, steps: Steps, at: Ids, count: int) -> None:
        self._rows: list[list[tuple[int, float]]] = []
        if len(at):
            ids, chances = steps.top(at, count)
            for classes, row in zip(ids.tolist(), chances.tolist(), strict=True):
                found = [(index, p) for index, p in zip(classes, row, strict=True) if p > LEAST and index != BLANK]
                self._rows.append(found)
        # The blank is always among them: a scorer may refuse all others.
        for row, p in zip(self._rows, np.maximum(steps.of([BLANK])[at, 0], _FLOOR).tolist(), strict=True):
            row.append((BLANK, p))

    def of(self, node: _Node, at: int) -> Sequence[tuple[int, float]]:
        return self._rows[at]


class _Limited:
    """The most probable ones of those classes that may follow a prefix, and the blank."""

    def __init__(self, search: BeamSearch[Any], steps: Steps, at: Ids, alphabet: Ids) -> None:
        self._search, self._alphabet, self._count = search, alphabet, search.width
        self._chances: Floats = np.maximum(steps.of(alphabet)[at], np.float32(_FLOOR))
        self._blanks = np.maximum(steps.of([BLANK])[at, 0], _FLOOR).tolist()
        self._found: dict[tuple[Any, int], list[tuple[int, float]]] = {}

    def of(self, node: _Node, at: int) -> Sequence[tuple[int, float]]:
        key = (node.state, at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = [(BLANK, self._blanks[at]), *self._letters(node.state, at)]
        # The last character goes on, whatever may follow it.
        if node.index != BLANK and all(index != node.index for index, _ in found):
            own = int(np.searchsorted(self._alphabet, node.index))
            return [*found, (node.index, float(self._chances[at, own]))]
        return found

    def _letters(self, state: Any, at: int) -> list[tuple[int, float]]:
        columns = self._search.columns(state)
        ids = self._alphabet if columns is None else self._alphabet[columns]
        row = self._chances[at] if columns is None else self._chances[at, columns]
        if len(row) > self._count:
            best = np.argpartition(-row, self._count - 1)[: self._count]
            ids, row = ids[best], row[best]
        return list(zip(ids.tolist(), row.tolist(), strict=True))


def beam(
    steps: Steps, classes: Classes, width: int = 8, alternatives: int = 4, scorer: Scorer[Any] | None = None
) -> list[Decoded]:
    """Decode CTC outputs by prefix beam search over ``width`` prefixes; empty where the scorer lets no text end."""
    found = BeamSearch(classes, scorer, width).ctc(steps)
    return [] if found is None else spelled(found, steps, classes, alternatives)


def spelled(
    found: Found, steps: Steps, classes: Classes, alternatives: int = 4, positions: bool = False
) -> list[Decoded]:
    """The characters of a text found, with places and other readings.

    With ``positions``, steps are characters and tell nothing of places: extents are equal shares, as those of
    `geulnun.decode.positions`.
    """
    out = characters(steps, found.ids, found.peaks, classes, alternatives)
    for at, (char, index, peak) in enumerate(zip(out, found.ids, found.peaks, strict=True)):
        if char.confidence == 0:
            # What a scorer made of a step need not be among its likeliest classes.
            out[at] = replace(out[at], confidence=min(float(steps.of([index])[peak, 0]), 1.0))
    return evenly(out) if positions else out


def _encoded(classes: Classes, chars: Iterable[str]) -> list[int]:
    """Sorted class ids of those characters that there are classes for."""
    return sorted(index for char in chars if char in classes for index in classes.encode(char))


def _add(grown: dict[_Node, tuple[float, float, _Link]], node: _Node, blank: float, letter: float, link: _Link) -> None:
    old = grown.get(node)
    if old is None:
        grown[node] = (blank, letter, link)
        return
    # Of two alignments of one text, the clearer peak of the last character places it.
    keep = link if link is not None and (old[2] is None or link[2] > old[2][2]) else old[2]
    grown[node] = (old[0] + blank, old[1] + letter, keep)


def _best(ends: Iterable[tuple[float, _Node, _Link]]) -> Found | None:
    score, node, link = max(ends, key=lambda one: one[0], default=(-math.inf, None, None))
    if node is None or score == -math.inf:
        return None
    peaks: list[int] = []
    while link is not None:
        peaks.append(link[1])
        link = link[0]
    return Found(node.ids, tuple(peaks[::-1]), score)
