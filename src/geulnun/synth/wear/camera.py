"""The sensor and the file: noise, tone, colour, resolution, compression.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import Image, Rng, add_grain, clip, grain, u8


def noise(image: Image, sigma: float, rng: Rng) -> Image:
    """Additive noise, ``sigma`` in grey levels, independent in each pixel and the same in its channels."""
    return add_grain(image, grain(rng, *image.shape[:2]), sigma)


def sensor(image: Image, shot: float, read: float, rng: Rng) -> Image:
    """A sensor's noise, independent in each pixel and channel.

    Its deviation is ``read`` grey levels in the dark, and with the light that arrives there is shot noise of ``shot``
    levels at white, growing with the root of the light: sqrt(read^2 + shot^2 * level / 255).
    """
    most = float(np.hypot(shot, read))
    if most < 0.05:
        return image
    deviation = np.sqrt(read**2 + shot**2 * np.arange(256) / 255) / most
    pixels = grain(rng, image.shape[0], int(np.prod(image.shape[1:]))).reshape(image.shape)
    return add_grain(image, pixels, most, u8(cv2.LUT(image, clip(deviation * 255 + 0.5))))


def gamma(image: Image, power: float) -> Image:
    """The tone curve ``x ** power`` over 0..1."""
    table = (np.linspace(0, 1, 256) ** power * 255).round().astype(np.uint8)
    return u8(cv2.LUT(image, table))


def white_balance(image: Image, warmth: float) -> Image:
    """A wrong white: red up and blue down by ``warmth`` (-1..1) where positive, the other way where negative.

    Grey is only darkened as much as the brightness of the colour would be.
    """
    gains = np.array([1 + 0.3 * warmth, 1.0, 1 - 0.3 * warmth])
    gains /= gains.max()
    if image.ndim == 2:
        gains = np.full(1, gains @ (0.299, 0.587, 0.114))
    values = clip(np.arange(256)[:, None] * gains + 0.5)
    return u8(cv2.LUT(image, values[:, 0] if image.ndim == 2 else values[None]))


def low_resolution(image: Image, factor: float, interpolation: int = cv2.INTER_AREA) -> Image:
    """Shrink by ``factor`` (0..1) and enlarge again."""
    height, width = image.shape[:2]
    small = cv2.resize(
        image, (max(2, round(width * factor)), max(2, round(height * factor))), interpolation=interpolation
    )
    return u8(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))


def jpeg(image: Image, quality: int) -> Image:
    """Through a JPEG of this quality (1..100)."""
    return _through(image, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, int(quality)])


def webp(image: Image, quality: int) -> Image:
    """Through a lossy WebP of this quality (1..100); several times as slow as `jpeg`."""
    return _through(image, ".webp", [cv2.IMWRITE_WEBP_QUALITY, int(quality)])


def _through(image: Image, kind: str, options: list[int]) -> Image:
    done, data = cv2.imencode(kind, image, options)
    if not done:
        return image
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR if image.ndim == 3 else cv2.IMREAD_GRAYSCALE)
    return image if decoded is None else u8(decoded)
