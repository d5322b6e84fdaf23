"""Handwriting: text written by a `Writer` with the glyphs of a font.

Each character is bent anew, so no two of one kind are the same: placed, sized, leant and turned by the writer's habits;
its jamo moved and sized one by one where the font's strokes do not touch; every stroke bent by a smooth field. Strokes
then get the width, pressure and texture of the tool. What a font cannot give stays as it is: the order and the form of
strokes are the font's, so letters are only as cursive as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.synth import penwork
from geulnun.synth.fonts import Face
from geulnun.synth.ruled import ruling
from geulnun.synth.strokes import EDGE, STEPS, Glyph, glyph, master_of
from geulnun.synth.writers import TOOLS, Tool, Writer, draw_writer

__all__ = ["TOOLS", "Tool", "Writer", "Written", "draw_writer", "ruling", "write"]

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Rng = np.random.Generator
#: Its ink spans what Korean lines span, whatever the line itself holds.
REFERENCE = "한글"
#: Control points of the bending field along each side of a patch, one beyond each end among them.
_KNOTS = 7
#: A smooth field through random knots is flatter than the knots: this gives it their spread back.
_KNOT_GAIN = 1.7
#: Pixels of clear paper around all ink.
_CLEAR = 2


@dataclass(frozen=True, slots=True)
class Written:
    """A written line.

    Attributes:
        ink: mask uint8 (h, w), 255 where ink covers the paper.
        quads: (n, 4, 2) of the characters in order, spaces left out, in pixels of ``ink``. Each holds all ink of its
            character; along the line it reaches from the pen's place to its next one, across it spans what "한글"
            spans there.
        baseline: y of the baseline at the line's left end.
        top: y of the line's upper edge: the least of its ink and of "한글" on the baseline.
        bottom: y of its lower edge.
        left: x where the text begins.
        right: x where it ends.
    """

    ink: Image
    quads: Floats
    baseline: float
    top: float
    bottom: float
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the n glyphs of a line go, on a canvas whose baseline begins at (0, 0).

    Attributes:
        glyphs: the glyphs.
        middle: middles of their ink (n, 2), master pixels from the glyph's origin.
        centre: where those come to lie (n, 2).
        linear: (n, 2, 2), from master pixels to pixels.
        cells: x where the pen begins and ends each character (n, 2).
        up: how far each stands below the baseline (n,).
    """

    glyphs: list[Glyph]
    middle: Floats
    centre: Floats
    linear: Floats
    cells: Floats
    up: Floats


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A bent part: its distance map and its top-left pixel on the canvas; which character it is of."""

    map: Image
    x: int
    y: int
    char: int


def write(
    text: str, faces: Face | Mapping[str, Face], size: float, writer: Writer, rng: Rng, cell: float | None = None
) -> Written:
    """Write one line of text by hand.

    Args:
        text: what to write; spaces part words, other white space is not allowed.
        faces: the face of all characters, or of each one.
        size: em size in pixels, 6 at least.
        writer: the hand.
        rng: source of every chance.
        cell: side in pixels of the squares of manuscript paper, one for each character and space; None for plain text.

    Raises:
        ValueError: nothing to write, a character that its face does not draw, or a size below 6.
    """
    if size < 6 or not text.strip(" "):
        raise ValueError(f"{text!r} at {size:g} px; expected some characters and a size of 6 or more")
    master = master_of(size)
    places = _lay(
        [None if char == " " else _glyph(char, faces, master) for char in text], size, master, writer, rng, cell
    )
    stamps = _bend(places, writer, rng, master)
    left = min(stamp.x for stamp in stamps) - _CLEAR
    top = min(stamp.y for stamp in stamps) - _CLEAR
    width = max(stamp.x + stamp.map.shape[1] for stamp in stamps) + _CLEAR - left
    height = max(stamp.y + stamp.map.shape[0] for stamp in stamps) + _CLEAR - top
    canvas = np.zeros((height, width), np.uint8)
    for stamp in stamps:
        into = canvas[stamp.y - top :, stamp.x - left :][: stamp.map.shape[0], : stamp.map.shape[1]]
        np.maximum(into, stamp.map, out=into)
    strokes = penwork.draw(canvas, size, writer, rng)
    if writer.join:
        _join(strokes.ink, stamps, (left, top), strokes.half, size, writer, rng)
    above, below = _reference(faces, text, master, size / master)
    quads = _quads(stamps, places, strokes.reach * STEPS / size, above, below) - (left, top)
    upper = min(float(quads[..., 1].min()), above - top)
    lower = max(float(quads[..., 1].max()), below - top)
    start, end = places.cells[0, 0] - left, places.cells[-1, 1] - left
    return Written(strokes.ink, quads, -float(top), upper, lower, float(start), float(end))


def _glyph(char: str, faces: Face | Mapping[str, Face], master: int) -> Glyph:
    face = faces.get(char) if isinstance(faces, Mapping) else faces
    drawn = glyph(face, char, master) if face is not None and face.draws(char) else None
    if drawn is None or not drawn.parts:
        raise ValueError(f"{char!r} is drawn by no given face; leave it out or give a face that has it")
    return drawn


def _reference(faces: Face | Mapping[str, Face], text: str, master: int, scale: float) -> tuple[float, float]:
    """Top and bottom of "한글" relative to the baseline, of the text's own characters where no face has it."""
    listed = list(dict.fromkeys(faces.values())) if isinstance(faces, Mapping) else [faces]
    face = next((face for face in listed if all(map(face.draws, REFERENCE))), None)
    if face is not None:
        boxes = [glyph(face, char, master).box for char in REFERENCE]
    else:
        boxes = [_glyph(char, faces, master).box for char in text if char != " "]
    return min(box[1] for box in boxes) * scale, max(box[3] for box in boxes) * scale


