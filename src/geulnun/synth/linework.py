"""How a line of text is set, surrounded, bent, cropped and put on paper; `geulnun.synth.lines` decides how often.

Each step takes an `Ink` and returns one, so that where every character went is known to the last step. What a step
draws from the generator, and in which order, is pinned by tests: seeds of the benches' lines mean what they meant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from geulnun import geometry
from geulnun.geometry import Floats
from geulnun.hangul import is_syllable
from geulnun.synth.fonts import Face
from geulnun.synth.hand import Written
from geulnun.synth.wear import Effect, Move, weight

Image = NDArray[np.uint8]
Rng = np.random.Generator

#: Opens a face at an em size: `Face.at`, or `geulnun.synth.unhinted.at`.
Opener = Callable[[Face, int], ImageFont.FreeTypeFont]

#: Mark whose ink, with the line's own, spans the line from top to bottom.
REFERENCE = "한글"
#: Signs that some faces, and Hangul typewriters, set in wide cells of their own.
_LOOSE = frozenset(",.:;·!?'()")


@dataclass(frozen=True, slots=True)
class Ink:
    """A line as a mask of ink, and where its characters are.

    Attributes:
        mask: uint8 (h, w), 255 where there is ink, with a margin of about one em on each side.
        top: first row of the line.
        bottom: row after its last.
        left: column where the line begins.
        end: column where its advance ends.
        baseline: row the letters stand on.
        cells: gives the quads (n, 4, 2) of all characters but spaces, as the mask was when they were drawn; called only
            when somebody asks, as measuring costs time that training does not have.
        move: what was done to the mask since.
    """

    mask: Image
    top: int
    bottom: int
    left: int
    end: int
    baseline: int
    cells: Callable[[], Floats]
    move: Move = field(default_factory=Move)

    @property
    def quads(self) -> Floats:
        """The characters' quads (n, 4, 2) in the mask as it is."""
        return self.move(self.cells())


@dataclass(frozen=True, slots=True)
class Setting:
    """How characters stand beside each other, in pixels.

    Attributes:
        tracking: added after every character.
        gap: width of a space.
        loose: added after signs that stand in cells of their own.
        jitter: deviation of characters from the baseline, in em.
        cell: width of the cells of a typewriter, half of it for ASCII; 0 sets characters by their own widths.
    """

    tracking: float
    gap: float
    loose: float
    jitter: float
    cell: float = 0.0


class _Piece(NamedTuple):
    """Characters that are drawn at once: the column where they begin, what they are, their font and advance (px)."""

    left: float
    text: str
    font: ImageFont.FreeTypeFont
    advance: float


def setting(
    rng: Rng,
    face: Face,
    size: int,
    tidy: bool,
    spacing: Effect | None = None,
    cells: Effect | None = None,
    opener: Opener = Face.at,
) -> Setting:
    """Draw a setting for a face at an em size; ``spacing`` and ``cells`` (em) are used instead of the usual habits."""
    tracking = (
        0.0 if tidy or rng.random() < 0.7 else float(rng.choice([rng.normal(0, 0.03), rng.uniform(0, 0.3)])) * size
    )
    if spacing is not None:
        tracking = amount(rng, spacing, 0.0) * size
    gap = size * (float(rng.uniform(0.15, 0.42)) if rng.random() < 0.75 else float(rng.uniform(0.42, 0.9)))
    # A space must stay wider than the gaps between letters, or nothing tells them apart.
    gap += max(tracking, 0) * 2
    if tidy or rng.random() < 0.3:
        gap = max(gap if not tidy and tracking else 0.0, opener(face, size).getlength(" "), size * 0.2)
    loose = 0.0 if tidy or rng.random() < 0.9 else float(rng.uniform(0.05, 0.5)) * size
    gap += loose * float(rng.uniform(0.6, 1.2))
    jitter = (
        0.0
        if tidy or face.family.style not in ("hand", "brush") or rng.random() < 0.4
        else float(rng.uniform(0.01, 0.06))
    )
    cell = amount(rng, cells, 0.0) * size if cells is not None else 0.0
    if cell:
        return Setting(0.0, cell / 2, 0.0, jitter, cell)
    return Setting(tracking, gap, loose, jitter)


