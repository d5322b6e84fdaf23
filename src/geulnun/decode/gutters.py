"""Gaps between words that are gutters: white that goes on through the rows above and below.

A wide space tells nothing by itself: justified text has wider ones than the columns of a table. But spaces of running
text are closed by the words of the next row, and the white between columns goes on, with text on both its sides.
"""

from __future__ import annotations

import numpy as np

from geulnun.decode.neighbours import components, pairs_inside, spread_out
from geulnun.decode.shapes import Bools, Indices
from geulnun.decode.spans import Spans, across
from geulnun.geometry import Floats

#: How far white is followed up and down, and how broad it must be, in heights of the words beside it; where in the gap
#: it is sought.
_FAR, _BROAD, _PLACES = 7.0, 0.35, 7
#: Words whose middle lines are closer than this, in heights, are of the gap's own row.
_ROW = 0.4
#: Words that start or end this much beyond the gap, in heights, still stand along its edge.
_EDGE = 0.8
#: Gaps narrower than this, in steps, are never looked at; nor is, unless it is wide, what follows the first word of a
#: line if that is as short as this, in heights: the number or the mark of an item of a list.
_NARROW, _MARK = 0.6, 2.0
#: White as high as this, up and down together, is a gutter if so many words stand along either edge, or fewer and the
#: gap is so many times the others of its line.
_HIGH, _SURE, _FEW, _ODD = 9.0, 4, 2, 2.0
#: A gap too wide for a space is one nevertheless where white is lower than this, or, at an end of a paragraph, where
#: text this close closes it on one side and nothing stands along its edges on the other.
_CLOSED, _NEAR = 7.0, 2.5


def spaces(words: Spans, first: Indices, second: Indices, gaps: Floats, wide: Bools) -> Bools:
    """Which of the gaps between words that follow each other are spaces, not gutters.

    Args:
        words: All words of the page.
        first: Words (k,) that others follow.
        second: These others.
        gaps: What is between them (k,), in steps from character to character.
        wide: (k,), True where nothing but text above or below can show that it is a space.
    """
    begins = np.ones(len(words.start), np.bool_)
    begins[second] = False
    mark = begins[first] & (words.length[first] < _MARK * words.high[first])
    looked = np.flatnonzero(wide | ((gaps > _NARROW) & ~mark))
    up, down, along = _white(words, first[looked], second[looked])
    clear, near = up + down, np.minimum(up, down)
    line = components(len(words.start), first, second)[first]
    others = np.bincount(line)[line] - 1
    odd = gaps * others >= _ODD * np.maximum(np.bincount(line, gaps)[line] - gaps, 0)
    gutter = (clear >= _HIGH) & ((along >= _SURE) | ((along >= _FEW) & (others > 0)[looked] & odd[looked]))
    kept = np.ones(len(first), np.bool_)
    closed = (clear < _CLOSED) | ((near < _NEAR) & (along < _FEW))
    kept[looked] = np.where(wide[looked], closed, ~gutter)
    return kept


def _white(words: Spans, first: Indices, second: Indices) -> tuple[Floats, Floats, Indices]:
    """How far the white in gaps goes up and down (k,), in heights, and how many words stand along either edge of it.

    Of both edges the smaller number counts.
    """
    k = len(first)
    high = np.sqrt(words.high[first] * words.high[second])[:, None]
    axis = words.axis[first] + words.axis[second]
    axis /= np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-9)
    way, middle = words.start[second] - words.end[first], (words.start[second] + words.end[first]) / 2
    half = (way * axis).sum(1) / high[:, 0] / 2
    places = np.linspace(-1, 1, _PLACES) * np.maximum(half - _BROAD / 2, 0)[:, None]
    # Long words reach over a gap from afar: they are looked at in parts as long as they are high.
    count = np.clip(np.ceil(words.length / words.high), 1, 64).astype(np.int64)
    word, nth = spread_out(np.zeros(len(count), np.int64), count)
    part = words.start[word] + (words.end - words.start)[word] * ((nth + 0.5) / count[word])[:, None]
    reach = (_FAR + 1) * high
    gap, seen = pairs_inside(part, np.concatenate([middle - reach, middle + reach], 1))
    other = word[seen]
    away = part[seen] - middle[gap]
    along, off = (away * axis[gap]).sum(1) / high[gap, 0], across(axis[gap], away) / high[gap, 0]
    reach_of = (words.length / count)[other] / high[gap, 0] / 2
    row = (other == first[gap]) | (other == second[gap]) | (np.abs(off) < _ROW)
    up, down = np.full((k, _PLACES), _FAR), np.full((k, _PLACES), _FAR)
    for place in range(_PLACES):
        closes = (np.abs(along - places[gap, place]) < reach_of + _BROAD / 2) & ~row
        for ends, side in ((up, closes & (off < 0)), (down, closes & (off > 0))):
            np.minimum.at(ends[:, place], gap[side], np.abs(off[side]))
    best = np.arange(k), (up + down).argmax(1)
    up, down, place = up[best], down[best], places[best]
    beside = (off > -up[gap]) & (off < down[gap])
    end, start = along + reach_of, along - reach_of
    left = beside & (nth == count[word] - 1)[seen] & (end < place[gap]) & (end > -half[gap] - _EDGE)
    right = beside & (nth == 0)[seen] & (start > place[gap]) & (start < half[gap] + _EDGE)
    fewer = np.minimum(np.bincount(gap[left], minlength=k), np.bincount(gap[right], minlength=k))
    return up, down, fewer
