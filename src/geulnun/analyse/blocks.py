"""Rows of one column to blocks: paragraphs by white space, size and indent, tables by rows of several cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from geulnun.analyse.bands import columns
from geulnun.analyse.frame import Frame
from geulnun.document import BlockKind

Rows = Sequence[Sequence[int]]

#: White space that ends a paragraph: this much more than the usual gap between its lines, in line heights; and what
#: is usual where there are too few lines to tell.
_EXTRA_GAP, _USUAL_GAP = 0.4, 0.6
#: Lines of one cell are closer than this share of the gap between a table's rows, which is then at least so wide.
_WRAPPED, _TABLE_GAP = 0.55, 0.45
#: Lines whose heights differ by this factor are of different blocks: a title and its text.
_SIZE_CHANGE = 1.3
#: Least first-line indent, and how well the next line must return to the margin.
_INDENT, _MARGIN = 0.8, 0.4
#: A line that ends this far from the right edge was ended by its author.
_SHORT = 1.5


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of one block by index, in reading order."""

    ids: tuple[int, ...]
    kind: BlockKind = "text"


def split_rows(frame: Frame, rows: Rows) -> list[Group]:
    """Split the rows of one column into blocks.

    Args:
        frame: where the lines are.
        rows: from top to bottom, each the indices of its lines from left to right.
    """
    if not rows:
        return []
    rows = _join_wrapped(frame, rows)
    tables = _table_rows(rows)
    groups: list[Group] = []
    for table, stretch in groupby(zip(tables, rows, strict=True), key=lambda pair: pair[0]):
        groups += _split_stretch(frame, [row for _, row in stretch], table)
    return groups


def _split_stretch(frame: Frame, rows: Rows, table: bool) -> list[Group]:
    """Split rows that are all of tables, or all not."""
    measured = [_Row.of(frame, row) for row in rows]
    usual = _usual_gap(measured)
    right_edge = max(row.right for row in measured)
    groups: list[Group] = []
    start = 0
    for i in range(1, len(rows) + 1):
        if i < len(rows):
            parted = _spaced(measured[i - 1], measured[i], usual)
            if not table:
                parted |= _resized(measured[i - 1], measured[i]) or _indented(measured, i, right_edge)
            if not parted:
                continue
        part = rows[start:i]
        several = sum(len(row) > 1 for row in part) > 1
        groups.append(Group(tuple(line for row in part for line in row), "table" if several else "text"))
        start = i
    return groups


def _join_wrapped(frame: Frame, rows: Rows) -> Rows:
    """Join rows that are second lines of wrapped cells to those they continue, and read each cell to its end.

    Such lines are far closer than the table's rows are to each other.
    """
    gaps = [_stacked_gap(frame, upper, lower) for upper, lower in pairwise(rows)]
    of_table = [gap for gap, (upper, lower) in zip(gaps, pairwise(rows), strict=True) if len(upper) > 1 < len(lower)]
    usual = float(np.median(of_table)) if len(of_table) >= 2 else 0.0
    if usual < _TABLE_GAP:
        return rows
    limit = min(_WRAPPED * usual, _USUAL_GAP)
    joined: list[list[list[int]]] = [[list(rows[0])]]
    for row, gap in zip(rows[1:], gaps, strict=True):
        if gap < limit and max(len(row), len(joined[-1][0])) > 1:
            joined[-1].append(list(row))
        else:
            joined.append([list(row)])
    return [group[0] if len(group) == 1 else _by_cell(frame, group) for group in joined]


def _by_cell(frame: Frame, rows: Rows) -> list[int]:
    ids = [line for row in rows for line in row]
    cells = columns(frame, ids, 0.0)
    return [line for cell in cells for line in sorted(cell, key=lambda i: frame.top[i])]


def _stacked_gap(frame: Frame, upper: Sequence[int], lower: Sequence[int]) -> float:
    """The median gap between lines of two rows that stand one above the other, in line heights."""
    gaps = [
        (frame.top[b] - frame.bottom[a]) / max(float(min(frame.heights([a, b]))), 1e-6)
        for a in upper
        for b in lower
        if frame.left[a] < frame.right[b] and frame.left[b] < frame.right[a]
    ]
    return float(np.median(gaps)) if gaps else float("inf")


@dataclass(frozen=True, slots=True)
class _Row:
    left: float
    top: float
    right: float
    bottom: float
    height: float  # of its lines, which a row of uneven cells exceeds

    @classmethod
    def of(cls, frame: Frame, row: Sequence[int]) -> _Row:
        return cls(*frame.box(row), float(np.median(frame.heights(row))))


def _table_rows(rows: Rows) -> list[bool]:
    """Which rows are of a table: two or more of several cells, with at most one row of a single cell between them."""
    several = [len(row) > 1 for row in rows]
    marked = list(several)
    for i in range(1, len(rows) - 1):
        marked[i] |= several[i - 1] and several[i + 1]
    out = [False] * len(rows)
    start = 0
    for i in range(1, len(rows) + 1):
        if i < len(rows) and marked[i] == marked[start]:
            continue
        if marked[start] and i - start > 1:
            out[start:i] = [True] * (i - start)
        start = i
    return out


def _usual_gap(rows: Sequence[_Row]) -> float:
    """The median gap between rows, in line heights."""
    gaps = [_relative_gap(upper, lower) for upper, lower in pairwise(rows)]
    return float(np.median(gaps)) if len(gaps) >= 3 else _USUAL_GAP


def _relative_gap(upper: _Row, lower: _Row) -> float:
    return (lower.top - upper.bottom) / max(min(upper.height, lower.height), 1e-6)


def _spaced(upper: _Row, lower: _Row, usual: float) -> bool:
    return _relative_gap(upper, lower) > max(usual, 0.2) + _EXTRA_GAP


def _resized(upper: _Row, lower: _Row) -> bool:
    return max(upper.height, lower.height) > _SIZE_CHANGE * min(upper.height, lower.height)


def _indented(rows: Sequence[_Row], at: int, right_edge: float) -> bool:
    """Whether row ``at`` opens a paragraph with a first-line indent."""
    before, row = rows[at - 1], rows[at]
    height = row.height
    centred = abs((before.left + before.right) - (row.left + row.right)) < height
    if centred or not _INDENT * height < row.left - before.left < 5 * height:
        return False
    if at + 1 < len(rows):
        return abs(rows[at + 1].left - before.left) < _MARGIN * height
    return before.right < right_edge - _SHORT * height