def amount(rng: Rng, effect: Effect, otherwise: float) -> float:
    """Draw an effect's amount, or ``otherwise`` where its chance fails."""
    roll, place = rng.random(2)
    return effect.low + (effect.high - effect.low) * float(place) if roll < effect.chance else otherwise


def draw_ink(
    rng: Rng,
    text: str,
    used: dict[str, Face],
    face: Face,
    size: int,
    tidy: bool,
    how: Setting,
    opener: Opener = Face.at,
) -> Ink:
    """Draw ``text`` as a mask of ink.

    Args:
        rng: moves characters from the baseline where the setting says so, and decides what spans the line's height.
        text: words with single spaces.
        used: the face of each of its characters.
        face: the line's main face.
        size: em size in pixels.
        tidy: True for a line of full height whatever it holds.
        how: the setting.
        opener: how faces are opened.
    """
    margin = size
    pieces, length = _set(text, used, size, how, opener)
    end = round(margin + length)
    height, baseline = 3 * size, 2 * size
    canvas = PilImage.new("L", (end + margin + size, height), 0)
    pen = ImageDraw.Draw(canvas)
    for left, piece, font, _ in pieces:
        up = rng.normal(0, how.jitter) * size if how.jitter else 0.0
        pen.text((left, baseline + up), piece, font=font, fill=255, anchor="ls")
    mask = np.asarray(canvas, np.uint8)
    drawn = np.flatnonzero(mask.max(1) > min(64, int(mask.max()) // 2))
    first = face if face.draws(REFERENCE[0]) else next(iter(used.values()))
    above, below = _extent(opener(first, size), REFERENCE if first.draws(REFERENCE[0]) else "Hg")
    top, bottom = (int(drawn[0]), int(drawn[-1]) + 1) if len(drawn) else (height, 0)
    # Where no Hangul stands by, nothing tells a detector how high Hangul would be: it may see the ink alone.
    alone = not tidy and not any(map(is_syllable, text)) and bottom - top > 0.3 * size and rng.random() < 0.6
    if not alone:
        top, bottom = min(top, baseline + above), max(bottom, baseline + below)
    top, bottom = max(top, 0), min(bottom, height)
    return Ink(
        mask,
        top,
        bottom,
        margin,
        min(end, mask.shape[1]),
        baseline,
        lambda: _cells(pieces, float(top), bottom),
    )


def _set(text: str, used: dict[str, Face], size: int, how: Setting, opener: Opener) -> tuple[list[_Piece], float]:
    """The pieces, the first of them ``size`` pixels from the edge, and the length of them all."""
    by_word = how.tracking == how.jitter == how.loose == how.cell == 0
    # Looked up by face, opened fonts would cost more than what is asked of them.
    fonts: dict[int, ImageFont.FreeTypeFont] = {}
    pieces: list[_Piece] = []
    x = float(size)
    for word in text.split(" "):
        for piece, drawer in _runs(word, used) if by_word else [(char, used[char]) for char in word]:
            font = fonts.get(id(drawer)) or fonts.setdefault(id(drawer), opener(drawer, size))
            wide = font.getlength(piece)
            if how.cell:
                cell = how.cell / 2 if piece.isascii() else how.cell
                pieces.append(_Piece(x + (cell - wide) / 2, piece, font, wide))
                x += cell
                continue
            pieces.append(_Piece(x, piece, font, wide))
            x += wide + how.tracking + how.loose * (piece in _LOOSE)
        x += how.gap
    return pieces, x - how.gap - how.tracking - size


def written(line: Written) -> Ink:
    """A line that `geulnun.synth.hand` wrote."""
    high, wide = line.ink.shape
    top, bottom = max(0, int(line.top)), min(high, int(np.ceil(line.bottom)))
    left, end = int(line.left), min(wide, int(np.ceil(line.right)))
    return Ink(line.ink, top, bottom, left, end, round(line.baseline), lambda: line.quads)


def thicken(ink: Ink, by: float) -> Ink:
    """Widen strokes by ``by`` pixels, or narrow them; the characters' quads grow as their ink does."""
    if abs(by) < 1 / 16:
        return ink
    half = by / 2
    quads = ink.cells
    return replace(
        ink,
        mask=weight(ink.mask, half, dark=False),
        top=max(0, ink.top - int(np.ceil(max(half, 0)))),
        bottom=min(ink.mask.shape[0], ink.bottom + int(np.ceil(max(half, 0)))),
        cells=lambda: geometry.grow(quads(), max(half, 0), max(half, 0)),
    )


@lru_cache(maxsize=4000)
def _extent(font: ImageFont.FreeTypeFont, text: str) -> tuple[int, int]:
    """Rows of the ink of ``text``, relative to its baseline."""
    _, above, _, below = font.getbbox(text, anchor="ls")
    return int(above), int(below)


def _cells(pieces: Sequence[_Piece], top: float, bottom: float) -> Floats:
    """Quads (n, 4, 2) of characters: along the text their advance and their ink, across it the line's height."""
    boxes = []
    for left, text, font, wide in pieces:
        x, last = left, len(text)
        for at, char in enumerate(text, 1):
            # Measured with what stands before it, as faces kern.
            after = left + (wide if at == last else font.getlength(text[:at]))
            ink = font.getbbox(char, anchor="ls")
            boxes.append((min(x, x + ink[0]), top, max(after, x + ink[2]), bottom))
            x = after
    return geometry.from_boxes(boxes)


def _runs(word: str, used: dict[str, Face]) -> list[tuple[str, Face]]:
    """Cut a word where the face changes."""
    out: list[tuple[str, Face]] = []
    for char in word:
        if out and out[-1][1] is used[char]:
            out[-1] = (out[-1][0] + char, used[char])
        else:
            out.append((char, used[char]))
    return out


def bend(rng: Rng, ink: Ink, upright: bool = False) -> Ink:
    """Slant, tilt and curve the line a little around its middle; ``upright`` leaves out the slant of its letters."""
    roll = rng.random()
    if roll > 0.42:
        return ink
    height, width = ink.mask.shape
    tall = ink.bottom - ink.top
    if roll < 0.06:
        # A curled page: the line rises and falls by a fraction of its own height.
        xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        lift = tall * float(rng.uniform(0.03, 0.14))
        length, phase = width * float(rng.uniform(0.7, 2.5)), float(rng.uniform(0, 6.28))
        wave = lift * np.sin(2 * np.pi * xs / length + phase)
        mask = np.asarray(cv2.remap(ink.mask, xs, (ys + wave).astype(np.float32), cv2.INTER_LINEAR), np.uint8)

        def waved(points: Floats) -> Floats:
            lifted = points[:, 1] - lift * np.sin(2 * np.pi * (points[:, 0] - 0.5) / length + phase)
            return np.stack([points[:, 0], lifted], 1)

        return replace(ink, mask=mask, move=ink.move.then(Move((waved,))))
    shear = float(rng.uniform(-0.12, 0.32)) if roll < 0.2 else float(rng.normal(0, 0.02))
    # What the detector leaves of a skew: less on long lines, as its quad follows both ends.
    rise = float(rng.normal(0, 0.1)) * tall / max(width, tall) if roll > 0.14 else 0.0
    stretch = float(rng.uniform(0.96, 1.04))
    return shear_ink(ink, 0.0 if upright else shear, rise, stretch)


def shear_ink(ink: Ink, shear: float, rise: float = 0.0, stretch: float = 1.0) -> Ink:
    """Lean letters by ``shear``, tilt the line by ``rise`` (tangents) and stretch it, around its middle."""
    height, width = ink.mask.shape
    centre = np.array((width / 2, (ink.top + ink.bottom) / 2))
    tall = ink.bottom - ink.top
    matrix = np.array([[stretch, -shear, 0], [rise, 1, 0]], np.float32)
    matrix[:, 2] = centre - matrix[:, :2] @ centre
    lean = round(abs(shear) * tall / 2 + max(stretch - 1, 0) * width / 2)
    mask = np.asarray(cv2.warpAffine(ink.mask, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
    # OpenCV's matrix is one of pixel centres, half a pixel from the edges that points are on.
    edges = matrix.astype(np.float64)
    edges[:, 2] += 0.5 - edges[:, :2] @ (0.5, 0.5)
    moved = ink.move.then(Move((lambda points: geometry.transform(points, edges),)))
    return replace(ink, mask=mask, end=min(ink.end + lean, width), move=moved)


def focus(ink: Ink, first: int, count: int) -> Ink:
    """The same line with its ends at those of ``count`` characters from ``first`` on: a word is cut out of it then.

    ``quads`` are those of these characters; the others' ink may stand at the edges, as it does in a detector's crops.
    """
    quads = ink.quads[first : first + count]
    left, end = float(quads[..., 0].min()), float(quads[..., 0].max())
    mask = ink.mask.copy()
    # A word detector rarely lets more than an edge of the next word in.
    reach = round(0.3 * (ink.bottom - ink.top))
    mask[:, : max(0, int(left) - reach)] = 0
    mask[:, int(np.ceil(end)) + reach :] = 0
    return replace(ink, mask=mask, left=int(left), end=int(np.ceil(end)), cells=lambda: quads, move=Move())


def crop(rng: Rng, ink: Ink, tidy: bool, squeeze: Effect | None = None, start: int | None = None) -> Ink:
    """Cut the line out about as loosely as the reader does, and squeeze or widen it sometimes.

    ``squeeze`` holds factors of the width, used instead of the usual habit; ``start`` is the column where the line
    begins, sought in the ink where it is not given.
    """
    top, bottom, end = ink.top, ink.bottom, ink.end
    tall = bottom - top
    columns = ink.mask[top:bottom].max(0) if bottom > top else ink.mask.max(0)
    if start is None:
        # The thinnest strokes at the least sizes are faint throughout: half their own depth is where they begin.
        start = int(np.argmax(columns > columns.max() / 2))
    start = max(0, min(start, end - 1))
    above, below = (np.full(2, 0.08) if tidy else np.clip(rng.normal(0.08, 0.07, 2), -0.05, 0.3)) * tall
    left, right = (np.full(2, 0.15) if tidy else np.clip(rng.normal(0.16, 0.13, 2), -0.01, 0.8)) * tall
    y0, y1 = max(0, round(top - above)), min(ink.mask.shape[0], round(bottom + below))
    x0, x1 = max(0, round(start - left)), min(ink.mask.shape[1], round(end + right))
    out = ink.mask[y0 : max(y1, y0 + 4), x0 : max(x1, x0 + 4)]
    factor = 1.0
    if squeeze is not None:
        factor = amount(rng, squeeze, 1.0)
    elif not tidy and rng.random() < 0.35:
        factor = float(np.exp(rng.normal(0, 0.13)))
    old = out.shape[1]
    wide = max(4, round(old * factor))
    if factor != 1:
        out = np.asarray(cv2.resize(out, (wide, out.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)
    shift, scale = np.array([x0, y0]), np.array([out.shape[1] / old, 1.0])
    return replace(ink, mask=out, move=ink.move.then(Move((lambda points: (points - shift) * scale,))))


def on_paper(rng: Rng, ink: Image, tidy: bool) -> Image:
    """Set the mask of ink on paper: dark on light mostly, light on dark, any contrast down to faint."""
    if tidy:
        return np.asarray(255 - ink, np.uint8)
    light, dark = float(rng.uniform(170, 256)), float(rng.uniform(0, 110))
    if rng.random() < 0.08:
        light = dark + float(rng.uniform(35, 90))
    paper, pen = (light, dark) if rng.random() < 0.88 else (dark, light)
    if rng.random() >= 0.08:
        # One level everywhere: what a depth of ink gives is looked up.
        return np.asarray(cv2.LUT(ink, _blend(np.full(256, paper, np.float32), np.arange(256, dtype=np.uint8), pen)))
    # A picture or a gradient behind the text, kept apart from the ink in grey.
    ground = np.full(ink.shape, paper, np.float32)
    cells = rng.random((int(rng.integers(2, 5)), int(rng.integers(2, 12))), dtype=np.float32) - 0.5
    clouds = cv2.resize(cells, (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_CUBIC)
    ground += clouds * np.float32(abs(paper - pen) * float(rng.uniform(0.2, 0.9)))
    return _blend(ground, ink, pen)


def _blend(ground: NDArray[np.float32], ink: Image, pen: float) -> Image:
    cover = ink.astype(np.float32) / 255
    return np.clip(ground * (1 - cover) + pen * cover, 0, 255).astype(np.uint8)
