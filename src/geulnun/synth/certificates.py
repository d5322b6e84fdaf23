"""Certificates, awards and identity cards. Measures are in em of the body text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth import grammar, identifiers, phrases
from geulnun.synth.backdrop import Box, picture, seal
from geulnun.synth.offices import bold
from geulnun.synth.papers import margins
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet, colour


def certificate(sheet: Sheet, pen: Pen) -> None:
    """A certificate or award: a frame, a wide title, fields, one large statement, date and sealed sender."""
    em, rng = pen.em, pen.rng
    _frame(sheet, pen, pen.between(1, 2.5) * em)
    x0, x1 = 5 * em, sheet.width - 5 * em
    y = 5 * em
    sheet.begin("header")
    pen.line(sheet, x0, y, ["제", f"{rng.integers(2010, 2030)}-{rng.integers(1, 9999)}", "호"])
    sheet.begin("title")
    name = phrases.pick(rng, phrases.CERTIFICATES)
    scale = pen.between(2.6, 4.2)
    spread = pen.between(0.5, 1.2) if len(name) < 5 else pen.between(0.0, 0.3)
    title = replace(bold(pen), tracking=spread)
    wide = title.length(name, scale) - spread * em * scale
    y += (2 + scale) * em
    title.line(sheet, (sheet.width - wide) / 2, y, [name], scale=scale)
    y += 3.5 * em
    y = _receiver(sheet, pen, x0, x1, y, award=name in ("상장", "표창장", "감사장", "임명장", "위촉장"))
    sheet.begin()
    said = [grammar.formal(rng) for _ in range(1 + int(rng.integers(2)))]
    body = " ".join([*said, str(rng.choice(["위와 같이 증명합니다.", "이에 표창합니다.", "이 증서를 수여합니다."]))])
    large = replace(pen, leading=pen.between(1.7, 2.2))
    y = large.paragraph(sheet, (x0, y, x1, sheet.height - 14 * em), body.split(" "), scale=1.45, indent=1.5 * em)
    sheet.begin("footer")
    low = sheet.height - 10 * em
    date = f"{rng.integers(1980, 2030)}년 {rng.integers(1, 13)}월 {rng.integers(1, 29)}일"
    pen.line(sheet, x0, low, date.split(" "), scale=1.2, width=x1 - x0, align=0.5, gap=0.8 * em)
    sender = (
        f"{rng.choice(['가람시장', '한솔대학교총장', '새봄고등학교장', '㈜한빛전자 대표이사'])} {grammar.person(rng)}"
    )
    words = sender.split(" ")
    wide = pen.length(sender, 1.8)
    end = bold(pen).line(sheet, (sheet.width - wide) / 2 - em, low + 4 * em, words, scale=1.8)
    seal(sheet, pen, end - pen.between(0, 1.5) * em, low + 1.6 * em, pen.between(3, 4) * em)


def _receiver(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float, award: bool) -> float:
    """Who is honoured, at the right, or the fields of who is certified; returns the y under them."""
    em, rng = pen.em, pen.rng
    sheet.begin("list")
    person = grammar.person(rng)
    if award:
        pen.line(sheet, x0, y, [phrases.pick(rng, phrases.POSITIONS)], scale=1.2, width=x1 - x0, align=1)
        y += 2.2 * em
        replace(pen, tracking=0.6).line(sheet, x0, y, [person], scale=1.5, width=x1 - x0, align=1)
        return y + 3 * em
    fields = [
        ("성명", person),
        ("생년월일", grammar.day(rng)),
        ("주소", grammar.address(rng)),
        ("소속", grammar.company(rng)),
        ("기간", f"{grammar.day(rng)} ~ {grammar.day(rng)}"),
    ]
    for label, value in fields[: int(rng.integers(3, 6))]:
        _spread(sheet, pen, x0 + em, y, label, 4.2 * em)
        pen.line(sheet, x0 + 6 * em, y, [":", *value.split(" ")], scale=1.05, width=x1 - x0 - 6 * em)
        y += 2 * em
    return y + 2 * em


def _spread(sheet: Sheet, pen: Pen, x: float, y: float, label: str, width: float) -> None:
    """A label whose characters are spread over a width, as fields of forms have it; one word of the truth."""
    natural = pen.length(label)
    extra = (width - natural) / max(len(label) - 1, 1) / pen.em
    replace(pen, tracking=pen.tracking + max(min(extra, 0.8), 0)).line(sheet, x, y, [label])


def _frame(sheet: Sheet, pen: Pen, inset: float) -> None:
    """An ornamental frame: parallel lines, dots or waves between them, corners."""
    rng, em = pen.rng, pen.em
    tone = colour(rng.uniform(20, 190, 3))
    box = (inset, inset, sheet.width - inset, sheet.height - inset)
    sheet.draw.rectangle(box, outline=tone, width=max(1, round(pen.between(0.1, 0.35) * em)))
    gap = pen.between(0.5, 1.2) * em
    inner = (box[0] + gap, box[1] + gap, box[2] - gap, box[3] - gap)
    sheet.draw.rectangle(inner, outline=tone, width=max(1, round(0.06 * em)))
    if pen.chance(0.6):
        step = gap * pen.between(0.8, 1.6)
        for x in np.arange(box[0] + gap / 2, box[2], step):
            for y in (box[1] + gap / 2, box[3] - gap / 2):
                sheet.draw.ellipse((x - gap / 5, y - gap / 5, x + gap / 5, y + gap / 5), outline=tone)
        for y in np.arange(box[1] + gap / 2, box[3], step):
            for x in (box[0] + gap / 2, box[2] - gap / 2):
                sheet.draw.ellipse((x - gap / 5, y - gap / 5, x + gap / 5, y + gap / 5), outline=tone)


def id_card(sheet: Sheet, pen: Pen) -> None:
    """An identity card as firms, schools and offices issue: tinted ground, title, portrait, fields, sender."""
    em, rng = pen.em, pen.rng
    x0, y0, x1, y1 = margins(sheet, pen, 1, 1.6)
    picture(sheet, pen, (0, 0, sheet.width, sheet.height), soft=True)
    sheet.begin("title")
    title = str(
        rng.choice(
            ["주민등록증", "학생증", "사원증", "운전면허증(자동차)", "청소년증", "회원증", "공무원증", "건강보험증"]
        )
    )
    head = bold(replace(pen, ink=colour(rng.uniform(0, 110, 3))))
    head.line(sheet, x0 + em, y0 + 2 * em, [title], scale=pen.between(1.5, 2), width=x1 - x0)
    left = pen.chance(0.4)
    portrait = (
        (x0, y0 + 3.2 * em, x0 + 7 * em, y0 + 12 * em) if left else (x1 - 7 * em, y0 + 2.4 * em, x1, y0 + 11.4 * em)
    )
    picture(sheet, pen, portrait)
    fields = portrait[2] + 1.2 * em if left else x0 + em
    edge = x1 if left else portrait[0] - 0.8 * em
    _bearer(sheet, pen, (fields, y0 + 4.6 * em, edge, y1 - 3 * em))
    sheet.begin("footer")
    pen.line(sheet, x0, y1 - 1.9 * em, [grammar.day(rng)], width=x1 - x0, align=0.5)
    end = bold(pen).line(
        sheet,
        x0 + 5 * em,
        y1 - 0.1 * em,
        [str(rng.choice(["가람시장", "새봄구청장", "한솔대학교총장", "㈜한빛전자"]))],
        scale=1.4,
        width=x1 - x0 - 10 * em,
        align=0.5,
    )
    seal(sheet, pen, end - 0.4 * em, y1 - 2.4 * em, 2.6 * em)


def _bearer(sheet: Sheet, pen: Pen, box: Box) -> None:
    """Name, number, address and what else a card says of who bears it."""
    x0, y, x1, y1 = box
    em, rng = pen.em, pen.rng
    sheet.begin("list")
    person = grammar.person(rng)
    if pen.fallback and pen.chance(0.5):
        person += f"({phrases.hanja_name(rng)})"
    number = identifiers.resident(rng)
    where = grammar.address(rng).split(" ")
    for words in ([person], [number], where, ["소속", grammar.office(rng)], ["유효기간", grammar.day(rng)]):
        if y > y1 - 0.5 * em:
            break
        scale = 1.3 if words[0] is person else 1.0
        y = pen.paragraph(sheet, (x0, y - em * scale, x1, y1), words, scale=scale) + 1.4 * em
