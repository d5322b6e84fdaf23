"""Wear of the ink itself: strokes thicker, thinner, bled into the paper, broken.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import Image, Rng, coarse_grain, enlarged, paper_tone, times, towards, u8


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
    return u8(cv2.resize(grown, (width, height), interpolation=cv2.INTER_AREA))


def weight(image: Image, amount: float, dark: bool = True) -> Image:
    """Move the edges of strokes outwards by ``amount`` pixels (inwards where negative): another stroke width.

    Whole pixels by morphology, the rest as a blend: coarser than `ink` and several times as quick.
    ``dark`` False treats light strokes on a dark ground.
    """
    whole, part = int(abs(amount)), abs(amount) % 1
    change = cv2.erode if (amount > 0) == dark else cv2.dilate
    out = image
    if whole:
        out = u8(change(out, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * whole + 1, 2 * whole + 1))))
    if part > 1 / 256:
        # A cross moves straight edges by one pixel and rounds corners less than a square does.
        more = change(out, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
        out = u8(cv2.addWeighted(out, 1 - part, more, part, 0))
    return out


def bleed(image: Image, reach: float, rng: Rng, dark: bool = True) -> Image:
    """Let ink run into the paper by up to ``reach`` pixels, here more, there less."""
    size = 2 * max(1, round(reach)) + 1
    change = cv2.erode if dark else cv2.dilate
    wet = change(image, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    wet = cv2.GaussianBlur(wet, (0, 0), max(0.3, 0.4 * reach))
    # What ran in is never lighter than what was there, and blotches of a few strokes' width decide how much of it.
    wet = cv2.min(wet, image) if dark else cv2.max(wet, image)
    where = coarse_grain(rng, image.shape, max(2.0, 3 * reach))
    more = times(u8(cv2.absdiff(wet, image)), u8(cv2.convertScaleAbs(where, alpha=min(1.0, reach))))
    return u8(cv2.subtract(image, more) if dark else cv2.add(image, more))


def broken(image: Image, share: float, rng: Rng, cell: float = 3.0) -> Image:
    """Break strokes: blend blotches of ``cell`` pixels over ``share`` (0..1) of the area towards the paper's level."""
    height, width = image.shape[:2]
    cells = rng.random((max(2, round(height / cell)), max(2, round(width / cell))), dtype=np.float32)
    gone = np.clip((np.float32(share) - cells) * 3 + np.float32(0.5), 0, 1)
    return towards(image, enlarged(gone, image.shape), paper_tone(image))