def _lay(drawn: list[Glyph | None], size: float, master: int, writer: Writer, rng: Rng, cell: float | None) -> _Places:
    """Place glyphs (None for a space) along a wandering baseline that begins at (0, 0)."""
    chance = rng.standard_normal((len(drawn), 6))
    wander = _wander(chance[:, 5])
    inked = np.array([at for at, one in enumerate(drawn) if one is not None])
    glyphs = [one for one in drawn if one is not None]
    box = np.array([one.box for one in glyphs])
    lean, turn, grow, jump, track, _ = chance[inked].T
    high = size / master * np.maximum(0.6, 1 + writer.size_spread * grow)
    wide = high * writer.aspect
    advance = np.array([one.advance for one in glyphs]) * wide
    step = writer.even * advance + (1 - writer.even) * ((box[:, 2] - box[:, 0]) * wide + 0.12 * size)
    step = np.maximum(step + (writer.tracking + writer.tracking_spread * track) * size, 0.15 * size)
    steps = np.maximum(0.1, writer.space * (1 + writer.space_spread * chance[:, 4])) * size
    steps[inked] = step
    if cell is not None:
        steps[:] = cell
    ends = np.cumsum(steps)
    cells = np.stack([ends - steps, ends], 1)[inked]
    middle = (box[:, :2] + box[:, 2:]) / 2
    # The middle of the ink stands in the middle of the step, but for the font's own bearings where they are kept.
    x = cells.mean(1) + writer.even * (middle[:, 0] * wide - advance / 2)
    up = (writer.drift * wander[inked] + writer.jump * jump) * size + writer.climb * x
    centre = np.stack([x, middle[:, 1] * size / master + up], 1)
    linear = _linear(wide, high, writer.slant + writer.slant_spread * lean, np.radians(writer.turn * turn))
    return _Places(glyphs, middle, centre, linear, cells, up)


def _wander(chance: Floats) -> Floats:
    """A slow walk about 0 with a spread of 1: how far the baseline has strayed at each character."""
    out = np.empty(len(chance))
    here = float(chance[0])
    for at, step in enumerate(chance.tolist()):
        here = 0.9 * here + 0.43 * step
        out[at] = here
    return out


def _linear(wide: Floats, high: Floats, slant: Floats, turn: Floats) -> Floats:
    """Maps (n, 2, 2) of glyphs: scaled, leant (more than 0 to the right) and turned."""
    cos, sin = np.cos(turn), np.sin(turn)
    leant = -slant * high
    rows = [cos * wide, cos * leant - sin * high, sin * wide, sin * leant + cos * high]
    return np.stack(rows, 1).reshape(-1, 2, 2)


