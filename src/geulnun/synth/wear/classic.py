"""The chain that "worn" and "harsh" slices of the benches, and the shipped models' training, are defined by.

Its draws and its arithmetic are pinned: the same generator gives the same bytes for ever. So it keeps its own float
versions of some effects beside the quicker ones of this package, which new chains (`geulnun.synth.wear.chain`) use.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.camera import gamma, jpeg, low_resolution
from geulnun.synth.wear.copiers import speckle
from geulnun.synth.wear.fields import Image, Rng, clip, u8
from geulnun.synth.wear.inks import ink
from geulnun.synth.wear.optics import blur, motion


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
        out = _broken(out, float(rng.uniform(0.05, 0.4)), rng)
    if chance(0.25):
        out = _texture(out, float(rng.uniform(1, 9)) * strength, rng)
    if chance(0.2):
        out = _uneven_light(out, float(rng.uniform(0.1, 0.5)), rng)
    if chance(0.06):
        out = _shadow(out, float(rng.uniform(0.15, 0.5)), rng)
    if chance(0.2):
        out = gamma(out, float(np.exp(rng.uniform(-0.5, 0.5))))
    if chance(0.3):
        out = low_resolution(out, float(rng.uniform(0.5, 0.95)), int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR])))
    if chance(0.4):
        out = blur(out, float(rng.uniform(0.3, 1.3)) * strength)
    if chance(0.06):
        out = motion(out, int(rng.integers(2, 6)), float(rng.uniform(0, 180)))
    if chance(0.04):
        out = _moire(out, float(rng.uniform(2.2, 9)), float(rng.uniform(0.05, 0.3)), float(rng.uniform(0, 180)))
    if chance(0.4):
        out = _noise(out, float(rng.uniform(1, 14)) * strength, rng)
    if chance(0.04):
        out = speckle(out, float(rng.uniform(0.001, 0.02)), rng)
    if chance(0.05):
        out = _fax(out, float(rng.uniform(0.35, 0.7)), rng)
    if chance(0.35):
        out = jpeg(out, int(rng.integers(20, 90)))
    return out


def _broken(image: Image, share: float, rng: Rng) -> Image:
    """Break strokes: blend blotches over ``share`` (0..1) of the area towards the paper's level."""
    height, width = image.shape[:2]
    blotches = rng.random((max(2, height // 3), max(2, width // 3)), dtype=np.float32)
    field = cv2.resize(blotches, (width, height), interpolation=cv2.INTER_LINEAR)
    keep = np.clip((field - np.float32(np.quantile(blotches, share * 0.6))) * 8, 0, 1)
    paper = np.float32(np.median(image))
    return clip(paper + (image - paper) * (keep[..., None] if image.ndim == 3 else keep))


def _texture(image: Image, strength: float, rng: Rng) -> Image:
    """Paper grain of several scales, ``strength`` in grey levels."""
    height, width = image.shape[:2]
    total = np.zeros((height, width), np.float32)
    for cell in (2, 7, 24):
        grain = rng.standard_normal((height // cell + 2, width // cell + 2), dtype=np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    total *= np.float32(strength / 1.7)
    return clip(image + (total[..., None] if image.ndim == 3 else total))


def _uneven_light(image: Image, strength: float, rng: Rng) -> Image:
    """Multiply by a smooth field of light between 1 - ``strength`` and 1."""
    field = rng.random((3, 4), dtype=np.float32)
    height, width = image.shape[:2]
    light = 1 - np.float32(strength) * cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC)
    return clip(image * (light[..., None] if image.ndim == 3 else light))


def _shadow(image: Image, strength: float, rng: Rng) -> Image:
    """Darken one side of a random straight edge, softly."""
    height, width = image.shape[:2]
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = (xs - at * width) * np.cos(angle) + (ys - at * height) * np.sin(angle)
    soft = 1 / (1 + np.exp(-np.clip(distance / (0.02 * max(height, width) + 1), -30, 30)))
    light = (1 - strength * soft).astype(np.float32)
    return clip(image * (light[..., None] if image.ndim == 3 else light))


def _moire(image: Image, period: float, strength: float, angle: float) -> Image:
    """A photographed screen's fringes: a grating of ``period`` pixels along ``angle`` degrees."""
    height, width = image.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    phase = (xs * np.cos(np.radians(angle)) + ys * np.sin(np.radians(angle))) * (2 * np.pi / period)
    wave = (1 - strength / 2 + strength / 2 * np.sin(phase)).astype(np.float32)
    return clip(image * (wave[..., None] if image.ndim == 3 else wave))


def _noise(image: Image, sigma: float, rng: Rng) -> Image:
    """Additive sensor noise, ``sigma`` in grey levels, independent in each pixel."""
    grain = rng.standard_normal(image.shape[:2], dtype=np.float32) * np.float32(sigma)
    return clip(image.astype(np.float32) + (grain[..., None] if image.ndim == 3 else grain))


def _fax(image: Image, level: float, rng: Rng) -> Image:
    """Black and white at ``level`` (0..1 of the range), with a ragged edge."""
    low, high = float(image.min()), float(image.max())
    ragged = image + rng.standard_normal(image.shape, dtype=np.float32) * np.float32((high - low) * 0.06)
    return u8(np.where(ragged > low + (high - low) * level, 255, 0))
