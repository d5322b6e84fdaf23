"""What the effects are made of: planes of noise and light, in eight bits, and how they join an image.

A plane is uint8 (h, w). Arithmetic stays in eight bits and look-up tables, as a worn page holds millions of pixels:
a float pass over one costs more than most effects here.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
Floats = NDArray[np.float64]
#: A grey level or an RGB colour, 0..255.
Tone = float | tuple[float, float, float]

#: Standard deviation of `grain` in its own levels.
GRAIN = 32
_BANK = 1 << 19
#: Longest side of the small planes that smooth light is computed on.
_SMALL = 160


def u8(image: NDArray[np.generic] | cv2.typing.MatLike) -> Image:
    """The same pixels as uint8, without a copy where they are."""
    out: Image = np.asarray(image, np.uint8)
    return out


def clip(image: NDArray[np.floating]) -> Image:
    """Cut floats to 0..255 and drop their fractions."""
    return np.asarray(np.clip(image, 0, 255), dtype=np.uint8)


def like(plane: Image, image: Image) -> Image:
    """A plane (h, w) with as many channels as ``image`` has."""
    return plane if image.ndim == 2 else u8(cv2.merge([plane, plane, plane]))


def times(image: Image, plane: Image) -> Image:
    """Multiply by a plane (h, w), or one of the image's own shape, where 255 means one."""
    if plane.ndim < image.ndim:
        plane = like(plane, image)
    return u8(cv2.multiply(image, plane, scale=1 / 255))


def towards(image: Image, plane: Image, tone: Tone) -> Image:
    """Blend towards one tone: wholly where the plane (h, w) is 255, not at all where it is 0."""
    keep = times(image, u8(cv2.bitwise_not(plane)))
    return u8(cv2.add(keep, tinted(plane, levels_of(image, tone))))


def tinted(plane: Image, levels: Floats, ground: ArrayLike = 0.0) -> Image:
    """Colour a plane: ``ground`` where it is 0, ``levels`` where it is 255; (h, w) for one level, else (h, w, 3)."""
    low = np.broadcast_to(np.asarray(ground, np.float64), levels.shape)
    table = clip(low + np.arange(256)[:, None] / 255 * (levels - low) + 0.5)
    if len(levels) == 1:
        return u8(cv2.LUT(plane, table[:, 0]))
    return u8(cv2.LUT(cv2.merge([plane, plane, plane]), table[None]))


def levels_of(image: Image, tone: Tone) -> Floats:
    """A tone as levels for this image: (1,) for grey, (3,) for RGB."""
    colour = np.broadcast_to(np.asarray(tone, np.float64), (3,))
    return colour if image.ndim == 3 else np.array([colour @ (0.299, 0.587, 0.114)])


def paper_tone(image: Image) -> Tone:
    """The level of the paper: the median, taken over at most some thousand pixels."""
    height, width = image.shape[:2]
    few = image[:: max(1, height // 64), :: max(1, width // 64)]
    if image.ndim == 2:
        return float(np.median(few))
    red, green, blue = np.median(few.reshape(-1, 3), axis=0)
    return float(red), float(green), float(blue)


def table(image: Image, curve: ArrayLike) -> Image:
    """Map levels by a curve (256,), or (256, 3) for each channel of RGB, cut to 0..255 and rounded."""
    values = clip(np.asarray(curve, np.float64) + 0.5)
    return u8(cv2.LUT(image, values if values.ndim == 1 else values[None]))


@lru_cache(maxsize=1)
def _bank() -> Image:
    """Normal noise around 128, drawn once from a seed of its own; where a row begins in it is what is random."""
    drawn = np.random.default_rng(20).standard_normal(_BANK, dtype=np.float32)
    return clip(drawn * GRAIN + 128.5)


def grain(rng: Rng, height: int, width: int) -> Image:
    """Normal noise (h, w) around 128 with standard deviation `GRAIN`, far quicker than drawing each pixel."""
    bank = _bank()
    if 2 * height * width <= _BANK:
        start = int(rng.integers(len(bank) - height * width))
        return bank[start : start + height * width].reshape(height, width)
    if 2 * width > _BANK:
        bank = np.tile(bank, -(-2 * width // _BANK))
    starts = rng.integers(len(bank) - width, size=height)
    rows: Image = np.lib.stride_tricks.sliding_window_view(bank, width)[starts]
    return rows


def coarse_grain(rng: Rng, shape: tuple[int, ...], cell: float) -> Image:
    """`grain` in blotches of ``cell`` pixels over the first two sides of ``shape``."""
    height, width = shape[:2]
    small = grain(rng, max(2, round(height / cell)), max(2, round(width / cell)))
    return u8(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def add_grain(image: Image, noise: Image, sigma: float, gain: Image | None = None) -> Image:
    """Add `grain` as noise of ``sigma`` levels, times a plane ``gain`` (255 means one) where given.

    ``noise`` has the image's shape, or (h, w) for the same noise in all channels.
    """
    steps = (np.arange(256) - 128) * (sigma / GRAIN)
    up, down = (u8(cv2.LUT(noise, clip(np.maximum(part, 0) + 0.5))) for part in (steps, -steps))
    if noise.ndim < image.ndim:
        up, down = like(up, image), like(down, image)
    if gain is not None:
        up, down = times(up, gain), times(down, gain)
    # Saturating sums of bytes: what would leave 0..255 stays at its end.
    return u8(cv2.subtract(cv2.add(image, up), down))


def smooth(rng: Rng, shape: tuple[int, ...], rows: int, columns: int, low: float, high: float) -> Image:
    """A smooth plane of levels from about ``low`` to ``high`` (0..255), bent through rows x columns random points."""
    cells = clip(rng.uniform(low, high, (rows, columns)) + 0.5)
    return u8(cv2.resize(cells, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC))


def small_grid(shape: tuple[int, ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Coordinates (ys, xs) in the pixels of ``shape`` on a grid of few points, for what is smooth anyway."""
    height, width = shape[:2]
    step = max(1.0, max(height, width) / _SMALL)
    rows, columns = max(2, round(height / step)), max(2, round(width / step))
    ys = (np.arange(rows, dtype=np.float32) + 0.5) * np.float32(height / rows)
    xs = (np.arange(columns, dtype=np.float32) + 0.5) * np.float32(width / columns)
    return ys[:, None], xs[None]


def enlarged(field: NDArray[np.floating], shape: tuple[int, ...]) -> Image:
    """A field 0..1 of few points as a plane 0..255 of the first two sides of ``shape``."""
    plane = clip(field * 255 + 0.5)
    return u8(cv2.resize(plane, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR))


def grating(shape: tuple[int, ...], period: float, angle: float, curve: Image, phase: float = 0.0) -> Image:
    """A plane that repeats ``curve`` (256,) every ``period`` pixels along ``angle`` degrees."""
    # Phases of 1/256 period, wrapped by the byte itself.
    steps = 256 / max(period, 1e-3)
    turn = np.radians(angle)
    across = np.round(np.arange(shape[1]) * (steps * np.cos(turn)) + 256 * phase).astype(np.int64) & 255
    down = np.round(np.arange(shape[0]) * (steps * np.sin(turn))).astype(np.int64) & 255
    return u8(cv2.LUT(down.astype(np.uint8)[:, None] + across.astype(np.uint8)[None], curve))


def cosine(low: float, high: float) -> Image:
    """One period (256,) of a cosine between two levels, for `grating`."""
    return clip(low + (high - low) * (0.5 + 0.5 * np.cos(np.arange(256) * (2 * np.pi / 256))) + 0.5)
