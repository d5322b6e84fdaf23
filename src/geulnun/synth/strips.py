"""Strips: one line of text as a mask with the quads of its characters, and what may be done to it.

Every function returns a new strip, pixels and quads moved together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.geometry import Floats
from geulnun.synth import hand
from geulnun.synth.fonts import Face

Image = NDArray[np.uint8]
Rng = np.random.Generator
Wave = Literal[0, 1, 2, 3]


@dataclass(frozen=True, slots=True)
class Strip:
    """A line of text.

    Attributes:
        ink: mask uint8 (h, w), 255 = ink.
        quads: (n + 1, 4, 2): the characters in order without spaces, then the whole line.
    """

    ink: Image
    quads: Floats


def horizontal(text: str, face: Face, em: int, space: float, writer: hand.Writer | None, rng: Rng) -> Strip:
    """Set a line from left to right, ``space`` times the font's spaces wide; by hand if there is a writer."""
    if writer is not None:
        line = hand.write(text, face, em, writer, rng)
        whole = geometry.from_boxes([[line.left, line.top, line.right, line.bottom]])
        whole = _around(np.concatenate([line.quads, whole]))[None]
        # The mask has room for the widest strokes on all sides: cut it to the line, which holds all ink.
        (x0, y0), (x1, y1) = np.floor(whole[0, 0]).astype(int), np.ceil(whole[0, 2]).astype(int)
        ink = np.zeros((y1 - y0, x1 - x0), np.uint8)
        held = line.ink[max(y0, 0) : y1, max(x0, 0) : x1]
        ink[max(-y0, 0) :, max(-x0, 0) :][: held.shape[0], : held.shape[1]] = held
        return Strip(ink, np.concatenate([line.quads, whole]) - (x0, y0))
    font = face.at(em)
    ascent, descent = font.getmetrics()
    x, cells = 0.0, []
    for char in text:
        step = float(font.getlength(char)) * (space if char == " " else 1)
        cells.append((x, x + step))
        x += step
    # Ink may reach beyond the advances at both ends and, in some fonts, beyond the font's own height.
    boxes = np.array([font.getbbox(char, anchor="ls") for char in text], np.float64)
    left = np.array([cell[0] for cell in cells])
    inked = np.array([char != " " for char in text])
    x0 = min(0, int(np.floor((boxes[:, 0] + left)[inked].min())))
    x1 = max(int(np.ceil(x)), int(np.ceil((boxes[:, 2] + left)[inked].max())))
    y0, y1 = min(-ascent, int(boxes[inked, 1].min())), max(descent, int(boxes[inked, 3].max()))
    sheet = PilImage.new("L", (x1 - x0, y1 - y0), 0)
    pen = ImageDraw.Draw(sheet)
    for char, (start, _) in zip(text, cells, strict=True):
        pen.text((start - x0, -y0), char, font=font, fill=255, anchor="ls")
    spans = np.array(
        [[min(c[0], c[0] + b[0]), y0, max(c[1], c[0] + b[2]), y1] for c, b in zip(cells, boxes, strict=True)]
    )
    own = spans[inked] - (x0, y0, x0, y0)
    whole = np.array([[own[:, 0].min(), 0, own[:, 2].max(), y1 - y0]])
    return Strip(np.asarray(sheet, np.uint8), geometry.from_boxes(np.concatenate([own, whole])))


def vertical(text: str, face: Face, em: int, space: float, writer: hand.Writer | None, rng: Rng) -> Strip:
    """Set characters under each other, centred, a space being ``space`` times half an em high."""
    strips = [None if char == " " else horizontal(char, face, em, 1.0, writer, rng) for char in text]
    width = max(strip.ink.shape[1] for strip in strips if strip is not None)
    height = sum(round(space * em / 2) if strip is None else strip.ink.shape[0] for strip in strips)
    ink = np.zeros((height, width), np.uint8)
    quads: list[Floats] = []
    y = 0
    for strip in strips:
        if strip is None:
            y += round(space * em / 2)
            continue
        tall, wide = strip.ink.shape
        x = (width - wide) // 2
        ink[y : y + tall, x : x + wide] = strip.ink
        quads.append(strip.quads[0] + (x, y))
        y += tall
    return Strip(ink, np.stack([*quads, _around(np.stack(quads))]))


def _around(quads: Floats) -> Floats:
    """The upright rectangle (4, 2) around quads."""
    boxes = geometry.to_boxes(quads)
    return np.asarray(geometry.from_boxes([[*boxes[:, :2].min(0), *boxes[:, 2:].max(0)]])[0])


