"""Words and characters as points with boxes around them, in 22 maps at a quarter of the page's size: drawing them.

One look gives both, each at its centre, with no box to start from (FCOS, Tian et al. 2019, arXiv:1904.01355, sections
3.1 and 3.2; points that stand for boxes: CenterNet, Zhou et al. 2019, arXiv:1904.07850, section 3). Channels, at each
cell of `STRIDE` x `STRIDE` pixels:

======  =====================================================================================
0       logit of lying at a word's centre
1-8     the word's four corners seen from the cell's middle: x, y of each, as `shortened` units
9       logit of lying at a character's centre
10-17   the character's corners, in units of `UNIT` pixels
18, 19  from a character's cell to its word's centre, x and y, as `shortened` units
20      logit that the text runs down or up rather than across
21      logit that it reads against that axis: to the left, or up
======  =====================================================================================

Corners are given clockwise from the one that is the upper left on the page, whichever way the text reads: shapes can
be seen without telling letters. Channels 20 and 21 turn them into corners from the text's start. Lengths of words grow
with their logarithm (`shortened`), so that an error counts by its share of the length and long words do not dominate.

`encode` draws the maps of known shapes; `geulnun.decode.points` finds shapes in maps.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode.neighbours import spread_out
from geulnun.decode.shapes import Indices, Shapes
from geulnun.geometry import Floats

Maps = NDArray[np.float32]

CHANNELS = 22
STRIDE = 4
UNIT = 16.0
#: Where each thing stands among the channels.
WORD, WORD_QUAD, CHAR, CHAR_QUAD, OWNER = 0, slice(1, 9), 9, slice(10, 18), slice(18, 20)
DOWN, AGAINST = 20, 21
#: Spread of a centre's bell, in the box's sides; that of a long word grows along it by this share of its length.
_SPREAD, _LONG = 0.2, 0.4
#: No bell is narrower than this, in cells, and none is drawn where it is lower.
_LEAST_SPREAD, LEAST_BELL = 0.4, 0.1
#: Words lower, and characters whose longer side is shorter than this many pixels are neither text nor background.
_LEAST_WORD, _LEAST_CHAR = 5.0, 4.0


def shortened(pixels: Floats | Maps) -> Floats:
    """Signed logarithm of 1 plus a length in `UNIT`: linear near nothing, a share of the length far out."""
    return np.asarray(np.sign(pixels) * np.log1p(np.abs(pixels) / UNIT))


def lengthened(values: Floats | Maps) -> Floats:
    """The lengths in pixels that `shortened` takes; values beyond -6..6 (6,400 pixels) are cut off."""
    clipped = np.clip(values, -6.0, 6.0)
    return np.asarray(np.sign(clipped) * np.expm1(np.abs(clipped)) * UNIT)


def encode(shapes: Shapes, height: int, width: int) -> tuple[Maps, Maps]:
    """Draw the maps of shapes for a page of ``height`` x ``width`` pixels, multiples of `STRIDE`.

    What reaches beyond the page is cut there; characters that show less than a half are not drawn.

    Returns:
        Maps (22, h, w): centres as bells of 0..1, 1 in the cell that holds the centre, all else right where a bell is
        drawn (at least `LEAST_BELL`) and 0 elsewhere. Weights (2, h, w) of learning words and characters, 0..1.
    """
    rows, columns = height // STRIDE, width // STRIDE
    maps = np.zeros((CHANNELS, rows, columns), np.float32)
    weights = np.ones((2, rows, columns), np.float32)
    words, length, share = _cut(shapes.words, height, width)
    # Slivers of a character tell nothing.
    inside = (length >= 0.4 * geometry.sizes(words)[1]) | (share > 0.99)
    quarters = _quarters(words)
    clear = shapes.known & (geometry.sizes(words)[1] >= _LEAST_WORD) & inside
    _mask(shapes, words, clear, weights)
    of_words = _bells(_upright(words, quarters), np.flatnonzero(clear), rows, columns, _LONG)
    _draw_words(maps, weights, of_words, words, quarters)
    chars, _, share = _cut(shapes.chars, height, width)
    drawn = np.flatnonzero(_drawn_chars(shapes, clear) & (share >= 0.5))
    own = _quarters(shapes.chars)
    turns = np.where(shapes.word_of >= 0, np.append(quarters, 0)[shapes.word_of], own)
    _draw_chars(maps, weights, _bells(_upright(chars, own), drawn, rows, columns, 0.0), shapes, words, turns)
    return maps, weights


class _Bells(NamedTuple):
    """Cells (k,) of centres' bells, the faintest first: flat index, box, height of the bell; and all upright quads."""

    cell: Indices
    box: Indices
    value: Floats
    upright: Floats


