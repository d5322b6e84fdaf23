"""Words to lines: each word is followed by the one that its direction points at, if that is near and alike.

Every word looks ahead for the nearest word that goes on where it ends, and back for the one that ends where it starts;
two that choose each other belong to one line. All is told in words' own axes and heights, so that text may be turned by
any angle, and large and small print stand side by side. Wide gaps part lines: the columns of a page, the prices of a
receipt; narrower ones do too if they go on as white through the rows around them, and wider ones do not if these close
them (`geulnun.decode.gutters`). Characters that stand alone, one close below the other, are a column of upright text.
Nothing loops over words, and their order does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geulnun import geometry
from geulnun.decode import gutters, spans
from geulnun.decode.neighbours import best_of, components, pairs_inside
from geulnun.decode.shapes import Bools, Indices, Shapes
from geulnun.decode.spans import Spans, across
from geulnun.geometry import Floats

#: Words may overlap by this much, in heights, and follow each other.
_OVERLAP = 0.6
#: Their heights differ by less than this factor, their directions by less than this cosine.
_ALIKE, _ALIGNED = 1.8, 0.87
#: Single characters are no longer than this many heights; stacked ones stand as close and as straight as this, in
#: heights, and are so many at least.
_SINGLE, _STACKED, _STRAIGHT, _FEWEST = 1.4, 0.35, 0.25, 3
#: How much a line's height must seem to grow along it before that is believed, in squared heights of length.
_FIRM = 30.0


@dataclass(frozen=True)
class LineOptions:
    """When words make a line.

    Attributes:
        gap: words farther apart than this many heights, or steps from character to character where these are wider,
            are of different lines, unless words above or below close the gap between them.
        offset: words whose middle lines are farther apart than this many heights are of different lines.
        wide: words farther apart than this many heights or steps are of different lines in any case.
        gutters: whether the white between words is followed through the rows around it; without it, ``gap`` decides
            alone.
    """

    gap: float = 1.15
    offset: float = 0.3
    wide: float = 2.5
    gutters: bool = True

    def __post_init__(self) -> None:
        for name in ("gap", "offset", "wide"):
            if not 0 < getattr(self, name) <= 100:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0 and at most 100 heights")


DEFAULT = LineOptions()


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines of words.

    Attributes:
        quads: (k, 4, 2) in pixels of the page, clockwise from the start of the text.
        scores: (k,), 0..1: the mean of the words', by length.
        words: of each line, the indices of its words in reading order.
        vertical: (k,), True where the text runs down: a column, or a line of a page that is turned.
    """

    quads: Floats
    scores: Floats
    words: tuple[Indices, ...]
    vertical: Bools


def build(shapes: Shapes, options: LineOptions = DEFAULT) -> Lines:
    """Gather the words of a page into lines, ordered by their upper left corners: from the top, then from the left."""
    if not len(shapes.words):
        return Lines(np.zeros((0, 4, 2)), np.zeros(0), (), np.zeros(0, np.bool_))
    quads = shapes.words
    first, second = _rows(spans.of_quads(quads), options, _steps(shapes))
    stacked = _stacked(quads, first, second)
    if stacked.any():
        # What stands alone in its row begins, as part of a column, at its upper right.
        quads = np.where(stacked[:, None, None], np.roll(quads, -1, 1), quads)
        upper, lower, _ = _links(spans.of_quads(quads), _STACKED, _STRAIGHT, stacked, np.ones(len(quads)))
        first, second = np.concatenate([first, upper]), np.concatenate([second, lower])
    line_of = components(len(quads), first, second)
    around, scores = _around(quads, line_of), _scores(shapes, line_of)
    corner = around.min(1)
    rank = np.lexsort((corner[:, 0], corner[:, 1]))
    along = around[:, 1] + around[:, 2] - around[:, 0] - around[:, 3]
    order = np.lexsort(((quads.mean(1) * along[line_of]).sum(1), np.argsort(rank)[line_of]))
    counts = np.bincount(line_of)[rank]
    words = tuple(np.split(order, np.cumsum(counts)[:-1]))
    angle = geometry.angles(around[rank])
    return Lines(around[rank], scores[rank], words, (angle > 45) & (angle <= 135))


