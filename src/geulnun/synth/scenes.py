"""Layouts of posters, screens and signs on a picture; measures are in em, as in `geulnun.synth.papers`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth.backdrop import picture
from geulnun.synth.papers import Box, margins
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet, colour


def poster(sheet: Sheet, pen: Pen) -> None:
    """A notice: a few very large lines, small print, coloured bands and pictures."""
    x0, y0, x1, y1 = margins(sheet, pen, 1, 4)
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
        elif roll < 0.55:
            y = _price_list(sheet, this, (x0, y, x1, y1), min(scale, 3))
            continue
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


def _price_list(sheet: Sheet, pen: Pen, box: Box, scale: float) -> float:
    """Names on the left, prices on the right, often with hardly a gap from row to row; returns the y under them."""
    x0, y, x1, y1 = box
    em, pitch = pen.em * scale, pen.between(1.0, 2.0)
    middle = x0 + 0.7 * (x1 - x0)
    for _ in range(int(pen.rng.integers(2, 10))):
        if y + 1.3 * em > y1:
            break
        y += pitch * em
        pen.line(sheet, x0, y, pen.words(8, "words")[:2], scale=scale, width=middle - x0 - 1.5 * em)
        price = int(pen.rng.integers(5, 500))
        written = str(pen.rng.choice([f"{price * 100:,}", f"{price / 10:.1f}", f"{price * 100:,}원"]))
        pen.line(sheet, middle, y, [written], scale=scale, width=x1 - middle, align=1)
    return y + pen.between(0.6, 2) * em


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
    sheet.cover(box)
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
