"""What paper does: grain, colour, stains, folds, and the other side showing through.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import (
    Image,
    Rng,
    Tone,
    add_grain,
    clip,
    coarse_grain,
    cosine,
    enlarged,
    grating,
    levels_of,
    like,
    small_grid,
    times,
    tinted,
    u8,
)


def texture(image: Image, strength: float, rng: Rng, cells: tuple[float, ...] = (2, 7, 24)) -> Image:
    """Paper grain of several scales (``cells``, in pixels), ``strength`` in grey levels."""
    total = coarse_grain(rng, image.shape, cells[0])
    for number, cell in enumerate(cells[1:], 2):
        total = u8(cv2.addWeighted(total, 1 - 1 / number, coarse_grain(rng, image.shape, cell), 1 / number, 0))
    # The mean of n independent planes varies less by the root of n, and enlarging takes a third of it.
    return add_grain(image, total, strength * 1.5 * len(cells) ** 0.5)


def background(image: Image, tone: Tone, variation: float, rng: Rng) -> Image:
    """Print on coloured paper: multiply by ``tone``, uneven by up to ``variation`` (0..1), at times with a pattern.

    The ink keeps its darkness; clouds, gradients, stripes and weaves are what forms and tickets have behind text.
    """
    rows, columns = (int(side) for side in rng.integers(1, 5, size=2))
    cells = rng.uniform(-variation, 0, (rows, columns, 3)) * (0.4 + 0.6 * rng.random())
    colours = np.clip(np.asarray(tone, np.float64) * np.ones(3) * (1 + cells), 0, 255)
    if image.ndim == 2:
        colours = colours @ (0.299, 0.587, 0.114)
    plane = u8(cv2.resize(clip(colours + 0.5), image.shape[1::-1], interpolation=cv2.INTER_LINEAR))
    roll, period = rng.random(), float(rng.uniform(3, 40))
    angle = float(rng.choice([0, 45, 90, 135, rng.uniform(0, 180)]))
    if roll < 0.5:
        curve = cosine(255 * (1 - 0.5 * variation), 255)
        if roll < 0.2:
            curve = np.where(curve > curve.mean(), 255, curve.min()).astype(np.uint8)
        plane = times(plane, grating(image.shape, period, angle, curve))
        if roll > 0.35:
            plane = times(plane, grating(image.shape, period, angle + 90, curve))
    return u8(cv2.multiply(image, plane, scale=1 / 255))


def show_through(image: Image, back: Image, strength: float, softness: float = 1.0) -> Image:
    """Let the other side of the sheet show, mirrored: its ink darkens by ``strength`` (0..1) of its own depth.

    ``back`` is any image, grey or RGB; it is stretched to the size of this one and blurred by ``softness`` pixels.
    """
    height, width = image.shape[:2]
    if back.ndim != image.ndim:
        back = u8(cv2.cvtColor(back, cv2.COLOR_RGB2GRAY if image.ndim == 2 else cv2.COLOR_GRAY2RGB))
    if softness > 0.3:
        shrink = 1 / (1 + softness)
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        back = u8(cv2.resize(back, size, interpolation=cv2.INTER_AREA))
    seen = u8(cv2.flip(cv2.resize(back, (width, height), interpolation=cv2.INTER_LINEAR), 1))
    return times(image, u8(cv2.LUT(seen, clip(255 - strength * np.arange(255, -1, -1)))))


def fold(image: Image, at: float, angle: float, depth: float, rng: Rng, width: float = 2.0) -> Image:
    """A sheet folded and opened again: a worn crease and light that differs on its two sides.

    Args:
        image: the pixels.
        at: where the crease crosses the image, 0..1 along the side it is across.
        angle: its lean in degrees: 0 runs across the page (horizontal), 90 down it.
        depth: how strong light and shade are, 0..1.
        rng: draws which side is dark, and where ink is lost.
        width: of the crease in pixels.
    """
    height, wide = image.shape[:2]
    turn = np.radians(angle)
    normal = np.array([-np.sin(turn), np.cos(turn)], np.float32)
    reach = 0.15 * max(height, wide) + 2 * width
    dark = 1.0 if rng.random() < 0.5 else -1.0
    ys, xs = small_grid(image.shape)
    distance = (xs - at * wide) * normal[0] + (ys - at * height) * normal[1]
    side = np.where(distance * dark > 0, np.exp(-np.abs(distance) / reach), 0)
    out = times(image, enlarged(1 - np.float32(0.4 * depth) * side, image.shape))
    # The crease itself: paler where the ink has come off, darker beside it.
    line = np.zeros((height, wide), np.uint8)
    centre, way = np.array([at * wide, at * height]), np.array([normal[1], -normal[0]]) * 2 * (height + wide)
    ends = [tuple(int(v) for v in np.round(centre + way * sign)) for sign in (-1, 1)]
    beside = tuple(int(v) for v in np.round(normal * (dark * width)))
    cv2.line(line, _sum(ends[0], beside), _sum(ends[1], beside), 255, max(1, round(width)), cv2.LINE_AA)
    out = times(out, clip(255 - 0.5 * depth * line))
    line[:] = 0
    cv2.line(line, ends[0], ends[1], 255, max(1, round(width)), cv2.LINE_AA)
    worn = times(line, u8(cv2.convertScaleAbs(coarse_grain(rng, image.shape, 2 * width), alpha=depth)))
    return u8(cv2.add(out, like(worn, image)))


def _sum(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, int]:
    return a[0] + b[0], a[1] + b[1]


def crumple(image: Image, depth: float, rng: Rng, facets: int = 9) -> Image:
    """A sheet crushed and smoothed out: flat facets that catch light differently, ``depth`` 0..1."""
    ys, xs = small_grid(image.shape)
    height, width = image.shape[:2]
    light = np.zeros((ys.shape[0], xs.shape[1]), np.float32)
    for _ in range(facets):
        angle, x, y = rng.uniform(0, 2 * np.pi), rng.uniform(0, width), rng.uniform(0, height)
        distance = (xs - np.float32(x)) * np.float32(np.cos(angle)) + (ys - np.float32(y)) * np.float32(np.sin(angle))
        # A step at the crease that fades away from it.
        light += np.where(distance > 0, np.exp(-distance / np.float32(0.25 * max(height, width))), 0)
    light -= light.min()
    return times(image, enlarged(1 - np.float32(0.6 * depth) * light / max(float(light.max()), 1e-6), image.shape))


def stain(image: Image, radius: float, strength: float, rng: Rng, tone: Tone = (150, 110, 60)) -> Image:
    """A blot or the ring of a cup, of ``radius`` pixels, somewhere on the image; ``strength`` 0..1 of its ``tone``."""
    height, width = image.shape[:2]
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    reach = 1.4 * radius
    x0, x1 = max(0, int(x - reach)), min(width, int(x + reach) + 1)
    y0, y1 = max(0, int(y - reach)), min(height, int(y + reach) + 1)
    part = image[y0:y1, x0:x1]
    ys, xs = small_grid(part.shape)
    dx, dy = xs + np.float32(x0 - x), ys + np.float32(y0 - y)
    angle = np.arctan2(dy, dx)
    ragged = sum(float(rng.normal(0, 0.06 / k)) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in range(1, 7))
    distance = np.hypot(dx, dy) / np.float32(max(radius, 1.0)) * (1 + ragged)
    rim = np.exp(-(((distance - 1) / 0.06) ** 2))
    inside = 1 / (1 + np.exp(np.clip((distance - 1) * 30, -30, 30)))
    depth = np.clip((rim + inside * rng.uniform(0, 0.7)) * strength, 0, 1)
    plane = tinted(enlarged(depth, part.shape), levels_of(image, tone), 255.0)
    out = image.copy()
    out[y0:y1, x0:x1] = cv2.multiply(part, plane, scale=1 / 255)
    return out
