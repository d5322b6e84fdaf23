"""What people put over text: stamps, signatures, strokes of a pen.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
What is drawn here holds no readable text, so the truth of the page stays as it is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.synth.wear.fields import Floats, Image, Rng, Tone, coarse_grain, levels_of, times, tinted, u8

#: cv2 draws with this many binary digits of a pixel.
_BITS = 4


def stamp(image: Image, centre: tuple[float, float], radius: float, rng: Rng, tone: Tone = (200, 40, 40)) -> Image:
    """Press a seal over the text: a ring or a frame of ``radius`` pixels with carved strokes, unevenly inked.

    ``centre`` is x, y in pixels and may lie outside, ``tone`` the ink's colour.
    """
    side = max(3, round(2 * radius))
    mask = np.zeros((side, side), np.uint8)
    middle, thick = side / 2, max(1, round(side * float(rng.uniform(0.03, 0.08))))
    if rng.random() < 0.5:
        _circle(mask, middle, middle - thick, thick)
        if rng.random() < 0.4:
            _circle(mask, middle, 0.6 * (middle - thick), max(1, thick // 2))
    else:
        cv2.rectangle(mask, (thick, thick), (side - thick - 1, side - thick - 1), 255, thick, cv2.LINE_AA)
    count = int(rng.integers(1, 4))
    step = 1.3 * middle / count
    for at in range(count * count):
        corner = 0.35 * middle + step * np.array(divmod(at, count))
        for _ in range(int(rng.integers(3, 7))):
            # Carved signs run along rows and columns, as seal script does.
            a, b = corner + step * rng.uniform(0.1, 0.9, 2), corner + step * rng.uniform(0.1, 0.9, 2)
            if rng.random() < 0.85:
                b[int(rng.integers(2))] = a[int(rng.integers(2))]
            _stroke(mask, np.stack([a, b]), max(1, round(0.12 * step)))
    turn = cv2.getRotationMatrix2D((middle, middle), float(rng.normal(0, 9)), 1.0)
    mask = u8(cv2.warpAffine(mask, turn, (side, side)))
    inked = times(mask, u8(cv2.convertScaleAbs(coarse_grain(rng, mask.shape, max(1.0, 0.1 * side)), alpha=1.5)))
    return _press(image, inked, round(centre[0] - middle), round(centre[1] - middle), tone)


def signature(
    image: Image, corner: tuple[float, float], size: tuple[float, float], rng: Rng, tone: Tone = (30, 30, 90)
) -> Image:
    """Sign over the text: one swinging line of a pen in the box at ``corner`` (x, y) of ``size`` (width, height)."""
    width, height = (max(3.0, side) for side in size)
    along = np.linspace(0, 1, 90)
    loops = float(rng.uniform(3, 8))
    swing = np.sin(2 * np.pi * loops * along + rng.uniform(0, 6.3)) * (1 - 0.6 * along)
    swing = swing * (0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * along + rng.uniform(0, 6.3)))
    back = np.cos(2 * np.pi * loops * along + rng.uniform(0, 6.3)) * 0.08
    points = np.stack([(0.1 + 0.8 * along + back) * width, (0.5 + 0.42 * swing) * height], 1)
    if rng.random() < 0.6:
        tail = np.array([[0.95 * width, 0.5 * height], [rng.uniform(0, 0.5) * width, rng.uniform(0.6, 0.95) * height]])
        points = np.concatenate([points, tail])
    mask = np.zeros((int(np.ceil(height)), int(np.ceil(width))), np.uint8)
    _stroke(mask, points, max(1, round(0.04 * height)))
    return _press(image, mask, round(corner[0]), round(corner[1]), tone)


def strike(
    image: Image, start: tuple[float, float], end: tuple[float, float], width: float, tone: Tone, depth: float = 1.0
) -> Image:
    """Draw a line through the text from ``start`` to ``end`` (x, y), ``width`` pixels, ``depth`` 0..1 of its tone."""
    points = np.array([start, end], np.float64)
    pad = width + 2
    low = np.floor(np.clip(points.min(0) - pad, (0, 0), image.shape[1::-1])).astype(int)
    high = np.ceil(np.clip(points.max(0) + pad, (0, 0), image.shape[1::-1])).astype(int)
    if (high <= low).any():
        return image
    mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
    _stroke(mask, points - low, max(1, round(width)), level=round(255 * depth * min(1.0, width)))
    return _press(image, mask, int(low[0]), int(low[1]), tone)


def _press(image: Image, mask: Image, left: int, top: int, tone: Tone) -> Image:
    """Multiply by an ink of ``tone`` where the mask (h, w), set down at left, top, has some; outside it ends."""
    out = image.copy()
    place = out[max(top, 0) : max(top + mask.shape[0], 0), max(left, 0) : max(left + mask.shape[1], 0)]
    part = mask[max(-top, 0) :, max(-left, 0) :]
    if place.size == 0 or part.size == 0:
        return out
    part = np.ascontiguousarray(part[: place.shape[0], : place.shape[1]])
    place[:] = cv2.multiply(place, tinted(part, levels_of(image, tone), 255.0), scale=1 / 255)
    return out


def _stroke(mask: Image, points: Floats, thick: int, level: int = 255) -> None:
    fixed: NDArray[np.int32] = np.clip(np.round(points * (1 << _BITS)), -(1 << 24), 1 << 24).astype(np.int32)
    cv2.polylines(mask, [fixed.reshape(-1, 1, 2)], False, level, thick, cv2.LINE_AA, _BITS)


def _circle(mask: Image, middle: float, radius: float, thick: int) -> None:
    at = round(middle * (1 << _BITS))
    cv2.circle(mask, (at, at), max(1, round(radius * (1 << _BITS))), 255, thick, cv2.LINE_AA, _BITS)
