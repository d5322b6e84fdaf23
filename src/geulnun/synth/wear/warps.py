"""Geometry: sheets turned, photographed aslant, curled, waved, stretched; each gives the image and where points went.

Images are uint8, grey (h, w) or RGB (h, w, 3). The canvas of the result holds the whole sheet, so it may be larger.
What lies beyond the sheet has the tone ``fill``, or repeats the sheet's edge where that is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun import geometry
from geulnun.synth.wear.fields import Floats, Image, Rng, Tone, levels_of, u8

Field = NDArray[np.float32]
Step = Callable[[Floats], Floats]
#: Pixel centres lie half a pixel from the edges that quads live on.
_HALF = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])


@dataclass(frozen=True, slots=True)
class Move:
    """Where points go: called with points (..., 2) on the pixel edges of the image before, gives those of the result.

    Attributes:
        steps: what is done to points (n, 2), one after another; none where nothing moved.
    """

    steps: tuple[Step, ...] = ()

    @property
    def still(self) -> bool:
        """True where every point stays."""
        return not self.steps

    def __call__(self, points: ArrayLike) -> Floats:
        """Move points (..., 2); the shape stays."""
        array = np.asarray(points, np.float64)
        flat = array.reshape(-1, 2)
        for step in self.steps:
            flat = step(flat)
        return flat.reshape(array.shape)

    def then(self, other: Move) -> Move:
        """This move and another one after it."""
        return Move(self.steps + other.steps)


def homography(image: Image, matrix: ArrayLike, size: tuple[int, int], fill: Tone | None = None) -> tuple[Image, Move]:
    """Apply an affine (2, 3) or projective (3, 3) matrix, on pixel edges, onto a canvas of ``size`` (width, height)."""
    full = np.eye(3)
    given = np.asarray(matrix, np.float64)
    full[: given.shape[0]] = given
    centred = np.linalg.inv(_HALF) @ full @ _HALF
    if np.allclose(centred[2], (0, 0, 1)):
        out = cv2.warpAffine(image, centred[:2], size, flags=cv2.INTER_LINEAR, **_border(image, fill))
    else:
        out = cv2.warpPerspective(image, centred, size, flags=cv2.INTER_LINEAR, **_border(image, fill))
    return u8(out), Move((lambda points: geometry.transform(points, full),))


def rotate(image: Image, degrees: float, fill: Tone | None = None) -> tuple[Image, Move]:
    """Turn clockwise by ``degrees``."""
    height, width = image.shape[:2]
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ matrix.T
    size = np.ceil(np.round(np.ptp(corners, axis=0), 6)).astype(int)
    shift = (size - np.ptp(corners, axis=0)) / 2 - corners.min(0)
    return homography(image, np.column_stack([matrix, shift]), (int(size[0]), int(size[1])), fill)


def perspective(image: Image, corners: ArrayLike, fill: Tone | None = None) -> tuple[Image, Move]:
    """Move the sheet's corners to ``corners`` (4, 2), clockwise from the top-left; the canvas begins at the least x, y.

    Raises:
        ValueError: the corners are no convex quadrilateral.
    """
    target = np.asarray(corners, np.float64).reshape(4, 2)
    side = np.roll(target, -1, 0) - target
    after = np.roll(side, -1, 0)
    if (side[:, 0] * after[:, 1] - side[:, 1] * after[:, 0] <= 1e-6).any():
        raise ValueError(f"corners {target.tolist()}; expected a convex quadrilateral, clockwise from the top-left")
    target = target - target.min(0)
    height, width = image.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    matrix = _solve(source, target)
    size = np.maximum(np.ceil(np.round(target.max(0), 6)).astype(int), 1)
    return homography(image, matrix, (int(size[0]), int(size[1])), fill)


def wave(image: Image, rise: float, length: float, phase: float = 0.0, fill: Tone | None = None) -> tuple[Image, Move]:
    """Lift and lower columns by a sine: ``rise`` pixels to each side of rest, ``length`` pixels a wave."""
    turns = 2 * np.pi / max(length, 1e-3)
    pad = int(np.ceil(abs(rise)))

    def lift(x: Floats) -> Floats:
        return np.asarray(pad + rise * np.sin(x * turns + phase))

    def forward(points: Floats) -> Floats:
        return np.stack([points[:, 0], points[:, 1] + lift(points[:, 0])], 1)

    height, width = image.shape[:2]
    xs = np.arange(width, dtype=np.float64) + 0.5
    return _columns(image, xs, lift(xs), height + 2 * pad, fill), Move((forward,))


def curl(
    image: Image, rise: float, reach: float, left: bool = True, shade: float = 0.0, fill: Tone | None = None
) -> tuple[Image, Move]:
    """A book's page that dives into its spine.

    Args:
        image: the sheet, lying flat.
        rise: how far lines of text bend at the spine, in pixels (down where positive).
        reach: over how many pixels from the spine the sheet is curved.
        left: whether the spine is at the left edge.
        shade: how dark it is at the spine, 0..1.
        fill: what lies beyond the sheet.
    """
    height, width = image.shape[:2]
    edges = np.arange(width + 1, dtype=np.float64)
    away = edges if left else width - edges
    fall = np.exp(-away / max(reach, 1e-3))
    # The steeper the sheet, the less of its width is seen: by the cosine of the slope of a dive twice as deep.
    slope = 2 * abs(rise) / max(reach, 1e-3) * fall
    seen = 1 / np.sqrt(1 + ((slope[1:] + slope[:-1]) / 2) ** 2)
    across = np.concatenate([[0.0], np.cumsum(seen)])
    lifts = rise * fall + max(-rise, 0.0)
    columns = max(1, int(np.ceil(np.round(across[-1], 6))))

    def forward(points: Floats) -> Floats:
        x = points[:, 0]
        # Beyond the sheet's edges a point keeps its distance from them.
        beyond = np.minimum(x, 0) + np.maximum(x - width, 0)
        return np.stack([np.interp(x, edges, across) + beyond, points[:, 1] + np.interp(x, edges, lifts)], 1)

    centres = np.arange(columns) + 0.5
    source = np.interp(centres, across, edges)
    rows = height + int(np.ceil(abs(rise)))
    out = _columns(image, source, np.interp(source, edges, lifts), rows, fill)
    if shade > 0:
        dark = np.round(255 * (1 - shade * np.interp(source, edges, fall) ** 2)).astype(np.uint8)
        plane = np.ascontiguousarray(np.broadcast_to(dark[None, :, None], (rows, columns, 3)))
        out = u8(cv2.multiply(out, plane if image.ndim == 3 else np.ascontiguousarray(plane[..., 0]), scale=1 / 255))
    return out, Move((forward,))


def elastic(image: Image, amount: float, cell: float, rng: Rng, fill: Tone | None = None) -> tuple[Image, Move]:
    """Stretch and squeeze by a smooth random field of about ``amount`` pixels, with bumps of ``cell`` pixels.

    ``cell`` is at least 5 times ``amount``, or the sheet would fold over itself; it is raised to that.
    """
    height, width = image.shape[:2]
    cell = max(cell, 5 * amount, 4.0)
    pad = int(np.ceil(2 * amount))
    rows, columns = height + 2 * pad, width + 2 * pad
    bumps = rng.standard_normal((int(np.ceil(rows / cell)) + 1, int(np.ceil(columns / cell)) + 1, 2), np.float32)
    most = np.float32(2 * amount)
    bumps = np.clip(bumps * np.float32(amount), -most, most)
    step = max(1.0, cell / 4)
    grid = max(2, int(np.ceil(columns / step))), max(2, int(np.ceil(rows / step)))
    # Linear between points a quarter of a bump apart, for pixels and points alike.
    shifts: Field = np.clip(cv2.resize(bumps, grid, interpolation=cv2.INTER_CUBIC), -most, most).astype(np.float32)
    full = cv2.resize(shifts, (columns, rows), interpolation=cv2.INTER_LINEAR)
    map_x = full[..., 0] + (np.arange(columns, dtype=np.float32) - pad)[None]
    map_y = full[..., 1] + (np.arange(rows, dtype=np.float32) - pad)[:, None]
    out = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, **_border(image, fill))

    def forward(points: Floats) -> Floats:
        # The field tells where a place of the result comes from; the way back is found by iteration.
        landed = points + pad
        for _ in range(12):
            landed = points + pad - _sample(shifts, landed, (columns, rows))
        return landed

    return u8(out), Move((forward,))


def _sample(field: Field, points: Floats, size: tuple[int, int]) -> Floats:
    """The field (r, c, 2), stretched over a canvas of ``size`` (width, height) as cv2.resize does, at points (n, 2)."""
    rows, columns = field.shape[:2]
    x = np.clip(points[:, 0] * columns / size[0] - 0.5, 0, columns - 1)
    y = np.clip(points[:, 1] * rows / size[1] - 0.5, 0, rows - 1)
    x0, y0 = np.minimum(x.astype(int), columns - 2), np.minimum(y.astype(int), rows - 2)
    fx, fy = (x - x0)[:, None], (y - y0)[:, None]
    upper = field[y0, x0] * (1 - fx) + field[y0, x0 + 1] * fx
    lower = field[y0 + 1, x0] * (1 - fx) + field[y0 + 1, x0 + 1] * fx
    return np.asarray(upper * (1 - fy) + lower * fy, np.float64)


def _columns(image: Image, source: Floats, lifts: Floats, rows: int, fill: Tone | None) -> Image:
    """Draw each column from ``source`` (edge coordinates of the image), moved down by ``lifts``."""
    map_x = np.ascontiguousarray(np.broadcast_to((source - 0.5).astype(np.float32), (rows, len(source))))
    map_y = np.arange(rows, dtype=np.float32)[:, None] - lifts.astype(np.float32)[None]
    return u8(cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, **_border(image, fill)))


class _Border(TypedDict):
    """What OpenCV's warps take for the pixels beyond an image."""

    borderMode: int
    borderValue: tuple[float, ...]


def _border(image: Image, fill: Tone | None) -> _Border:
    if fill is None:
        return {"borderMode": cv2.BORDER_REPLICATE, "borderValue": (0.0,)}
    return {"borderMode": cv2.BORDER_CONSTANT, "borderValue": tuple(float(v) for v in levels_of(image, fill))}


def _solve(source: Floats, target: Floats) -> Floats:
    """The projective (3, 3) matrix that takes four points (4, 2) to four others."""
    (x, y), (u, v), zero, one = source.T, target.T, np.zeros(4), np.ones(4)
    first = np.stack([x, y, one, zero, zero, zero, -u * x, -u * y], 1)
    second = np.stack([zero, zero, zero, x, y, one, -v * x, -v * y], 1)
    solved = np.linalg.solve(np.concatenate([first, second]), np.concatenate([u, v]))
    return np.append(solved, 1.0).reshape(3, 3)
