"""Layouts of shops and trade: card slips, business cards, several cards on a desk. Measures are in em."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geulnun.synth import grammar, identifiers, phrases
from geulnun.synth.backdrop import barcode, matrix_code, picture, shade
from geulnun.synth.mounts import calm, mount, spot
from geulnun.synth.offices import bold, emblem
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet, colour


def _dashes(sheet: Sheet, pen: Pen, y: float, x0: float, x1: float) -> None:
    """A dashed rule, drawn, not written."""
    step = pen.between(0.4, 0.7) * pen.em
    for x in np.arange(x0, x1, step):
        sheet.draw.line((x, y, x + 0.6 * step, y), fill=pen.ink, width=max(1, round(0.05 * pen.em)))


def slip(sheet: Sheet, pen: Pen) -> None:
    """A card slip: shop, masked card, goods in columns with quantities of one digit, tax and total, signature."""
    em, rng = pen.em, pen.rng
    pen = replace(pen.of("mono", "sans"), tracking=0.0)
    x0, x1, y = 0.9 * em, sheet.width - 0.9 * em, 2.4 * em
    step = pen.leading * em
    sheet.begin("title")
    heading = str(rng.choice(["신용카드 매출전표", "신용승인", "카드 영수증", "[고객용]", "현금영수증(소득공제)"]))
    bold(pen).line(sheet, x0, y, heading.split(" "), scale=pen.between(1.2, 1.7), width=x1 - x0, align=0.5)
    y += 1.6 * step
    sheet.begin("header")
    shop = f"{phrases.pick(rng, phrases.SHOPS)} {phrases.pick(rng, ('본점', '역삼점', '시청점', '한솔점'))}"
    rows = [
        ("", shop),
        ("사업자", identifiers.business(rng)),
        ("대표", grammar.person(rng)),
        ("TEL", grammar.phone(rng).replace(" ", "-")),
        ("", grammar.address(rng)),
    ]
    for label, value in rows:
        words = [*([f"{label}:"] if label else []), *value.split(" ")]
        pen.line(sheet, x0, y, words, width=x1 - x0)
        y += step
    y = _goods(sheet, pen, x0, x1, y)
    y = _sums(sheet, pen, x0, x1, y)
    sheet.begin("list")
    day = f"{rng.integers(2005, 2030)}/{rng.integers(1, 13):02d}/{rng.integers(1, 29):02d}"
    when = f"{day} {rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}"
    card_number = f"{rng.integers(3000, 9999)}-{rng.integers(10, 99)}**-****-{rng.integers(1000, 9999)}"
    pairs = [
        ("카드번호", card_number),
        ("카드종류", str(rng.choice(["한빛카드", "우리비씨", "국민체크", "온라온카드"]))),
        ("거래일시", when),
        ("할부", str(rng.choice(["일시불", "3개월", "00"]))),
        ("승인번호", f"{rng.integers(10**7, 10**8)}"),
        ("가맹점번호", f"{rng.integers(10**8, 10**9)}"),
    ]
    for label, value in pairs:
        if y > sheet.height - 3 * em:
            return
        pen.line(sheet, x0, y, [label])
        pen.line(sheet, x0 + 6.5 * em, y, value.split(" "), width=x1 - x0 - 6.5 * em)
        y += step
    _slip_foot(sheet, pen, x0, x1, y)


def _goods(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    """Goods with price, quantity and sum: four columns as close as tills print them."""
    em, rng, step = pen.em, pen.rng, pen.leading * pen.em
    edges = x0 + np.array([0.0, 0.38, 0.6, 0.71, 1.0]) * (x1 - x0)
    _dashes(sheet, pen, y - 0.3 * em, x0, x1)
    y += 0.8 * step
    sheet.begin("table")
    for at, head in enumerate(("품명", "단가", "수량", "금액")):
        pen.line(
            sheet,
            float(edges[at]),
            y,
            [head],
            scale=0.9,
            width=float(edges[at + 1] - edges[at]) - 0.3 * em,
            align=float(at > 0),
        )
    y += 0.5 * step
    _dashes(sheet, pen, y, x0, x1)
    y += step
    for _ in range(int(rng.integers(2, 9))):
        if y > sheet.height - 17 * em:
            break
        price, many = int(rng.integers(5, 200)) * 100, int(rng.integers(1, 10))
        name = [phrases.pick(rng, phrases.GOODS)]
        pen.line(sheet, x0, y, name, width=float(edges[1] - x0) - 0.6 * em)
        for at, value in ((1, f"{price:,}"), (2, str(many)), (3, f"{price * many:,}")):
            pen.line(sheet, float(edges[at]), y, [value], width=float(edges[at + 1] - edges[at]) - 0.3 * em, align=1)
        y += step
    _dashes(sheet, pen, y - 0.4 * em, x0, x1)
    return y + 0.8 * step


def _sums(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> float:
    em, rng, step = pen.em, pen.rng, pen.leading * pen.em
    total = int(rng.integers(20, 5000)) * 100
    sheet.begin("table")
    for label, value, scale in (
        ("공급가액", round(total / 1.1), 1.0),
        ("부가세", total - round(total / 1.1), 1.0),
        ("합계", total, 1.5),
    ):
        this = bold(pen) if scale > 1 else pen
        y += 0.7 * (scale - 1) * em
        this.line(sheet, x0, y, [label], scale=scale)
        end = "원" if scale == 1.0 and pen.chance(0.5) else ""
        this.line(sheet, x0 + 0.4 * (x1 - x0), y, [f"{value:,}{end}"], scale=scale, width=0.6 * (x1 - x0), align=1)
        y += step * (1.1 if scale == 1 else 1.5)
    _dashes(sheet, pen, y - 0.5 * step, x0, x1)
    return y + 0.7 * em


def _slip_foot(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> None:
    """Thanks, and a signature in its box or a bar code, where there is room."""
    em = pen.em
    if y < sheet.height - 6 * em:
        if pen.chance(0.5):
            box = (x0, y, x1, y + 4 * em)
            sheet.draw.rectangle(box, outline=pen.ink)
            points = [(x0 + (0.3 + 0.04 * at) * (x1 - x0), y + pen.between(0.8, 3.4) * em) for at in range(11)]
            sheet.draw.line(points, fill=shade(pen, 0.1), width=max(1, round(0.08 * em)), joint="curve")
            sheet.begin()
            pen.line(sheet, x0 + 0.4 * em, y + 1.2 * em, ["서명"], scale=0.85)
        else:
            barcode(sheet, pen, (x0 + em, y, x1 - em, y + 3 * em))
        y += 5.2 * em
    if y < sheet.height - 1.5 * em:
        sheet.begin("footer")
        thanks = str(
            pen.rng.choice(
                [
                    "이용해 주셔서 감사합니다",
                    "교환/환불은 7일 이내 영수증 지참",
                    "*** 감사합니다 ***",
                    "고객님 행복한 하루 되세요~",
                ]
            )
        )
        pen.line(sheet, x0, y, thanks.split(" "), width=x1 - x0, align=0.5)


def card(sheet: Sheet, pen: Pen) -> None:
    """A business card: firm and emblem, name in one or two scripts, position, addresses and numbers."""
    em, rng = pen.em, pen.rng
    tint = colour(rng.uniform(20, 220, 3))
    style = int(rng.integers(4))
    x0, x1, y1 = 1.8 * em, sheet.width - 1.8 * em, sheet.height - 1.6 * em
    if style == 1:
        sheet.draw.rectangle((0, 0, sheet.width, 0.5 * em), fill=tint)
    elif style == 2:
        sheet.draw.rectangle((sheet.width - 0.9 * em, 0, sheet.width, sheet.height), fill=tint)
        x1 -= 0.9 * em
    elif style == 3:
        sheet.draw.line((x0, y1 - 6.4 * em, x1, y1 - 6.4 * em), fill=tint, width=max(1, round(0.07 * em)))
    right = float(pen.chance(0.35))
    head = replace(bold(pen), ink=tint if abs(sum(tint) - sum(pen.paper)) > 260 else pen.ink)
    sheet.begin("header")
    emblem(sheet, pen, x0 if right == 0 else x1 - 2 * em, 1.3 * em, 2 * em)
    start = x0 + 2.8 * em if right == 0 else x0
    firm = (
        grammar.company(rng)
        if pen.chance(0.7)
        else str(rng.choice(["HANBIT Corp.", "Saegil Design Studio", "GAON Partners Inc.", "Narae Law Firm"]))
    )
    head.line(sheet, start, 2.7 * em, firm.split(" "), scale=1.15, width=x1 - x0 - 2.8 * em, align=right)
    sheet.begin("title")
    y = 0.43 * sheet.height
    name = grammar.person(rng)
    wide = replace(bold(pen), tracking=pen.between(0, 0.5))
    scale = pen.between(1.6, 2.1)
    position = [phrases.pick(rng, phrases.POSITIONS)]
    if right:
        length = wide.length(name, scale)
        wide.line(sheet, x1 - length, y, [name], scale=scale)
        pen.line(sheet, x0, y, position, width=x1 - length - x0 - 1.2 * em, align=1)
    else:
        end = wide.line(sheet, x0, y, [name], scale=scale) + 1.2 * em
        if pen.chance(0.35) and pen.fallback:
            end = pen.line(sheet, end, y, [phrases.hanja_name(rng)], scale=0.95) + 1.2 * em
        pen.line(sheet, end, y, position, width=x1 - end)
    if pen.chance(0.5):
        latin = f"{phrases.latin_name(rng)} | {phrases.pick(rng, phrases.POSITIONS_LATIN)}"
        pen.line(sheet, x0, y + 1.5 * em, latin.split(" "), scale=0.8, width=x1 - x0, align=right)
    _contact(sheet, pen, (x0, y1 - 5.6 * em, x1, y1), right)


def _contact(sheet: Sheet, pen: Pen, box: tuple[float, float, float, float], right: float) -> None:
    """Address, telephones and mail at the foot of a card, and a code beside them at times."""
    x0, y0, x1, y1 = box
    em, rng = pen.em, pen.rng
    small = replace(pen, em=0.82 * em)
    sheet.begin("footer")
    if pen.chance(0.2) and right == 0:
        matrix_code(sheet, pen, x1 - 4.5 * em, y1 - 4.6 * em, 4.5 * em)
        x1 -= 5.2 * em
    marks = [
        ("T", "M", "F", "E"),
        ("Tel.", "Mobile.", "Fax.", "E-mail."),
        ("전화", "휴대폰", "팩스", "이메일"),
        ("", "", "", ""),
    ]
    signs = marks[int(rng.integers(4))]
    mail = (
        f"{''.join(rng.choice(list('abcdefghjkmnps'), 6))}@{rng.choice(['hanbit.co.kr', 'saegil.com', 'gaon.or.kr'])}"
    )
    rows = [[f"({rng.integers(1000, 63999):05d})", *grammar.address(rng).split(" ")]]
    values = [
        f"02-{rng.integers(200, 9999)}-{rng.integers(10000):04d}",
        f"010-{rng.integers(2000, 9999)}-{rng.integers(10000):04d}",
        f"02-{rng.integers(200, 999)}-{rng.integers(10000):04d}",
        mail,
    ]
    rows += [[sign, value] if sign else [value] for sign, value in zip(signs, values, strict=True)]
    y = y0 + small.em
    for words in rows:
        small.line(sheet, x0, y, words, width=x1 - x0, align=right)
        y += 1.38 * small.em


def cards(sheet: Sheet, pen: Pen) -> None:
    """One or several business cards or slips on a desk, each leaning its own way, as a camera sees them."""
    rng = pen.rng
    picture(sheet, pen, (0, 0, sheet.width, sheet.height))
    calm(sheet, pen)
    columns = max(1, int(sheet.width / (36 * pen.em)))
    rows = max(1, int(sheet.height / (24 * pen.em)))
    for at in range(columns * rows):
        if at and pen.chance(0.2):
            continue
        column, row = at % columns, at // columns
        cell = np.array([sheet.width / columns, sheet.height / rows])
        em = pen.em * pen.between(0.75, 1.0)
        width = 30 * em
        height = width * pen.between(0.54, 0.62)
        paper = colour(rng.uniform(225, 256) + rng.uniform(-20, 6, 3))
        this = replace(pen.other(), em=em, paper=paper, ink=colour(rng.uniform(0, 90, 3)))
        board = Sheet.blank(round(width), round(height), paper)
        card(board, this)
        board.settle()
        angle = float(np.clip(rng.normal(0, 9), -20, 20)) + (180 if pen.chance(0.06) else 0)
        corners = spot(
            np.array([column + 0.5, row + 0.5]) * cell, board, angle, rng.uniform(-0.04, 0.04, (4, 2)), 0.94 * cell
        )
        mount(sheet, board, corners, shadow=pen.between(0, 0.3) * pen.em)
