"""Cells: one character drawn into a square image, and its truth."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.synth import hand, wear
from geulnun.synth.fonts import Face

Image = NDArray[np.uint8]
Rng = np.random.Generator
#: Fully square characters of each script, one of which tells where a face's characters stand.
REFERENCES = ("한글", "あア", "HgX")
#: Ink fainter than this is the soft edge of a stroke.
FAINT = 8


class Inked(NamedTuple):
    """A character's ink.

    Attributes:
        ink: mask uint8 (h, w), cut to the ink.
        left: how far its left edge lies right of the pen's place, pixels.
        below: how far its top lies below the middle of the face's full-height characters (less than 0: above).
    """

    ink: Image
    left: float
    below: float


def printed(char: str, face: Face, size: int) -> Inked:
    """A character as its font draws it, at an em size in pixels."""
    font = face.at(size)
    x0, y0, x1, y1 = (int(edge) for edge in font.getbbox(char, anchor="ls"))
    sheet = PilImage.new("L", (max(x1 - x0, 1) + 2, max(y1 - y0, 1) + 2), 0)
    ImageDraw.Draw(sheet).text((1 - x0, 1 - y0), char, font=font, fill=255, anchor="ls")
    ink = np.asarray(sheet, np.uint8)
    left, top, width, height = cv2.boundingRect((ink > FAINT).astype(np.uint8))
    return Inked(ink[top : top + height, left : left + width], x0 - 1 + left, y0 - 1 + top - middle(face, size))


@lru_cache(maxsize=20_000)
def middle(face: Face, size: int) -> float:
    """How far the middle of the face's full-height characters lies below the baseline, pixels (less than 0)."""
    text = next((text for text in REFERENCES if all(map(face.draws, text))), None)
    if text is None:
        return -0.38 * size
    _, top, _, bottom = face.at(size).getbbox(text, anchor="ls")
    return float(top + bottom) / 2


def written(char: str, face: Face, size: float, writer: hand.Writer, rng: Rng) -> Inked:
    """A character as a hand writes it, at an em size in pixels."""
    line = hand.write(char, face, size, writer, rng)
    left, top, width, height = cv2.boundingRect((line.ink > FAINT).astype(np.uint8))
    centre = middle(face, max(8, round(size)))
    return Inked(line.ink[top : top + height, left : left + width], left - line.left, top - line.baseline - centre)


def within(ink: Image, side: float) -> tuple[Image, float]:
    """Shrink ink that is larger than a box of ``side``; returns it and by how much, 1 where it fits."""
    scale = min(1.0, side / max(ink.shape))
    if scale == 1.0:
        return ink, scale
    size = (max(1, int(ink.shape[1] * scale)), max(1, int(ink.shape[0] * scale)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def place(sheet: Image, ink: Image, x: int, y: int) -> None:
    """Put a mask onto a sheet with its top-left corner at (x, y); what lies outside is lost."""
    height, width = ink.shape
    into = sheet[max(y, 0) : max(y + height, 0), max(x, 0) : max(x + width, 0)]
    from_y, from_x = max(-y, 0), max(-x, 0)
    part = ink[from_y : from_y + into.shape[0], from_x : from_x + into.shape[1]]
    np.maximum(into[: part.shape[0], : part.shape[1]], part, out=into[: part.shape[0], : part.shape[1]])


def page(char: str, ink: Image) -> Page:
    """The truth of an image of one character whose mask of ink (h, w) is given: its quad is the ink's box."""
    height, width = ink.shape
    x, y, w, h = cv2.boundingRect((ink > FAINT).astype(np.uint8))
    box = (x, y, x + w, y + h) if w else (0, 0, width, height)
    return _page(char, geometry.from_boxes([box])[0], width, height)


def _page(char: str, corners: geometry.Floats, width: int, height: int) -> Page:
    quad = geometry.to_tuple(corners)
    return Page(width, height, (Block((Line((Word((Char(char, quad),), quad),), quad),)),))


def worn(image: Image, truth: Page, rng: Rng, options: wear.WearOptions, em: float) -> tuple[Image, Page]:
    """Wear an image (h, w) of one character, and bring it back to its size where geometry has made it larger."""
    height, width = image.shape
    out, move = wear.apply(image, rng, options, em)
    if move.still:
        return out, truth
    char = truth.words[0].chars[0]
    scale = (width / out.shape[1], height / out.shape[0])
    out = np.asarray(cv2.resize(out, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    corners = np.asarray(move(np.asarray(char.quad))) * scale
    return out, replace(_page(char.text, corners, width, height), dpi=truth.dpi)
