"""What is printed behind a handwritten line: notebook rules, graph paper, the squares of manuscript paper (원고지)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
Ruling = Literal["rules", "graph", "squares"]
RULINGS: tuple[Ruling, ...] = get_args(Ruling)


def ruling(
    shape: tuple[int, int],
    baseline: float,
    size: float,
    rng: Rng,
    kind: Ruling | None = None,
    cell: float | None = None,
    left: float = 0.0,
) -> Image:
    """Draw the ruling of the paper behind one line as a mask uint8 (h, w), 255 where it is printed.

    Args:
        shape: height and width in pixels.
        baseline: y of the line's baseline, as `hand.Written` gives it.
        size: em size in pixels.
        rng: source of pitch, width and place.
        kind: which ruling; drawn at random if not given: squares where there are cells, else rules mostly.
        cell: side of the squares in pixels, that of `hand.write`; needed for "squares".
        left: x where the first square begins.

    Raises:
        ValueError: "squares" without ``cell``, or no such ruling.
    """
    kind = kind or ("squares" if cell else "rules" if rng.random() < 0.75 else "graph")
    if kind not in RULINGS:
        raise ValueError(f"ruling is {kind!r}; expected one of {', '.join(RULINGS)}")
    out = np.zeros(shape, np.uint8)
    thick = max(1, round(size * float(rng.uniform(0.015, 0.04))))
    if kind == "squares":
        if not cell:
            raise ValueError("squares need the side of a cell; give cell")
        # Characters stand in the middle of their squares: half of 한 is about a third of an em above the baseline.
        roof = baseline - 0.36 * size - cell / 2
        _rows(out, [roof, roof + cell], thick)
        _rows(out.T, np.arange(left % cell, shape[1], cell), thick)
        if rng.random() < 0.6:
            # Manuscript paper leaves a strip between its lines.
            strip = cell * float(rng.uniform(0.2, 0.4))
            _rows(out, [roof - strip, roof + cell + strip], thick)
            for y0, y1 in ((roof - strip, roof), (roof + cell, roof + cell + strip)):
                out[max(round(y0) + thick, 0) : max(round(y1), 0)] = 0
    elif kind == "graph":
        pitch = size * float(rng.uniform(0.3, 0.7))
        _rows(out, np.arange(rng.uniform(0, pitch), shape[0], pitch), thick)
        _rows(out.T, np.arange(rng.uniform(0, pitch), shape[1], pitch), thick)
    else:
        pitch = size * float(rng.uniform(1.2, 1.9))
        # Hands sit on the rule or float a little above it.
        first = (baseline + size * float(rng.uniform(0.0, 0.25))) % pitch
        _rows(out, np.arange(first, shape[0], pitch), thick)
    return out


def _rows(out: Image, places: NDArray[np.float64] | list[float], thick: int) -> None:
    """Fill rows of ``thick`` pixels from each place on."""
    for y in places:
        out[max(round(float(y)), 0) : max(round(float(y)) + thick, 0)] = 255
