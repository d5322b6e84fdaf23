"""What is done to a character in the network's input: one affine move, and strokes displaced."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.training.characters.options import AugmentChoice

Ink = NDArray[np.float32]
Rng = np.random.Generator


def moved(ink: Ink, choice: AugmentChoice, rng: Rng) -> Ink:
    """Zoom, stretch, turn, slant and shift a character; outside there is paper.

    Args:
        ink: float32 (S, S), 0 for paper.
        choice: how far at most.
        rng: draws how far.

    Returns:
        float32 (S, S), 0..1.
    """
    side = ink.shape[0]
    zoom = float(np.exp(rng.uniform(*np.log(choice.zoom))))
    wide = 1 + float(rng.uniform(-choice.stretch, choice.stretch))
    turn, slant = (float(rng.uniform(-most, most)) for most in (np.radians(choice.rotation), choice.shear))
    shift = rng.uniform(-choice.translation, choice.translation, 2) * side
    matrix = affine(zoom * wide, zoom / wide, turn, slant, shift, side)
    out = cv2.warpAffine(ink, matrix, (side, side), flags=cv2.INTER_LINEAR, borderValue=0)
    if choice.elastic:
        out = displaced(np.asarray(out, np.float32), choice.elastic * side, rng)
    return np.clip(np.asarray(out, np.float32), 0, 1)


def affine(
    across: float, down: float, turn: float, slant: float, shift: NDArray[np.float64], side: int
) -> NDArray[np.float64]:
    """The matrix (2, 3) that takes a point (x, y) of the input to its place, about the middle of the image.

    Args:
        across: scale along x.
        down: scale along y.
        turn: radians, clockwise as rows count downwards.
        slant: columns a row.
        shift: pixels (x, y).
        side: of the image.
    """
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = spin @ np.array([[across, slant * down], [0.0, down]])
    middle = np.full(2, (side - 1) / 2)
    return np.concatenate([linear, (middle + shift - linear @ middle)[:, None]], axis=1)


def displaced(ink: Ink, most: float, rng: Rng) -> Ink:
    """Move every pixel by a smooth random field, ``most`` pixels at its largest (Simard et al. 2003, section 2)."""
    side = ink.shape[0]
    # A coarse field made smooth is a tenth of the time of a fine one blurred.
    coarse = rng.uniform(-1, 1, (2, 6, 6)).astype(np.float32)
    fields = [cv2.resize(field, (side, side), interpolation=cv2.INTER_CUBIC) for field in coarse]
    scale = most / max(float(np.abs(field).max()) for field in fields)
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    x, y = (grid + scale * field for grid, field in zip((columns, rows), fields, strict=True))
    return np.asarray(cv2.remap(ink, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR), np.float32)
