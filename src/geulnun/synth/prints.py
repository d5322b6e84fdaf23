"""Layouts of printed matter: newspapers and books. Measures are in em of the body text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.geometry import Floats
from geulnun.synth import grammar, phrases, wear
from geulnun.synth.backdrop import Box, picture, shade
from geulnun.synth.offices import bold, rule
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet
from geulnun.synth.upright import column, ladder


def newspaper(sheet: Sheet, pen: Pen) -> None:
    """A newspaper's page: masthead, articles over several columns, level and vertical headlines, pictures, a box."""
    em, rng = pen.em, pen.rng
    pen = replace(pen, spacing=1.0, tracking=pen.between(-0.06, 0.0))
    x0, x1 = 2 * em, sheet.width - 2 * em
    y, y1 = 1.5 * em, sheet.height - 2 * em
    y = _nameplate(sheet, pen, x0, x1, y) if pen.chance(0.6) else _page_head(sheet, pen, x0, x1, y)
    count = max(3, round((x1 - x0) / em / pen.between(11, 15)))
    gutter = 1.4 * em
    width = (x1 - x0 - gutter * (count - 1)) / count
    while y < y1 - 16 * em:
        height = min(pen.between(18, 34) * em, y1 - y)
        if y1 - y - height < 16 * em:
            height = y1 - y
        first = 0
        while first < count:
            across = min(int(rng.integers(2, count + 1)), count - first)
            across += count - first - across == 1
            left = x0 + first * (width + gutter)
            right = left + across * width + (across - 1) * gutter
            if first:
                sheet.draw.line((left - gutter / 2, y, left - gutter / 2, y + height - em), fill=shade(pen, 0.4))
            _article(sheet, pen, (left, y, right, y + height - 1.2 * em), across, gutter)
            first += across
        y += height
        if y < y1 - 10 * em:
            rule(sheet, pen, y - 0.6 * em, x0, x1, 0.08)


