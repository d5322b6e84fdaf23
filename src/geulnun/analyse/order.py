"""Reading order by recursive cutting: bands of lines from top to bottom, columns where text runs in columns.

The page is cut along white space, as in the recursive X-Y cut of Nagy and Seth (1984), with two rules more. A run of
bands that share a gutter is read column by column only if the columns hold running text (long lines that mostly fill
them); cells of tables, forms and receipts are read row by row. And a line that crosses the gutter, such as a title
over two columns, ends the run instead of hiding the gutter.

All lengths are in units of the line height, which scale and resolution leave alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from geulnun import geometry
from geulnun.analyse.bands import bands as cut_bands
from geulnun.analyse.bands import columns as cut_columns
from geulnun.analyse.bands import is_row
from geulnun.analyse.blocks import Group, split_rows
from geulnun.analyse.frame import Frame, frame_of
from geulnun.document import Block, Line
from geulnun.geometry import Floats

#: Least width of a gutter between columns of text, and of a gap between cells of one row. A gutter may be narrow: text
#: in columns is told by how its lines fill them, and of many lines one or the other is found too long.
_GUTTER, _CELL_GAP = 0.1, 0.3
#: A band gap of this size may end a run of columns; below it, white space is leading.
_BREAK = 1.0
#: A column of text: this many lines, of this median length, this share of them filling the column this far.
_PROSE_LINES, _PROSE_LENGTH, _PROSE_SHARE, _PROSE_FILL = 3, 7.0, 0.6, 0.8
#: Where the columns' lines stand level, as those of a table do, they must be more and fill the columns better.
_LEVEL_LINES, _LEVEL_FILL = 6, 0.85
#: Or each column must have so many, of this median length, longer than cells are where they are fewer, this share of
#: which fill it this far: text that is not justified. This share of them must be alone in their rows.
_RAGGED, _LONE = ((8, 10.0, 0.6, 0.75), (16, 7.0, 0.5, 0.7)), 0.8
#: A column is text too where columns of text in it hold this share of its lines.
_NESTED = 0.7
#: What holds less than this share of the text of columns is none, but a mark that strayed between them or beside.
_STRAY = 0.03
#: A lone first line wider than this share of the region belongs to no column.
_WIDE = 0.55
#: A line this many times as high as its neighbours is set aside where it keeps them from being cut.
_TALL = 1.8


def arrange(lines: Sequence[Line]) -> tuple[Block, ...]:
    """Put lines in reading order and gather them into blocks.

    Args:
        lines: in any order; those without a quad keep theirs, in a block at the end.
    """
    placed = [line for line in lines if line.quad is not None]
    blocks: list[Block] = []
    if placed:
        quads = np.asarray([line.quad for line in placed], dtype=np.float64)
        frame = frame_of(quads)
        for group in _groups(frame):
            quad = geometry.to_tuple(np.round(frame.quad(group.ids), 2))
            blocks.append(Block(tuple(placed[i] for i in group.ids), quad, group.kind))
    rest = tuple(line for line in lines if line.quad is None)
    return (*blocks, Block(rest)) if rest else tuple(blocks)


def reading_order(quads: ArrayLike) -> list[int]:
    """Indices of line quads (n, 4, 2) in reading order."""
    array = geometry.as_quads(quads)
    return [i for group in _groups(frame_of(array)) for i in group.ids] if len(array) else []


def _groups(frame: Frame) -> list[Group]:
    ids = np.arange(len(frame.along))
    groups = _order(frame, ids[frame.along].tolist())
    # Text that runs another way than the page (a spine, a margin note) comes last, by itself.
    across = sorted(ids[~frame.along].tolist(), key=lambda i: (frame.top[i], frame.left[i]))
    return groups + [Group((i,)) for i in across]


def _order(frame: Frame, ids: list[int]) -> list[Group]:
    """Groups of a region in reading order."""
    out: list[Group] = []
    rows: list[list[int]] = []

    def flush() -> None:
        out.extend(split_rows(frame, rows))
        rows.clear()

    bands = cut_bands(frame, ids)
    at = 0
    while at < len(bands):
        end, columns = _columns_from(frame, bands, at)
        if columns:
            flush()
            for column in columns:
                out += _order(frame, column)
        for band in bands[at:end] if not columns else ():
            if is_row(frame, band):
                rows.append(sorted(band, key=lambda i: frame.left[i]))
            else:
                flush()
                out += _order_band(frame, band)
        at = end
    flush()
    return out


def _unit(frame: Frame, ids: Sequence[int]) -> float:
    return max(float(np.median(frame.heights(ids))), 1e-6)


def _columns_from(frame: Frame, bands: list[list[int]], at: int) -> tuple[int, list[list[int]]]:
    """Columns of text that begin at band ``at``: where their run ends, and the columns' lines.

    Without columns there, an empty list, and the next band at which it is worth asking again.
    """
    last, unit = _run_end(frame, bands, at)
    if last is None:
        return at + 1, []
    gaps = [_gap(frame, bands[i], bands[i + 1]) for i in range(at, last)]
    ends = [last, *(i for i in range(last - 1, at, -1) if gaps[i - at] > _BREAK * unit)]
    for end in ends:
        run = [i for band in bands[at : end + 1] for i in band]
        columns = cut_columns(frame, run, _GUTTER * unit)
        if _is_text(frame, columns, unit):
            return end + 1, columns
    # A title over some of the columns, or a line found across a gutter, may have hidden one.
    if len(bands[at]) == 1 or _count(frame, bands[at + 1 : last + 1]) > _count(frame, bands[at : last + 1]):
        return at + 1, []
    # Not text: its rows are read one by one, up to where white space may begin something else.
    return next((i + 1 for i in range(at, last) if gaps[i - at] > _BREAK * unit), last + 1), []


def _count(frame: Frame, bands: list[list[int]]) -> int:
    """How many columns bands have together."""
    ids = [i for band in bands for i in band]
    return len(cut_columns(frame, ids, _GUTTER * _unit(frame, ids))) if ids else 0


def _run_end(frame: Frame, bands: list[list[int]], at: int) -> tuple[int | None, float]:
    """The last band of the longest run from ``at`` through which a gutter goes, and the run's line height."""
    everything = [i for band in bands for i in band]
    left, _, right, _ = frame.box(everything)
    unit = _unit(frame, everything)
    covered: list[tuple[float, float]] = []
    last: int | None = None
    for end in range(at, len(bands)):
        for i in bands[end]:
            covered = _cover(covered, (float(frame.left[i]), float(frame.right[i])), _GUTTER * unit)
        if len(covered) > 1:
            last = end
        elif last is not None or covered[0][1] - covered[0][0] > _WIDE * (right - left):
            break
    return (None if last is None else _trim(frame, bands, at, last, unit)), unit


