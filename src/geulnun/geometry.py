"""Geometry of quads: arrays of shape (n, 4, 2), float, x right and y down, clockwise from the text's start."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
QuadTuple = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def as_quads(quads: ArrayLike) -> Floats:
    """Return ``quads`` as float64 of shape (n, 4, 2); one quad (4, 2) becomes (1, 4, 2).

    Raises:
        ValueError: the array cannot be read as quads or holds NaN or infinity.
    """
    array = np.asarray(quads, dtype=np.float64)
    if array.size == 0:
        return np.zeros((0, 4, 2))
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or array.shape[1:] != (4, 2):
        raise ValueError(f"quads of shape {array.shape}; expected (n, 4, 2)")
    if not np.isfinite(array).all():
        raise ValueError("quads hold NaN or infinity")
    return array


def to_tuple(quad: ArrayLike) -> QuadTuple:
    """Return one quad (4, 2) as the nested tuple the document tree keeps."""
    return to_tuples(quad)[0]


def to_tuples(quads: ArrayLike) -> list[QuadTuple]:
    """Return quads (n, 4, 2) as nested tuples."""
    return [((a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])) for a, b, c, d in as_quads(quads).tolist()]


def from_boxes(boxes: ArrayLike) -> Floats:
    """Turn axis-aligned boxes (n, 4) of x0, y0, x1, y1 into quads (n, 4, 2)."""
    box = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    x0, y0, x1, y1 = box.T
    return np.stack([np.stack(point, -1) for point in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], 1)


def to_boxes(quads: ArrayLike) -> Floats:
    """The axis-aligned bounding boxes (n, 4) of quads, as x0, y0, x1, y1."""
    array = as_quads(quads)
    return np.concatenate([array.min(1), array.max(1)], 1)


def clockwise(points: ArrayLike) -> Floats:
    """Order four points (4, 2) clockwise as seen, starting at the top-left one (least x + y)."""
    array = np.asarray(points, dtype=np.float64).reshape(4, 2)
    centre = array.mean(0)
    angle = np.arctan2(array[:, 1] - centre[1], array[:, 0] - centre[0])
    ordered = array[np.argsort(angle, kind="stable")]
    return np.roll(ordered, -int(np.argmin(ordered.sum(1))), axis=0)


def areas(quads: ArrayLike) -> Floats:
    """Areas (n,) of quads by the shoelace formula, never negative."""
    array = as_quads(quads)
    x, y = array[..., 0], array[..., 1]
    twice = (x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(1)
    return np.asarray(np.abs(twice) / 2)


def sizes(quads: ArrayLike) -> tuple[Floats, Floats]:
    """Widths and heights (n,) of quads: mean lengths along and across the reading direction."""
    array = as_quads(quads)
    side = np.linalg.norm(np.roll(array, -1, 1) - array, axis=2)
    return (side[:, 0] + side[:, 2]) / 2, (side[:, 1] + side[:, 3]) / 2


def angles(quads: ArrayLike) -> Floats:
    """Reading directions (n,) in degrees, clockwise from the x axis, in -180..180."""
    array = as_quads(quads)
    along = (array[:, 1] + array[:, 2]) - (array[:, 0] + array[:, 3])
    return np.degrees(np.arctan2(along[:, 1], along[:, 0]))


def grow(quads: ArrayLike, along: ArrayLike, across: ArrayLike) -> Floats:
    """Move the sides of quads outwards by ``along`` (ends) and ``across`` (top, bottom) pixels."""
    array = as_quads(quads)
    x_axis = _unit((array[:, 1] + array[:, 2]) - (array[:, 0] + array[:, 3]))
    y_axis = _unit((array[:, 2] + array[:, 3]) - (array[:, 0] + array[:, 1]))
    dx = x_axis * np.broadcast_to(np.asarray(along, dtype=np.float64), len(array))[:, None]
    dy = y_axis * np.broadcast_to(np.asarray(across, dtype=np.float64), len(array))[:, None]
    return array + np.stack([-dx - dy, dx - dy, dx + dy, dy - dx], 1)


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)


def transform(points: ArrayLike, matrix: ArrayLike) -> Floats:
    """Apply an affine (2, 3) or projective (3, 3) matrix to points (..., 2)."""
    array = np.asarray(points, dtype=np.float64)
    full = np.eye(3)
    given = np.asarray(matrix, dtype=np.float64)
    full[: given.shape[0]] = given
    flat = np.concatenate([array.reshape(-1, 2), np.ones((array.size // 2, 1))], 1) @ full.T
    return (flat[:, :2] / flat[:, 2:]).reshape(array.shape)


def from_square(quad: ArrayLike) -> Floats:
    """The projective matrix (3, 3) that takes the square (0, 0), (1, 0), (1, 1), (0, 1) to a quad (4, 2).

    After Heckbert (1989), Fundamentals of Texture Mapping and Image Warping, section 2.2.3. What has no area is taken
    for a parallelogram.
    """
    p0, p1, p2, p3 = np.asarray(quad, np.float64).reshape(4, 2)
    one, two, bent = p1 - p2, p3 - p2, p0 - p1 + p2 - p3
    area = one[0] * two[1] - one[1] * two[0]
    g = h = 0.0
    if abs(area) > 1e-9:
        g = (bent[0] * two[1] - bent[1] * two[0]) / area
        h = (one[0] * bent[1] - one[1] * bent[0]) / area
    return np.stack([np.append(p1 - p0 + g * p1, g), np.append(p3 - p0 + h * p3, h), np.append(p0, 1.0)], 1)


def around(points: ArrayLike, way: ArrayLike) -> Floats:
    """The least rectangle (4, 2) along a way (2,) around points (..., 2), from where the way starts; clockwise."""
    ahead = np.asarray(way, np.float64)
    ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-12)
    axes = np.stack([ahead, [-ahead[1], ahead[0]]])
    places = np.asarray(points, np.float64).reshape(-1, 2) @ axes.T
    return np.asarray(from_boxes([[*places.min(0), *places.max(0)]])[0] @ axes)


def turn_matrix(width: int, height: int, degrees: int) -> Floats:
    """The affine (2, 3) that turns a raster of this size clockwise by 0, 90, 180 or 270 degrees.

    It maps pixel edges to pixel edges: the corner (0, 0) lands on a corner of the turned raster.
    """
    matrices = {
        0: [[1, 0, 0], [0, 1, 0]],
        90: [[0, -1, height], [1, 0, 0]],
        180: [[-1, 0, width], [0, -1, height]],
        270: [[0, 1, 0], [-1, 0, width]],
    }
    if degrees not in matrices:
        raise ValueError(f"a turn of {degrees} degrees; expected 0, 90, 180 or 270")
    return np.asarray(matrices[degrees], dtype=np.float64)


def iou(first: ArrayLike, second: ArrayLike) -> Floats:
    """Intersection over union (n, m) of convex quads; 0 where a quad has no area."""
    a, b = as_quads(first), as_quads(second)
    out = np.zeros((len(a), len(b)))
    if not len(a) or not len(b):
        return out
    box_a, box_b = to_boxes(a), to_boxes(b)
    touch = (
        np.maximum(box_a[:, None, :2], box_b[None, :, :2]) < np.minimum(box_a[:, None, 2:], box_b[None, :, 2:])
    ).all(2)
    area_a, area_b = areas(a), areas(b)
    i, j = np.nonzero(touch & (area_a[:, None] > 0) & (area_b[None, :] > 0))
    shared = np.minimum(_shared_areas(a[i], b[j]), np.minimum(area_a[i], area_b[j]))
    out[i, j] = shared / (area_a[i] + area_b[j] - shared)
    return out


def _shared_areas(a: Floats, b: Floats) -> Floats:
    """Areas (k,) of the intersections of k pairs of convex quads (k, 4, 2).

    An intersection is the hull of the corners of each that lie in the other and of the points where sides cross.
    OpenCV's intersectConvexConvex is not used: it loses a part of the area where two sides all but coincide.
    """
    origin = a[:, :1]
    a, b = a - origin, b - origin
    slack = 1e-9 * np.maximum(np.abs(a).max((1, 2)), np.abs(b).max((1, 2)))
    crossing, crosses = _crossings(a, b)
    points = np.concatenate([a, b, crossing], 1)
    valid = np.concatenate([_inside(a, b, slack), _inside(b, a, slack), crosses], 1)
    # What is no corner of the intersection repeats one that is, and so adds no area.
    spare = np.take_along_axis(points, valid.argmax(1)[:, None, None], 1)
    points = np.where(valid[..., None], points, spare)
    around = points - points.mean(1, keepdims=True)
    order = np.argsort(np.arctan2(around[..., 1], around[..., 0]), axis=1)
    x, y = np.moveaxis(np.take_along_axis(around, order[..., None], 1), 2, 0)
    return np.asarray(np.abs((x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(1)) / 2)


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def _inside(points: Floats, quads: Floats, slack: Floats) -> NDArray[np.bool_]:
    """Tell for points (k, p, 2) whether they lie in their quad, or within ``slack`` (k,) pixels of it: (k, p)."""
    side = np.roll(quads, -1, 1) - quads
    distance = _cross(_unit(side)[:, None], points[:, :, None] - quads[:, None])
    turn = np.sign(_cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]))
    return np.asarray((distance * turn[:, None, None] >= -slack[:, None, None]).all(2))


def _crossings(a: Floats, b: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Where the sides of paired quads cross: points (k, 16, 2), and which of them exist (k, 16)."""
    start, way = a[:, :, None], (np.roll(a, -1, 1) - a)[:, :, None]
    other, along = b[:, None], (np.roll(b, -1, 1) - b)[:, None]
    sine = _cross(way, along)
    parallel = np.abs(sine) <= 1e-12 * np.linalg.norm(way, axis=-1) * np.linalg.norm(along, axis=-1)
    sine = np.where(parallel, 1.0, sine)
    t = _cross(other - start, along) / sine
    u = _cross(other - start, way) / sine
    exists = ~parallel & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    return (start + t[..., None] * way).reshape(len(a), 16, 2), exists.reshape(len(a), 16)


def hull(quads: Sequence[ArrayLike] | ArrayLike) -> Floats:
    """The least rotated rectangle (4, 2) around all points of ``quads``, clockwise from top-left."""
    points = np.asarray(quads, dtype=np.float32).reshape(-1, 2)
    return clockwise(cv2.boxPoints(cv2.minAreaRect(points)))
