"""Vertical text: characters upright one below the other, columns from right to left, signs in their vertical forms.

Signs that stand elsewhere in vertical text are moved (a full stop to the upper right of its cell) or lie on their
side (brackets, dashes); a number of two digits, or any run of Latin, may lie on its side as a whole or stand in one
cell. The order of the quads' points is told in `geulnun.synth.truth`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from geulnun.geometry import Floats
from geulnun.synth import grammar, phrases
from geulnun.synth.backdrop import Box, picture, seal, shade
from geulnun.synth.pen import CLOSING, Pen
from geulnun.synth.sheet import Font, Pixels, Sheet, advance
from geulnun.synth.truth import Run, span

#: Signs that lie on their side in vertical text.
LYING = frozenset("()[]{}〈〉《》「」『』【】<>—–-~ー…=:;")
#: Signs that move to the upper right of their cell.
RAISED = frozenset(".,。、")
#: How much of an em a cell takes along the column.
CELL = 1.0


def column(
    sheet: Sheet, pen: Pen, middle: float, top: float, words: Sequence[str], scale: float = 1.0, step: float = CELL
) -> float:
    """Write words down a column.

    Args:
        sheet: where to write.
        pen: what to write with.
        middle: x of the column's middle.
        top: y where it begins.
        words: what to write; those that the pen cannot draw are left out.
        scale: size, in sizes of the body text.
        step: height of a cell in em; more than 1 spaces characters.

    Returns:
        the y where it ends.
    """
    words = [word for word in words if word and pen.covers(word)]
    if not words:
        return top
    font, others = pen.font(scale), pen.others(words, scale)
    em = float(font.size)
    quads: list[Floats] = []
    y = top
    for word in words:
        for char in word:
            y, quad = _put(sheet, pen, char, others.get(char, font), (middle, y), em, step)
            quads.append(quad)
        y += 0.4 * em * pen.spacing
    chars = np.stack(quads)
    sheet.runs.append(Run(tuple(words), chars, span(chars, vertical=True), sheet.block, vertical=True))
    return y - 0.4 * em * pen.spacing


def _put(
    sheet: Sheet, pen: Pen, char: str, font: Font, at: tuple[float, float], em: float, step: float
) -> tuple[float, Floats]:
    """Draw one character from the top of its cell; returns where the next begins, and its quad."""
    middle, y = at
    half = em / 2
    _, top, _, bottom = font.getbbox("한", anchor="ls")
    # Baseline at which the ink of a syllable stands in the middle of a cell.
    rest = half - (top + bottom) / 2
    if char in LYING:
        wide = max(advance(font, char), 0.3 * em)
        _lying(sheet, pen, char, font, (middle, y), em, wide, rest)
        quad = [[middle + half, y], [middle + half, y + wide], [middle - half, y + wide], [middle - half, y]]
        return y + wide * step, np.array(quad)
    tall = em
    if char in RAISED:
        left, upper, _, lower = font.getbbox(char, anchor="ls")
        sheet.draw.text((middle + 0.12 * em - left, y + 0.06 * em - upper), char, pen.ink, font, "ls")
        tall = max(0.5 * em, lower - upper + 0.12 * em)
        quad = [[middle - half, y], [middle + half, y], [middle + half, y + tall], [middle - half, y + tall]]
        return y + tall * step, np.array(quad)
    narrow = advance(font, char)
    sheet.draw.text((middle - narrow / 2, y + rest), char, pen.ink, font, "ls")
    side = max(half, narrow / 2)
    quad = [[middle - side, y], [middle + side, y], [middle + side, y + tall], [middle - side, y + tall]]
    return y + tall * step, np.array(quad)


def _lying(
    sheet: Sheet, pen: Pen, char: str, font: Font, at: tuple[float, float], em: float, wide: float, rest: float
) -> None:
    """Draw a sign turned clockwise by 90 degrees, its own top to the right."""
    size = round(2 * em)
    mask = Image.new("L", (size, size), 0)
    ImageDraw.Draw(mask).text((size / 2 - wide / 2, size / 2 - em / 2 + rest), char, 255, font, "ls")
    turned = mask.transpose(Image.Transpose.ROTATE_270)
    middle, y = at
    sheet.image.paste(pen.ink, (round(middle - size / 2), round(y + wide / 2 - size / 2)), turned)


def fill(sheet: Sheet, pen: Pen, box: Box, words: Sequence[str], scale: float = 1.0, step: float = CELL) -> float:
    """Fill a box with columns of words from right to left, breaking words anywhere; returns the x left of the last."""
    x0, y0, x1, y1 = box
    em = pen.em * scale
    pitch = pen.leading * em
    middle = x1 - 0.5 * em
    rest = [word for word in words if pen.covers(word)]
    while rest and middle - 0.5 * em >= x0:
        taken, rest = _column_of(pen, rest, y1 - y0, em, step)
        if not taken:
            rest = rest[1:]
            continue
        column(sheet, pen, middle, y0, taken, scale, step)
        middle -= pitch
    return middle + pitch - 0.5 * em


def _column_of(pen: Pen, words: Sequence[str], room: float, em: float, step: float) -> tuple[list[str], list[str]]:
    """The words that fit into a column, the last one broken where it must be, and the others."""
    taken: list[str] = []
    used = 0.0
    for at, word in enumerate(words):
        free = int((room - used) / (em * step))
        if len(word) <= free:
            taken.append(word)
            used += (len(word) * step + 0.4 * pen.spacing) * em
            continue
        if free >= 2 and not word.isascii():
            # A closing sign hangs below the column rather than begin the next.
            free += word[free] in CLOSING
            taken.append(word[:free])
            return taken, [part for part in (word[free:], *words[at + 1 :]) if part]
        return taken, list(words[at:])
    return taken, []


def _numerals(text: str) -> str:
    """Figures as vertical text of old writes them."""
    return "".join("〇一二三四五六七八九"[int(char)] if char in "0123456789" else char for char in text)


def vertical(sheet: Sheet, pen: Pen) -> None:
    """A page of vertical text: an old book, a letter, a poem; ruled columns, title on the right, seal on the left."""
    rng, em = pen.rng, pen.em
    x0, x1 = pen.between(2, 4) * em, sheet.width - pen.between(2, 4) * em
    y0, y1 = pen.between(3, 5) * em, sheet.height - pen.between(2.5, 4) * em
    step = pen.between(1.0, 1.18)
    ruled, tone = pen.chance(0.45), shade(pen, 0.5)
    pitch = pen.leading * em
    if ruled:
        tone = (170, 60, 50) if pen.chance(0.4) else tone
        sheet.draw.rectangle((x0 - 0.6 * em, y0 - 0.6 * em, x1 + 0.6 * em, y1 + 0.6 * em), outline=tone, width=2)
    sheet.begin("title")
    scale = pen.between(1.4, 2.2)
    title = phrases.headline(rng) if pen.chance(0.5) else f"{grammar.noun(rng)}의 {grammar.noun(rng)}"
    scale = min(scale, 0.95 * scale * (y1 - y0) / ladder(pen, title, scale, 1.1))
    column(sheet, pen.other(), x1 - 0.5 * scale * em, y0 + 0.6 * em, title.split(" "), scale, 1.1)
    right = x1 - (scale + 0.9) * em
    if pen.chance(0.7):
        sheet.begin("header")
        column(sheet, pen, right - 0.5 * em, y0 + 0.55 * (y1 - y0), [grammar.person(rng)], 1.1, 1.4)
        right -= 2.2 * em
    end = right
    while right > x0 + 3 * em:
        sheet.begin()
        text = " ".join(pen.prose(int(rng.integers(1, 4))))
        if pen.fallback and pen.chance(0.6):
            text = phrases.glossed(rng, text)
        words = _numerals(text).split(" ") if pen.fallback and pen.chance(0.3) else text.split(" ")
        right = fill(sheet, pen, (x0 + 2 * em, y0, right, y1), words, 1.0, step) - (pen.leading - 1) * em
        if pen.chance(0.25) and right > x0 + 12 * em:
            width = pen.between(4, 8) * em
            low = y0 + pen.between(0.5, 0.9) * (y1 - y0)
            picture(sheet, pen, (right - width, y0, right, low))
            right -= width + 0.8 * em
    if ruled:
        for x in np.arange(end + (pen.leading - 1) / 2 * em, x0, -pitch):
            sheet.draw.line((x, y0 - 0.6 * em, x, y1 + 0.6 * em), fill=tone)
    sheet.begin("footer")
    if pen.chance(0.5):
        seal(sheet, pen, x0 - em, y1 - 3 * em, 2.4 * em)
    elif pen.chance(0.6):
        column(sheet, pen, x0 - 0.2 * em, y1 - 4 * em, [_numerals(str(rng.integers(1, 300)))], 0.8)


def ladder(pen: Pen, text: str, scale: float, step: float = CELL) -> float:
    """Height in pixels that a column of the text takes, all its characters being of one cell."""
    words = text.split(" ")
    return (sum(map(len, words)) * step + 0.4 * pen.spacing * (len(words) - 1)) * pen.em * scale


def shaded(mask: Pixels, amount: int) -> Pixels:
    """The mask moved right and down by ``amount`` pixels: a drop shadow's."""
    out = np.zeros_like(mask)
    out[amount:, amount:] = mask[: mask.shape[0] - amount, : mask.shape[1] - amount]
    return out


def narrowed(pen: Pen) -> Pen:
    """The pen without tracking, as columns have steps of their own."""
    return replace(pen, tracking=0.0)
