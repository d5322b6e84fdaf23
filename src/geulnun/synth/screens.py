"""Layouts of screens: slides with boxes and charts, windows, chats, code. Measures are in em of the body text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth import grammar, phrases
from geulnun.synth.backdrop import Box, picture, shade
from geulnun.synth.charts import chart
from geulnun.synth.offices import bold
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet, colour
from geulnun.synth.tables import Cell, grid


def _on(pen: Pen, ground: Colour) -> Pen:
    """The pen with an ink that reads on a ground."""
    ink = colour(pen.rng.uniform(0, 50, 3)) if sum(ground) > 390 else colour(pen.rng.uniform(225, 256, 3))
    return replace(pen, ink=ink, paper=ground)


def _box(sheet: Sheet, pen: Pen, box: Box, ground: Colour, radius: float = 0.0) -> Pen:
    sheet.draw.rounded_rectangle(box, radius=radius, fill=ground)
    return _on(pen, ground)


def slide(sheet: Sheet, pen: Pen) -> None:
    """A slide: a large title, then bullets, boxes, a chart, a table or a picture; number and firm at the foot."""
    em, rng = pen.em, pen.rng
    accent = colour(rng.uniform(10, 230, 3))
    x0, x1 = 2.5 * em, sheet.width - 2.5 * em
    y = 3.4 * em
    title = f"{phrases.pick(rng, phrases.HEADS)}" if pen.chance(0.6) else phrases.headline(rng)
    head, scale = bold(pen), pen.between(1.7, 2.4)
    if pen.chance(0.4):
        head = _box(sheet, head, (0, 0, sheet.width, 5 * em), accent)
    else:
        sheet.draw.rectangle((x0, y + 1.1 * em, x0 + pen.between(3, 30) * em, y + 1.3 * em), fill=accent)
    sheet.begin("title")
    head.line(sheet, x0, y, title.split(" "), scale=scale, width=x1 - x0)
    body = (x0, 6.2 * em, x1, sheet.height - 2.6 * em)
    two = sheet.width > 44 * em and pen.chance(0.6)
    parts = [_bullets, _boxes, _graph, _figures, _photo]
    if two:
        middle = x0 + pen.between(0.42, 0.58) * (x1 - x0)
        halves = [(body[0], body[1], middle - em, body[3]), (middle + em, body[1], body[2], body[3])]
        for half, part in zip(halves, (_bullets, parts[int(rng.integers(1, 5))]), strict=True):
            part(sheet, pen, half, accent)
    else:
        parts[int(rng.integers(3))](sheet, pen, body, accent)
    sheet.begin("footer")
    small = replace(pen, em=0.7 * em, ink=shade(pen, 0.35))
    small.line(sheet, x0, sheet.height - 0.9 * em, grammar.company(rng).split(" "), width=x1 - x0)
    small.line(sheet, x0, sheet.height - 0.9 * em, [str(rng.integers(1, 60))], width=x1 - x0, align=1)


def _bullets(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    """Items of two levels with hanging indents."""
    x0, y, x1, y1 = box
    em, rng = pen.em, pen.rng
    marks = ("●", "■", "▶", "•", "○", "-", "✓")
    first, second = (str(mark) for mark in rng.choice(np.array(marks), 2))
    while y < y1 - 1.8 * em:
        sheet.begin("list")
        deep = pen.chance(0.45)
        left, mark = (x0 + 1.6 * em, second) if deep else (x0, first)
        words = pen.words(int((x1 - left) / em * pen.between(0.4, 1.6)), "formal")
        labelled = [mark, *words] if pen.covers(mark) else words
        hang = pen.length(mark) + pen.space(pen.font()) if pen.covers(mark) else 0.0
        this = pen if deep else bold(pen)
        y = this.paragraph(sheet, (left, y, x1, y1), labelled, hang=hang, scale=0.9 if deep else 1.05, breaks=True)
        y += pen.between(0.5, 1.1) * em


def _boxes(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    """Boxes side by side with arrows between, each a heading and a few words."""
    x0, y0, x1, y1 = box
    em = pen.em
    count = int(np.clip((x1 - x0) / em / pen.between(8, 13), 1, 4))
    gap = 1.6 * em
    width = (x1 - x0 - gap * (count - 1)) / count
    bottom = y0 + pen.between(0.5, 0.95) * (y1 - y0)
    for at in range(count):
        left = x0 + at * (width + gap)
        ground = accent if pen.chance(0.3) else shade(pen, 0.9)
        this = _box(sheet, pen, (left, y0, left + width, bottom), ground, pen.between(0, 0.8) * em)
        sheet.begin("title")
        bold(this).line(
            sheet,
            left,
            y0 + 2 * em,
            phrases.pick(pen.rng, phrases.HEADS).split(" "),
            scale=1.15,
            width=width,
            align=0.5,
        )
        sheet.begin()
        inner = (left + 0.7 * em, y0 + 3 * em, left + width - 0.7 * em, bottom - 0.5 * em)
        this.paragraph(sheet, inner, pen.words(int(width / em * 4), "formal"), scale=0.9, breaks=True)
        if at:
            middle = (y0 + bottom) / 2
            sheet.draw.polygon(
                [(left - 1.2 * em, middle - 0.7 * em), (left - 0.4 * em, middle), (left - 1.2 * em, middle + 0.7 * em)],
                fill=accent,
            )


def _graph(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    x0, y0, x1, y1 = box
    sheet.begin("title")
    caption = f"<{pen.rng.integers(2000, 2030)}년 {grammar.noun(pen.rng)} 추이>"
    pen.line(sheet, x0, y0 + pen.em, caption.split(" "), scale=0.95, width=x1 - x0, align=0.5)
    chart(sheet, pen, (x0, y0 + 2 * pen.em, x1, y1), accent)


def _figures(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    x0, y0, x1, y1 = box
    count = int(np.clip((x1 - x0) / pen.em / 6, 2, 4))
    rows = [[Cell(phrases.pick(pen.rng, phrases.COLUMNS), 0.5, True) for _ in range(count)]]
    for _ in range(int(pen.rng.integers(3, 8))):
        rows.append(
            [Cell(grammar.noun(pen.rng), 0.5), *(Cell(phrases.money(pen.rng, 1, 5), 1.0) for _ in range(count - 1))]
        )
    grid(sheet, pen, (x0, y0, x1, y1), rows, [1.0] * count)


def _photo(sheet: Sheet, pen: Pen, box: Box, accent: Colour) -> None:
    x0, y0, x1, y1 = box
    picture(sheet, pen, (x0, y0, x1, y1 - 2 * pen.em))
    sheet.begin("figure")
    pen.line(
        sheet, x0, y1 - 0.6 * pen.em, pen.words(int((x1 - x0) / pen.em), "words"), scale=0.8, width=x1 - x0, align=0.5
    )


def screenshot(sheet: Sheet, pen: Pen) -> None:
    """A picture of a screen: a talk on a telephone, its settings, a window with code, or one with a table."""
    pen = replace(pen, tracking=0.0, spacing=1.0)
    if sheet.width < sheet.height:
        # A telephone is about thirty characters wide, whatever the resolution.
        pen = replace(pen, em=max(pen.em, sheet.width / pen.between(24, 34)))
        (_chat, _chat, _settings)[int(pen.rng.integers(3))](sheet, pen)
    else:
        (_code, _window)[int(pen.rng.integers(2))](sheet, pen)


def _status(sheet: Sheet, pen: Pen) -> float:
    """The telephone's top line: time, signal, battery."""
    em, rng = pen.em, pen.rng
    sheet.begin("header")
    small = replace(pen, em=0.8 * em)
    small.line(sheet, em, 1.3 * em, [f"{rng.integers(1, 13)}:{rng.integers(60):02d}"])
    x = sheet.width - 2.4 * em
    sheet.draw.rounded_rectangle((x, 0.75 * em, x + 1.4 * em, 1.35 * em), radius=3, outline=pen.ink)
    sheet.draw.rectangle((x + 2, 0.75 * em + 2, x + pen.between(0.3, 1.3) * em, 1.35 * em - 2), fill=pen.ink)
    small.line(
        sheet,
        x - 5.6 * em,
        1.3 * em,
        [str(rng.choice(["5G", "LTE", "SKT", "KT"])), f"{rng.integers(5, 100)}%"],
        width=5 * em,
        align=1,
    )
    return 2.2 * em


