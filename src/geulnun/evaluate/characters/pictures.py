"""Small pictures of characters, and of where a recogniser looks, as PNG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.evaluate.characters.maps import Floats
from geulnun.evaluate.characters.run import Example
from geulnun.evaluate.characters.sets import Pixels

#: Side of a picture in pixels at most; that of maps.
_SIDE, _MAP_SIDE = 96, 128
#: Colours for what speaks for a jamo and against it: the ends of a scale that the colour-blind can tell apart too.
_FOR, _AGAINST = (202, 0, 32), (5, 113, 176)
_SHEET_COLUMNS, _CAPTION = 10, 16


def thumbnail(image: Pixels) -> bytes:
    """An image as PNG, shrunk where it is large."""
    return encode(shrunk(image))


def overlay(ink: Floats, found: Floats) -> bytes:
    """A map over a prepared input as PNG, see `blended`."""
    return encode(blended(ink, found))


def blended(ink: Floats, found: Floats) -> Pixels:
    """A map (h, w) over a prepared input (S, S): red speaks for, blue against; the strongest place is opaque."""
    shape = (_MAP_SIDE, _MAP_SIDE)
    sheet = cv2.resize(ink.astype(np.float32), shape, interpolation=cv2.INTER_LINEAR)
    field = cv2.resize(found.astype(np.float32), shape, interpolation=cv2.INTER_CUBIC)
    strength = np.clip(field / max(float(np.abs(found).max()), 1e-9), -1, 1)[..., None]
    paper = np.repeat(255 * (1 - 0.85 * np.clip(sheet, 0, 1))[..., None], 3, axis=2)
    colour = np.where(strength >= 0, np.array(_FOR, np.float32), np.array(_AGAINST, np.float32))
    share = 0.8 * np.abs(strength)
    return np.asarray(np.clip((1 - share) * paper + share * colour, 0, 255), np.uint8)


def sheet(examples: tuple[Example, ...]) -> bytes | None:
    """Examples side by side in one PNG, to look at or to hand on; None of no example.

    Their captions stand in the report: a picture would need a font with Hangul.
    """
    if not examples:
        return None
    columns = min(_SHEET_COLUMNS, len(examples))
    rows = -(-len(examples) // columns)
    step = _SIDE + _CAPTION // 4
    out = np.full((rows * step, columns * step, 3), 255, np.uint8)
    for at, example in enumerate(examples):
        image = shrunk(example.image)
        image = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
        top, left = at // columns * step, at % columns * step
        out[top : top + image.shape[0], left : left + image.shape[1]] = image
    return encode(out)


def encode(image: NDArray[np.uint8]) -> bytes:
    """Grey (h, w) or RGB (h, w, 3) as PNG."""
    _, content = cv2.imencode(".png", image if image.ndim == 2 else image[..., ::-1])
    return content.tobytes()


def shrunk(image: Pixels) -> Pixels:
    """An image brought to the side of a picture where it is larger."""
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    if scale == 1:
        return image
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, shape, interpolation=cv2.INTER_AREA), np.uint8)
