"""Penwork: from the distance map of a written line to ink, with the width, pressure and texture of a tool."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.synth.strokes import EDGE, REACH, STEPS
from geulnun.synth.writers import Writer

Image = NDArray[np.uint8]
Field = NDArray[np.float32]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Strokes:
    """Ink of a line.

    Attributes:
        ink: mask uint8 (h, w), 255 where ink covers the paper.
        half: half of the mean stroke width, pixels.
        reach: no ink lies further than this many pixels outside the edges of the distance map.
    """

    ink: Image
    half: float
    reach: float


def draw(steps: Image, size: float, writer: Writer, rng: Rng) -> Strokes:
    """Draw strokes from their distance map.

    Args:
        steps: distance map uint8 (h, w), `EDGE` at the edge, `STEPS` per em.
        size: em size in pixels.
        writer: whose hand and tool.
        rng: source of pressure and texture.
    """
    distance = (steps.astype(np.float32) - np.float32(EDGE)) * np.float32(size / STEPS)
    inside = distance[distance > 0]
    # Distances inside a stroke are spread evenly from 0 to half its width.
    drawn = max(2 * float(inside.mean()), 0.3) if inside.size else 0.5
    limit = 0.9 * REACH * size
    # Fonts' strokes are as wide as their own pen was; a mix of both keeps thin and bold hands apart.
    half = max(0.25 * drawn + 0.75 * writer.width * size / 2, 0.55)
    grow = float(np.clip(half - drawn, -0.5 * drawn, 0.6 * limit))
    half = drawn + grow
    growth = np.full(steps.shape, grow, np.float32)
    if writer.pressure:
        growth += _noise(steps.shape, 0.45 * size, rng) * np.float32(0.25 * writer.pressure * half)
    if writer.taper:
        growth -= np.float32(writer.taper * half) * _ends(steps, size, half)
    if writer.nib:
        growth += np.float32(writer.nib * half) * _across(steps, writer.nib_angle)
    np.clip(growth, grow - 0.72 * half, min(grow + 0.6 * half, limit), out=growth)
    soft = np.float32(1.5 if writer.tool == "pencil" else 1.1)
    cover = np.clip((distance + growth) / soft + np.float32(0.5), 0, 1)
    cover *= _texture(steps.shape, size, writer, rng)
    ink = np.asarray(cover * np.float32(255), np.uint8)
    return Strokes(ink, half, float(growth.max()) + float(soft) / 2)


def _noise(shape: tuple[int, ...], cell: float, rng: Rng, stretch: float = 1.0) -> Field:
    """A smooth random field (h, w) about 0; ``cell`` pixels between its knots, ``stretch`` times that along x."""
    height, width = shape[:2]
    rows, columns = max(2, round(height / cell) + 1), max(2, round(width / (cell * stretch)) + 1)
    knots = rng.standard_normal((rows, columns), dtype=np.float32)
    return np.asarray(cv2.resize(knots, (width, height), interpolation=cv2.INTER_LINEAR))


def _ends(steps: Image, size: float, half: float) -> Field:
    """Near 1 where a stroke ends, 0 along it: how little ink lies ahead, down to the right, as strokes are written."""
    sigma = max(0.07 * size, 0.8)
    filled = np.asarray((steps >= EDGE).astype(np.uint8) * 255, np.uint8)
    density = cv2.GaussianBlur(filled, (0, 0), sigma).astype(np.float32)
    ahead = round(0.05 * size)
    if ahead:
        density = np.pad(density[ahead:, ahead:], ((0, ahead), (0, ahead)))
    # What a stroke of this width leaves of a long stroke's ink in such a window.
    along = 255 * min(1.0, 2 * half / (2.5 * sigma))
    return np.asarray(np.clip(1 - density / np.float32(0.75 * along), 0, 1), np.float32)


def _across(steps: Image, angle: float) -> Field:
    """From 1 where a stroke runs across a nib at ``angle`` degrees to -1 where it runs along it."""
    smooth = cv2.GaussianBlur(steps, (0, 0), 1.0)
    gx = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    cos, sin = np.float32(np.cos(np.radians(angle))), np.float32(np.sin(np.radians(angle)))
    # The normal of the stroke's edge lies along the nib where the stroke crosses it.
    lying = (gx * cos + gy * sin) ** 2
    return np.asarray(2 * lying / np.maximum(gx * gx + gy * gy, 1.0) - 1, np.float32)


def _texture(shape: tuple[int, ...], size: float, writer: Writer, rng: Rng) -> Field | np.float32:
    """What share of its ink the tool leaves at each pixel, (h, w) or one number."""
    level = float(rng.uniform(0.85, 1.0))
    if writer.tool == "pencil":
        grain = _noise(shape, 1.3, rng)
        level *= float(rng.uniform(0.75, 1.0))
        return np.asarray(
            np.float32(level) * np.clip(1 - (0.1 + 0.5 * writer.dryness) * np.abs(grain), 0, 1), np.float32
        )
    if not writer.dryness or writer.tool == "felt":
        return np.float32(level)
    brushed = writer.tool == "brush"
    # A ball skips in short gaps; the hairs of a dry brush leave streaks.
    streak = _noise(shape, max(1.5, (0.03 if brushed else 0.05) * size), rng, 4.0 if brushed else 1.0)
    gaps = np.clip((streak - np.float32(2.4 - 2.2 * writer.dryness)) * 2, 0, np.float32(0.85))
    return np.asarray(np.float32(level) * (1 - gaps), np.float32)