def _bend(places: _Places, writer: Writer, rng: Rng, master: int) -> list[_Stamp]:
    """Bend every part of every glyph: its own place and size within the syllable, its own smooth field."""
    parts = [part for one in places.glyphs for part in one.parts]
    count = len(parts)
    char = np.repeat(np.arange(len(places.glyphs)), [len(one.parts) for one in places.glyphs])
    alone = np.bincount(char)[char] == 1
    knots = rng.standard_normal((count, 2, _KNOTS, _KNOTS)) * (_KNOT_GAIN * writer.elastic * master)
    chance = rng.standard_normal((count, 4))
    corner = np.array([(part.x, part.y) for part in parts])
    sides = np.array([part.map.shape[::-1] for part in parts], np.float64)
    middle, linear = places.middle[char], places.linear[char]
    away = corner + sides / 2 - middle
    zoom = np.exp(np.clip(writer.jamo_size * np.where(alone[:, None], 0.5, 1) * chance[:, :2], -0.5, 0.5))
    shift = np.where(alone[:, None], 0.0, writer.jamo * master * chance[:, 2:] - writer.huddle * away)
    # Canvas = matrix @ (pixel of the map) + offset; a part grows about its own middle.
    matrix = linear * zoom[:, None]
    offset = places.centre[char] + _apply(linear, away + shift) - _apply(matrix, sides / 2)
    spans = np.stack([matrix[:, :, 0] * sides[:, :1], matrix[:, :, 1] * sides[:, 1:]], 1)
    low = np.floor(offset + np.minimum(spans, 0).sum(1)).astype(int)
    high = np.ceil(offset + np.maximum(spans, 0).sum(1)).astype(int)
    fields = _knots(knots, np.asarray(np.linalg.inv(matrix)), low - offset, high - offset)
    stamps = []
    for part, (x0, y0), (x1, y1), field, of in zip(
        parts, low.tolist(), high.tolist(), fields, char.tolist(), strict=True
    ):
        map_x, map_y = _basis(y1 - y0) @ field @ _basis(x1 - x0).T
        bent = cv2.remap(part.map, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        stamps.append(_Stamp(np.asarray(bent, np.uint8), x0, y0, of))
    return stamps


def _apply(matrices: Floats, points: Floats) -> Floats:
    """Each of (n, 2, 2) matrices applied to its own of (n, 2) points."""
    return np.asarray((matrices @ points[..., None])[..., 0])


def _knots(noise: Floats, inverse: Floats, low: Floats, high: Floats) -> NDArray[np.float32]:
    """Knots (n, 2, k, k) of the maps from canvas to distance map: affine plus noise; splines keep the affine exactly.

    Args:
        noise: how far each knot strays (n, 2, k, k), in pixels of the distance map, x first; knots lie in rows.
        inverse: (n, 2, 2), from canvas to distance map.
        low: top-left corners of the patches (n, 2), from where the distance map's corner lies.
        high: their bottom-right corners.
    """
    at = (np.arange(_KNOTS) - 1) / (_KNOTS - 3)
    xs = low[:, :1] + (high - low)[:, :1] * at
    ys = low[:, 1:] + (high - low)[:, 1:] * at
    # Pixel centres of the canvas are mapped to pixel centres of the map.
    affine = inverse[:, :, :1, None] * xs[:, None, None, :] + inverse[:, :, 1:, None] * ys[:, None, :, None]
    return np.asarray(affine + noise - 0.5, np.float32)


@lru_cache(maxsize=1024)
def _basis(pixels: int) -> NDArray[np.float32]:
    """Cubic B-spline weights (pixels, knots): knots evenly over the pixels' span, and one beyond each end."""
    at = (np.arange(pixels) + 0.5) / pixels * (_KNOTS - 3) + 1
    away = np.abs(at[:, None] - np.arange(_KNOTS)[None])
    near = 2 / 3 - away**2 + away**3 / 2
    far = np.clip(2 - away, 0, None) ** 3 / 6
    return np.asarray(np.where(away < 1, near, far), np.float32)


def _quads(stamps: list[_Stamp], places: _Places, reach: float, above: float, below: float) -> Floats:
    """Quads of the characters: their cells along the line, what "한글" spans across it, and all of their ink.

    ``reach`` is how far beyond the edge of the maps ink may lie, in steps.
    """
    level = max(EDGE - int(np.ceil(reach)), 1)
    found = [cv2.boundingRect(cv2.threshold(stamp.map, level - 1, 1, cv2.THRESH_BINARY)[1]) for stamp in stamps]
    inked = np.array([(stamp.x + x, stamp.y + y, w, h) for stamp, (x, y, w, h) in zip(stamps, found, strict=True)])
    cells, up = places.cells, places.up
    boxes = np.stack([cells[:, 0], above + up, cells[:, 1], below + up], 1)
    seen = inked[:, 2] > 0
    char = np.array([stamp.char for stamp in stamps])[seen]
    np.minimum.at(boxes[:, :2], char, inked[seen, :2])
    np.maximum.at(boxes[:, 2:], char, inked[seen, :2] + inked[seen, 2:])
    return geometry.from_boxes(boxes)


def _join(
    ink: Image,
    stamps: list[_Stamp],
    origin: tuple[int, int],
    half: float,
    size: float,
    writer: Writer,
    rng: Rng,
) -> None:
    """Draw, into ``ink``, strokes of the unlifted pen from the end of a jamo to the beginning of the next one."""
    for first, second in pairwise(stamps):
        if first.char != second.char or rng.random() >= writer.join:
            continue
        start, end = _corner(first, last=True), _corner(second, last=False)
        gap = float(np.hypot(*(end - start)))
        if not 0.04 * size < gap < 0.4 * size:
            continue
        # The pen leaves in the direction it was going, down to the right, and bends to where it lands.
        bow = (start + end) / 2 + rng.normal(0, 0.06, 2) * gap
        t = np.linspace(0, 1, 6)[:, None]
        path = (1 - t) ** 2 * start + 2 * t * (1 - t) * bow + t**2 * end - origin
        points = np.round(path * 16 - 8).astype(np.int32)
        cv2.polylines(ink, [points], False, int(rng.integers(150, 256)), max(1, round(half)), cv2.LINE_AA, 4)


def _corner(stamp: _Stamp, last: bool) -> Floats:
    """The ink furthest down and right in a part, or furthest up and left: where its writing ends or begins."""
    ys, xs = np.nonzero(stamp.map >= EDGE)
    if not len(xs):
        return np.array([stamp.x, stamp.y], np.float64)
    total = xs + ys
    at = int(np.argmax(total) if last else np.argmin(total))
    return np.array([stamp.x + xs[at] + 0.5, stamp.y + ys[at] + 0.5])
