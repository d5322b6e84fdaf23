"""Signs in the street: shop boards, traffic and notice signs, neon, curved and upright boards, letters on walls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from geulnun.synth import grammar, phrases
from geulnun.synth.backdrop import Box, picture
from geulnun.synth.mounts import calm, mount, rolled, spot
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet, colour
from geulnun.synth.upright import column, ladder


def sign(sheet: Sheet, pen: Pen) -> None:
    """A street or a wall with signs on it, each seen from its own side."""
    rng, em = pen.rng, pen.em
    picture(sheet, pen, (0, 0, sheet.width, sheet.height))
    for _ in range(int(rng.integers(1, 5))):
        side = rng.uniform(4, 18, 2) * em
        corner = rng.uniform(0, 1, 2) * np.maximum((sheet.width, sheet.height) - side, 1)
        picture(sheet, pen, (*corner, *(corner + side)))
    calm(sheet, pen)
    taken: list[Box] = []
    for _ in range(int(rng.integers(3, 11))):
        kind = (_shop, _shop, _shop, _upright, _neon, _notice, _traffic, _wall)[int(rng.integers(8))]
        board, alpha = kind(
            sheet, replace(pen.of("display", "sans", "brush", "serif"), tracking=pen.between(-0.05, 0.15))
        )
        board.settle()
        room = rng.uniform(0.25, 0.6, 2) * (sheet.width, sheet.height)
        pull = rng.uniform(-1, 1, (4, 2)) * rng.uniform(0, 0.12)
        for _ in range(12):
            middle = rng.uniform(0.1, 0.9, 2) * (sheet.width, sheet.height)
            corners = spot(middle, board, float(rng.normal(0, 4)), pull, room)
            (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
            inside = x0 >= 0 and y0 >= 0 and x1 <= sheet.width and y1 <= sheet.height
            if inside and not any(x0 < b[2] and b[0] < x1 and y0 < b[3] and b[1] < y1 for b in taken):
                taken.append((x0, y0, x1, y1))
                mount(sheet, board, corners, alpha, shadow=pen.between(0, 0.4) * em)
                break


Board = tuple[Sheet, "np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None"]


def _tones(pen: Pen) -> tuple[Colour, Colour]:
    """Ground and ink of a sign, far enough apart to be read."""
    rng = pen.rng
    ground = colour(rng.uniform(0, 256, 3))
    level = float(np.dot(ground, (0.3, 0.59, 0.11)))
    if abs(level - 128) < 45:
        # Neither white nor black reads well on a middle tone.
        ground = colour(np.array(ground) * 0.55 if pen.chance(0.6) else 255 - 0.4 * (255 - np.array(ground)))
    light = float(np.dot(ground, (0.3, 0.59, 0.11))) > 128
    ink = colour(rng.uniform(0, 60, 3) if light else rng.uniform(205, 256, 3))
    if pen.chance(0.3):
        ink = (200, 20, 30) if light else (255, 230, 60)
        ground = (250, 248, 240) if light else colour(rng.uniform(0, 70, 3))
    return ground, ink


def _ghost(board: Sheet, write: Callable[[Sheet], object]) -> None:
    """Write something that is no truth: a shadow under the text to come."""
    write(Sheet(board.image))


def _shop(scene: Sheet, pen: Pen) -> Board:
    """A shop's board: its name large, trade and telephone small, perhaps bent round a corner."""
    rng, em = pen.rng, pen.em
    ground, ink = _tones(pen)
    this = replace(pen, ink=ink, paper=ground)
    name = phrases.pick(rng, phrases.SHOPS) if pen.chance(0.8) else phrases.pick(rng, phrases.LATIN_SIGNS)
    scale = pen.between(2.5, 4)
    wide = this.length(name, scale)
    line = pen.chance(0.6)
    width, height = wide + pen.between(1.5, 5) * em, (scale * 1.7 + 1.8 * line) * em
    board = Sheet.blank(round(width), round(height), ground)
    if pen.chance(0.4):
        picture(board, this, (0, 0, width, height), soft=True)
    if pen.chance(0.5):
        board.draw.rectangle((2, 2, width - 3, height - 3), outline=ink, width=max(1, round(0.12 * em)))
    x, y = (width - wide) / 2, 1.25 * scale * em
    board.begin("title")
    if pen.chance(0.3):
        off = 0.05 * scale * em
        _ghost(
            board,
            lambda under: replace(this, ink=colour(np.array(ground) * 0.45)).line(
                under, x + off, y + off, [name], scale=scale
            ),
        )
    edge = replace(this, outline=colour(255 - np.array(ink))) if pen.chance(0.3) else this
    edge.line(board, x, y, name.split(" "), scale=scale)
    if line:
        small = [grammar.phone(rng).replace(" ", "-")] if pen.chance(0.5) else pen.words(8, "words")[:2]
        this.line(board, 0.5 * em, y + (0.25 * scale + 1.2) * em, small, width=width - em, align=0.5)
    if pen.chance(0.25):
        return board, rolled(board, pen.between(0.45, 1.2), pen.between(-0.3, 0.3))
    return board, None


def _upright(scene: Sheet, pen: Pen) -> Board:
    """A narrow board that sticks out from a wall, its text running down."""
    rng, em = pen.rng, pen.em
    ground, ink = _tones(pen)
    this = replace(pen, ink=ink, paper=ground)
    name = phrases.pick(rng, phrases.SHOPS)
    scale = pen.between(1.6, 2.6)
    tall = ladder(this, name, scale, 1.1)
    board = Sheet.blank(round(scale * 1.5 * em), round(tall + 1.4 * em), ground)
    board.draw.rectangle((1, 1, board.width - 2, board.height - 2), outline=ink, width=max(1, round(0.1 * em)))
    board.begin("title")
    column(board, this, board.width / 2, 0.7 * em, name.split(" "), scale, 1.1)
    return board, None