def _steps(shapes: Shapes) -> Floats:
    """From middle to middle of the characters of words (n,), in heights, 1 at least; short words take the others'."""
    length, high = geometry.sizes(shapes.words)
    held = shapes.word_of >= 0
    count = np.bincount(shapes.word_of[held], minlength=len(length))
    breadth = np.bincount(shapes.word_of[held], geometry.sizes(shapes.chars)[0][held], len(length))
    several = count > 1
    step = (length - breadth / np.maximum(count, 1)) / np.maximum(count - 1, 1) / np.maximum(high, 1e-6)
    usual = float(np.median(step[several])) if several.any() else 1.0
    return np.clip(np.where(several, step, usual), 1.0, 3.0)


def _rows(words: Spans, options: LineOptions, steps: Floats) -> tuple[Indices, Indices]:
    """Pairs of words of which the second follows the first in a line."""
    widest = max(options.gap, options.wide) if options.gutters else options.gap
    first, second, gaps = _links(words, widest, options.offset, np.ones(len(steps), np.bool_), steps)
    if not options.gutters:
        return first, second
    kept = gutters.spaces(words, first, second, gaps, gaps >= options.gap)
    return first[kept], second[kept]


def _links(words: Spans, widest: float, offset: float, chosen: Bools, steps: Floats) -> tuple[Indices, Indices, Floats]:
    """Pairs of chosen words of which the second follows the first, each in one pair on either side at most.

    The third is the gap between them, in steps, less than ``widest``.
    """
    first, second = pairs_inside(words.start, _ahead(words, widest * np.sqrt(steps * steps.max()), 2 * offset))
    keep = (first != second) & chosen[first] & chosen[second]
    first, second = first[keep], second[keep]
    way, axis = words.start[second] - words.end[first], words.axis
    high = np.sqrt(words.high[first] * words.high[second])
    gap, off = ((way * axis[first]).sum(1) / high, np.abs(across(axis[first], way)) / high)
    # Seen from both: a short word that leans points elsewhere only a little.
    other = np.abs(across(axis[second], way)) / high
    ratio = words.high[first] / words.high[second]
    middle = (words.start + words.end) / 2
    ahead = ((middle[second] - middle[first]) * axis[first]).sum(1) > 0
    step = np.sqrt(steps[first] * steps[second])
    keep = (gap > -_OVERLAP) & (gap < widest * step) & (np.minimum(off, other) < offset) & ahead
    keep &= (np.maximum(ratio, 1 / ratio) < _ALIKE) & (np.maximum(off, other) < 2 * offset)
    keep &= (axis[first] * axis[second]).sum(1) > _ALIGNED
    first, second, cost = first[keep], second[keep], (np.maximum(gap, 0) + 2 * (off + other))[keep]
    steps_apart = (gap / step)[keep]
    onward, back = np.zeros(len(first), np.bool_), np.zeros(len(first), np.bool_)
    onward[best_of(first, cost)] = True
    back[best_of(second, cost)] = True
    both = onward & back
    return first[both], second[both], np.asarray(steps_apart[both])


def _ahead(words: Spans, reach: Floats, beside: float) -> Floats:
    """Boxes (n, 4) of x0, y0, x1, y1 around where next words may start: ``reach`` (n,) and ``beside`` in heights."""
    along = words.axis * words.high[:, None] * _ALIKE**0.5
    across_it = np.stack([-along[:, 1], along[:, 0]], 1) * beside
    near, far = words.end - _OVERLAP * along, words.end + reach[:, None] * along
    corners = np.stack([near - across_it, near + across_it, far - across_it, far + across_it], 1)
    return np.concatenate([corners.min(1), corners.max(1)], 1)


def _stacked(quads: Floats, first: Indices, second: Indices) -> Bools:
    """Which words (n,) are single characters of a column: no word beside, others close above or below."""
    words = spans.of_quads(quads)
    alone = (words.length < _SINGLE * words.high) & (words.length > words.high / _SINGLE)
    alone[first] = alone[second] = False
    if alone.sum() < _FEWEST:
        return np.zeros(len(quads), np.bool_)
    standing = spans.of_quads(np.roll(quads, -1, 1))
    one, two, _ = _links(standing, _STACKED, _STRAIGHT, alone, np.ones(len(quads)))
    column = components(len(quads), one, two)
    return np.asarray(alone & (np.bincount(column)[column] >= _FEWEST))