def _cover(covered: list[tuple[float, float]], piece: tuple[float, float], gap: float) -> list[tuple[float, float]]:
    """Add an interval to disjoint ones, joining those less than ``gap`` apart."""
    start, end = piece
    apart: list[tuple[float, float]] = []
    for low, high in covered:
        if high + gap <= start or end + gap <= low:
            apart.append((low, high))
        else:
            start, end = min(start, low), max(end, high)
    return sorted([*apart, (start, end)])


def _trim(frame: Frame, bands: list[list[int]], at: int, last: int, unit: float) -> int:
    """Drop what follows the columns at a distance and stands in one of them only by chance, such as a signature."""
    while last > at:
        tail = bands[last]
        first = next((i for i in range(last, at, -1) if _gap(frame, bands[i - 1], bands[i]) > _BREAK * unit), at)
        if first == at:
            break
        tail = [i for band in bands[first : last + 1] for i in band]
        if len(cut_columns(frame, tail, _GUTTER * unit)) > 1:
            break
        last = first - 1
    return last


def _gap(frame: Frame, upper: Sequence[int], lower: Sequence[int]) -> float:
    return frame.box(lower)[1] - frame.box(upper)[3]


def _is_text(frame: Frame, columns: list[list[int]], unit: float) -> bool:
    """Whether columns hold running text, and not the cells of a table."""
    lengths = np.asarray([(frame.right[column] - frame.left[column]).sum() for column in columns])
    kept = [column for column, length in zip(columns, lengths, strict=True) if length >= _STRAY * lengths.sum()]
    return len(kept) > 1 and (_is_justified(frame, kept, unit) or _is_ragged(frame, kept, unit))


def _is_ragged(frame: Frame, columns: list[list[int]], unit: float) -> bool:
    """Whether all columns hold many long lines, though they end unevenly and stand level with those beside."""
    seen = []
    for column in columns:
        count, widths, fill = _lone_lines(frame, column)
        if not len(widths) or len(widths) < _LONE * count:
            return False
        seen.append((count, float(np.median(widths)) / unit, fill))
    return any(
        all(n >= least and long >= length and float(np.mean(f >= fill)) >= share for n, long, f in seen)
        for least, length, share, fill in _RAGGED
    )


