"""Boards on scenes: a sheet drawn flat is bent, then laid on another in perspective, its truth with it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.geometry import Floats
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Pixels, Sheet
from geulnun.synth.truth import span


def calm(sheet: Sheet, pen: Pen) -> None:
    """Turn what is there into a wall, a street or a desk: a few large dull areas, soft, with a little of its texture.

    To be called before anything is written.
    """
    rng = pen.rng
    height, width = sheet.height, sheet.width
    areas = np.empty((height, width, 3), np.float32)
    areas[:] = _tone(rng)
    for _ in range(int(rng.integers(0, 5))):
        # Sky over a roof, a wall beside another, a pavement: areas end at the edge of what is seen.
        x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        part = (areas[y:], areas[:y], areas[:, x:], areas[:, :x])[int(rng.integers(4))]
        part[:] = _tone(rng)
    light = cv2.resize(rng.uniform(-1, 1, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = np.asarray(sheet.image.convert("L")).astype(np.float32)
    grain -= grain.mean()
    areas += (np.float32(pen.between(5, 30)) * light + np.float32(pen.between(0.02, 0.22)) * grain)[..., None]
    pixels = np.clip(areas, 0, 255).astype(np.uint8)
    sheet.paint(np.asarray(cv2.GaussianBlur(pixels, (0, 0), pen.between(0.5, 0.25 * pen.em)), np.uint8))


def _tone(rng: np.random.Generator) -> NDArray[np.float32]:
    """A colour of concrete, brick, wood, glass or sky: little saturated."""
    grey = rng.uniform(35, 225)
    return np.asarray(grey * (1 + rng.uniform(-0.16, 0.16, 3)), np.float32)


def spot(middle: Floats, board: Sheet, degrees: float, pull: Floats, room: Floats) -> Floats:
    """Corners (4, 2) of a board that leans clockwise, its corners pulled by shares (4, 2), held within ``room``."""
    size = np.array([board.width, board.height], np.float64)
    corners = (np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) - 0.5 + pull) * size
    turn = np.radians(degrees)
    corners = corners @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return np.asarray(middle + corners * min(1.0, float((room / np.ptp(corners, axis=0)).min())))


def homography(source: Floats, target: Floats) -> Floats:
    """The projective (3, 3) matrix that takes four points (4, 2) to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solved = np.linalg.solve(np.array(rows), target.reshape(-1))
    return np.append(solved, 1.0).reshape(3, 3)


def mount(
    sheet: Sheet, board: Sheet, corners: Floats, alpha: NDArray[np.uint8] | None = None, shadow: float = 0.0
) -> None:
    """Lay a board on a sheet.

    Args:
        sheet: what to lay it on; characters under the board are no truth any more.
        board: what to lay; its blocks follow the sheet's.
        corners: where the board's corners (4, 2) come to lie, clockwise from its top left.
        alpha: how opaque (h, w) the board is, 0 to 255; None for wholly.
        shadow: pixels by which its soft shadow is moved; 0 for none.
    """
    width, height = board.width, board.height
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    matrix = homography(flat, corners)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    centred = np.linalg.inv(half) @ matrix @ half
    size = (sheet.width, sheet.height)
    opaque = np.full((height, width), 255, np.uint8) if alpha is None else alpha
    cover = cv2.warpPerspective(opaque, centred, size, flags=cv2.INTER_LINEAR)
    pixels = cv2.warpPerspective(
        np.asarray(board.image), centred, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    ground = np.asarray(sheet.image).astype(np.float32)
    if shadow > 0:
        move = np.array([[1, 0, shadow], [0, 1, shadow]], np.float64)
        dark = cv2.GaussianBlur(cv2.warpAffine(cover, move, size), (0, 0), shadow)
        ground *= 1 - 0.5 * (np.asarray(dark, np.float32) / 255)[..., None]
    share = (np.asarray(cover, np.float32) / 255)[..., None]
    sheet.paint((ground * (1 - share) + pixels * share).astype(np.uint8))
    (x0, y0), (x1, y1) = corners.min(0), corners.max(0)
    sheet.cover((float(x0), float(y0), float(x1), float(y1)))
    first = sheet.block + 1
    for run in board.runs:
        run.chars = geometry.transform(run.chars, matrix)
        run.quad = span(run.chars, run.vertical) if run.free else geometry.transform(run.quad, matrix)
        run.block += first
        sheet.runs.append(run)
    sheet.kinds |= {number + first: kind for number, kind in board.kinds.items()}
    sheet.block = first + board.block


def rolled(board: Sheet, radius: float, bulge: float) -> NDArray[np.uint8]:
    """Bend a board as if rolled around an upright cylinder, in place; returns which pixels (h, w) it still fills.

    Args:
        board: what to bend.
        radius: of the cylinder, in widths of the board, 0.4 at least.
        bulge: how far its middle hangs below its ends, in heights; less than 0 for above.
    """
    width, height = board.width, board.height
    r, lift = radius * width, bulge * height
    reach = r * np.sin(0.5 / radius)
    out = round(2 * reach), round(height + abs(lift))

    def forward(points: Floats) -> Floats:
        angle = (points[:, 0] - width / 2) / r
        drop = lift * (np.cos(angle) - np.cos(0.5 / radius)) / (1 - np.cos(0.5 / radius))
        return np.stack([reach + r * np.sin(angle), points[:, 1] + drop + max(-lift, 0)], 1)

    xs, ys = np.meshgrid(np.arange(out[0]) + 0.5, np.arange(out[1]) + 0.5)
    angle = np.arcsin(np.clip((xs - reach) / r, -1, 1))
    drop = lift * (np.cos(angle) - np.cos(0.5 / radius)) / (1 - np.cos(0.5 / radius))
    back = (
        (angle * r + width / 2 - 0.5).astype(np.float32),
        (ys - drop - max(-lift, 0) - 0.5).astype(np.float32),
    )
    pixels = cv2.remap(np.asarray(board.image), *back, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    kept = cv2.remap(np.full((height, width), 255, np.uint8), *back, cv2.INTER_LINEAR)
    light = 1 - 0.45 * (np.abs(angle) / max(0.5 / radius, 1e-6)) ** 2
    bent: Pixels = (pixels * light[..., None]).astype(np.uint8)
    move: Callable[[Floats], Floats] = forward
    board.move(bent, move)
    return np.asarray(kept, np.uint8)
