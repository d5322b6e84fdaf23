"""Small draws that every grammar shares."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Rng = np.random.Generator
T = TypeVar("T")


def any_of(rng: Rng, items: Sequence[T]) -> T:
    """One of the items, each as likely as the others."""
    return items[int(rng.integers(len(items)))]


def digits(rng: Rng, count: int) -> str:
    """So many decimal digits."""
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def filled(rng: Rng, draw: Callable[[Rng], str], length: int) -> str:
    """Draws joined by spaces or commas until ``length`` characters are there."""
    out = draw(rng)
    while len(out) < length:
        out += (" " if rng.random() < 0.85 else ", ") + draw(rng)
    return out


def spaced(rng: Rng, chars: Sequence[str]) -> str:
    """Characters in a row, with spaces at eojeol lengths."""
    out: list[str] = []
    at = 0
    while at < len(chars):
        step = int(rng.integers(1, 7))
        out.append("".join(chars[at : at + step]))
        at += step
    return " ".join(out)


@dataclass(frozen=True)
class Lacking:
    """An alphabet without some of its characters."""

    alphabet: Container[str]
    without: frozenset[str]

    def __contains__(self, char: object) -> bool:
        return char in self.alphabet and char not in self.without
