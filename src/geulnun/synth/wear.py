"""Wear and tear: what paper, copiers, scanners and cameras do to ink.

Each function takes a uint8 image, grey (h, w) or RGB (h, w, 3), and returns one of the same shape; it
never changes its input. Geometry stays: nothing here moves a box. `worn` draws some of them at random.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator


def blur(image: Image, sigma: float) -> Image:
    """Gaussian blur, ``sigma`` in pixels: soft focus and the spread of ink."""
    return _u8(cv2.GaussianBlur(image, (0, 0), sigma)) if sigma > 0.05 else image


def motion(image: Image, length: int, angle: float) -> Image:
    """Motion blur over ``length`` pixels along ``angle`` degrees."""
    if length < 2:
        return image
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), angle, 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length)).astype(np.float32)
    return _u8(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6)))


def noise(image: Image, sigma: float, rng: Rng) -> Image:
    """Additive sensor noise, ``sigma`` in grey levels, independent in each pixel."""
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * np.float32(sigma)
    return _clip(image.astype(np.float32) + (grain[..., None] if image.ndim == 3 else grain))


def speckle(image: Image, share: float, rng: Rng) -> Image:
    """Salt and pepper: dust and dropouts over a ``share`` (0..1) of the pixels."""
    out = image.copy()
    count = int(share * image.shape[0] * image.shape[1])
    ys, xs = rng.integers(image.shape[0], size=count), rng.integers(image.shape[1], size=count)
    values = rng.choice(np.array([0, 255], np.uint8), size=count)
    out[ys, xs] = values[:, None] if image.ndim == 3 else values
    return out


def jpeg(image: Image, quality: int) -> Image:
    """Through a JPEG of this quality (1..100)."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    if not done:
        return image
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR if image.ndim == 3 else cv2.IMREAD_GRAYSCALE)
    return image if decoded is None else _u8(decoded)


def low_resolution(image: Image, factor: float, interpolation: int = cv2.INTER_AREA) -> Image:
    """Shrink by ``factor`` (0..1) and enlarge again."""
    height, width = image.shape[:2]
    small = cv2.resize(
        image, (max(2, round(width * factor)), max(2, round(height * factor))), interpolation=interpolation
    )
    return _u8(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def uneven_light(image: Image, strength: float, rng: Rng) -> Image:
    """Multiply by a smooth field of light between 1 - ``strength`` and 1."""
    field = rng.random((3, 4), dtype=np.float32)
    height, width = image.shape[:2]
    light = 1 - np.float32(strength) * cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    return _clip(image * (light[..., None] if image.ndim == 3 else light))


def shadow(image: Image, strength: float, rng: Rng) -> Image:
    """Darken one side of a random straight edge, softly."""
    height, width = image.shape[:2]
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = (xs - at * width) * np.cos(angle) + (ys - at * height) * np.sin(angle)
    soft = 1 / (1 + np.exp(-np.clip(distance / (0.02 * max(height, width) + 1), -30, 30)))
    light = (1 - strength * soft).astype(np.float32)
    return _clip(image * (light[..., None] if image.ndim == 3 else light))


def ink(image: Image, amount: int, dark: bool = True) -> Image:
    """Thicken (``amount`` > 0) or thin dark strokes by that many quarter-pixel steps.

    The image is enlarged for it, so that a step less than a pixel is possible; ``dark`` False treats
    light strokes on a dark ground.
    """
    if amount == 0:
        return image
    height, width = image.shape[:2]
    big = cv2.resize(image, (width * 2, height * 2), interpolation=cv2.INTER_LINEAR)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (abs(amount) + 1, abs(amount) + 1))
    grown = cv2.erode(big, kernel) if (amount > 0) == dark else cv2.dilate(big, kernel)
    return _u8(cv2.resize(grown, (width, height), interpolation=cv2.INTER_AREA))


