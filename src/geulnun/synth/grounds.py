"""Grounds that a line generator sets text on: noise, white, quasicrystals, pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from geulnun.errors import MissingInputError

Image = NDArray[np.uint8]
Rng = np.random.Generator
#: What is taken for a picture in a folder of pictures.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def noise(height: int, width: int, rng: Rng) -> Image:
    """Light grey paper with Gaussian noise of 10 grey levels about 235, RGB (h, w, 3)."""
    grey = 235 + 10 * rng.standard_normal((height, width), dtype=np.float32)
    return _rgb(grey)


def white(height: int, width: int) -> Image:
    """Plain white, RGB (h, w, 3)."""
    return np.full((height, width, 3), 255, np.uint8)


def quasicrystal(height: int, width: int, rng: Rng) -> Image:
    """A sum of plane waves in evenly turned directions, RGB (h, w, 3): a pattern with order and no period."""
    waves = int(rng.integers(7, 18))
    frequency = 2 * np.pi / float(rng.uniform(8, 40))
    turn = float(rng.uniform(0, np.pi))
    total = np.zeros((height, width), np.float32)
    for wave in range(waves):
        angle = turn + np.pi * wave / waves
        along = np.arange(width, dtype=np.float32) * np.float32(frequency * np.cos(angle)) + np.float32(
            rng.uniform(0, 6.3)
        )
        across = np.arange(height, dtype=np.float32) * np.float32(frequency * np.sin(angle))
        # cos(a + b) by its parts: two outer products cost far less than a cosine of each pixel.
        total += np.outer(np.cos(across), np.cos(along)) - np.outer(np.sin(across), np.sin(along))
    return _rgb(127.5 - total * np.float32(127.5 / waves))


def picture(height: int, width: int, rng: Rng) -> Image:
    """Something photo-like that we draw ourselves, RGB (h, w, 3): clouds of colour, blots and grain."""
    cells = rng.uniform(40, 255, (int(rng.integers(2, 6)), int(rng.integers(2, 9)), 3)).astype(np.float32)
    field = cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 7))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(2, max(width // 3, 4))), int(rng.integers(2, max(height, 4))))
        shade = tuple(float(level) for level in rng.uniform(40, 255, 3))
        cv2.ellipse(field, centre, axes, float(rng.uniform(0, 180)), 0, 360, shade, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(field, (0, 0), float(rng.uniform(0.5, 3)))
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * np.float32(rng.uniform(0, 12))
    return np.asarray(np.clip(soft + grain, 0, 255), np.uint8)


def cut_from(folder: Path, height: int, width: int, rng: Rng) -> Image:
    """A random piece of a random picture of a folder, enlarged where it is too small; RGB (h, w, 3).

    Raises:
        MissingInputError: the folder holds no picture.
    """
    files = _pictures(folder)
    with PilImage.open(files[int(rng.integers(len(files)))]) as opened:
        whole = np.asarray(opened.convert("RGB"), np.uint8)
    grow = max(height / whole.shape[0], width / whole.shape[1], 1.0)
    if grow > 1:
        size = (max(width, round(whole.shape[1] * grow)), max(height, round(whole.shape[0] * grow)))
        whole = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    y, x = int(rng.integers(whole.shape[0] - height + 1)), int(rng.integers(whole.shape[1] - width + 1))
    return whole[y : y + height, x : x + width].copy()


@lru_cache(maxsize=8)
def _pictures(folder: Path) -> tuple[Path, ...]:
    found = tuple(sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES))
    if not found:
        raise MissingInputError(f"{folder}: holds no picture ({', '.join(sorted(SUFFIXES))}); name a folder that does")
    return found


def _rgb(grey: NDArray[np.float32]) -> Image:
    levels = np.clip(grey, 0, 255).astype(np.uint8)
    return np.repeat(levels[..., None], 3, 2)
