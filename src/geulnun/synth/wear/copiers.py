"""What copiers, fax machines and presses do.

Images are uint8, grey (h, w) or RGB (h, w, 3), of any size; none is changed, the result has the same shape.
"""

from __future__ import annotations

import cv2
import numpy as np

from geulnun.synth.wear.fields import (
    Image,
    Rng,
    add_grain,
    coarse_grain,
    cosine,
    grain,
    grating,
    like,
    table,
    times,
    u8,
)


def copy(image: Image, strength: float, rng: Rng) -> Image:
    """A photocopy, ``strength`` 0..1: no colour, hard contrast, specks of toner, dark rims where the lid stood open."""
    out = grey(image)
    low, high = 60 * strength, 255 - 70 * strength
    ramp = np.clip((np.arange(256) - low) / (high - low), 0, 1)
    out = table(out, 255 * (ramp + strength * 0.5 * (ramp * ramp * (3 - 2 * ramp) - ramp)))
    specks = rng.poisson(0.0004 * strength * out.size)
    out = _specks(out, int(specks), rng)
    return like(_rims(out, strength, rng), image)


def fax(image: Image, level: float, rng: Rng) -> Image:
    """Black and white at ``level`` (0..1 of the range), with a ragged edge."""
    plain = grey(image)
    low, high = float(plain.min()), float(plain.max())
    ragged = add_grain(plain, grain(rng, *plain.shape), (high - low) * 0.06)
    _, out = cv2.threshold(ragged, low + (high - low) * level, 255, cv2.THRESH_BINARY)
    return like(u8(out), image)


def halftone(image: Image, period: float, angle: float) -> Image:
    """Print through a screen of dots, ``period`` pixels apart, turned by ``angle`` degrees."""
    # The level at which a place turns from ink to paper: high in the middles of the dots.
    screen = cv2.addWeighted(
        grating(image.shape, period, angle, cosine(15, 240)),
        0.5,
        grating(image.shape, period, angle + 90, cosine(15, 240)),
        0.5,
        0,
    )
    # Dots of a few pixels have soft edges: the difference is stretched, not cut.
    gain = min(8.0, 1 + 0.5 * period)
    return u8(cv2.addWeighted(image, gain, like(u8(screen), image), -gain, 128))


def speckle(image: Image, share: float, rng: Rng) -> Image:
    """Salt and pepper: dust and dropouts over a ``share`` (0..1) of the pixels."""
    out = image.copy()
    count = int(share * image.shape[0] * image.shape[1])
    ys, xs = rng.integers(image.shape[0], size=count), rng.integers(image.shape[1], size=count)
    values = rng.choice(np.array([0, 255], np.uint8), size=count)
    out[ys, xs] = values[:, None] if image.ndim == 3 else values
    return out


def streaks(image: Image, strength: float, rng: Rng, period: float = 60.0) -> Image:
    """Pale and dark lines down the page, ``strength`` 0..1: dirt on a drum or on a scanner's glass.

    About one streak for every ``period`` pixels of width.
    """
    height, width = image.shape[:2]
    row = np.full(width, 128, np.uint8)
    count = 1 + int(rng.poisson(width / period))
    row[rng.integers(width, size=count)] = np.clip(rng.normal(128, 110, count), 0, 255).astype(np.uint8)
    plane = np.broadcast_to(row, (height, width))
    return add_grain(image, np.ascontiguousarray(plane), 24 * strength)


def levels(image: Image, black: float, white: float) -> Image:
    """Map 0..255 to ``black``..``white``: faded ink, grey paper; light on dark where black > white."""
    return table(image, black + np.arange(256) * ((white - black) / 255))


def grey(image: Image) -> Image:
    """The image without colour, (h, w)."""
    return image if image.ndim == 2 else u8(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def _specks(image: Image, count: int, rng: Rng) -> Image:
    """Dots of toner of one to three pixels."""
    height, width = image.shape
    out = image.copy()
    ys, xs, sizes = rng.integers(height, size=count), rng.integers(width, size=count), rng.integers(1, 4, size=count)
    for size in (1, 2, 3):
        for dy in range(size):
            for dx in range(size):
                kept = sizes == size
                out[np.minimum(ys[kept] + dy, height - 1), np.minimum(xs[kept] + dx, width - 1)] = 30
    return out


def _rims(image: Image, strength: float, rng: Rng) -> Image:
    """Darken up to two edges, with a ragged border."""
    height, width = image.shape
    out = image
    for edge in rng.permutation(4)[: int(rng.integers(0, 3))]:
        reach = int(np.ceil(max(height, width) * 0.03 * rng.random() * strength))
        rows = slice(None) if edge < 2 else slice(0, reach) if edge == 2 else slice(max(0, height - reach), height)
        columns = slice(None) if edge >= 2 else slice(0, reach) if edge == 0 else slice(max(0, width - reach), width)
        part = out[rows, columns]
        if part.size == 0 or reach < 2:
            continue
        side = part.shape[1] if edge < 2 else part.shape[0]
        ramp = np.linspace(20, 255, side) if edge in (0, 2) else np.linspace(255, 20, side)
        dark = np.broadcast_to(ramp if edge < 2 else ramp[:, None], part.shape).astype(np.uint8)
        if out is image:
            out = image.copy()
        shade = add_grain(np.ascontiguousarray(dark), coarse_grain(rng, part.shape, 6), 25)
        out[rows, columns] = times(np.ascontiguousarray(part), shade)
    return out