def fit(strip: Strip) -> Strip:
    """Cut to the ink; quads end where the ink does."""
    x, y, w, h = cv2.boundingRect(strip.ink)
    quads = np.clip(strip.quads - (x, y), 0, (w, h))
    return Strip(strip.ink[y : y + h, x : x + w], quads)


def turn(strip: Strip, degrees: float) -> Strip:
    """Turn against the clock about the middle; the strip grows so that nothing is cut off."""
    if not degrees:
        return strip
    height, width = strip.ink.shape
    cos, sin = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    wide = int(np.ceil(abs(width * cos) + abs(height * sin)))
    high = int(np.ceil(abs(width * sin) + abs(height * cos)))
    linear = np.array([[cos, sin], [-sin, cos]])
    offset = np.array([wide, high]) / 2 - linear @ (width / 2, height / 2)
    edges = np.concatenate([linear, offset[:, None]], 1)
    # Quads lie on pixel edges, warpAffine counts from pixel centres.
    centres = edges.copy()
    centres[:, 2] += linear @ (0.5, 0.5) - 0.5
    ink = cv2.warpAffine(strip.ink, centres, (wide, high), flags=cv2.INTER_LINEAR)
    return Strip(np.asarray(ink, np.uint8), geometry.transform(strip.quads, edges))


def distort(strip: Strip, wave: Wave, orientation: Literal[0, 1, 2], rng: Rng) -> Strip:
    """Move columns up and down (``orientation`` 0), rows left and right (1), or both (2).

    ``wave`` is 0 none, 1 sine, 2 cosine, 3 random; it goes as far as the square root of the height, and a wave takes
    360 pixels.
    """
    if not wave:
        return strip
    if orientation in (0, 2):
        strip = _shift_columns(strip, wave, rng)
    if orientation in (1, 2):
        turned = Strip(np.ascontiguousarray(strip.ink.T), strip.quads[..., ::-1])
        moved = _shift_columns(turned, wave, rng, reach=int(strip.ink.shape[0] ** 0.5))
        strip = Strip(np.ascontiguousarray(moved.ink.T), moved.quads[..., ::-1])
    return strip


def _shift_columns(strip: Strip, wave: Wave, rng: Rng, reach: int | None = None) -> Strip:
    height, width = strip.ink.shape
    reach = int(height**0.5) if reach is None else reach
    at = np.radians(np.arange(width))
    away = rng.integers(0, reach + 1, width) if wave == 3 else (np.sin(at) if wave == 1 else np.cos(at)) * reach
    shift: NDArray[np.int64] = np.round(away).astype(np.int64)
    low, high = int(shift.min()), int(shift.max())
    rows = np.arange(height + high - low)[:, None] - (shift - low)[None]
    inside = (rows >= 0) & (rows < height)
    ink = np.where(inside, strip.ink[np.clip(rows, 0, height - 1), np.arange(width)[None]], 0).astype(np.uint8)
    quads = strip.quads.copy()
    for quad in quads:
        x0 = int(np.clip(np.floor(quad[:, 0].min()), 0, width - 1))
        x1 = int(np.clip(np.ceil(quad[:, 0].max()), x0 + 1, width))
        middle = quad[:, 1].mean()
        upper = quad[:, 1] < middle
        quad[:, 1] += np.where(upper, shift[x0:x1].min(), shift[x0:x1].max()) - low
    return Strip(ink, quads)


def resize(strip: Strip, width: int, height: int) -> Strip:
    """Bring to a size in pixels, each 1 at least."""
    old = strip.ink.shape
    shrinks = width * height < old[0] * old[1]
    ink = cv2.resize(strip.ink, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return Strip(np.asarray(ink, np.uint8), strip.quads * (width / old[1], height / old[0]))


def page(text: str, quads: Floats, width: int, height: int, *, is_vertical: bool = False) -> Page:
    """The truth of an image of one line: quads (n + 1, 4, 2) as a `Strip` has them, in pixels of the image."""
    words, start = [], 0
    for word in text.split(" "):
        own = quads[start : start + len(word)]
        start += len(word)
        first, last = own[0], own[-1]
        whole = [first[0], first[1], last[2], last[3]] if is_vertical else [first[0], last[1], last[2], first[3]]
        chars = tuple(Char(char, quad) for char, quad in zip(word, geometry.to_tuples(own), strict=True))
        words.append(Word(chars, geometry.to_tuple(np.stack(whole))))
    line = Line(tuple(words), geometry.to_tuple(quads[-1]), vertical=is_vertical)
    return Page(width, height, (Block((line,)),))
