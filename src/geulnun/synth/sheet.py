"""A sheet: the canvas pages are drawn on, which remembers where each character went.

Truth convention for a line's quad: along the text from the first glyph's origin to the last glyph's advance;
across it the union of the line's own ink and the ink of "한글" in the same font on the same baseline, so that even
"..." has a quad of full height. Geometry applied later (`Sheet.warp`, `Sheet.turn`, `Sheet.move`) moves pixels and
quads together. The order of a quad's points, vertical text included, is told in `geulnun.synth.truth`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import geometry
from geulnun.document import BlockKind, Page
from geulnun.geometry import Floats
from geulnun.synth.fonts import Face
from geulnun.synth.truth import Run, legible, page_of, span, uncovered

Font = ImageFont.FreeTypeFont
Colour = tuple[int, int, int]
Pixels = NDArray[np.uint8]
#: Its ink spans what Korean lines span, whatever the line itself holds.
REFERENCE = "한글"


def colour(values: Sequence[float] | NDArray[np.float64]) -> Colour:
    """Three channel values cut to 0..255 as a colour."""
    r, g, b = (int(v) for v in np.clip(values, 0, 255))
    return r, g, b


@dataclass
class Sheet:
    """An RGB canvas (h, w, 3) and the runs of text on it."""

    image: Image.Image
    runs: list[Run] = field(default_factory=list)
    #: Number of the block that runs written from now on belong to.
    block: int = 0
    #: What blocks are that are not plain text, by their numbers.
    kinds: dict[int, BlockKind] = field(default_factory=dict)
    dpi: float | None = None
    #: Size and face of the body text, where there is one; for labels.
    em: float = 0.0
    face: Face | None = None

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

    def begin(self, kind: BlockKind = "text") -> None:
        """Begin a block: what is written from now on belongs to it. Blocks are read in the order they are begun."""
        self.block += 1
        if kind != "text":
            self.kinds[self.block] = kind

    def write(
        self,
        origin: tuple[float, float],
        words: Sequence[str],
        font: Font,
        ink: Colour,
        gap: float | None = None,
        tracking: float = 0.0,
        outline: Colour | None = None,
        others: Mapping[str, Font] | None = None,
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
            others: fonts for characters that ``font`` lacks.

        Returns:
            The x where the line ends.
        """
        words = tuple(word for word in words if word)
        if not words:
            return origin[0]
        x, y = origin
        others = others or {}
        gap = font.getlength(" ") if gap is None else gap
        top, bottom = (y + edge for edge in ink_extent("".join(words), font, others))
        stroke = 0 if outline is None else max(1, round(0.05 * font.size))
        starts: list[float] = []
        ends: list[float] = []
        for word in words:
            for piece, drawer in runs_of(word, font, others):
                for width in self._ink(piece, (x, y), drawer, ink, tracking, stroke, outline):
                    starts.append(x)
                    x += width
                    ends.append(x - tracking)
            x += gap
        x0, x1 = np.array(starts), np.array(ends)
        low, high = np.full(len(x0), top), np.full(len(x0), bottom)
        chars = np.stack([np.stack(p, -1) for p in ((x0, low), (x1, low), (x1, high), (x0, high))], 1)
        line = np.array([[x0[0], top], [x1[-1], top], [x1[-1], bottom], [x0[0], bottom]])
        text = "".join(words)
        if " " in text:
            # Spaces inside of what was given as one word part it all the same.
            chars = chars[[char != " " for char in text]]
            words = tuple(part for word in words for part in word.split())
        if words:
            self.runs.append(Run(words, chars, line, self.block))
        return float(x1[-1])

    def _ink(
        self,
        piece: str,
        at: tuple[float, float],
        font: Font,
        ink: Colour,
        tracking: float,
        stroke: int,
        outline: Colour | None,
    ) -> list[float]:
        """Draw a piece of one font; returns how far each of its characters moves the pen."""
        x, y = at
        widths = [advance(font, char) + tracking for char in piece]
        if tracking:
            for char, width in zip(piece, widths, strict=True):
                self.draw.text((x, y), char, ink, font, "ls", stroke_width=stroke, stroke_fill=outline)
                x += width
            return widths
        self.draw.text((x, y), piece, ink, font, "ls", stroke_width=stroke, stroke_fill=outline)
        # Kerning moves glyphs by parts of a pixel; the ends stay exact.
        scale = font.getlength(piece) / max(sum(widths), 1e-6) if len(piece) > 1 else 1.0
        return [width * scale for width in widths]

    def place(
        self,
        mask: Pixels,
        corner: tuple[int, int],
        words: Sequence[str],
        chars: Floats,
        ink: Colour,
        vertical: bool = False,
    ) -> None:
        """Lay ready ink on the sheet and remember its characters: handwriting, curved and shaded signs.

        Args:
            mask: how much ink (h, w) lies on each pixel, 0 to 255.
            corner: where the mask's top left corner comes to lie; parts of it may lie off the sheet.
            words: the text, cut at its spaces.
            chars: quads (n, 4, 2) of its characters in the mask's coordinates.
            ink: its colour.
            vertical: whether characters stand upright one below the other.
        """
        self.image.paste(ink, corner, Image.fromarray(mask))
        quads = np.asarray(chars, np.float64) + corner
        words = tuple(word for word in words if word)
        if words:
            self.runs.append(Run(words, quads, span(quads, vertical), self.block, vertical, free=True))

    def cover(self, box: tuple[float, float, float, float]) -> None:
        """Tell that something opaque was drawn over a box: the characters under it are no truth any more."""
        self.runs = uncovered(self.runs, box)

    def settle(self) -> None:
        """Leave out of the truth what no one can read: characters off the sheet and such as stand on one another."""
        self.runs = legible(self.runs, self.width, self.height)

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

    def move(self, pixels: Pixels, points: Callable[[Floats], Floats]) -> None:
        """Replace the pixels by (h, w, 3) others that a map moved, and the quads' corners with them.

        Args:
            pixels: the moved picture, of any size.
            points: takes points (n, 2) of the old picture to where they lie in the new one, in pixel edges.
        """
        self.paint(pixels)
        for run in self.runs:
            run.chars = points(run.chars.reshape(-1, 2)).reshape(-1, 4, 2)
            run.free = True
            run.quad = span(run.chars, run.vertical)

    def quads(self) -> Floats:
        """The lines' quads (n, 4, 2), in the order they were written."""
        return np.stack([run.quad for run in self.runs]) if self.runs else np.zeros((0, 4, 2))

    def page(self, rotation: int = 0) -> Page:
        """The truth as a document tree; ``rotation`` is the turn that makes the sheet upright."""
        return page_of(self.runs, self.kinds, self.width, self.height, rotation, self.dpi)


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
def _extents(font: Font) -> dict[str, tuple[float, float]]:
    """Top and bottom of characters measured so far."""
    return {}


