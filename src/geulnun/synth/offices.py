"""Layouts of offices: official letters, certificates, identity cards. Measures are in em of the body text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth import grammar, phrases
from geulnun.synth.backdrop import Box, seal, shade
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet, colour
from geulnun.synth.tables import Cell, grid

_LABELLED = ("붙임", "제목", "수신", "시행", "담당", "※")
#: Labels of the levels of an official letter's paragraphs.
LEVELS = ("1. 2. 3. 4. 5.", "가. 나. 다. 라. 마.", "1) 2) 3) 4) 5)", "가) 나) 다) 라) 마)")


def rule(sheet: Sheet, pen: Pen, y: float, x0: float, x1: float, weight: float = 0.06, tone: float = 0.2) -> None:
    """A level rule, ``weight`` em thick, ``tone`` of the way from ink to paper."""
    sheet.draw.line((x0, y, x1, y), fill=shade(pen, tone), width=max(1, round(weight * pen.em)))


def bold(pen: Pen) -> Pen:
    """The pen with another face of the same style, if possible of the same family: what headings are set in."""
    near = [face for face in pen.faces if face.family.name == pen.face.family.name and face != pen.face]
    return replace(pen, face=near[0]) if near else pen.other()


def emblem(sheet: Sheet, pen: Pen, x: float, y: float, side: float) -> None:
    """A small mark of an office or firm: a few coloured shapes in one another."""
    rng = pen.rng
    tones = [colour(rng.uniform(20, 230, 3)) for _ in range(3)]
    kind = int(rng.integers(4))
    box = (x, y, x + side, y + side)
    if kind == 0:
        sheet.draw.ellipse(box, fill=tones[0])
        sheet.draw.pieslice(box, 20, 200, fill=tones[1])
        sheet.draw.ellipse((x + 0.3 * side, y + 0.3 * side, x + 0.7 * side, y + 0.7 * side), fill=pen.paper)
    elif kind == 1:
        sheet.draw.polygon([(x + side / 2, y), (x + side, y + side), (x, y + side)], fill=tones[0])
        sheet.draw.polygon([(x + side / 2, y + 0.4 * side), (x + side, y + side), (x, y + side)], fill=tones[1])
    elif kind == 2:
        sheet.draw.rounded_rectangle(box, radius=0.25 * side, fill=tones[0])
        sheet.draw.arc(
            (x + 0.2 * side, y + 0.2 * side, x + 0.8 * side, y + 0.8 * side),
            40,
            320,
            fill=pen.paper,
            width=max(2, round(0.12 * side)),
        )
    else:
        for at in range(3):
            left = x + at * 0.34 * side
            sheet.draw.rectangle((left, y + (2 - at) * 0.25 * side, left + 0.26 * side, y + side), fill=tones[at])


def official(sheet: Sheet, pen: Pen) -> None:
    """An official letter: masthead, receiver and title, numbered paragraphs, enclosure, seal, contact lines."""
    em, rng = pen.em, pen.rng
    x0, x1 = (side * em for side in (pen.between(3.5, 6), sheet.width / em - pen.between(3.5, 6)))
    y = _masthead(sheet, pen, x0, x1, pen.between(2.5, 5) * em)
    y = _address(sheet, pen, x0, x1, y)
    foot = sheet.height - pen.between(9, 11) * em
    y = _items(sheet, pen, (x0, y, x1, foot - 5 * em))
    y = _enclosure(sheet, pen, (x0, y + 0.6 * em, x1, foot - 3 * em))
    sheet.begin()
    place = rng.choice(["서울특별시", "한국시설공단", "가람시", "새봄구", "은빛군", "국립한솔연구원"])
    sender = f"{place}{rng.choice(['장', '청장', '교육장', '원장'])}"
    scale = pen.between(1.7, 2.2)
    high = bold(replace(pen, tracking=pen.between(0.0, 0.25)))
    wide = high.length(sender, scale)
    start = (x0 + x1 - wide) / 2
    level = max(foot - em, min(y + 4 * em, foot - em))
    end = high.line(sheet, start, level, [sender], scale=scale)
    side = pen.between(3, 4) * em
    seal(sheet, pen, end - side * pen.between(0.3, 0.6), level - 0.7 * scale * em / 2 - side / 2, side)
    _contacts(sheet, pen, x0, x1, foot)


def _masthead(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    """The office's name in the middle, emblem and slogan at the sides."""
    em, rng = pen.em, pen.rng
    scale = pen.between(1.8, 2.6)
    if pen.chance(0.7):
        emblem(sheet, pen, x0, y, 2.6 * em)
    if pen.chance(0.5):
        sheet.begin("header")
        small = replace(pen, ink=colour(rng.uniform(30, 140, 3)))
        slogan = str(rng.choice(["함께 만드는 내일", "시민과 함께, 미래로", "깨끗한 손, 밝은 사회", "안전한 나라"]))
        small.line(sheet, x0 + 3 * em, y + 0.4 * em, slogan.split(" "), scale=0.75)
    sheet.begin("title")
    name = str(
        rng.choice(["서 울 특 별 시", "가 람 시 청", "한국시설공단", "교 육 지 원 청", "국립한솔연구원", "보 건 소"])
    )
    words = [name] if " " not in name else name.split(" ")
    bold(pen).line(sheet, x0, y + 2.3 * em, words, scale=scale, width=x1 - x0, align=0.5, gap=0.5 * scale * em)
    return y + 4.6 * em


