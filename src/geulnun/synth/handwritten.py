"""Layouts written by hand: squared manuscript paper and ruled notebook pages. Measures are in em."""

from __future__ import annotations

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.hand import write
from geulnun.synth.pen import CLOSING, Pen
from geulnun.synth.sheet import Colour, Sheet, colour
from geulnun.synth.writers import Writer, draw_writer

Place = tuple[float, float]


def _inks(pen: Pen) -> Colour:
    """Colours of pens and pencils."""
    base = pen.rng.choice([[25, 25, 30], [25, 25, 30], [30, 45, 130], [20, 30, 90], [80, 80, 84], [150, 30, 35]])
    return colour(base + pen.rng.uniform(-12, 20, 3))


def _scribe(
    sheet: Sheet, pen: Pen, writer: Writer, ink: Colour, text: str, at: Place, size: float, cell: float | None = None
) -> float:
    """Write a line by hand from ``at`` (x, baseline); returns the x of its end."""
    words = [word for word in text.split(" ") if word and pen.face.covers(word)]
    if not words:
        return at[0]
    joined = text if cell else " ".join(words)
    if cell and not pen.face.covers(text.replace(" ", "")):
        joined = "".join(char if pen.face.draws(char) else " " for char in text)
    inked = joined.strip(" ")
    if not inked:
        return at[0]
    lead = (len(joined) - len(joined.lstrip(" "))) * (cell or 0.0)
    written = write(inked, pen.face, size, writer, pen.rng, cell)
    x, y = round(at[0] + lead - written.left), round(at[1] - written.baseline)
    sheet.place(written.ink, (x, y), inked.split(), written.quads, ink)
    return x + written.right


def manuscript(sheet: Sheet, pen: Pen) -> None:
    """Squared manuscript paper of 20 columns: title, school and name, then text from cell to cell."""
    rng = pen.rng
    columns = 20
    side = int(sheet.width / (columns + 3))
    left, top = (sheet.width - columns * side) / 2, 2.2 * side
    strip = round(pen.between(0.25, 0.5) * side)
    pitch = side + strip
    rows = int((sheet.height - top - 1.6 * side) / pitch)
    tone = colour(rng.choice([[200, 60, 50], [60, 130, 80], [70, 90, 160], [120, 120, 120]]) + rng.uniform(0, 50, 3))
    for row in range(rows):
        y = top + row * pitch
        sheet.draw.rectangle((left, y, left + columns * side, y + side), outline=tone)
        for column in range(1, columns):
            sheet.draw.line((left + column * side, y, left + column * side, y + side), fill=tone)
    low = top + (rows - 1) * pitch + side + strip
    sheet.draw.rectangle((left, top - strip, left + columns * side, low), outline=tone, width=2)
    sheet.begin("header")
    pen.line(sheet, left, top - 0.9 * side, [f"No.{rng.integers(1, 30)}"], scale=0.7, colour=tone)
    writer, ink = draw_writer(rng), _inks(pen)
    size = pen.between(0.6, 0.78) * side
    for row, (kind, text) in enumerate(_rows(pen, columns, rows)):
        if kind != "text" or not row:
            sheet.begin("title" if kind == "title" else "text")
        y = top + row * pitch + side / 2 + 0.36 * size
        _scribe(sheet, pen, writer, ink, text, (left, y), size, side)


def _rows(pen: Pen, columns: int, rows: int) -> list[tuple[str, str]]:
    """What stands in each row: title in the middle, name at the right, paragraphs set in by a cell."""
    title = f"{grammar.noun(pen.rng)}의 {grammar.noun(pen.rng)}"
    name = grammar.person(pen.rng)
    out = [("title", title.center(columns)), ("name", f"{name}  ".rjust(columns)), ("gap", "")]
    while len(out) < rows:
        text = " " + " ".join(word for word in pen.prose(3) if pen.face.covers(word))
        kind = "first"
        while text.strip() and len(out) < rows:
            row, text = text[:columns], text[columns:]
            # A closing sign shares the last cell's row rather than begin one.
            if text and text[0] in CLOSING:
                text = text[1:]
            out.append((kind, row))
            text, kind = text.lstrip(" "), "text"
    return out


def notebook(sheet: Sheet, pen: Pen) -> None:
    """A notebook's or diary's page: ruled or plain, a margin, a heading, paragraphs and items by one hand."""
    rng = pen.rng
    pitch = pen.between(1.5, 2.1) * pen.em
    size = pitch * pen.between(0.55, 0.8)
    left, right = pen.between(1.5, 4) * pen.em, sheet.width - pen.between(0.8, 2) * pen.em
    top = pen.between(2, 3.4) * pitch
    tone = colour(rng.choice([[150, 180, 215], [170, 170, 175], [170, 205, 180]]) + rng.uniform(-15, 15, 3))
    style = int(rng.integers(4))
    levels = np.arange(top, sheet.height - 0.6 * pitch, pitch)
    if style < 3:
        for y in levels:
            sheet.draw.line((0, y, sheet.width, y), fill=tone)
    if style == 1:
        for x in np.arange(0, sheet.width, pitch):
            sheet.draw.line((x, 0, x, sheet.height), fill=tone)
    elif style == 0:
        sheet.draw.line((left - 0.6 * pen.em, 0, left - 0.6 * pen.em, sheet.height), fill=(220, 120, 120))
    writer, ink = draw_writer(rng), _inks(pen)
    sheet.begin("title")
    _scribe(sheet, pen, writer, ink, grammar.day(rng), (left, top - 0.15 * pitch), size)
    estimate, at = 1.0, 1
    while at < len(levels):
        sheet.begin("list" if pen.chance(0.3) else "text")
        words = [word for word in pen.prose(int(rng.integers(1, 4))) if pen.face.covers(word)]
        while words and at < len(levels):
            kept = _fitting(pen, words, size, (right - left) / estimate)
            words = words[len(kept) :]
            text = " ".join(kept)
            end = _scribe(sheet, pen, writer, ink, text, (left, levels[at] - 0.15 * pitch), size)
            # How much wider this hand writes than its font.
            estimate = max(estimate, (end - left) / max(_width(pen, text, size), 1.0))
            at += 1
        at += int(pen.chance(0.3))


def _width(pen: Pen, text: str, size: float) -> float:
    return float(pen.face.at(max(round(size), 6)).getlength(text))


def _fitting(pen: Pen, words: list[str], size: float, room: float) -> list[str]:
    """The first words that a line holds, one at least."""
    count = 1
    while count < len(words) and _width(pen, " ".join(words[: count + 1]), size) * 1.05 <= room:
        count += 1
    return words[:count]