def _scores(shapes: Shapes, line_of: Indices) -> Floats:
    weight = np.maximum(geometry.sizes(shapes.words)[0], 1e-6)
    return np.asarray(np.bincount(line_of, weight * shapes.scores) / np.bincount(line_of, weight))


def _around(quads: Floats, line_of: Indices) -> Floats:
    """Quads (k, 4, 2) of lines: along the straight line through their words' middles, as high as the words.

    Upper and lower edge are each a straight line fitted to the words' corners, moved half the way to what sticks out.
    """
    words, k = spans.of_quads(quads), int(line_of.max()) + 1
    weight = np.maximum(words.length, 1e-6)
    angle = _angles(words, line_of, weight, k)
    turn = np.stack([np.cos(angle), np.sin(angle)], 1), np.stack([-np.sin(angle), np.cos(angle)], 1)
    u, v = ((quads * axis[line_of][:, None]).sum(2) for axis in turn)
    whole = np.bincount(line_of, weight, k)
    middle = np.bincount(line_of, weight * u.mean(1), k) / whole
    high = np.bincount(line_of, weight * words.high, k) / whole
    du, count = u - middle[line_of][:, None], 2 * np.bincount(line_of, weight, k)
    level, slope = [], []
    spread = np.bincount(line_of, weight * (du**2).sum(1), k) / 4 + _FIRM * high**2 * whole
    for corners in ([0, 1], [3, 2]):
        level.append(np.bincount(line_of, weight * v[:, corners].sum(1), k) / count)
        rest = v[:, corners] - level[-1][line_of][:, None]
        slope.append(np.bincount(line_of, weight * (du[:, corners] * rest).sum(1), k) / 2 / spread)
    beyond = []
    for corners, at, lean, sign in (([0, 1], level[0], slope[0], -1), ([3, 2], level[1], slope[1], 1)):
        rest = sign * (v[:, corners] - at[line_of][:, None] - lean[line_of][:, None] * du[:, corners])
        most = np.zeros(k)
        np.maximum.at(most, line_of, rest.max(1))
        beyond.append(at + sign * most / 2)
    low, top = np.full(k, np.inf), np.full(k, -np.inf)
    np.minimum.at(low, line_of, du.min(1))
    np.maximum.at(top, line_of, du.max(1))
    along = np.stack([low, top, top, low], 1)
    across = np.stack([beyond[0], beyond[0], beyond[1], beyond[1]], 1)
    across = across + np.stack([slope[0], slope[0], slope[1], slope[1]], 1) * along
    along = along + middle[:, None]
    return np.asarray(along[..., None] * turn[0][:, None] + across[..., None] * turn[1][:, None])


def _angles(words: Spans, line_of: Indices, weight: Floats, k: int) -> Floats:
    """Directions (k,) of lines, in radians: through the ends of all their words, forward as the words read."""
    ahead = [np.bincount(line_of, weight * words.axis[:, axis], k) for axis in (0, 1)]
    whole = np.bincount(line_of, 2 * weight, k)
    mean = [np.bincount(line_of, weight * (words.start + words.end)[:, axis], k) / whole for axis in (0, 1)]
    xx, xy, yy = np.zeros(k), np.zeros(k), np.zeros(k)
    for points in (words.start, words.end):
        dx, dy = points[:, 0] - mean[0][line_of], points[:, 1] - mean[1][line_of]
        xx += np.bincount(line_of, weight * dx * dx, k)
        xy += np.bincount(line_of, weight * dx * dy, k)
        yy += np.bincount(line_of, weight * dy * dy, k)
    angle = np.arctan2(2 * xy, xx - yy) / 2
    against = np.cos(angle) * ahead[0] + np.sin(angle) * ahead[1] < 0
    return np.asarray(angle + np.pi * against)
