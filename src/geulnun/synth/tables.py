"""Tables with merged cells, heads, units and columns of numbers. Measures are in em of the body text.

A cell is a block of its own lines: what stands in one cell is never joined with its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geulnun.synth import grammar, phrases
from geulnun.synth.backdrop import Box, shade
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: what stands in it, broken into lines where it is too long.
        align: 0 left, 0.5 middle, 1 right.
        head: whether it is a head: tinted, often bold.
        across: columns it spans.
        down: rows it spans.
    """

    text: str = ""
    align: float = 0.0
    head: bool = False
    across: int = 1
    down: int = 1


@dataclass(frozen=True)
class Look:
    """How a table is ruled.

    Attributes:
        lines: "all" around each cell, "rows" under rows only, "open" all but the outer sides, "none".
        head: colour of heads; None for the paper's.
        zebra: colour of every second row; None for none.
        row: height of a row of one line, in em.
        pad: space beside text, in em.
    """

    lines: str = "all"
    head: Colour | None = None
    zebra: Colour | None = None
    row: float = 2.0
    pad: float = 0.5


def look_of(pen: Pen) -> Look:
    """A look at random."""
    rng = pen.rng
    tint = np.array(pen.paper) * 0.85 + rng.uniform(0, 0.15) * rng.uniform(0, 255, 3)
    red, green, blue = (int(v) for v in np.clip(tint, 0, 255))
    return Look(
        lines=str(rng.choice(["all", "all", "open", "rows", "none"])),
        head=(red, green, blue) if pen.chance(0.7) else None,
        zebra=shade(pen, 0.94) if pen.chance(0.3) else None,
        row=pen.between(1.6, 2.4),
        pad=pen.between(0.35, 0.7),
    )


def grid(
    sheet: Sheet, pen: Pen, box: Box, rows: Sequence[Sequence[Cell]], widths: Sequence[float], look: Look | None = None
) -> float:
    """Draw a table from the top of a box, as many rows as it holds; returns the y under it.

    Rows hold only the cells that begin in them: one that spans rows is not repeated in those below.
    """
    x0, y0, x1, y1 = box
    look = look or look_of(pen)
    edges = x0 + np.r_[0.0, np.cumsum(widths) / sum(widths)] * (x1 - x0)
    placed = _placed(rows, len(widths))
    heights = _heights(pen, placed, edges, len(rows), look)
    levels = y0 + np.r_[0.0, np.cumsum(heights)]
    fit = int(np.searchsorted(levels, y1 + 1e-6, side="right")) - 1
    for row, column, cell in placed:
        if row >= fit:
            continue
        low, right = min(row + cell.down, fit), min(column + cell.across, len(widths))
        area = (float(edges[column]), float(levels[row]), float(edges[right]), float(levels[low]))
        _cell(sheet, pen, area, cell, look, row)
    bottom = float(levels[max(fit, 0)])
    if look.lines in ("open", "rows"):
        for y in (y0, bottom):
            sheet.draw.line((x0, y, x1, y), fill=pen.ink, width=max(1, round(0.12 * pen.em)))
    return bottom


def _placed(rows: Sequence[Sequence[Cell]], count: int) -> list[tuple[int, int, Cell]]:
    """Each cell with its row and column, in reading order."""
    taken: set[tuple[int, int]] = set()
    out = []
    for at, row in enumerate(rows):
        column = 0
        for cell in row:
            while (at, column) in taken:
                column += 1
            if column >= count:
                break
            taken |= {(at + i, column + j) for i in range(cell.down) for j in range(cell.across)}
            out.append((at, column, cell))
            column += cell.across
    return out


def _heights(
    pen: Pen, placed: Sequence[tuple[int, int, Cell]], edges: np.ndarray, count: int, look: Look
) -> list[float]:
    heights = [look.row * pen.em] * count
    for row, column, cell in placed:
        width = edges[min(column + cell.across, len(edges) - 1)] - edges[column] - 2 * look.pad * pen.em
        lines = int(np.ceil(pen.length(cell.text) / max(width, pen.em)))
        if cell.down == 1 and lines > 1 and cell.align != 1.0:
            heights[row] = max(heights[row], (min(lines + 1, 4) * 1.25 + 0.5) * pen.em)
    return heights


def _cell(sheet: Sheet, pen: Pen, area: Box, cell: Cell, look: Look, row: int) -> None:
    x0, y0, x1, y1 = area
    em, edge = pen.em, shade(pen, 0.25)
    fill = look.head if cell.head else look.zebra if row % 2 else None
    if fill is not None:
        sheet.draw.rectangle(area, fill=fill)
    thick = max(1, round(0.05 * em))
    if look.lines in ("all", "open"):
        sheet.draw.rectangle(area, outline=edge, width=thick)
    elif look.lines == "rows":
        sheet.draw.line((x0, y1, x1, y1), fill=edge, width=thick)
    words = cell.text.split(" ")
    inner, outer = x0 + look.pad * em, x1 - look.pad * em
    sheet.begin("table")
    if pen.length(cell.text) <= outer - inner:
        pen.line(sheet, inner, (y0 + y1) / 2 + 0.36 * em, words, width=outer - inner, align=cell.align)
    elif cell.align < 1:
        # Lines are counted first, so that they stand in the middle.
        count = min(int(np.ceil(1.15 * pen.length(cell.text) / max(outer - inner, em))), int((y1 - y0) / (1.25 * em)))
        top = (y0 + y1) / 2 - count * 0.625 * em
        tight = replace(pen, leading=1.25)
        box = (inner, max(top, y0 + 0.15 * em), outer, y1 - 0.1 * em)
        tight.paragraph(sheet, box, words, align=cell.align, breaks=True)


