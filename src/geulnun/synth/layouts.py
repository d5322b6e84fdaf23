"""Layouts: what stands where on a letter, a form, a receipt, a poster, a screen.

Each layout fills a blank sheet with a pen. All measures are in em of the body text, so a layout looks the same at
any resolution. Words written in one call are one line of the truth: columns and cells are written apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.backdrop import barcode, picture, shade, underline
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet, colour

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Layout:
    """A way to fill a page, and the sizes it comes in.

    Attributes:
        draw: fills the sheet.
        width: least and greatest width of the sheet, in em.
        ratio: least and greatest height, in widths.
        leading: least and greatest distance between baselines, in em.
        dark: share of pages with light text on dark.
    """

    draw: Callable[[Sheet, Pen], None]
    width: tuple[float, float]
    ratio: tuple[float, float]
    leading: tuple[float, float] = (1.3, 2.0)
    dark: float = 0.03


def _margins(sheet: Sheet, pen: Pen, least: float = 1.0, most: float = 6.0) -> Box:
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
    x0, y0, x1, y1 = _margins(sheet, pen, 2, 7)
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
    x0, y0, x1, y1 = _margins(sheet, pen, 1, 5)
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
    x0, y0, x1, y1 = _margins(sheet, pen, 0.5, 5)
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
    pad, row = pen.between(0.15, 0.8) * em, int(rng.integers(0, 3))
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
    x0, y0, x1, y1 = _margins(sheet, pen, 1.5, 4)
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
    x0, y0, x1, y1 = _margins(sheet, pen, 0.4, 2)
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
                    label, value = [pen.words(4, "words")[0]], [grammar.amount(rng).replace(" ", "")]
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


def poster(sheet: Sheet, pen: Pen) -> None:
    """A notice: a few very large lines, small print, coloured bands and pictures."""
    x0, y0, x1, y1 = _margins(sheet, pen, 1, 4)
    rng, em = pen.rng, pen.em
    if pen.chance(0.3):
        picture(sheet, pen, (0, 0, sheet.width, sheet.height), soft=True)
    y = y0
    while y < y1 - 3 * em:
        sheet.block += 1
        scale = float(np.exp(rng.uniform(np.log(0.8), np.log(7))))
        this, banded = pen.other(), False
        roll = rng.random()
        if roll < 0.25 and y + (scale + 1.5) * em < y1:
            this = _panel(sheet, this, (0, y, sheet.width, y + (scale * 1.5 + 0.6) * em))
            y, banded = y + 0.3 * em, True
        elif roll < 0.35 and y < y1 - 10 * em:
            bottom = y + pen.between(5, 10) * em
            picture(sheet, pen, (x0, y, x1, bottom))
            if pen.chance(0.5):
                _caption(sheet, pen, (x0, y, x1, bottom))
            y = bottom
        if scale < 1.6 and not banded and pen.chance(0.4):
            y = this.paragraph(sheet, (x0, y, x1, y1), pen.prose(2), scale=scale, align=float(rng.choice([0, 0.5])))
        elif y + (scale + 0.3) * em < y1:
            length = max(2, int((x1 - x0) / em / scale))
            this.line(
                sheet,
                x0,
                y + scale * em,
                pen.words(length),
                scale=scale,
                width=x1 - x0,
                align=float(rng.choice([0, 0.5, 1])),
            )
            y += 1.1 * scale * em
        y += pen.between(0.3, 2) * em


def _caption(sheet: Sheet, pen: Pen, box: Box) -> None:
    """A line or two right on a picture, outlined so that it can be read."""
    x0, y0, x1, y1 = box
    ink = (255, 255, 255) if pen.chance(0.6) else colour(pen.rng.uniform(0, 256, 3))
    dark = sum(ink) < 380
    scale = pen.between(0.9, 2.5)
    this = replace(pen.other(), ink=ink, outline=(255, 255, 255) if dark else (0, 0, 0), leading=1.25)
    this.paragraph(
        sheet,
        (x0 + pen.em, y0 + 0.5 * pen.em, x1 - pen.em, min(y1, y0 + 4 * scale * pen.em)),
        pen.words(16),
        scale=scale,
        align=pen.between(0, 1),
    )


def _panel(sheet: Sheet, pen: Pen, box: Box, radius: float = 0) -> Pen:
    """Fill a box with a colour of its own; returns a pen that reads on it."""
    rng = pen.rng
    fill = colour(rng.uniform(0, 256, 3))
    ink = colour(rng.uniform(0, 60, 3) if sum(fill) / 3 > 128 else rng.uniform(200, 256, 3))
    sheet.draw.rounded_rectangle(box, radius=radius, fill=fill)
    return replace(pen, ink=ink, paper=fill)


def screen(sheet: Sheet, pen: Pen) -> None:
    """A web page or an app: bars, cards, buttons, coloured panels, pictures, captions."""
    rng, em = pen.rng, pen.em
    bar = _panel(sheet, pen, (0, 0, sheet.width, 2.6 * em))
    x = em
    while x < sheet.width - 6 * em:
        x = bar.line(sheet, x, 1.7 * em, pen.words(5, "words")[:2], width=8 * em) + pen.between(1.6, 4) * em
    y = 4 * em
    while y < sheet.height - 4 * em:
        sheet.block += 1
        count = int(rng.choice([1, 1, 2, 3]))
        height = pen.between(5, 16) * em
        width = (sheet.width - em * (count + 1)) / count
        for at in range(count):
            left = em + at * (width + em)
            _card(sheet, pen, (left, y, left + width, min(y + height, sheet.height - em)))
        y += height + pen.between(0.5, 1.5) * em


def _card(sheet: Sheet, pen: Pen, box: Box) -> None:
    x0, y0, x1, y1 = box
    em = pen.em
    if pen.chance(0.5):
        pen = _panel(sheet, pen, box, radius=pen.between(0, 1) * em)
    x0, x1, y = x0 + 0.6 * em, x1 - 0.6 * em, y0 + 0.6 * em
    if pen.chance(0.35) and y1 - y0 > 7 * em:
        middle = y0 + pen.between(0.4, 0.7) * (y1 - y0)
        picture(sheet, pen, (x0, y, x1, middle))
        y = middle + 0.4 * em
    scale = pen.between(0.9, 1.8)
    pen.other().line(sheet, x0, y + scale * em, pen.words(14), scale=scale, width=x1 - x0)
    y += (scale + 0.7) * em
    if y < y1 - 1.5 * em and x1 - x0 > 5 * em:
        y = pen.paragraph(sheet, (x0, y, x1, y1 - 2 * em), pen.prose(2), scale=pen.between(0.75, 1.0)) + 0.5 * em
    if y < y1 - 2.2 * em and x1 - x0 > 8 * em and pen.chance(0.6):
        edge = (x0, y1 - 2 * em, x0 + 7 * em, y1 - 0.3 * em)
        button = _panel(sheet, pen, edge, radius=0.6 * em)
        button.line(sheet, x0, y1 - 0.8 * em, pen.words(3, "words")[:1], width=7 * em, align=0.5)


def sparse(sheet: Sheet, pen: Pen) -> None:
    """Nearly empty: a line or a few somewhere, perhaps a page number."""
    for _ in range(int(pen.rng.integers(1, 5))):
        sheet.block += 1
        scale = pen.between(0.8, 3)
        x, y = pen.between(0.03, 0.6) * sheet.width, pen.between(0.1, 0.95) * sheet.height
        quads = sheet.quads()
        if len(quads) and np.abs(quads[:, :, 1].mean(1) - y).min() < 4 * pen.em:
            continue
        pen.other().line(sheet, x, y, pen.words(int(pen.rng.integers(1, 20))), scale=scale, width=sheet.width - x - 4)


def scene(sheet: Sheet, pen: Pen) -> None:
    """A picture with a few signs on it, as a camera sees them; sometimes no text at all."""
    picture(sheet, pen, (0, 0, sheet.width, sheet.height))
    for _ in range(int(pen.rng.integers(0, 4))):
        picture(sheet, pen, _somewhere(sheet, pen, 4, 20))
    taken: list[Box] = []
    for _ in range(int(pen.rng.integers(0, 7))):
        scale = float(np.exp(pen.rng.uniform(0, np.log(5))))
        x0, y0, x1, y1 = box = _somewhere(sheet, pen, 1.5 * scale, 6 * scale)
        if any(x0 < b[2] and b[0] < x1 and y0 < b[3] and b[1] < y1 for b in taken):
            continue
        taken.append(box)
        sheet.block += 1
        this = _panel(sheet, pen.other(), box, radius=pen.between(0, 0.5) * pen.em)
        pad = 0.3 * scale * pen.em
        this.paragraph(sheet, (x0 + pad, y0 + pad, x1 - pad, y1), pen.words(12), scale=scale, align=0.5)


def _somewhere(sheet: Sheet, pen: Pen, least: float, most: float) -> Box:
    width, height = pen.between(2 * least, 3 * most) * pen.em, pen.between(least, most) * pen.em
    x, y = pen.between(0, max(sheet.width - width, 1)), pen.between(0, max(sheet.height - height, 1))
    return x, y, min(x + width, sheet.width), min(y + height, sheet.height)


#: Every layout by the name recipes and benches ask for.
LAYOUTS: dict[str, Layout] = {
    "letter": Layout(letter, (36, 60), (1.2, 1.45), (1.35, 2.1)),
    "two_columns": Layout(columns, (38, 64), (1.0, 1.45), (1.2, 1.8)),
    "dense": Layout(dense, (20, 52), (0.8, 1.5), (1.15, 1.7)),
    "form": Layout(form, (36, 60), (0.8, 1.45), (1.3, 1.9)),
    "receipt": Layout(receipt, (14, 28), (1.5, 3.5), (1.15, 1.6)),
    "poster": Layout(poster, (18, 45), (0.7, 1.5), (1.2, 1.7), dark=0.2),
    "screen": Layout(screen, (28, 60), (0.6, 1.4), (1.2, 1.7), dark=0.2),
    "sparse": Layout(sparse, (12, 50), (0.3, 1.4), dark=0.1),
    "scene": Layout(scene, (20, 45), (0.6, 1.4), (1.1, 1.4)),
}