def _chat(sheet: Sheet, pen: Pen) -> None:
    em, rng = pen.em, pen.rng
    ground = colour(rng.uniform(170, 250, 3)) if sum(pen.paper) > 380 else pen.paper
    pen = _box(sheet, pen, (0, 0, sheet.width, sheet.height), ground)
    y = _status(sheet, pen)
    sheet.begin("title")
    bold(pen).line(sheet, 2.6 * em, y + 1.6 * em, [grammar.person(rng)], scale=1.15)
    sheet.draw.line((1.5 * em, y + 0.7 * em, 0.9 * em, y + 1.2 * em, 1.5 * em, y + 1.7 * em), fill=pen.ink, width=2)
    y += 3.2 * em
    mine = colour(rng.choice([[255, 235, 60], [90, 160, 255], [150, 230, 120]]))
    while y < sheet.height - 6 * em:
        own = pen.chance(0.5)
        if not own:
            sheet.draw.ellipse((0.7 * em, y, 2.9 * em, y + 2.2 * em), fill=colour(rng.uniform(60, 220, 3)))
            sheet.begin("header")
            pen.line(sheet, 3.5 * em, y + 0.8 * em, [grammar.person(rng)], scale=0.8)
            y += 1.2 * em
        y = _bubble(sheet, pen, y, own, mine if own else (255, 255, 255)) + pen.between(0.4, 1.2) * em
        if pen.chance(0.1) and y < sheet.height - 10 * em:
            sheet.begin()
            pen.line(
                sheet,
                0,
                y + em,
                f"{rng.integers(2015, 2030)}년 {rng.integers(1, 13)}월 {rng.integers(1, 29)}일".split(" "),
                scale=0.8,
                width=sheet.width,
                align=0.5,
            )
            y += 2.2 * em
    low = sheet.height - 3 * em
    sheet.begin("footer")
    entry = _box(sheet, pen, (0, low, sheet.width, sheet.height), (250, 250, 250))
    replace(entry, ink=(140, 140, 140)).line(sheet, 3 * em, low + 1.9 * em, ["메시지", "입력"])


