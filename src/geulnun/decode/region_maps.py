"""Characters and the bonds between them as two maps at half the page's size: drawing them.

Channel 0 tells how near a cell is to a character's middle, channel 1 how near to the middle between two neighbouring
characters of one word, both 0..1 (CRAFT, Baek et al. 2019, arXiv:1904.01941, section 3.1 and figure 3): a round bell
(Gaussian), squeezed into the character's quad, or into that which joins two characters. It spreads by `BELL` of the
way from the middle to the sides, so that neighbours that touch are faint where they do.

`encode` draws the maps of known shapes; `geulnun.decode.regions` finds shapes in maps.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode.neighbours import spread_out
from geulnun.decode.shapes import Bools, Indices, Shapes
from geulnun.geometry import Floats

Maps = NDArray[np.float32]

CHANNELS = 2
STRIDE = 2
#: Spread (standard deviation) of a bell, in half sides of its quad.
BELL = 0.4
#: No bell spreads less than this, in cells: else narrow letters could fall between cells.
LEAST_SPREAD = 0.6
#: Bells are drawn down to this height.
_FAINT = 0.02
#: Words lower, and characters whose longer side is shorter than this many pixels are neither text nor background.
_LEAST_WORD, _LEAST_CHAR = 5.0, 4.0


def encode(shapes: Shapes, height: int, width: int) -> tuple[Maps, Maps]:
    """Draw the maps of shapes for a page of ``height`` x ``width`` pixels, multiples of `STRIDE`.

    Returns:
        Maps (2, h, w), 0..1, and the weight (h, w) each cell has in learning, 0..1: that of guessed characters in
        their word, 0 in words that are not known, too low, or of unknown characters.
    """
    rows, columns = height // STRIDE, width // STRIDE
    maps = np.zeros((CHANNELS, rows, columns), np.float32)
    clear = shapes.known & (geometry.sizes(shapes.words)[1] >= _LEAST_WORD)
    large = np.maximum(*geometry.sizes(shapes.chars)) >= _LEAST_CHAR
    drawn = np.append(clear, True)[shapes.word_of] & (shapes.char_scores > 0) & large
    _draw(maps[0], shapes.chars[drawn])
    first, second = neighbours(shapes.word_of)
    both = drawn[first] & drawn[second]
    _draw(maps[1], _joints(shapes.chars, first[both], second[both]))
    return maps, _weights(shapes, clear, large, rows, columns)


def neighbours(word_of: Indices) -> tuple[Indices, Indices]:
    """Pairs of characters that follow each other in a word."""
    order = np.argsort(word_of, kind="stable")
    same = (word_of[order[1:]] == word_of[order[:-1]]) & (word_of[order[1:]] >= 0)
    return order[:-1][same], order[1:][same]


def _joints(chars: Floats, first: Indices, second: Indices) -> Floats:
    """The quads between characters: from two of the triangles that its diagonals cut one into, to those of the other.

    Their corners are the middles of the upper and lower triangles where the second character stands beside the first,
    those of the left and right ones where it stands below or above it.
    """
    one, two = chars[first], chars[second]
    away = two.mean(1) - one.mean(1)
    along = one[:, 1] + one[:, 2] - one[:, 0] - one[:, 3]
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    ahead = (away * along).sum(1)
    beside = np.abs(ahead) >= np.linalg.norm(away - ahead[:, None] * along, axis=1)
    corners = []
    for quad in (one, two):
        quad = np.where(beside[:, None, None], quad, np.roll(quad, -1, 1))
        middle = quad.mean(1)
        corners.append(((quad[:, 0] + quad[:, 1] + middle) / 3, (quad[:, 2] + quad[:, 3] + middle) / 3))
    (a, d), (b, c) = corners
    return np.stack([a, b, c, d], 1)


def _draw(layer: Maps, quads: Floats) -> None:
    """Draw a bell into each quad; where bells meet, the higher one stands."""
    rows, columns = layer.shape
    quads = quads / STRIDE
    middle = quads.mean(1)
    # Half the sides as vectors: exact for parallelograms, which nearly all quads of characters are.
    half = np.stack([quads[:, 1] + quads[:, 2], quads[:, 2] + quads[:, 3]], 1) / 2 - middle[:, None]
    length = np.maximum(np.linalg.norm(half, axis=2, keepdims=True), 1e-6)
    half = half * np.maximum(BELL * length, LEAST_SPREAD) / length
    area = half[:, 0, 0] * half[:, 1, 1] - half[:, 0, 1] * half[:, 1, 0]
    sound = np.abs(area) > 0.05 * (length[:, 0, 0] * length[:, 1, 0]) * BELL**2
    middle, half, area = middle[sound], half[sound], area[sound]
    reach = np.sqrt(-2 * np.log(_FAINT)) * np.sqrt((half**2).sum(1))
    low = np.maximum(np.floor(middle - reach), 0).astype(np.int64)
    high = np.minimum(np.ceil(middle + reach), (columns, rows)).astype(np.int64)
    span = np.maximum(high - low, 0)
    box, at = spread_out(np.zeros(len(span), np.int64), span.prod(1))
    x, y = low[box, 0] + at % span[box, 0], low[box, 1] + at // span[box, 0]
    dx, dy = x + 0.5 - middle[box, 0], y + 0.5 - middle[box, 1]
    u = (dx * half[box, 1, 1] - dy * half[box, 1, 0]) / area[box]
    v = (dy * half[box, 0, 0] - dx * half[box, 0, 1]) / area[box]
    value = np.exp(-(u * u + v * v) / 2).astype(np.float32)
    seen = value >= _FAINT
    np.maximum.at(layer.reshape(-1), (y * columns + x)[seen], value[seen])


def _weights(shapes: Shapes, clear: Bools, large: Bools, rows: int, columns: int) -> Maps:
    weights = np.ones((rows, columns), np.float32)
    count = np.bincount(shapes.word_of + 1, minlength=len(clear) + 1)[1:]
    total = np.bincount(shapes.word_of + 1, shapes.char_scores, len(clear) + 1)[1:]
    of_word = np.where(clear, total / np.maximum(count, 1), 0)
    _fill(weights, shapes.words[of_word < 1], of_word[of_word < 1])
    of_char = np.where(large, shapes.char_scores, 0)
    own = (shapes.word_of < 0) | ~large
    own &= of_char < 1
    _fill(weights, shapes.chars[own], of_char[own])
    return weights


def _fill(weights: Maps, quads: Floats, values: Floats) -> None:
    for quad, value in zip(np.round(quads / STRIDE * 16 - 8).astype(np.int32), values.tolist(), strict=True):
        cv2.fillConvexPoly(weights, quad, value, shift=4)