def _quarters(quads: Floats) -> Indices:
    """How often (n,) quads are turned clockwise by 90 degrees: 0 to 3, by the direction they read in."""
    return np.asarray(np.round(geometry.angles(quads) / 90), np.int64) % 4


def _upright(quads: Floats, quarters: Indices) -> Floats:
    """Quads (n, 4, 2) from the corner that is the upper left on the page."""
    order = (np.arange(4) - quarters[:, None]) % 4
    return np.take_along_axis(quads, order[..., None], 1)


def _cut(quads: Floats, height: int, width: int) -> tuple[Floats, Floats, Floats]:
    """Quads cut where their middle line leaves the page, the length (n,) left of them, in pixels, and its share."""
    start, end = (quads[:, 0] + quads[:, 3]) / 2, (quads[:, 1] + quads[:, 2]) / 2
    way = end - start
    sure = np.where(np.abs(way) < 1e-9, 1e-9, way)
    # Liang and Barsky's clipping: the part of 0..1 that lies between both pairs of edges.
    first, second = -start / sure, (np.array([width, height]) - start) / sure
    low = np.clip(np.minimum(first, second).max(1), 0, 1)
    high = np.clip(np.maximum(first, second).min(1), 0, 1)
    share = np.maximum(high - low, 0)
    low, high = np.where(share > 0, low, 0)[:, None], np.where(share > 0, high, 1)[:, None]
    top, bottom = quads[:, 1] - quads[:, 0], quads[:, 2] - quads[:, 3]
    corners = quads[:, 0] + low * top, quads[:, 0] + high * top, quads[:, 3] + high * bottom, quads[:, 3] + low * bottom
    return np.stack(corners, 1), share * np.linalg.norm(way, axis=1), share


