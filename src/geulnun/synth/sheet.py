"""A sheet: the canvas pages are drawn on, which remembers where each character went.

Truth convention for a line's quad: along the text from the first glyph's origin to the last glyph's advance;
across it the union of the line's own ink and the ink of "한글" in the same font on the same baseline, so that even
"..." has a quad of full height. Geometry applied later (`Sheet.warp`, `Sheet.turn`) moves pixels and quads together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.geometry import Floats

Font = ImageFont.FreeTypeFont
Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]
#: Its ink spans what Korean lines span, whatever the line itself holds.
REFERENCE = "한글"


def colour(values: Sequence[float] | NDArray[np.float64]) -> Colour:
    """Three channel values cut to 0..255 as a colour."""
    r, g, b = (int(v) for v in np.clip(values, 0, 255))
    return r, g, b


@dataclass(slots=True)
class Run:
    """One written line: its words, the quad of each of their characters, and the line's own quad."""

    words: tuple[str, ...]
    chars: Floats
    quad: Floats
    block: int


@dataclass
class Sheet:
    """An RGB canvas (h, w, 3) and the runs of text on it."""

    image: Image.Image
    runs: list[Run] = field(default_factory=list)
    #: Number of the block that runs written from now on belong to.
    block: int = 0

    def __post_init__(self) -> None:
        self.draw = ImageDraw.Draw(self.image)

    @classmethod
    def blank(cls, width: int, height: int, paper: Colour) -> Sheet:
        """An empty sheet of one colour; sizes in pixels."""
        return cls(Image.new("RGB", (max(width, 1), max(height, 1)), paper))

    @property
    def width(self) -> int:
        """Width of the canvas in pixels."""
        return self.image.width

    @property
    def height(self) -> int:
        """Height of the canvas in pixels."""
        return self.image.height

    def write(
        self,
        origin: tuple[float, float],
        words: Sequence[str],
        font: Font,
        ink: Colour,
        gap: float | None = None,
        tracking: float = 0.0,
        outline: Colour | None = None,
    ) -> float:
        """Write one line of words from ``origin`` (left end of the baseline) and remember its characters.

        Args:
            origin: x and baseline y in pixels.
            words: what to write; empty ones are left out.
            font: the font at its size.
            ink: its colour.
            gap: width of a word space in pixels; the font's own if not given.
            tracking: extra pixels after each character.
            outline: colour of a thin line around the strokes; None for none.

        Returns:
            The x where the line ends.
        """
        words = tuple(word for word in words if word)
        if not words:
            return origin[0]
        x, y = origin
        gap = font.getlength(" ") if gap is None else gap
        top, bottom = (y + edge for edge in ink_extent(" ".join(words), font))
        edges: list[Floats] = []
        stroke = 0 if outline is None else max(1, round(0.05 * font.size))
        for word in words:
            ends = np.cumsum([advance(font, char) + tracking for char in word])
            if tracking:
                for char, end in zip(word, ends, strict=True):
                    self.draw.text(
                        (x + end - advance(font, char) - tracking, y),
                        char,
                        ink,
                        font,
                        "ls",
                        stroke_width=stroke,
                        stroke_fill=outline,
                    )
            else:
                self.draw.text((x, y), word, ink, font, "ls", stroke_width=stroke, stroke_fill=outline)
                # Kerning moves glyphs by parts of a pixel; the ends stay exact.
                ends = ends * (font.getlength(word) / max(ends[-1], 1e-6))
            edges.append(x + np.stack([np.r_[0.0, ends[:-1]], ends - tracking], 1))
            x += float(ends[-1]) + gap
        spans = np.concatenate(edges)
        boxes = np.stack([spans[:, 0], np.full(len(spans), top), spans[:, 1], np.full(len(spans), bottom)], 1)
        line = geometry.from_boxes([[spans[0, 0], top, spans[-1, 1], bottom]])[0]
        self.runs.append(Run(words, geometry.from_boxes(boxes), line, self.block))
        return float(spans[-1, 1])

    def warp(self, matrix: Floats, width: int, height: int, border: Colour) -> None:
        """Apply a projective (3, 3) matrix to pixels and quads; the canvas becomes (height, width)."""
        # Quads live on pixel edges, warpPerspective on pixel centres: half a pixel apart.
        half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        centred = np.linalg.inv(half) @ matrix @ half
        pixels = cv2.warpPerspective(
            np.asarray(self.image), centred, (width, height), flags=cv2.INTER_LINEAR, borderValue=border
        )
        self._replace(np.asarray(pixels, np.uint8), matrix)

    def turn(self, degrees: int) -> None:
        """Turn the sheet clockwise by 0, 90, 180 or 270 degrees."""
        if degrees:
            matrix = geometry.turn_matrix(self.width, self.height, degrees)
            self._replace(np.ascontiguousarray(np.rot90(np.asarray(self.image), -degrees // 90)), matrix)

    def paint(self, pixels: Pixels) -> None:
        """Replace the pixels by others of the same size; the truth stays."""
        self.image = Image.fromarray(pixels)
        self.draw = ImageDraw.Draw(self.image)

    def _replace(self, pixels: Pixels, matrix: Floats) -> None:
        self.paint(pixels)
        for run in self.runs:
            run.chars = geometry.transform(run.chars, matrix)
            run.quad = geometry.transform(run.quad, matrix)

    def quads(self) -> Floats:
        """The lines' quads (n, 4, 2), in the order they were written."""
        return np.stack([run.quad for run in self.runs]) if self.runs else np.zeros((0, 4, 2))

    def page(self, rotation: int = 0) -> Page:
        """The truth as a document tree; ``rotation`` is the turn that makes the sheet upright."""
        blocks: dict[int, list[Line]] = {}
        for run in self.runs:
            blocks.setdefault(run.block, []).append(_line(run))
        return Page(
            width=self.width,
            height=self.height,
            blocks=tuple(Block(tuple(lines)) for lines in blocks.values()),
            rotation=rotation,
        )


def _line(run: Run) -> Line:
    words, start = [], 0
    for word in run.words:
        quads = run.chars[start : start + len(word)]
        start += len(word)
        chars = tuple(Char(char, geometry.to_tuple(quad)) for char, quad in zip(word, quads, strict=True))
        whole = np.stack([quads[0, 0], quads[-1, 1], quads[-1, 2], quads[0, 3]])
        words.append(Word(chars, geometry.to_tuple(whole)))
    return Line(tuple(words), geometry.to_tuple(run.quad))


def advance(font: Font, char: str) -> float:
    """How far a character moves the pen, in pixels."""
    known = _advances(font)
    if char not in known:
        known[char] = float(font.getlength(char))
    return known[char]


@lru_cache(maxsize=200)
def _advances(font: Font) -> dict[str, float]:
    """Advances measured so far; few fonts are kept, as each holds its file in memory."""
    return {}


@lru_cache(maxsize=200)
def _reference(font: Font) -> tuple[float, float]:
    _, top, _, bottom = font.getbbox(REFERENCE, anchor="ls")
    return float(top), float(bottom)


def ink_extent(text: str, font: Font) -> tuple[float, float]:
    """Top and bottom of a line relative to its baseline (y down), by the truth convention above."""
    _, top, _, bottom = font.getbbox(text, anchor="ls")
    above, below = _reference(font)
    return min(float(top), above), max(float(bottom), below)
