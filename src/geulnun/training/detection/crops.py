"""Crops of pages as a detector is shown them: scaled, turned, tilted, worn, with their words and characters."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.geometry import Floats
from geulnun.synth import wear
from geulnun.training.detection.options import CropChoice
from geulnun.training.detection.sets import Pixels, Shown

Rng = np.random.Generator
#: Pixel centres lie half a pixel from the edges that quads live on.
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])


class Crop(NamedTuple):
    """RGB pixels (h, w, 3) and what is seen in them; quads may reach beyond the edges."""

    pixels: Pixels
    shapes: Shapes


def crop(shown: Shown, height: int, width: int, choice: CropChoice, rng: Rng) -> Crop:
    """Cut a crop of ``height`` x ``width`` out of a page, around some word of it where it has any."""
    turn = int(rng.integers(1, 4)) * 90 if rng.random() < choice.turned else 0
    window = (width, height) if turn % 180 else (height, width)
    pixels, shapes = _cut(*_scaled(shown, choice, rng), *window, _angle(choice, rng), rng)
    pixels = _looked(pixels, choice, rng)
    if turn:
        shapes = shapes.transformed(geometry.turn_matrix(window[1], window[0], turn))
        pixels = np.rot90(pixels, -turn // 90)
    return Crop(np.ascontiguousarray(pixels), _seen(shapes, height, width))


def nothing(height: int, width: int, rng: Rng) -> Crop:
    """A crop without text: a plain colour, noise of any grain, dust, or blots."""
    tone = rng.uniform(0, 256, 3)
    field: Floats = np.zeros((height, width, 3))
    look = int(rng.integers(5))
    if look == 1:
        field = rng.uniform(-128, 128, (height, width, 3 if rng.random() < 0.5 else 1)) * rng.uniform(0.1, 1)
    elif look >= 2:
        grain = rng.normal(0, 1, (height, width, 1)).astype(np.float32)
        blurred = cv2.GaussianBlur(grain, (0, 0), float(np.exp(rng.uniform(-1, 3)))).astype(np.float64)
        smooth = blurred.reshape(height, width, 1) / max(float(blurred.std()), 1e-6)
        field = np.asarray((np.sign(smooth) if look == 3 else smooth) * rng.uniform(5, 90), np.float64)
    pixels = np.asarray(np.clip(tone + field, 0, 255), np.uint8)
    if look == 4:
        dust = rng.random((height, width)) < rng.uniform(0.001, 0.3)
        pixels[dust] = rng.integers(0, 256, 3)
    return Crop(pixels, Shapes.empty())


def _scaled(shown: Shown, choice: CropChoice, rng: Rng) -> tuple[Pixels, Shapes]:
    """The page in the size it is looked at, times a factor."""
    height, width = shown.pixels.shape[:2]
    scale = min(1.0, choice.short_side / min(height, width))
    scale *= float(np.exp(rng.uniform(*np.log(choice.scale))))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Small text is enlarged by the reader as well, by the same means.
    means = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = np.asarray(cv2.resize(shown.pixels, size, interpolation=means), np.uint8)
    return resized, shown.shapes.scaled(np.array([size[0] / width, size[1] / height]))


def _angle(choice: CropChoice, rng: Rng) -> float:
    """The tilt of a crop in degrees."""
    roll = rng.random()
    if roll < choice.spun:
        return float(rng.uniform(-180, 180))
    return float(rng.uniform(-choice.tilt, choice.tilt)) if roll < choice.spun + choice.tilted else 0.0


def _cut(page: Pixels, shapes: Shapes, height: int, width: int, angle: float, rng: Rng) -> tuple[Pixels, Shapes]:
    """A window of a page, beyond its edges where it is smaller, turned by ``angle`` degrees around its middle."""
    origin = _origin(page, shapes.words, height, width, rng)
    turn, middle = np.radians(angle), np.array([width, height]) / 2
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.eye(3)
    matrix[:2, :2] = [[cos, -sin], [sin, cos]]
    matrix[:2, 2] = middle - matrix[:2, :2] @ (middle + origin)
    centred = np.linalg.inv(_HALF) @ matrix @ _HALF
    border = cv2.BORDER_REPLICATE if rng.random() < 0.6 else cv2.BORDER_CONSTANT
    colour = [int(v) for v in rng.integers(0, 256, 3)]
    out = cv2.warpAffine(
        page, centred[:2], (width, height), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=colour
    )
    return np.asarray(out, np.uint8), shapes.transformed(matrix)


def _origin(page: Pixels, words: Floats, height: int, width: int, rng: Rng) -> Floats:
    """Upper left corner (2,) of a window that holds some word's centre, or some place of a page without."""
    high, wide = page.shape[:2]
    aim = words[int(rng.integers(len(words)))].mean(0) if len(words) else rng.uniform(0, 1, 2) * (wide, high)
    origin = []
    for middle, side, window in ((aim[0], wide, width), (aim[1], high, height)):
        # Beyond the page only where it is smaller than the window, or a little, as scans with a dark rim show.
        slack = 40 * rng.random() * (rng.random() < 0.2)
        low, top = min(0, side - window) - slack, max(0, side - window) + slack
        origin.append(round(float(np.clip(middle - rng.uniform(0, window), low, top))))
    return np.array(origin, np.float64)


def _looked(pixels: Pixels, choice: CropChoice, rng: Rng) -> Pixels:
    """What light, camera and file do to the crop."""
    if rng.random() < choice.inverted:
        pixels = 255 - pixels
    if rng.random() < choice.grey:
        pixels = np.repeat(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, 2)
    if rng.random() < choice.worn:
        pixels = wear.worn(pixels, rng, float(rng.uniform(0.2, 1)))
    return pixels


def _seen(shapes: Shapes, height: int, width: int) -> Shapes:
    """The words that reach into the crop, with all their characters."""
    low, top = shapes.words.min(1), shapes.words.max(1)
    return shapes.kept((top > 0).all(1) & (low < (width, height)).all(1))