def _bubble(sheet: Sheet, pen: Pen, y: float, own: bool, ground: Colour) -> float:
    """One message in its bubble with its time beside it; returns the y under it."""
    em, rng = pen.em, pen.rng
    text = phrases.pick(rng, phrases.CHAT).strip() if pen.chance(0.7) else " ".join(pen.words(30, "chatter"))
    this = replace(_on(pen, ground), leading=1.3)
    room = 0.62 * sheet.width
    words = [word for word in text.split(" ") if pen.covers(word)]
    wide = min(this.length(" ".join(words)), room)
    if not words:
        return y
    trial = Sheet.blank(1, 1, ground)
    this.paragraph(trial, (0, 0, wide + 1, 20 * em), words, breaks=True)
    count = len(trial.runs)
    left = sheet.width - wide - 1.9 * em if own else 3.5 * em
    bottom = y + (count * 1.3 + 0.7) * em
    sheet.draw.rounded_rectangle((left - 0.1 * em, y, left + wide + 1.1 * em, bottom), radius=0.6 * em, fill=ground)
    sheet.begin()
    this.paragraph(sheet, (left + 0.5 * em, y + 0.3 * em, left + 0.5 * em + wide + 1, bottom + em), words, breaks=True)
    clock = [str(rng.choice(["오전", "오후"])), f"{rng.integers(1, 13)}:{rng.integers(60):02d}"]
    x = left - 4.6 * em if own else left + wide + 1.4 * em
    pen.line(sheet, x, bottom - 0.2 * em, clock, scale=0.62, width=4.2 * em, align=float(own))
    return bottom


