"""Scorers for beam search: a language model with its weights, and several scorers at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from geulnun.decode.beam import Scorer
from geulnun.decode.ngram import NGram, State

#: Answers remembered before they are forgotten all at once; a page asks the same things again and again.
_MOST = 300_000


class Fusion:
    """A character language model, weighed: shallow fusion (Hannun et al. 2014, arXiv:1408.2873, section 2.2).

    A text's weight is p(text | image) * p(text)**alpha * exp(beta * characters).

    Args:
        model: the language model.
        alpha: how much it counts, 0 and up.
        beta: what each character is worth; makes up for what a model takes off long texts.
        sentences: lines are whole sentences. Lines of a page are not: they begin after a space, and their end tells
            nothing.
    """

    alphabet: frozenset[str] | None = None

    def __init__(self, model: NGram, alpha: float = 0.3, beta: float = 0.0, sentences: bool = False) -> None:
        self.model, self.alpha, self.beta, self.sentences = model, alpha, beta, sentences
        self.start: State = model.begin if sentences else model.after(" ")
        self._known: dict[tuple[State, str], tuple[State, float]] = {}

    def step(self, state: State, char: str) -> tuple[State, float]:
        """See `Scorer.step`."""
        key = (state, char)
        found = self._known.get(key)
        if found is None:
            after, score = self.model.step(state, char)
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[key] = (after, self.alpha * score + self.beta)
        return found

    def end(self, state: State) -> float:
        """See `Scorer.end`."""
        return self.alpha * self.model.end(state) if self.sentences else 0.0

    def follows(self, state: State) -> None:
        """Any character may follow."""
        return None


class Together:
    """Several scorers at once: their weights multiply, and what one refuses is refused."""

    def __init__(self, *scorers: Scorer[Any]) -> None:
        self._scorers = scorers
        given = [scorer.alphabet for scorer in scorers if scorer.alphabet is not None]
        self.alphabet: frozenset[str] | None = frozenset.intersection(*given) if given else None
        self.start: tuple[Hashable, ...] = tuple(scorer.start for scorer in scorers)

    def step(self, state: tuple[Hashable, ...], char: str) -> tuple[tuple[Hashable, ...], float] | None:
        """See `Scorer.step`."""
        states: list[Hashable] = []
        total = 0.0
        for scorer, own in zip(self._scorers, state, strict=True):
            found = scorer.step(own, char)
            if found is None:
                return None
            states.append(found[0])
            total += found[1]
        return tuple(states), total

    def end(self, state: tuple[Hashable, ...]) -> float:
        """See `Scorer.end`."""
        return sum(scorer.end(own) for scorer, own in zip(self._scorers, state, strict=True))

    def follows(self, state: tuple[Hashable, ...]) -> Iterable[str] | None:
        """What all of them let follow."""
        found = [scorer.follows(own) for scorer, own in zip(self._scorers, state, strict=True)]
        given = [frozenset(chars) for chars in found if chars is not None]
        return frozenset.intersection(*given) if given else None
