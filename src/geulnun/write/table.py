"""What the lines of a block say of its shape: rows and columns of a table, items of a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import hypot

from geulnun.document import Block, Line, Quad
from geulnun.write.places import quad_of

#: What begins an item: a dot, dash or box, a number or letter with its mark, a number in a circle.
_ITEM = re.compile(r"\s*(?:[•·‣◦∙▪▫■□●○◆◇▶▷※*+–—-]\s|[•·‣◦∙▪▫■□●○◆◇▶▷※]|\(?(?:\d{1,3}|[a-zA-Z가-힣])[.)]\s|[①-⑳㉠-㉻])")


def rows(block: Block) -> list[list[Line]]:
    """The block's lines, those side by side together, such as the cells of a table's row."""
    out = [[line] for line in block.lines[:1]]
    for before, line in pairwise(block.lines):
        # The block's direction, where it has one: short lines do not tell theirs well.
        if _side_by_side(before.quad, line.quad, block.quad or before.quad):
            out[-1].append(line)
        else:
            out.append([line])
    return out


def grid(block: Block) -> list[list[Line | None]]:
    """The block's rows with every cell in its column; ``None`` where a row has none there.

    Cells that overlap along the reading direction share a column. Where that would put two cells of a row in one, or
    places are not known, cells are counted from the left.
    """
    lines = rows(block)
    columns = _columns(lines, block.quad or quad_of(block))
    if columns is None:
        most = max(map(len, lines), default=0)
        return [[*row, *[None] * (most - len(row))] for row in lines]
    out: list[list[Line | None]] = [[None] * (max(map(max, columns)) + 1) for _ in lines]
    for cells, row, places in zip(out, lines, columns, strict=True):
        for line, place in zip(row, places, strict=True):
            cells[place] = line
    return out


def items(block: Block) -> list[list[Line]]:
    """The lines of a list's items; where no line begins with a mark, each is an item."""
    marked = [bool(_ITEM.match(line.text)) for line in block.lines]
    out: list[list[Line]] = []
    for line, begins in zip(block.lines, marked, strict=True):
        if begins or not out or not any(marked):
            out.append([line])
        else:
            out[-1].append(line)
    return out


def _columns(lines: Sequence[Sequence[Line]], frame: Quad | None) -> list[list[int]] | None:
    """The column of each cell of each row, or ``None`` where places do not tell."""
    spans = [[_span(line, frame) for line in row] for row in lines]
    known = [[span for span in row if span is not None] for row in spans]
    if not lines or [len(row) for row in known] != [len(row) for row in spans]:
        return None
    bands: list[list[float]] = []
    for start, end in sorted(span for row in known for span in row):
        if bands and start < bands[-1][1]:
            bands[-1][1] = max(bands[-1][1], end)
        else:
            bands.append([start, end])
    places = [[sum(band[0] <= start for band in bands) - 1 for start, _ in row] for row in known]
    return places if all(len(set(row)) == len(row) for row in places) else None


def _span(line: Line, frame: Quad | None) -> tuple[float, float] | None:
    """Where a line starts and ends along the direction of ``frame``."""
    quad = quad_of(line)
    if quad is None or frame is None:
        return None
    (x0, y0), (x1, y1) = frame[:2]
    length = hypot(x1 - x0, y1 - y0) or 1.0
    along = [((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length for x, y in quad]
    return min(along), max(along)


def _side_by_side(before: Quad | None, after: Quad | None, frame: Quad | None) -> bool:
    """Whether a line goes on where another ends, level with it in the direction of ``frame``, or nearly."""
    if before is None or after is None or frame is None:
        return False
    (x0, y0), (x1, y1) = frame[:2]
    length = hypot(x1 - x0, y1 - y0)
    height = min(hypot(quad[3][0] - quad[0][0], quad[3][1] - quad[0][1]) for quad in (before, after))
    if length == 0:
        return False
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    # From the middle of the end of the one to the middle of the start of the other: along the direction, and across.
    dx = (after[0][0] + after[3][0] - before[1][0] - before[2][0]) / 2
    dy = (after[0][1] + after[3][1] - before[1][1] - before[2][1]) / 2
    return dx * ux + dy * uy > -0.5 * height and abs(dy * ux - dx * uy) < 0.5 * height
