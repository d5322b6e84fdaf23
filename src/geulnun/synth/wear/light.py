"""Light on a sheet: uneven, shaded, glaring.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import Image, Rng, enlarged, small_grid, smooth, times, towards, u8


def uneven_light(image: Image, strength: float, rng: Rng) -> Image:
    """Multiply by a smooth field of light between 1 - ``strength`` and 1."""
    return times(image, smooth(rng, image.shape, 3, 4, 255 * (1 - strength), 255))


def shadow(image: Image, strength: float, rng: Rng) -> Image:
    """Darken one side of a random straight edge by ``strength`` (0..1), softly; at times a band, as of an arm."""
    height, width = image.shape[:2]
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
    ys, xs = small_grid(image.shape)
    distance = (xs - at * width) * np.float32(np.cos(angle)) + (ys - at * height) * np.float32(np.sin(angle))
    soft = float(rng.uniform(0.01, 0.08)) * max(height, width) + 1
    shade = 1 / (1 + np.exp(-np.clip(distance / soft, -30, 30)))
    if rng.random() < 0.3:
        band = float(rng.uniform(0.1, 0.4)) * max(height, width)
        shade = shade / (1 + np.exp(np.clip((distance - band) / soft, -30, 30)))
    return times(image, enlarged(1 - strength * shade, image.shape))


def glare(image: Image, strength: float, rng: Rng) -> Image:
    """A lamp mirrored in glossy paper: an oval that fades to white, ``strength`` 0..1 in its middle."""
    height, width = image.shape[:2]
    ys, xs = small_grid(image.shape)
    angle = rng.uniform(0, np.pi)
    dx, dy = xs - np.float32(rng.uniform(0, width)), ys - np.float32(rng.uniform(0, height))
    long, short = (float(rng.uniform(*span)) * max(height, width) + 1 for span in ((0.15, 0.4), (0.06, 0.2)))
    along = (dx * np.cos(angle) + dy * np.sin(angle)) / long
    across = (dy * np.cos(angle) - dx * np.sin(angle)) / short
    return towards(image, enlarged(strength * np.exp(-(along**2) - across**2), image.shape), 255.0)


def vignette(image: Image, strength: float) -> Image:
    """Darken the corners by ``strength`` (0..1), as a lens does."""
    height, width = image.shape[:2]
    ys, xs = small_grid(image.shape)
    away = ((xs / width - 0.5) ** 2 + (ys / height - 0.5) ** 2) * 2
    return times(image, enlarged(1 - strength * away * away, image.shape))


def dim(image: Image, share: float) -> Image:
    """All of the light times ``share`` (0..1)."""
    return u8(cv2.convertScaleAbs(image, alpha=share))
