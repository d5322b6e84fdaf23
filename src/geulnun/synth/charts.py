"""Charts: bars, lines and pies with their axes, values and names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.backdrop import Box, shade
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet, colour


def chart(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    """Fill a box with a chart of invented numbers."""
    sheet.begin("figure")
    (_bars, _curve, _pie)[int(pen.rng.integers(3))](sheet, replace(pen, em=0.85 * pen.em), box, accent)


def _names(pen: Pen, count: int) -> list[str]:
    year = int(pen.rng.integers(1995, 2020))
    kinds = (
        [f"{year + at}년" for at in range(count)],
        [f"{at + 1}월" for at in range(count)],
        [f"{at + 1}분기" for at in range(count)],
        [grammar.noun(pen.rng) for _ in range(count)],
    )
    return kinds[int(pen.rng.integers(4))]


def _axes(sheet: Sheet, pen: Pen, box: Box, most: float) -> Box:
    """Draw axes, level lines and their numbers; returns the plot's area."""
    x0, y0, x1, y1 = box
    em = pen.em
    left, low = x0 + 3.6 * em, y1 - 1.8 * em
    for at in range(5):
        y = low - at / 4 * (low - y0 - em)
        sheet.draw.line((left, y, x1, y), fill=shade(pen, 0.3 if at == 0 else 0.8))
        pen.line(sheet, x0, y + 0.35 * em, [f"{most * at / 4:,.0f}"], scale=0.85, width=3.2 * em, align=1)
    return left, y0 + em, x1, low


def _plot(sheet: Sheet, pen: Pen, box: Box) -> tuple[Box, np.ndarray, list[str], float]:
    count = int(np.clip((box[2] - box[0]) / pen.em / pen.between(4.5, 7), 2, 8))
    values = pen.rng.uniform(0.15, 1, count) * 10 ** pen.between(1, 3.7)
    most = float(values.max()) * 1.1
    return _axes(sheet, pen, box, most), values, _names(pen, count), most


def _bars(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    (x0, y0, x1, y1), values, names, most = _plot(sheet, pen, box)
    em, step = pen.em, (x1 - x0) / len(values)
    for at, (value, name) in enumerate(zip(values, names, strict=True)):
        left = x0 + at * step
        top = y1 - value / most * (y1 - y0)
        sheet.draw.rectangle((left + 0.25 * step, top, left + 0.75 * step, y1), fill=accent)
        pen.line(sheet, left, top - 0.3 * em, [f"{value:,.0f}"], scale=0.85, width=step, align=0.5)
        pen.line(sheet, left, y1 + 1.3 * em, [name], scale=0.9, width=step, align=0.5)


def _curve(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    (x0, y0, x1, y1), values, names, most = _plot(sheet, pen, box)
    em, step = pen.em, (x1 - x0) / len(values)
    points = [(x0 + (at + 0.5) * step, y1 - value / most * (y1 - y0)) for at, value in enumerate(values)]
    sheet.draw.line(points, fill=accent, width=max(2, round(0.15 * em)))
    for (x, y), value, name in zip(points, values, names, strict=True):
        sheet.draw.ellipse((x - 0.25 * em, y - 0.25 * em, x + 0.25 * em, y + 0.25 * em), fill=accent)
        if pen.chance(0.5):
            pen.line(sheet, x - step / 2, y - 0.6 * em, [f"{value:,.1f}"], scale=0.85, width=step, align=0.5)
        pen.line(sheet, x - step / 2, y1 + 1.3 * em, [name], scale=0.9, width=step, align=0.5)


def _pie(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    x0, y0, x1, y1 = box
    em = pen.em
    names = [grammar.noun(pen.rng) for _ in range(int(pen.rng.integers(3, 6)))]
    parts = pen.rng.dirichlet(np.full(len(names), 3.0))
    side = min(y1 - y0, 0.55 * (x1 - x0))
    turn = -90.0
    y = y0 + 1.5 * em
    for at, (name, part) in enumerate(zip(names, parts, strict=True)):
        tone = accent if at == 0 else colour(pen.rng.uniform(40, 230, 3))
        sheet.draw.pieslice((x0, y0, x0 + side, y0 + side), turn, turn + 360 * part, fill=tone)
        turn += 360 * part
        key = x0 + side + 1.5 * em
        sheet.draw.rectangle((key, y - 0.75 * em, key + 0.8 * em, y), fill=tone)
        pen.line(sheet, key + 1.4 * em, y, [name, f"{100 * part:.1f}%"], width=x1 - key - 1.4 * em)
        y += 1.9 * em