@lru_cache(maxsize=200)
def _reference(font: Font) -> tuple[float, float]:
    _, top, _, bottom = font.getbbox(REFERENCE, anchor="ls")
    return float(top), float(bottom)


def ink_extent(text: str, font: Font, others: Mapping[str, Font] | None = None) -> tuple[float, float]:
    """Top and bottom of a line relative to its baseline (y down), by the truth convention above."""
    above, below = _reference(font)
    for char in set(text) - {" "}:
        top, bottom = extent(others.get(char, font) if others else font, char)
        above, below = min(above, top), max(below, bottom)
    return above, below


def extent(font: Font, char: str) -> tuple[float, float]:
    """Top and bottom of a character's ink relative to the baseline (y down), in pixels."""
    known = _extents(font)
    if char not in known:
        _, top, _, bottom = font.getbbox(char, anchor="ls")
        known[char] = float(top), float(bottom)
    return known[char]


def runs_of(word: str, font: Font, others: Mapping[str, Font]) -> list[tuple[str, Font]]:
    """Cut a word where its font changes."""
    if not others:
        return [(word, font)]
    out: list[tuple[str, Font]] = []
    for char in word:
        drawer = others.get(char, font)
        if out and out[-1][1] is drawer:
            out[-1] = (out[-1][0] + char, drawer)
        else:
            out.append((char, drawer))
    return out