def table_page(sheet: Sheet, pen: Pen) -> None:
    """A page of statistics: captions with their units, tables with merged heads and columns of numbers, notes."""
    em, rng = pen.em, pen.rng
    x0, x1 = pen.between(2, 4.5) * em, sheet.width - pen.between(2, 4.5) * em
    y, y1 = pen.between(2.5, 5) * em, sheet.height - 3 * em
    sheet.begin("title")
    pen.other().line(sheet, x0, y, phrases.pick(rng, phrases.HEADS).split(" "), scale=1.6, width=x1 - x0)
    y += 1.6 * em
    number = int(rng.integers(1, 40))
    while y < y1 - 12 * em:
        if pen.chance(0.5):
            sheet.begin()
            y = pen.paragraph(sheet, (x0, y, x1, y + 6 * em), pen.prose(1), justify=True) + 0.8 * em
        sheet.begin("title")
        sign = str(rng.choice(["<표 {}>", "[표 {}]", "표 {}.", "〈표 {}〉", "□"])).format(number)
        topic = f"{rng.integers(2000, 2030)}년 {grammar.noun(rng)} {grammar.noun(rng)} 현황"
        pen.line(sheet, x0, y + em, [*sign.split(" "), *topic.split(" ")], width=0.7 * (x1 - x0))
        unit = str(rng.choice(["천원", "명", "백만원", "㎡", "%", "개소", "억 원, %"]))
        sheet.begin()
        pen.line(sheet, x0, y + em, ["(단위:", *f"{unit})".split(" ")], scale=0.85, width=x1 - x0, align=1)
        number += 1
        y += 1.5 * em
        rows, widths = (_statistics, _plan)[int(rng.integers(2))](pen, int(rng.integers(4, 16)))
        y = grid(sheet, pen, (x0, y, x1, y1 - em), rows, widths) + 0.3 * em
        if pen.chance(0.6):
            sheet.begin("footer")
            note = ["※", "자료:", grammar.office(rng), f"({rng.integers(2000, 2030)})"]
            pen.line(sheet, x0, y + 0.9 * em, note, scale=0.8, width=x1 - x0)
            y += 1.2 * em
        y += 2 * em


def _statistics(pen: Pen, count: int) -> tuple[list[list[Cell]], list[float]]:
    """Regions by years: a head of two rows, numbers on the right, a total."""
    rng = pen.rng
    groups, each = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    year = int(rng.integers(2000, 2026))
    pair = rng.choice(np.array(phrases.COLUMNS), 3, replace=False)
    top = [Cell("구분", 0.5, True, 1, 2)] + [Cell(f"{year + at}년", 0.5, True, each) for at in range(groups)]
    second = [Cell(str(pair[at]), 0.5, True) for _ in range(groups) for at in range(each)]
    rows: list[list[Cell]] = [top, second]
    power = pen.between(1, 6)
    for at in range(count):
        name = "합계" if at == 0 else grammar.noun(rng)
        numbers = []
        for column in range(groups * each):
            whole = column % each < each - 1 or each == 2
            value = phrases.money(rng, power, power + 2) if whole else f"{rng.uniform(-30, 100):.1f}"
            numbers.append(Cell("-" if rng.random() < 0.05 else value, 1.0))
        rows.append([Cell(name, 0.5, True), *numbers])
    return rows, [1.3] + [1.0] * (groups * each)


def _plan(pen: Pen, count: int) -> tuple[list[list[Cell]], list[float]]:
    """Groups of rows under a cell that spans them: kind, what, how much, remark."""
    rng = pen.rng
    heads = [
        "구분",
        *[str(name) for name in rng.choice(np.array(phrases.COLUMNS[1:]), 2, replace=False)],
        "금액",
        "비고",
    ]
    rows: list[list[Cell]] = [[Cell(head, 0.5, True) for head in heads]]
    left = 0
    for at in range(count):
        row = []
        if left == 0:
            left = int(rng.integers(1, min(4, count - at) + 1))
            row.append(Cell(grammar.noun(rng), 0.5, True, 1, left))
        left -= 1
        note = f"{grammar.noun(rng)} {grammar.noun(rng)}" if rng.random() < 0.4 else ""
        what = f"{grammar.noun(rng)} {grammar.noun(rng)} {grammar.noun(rng)}"
        many = str(rng.integers(1, 10)) if rng.random() < 0.5 else grammar.quantity(rng)
        rows.append([*row, Cell(what), Cell(many, 0.5), Cell(phrases.money(rng), 1.0), Cell(note)])
    return rows, [1.2, 2.6, 1.2, 1.6, 1.4]