def _nameplate(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    """The paper's name between its date and number."""
    em, rng = pen.em, pen.rng
    sheet.begin("title")
    name = str(rng.choice(["가람일보", "새봄신문", "한솔경제", "나루타임스", "東方日報", "온누리신문"]))
    bold(replace(pen, tracking=0.15)).line(sheet, x0, y + 3.6 * em, [name], scale=3.8, width=x1 - x0, align=0.5)
    sheet.begin("header")
    day = f"{rng.integers(1960, 2030)}년 {rng.integers(1, 13)}월 {rng.integers(1, 29)}일"
    day += f" {rng.choice(list('월화수목금토'))}요일"
    pen.line(sheet, x0, y + 3.6 * em, day.split(" "), scale=0.9, width=0.3 * (x1 - x0))
    pen.line(
        sheet,
        x0 + 0.7 * (x1 - x0),
        y + 3.6 * em,
        ["제", f"{rng.integers(1, 30000)}", "호"],
        scale=0.9,
        width=0.3 * (x1 - x0),
        align=1,
    )
    rule(sheet, pen, y + 4.6 * em, x0, x1, 0.18, 0)
    rule(sheet, pen, y + 4.95 * em, x0, x1, 0.05, 0)
    return y + 6 * em


def _page_head(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    """Page number, section and date over the page."""
    em, rng = pen.em, pen.rng
    sheet.begin("header")
    pen.line(sheet, x0, y + em, [f"A{rng.integers(2, 40)}"], scale=1.4)
    bold(pen).line(
        sheet,
        x0,
        y + em,
        [str(rng.choice(["정치", "경제", "사회", "문화", "오피니언", "국제", "스포츠"]))],
        scale=1.2,
        width=x1 - x0,
        align=0.5,
    )
    pen.line(sheet, x0, y + em, grammar.day(rng).split(" "), scale=0.85, width=x1 - x0, align=1)
    rule(sheet, pen, y + 1.7 * em, x0, x1, 0.08, 0)
    return y + 3 * em


def _article(sheet: Sheet, pen: Pen, box: Box, count: int, gutter: float) -> None:
    """One article: its headline over its columns, or down the right side, then text and perhaps a picture."""
    x0, y0, x1, y1 = box
    em, rng = pen.em, pen.rng
    if pen.chance(0.15):
        tint = shade(pen, 0.92)
        sheet.draw.rectangle((x0 - 0.4 * em, y0 - 0.5 * em, x1 + 0.4 * em, y1 + 0.4 * em), fill=tint)
    top, right = y0, x1
    if pen.chance(0.25) and count > 1 and y1 - y0 > 16 * em:
        right = _side_headline(sheet, pen, x1, y0, y1) - gutter
    else:
        top = _headline(sheet, pen, x0, x1, y0, count)
    lead = pen.chance(0.5)
    shown = pen.chance(0.5) and y1 - top > 12 * em
    width = (right - x0 - gutter * (count - 1)) / count
    low, edge = top, right
    if shown:
        across = min(count, 1 + int(rng.integers(2)))
        low = top + min(pen.between(0.3, 0.5) * (y1 - top), 0.75 * (across * (width + gutter)))
        edge = right - (count - across) * (width + gutter)
        picture(sheet, pen, (x0, top, edge, low - 1.4 * em))
        sheet.begin("figure")
        caption = replace(bold(pen) if pen.chance(0.3) else pen, leading=1.1)
        caption.line(sheet, x0, low - 0.4 * em, ["▲", *pen.words(30, "words")], scale=0.82, width=edge - x0)
        low += 0.3 * em
    for at in range(count):
        left = x0 + at * (width + gutter)
        start = low if shown and left < edge - em else top
        if start > y1 - 2 * em:
            continue
        _body(sheet, pen, (left, start, left + width, y1), lead and at == 0)


def _headline(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float, count: int) -> float:
    em = pen.em
    sheet.begin("title")
    head = replace(bold(pen), tracking=-0.05, leading=1.2)
    scale = min(pen.between(1.5, 3.4), (x1 - x0) / em / 8)
    text = phrases.headline(pen.rng)
    if head.length(text, scale) > (x1 - x0) and head.length(text, scale) > 1.9 * (x1 - x0):
        scale *= 0.7
    y = head.paragraph(sheet, (x0, y, x1, y + 2.6 * scale * em), text.split(" "), scale=scale) + 0.3 * em
    if count > 1 and pen.chance(0.5):
        pen.line(sheet, x0, y + 1.4 * em, phrases.headline(pen.rng).split(" "), scale=1.2, width=x1 - x0)
        y += 2 * em
    return y + 0.3 * em


def _side_headline(sheet: Sheet, pen: Pen, x1: float, y0: float, y1: float) -> float:
    """A headline down the right side of an article, with a smaller one beside it; returns the x left of them."""
    em = pen.em
    scale = pen.between(1.5, 2.4)
    head, text = bold(pen), phrases.headline(pen.rng)
    while ladder(head, text, scale) > y1 - y0 and scale > 0.9:
        scale *= 0.9
    sheet.begin("title")
    column(sheet, head, x1 - 0.5 * scale * em, y0, text.split(" "), scale)
    x1 -= scale * em + 0.4 * em
    if pen.chance(0.5):
        text = phrases.headline(pen.rng)
        if ladder(pen, text, 1.1) < y1 - y0:
            column(sheet, pen, x1 - 0.55 * em, y0, text.split(" "), 1.1)
            x1 -= 1.5 * em
    return x1


def _body(sheet: Sheet, pen: Pen, box: Box, lead: bool) -> None:
    """A column of justified text in short paragraphs, with its reporter's line at the end."""
    x0, y, x1, y1 = box
    em, rng = pen.em, pen.rng
    tight = replace(pen, leading=max(1.15, pen.leading))
    foot = pen.chance(0.4)
    stop = y1 - (1.5 * em if foot else 0)
    while y < stop - em:
        sheet.begin()
        text = " ".join(pen.prose(int(rng.integers(1, 4))))
        if pen.fallback and pen.chance(0.25):
            text = phrases.glossed(rng, text)
        if lead:
            text, lead = f"[{grammar.person(rng)} 기자] {text}", False
        words = [word for word in text.split(" ") if pen.covers(word)]
        y = tight.paragraph(sheet, (x0, y, x1, stop), words, justify=True, breaks=True, indent=em)
        y += (tight.leading - 1.3) * em + 0.0
        if pen.chance(0.08) and y < stop - 4 * em:
            sheet.begin("title")
            bold(pen).line(sheet, x0, y + 1.6 * em, grammar.formal(rng).split(" ")[:3], scale=1.1, width=x1 - x0)
            y += 2.2 * em
    if foot and y <= stop + 0.7 * em:
        pen.line(
            sheet,
            x0,
            y1 - 0.4 * em,
            [grammar.person(rng), "기자", "press@garam.co.kr"],
            scale=0.9,
            width=x1 - x0,
            align=1,
        )


def book(sheet: Sheet, pen: Pen) -> None:
    """A book lying open, both pages with the gutter's shadow, or one page: running head, chapter, notes, number."""
    em = pen.em
    pen = replace(pen, spacing=1.0, tracking=min(pen.tracking, 0.05))
    if sheet.width < 1.15 * sheet.height:
        _leaf(
            sheet, pen, (3.5 * em, 2.5 * em, sheet.width - 3.5 * em, sheet.height - 2.5 * em), bool(pen.chance(0.5)), 0
        )
        return
    middle = sheet.width / 2 + pen.between(-1, 1) * em
    number = int(pen.rng.integers(2, 300)) * 2
    _leaf(sheet, pen, (2.5 * em, 2.5 * em, middle - 3 * em, sheet.height - 2.5 * em), True, number)
    _leaf(sheet, pen, (middle + 3 * em, 2.5 * em, sheet.width - 2.5 * em, sheet.height - 2.5 * em), False, number + 1)
    _gutter(sheet, pen, middle)
    if pen.chance(0.5):
        _dive(sheet, pen, round(middle))


def _dive(sheet: Sheet, pen: Pen, middle: int) -> None:
    """Bend both pages of a spread down, or up, into the spine between them."""
    rise, reach = pen.between(-1.2, 1.2) * pen.em, pen.between(3, 9) * pen.em
    fill = shade(pen, pen.between(0, 1))
    pixels = np.asarray(sheet.image)
    left, before = wear.curl(np.ascontiguousarray(pixels[:, :middle]), rise, reach, left=False, fill=fill)
    right, after = wear.curl(np.ascontiguousarray(pixels[:, middle:]), rise, reach, left=True, fill=fill)

    def points(old: Floats) -> Floats:
        second = after(old - (middle, 0)) + (left.shape[1], 0)
        return np.where(old[:, :1] < middle, before(old), second)

    sheet.move(np.ascontiguousarray(np.hstack([left, right])), points)


def _gutter(sheet: Sheet, pen: Pen, middle: float) -> None:
    """The shadow where two pages meet, over whatever is there."""
    pixels = np.asarray(sheet.image).astype(np.float32)
    away = np.abs(np.arange(sheet.width) + 0.5 - middle) / (pen.between(2, 5) * pen.em)
    light = 1 - pen.between(0.25, 0.6) * np.exp(-(away**1.3) * 1.5)
    sheet.paint(np.clip(pixels * light[None, :, None].astype(np.float32), 0, 255).astype(np.uint8))
    sheet.draw.line((middle, 0, middle, sheet.height), fill=shade(pen, 0.35), width=max(1, round(0.08 * pen.em)))


def _leaf(sheet: Sheet, pen: Pen, box: Box, even: bool, number: int) -> None:
    """One page of a book."""
    x0, y0, x1, y1 = box
    em, rng = pen.em, pen.rng
    number = number or int(rng.integers(5, 600))
    sheet.begin("header")
    chapter = f"제{rng.integers(1, 20)}장 {grammar.noun(rng)}의 {grammar.noun(rng)}"
    small = replace(pen, em=0.8 * em)
    if pen.chance(0.7):
        small.line(sheet, x0, y0, chapter.split(" "), width=x1 - x0, align=0.0 if even else 1.0)
    low = y0 < y1 and pen.chance(0.5)
    if not low:
        small.line(sheet, x0, y0, [str(number)], width=x1 - x0, align=1.0 if even else 0.0)
    y = y0 + 2.4 * em
    notes = int(rng.integers(1, 4)) if pen.chance(0.5) else 0
    foot = y1 - 2 * em - notes * 1.3 * em * 0.8 * 1.6
    if pen.chance(0.25):
        sheet.begin("title")
        bold(pen).line(sheet, x0, y + 3 * em, chapter.split(" "), scale=1.7, width=x1 - x0)
        y += 7 * em
    marks = 0
    while y < foot - em:
        if pen.chance(0.12) and y < foot - 8 * em:
            sheet.begin("title")
            bold(pen).line(
                sheet, x0, y + 2 * em, phrases.pick(rng, phrases.HEADS).split(" "), scale=1.15, width=x1 - x0
            )
            y += 3 * em
        sheet.begin()
        text = " ".join(pen.prose(int(rng.integers(2, 6))))
        if pen.fallback and pen.chance(0.3):
            text = phrases.glossed(rng, text)
        words = [word for word in text.split(" ") if pen.covers(word)]
        if marks < notes and len(words) > 4 and pen.chance(0.6):
            marks += 1
            words[len(words) // 2] += f"{marks})"
        y = pen.paragraph(sheet, (x0, y, x1, foot), words, justify=True, breaks=True, indent=em)
        y += (pen.leading - 1.3) * em
    if marks:
        _notes(sheet, small, x0, x1, foot + 1.2 * em, marks)
    if low:
        sheet.begin("footer")
        form = str(rng.choice(["{}", "- {} -", "{} "])).format(number).strip()
        small.line(
            sheet, x0, y1 + 0.6 * em, form.split(" "), width=x1 - x0, align=0.5 if pen.chance(0.6) else float(not even)
        )


def _notes(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float, count: int) -> None:
    """Footnotes under a short rule."""
    em = pen.em
    rule(sheet, pen, y - 0.3 * em, x0, x0 + 0.3 * (x1 - x0), 0.06)
    sheet.begin("footer")
    y += 1.2 * em
    for at in range(count):
        work = f"『{grammar.noun(pen.rng)}의 {grammar.noun(pen.rng)}』, {grammar.noun(pen.rng)}출판사"
        year, leaf = pen.rng.integers(1950, 2030), pen.rng.integers(1, 400)
        text = f"{at + 1}) {grammar.person(pen.rng)}, {work}, {year}, {leaf}쪽."
        pen.line(sheet, x0, y, text.split(" "), width=x1 - x0)
        y += 1.45 * em
