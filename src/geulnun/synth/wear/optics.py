"""Lenses, movement, and the grid of a sensor over that of a print or screen.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import Image, cosine, grating, times, u8


def blur(image: Image, sigma: float) -> Image:
    """Gaussian blur, ``sigma`` in pixels: soft focus and the spread of ink."""
    return u8(cv2.GaussianBlur(image, (0, 0), sigma)) if sigma > 0.05 else image


def motion(image: Image, length: int, angle: float) -> Image:
    """Motion blur over ``length`` pixels along ``angle`` degrees."""
    if length < 2:
        return image
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), angle, 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length)).astype(np.float32)
    return u8(cv2.filter2D(image, -1, kernel / max(float(kernel.sum()), 1e-6)))


def defocus(image: Image, radius: float) -> Image:
    """Blur by a disc of ``radius`` pixels, as a lens out of focus draws every point."""
    reach = int(np.ceil(radius))
    if reach < 1:
        return image
    away = np.arange(-reach, reach + 1)
    # The rim of the disc covers its pixels in part.
    disc = np.clip(radius + 0.5 - np.hypot(away[:, None], away[None]), 0, 1)
    return u8(cv2.filter2D(image, -1, disc / disc.sum(), borderType=cv2.BORDER_REPLICATE))


def moire(image: Image, period: float, strength: float, angle: float) -> Image:
    """A photographed screen's fringes: a grating of ``period`` pixels along ``angle`` degrees, 0..1 deep.

    On RGB the channels are a third of a period apart, as a screen's stripes are.
    """
    curve = cosine(255 * (1 - strength), 255)
    if image.ndim == 2:
        return times(image, grating(image.shape, period, angle, curve))
    planes = [grating(image.shape, period, angle, curve, channel / 3) for channel in range(3)]
    return times(image, u8(cv2.merge(planes)))