def _lone_lines(frame: Frame, column: list[int]) -> tuple[int, Floats, Floats]:
    """How many rows a column has, and the lines with a row for themselves: widths, also as shares of the column's."""
    rows = cut_bands(frame, column)
    lines = np.asarray([row[0] for row in rows if len(row) == 1], dtype=np.intp)
    left, _, right, _ = frame.box(column)
    widths = frame.right[lines] - frame.left[lines]
    return len(rows), widths, widths / max(right - left, 1e-6)


def _is_justified(frame: Frame, columns: list[list[int]], unit: float) -> bool:
    """Whether columns hold text that fills them well, or stands across the rows of its neighbours."""
    prose = 0
    fills: list[float] = []
    lengths: list[int] = []
    for column in columns:
        # Rows of several cells are a table inside the column; it may be there, but the text must outweigh it.
        count, widths, fill = _lone_lines(frame, column)
        if 2 * len(widths) < count:
            if not _nested(frame, column, unit):
                return False
            prose += 1
            continue
        fills += fill.tolist()
        lengths.append(count)
        long = float(np.median(widths)) >= _PROSE_LENGTH * unit
        if long and float(np.mean(fill >= _PROSE_FILL)) >= _PROSE_SHARE and count >= _PROSE_LINES:
            prose += 1
        elif not (long and count < _PROSE_LINES):  # a column that has only begun may be short
            return False
    if _level(frame, columns):
        full = float(np.mean(np.asarray(fills) >= _LEVEL_FILL)) >= _PROSE_SHARE
        return prose >= 2 and full and max(lengths, default=0) >= _LEVEL_LINES
    return prose >= 2 or (prose == 1 and len(columns) == 2 and max(lengths, default=0) >= 2 * _PROSE_LINES)


def _nested(frame: Frame, column: list[int], unit: float) -> bool:
    """Whether most lines of a column stand in columns of text themselves, below a caption or a title over them."""
    widths = frame.right[column] - frame.left[column]
    if len(column) < 4 * _PROSE_LINES or float(np.median(widths)) < _PROSE_LENGTH * unit:
        return False
    bands = cut_bands(frame, column)
    at = held = 0
    while at < len(bands):
        at, columns = _columns_from(frame, bands, at)
        held += sum(map(len, columns))
    return held >= _NESTED * len(column)


def _level(frame: Frame, columns: list[list[int]]) -> bool:
    """Whether most lines of all columns stand in common rows."""
    bands = cut_bands(frame, [line for column in columns for line in column])
    rows = [band for band in bands if len(band) >= len(columns) and is_row(frame, band)]
    return 1.25 * sum(map(len, rows)) >= sum(map(len, columns))


def _order_band(frame: Frame, band: list[int]) -> list[Group]:
    """Groups of a band whose lines overlap in height without being one row."""
    columns = cut_columns(frame, band, _CELL_GAP * _unit(frame, band))
    blocker = _blocker(frame, columns)
    if blocker is not None:
        before = [line for column in columns[:blocker] for line in column]
        after = [line for column in columns[blocker + 1 :] for line in column]
        parts = [part for part in (before, columns[blocker], after) if part]
        return [group for part in parts for group in _order(frame, part)]
    if len(columns) > 1:
        return [group for column in columns for group in _order(frame, column)]
    heights = frame.heights(band)
    tall = int(np.argmax(heights))
    if heights[tall] >= _TALL * float(np.median(heights)):
        rest = _order(frame, band[:tall] + band[tall + 1 :])
        at = next((k for k, group in enumerate(rest) if frame.top[band[tall]] < frame.box(group.ids)[1]), len(rest))
        return [*rest[:at], Group((band[tall],)), *rest[at:]]
    return _by_height(frame, band)


def _blocker(frame: Frame, columns: list[list[int]]) -> int | None:
    """The column that keeps the others' rows from being cut, as a cell merged over rows or wrapped in them does."""
    if len(columns) < 2:
        return None
    best, most = None, 1
    for i, column in enumerate(columns):
        others = [line for j, other in enumerate(columns) if j != i for line in other]
        rows = len(cut_bands(frame, others))
        # With as many lines as there are rows it is a column of the table like the others, only not quite level.
        if rows > most and len(column) < rows:
            best, most = i, rows
    return best


def _by_height(frame: Frame, ids: list[int]) -> list[Group]:
    """Order lines that no cut parts: by their middles, those of nearly one height from left to right."""
    middles = (frame.top + frame.bottom) / 2
    rows: list[list[int]] = []
    for i in sorted(ids, key=lambda i: middles[i]):
        if rows and middles[i] - middles[rows[-1]].mean() < 0.5 * np.median(frame.heights(ids)):
            rows[-1].append(i)
        else:
            rows.append([i])
    return split_rows(frame, [sorted(row, key=lambda i: frame.left[i]) for row in rows])
