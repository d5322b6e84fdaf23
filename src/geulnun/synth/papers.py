"""Layouts of papers: letters, columns, forms, tables, receipts.

Each fills a blank sheet with a pen. All measures are in em of the body text, so a layout looks the same at any
resolution. Words written in one call are one line of the truth: columns and cells are written apart.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.backdrop import barcode, picture, shade, underline
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet

Box = tuple[float, float, float, float]


def margins(sheet: Sheet, pen: Pen, least: float = 1.0, most: float = 6.0) -> Box:
    """The part of a sheet inside margins of ``least`` to ``most`` em."""
    left, top, right, bottom = (pen.between(least, most) * pen.em for _ in range(4))
    return left, top, sheet.width - right, sheet.height - bottom


def _rule(sheet: Sheet, pen: Pen, y: float, x0: float, x1: float, weight: float = 0.06) -> None:
    sheet.draw.line((x0, y, x1, y), fill=shade(pen, 0.2), width=max(1, round(weight * pen.em)))


def _title(sheet: Sheet, pen: Pen, box: Box, words: list[str], scale: float, align: float) -> None:
    """One line of a title on baseline y1 of the box, sometimes set wide."""
    x0, _, x1, y = box
    head = pen.other()
    if pen.chance(0.2):
        head = replace(head, tracking=pen.between(0.1, 0.5), spacing=pen.between(1.5, 3))
    head.line(sheet, x0, y, words, scale=scale, width=x1 - x0, align=align)


def letter(sheet: Sheet, pen: Pen) -> None:
    """An official letter: office, receiver and title, numbered paragraphs, sender, footer."""
    x0, y0, x1, y1 = margins(sheet, pen, 2, 7)
    rng, em = pen.rng, pen.em
    y = y0 + 2 * em
    scale = pen.between(1.4, 2.6)
    _title(sheet, pen, (x0, y0, x1, y), pen.words(10, "formal")[:3], scale, float(rng.choice([0, 0.5])))
    y += (scale + 1) * em
    sheet.block += 1
    for label in ("수신", "(경유)", "제목")[: int(rng.integers(0, 4))]:
        gap = pen.between(0.4, 0.9) * em
        pen.line(sheet, x0, y, [label, *pen.words(24, "formal")], width=x1 - x0, gap=gap)
        y += pen.leading * em
    if pen.chance(0.6):
        _rule(sheet, pen, y - 0.4 * em, x0, x1)
        y += 0.6 * em
    justify, hang = pen.chance(0.4), pen.chance(0.4)
    number = 0
    while y < y1 - 6 * em:
        sheet.block += 1
        number += 1
        words = pen.prose(int(rng.integers(1, 5)))
        if hang:
            words = [str(rng.choice([f"{number}.", f"{number})", "-", "○", "•", "※", "□"])), *words]
        left = x0 + (pen.between(0, 3) * em if pen.chance(0.2) else 0)
        y = pen.paragraph(
            sheet, (left, y, x1, y1 - 4 * em), words, justify=justify, indent=0 if hang else pen.between(0, 2) * em
        )
        y += pen.between(0.2, 1.6) * em
        if pen.chance(0.08) and y < y1 - 14 * em:
            y = table(sheet, pen, (x0, y, x1, min(y + pen.between(5, 14) * em, y1 - 5 * em))) + em
    sheet.block += 1
    pen.other().line(sheet, x0, y1 - 2 * em, [grammar.office(rng) + "장"], scale=1.6, width=x1 - x0, align=0.5)
    if pen.chance(0.6):
        pen.line(sheet, x0, y1, pen.words(40, "figures"), scale=0.75, width=x1 - x0)


def columns(sheet: Sheet, pen: Pen) -> None:
    """Two or three columns of prose under a title, as journals and newspapers set them."""
    x0, y0, x1, y1 = margins(sheet, pen, 1, 5)
    rng, em = pen.rng, pen.em
    y = y0 + 1.5 * em
    if pen.chance(0.8):
        scale = pen.between(1.4, 3.2)
        pen.other().line(
            sheet, x0, y + scale * em, pen.words(18), scale=scale, width=x1 - x0, align=float(rng.choice([0, 0.5]))
        )
        y += (scale + 1.2) * em
        if pen.chance(0.5):
            pen.line(sheet, x0, y, pen.words(30), width=x1 - x0, align=0.5)
            y += 2 * em
    count = 3 if sheet.width > 48 * em and pen.chance(0.35) else 2
    gutter = pen.between(1.2, 3.5) * em
    width = (x1 - x0 - gutter * (count - 1)) / count
    ruled, justify = pen.chance(0.25), pen.chance(0.7)
    for column in range(count):
        sheet.block += 1
        left = x0 + column * (width + gutter)
        if ruled and column:
            sheet.draw.line((left - gutter / 2, y, left - gutter / 2, y1), fill=shade(pen, 0.4))
        _column(sheet, pen, (left, y, left + width, y1), justify)


def _column(sheet: Sheet, pen: Pen, box: Box, justify: bool) -> None:
    x0, y, x1, y1 = box
    em = pen.em
    while y < y1 - 1.5 * em:
        roll = pen.rng.random()
        if roll < 0.12:
            y += em
            pen.other().line(sheet, x0, y + 0.6 * em, pen.words(12), scale=pen.between(1.05, 1.5), width=x1 - x0)
            y += 1.4 * em
        elif roll < 0.2 and y < y1 - 10 * em:
            bottom = y + pen.between(4, 9) * em
            picture(sheet, pen, (x0, y, x1, bottom))
            y = bottom + 0.5 * em
        words = pen.prose(int(pen.rng.integers(2, 7)))
        y = pen.paragraph(sheet, (x0, y, x1, y1), words, justify=justify, indent=pen.between(0, 1.2) * em)
        y += pen.between(0, 1) * em
        sheet.block += 1


def dense(sheet: Sheet, pen: Pen) -> None:
    """A page of plain prose from edge to edge, as a book has it."""
    x0, y0, x1, y1 = margins(sheet, pen, 0.5, 5)
    y, justify = y0, pen.chance(0.6)
    while y < y1 - pen.em:
        sheet.block += 1
        y = pen.paragraph(sheet, (x0, y, x1, y1), pen.prose(4), justify=justify, indent=pen.between(0, 2) * pen.em)
        y += (pen.leading - 1 + 0.3) * pen.em
    if pen.chance(0.6):
        pen.line(sheet, x0, sheet.height - pen.em, [str(pen.rng.integers(400))], width=x1 - x0, align=0.5)


def table(sheet: Sheet, pen: Pen, box: Box) -> float:
    """A ruled table; returns the y under it. Cells are lines of their own."""
    x0, y0, x1, y1 = box
    rng, em = pen.rng, pen.em
    widths = rng.uniform(1, 3, int(rng.integers(2, 7)))
    edges = x0 + np.r_[0, np.cumsum(widths / widths.sum())] * (x1 - x0)
    style = int(rng.integers(5))
    head: Colour | None = shade(pen, float(rng.uniform(0.75, 0.95))) if pen.chance(0.5) else None
    pad, row = pen.between(0.3, 0.9) * em, int(rng.integers(0, 3))
    aligns = rng.choice([0.0, 0.5, 1.0], len(widths), p=[0.5, 0.35, 0.15])
    y = y0
    while y < y1 - 1.6 * em:
        height = pen.between(1.5, 2.4) * em if pen.chance(0.85) else pen.between(2.8, 4.5) * em
        height = min(height, y1 - y)
        for at, (left, right) in enumerate(pairwise(edges)):
            if head and (row == 0 or at == 0):
                sheet.draw.rectangle((left, y, right, y + height), fill=head)
            if style < 3 or (style == 3 and row < 2):
                edge = shade(pen, 0.3)
                if style == 2:
                    sheet.draw.line((left, y + height, right, y + height), fill=edge)
                else:
                    sheet.draw.rectangle((left, y, right, y + height), outline=edge, width=max(1, round(0.05 * em)))
            sheet.block += 1
            _cell(sheet, pen, (left + pad, y, right - pad, y + height), float(aligns[at]))
        y += height
        row += 1
    return y


def _cell(sheet: Sheet, pen: Pen, box: Box, align: float) -> None:
    x0, y0, x1, y1 = box
    em = pen.em
    if pen.chance(0.12) or x1 - x0 < 1.2 * em:
        return
    kind = ("figures", "words", "words", "formal", "latin", "mixed")[int(pen.rng.integers(6))]
    lines = 1 if y1 - y0 < 2.6 * em else int((y1 - y0) // (1.25 * em))
    words = pen.words(int((x1 - x0) / em * pen.between(0.4, 2) * lines), kind)
    if lines == 1:
        pen.line(sheet, x0, (y0 + y1) / 2 + 0.36 * em, words, width=x1 - x0, align=align)
        return
    tight = replace(pen, leading=1.2)
    tight.paragraph(sheet, (x0, y0 + 0.25 * em, x1, y1), words, align=align)


def form(sheet: Sheet, pen: Pen) -> None:
    """A ruled form: title, tables, label-value rows with leaders or underlines, tick boxes, a signature."""
    x0, y0, x1, y1 = margins(sheet, pen, 1.5, 4)
    rng, em = pen.rng, pen.em
    y = y0 + 2 * em
    scale = pen.between(1.3, 2.4)
    _title(sheet, pen, (x0, y0, x1, y), pen.words(8, "formal")[:3], scale, 0.5)
    y += (0.8 + 0.4 * scale) * em
    while y < y1 - 6 * em:
        sheet.block += 1
        roll = rng.random()
        if roll < 0.5:
            y = table(sheet, pen, (x0, y, x1, min(y + pen.between(6, 26) * em, y1 - 3 * em))) + 1.3 * em
        elif roll < 0.7:
            y = _fields(sheet, pen, (x0, y, x1, y1))
        elif roll < 0.85:
            y = _ticks(sheet, pen, (x0, y + em, x1, y1))
        else:
            y = pen.paragraph(sheet, (x0, y, x1, y1 - 3 * em), pen.prose(2)) + em
    pen.line(sheet, x0, y1, [grammar.day(rng)], width=x1 - x0, align=0.5)
    pen.line(sheet, x0 + 0.66 * (x1 - x0), y1, ["신청인", grammar.person(rng)], width=0.34 * (x1 - x0), align=1)


def _fields(sheet: Sheet, pen: Pen, box: Box) -> float:
    """Rows of label and value, joined by dots, an underline or nothing."""
    x0, y, x1, y1 = box
    em, split = pen.em, pen.between(0.2, 0.5)
    middle, style = x0 + split * (x1 - x0), int(pen.rng.integers(4))
    for _ in range(int(pen.rng.integers(2, 8))):
        y += pen.leading * em
        if y > y1 - 3 * em:
            break
        end = pen.line(sheet, x0, y, pen.words(6, "words"), width=middle - x0 - 1.2 * em)
        value = pen.line(sheet, middle, y, pen.words(14, "figures"), width=x1 - middle)
        if style == 0 and middle - end > 2.5 * em:
            for x in np.arange(end + 0.8 * em, middle - 0.8 * em, 0.4 * em):
                sheet.draw.ellipse((x, y - 0.08 * em, x + 0.09 * em, y), fill=pen.ink)
        elif style == 1:
            underline(sheet, pen, middle, max(value, middle + 5 * em), y + 0.3 * em)
    return y + 1.2 * em


def _ticks(sheet: Sheet, pen: Pen, box: Box) -> float:
    """A row of tick boxes with their labels."""
    x, y, x1, _ = box
    em = pen.em
    while x < x1 - 7 * em:
        side = 0.8 * em
        sheet.draw.rectangle((x, y - side, x + side, y), outline=pen.ink)
        if pen.chance(0.4):
            sheet.draw.line((x, y - 0.5 * em, x + 0.4 * em, y, x + em, y - em), fill=pen.ink, width=2)
        # One drawn space from box to label, then a gap that no line bridges.
        end = pen.line(sheet, x + 1.3 * em, y, pen.words(5, "words"), width=6 * em)
        x = max(end, x + 3 * em) + pen.between(1.5, 3) * em
    return y + 1.4 * em


def receipt(sheet: Sheet, pen: Pen) -> None:
    """A till receipt: shop, items in columns, totals, a barcode; narrow and long."""
    x0, y0, x1, y1 = margins(sheet, pen, 0.4, 2)
    rng, em = pen.rng, pen.em
    y = y0 + 2 * em
    pen.other().line(
        sheet,
        x0,
        y,
        [grammar.company(rng)],
        scale=pen.between(1.1, 2.2),
        width=x1 - x0,
        align=pen.between(0, 1) // 0.5 / 2,
    )
    y += 2 * em
    for _ in range(int(rng.integers(1, 5))):
        y = _row(sheet, pen, y, [(x0, x1, 0.0, pen.words(16, "figures"))])
    while y < y1 - 3 * em:
        sheet.block += 1
        y = _separator(sheet, pen, y, x0, x1)
        roll = rng.random()
        if roll < 0.5:
            y = _items(sheet, pen, (x0, y, x1, y1))
        elif roll < 0.8:
            for _ in range(int(rng.integers(2, 6))):
                if y < y1 - em:
                    label, value = pen.words(4, "words")[:1], [grammar.amount(rng).replace(" ", "")]
                    y = _row(
                        sheet, pen, y, [(x0, x0 + 0.5 * (x1 - x0), 0, label), (x0 + 0.58 * (x1 - x0), x1, 1, value)]
                    )
        elif roll < 0.9 and y < y1 - 6 * em:
            barcode(sheet, pen, (x0 + em, y - 0.5 * em, x1 - em, y + 2 * em))
            y = _row(sheet, pen, y + 3.2 * em, [(x0, x1, 0.5, [grammar.registration(rng).replace(" ", "")])])
        else:
            y = pen.paragraph(sheet, (x0, y - em, x1, y1), pen.prose(1)) + 1.3 * em


def _row(sheet: Sheet, pen: Pen, y: float, cells: list[tuple[float, float, float, list[str]]]) -> float:
    """Write cells (left, right, align, words) on one baseline; returns the next baseline."""
    for left, right, align, words in cells:
        pen.line(sheet, left, y, words, width=right - left, align=align)
    return y + pen.leading * pen.em


def _items(sheet: Sheet, pen: Pen, box: Box) -> float:
    x0, y, x1, y1 = box
    rng, em = pen.rng, pen.em
    share = np.array([0, 0.46, 0.66, 0.76, 1.0]) * (x1 - x0) + x0
    three = x1 - x0 > 17 * em
    for _ in range(int(rng.integers(2, 9))):
        if y > y1 - em:
            break
        price = int(rng.integers(5, 2000)) * 100
        many = int(rng.integers(1, 12))
        name = (share[0], share[1] - em, 0.0, pen.words(7, "words")[:2])
        total = (share[3] + 0.6 * em, share[4], 1.0, [f"{price * many:,}"])
        middle = [
            (share[1], share[2] - em, 1.0, [f"{price:,}"]),
            (share[2], share[3] - 0.6 * em, 1.0, [str(many)]),
        ]
        y = _row(sheet, pen, y, [name, *(middle if three else []), total])
    return y


def _separator(sheet: Sheet, pen: Pen, y: float, x0: float, x1: float) -> float:
    """A drawn rule, full or dashed, or empty space."""
    roll = pen.rng.random()
    if roll < 0.4:
        _rule(sheet, pen, y - 0.3 * pen.em, x0, x1)
    elif roll < 0.8:
        for x in np.arange(x0, x1, 0.6 * pen.em):
            sheet.draw.line((x, y - 0.3 * pen.em, x + 0.35 * pen.em, y - 0.3 * pen.em), fill=pen.ink)
    return y + pen.em
