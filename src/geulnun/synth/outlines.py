"""A second renderer, independent of Pillow and FreeType: characters filled from their outlines, to check the first by.

A character goes through the font file's cmap to its glyph (glyf with composites and variations, or CFF), its curves are
cut into lines, and the non-zero winding rule says which samples are ink. What Pillow drew is then held against it: what
either has beyond the reach of hinting from the other counts as difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.errors import UsageError
from geulnun.synth.fonts import Face

Rng = np.random.Generator
Points = NDArray[np.float64]

#: Em size in pixels at which both renderers draw: large enough that hinting moves less than `REACH`.
SIZE = 256
#: How far, in pixels at `SIZE`, an edge may lie from where the outline has it.
REACH = 2
#: Distance from which two drawings are of different characters. Measured over eleven families: 0 for the same
#: character, at least 0.005 for syllables that differ in one jamo, 0.005 for 를 and 틀 in the blackest face.
LIMIT = 0.002
#: Lines that a curve is cut into, and samples a pixel has each way.
_STEPS, _SAMPLES = 8, 2


def outline(face: Face, char: str) -> list[Points]:
    """Closed contours of a character, flattened: each (n, 2) in font units, y up.

    An empty list where the font has no glyph for it, an empty one, or only .notdef or its likeness.
    """
    font = _opened(face)
    name = font.cmap.get(ord(char))
    if name is None or name == font.order[0]:
        return []
    contours = font.contours(name)
    missing = font.contours(font.order[0])
    if len(contours) == len(missing) and all(map(np.array_equal, _placed(contours), _placed(missing))):
        return []
    return contours


def _placed(contours: Sequence[Points]) -> list[Points]:
    """The contours moved to the origin, so that side bearings do not tell two boxes apart."""
    corner = np.concatenate(contours).min(0) if contours else 0.0
    return [points - corner for points in contours]


def filled(contours: Sequence[Points], scale: float) -> tuple[NDArray[np.bool_], float, float]:
    """Fill contours by the non-zero winding rule.

    Args:
        contours: Closed contours in font units, y up.
        scale: Pixels a font unit.

    Returns:
        bool (h, w), True for ink, with a margin of `REACH` + 1 pixels; and where its left edge and its bottom edge lie
        in pixels from the origin of the glyph.
    """
    margin = REACH + 1
    everything = np.concatenate(contours) * scale
    low = np.floor(everything.min(0)) - margin
    high = np.ceil(everything.max(0)) + margin
    width, height = (int(side) for side in high - low)
    turns = np.zeros((height * _SAMPLES, width * _SAMPLES + 1), np.int32)
    for points in contours:
        _wind(turns, (points * scale - low) * _SAMPLES)
    inside = np.cumsum(turns, 1)[:, :-1] != 0
    shares = inside.reshape(height, _SAMPLES, width, _SAMPLES).mean((1, 3))
    # Rows were counted upwards; pictures count them downwards.
    return shares[::-1] > 0.5, float(low[0]), float(low[1])


def _wind(turns: NDArray[np.int32], points: Points) -> None:
    """Count, at the first sample right of each crossing, how a contour crosses the rows of samples: up 1, down -1."""
    start, end = points, np.roll(points, -1, 0)
    first = np.ceil(np.minimum(start[:, 1], end[:, 1]) - 0.5).astype(int)
    last = np.ceil(np.maximum(start[:, 1], end[:, 1]) - 0.5).astype(int)
    counts = last - first
    edge = np.repeat(np.arange(len(points)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    a, b = start[edge], end[edge]
    x = a[:, 0] + (row + 0.5 - a[:, 1]) / (b[:, 1] - a[:, 1]) * (b[:, 0] - a[:, 0])
    column = np.clip(np.ceil(x - 0.5).astype(int), 0, turns.shape[1] - 1)
    np.add.at(turns, (row, column), np.where(b[:, 1] > a[:, 1], 1, -1))


def picture(face: Face, char: str, size: int = SIZE) -> NDArray[np.bool_]:
    """The character as its outline has it, at ``size`` pixels, cut to its ink; (0, 0) where there is none."""
    contours = outline(face, char)
    if not contours:
        return np.zeros((0, 0), bool)
    return _cut(filled(contours, size / _opened(face).units)[0])


def drawn(face: Face, char: str, size: int = SIZE) -> NDArray[np.bool_]:
    """The character as the synthetic pages have it, through Pillow, at ``size`` pixels, cut to its ink."""
    mask = face.at(size).getmask(char, mode="L")
    pixels = np.asarray(mask, np.uint8).reshape(mask.size[1], mask.size[0])
    return _cut(pixels > 127)


def distance(first: NDArray[np.bool_], second: NDArray[np.bool_], reach: int = REACH) -> float:
    """How far two cut drawings of one size are from the same character: 0 the same, 1 nothing in common.

    The larger share, of either's ink, that lies further than ``reach`` pixels from the other's ink, at the best of the
    small shifts by which hinting may have moved one against the other.
    """
    if not first.size or not second.size:
        return 1.0
    spread = [a - b for a, b in zip(first.shape, second.shape, strict=True)]
    if max(map(abs, spread)) > 6 * reach:
        return 1.0
    best = 1.0
    for down in sorted({0, spread[0] // 2, spread[0]}):
        for right in sorted({0, spread[1] // 2, spread[1]}):
            best = min(best, _beyond(first, second, down, right, reach))
    return best


def _beyond(first: NDArray[np.bool_], second: NDArray[np.bool_], down: int, right: int, reach: int) -> float:
    margin = 7 * reach
    height, width = (max(a, b) + 2 * margin for a, b in zip(first.shape, second.shape, strict=True))
    a, b = (np.zeros((height, width), np.uint8) for _ in range(2))
    a[margin : margin + first.shape[0], margin : margin + first.shape[1]] = first
    top, left = margin + down, margin + right
    b[top : top + second.shape[0], left : left + second.shape[1]] = second
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    over = np.count_nonzero(a & ~(cv2.dilate(b, kernel) > 0)) / np.count_nonzero(a)
    under = np.count_nonzero(b & ~(cv2.dilate(a, kernel) > 0)) / np.count_nonzero(b)
    return max(over, under)


def check(face: Face, char: str) -> float:
    """The distance between what Pillow draws for a character and what the font's outline is; below `LIMIT`, the same.

    Hinting moves strokes by pixels, whatever the size: what differs is looked at again twice as large, where the same
    pixels are half as much.
    """
    found = 1.0
    for scale in (1, 2):
        size, reach = SIZE * scale, REACH * scale
        found = min(found, distance(drawn(face, char, size), picture(face, char, size), reach))
        if found < LIMIT:
            break
    return found


@dataclass(frozen=True)
class Survey:
    """What a check of many characters found.

    Attributes:
        checked: how many (face, character) pairs were drawn by both renderers.
        differing: those at `LIMIT` or beyond: face, character, distance.
        largest: the largest distance below `LIMIT`.
    """

    checked: int
    differing: tuple[tuple[str, str, float], ...]
    largest: float


def survey(faces: Sequence[Face], rng: Rng, count: int, alphabet: Sequence[str]) -> Survey:
    """Check ``count`` random pairs of a face and a character of ``alphabet`` that the face claims to draw.

    Raises:
        UsageError: there are no faces, or one of them draws nothing of the alphabet.
    """
    if not faces:
        raise UsageError("no faces to check; run `geulnun fonts fetch`")
    differing, largest, checked = [], 0.0, 0
    # A face at a time, as opening an outline takes longer than drawing from it.
    for at, share in enumerate(np.bincount(rng.integers(0, len(faces), count), minlength=len(faces))):
        face = faces[at]
        known = [char for char in alphabet if face.draws(char) and char != " "] if share else []
        if share and not known:
            raise UsageError(f"{face.name}: draws nothing of the alphabet; choose another face")
        for _ in range(share):
            char = known[int(rng.integers(len(known)))]
            found = check(face, char)
            checked += 1
            if found < LIMIT:
                largest = max(largest, found)
            else:
                differing.append((face.name, char, float(found)))
    return Survey(checked, tuple(differing), largest)


class _Font:
    """A font file opened by fontTools, with the glyphs of one place on its axes."""

    def __init__(self, face: Face) -> None:
        from fontTools.ttLib import TTFont

        # A WOFF2 as it was unpacked by this very library: to unpack it anew takes seconds and shows nothing new.
        self._font = TTFont(str(face.file), fontNumber=face.index, lazy=True)
        self._glyphs = self._font.getGlyphSet(location=dict(face.axes) or None)
        self.cmap: dict[int, str] = self._font.getBestCmap()
        self.order: list[str] = self._font.getGlyphOrder()
        self.units: int = self._font["head"].unitsPerEm

    def contours(self, name: str) -> list[Points]:
        pen = _pen(self._glyphs)
        self._glyphs[name].draw(pen)
        return [np.array(points, float) for points in pen.contours if len(points) > 2]


@lru_cache(maxsize=2)
def _opened(face: Face) -> _Font:
    return _Font(face)


def _pen(glyphs: Any) -> Any:
    """A pen that keeps contours as lines; composites and implied points are undone by its base."""
    from fontTools.pens.basePen import BasePen

    class Pen(BasePen):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(glyphs)
            self.contours: list[list[tuple[float, float]]] = []

        def _moveTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
            self.contours.append([pt])

        def _lineTo(self, pt: tuple[float, float]) -> None:  # noqa: N802
            self.contours[-1].append(pt)

        def _curveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
            self._cut(self.contours[-1][-1], *points)

        def _qCurveToOne(self, *points: tuple[float, float]) -> None:  # noqa: N802
            self._cut(self.contours[-1][-1], *points)

        def _cut(self, *points: tuple[float, float]) -> None:
            """Cut a Bézier curve into lines by de Casteljau's construction."""
            for step in range(1, _STEPS + 1):
                t, level = step / _STEPS, list(points)
                while len(level) > 1:
                    level = [(a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) for a, b in pairwise(level)]
                self.contours[-1].append(level[0])

    return Pen()


def _cut(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return np.zeros((0, 0), bool)
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