def broken(image: Image, share: float, rng: Rng) -> Image:
    """Break strokes: blend blotches over ``share`` (0..1) of the area towards the paper's level."""
    height, width = image.shape[:2]
    blotches = rng.random((max(2, height // 3), max(2, width // 3)), dtype=np.float32)
    field = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_LINEAR)
    keep = np.clip((field - np.float32(np.quantile(blotches, share * 0.6))) * 8, 0, 1)
    paper = np.float32(np.median(image))
    return _clip(paper + (image - paper) * (keep[..., None] if image.ndim == 3 else keep))


def fax(image: Image, level: float, rng: Rng) -> Image:
    """Black and white at ``level`` (0..1 of the range), with a ragged edge."""
    low, high = float(image.min()), float(image.max())
    ragged = image + rng.standard_normal(image.shape, dtype=np.float32) * np.float32((high - low) * 0.06)
    return _u8(np.where(ragged > low + (high - low) * level, 255, 0))


def texture(image: Image, strength: float, rng: Rng) -> Image:
    """Paper grain of several scales, ``strength`` in grey levels."""
    height, width = image.shape[:2]
    total = np.zeros((height, width), np.float32)
    for cell in (2, 7, 24):
        grain = rng.standard_normal((height // cell + 2, width // cell + 2), dtype=np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    total *= np.float32(strength / 1.7)
    return _clip(image + (total[..., None] if image.ndim == 3 else total))


def levels(image: Image, black: float, white: float) -> Image:
    """Map 0..255 to ``black``..``white``: faded ink, grey paper; light on dark where black > white."""
    return _clip(black + image.astype(np.float32) * np.float32((white - black) / 255))


def gamma(image: Image, power: float) -> Image:
    """The tone curve ``x ** power`` over 0..1."""
    table = (np.linspace(0, 1, 256) ** power * 255).round().astype(np.uint8)
    return _u8(cv2.LUT(image, table))


def moire(image: Image, period: float, strength: float, angle: float) -> Image:
    """A photographed screen's fringes: a grating of ``period`` pixels along ``angle`` degrees."""
    height, width = image.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    phase = (xs * np.cos(np.radians(angle)) + ys * np.sin(np.radians(angle))) * (2 * np.pi / period)
    wave = (1 - strength / 2 + strength / 2 * np.sin(phase)).astype(np.float32)
    return _clip(image * (wave[..., None] if image.ndim == 3 else wave))


def worn(image: Image, rng: Rng, strength: float = 1.0) -> Image:
    """A random chain of the above, as strong as ``strength`` (0 none, 1 what real scans and photos show).

    The order is that of the world: ink, paper, light, optics, sensor, file.
    """
    if strength <= 0:
        return image
    out = image

    def chance(p: float) -> bool:
        return bool(rng.random() < p * min(strength, 1.5))

    if chance(0.35):
        out = ink(out, int(rng.integers(-2, 4)))
    if chance(0.12):
        out = broken(out, float(rng.uniform(0.05, 0.4)), rng)
    if chance(0.25):
        out = texture(out, float(rng.uniform(1, 9)) * strength, rng)
    if chance(0.2):
        out = uneven_light(out, float(rng.uniform(0.1, 0.5)), rng)
    if chance(0.06):
        out = shadow(out, float(rng.uniform(0.15, 0.5)), rng)
    if chance(0.2):
        out = gamma(out, float(np.exp(rng.uniform(-0.5, 0.5))))
    if chance(0.3):
        out = low_resolution(out, float(rng.uniform(0.5, 0.95)), int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR])))
    if chance(0.4):
        out = blur(out, float(rng.uniform(0.3, 1.3)) * strength)
    if chance(0.06):
        out = motion(out, int(rng.integers(2, 6)), float(rng.uniform(0, 180)))
    if chance(0.04):
        out = moire(out, float(rng.uniform(2.2, 9)), float(rng.uniform(0.05, 0.3)), float(rng.uniform(0, 180)))
    if chance(0.4):
        out = noise(out, float(rng.uniform(1, 14)) * strength, rng)
    if chance(0.04):
        out = speckle(out, float(rng.uniform(0.001, 0.02)), rng)
    if chance(0.05):
        out = fax(out, float(rng.uniform(0.35, 0.7)), rng)
    if chance(0.35):
        out = jpeg(out, int(rng.integers(20, 90)))
    return out


def _clip(image: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(image, 0, 255), dtype=np.uint8)


def _u8(image: NDArray[np.generic]) -> Image:
    out: Image = np.asarray(image, np.uint8)
    return out