def _settings(sheet: Sheet, pen: Pen) -> None:
    """A list of settings with values, arrows and switches."""
    em, rng = pen.em, pen.rng
    y = _status(sheet, pen)
    sheet.begin("title")
    bold(pen).line(
        sheet, 1.2 * em, y + 2 * em, [str(rng.choice(["설정", "내 정보", "알림", "주문내역", "계좌 조회"]))], scale=1.5
    )
    y += 4 * em
    while y < sheet.height - 5 * em:
        sheet.begin("list")
        pen.line(sheet, 1.2 * em, y + 1.2 * em, pen.words(9, "words")[:2], width=0.55 * sheet.width)
        roll = pen.rng.random()
        if roll < 0.35:
            value = phrases.money(rng, 2, 6) + "원" if pen.chance(0.5) else grammar.day(rng)
            right = replace(pen, ink=shade(pen, 0.4))
            right.line(
                sheet, 0.6 * sheet.width, y + 1.2 * em, value.split(" "), width=0.4 * sheet.width - 1.2 * em, align=1
            )
        elif roll < 0.65:
            tone = (70, 190, 100) if pen.chance(0.5) else (180, 180, 180)
            x = sheet.width - 3.2 * em
            sheet.draw.rounded_rectangle((x, y + 0.3 * em, x + 2 * em, y + 1.4 * em), radius=0.55 * em, fill=tone)
            sheet.draw.ellipse((x + 0.95 * em, y + 0.35 * em, x + 1.95 * em, y + 1.35 * em), fill=(255, 255, 255))
        if pen.chance(0.4):
            grey = replace(pen, ink=shade(pen, 0.45))
            grey.line(sheet, 1.2 * em, y + 2.4 * em, pen.words(18, "formal"), scale=0.78, width=0.7 * sheet.width)
            y += em
        sheet.draw.line((1.2 * em, y + 2.1 * em, sheet.width, y + 2.1 * em), fill=shade(pen, 0.85))
        y += 2.9 * em
    low = sheet.height - 3 * em
    sheet.begin("footer")
    for at, name in enumerate(("홈", "검색", "알림", "내 정보")):
        pen.line(
            sheet, at * sheet.width / 4, low + 2.2 * em, name.split(" "), scale=0.75, width=sheet.width / 4, align=0.5
        )


def _chrome(sheet: Sheet, pen: Pen, title: str) -> float:
    """A window's bar with its title and buttons, and a menu; returns the y under them."""
    em = pen.em
    bar = _box(sheet, pen, (0, 0, sheet.width, 2.2 * em), shade(pen, pen.between(0.75, 0.95)))
    tones = ((255, 95, 90), (250, 190, 50), (60, 200, 80))
    left = pen.chance(0.5)
    for at, tone in enumerate(tones):
        x = (0.8 + 1.1 * at) * em if left else sheet.width - (1.4 + 1.1 * at) * em
        sheet.draw.ellipse((x, 0.8 * em, x + 0.6 * em, 1.4 * em), fill=tone)
    sheet.begin("header")
    bar.line(sheet, 4.6 * em, 1.5 * em, title.split(" "), scale=0.9, width=sheet.width - 9.2 * em, align=0.5 * left)
    x = em
    menu = (
        ("파일", "편집", "보기", "삽입", "서식", "도구", "창", "도움말")
        if pen.chance(0.7)
        else ("File", "Edit", "View", "Tools", "Help")
    )
    for name in menu:
        if x > sheet.width - 4 * em:
            break
        x = pen.line(sheet, x, 3.5 * em, [name], scale=0.9) + 1.4 * em
    sheet.draw.line((0, 4.2 * em, sheet.width, 4.2 * em), fill=shade(pen, 0.8))
    return 4.6 * em