def _neon(scene: Sheet, pen: Pen) -> Board:
    """Glowing tubes before a dark wall."""
    em = pen.em
    ink = colour(pen.rng.choice([[255, 80, 160], [90, 220, 255], [255, 220, 90], [130, 255, 140], [255, 120, 70]]))
    this = replace(pen, ink=ink, paper=(12, 10, 18))
    name = phrases.pick(pen.rng, phrases.SHOPS if pen.chance(0.6) else phrases.LATIN_SIGNS)
    wide = this.length(name, 3)
    board = Sheet.blank(round(wide + 3 * em), round(5.2 * em), (12, 10, 18))
    if pen.chance(0.4):
        board.draw.rounded_rectangle(
            (0.5 * em, 0.5 * em, board.width - 0.5 * em, board.height - 0.5 * em),
            radius=em,
            outline=ink,
            width=max(2, round(0.1 * em)),
        )
    board.begin("title")
    this.line(board, 1.5 * em, 3.7 * em, name.split(" "), scale=3)
    sharp = np.asarray(board.image).astype(np.float32)
    glow = cv2.GaussianBlur(sharp, (0, 0), 0.35 * em) * 1.5 + cv2.GaussianBlur(sharp, (0, 0), 0.1 * em)
    board.paint(np.clip(sharp + glow, 0, 255).astype(np.uint8))
    return board, None


def _notice(scene: Sheet, pen: Pen) -> Board:
    """A sheet on a wall: a heading in a band and a few lines of text."""
    em, rng = pen.em, pen.rng
    ink, paper = colour(rng.uniform(0, 70, 3)), colour(rng.uniform(225, 256, 3))
    this = replace(pen, ink=ink, paper=paper, leading=1.4, tracking=0.0)
    width = pen.between(13, 20) * em
    board = Sheet.blank(round(width), round(width * pen.between(0.6, 1.2)), paper)
    band = colour(rng.choice([[200, 30, 40], [20, 70, 160], [250, 200, 0], [20, 120, 60]]))
    board.draw.rectangle((0, 0, width, 3 * em), fill=band)
    board.begin("title")
    heading = phrases.pick(rng, ("안내문", "주의", "경고", "공고", "알림", "출입금지", "CCTV 작동중", "금연구역"))
    replace(this, ink=(20, 20, 20) if sum(band) > 420 else (255, 255, 255), paper=band).line(
        board, 0, 2.2 * em, heading.split(" "), scale=1.7, width=width, align=0.5
    )
    board.begin()
    this.paragraph(
        board, (em, 3.6 * em, width - em, board.height - 2 * em), grammar.formal(rng).split(" "), breaks=True
    )
    board.begin("footer")
    this.line(board, 0, board.height - 0.7 * em, [f"{grammar.office(rng)}장"], width=width, align=0.5)
    return board, None


def _traffic(scene: Sheet, pen: Pen) -> Board:
    """A road sign: names and arrows on green or blue, or a word on yellow."""
    em, rng = pen.em, pen.rng
    ground = ((20, 110, 60), (20, 80, 170), (250, 200, 20))[int(rng.integers(3))]
    ink = (20, 20, 20) if ground[0] > 200 else (255, 255, 255)
    this = replace(pen, ink=ink, paper=ground)
    width, count = 13 * em, int(rng.integers(1, 4))
    board = Sheet.blank(round(width), round((1.2 + 3.6 * count) * em), ground)
    board.draw.rounded_rectangle(
        (3, 3, width - 4, board.height - 4), radius=0.6 * em, outline=ink, width=max(1, round(0.14 * em))
    )
    y = 2.4 * em
    for _ in range(count):
        board.begin()
        town = (
            phrases.pick(rng, ("가람", "송정", "은빛로", "한솔IC", "새봄역", "월계동", "시청"))
            if ground[0] < 200
            else phrases.pick(rng, phrases.SIGN_WORDS)
        )
        this.line(board, 3 * em, y, [town], scale=1.7, width=9.5 * em)
        if ground[0] < 200:
            latin = phrases.pick(
                rng, ("Garam", "Songjeong", "Eunbit-ro", "Hansol IC", "Saebom Stn.", "Wolgye-dong", "City Hall")
            )
            this.line(board, 3 * em, y + 1.15 * em, latin.split(" "), scale=0.8, width=9.5 * em)
        board.draw.polygon([(0.8 * em, y), (1.5 * em, y - 1.4 * em), (2.2 * em, y)], fill=ink)
        y += 3.6 * em
    return board, None


def _wall(scene: Sheet, pen: Pen) -> Board:
    """Letters fixed on the wall itself, with their shadow."""
    em = pen.em
    name = phrases.pick(pen.rng, phrases.SHOPS if pen.chance(0.7) else phrases.LATIN_SIGNS)
    dark = bool(pen.chance(0.5))
    ink = (20, 20, 25) if dark else (250, 250, 245)
    ground = (205, 200, 190) if dark else (50, 55, 60)
    this = replace(pen, ink=ink, paper=ground)
    wide = this.length(name, 2.6)
    board = Sheet.blank(round(wide + 2 * em), round(4.4 * em), ground)
    picture(board, this, (0, 0, board.width, board.height), soft=True)
    board.begin("title")
    _ghost(
        board,
        lambda under: replace(this, ink=colour(np.array(ground) * 0.6)).line(
            under, 1.12 * em, 3.12 * em, name.split(" "), scale=2.6
        ),
    )
    this.line(board, em, 3 * em, name.split(" "), scale=2.6)
    return board, None
