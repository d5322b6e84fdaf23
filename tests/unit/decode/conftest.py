"""Words of characters as tests lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from geulnun.decode.shapes import Shapes


def word(x: float, y: float, widths: Sequence[float], high: float, degrees: float = 0.0) -> Shapes:
    """A word of characters so wide, whose upper left corner is (x, y) and which reads along ``degrees``."""
    turn = np.radians(degrees)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    ends = np.concatenate([[0.0], np.cumsum(widths)])
    quads = [
        [along * a, along * b, along * b + across * high, along * a + across * high]
        for a, b in [*pairwise(ends), (0.0, ends[-1])]
    ]
    placed = np.array(quads) + (x, y)
    return Shapes.of(placed[-1:], placed[:-1], np.zeros(len(widths)))


def dense(rows: int, columns: int, size: int = 12, seed: int = 1) -> Shapes:
    """A page of words of 1 to 6 characters with small spaces: ``rows`` lines of about ``columns`` characters."""
    rng = np.random.default_rng(seed)
    shapes = []
    for row in range(rows):
        at, x = 0, 20.0
        while at < columns:
            count = int(rng.integers(1, 7))
            widths = rng.choice([size, size, size, size * 0.6], count).round(2)
            shapes.append(word(x, 20.0 + row * size * 1.5, widths.tolist(), size))
            x, at = x + widths.sum() + size * 0.35, at + count
    return together(shapes)


def together(parts: Sequence[Shapes]) -> Shapes:
    """All words and characters of several as one."""
    first = np.cumsum([0, *[len(part.words) for part in parts]])
    owners = [part.word_of + start for part, start in zip(parts, first, strict=False)]
    return Shapes.of(
        np.concatenate([part.words for part in parts]),
        np.concatenate([part.chars for part in parts]),
        np.concatenate(owners),
    )