def _address(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    """Receiver, way and title, their values aligned, and the rule under them."""
    em, rng = pen.em, pen.rng
    pitch = pen.leading * em
    sheet.begin("header")
    receiver = f"수신자 {rng.choice(['참조', '각급 학교장', '각 부서장'])}"
    if pen.chance(0.4):
        receiver = f"{grammar.company(rng)} 귀하"
    matter = rng.choice(["계획 알림", "협조 요청", "결과 제출", "안내", "개최 통보"])
    title = f"{rng.integers(2015, 2030)}년 {grammar.noun(rng)} {grammar.noun(rng)} {matter}"
    rows = (("수신", receiver), ("(경유)", ""), ("제목", title))
    for label, value in rows:
        pen.line(sheet, x0, y, [label])
        if value:
            this = bold(pen) if label == "제목" and pen.chance(0.5) else pen
            this.line(sheet, x0 + 4 * em, y, value.split(" "), width=x1 - x0 - 4 * em)
        y += pitch
    rule(sheet, pen, y - 0.6 * pitch + 0.2 * em, x0, x1, 0.08, 0.1)
    return y + 0.6 * em


def _items(sheet: Sheet, pen: Pen, box: Box) -> float:
    """Numbered paragraphs of up to four levels with hanging indents, with a table among them at times."""
    x0, y, x1, y1 = box
    em, rng = pen.em, pen.rng
    counts = [0, 0, 0, 0]
    level = 0
    while y < y1 - 2 * em:
        sheet.begin("list")
        counts[level + 1 :] = [0] * (3 - level)
        label = LEVELS[level].split(" ")[counts[level] % 5]
        counts[level] += 1
        formal = level == 0 or pen.chance(0.4)
        words = _sentence(rng).split(" ") if formal else _detail(rng)
        if pen.chance(0.15):
            words = phrases.glossed(rng, " ".join(words)).split(" ")
        left = x0 + 1.1 * level * em
        hang = pen.length(label) + pen.space(pen.font())
        words = [label, *[word for word in words if pen.covers(word)]]
        y = pen.paragraph(sheet, (left, y, x1, y1), words, hang=hang, breaks=True, justify=True) + 0.1 * em
        y += (pen.leading - 1.3) * em
        if level and pen.chance(0.12) and y < y1 - 9 * em:
            y = _small_table(sheet, pen, (x0 + 2 * em, y + 0.6 * em, x1, y1)) + 1.2 * em
        deeper = (0, 1, 1, 0) if level == 0 else (-1, 0, 0, 1)
        level = int(np.clip(level + deeper[int(rng.integers(4))], 0, 3))
        if counts[0] >= 4 and level == 0:
            break
    return y


def _sentence(rng: np.random.Generator) -> str:
    """A formal sentence that brings no number or label of its own."""
    for _ in range(8):
        text = grammar.formal(rng)
        if text[1:2] not in (".", " ") and not text.startswith(_LABELLED):
            return text
    return "귀 기관의 무궁한 발전을 기원합니다."


def _detail(rng: np.random.Generator) -> list[str]:
    """A short item: label and value, as 일시, 장소, 대상."""
    rows = (
        f"일시: {grammar.day(rng)} {grammar.clock(rng)}",
        f"장소: {grammar.address(rng)}",
        f"대상: {grammar.noun(rng)} 담당자 {rng.integers(2, 90)}명",
        f"기간: {grammar.day(rng)} ~ {grammar.day(rng)}",
        f"문의: {grammar.office(rng)} ☏ {grammar.phone(rng)}",
        f"제출: {grammar.mail(rng)}",
        f"소요예산: 금{phrases.money(rng, 4, 8)}원",
    )
    return rows[int(rng.integers(len(rows)))].split(" ")


def _small_table(sheet: Sheet, pen: Pen, box: Box) -> float:
    count = int(pen.rng.integers(3, 6))
    heads = [Cell(phrases.pick(pen.rng, phrases.COLUMNS), align=0.5, head=True) for _ in range(count)]
    rows = [heads]
    for at in range(int(pen.rng.integers(2, 5))):
        rest = [Cell(phrases.money(pen.rng, 1, 6), align=1.0) for _ in range(count - 2)]
        rows.append([Cell(str(at + 1), align=0.5), Cell(grammar.noun(pen.rng), align=0.5), *rest])
    return grid(sheet, pen, box, rows, [1.0, 2.0, *([2.0] * (count - 2))])


def _enclosure(sheet: Sheet, pen: Pen, box: Box) -> float:
    """붙임 and what is enclosed; the last one ends with 끝."""
    x0, y, x1, y1 = box
    em = pen.em
    sheet.begin("list")
    count = int(pen.rng.integers(1, 4))
    head = pen.length("붙임") + 1.2 * em
    pen.line(sheet, x0, y + em, ["붙임"])
    for at in range(count):
        text = f"{grammar.noun(pen.rng)} {grammar.noun(pen.rng)} {pen.rng.integers(1, 9)}부."
        numbered = f"{at + 1}. {text}" if count > 1 else text
        words = [*numbered.split(" "), *(["끝."] if at == count - 1 else [])]
        pen.line(sheet, x0 + head, y + em, words, width=x1 - x0 - head)
        y += pen.leading * em
        if y > y1 - em:
            break
    return y


def _contacts(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> None:
    """Who signed, and the grey lines with number, address and telephones."""
    em, rng = pen.em, pen.rng
    small = replace(pen, em=0.82 * em, leading=1.55)
    step = 1.55 * small.em
    rule(sheet, pen, y + 1.2 * em, x0, x1, 0.35, 0.65)
    y += 1.9 * em + 0.9 * small.em
    sheet.begin("footer")
    for at, title in enumerate(("주무관", "팀장", "과장")):
        x = x0 + at * (x1 - x0) / 3
        end = small.line(sheet, x, y, [title])
        signed = bold(small) if at == 2 and pen.chance(0.5) else small
        signed.line(sheet, end + 1.2 * small.em, y, [grammar.person(rng)])
        if at == 2:
            small.line(
                sheet, x + 3 * em, y - step * 0.75, [f"전결 {rng.integers(1, 13)}/{rng.integers(1, 29)}"], scale=0.8
            )
    y += step
    small.line(sheet, x0, y, ["협조자"])
    y += step
    grey = replace(small, ink=shade(pen, pen.between(0, 0.35)))
    _numbers(sheet, grey, x0, x1, y)


def _numbers(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> None:
    """Number and date of the letter, address, telephones, mail, and who may see it."""
    rng = pen.rng
    number = f"{grammar.office(rng)}-{rng.integers(1, 30000)}"
    date = f"({rng.integers(2015, 2030)}. {rng.integers(1, 13)}. {rng.integers(1, 29)}.)"
    half, step = x0 + 0.52 * (x1 - x0), 1.55 * pen.em
    pen.line(sheet, x0, y, ["시행", number, *date.split(" ")], width=half - x0 - pen.em)
    taken = [f"{grammar.office(rng)}-{rng.integers(1, 9000)}"] if pen.chance(0.5) else []
    pen.line(sheet, half, y, ["접수", *taken])
    y += step
    post = ["우", f"{rng.integers(1000, 63999):05d}", *grammar.address(rng).split(" ")]
    pen.line(sheet, x0, y, post, width=0.72 * (x1 - x0))
    pen.line(sheet, x0 + 0.75 * (x1 - x0), y, ["/", "www.garam.go.kr"], width=0.25 * (x1 - x0))
    voice, fax = (grammar.phone(rng).replace(" ", "-") for _ in range(2))
    seen = str(rng.choice(["대국민공개", "부분공개", "비공개(6)"]))
    words = ["전화번호", voice, "팩스번호", fax, "/", "minwon@garam.go.kr", "/", seen]
    pen.line(sheet, x0, y + step, words, width=x1 - x0)
