"""Ink that is no character: scribbles, crossings-out, specks, and pieces of two characters side by side."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
#: Side of the sheets that scribbles are drawn on, pixels.
SIDE = 96


def scribble(rng: Rng) -> Image:
    """A curve that crosses itself: ten to forty points, joined smoothly; black on white (96, 96)."""
    points = rng.uniform(8, SIDE - 8, (int(rng.integers(10, 40)), 2))
    for _ in range(2):
        # Corners are cut (Chaikin 1974), twice.
        points = np.repeat(points, 2, axis=0)
        points = np.concatenate([points[:1], 0.75 * points[1:-1:2] + 0.25 * points[2::2], points[-1:]])
    sheet = _sheet()
    cv2.polylines(sheet, [np.rint(points).astype(np.int32)], False, 0, int(rng.integers(1, 5)), cv2.LINE_AA)
    return sheet


def crossed(rng: Rng) -> Image:
    """Seven to sixteen straight strokes any way, as where something was crossed out."""
    sheet = _sheet()
    lean = float(rng.uniform(0, np.pi))
    for _ in range(int(rng.integers(7, 17))):
        turn, length = lean + float(rng.normal(0, 0.5)), float(rng.uniform(30, 80))
        x, y = rng.uniform(20, SIDE - 20, 2)
        dx, dy = length / 2 * np.cos(turn), length / 2 * np.sin(turn)
        cv2.line(sheet, (round(x - dx), round(y - dy)), (round(x + dx), round(y + dy)), 0, int(rng.integers(1, 4)))
    return sheet


def specks(rng: Rng) -> Image:
    """Twelve to sixty specks of dirt."""
    sheet = _sheet()
    for x, y in rng.integers(4, SIDE - 4, (int(rng.integers(12, 60)), 2)).tolist():
        cv2.circle(sheet, (x, y), int(rng.integers(0, 3)), 0, -1)
    return sheet


KINDS: tuple[Callable[[Rng], Image], ...] = (scribble, crossed, specks)


def drawn(rng: Rng) -> Image:
    """Any of these."""
    return KINDS[int(rng.integers(len(KINDS)))](rng)


def pieces(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """The right half of one character and the left half of another, as a cut in the wrong place leaves them.

    Args:
        left: ink (S, S) of the first.
        right: ink (S, S) of the second.

    Returns:
        ink (S, S), a gap between the halves.
    """
    side = left.shape[1]
    middle, gap = side // 2, max(1, side // 12)
    out = np.zeros_like(left)
    out[:, : middle - gap] = left[:, side - (middle - gap) :]
    out[:, middle + gap :] = right[:, : side - middle - gap]
    return out


def _sheet() -> Image:
    return np.full((SIDE, SIDE), 255, np.uint8)
