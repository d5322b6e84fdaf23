"""Columns: characters upright one below the other, drawn as a recogniser sees them, turned against the clock.

A column is drawn lying on its left side, its top at the left, so that all that is done to lines can be done to it:
surrounding, bending, cropping and wear. `geulnun.synth.upright` writes such columns on pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from geulnun import geometry
from geulnun.geometry import Floats
from geulnun.synth.fonts import Face
from geulnun.synth.linework import Image, Ink, Opener, Setting
from geulnun.synth.upright import LYING, RAISED

Rng = np.random.Generator


class Habits(NamedTuple):
    """How a column is set, one choice for all of it.

    Attributes:
        step: from one character to the next, in em.
        narrow: the same for letters and digits.
        runs: letters and digits "stacked" upright, "lying" on their side as a run, or, up to three digits, beside each
            other in one "cell".
        lying: whether brackets and dashes lie on their side, as typesetters do; else they stand upright.
        raised: whether stops stand at the upper right of a short cell of their own.
    """

    step: float
    narrow: float
    runs: str
    lying: bool
    raised: bool


def draw_habits(rng: Rng, tidy: bool, tracking: float) -> Habits:
    """Choose how a column is set; ``tracking`` in em is added between characters."""
    step = 1.0 if tidy else float(rng.uniform(0.92, 1.2))
    runs = ("stacked", "lying", "cell")[int(rng.choice(3, p=(0.45, 0.3, 0.25)))]
    return Habits(
        step + tracking, float(rng.uniform(0.75, 1.0)) * step, runs, bool(rng.random() < 0.75), bool(rng.random() < 0.6)
    )


def draw_column(
    rng: Rng, text: str, used: dict[str, Face], size: int, tidy: bool, how: Setting, opener: Opener = Face.at
) -> Ink:
    """Draw ``text`` as the ink of a column that lies on its left side.

    Args:
        rng: chooses the habits and moves characters where the setting says so.
        text: words with single spaces.
        used: the face of each of its characters.
        size: em size in pixels.
        tidy: True for cells of one em.
        how: the setting: its tracking, its gaps and its jitter are those along and across the column.
        opener: how faces are opened.
    """
    habits = draw_habits(rng, tidy, how.tracking / size)
    middle, x = 1.5 * size, float(size)
    stamps: list[tuple[float, Image]] = []
    boxes: list[tuple[float, float, float, float]] = []
    half = size / 2
    for word in text.split(" "):
        for piece in _pieces(word, habits.runs):
            off = float(rng.normal(0, how.jitter)) * size if how.jitter else 0.0
            stamp, wide, ends = _stamp(piece, used, size, habits, opener)
            stamps.append((x - stamp.shape[1] / 2 + wide / 2, np.roll(stamp, round(off), axis=0)))
            boxes += [(x + start, middle - half, x + end, middle + half) for start, end in ends]
            x += wide
        x += how.gap
    end = x - how.gap
    mask = np.zeros((3 * size, round(end) + 2 * size), np.uint8)
    for left, stamp in stamps:
        _merge(mask, stamp, round(left), round(middle - stamp.shape[0] / 2))
    top, bottom = round(middle - 0.48 * size), round(middle + 0.48 * size)
    drawn = np.flatnonzero(mask.max(1) > 64)
    if len(drawn):
        top, bottom = min(top, int(drawn[0])), max(bottom, int(drawn[-1]) + 1)
    return Ink(mask, top, bottom, size, min(round(end), mask.shape[1]), bottom, lambda: geometry.from_boxes(boxes))


def upright(quads: Floats, height: float) -> Floats:
    """Characters' quads (n, 4, 2) of a lying column, ``height`` pixels high, in the column as it stands.

    They start at the upper left of each character, as `geulnun.synth.truth` has it.
    """
    turned = np.roll(quads, 1, axis=1)
    return np.stack([height - turned[..., 1], turned[..., 0]], -1)


def _pieces(word: str, runs: str) -> Iterator[str]:
    """Characters, and runs of letters and digits that are set as one."""
    run = ""
    for char in word:
        if char.isascii() and char.isalnum() and runs != "stacked":
            run += char
            continue
        if run:
            yield from _run(run, runs)
            run = ""
        yield char
    if run:
        yield from _run(run, runs)


def _run(run: str, runs: str) -> Sequence[str]:
    if runs == "cell" and not (2 <= len(run) <= 3 and run.isdigit()):
        # A cell holds two or three digits; what is longer is stacked.
        return run
    return (run,)


def _stamp(
    piece: str, used: dict[str, Face], size: int, habits: Habits, opener: Opener
) -> tuple[Image, float, list[tuple[float, float]]]:
    """A square of ink as it lies, the length it takes along the column, and where each character begins and ends."""
    font = opener(used[piece[0]], size)
    side = 2 * size
    if len(piece) > 1 and habits.runs == "lying":
        length = sum(font.getlength(char) for char in piece)
        out = PilImage.new("L", (round(length) + 2 * size, side), 0)
        pen = ImageDraw.Draw(out)
        x, ends = float(size), []
        for char in piece:
            pen.text((x, side / 2), char, 255, opener(used[char], size), "lm")
            ends.append((x - size, x - size + font.getlength(char)))
            x += font.getlength(char)
        return np.asarray(out, np.uint8), length, ends
    canvas = PilImage.new("L", (side, side), 0)
    pen = ImageDraw.Draw(canvas)
    if len(piece) > 1:
        wide = sum(opener(used[char], size).getlength(char) for char in piece)
        fit = max(4, round(size * min(1.0, 0.98 * size / max(wide, 1.0))))
        x = side / 2 - wide * fit / size / 2
        for char in piece:
            small = opener(used[char], fit)
            pen.text((x, side / 2), char, 255, small, "lm")
            x += small.getlength(char)
        step = habits.step * size
        return _lie(canvas), step, [(step * at / len(piece), step * (at + 1) / len(piece)) for at in range(len(piece))]
    if piece in LYING and habits.lying:
        wide = max(font.getlength(piece), 0.3 * size)
        # Its own top is to the right: as the column lies, it stands.
        pen.text((side / 2, side / 2 + _drop(font)), piece, 255, font, "ms")
        return np.asarray(canvas, np.uint8), wide, [(0.0, wide)]
    left, upper, right, lower = font.getbbox(piece, anchor="ls")
    if piece in RAISED and habits.raised:
        tall = max(0.45 * size, lower - upper + 0.1 * size)
        pen.text((side / 2 + 0.12 * size - left, side / 2 - 0.45 * tall - upper), piece, 255, font, "ls")
        return _lie(canvas), tall, [(0.0, tall)]
    # The ink of what is not a letter may stand anywhere in its cell: it keeps its place there.
    letter = piece.isalnum()
    tall = (habits.narrow if piece.isascii() else habits.step) * size
    rest = side / 2 - (upper + lower) / 2 if letter and piece.isascii() else side / 2 + _drop(font)
    pen.text((side / 2 - (left + right) / 2, rest), piece, 255, font, "ls")
    return _lie(canvas), tall, [(0.0, tall)]


def _drop(font: ImageFont.FreeTypeFont) -> float:
    """From the middle of a cell down to the baseline on which a syllable fills it."""
    _, top, _, bottom = font.getbbox("한", anchor="ls")
    return -float(top + bottom) / 2


def _lie(canvas: PilImage.Image) -> Image:
    return np.asarray(canvas.transpose(PilImage.Transpose.ROTATE_90), np.uint8)


def _merge(mask: NDArray[np.uint8], stamp: Image, left: int, top: int) -> None:
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + stamp.shape[1], mask.shape[1]), min(top + stamp.shape[0], mask.shape[0])
    if x1 > x0 and y1 > y0:
        part = mask[y0:y1, x0:x1]
        np.maximum(part, stamp[y0 - top : y1 - top, x0 - left : x1 - left], out=part)