def _drawn_chars(shapes: Shapes, clear: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which characters (m,) are learned: large enough, and of no word that is not."""
    width, height = geometry.sizes(shapes.chars)
    learned = np.append(clear, True)[shapes.word_of]
    return np.asarray(learned & (np.maximum(width, height) >= _LEAST_CHAR) & (shapes.char_scores > 0))


def _mask(shapes: Shapes, words: Floats, clear: NDArray[np.bool_], weights: Maps) -> None:
    """Weigh down what is not known: unclear words, characters of words without any, guessed and cut ones."""
    _fill(weights, shapes.words[~clear], np.zeros((~clear).sum()))
    count = np.bincount(shapes.word_of + 1, minlength=len(words) + 1)[1:]
    total = np.bincount(shapes.word_of + 1, shapes.char_scores, len(words) + 1)[1:]
    mean = total / np.maximum(count, 1)
    guessed = clear & (mean < 1)
    _fill(weights[1:], words[guessed], mean[guessed])
    rows, columns = weights.shape[1:]
    unseen = _cut(shapes.chars, rows * STRIDE, columns * STRIDE)[2] < 0.5
    unseen |= np.maximum(*geometry.sizes(shapes.chars)) < _LEAST_CHAR
    # Most of what is not on the page is nowhere near it.
    box = geometry.to_boxes(shapes.chars) / STRIDE
    unseen &= (box[:, 2:] > 0).all(1) & (box[:, :2] < (columns, rows)).all(1)
    _fill(weights[1:], shapes.chars[unseen], np.zeros(unseen.sum()))


def _fill(weights: Maps, quads: Floats, values: Floats) -> None:
    """Write each value into its quad in every layer of weights (c, h, w)."""
    for quad, value in zip(np.round(quads / STRIDE * 16 - 8).astype(np.int32), values.tolist(), strict=True):
        for layer in weights:
            cv2.fillConvexPoly(layer, quad, value, shift=4)


def _bells(upright: Floats, chosen: Indices, rows: int, columns: int, long: float) -> _Bells:
    """The cells of the chosen boxes' bells; ``long`` is the share of a long side that spreads like a short one."""
    quads = upright[chosen]
    centre = quads.mean(1) / STRIDE
    cell = np.floor(centre).astype(np.int64)
    chosen = chosen[on := ((cell >= 0) & (cell < (columns, rows))).all(1)]
    quads, cell = quads[on], cell[on]
    sides = np.stack(geometry.sizes(quads), 1)
    axis = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3]) / 2
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    spread = _SPREAD * np.minimum(sides, np.maximum(sides.min(1, keepdims=True), long * sides)) / STRIDE
    spread = np.maximum(spread, _LEAST_SPREAD)
    reach = np.ceil(spread.max(1) * np.sqrt(-2 * np.log(LEAST_BELL))).astype(np.int64)
    side = 2 * reach + 1
    box, at = spread_out(np.zeros(len(side), np.int64), side * side)
    dx, dy = at % side[box] - reach[box], at // side[box] - reach[box]
    u = dx * axis[box, 0] + dy * axis[box, 1]
    v = dy * axis[box, 0] - dx * axis[box, 1]
    value = np.exp(-((u / spread[box, 0]) ** 2 + (v / spread[box, 1]) ** 2) / 2)
    x, y = cell[box, 0] + dx, cell[box, 1] + dy
    keep = (value >= LEAST_BELL) & (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    at, box, value = (y * columns + x)[keep], box[keep], value[keep]
    # The last to be written stays: the highest bell, of equal ones that of the smaller box.
    order = np.lexsort((-sides.prod(1)[box], value))
    return _Bells(at[order], chosen[box[order]], value[order], upright)


def _middles(cells: Indices, columns: int) -> Floats:
    """The middles (k, 2) of cells, in pixels."""
    return np.stack([cells % columns + 0.5, cells // columns + 0.5], 1) * STRIDE


def _draw_words(maps: Maps, weights: Maps, bells: _Bells, words: Floats, quarters: Indices) -> None:
    flat, cell, box = maps.reshape(CHANNELS, -1), bells.cell, bells.box
    middle = _middles(cell, maps.shape[2])
    flat[WORD, cell] = bells.value
    flat[WORD_QUAD, cell] = shortened(bells.upright[box] - middle[:, None]).reshape(-1, 8).T
    flat[DOWN, cell], flat[AGAINST, cell] = _bits(quarters[box])
    weights[0].reshape(-1)[cell] = 1


def _draw_chars(maps: Maps, weights: Maps, bells: _Bells, shapes: Shapes, words: Floats, turns: Indices) -> None:
    flat, cell, box = maps.reshape(CHANNELS, -1), bells.cell, bells.box
    middle = _middles(cell, maps.shape[2])
    flat[CHAR, cell] = bells.value
    flat[CHAR_QUAD, cell] = ((bells.upright[box] - middle[:, None]) / UNIT).reshape(-1, 8).T
    owner = shapes.word_of[box]
    centres = np.append(words.mean(1), np.zeros((1, 2)), 0)[owner]
    # A character of no word is its own.
    centres = np.where(owner[:, None] >= 0, centres, shapes.chars[box].mean(1))
    flat[OWNER, cell] = shortened(centres - middle).T
    flat[DOWN, cell], flat[AGAINST, cell] = _bits(turns[box])
    weights[1].reshape(-1)[cell] = shapes.char_scores[box]


def _bits(quarters: Indices) -> tuple[Indices, Indices]:
    """Whether text so turned runs down or up, and whether it reads against that axis, as 0 and 1."""
    return quarters % 2, quarters // 2


def perfect(maps: Maps, sureness: float = 8.0) -> Maps:
    """What a network that learned drawn maps (22, h, w) would give for them: logits in place of 0..1."""
    out = maps.copy()
    for channel in (WORD, CHAR, DOWN, AGAINST):
        likely = np.clip(maps[channel].astype(np.float64), 1e-9, 1 - 1e-9)
        out[channel] = np.clip(np.log(likely / (1 - likely)), -sureness, sureness)
    return out