def _code(sheet: Sheet, pen: Pen) -> None:
    """An editor: numbers of lines at the side, indented code, its words in colours."""
    em, rng = pen.em, pen.rng
    y = _chrome(sheet, pen, f"{rng.choice(['main.py', 'index.js', '설정.yaml', 'report.sql'])} - 편집기")
    mono = pen.of("mono")
    dark = sum(pen.paper) < 380
    tones = [colour(rng.uniform(150, 256, 3) if dark else rng.uniform(0, 130, 3)) for _ in range(4)]
    number = int(rng.integers(1, 300))
    grey = replace(mono, ink=shade(pen, 0.5))
    while y < sheet.height - 2.6 * em:
        sheet.begin()
        grey.line(sheet, 0.4 * em, y + em, [str(number)], scale=0.9, width=2.4 * em, align=1)
        raw = phrases.pick(rng, phrases.CODE)
        text = raw.lstrip(" ")
        indent = (len(raw) - len(text)) * 0.5 + float(rng.choice([0, 0, 2, 4]))
        if pen.chance(0.88):
            replace(mono, ink=tones[int(rng.integers(4))] if pen.chance(0.6) else pen.ink).line(
                sheet, (4.4 + indent) * em, y + em, text.split(" "), width=sheet.width - (5 + indent) * em
            )
        number += 1
        y += pen.leading * em
    sheet.begin("footer")
    foot = _box(sheet, pen, (0, sheet.height - 1.6 * em, sheet.width, sheet.height), tones[0])
    foot.line(sheet, em, sheet.height - 0.5 * em, ["줄", f"{number},", "열", f"{rng.integers(1, 90)}"], scale=0.8)


def _window(sheet: Sheet, pen: Pen) -> None:
    """An application: a list at the side, a table or a form, buttons at the foot."""
    em, rng = pen.em, pen.rng
    y = _chrome(sheet, pen, f"{grammar.noun(rng)} {grammar.noun(rng)} 시스템")
    side = pen.between(8, 12) * em
    bar = _box(sheet, pen, (0, y, side, sheet.height), shade(pen, 0.93))
    sheet.begin("list")
    level = y + 1.6 * em
    while level < sheet.height - 2 * em:
        if pen.chance(0.12):
            sheet.draw.rectangle((0, level - 1.2 * em, side, level + 0.6 * em), fill=shade(pen, 0.75))
        bar.line(sheet, 1.2 * em, level, pen.words(6, "words")[:1], width=side - 2 * em)
        level += 1.9 * em
    box = (side + em, y + em, sheet.width - em, sheet.height - 4 * em)
    sheet.begin("title")
    bold(pen).line(sheet, box[0], box[1] + em, [grammar.noun(rng), "목록"], scale=1.25)
    _figures(sheet, pen, (box[0], box[1] + 2.2 * em, box[2], box[3]), pen.ink)
    sheet.begin("footer")
    x = sheet.width - 6 * em
    for name in rng.choice(np.array(["확인", "취소", "저장", "적용(A)", "닫기", "다음 >"]), 3, replace=False):
        button = _box(
            sheet,
            pen,
            (x, sheet.height - 3 * em, x + 5 * em, sheet.height - em),
            shade(pen, pen.between(0.1, 0.85)),
            0.3 * em,
        )
        button.line(sheet, x, sheet.height - 1.65 * em, str(name).split(" "), width=5 * em, align=0.5)
        x -= 5.6 * em
