"""Glyphs as distance maps, cut into the jamo of their syllable: what handwriting is bent out of.

A distance map holds, at every pixel, how far the nearest edge of the ink is, so that strokes can be made thicker or
thinner by any part of a pixel, differently in every place, after they have been bent. Maps are kept: a glyph is
drawn by its font once and written many times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun import hangul
from geulnun.synth.fonts import Face

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

#: Em sizes in pixels at which distance maps are kept; a glyph is written from the least one that is not smaller.
MASTERS = (24, 48, 96, 192)
#: Value of a map at the ink's edge; more is ink.
EDGE = 128
#: Em that a map reaches to each side of the edge, and that are kept around the ink: no stroke grows further.
REACH = 1 / 6
#: Steps of a map per em.
STEPS = 127 / REACH
#: Glyphs kept of each face and master size, the latest used: common syllables are few.
_KEPT = 600
#: A lone component of fewer pixels (at twice the master) is dirt or a dot and follows its neighbour.
_LEAST = 12

#: Medials that stand to the right of the initial, and those that lie under it; the others do both.
UPRIGHT = frozenset("ㅏㅐㅑㅒㅓㅔㅕㅖㅣ")
LYING = frozenset("ㅗㅛㅜㅠㅡ")


@dataclass(frozen=True, slots=True)
class Part:
    """One jamo of a glyph, or all of it where its ink hangs together.

    Attributes:
        role: "cho", "jung", "jong", or "whole".
        map: uint8 (h, w), `EDGE` at the ink's edge, `STEPS` more per em into the ink.
        x: left edge of the map in master pixels from the glyph's origin (y from its baseline, down).
        y: top edge of the map.
    """

    role: str
    map: Image
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character of a face at a master size: its parts, its advance and its ink's box, all in master pixels.

    ``box`` is x0, y0, x1, y1 from the origin on the baseline, y down.
    """

    parts: tuple[Part, ...]
    advance: float
    box: tuple[float, float, float, float]


def master_of(size: float) -> int:
    """The master size from which ``size`` is written."""
    return next((master for master in MASTERS if master >= size), MASTERS[-1])


def glyph(face: Face, char: str, master: int) -> Glyph:
    """The glyph of ``char``, drawn once; one that is blank has no parts."""
    shelf = _shelf(face, master)
    # Taken out and put back: the first of a full shelf is the one that was not used for longest.
    known = shelf.pop(char, None) or _draw(face, char, master)
    shelf[char] = known
    if len(shelf) > _KEPT:
        del shelf[next(iter(shelf))]
    return known


@lru_cache(maxsize=64)
def _shelf(face: Face, master: int) -> dict[str, Glyph]:
    return {}


def _draw(face: Face, char: str, master: int) -> Glyph:
    font = face.at(2 * master)
    advance = float(font.getlength(char)) / 2
    x0, y0, x1, y1 = (int(edge) for edge in font.getbbox(char, anchor="ls"))
    margin = 2 * (master // 6)
    # The sheet is even in both directions and begins at an even pixel, so that halving it moves nothing.
    left, top = x0 - margin - x0 % 2, y0 - margin - y0 % 2
    width, height = x1 - left + margin + 2, y1 - top + margin + 2
    sheet = PilImage.new("L", (width + width % 2, height + height % 2), 0)
    ImageDraw.Draw(sheet).text((-left, -top), char, font=font, fill=255, anchor="ls")
    ink = cv2.threshold(np.asarray(sheet, np.uint8), 127, 1, cv2.THRESH_BINARY)[1].astype(np.uint8, copy=False)
    x, y, w, h = cv2.boundingRect(ink)
    if not w:
        return Glyph((), advance, (0.0, 0.0, 0.0, 0.0))
    box = ((left + x) / 2, (top + y) / 2, (left + x + w) / 2, (top + y + h) / 2)
    parts = tuple(_part(role, mask, left, top, master) for role, mask in _jamo(char, ink))
    return Glyph(parts, advance, box)


def _part(role: str, mask: Image, left: int, top: int, master: int) -> Part:
    """The distance map of a mask at twice the master, cut to its ink and margin."""
    margin = 2 * (master // 6)
    x, y, w, h = cv2.boundingRect(mask)
    x0, y0 = max(x - x % 2 - margin, 0), max(y - y % 2 - margin, 0)
    x1, y1 = min(x + w + w % 2 + margin, mask.shape[1]), min(y + h + h % 2 + margin, mask.shape[0])
    cut = mask[y0 : y1 - (y1 - y0) % 2, x0 : x1 - (x1 - x0) % 2]
    inside = cv2.distanceTransform(cut, cv2.DIST_L2, 3)
    outside = cv2.distanceTransform(1 - cut, cv2.DIST_L2, 3)
    half = (cut.shape[1] // 2, cut.shape[0] // 2)
    # Distances are between pixel centres: the edge lies half a pixel before the first pixel of the other side.
    signed = cv2.resize(inside - outside - cut + np.float32(0.5), half, interpolation=cv2.INTER_AREA)
    steps = cv2.convertScaleAbs(np.clip(signed * np.float32(STEPS / 2 / master) + np.float32(EDGE), 0, 255))
    return Part(role, np.asarray(steps, np.uint8), (left + x0) / 2, (top + y0) / 2)


def _jamo(char: str, ink: Image) -> list[tuple[str, Image]]:
    """Cut a syllable's ink into its jamo where its strokes do not touch; other characters stay whole."""
    if not hangul.is_syllable(char):
        return [("whole", ink)]
    count, labels, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    if count < 3:
        return [("whole", ink)]
    jamo = hangul.split(char)
    x0, y0, x1, y1 = _extent(stats[1:])
    roles: list[str] = []
    for at in range(1, count):
        u = (centres[at, 0] - x0) / max(x1 - x0, 1)
        v = (centres[at, 1] - y0) / max(y1 - y0, 1)
        roof = (stats[at, cv2.CC_STAT_TOP] - y0) / max(y1 - y0, 1)
        roles.append(_role(hangul.JUNG[jamo.jung], bool(jamo.jong), u, v, roof))
    _adopt_dots(roles, stats[1:], centres[1:])
    table = np.zeros(count, np.uint8)
    out: list[tuple[str, Image]] = []
    for role in ("cho", "jung", "jong"):
        if role in roles:
            table[1:] = [given == role for given in roles]
            out.append((role, table[labels]))
    return out if len(out) > 1 else [("whole", ink)]


def _extent(stats: NDArray[Any]) -> tuple[int, int, int, int]:
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    return int(left.min()), int(top.min()), int(right.max()), int(bottom.max())


def _role(jung: str, has_jong: bool, u: float, v: float, roof: float) -> str:
    """Which jamo a component is, from where its centre (u, v) and its roof lie in the syllable (0..1)."""
    if has_jong and v > 0.6 and roof > 0.42:
        return "jong"
    if jung in UPRIGHT:
        return "jung" if u > 0.56 else "cho"
    floor = 0.36 if has_jong else 0.52
    if jung in LYING:
        return "jung" if v > floor else "cho"
    return "jung" if u > 0.62 or v > floor + 0.12 else "cho"


def _adopt_dots(roles: list[str], stats: NDArray[Any], centres: NDArray[Any]) -> None:
    """Give specks the role of their nearest neighbour of some size."""
    areas = stats[:, cv2.CC_STAT_AREA]
    large = np.flatnonzero(areas >= _LEAST)
    if not len(large):
        return
    for at in np.flatnonzero(areas < _LEAST):
        nearest = large[np.argmin(((centres[large] - centres[at]) ** 2).sum(1))]
        roles[int(at)] = roles[int(nearest)]
