"""Areas that polygons share, exact for any of them: concave, self-crossing, overlapping themselves, without area.

Boxes (n, 4) of x0, y0, x1, y1, quads (n, 4, 2) and polygons of any number of points become one array (n, v, 2), the
shorter ones padded with their last point, which changes no area.

Areas are summed over slabs: horizontal bands between one corner or crossing and the next in height, in which no two
sides cross. There the sides stand in one order from left to right, winding numbers tell what lies inside, and every
piece between two sides is a trapezoid. No case is special (shared sides, touching corners, sides on one line give
trapezoids of no width), and all pairs go through NumPy at once, which Shapely's one call a pair cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun.geometry import Floats, from_boxes

Shapes = ArrayLike | Sequence[ArrayLike]
Bools = NDArray[np.bool_]
#: What lies inside a polygon that crosses itself: all it goes around; what it goes around an odd number of times; what
#: it goes around in the direction in which it goes around more.
Fill = Literal["nonzero", "evenodd", "positive"]
#: Numbers held at once by the widest array of a batch.
_BATCH = 1_000_000
#: Beyond it areas lose their digits, and far beyond they overflow.
_FARTHEST = 1e9
#: Lengths and areas that count as none; they come from coordinates next to the smallest number there is.
_NOTHING = 1e-200


def as_polygons(shapes: Shapes) -> Floats:
    """Return shapes as one array (n, v, 2), v >= 4 the most points of any; shorter ones repeat their last point.

    Args:
        shapes: Boxes (n, 4), quads (n, 4, 2), polygons (n, v, 2), one polygon (v, 2), or a sequence of boxes (4,) and
            polygons (v, 2) with three points at least.

    Raises:
        ValueError: a shape is none of these, holds NaN or infinity, or lies more than 1e9 pixels away.
    """
    if isinstance(shapes, np.ndarray) and shapes.dtype != object:
        whole = np.asarray(shapes, dtype=np.float64)
        if whole.size == 0:
            return np.zeros((0, 4, 2))
        if whole.ndim == 2 and whole.shape[1] == 4:
            return _finite(from_boxes(whole))
        if whole.ndim == 2 and whole.shape[1] == 2:
            whole = whole[None]
        if whole.ndim != 3 or whole.shape[2] != 2 or whole.shape[1] < 3:
            raise ValueError(f"shapes of shape {whole.shape}; expected boxes (n, 4) or polygons (n, 3 or more, 2)")
        return _padded([*_finite(whole)]) if whole.shape[1] < 4 else _finite(whole)
    each = [np.asarray(shape, dtype=np.float64) for shape in _listed(shapes)]
    if each and all(one.ndim == 0 for one in each):
        raise ValueError("one row of numbers; expected boxes (n, 4) or polygons (n, 3 or more, 2)")
    if each and all(one.shape == (2,) for one in each):  # one polygon, as a list of points
        each = [np.stack(each)]
    each = [from_boxes(one)[0] if one.shape == (4,) else one for one in each]
    for one in each:
        if one.ndim != 2 or one.shape[1] != 2 or len(one) < 3:
            raise ValueError(f"a polygon of shape {one.shape}; expected (3 or more, 2)")
    return _finite(_padded(each))


def corner_counts(shapes: Shapes) -> NDArray[np.int64]:
    """How many points each shape (n,) has of its own, 4 for a box."""
    if isinstance(shapes, np.ndarray) and shapes.dtype != object:
        one = shapes.ndim == 2 and shapes.shape[1] == 2
        corners = shapes.shape[0] if one else shapes.shape[1] if shapes.ndim == 3 else 4
        return np.full(1 if one else len(shapes), corners, np.int64)
    each = [np.shape(shape) for shape in _listed(shapes)]
    if each and all(shape == (2,) for shape in each):
        return np.array([len(each)], np.int64)
    return np.array([4 if shape == (4,) else shape[0] for shape in each], np.int64)


def all_quads(shapes: Shapes) -> bool:
    """Tell whether every shape has four points."""
    return bool((corner_counts(shapes) == 4).all())


def _listed(shapes: Shapes) -> list[Any]:
    if not isinstance(shapes, Sequence | np.ndarray) or isinstance(shapes, str | bytes):
        raise ValueError(f"shapes of type {type(shapes).__name__}; expected an array or a sequence of polygons")
    return list(shapes)


def _padded(each: Sequence[Floats]) -> Floats:
    corners = max((len(one) for one in each), default=0)
    out = np.zeros((len(each), max(corners, 4), 2))
    for row, one in zip(out, each, strict=True):
        row[: len(one)], row[len(one) :] = one, one[-1]
    return out


def _finite(array: Floats) -> Floats:
    if not np.isfinite(array).all():
        raise ValueError("shapes hold NaN or infinity")
    if np.abs(array).max(initial=0.0) > _FARTHEST:
        raise ValueError(f"a coordinate of {np.abs(array).max():g}; expected {_FARTHEST:g} pixels at most")
    return array


def bounds(polygons: Floats) -> Floats:
    """Bounding boxes (n, 4) of polygons (n, v, 2)."""
    return np.concatenate([polygons.min(1), polygons.max(1)], 1)


def signed_areas(polygons: Floats) -> Floats:
    """Areas (n,) by the shoelace formula, positive where the points go clockwise as seen (y points down)."""
    around = polygons - polygons[:, :1]
    x, y = around[..., 0], around[..., 1]
    return np.asarray((x * np.roll(y, -1, 1) - np.roll(x, -1, 1) * y).sum(1) / 2)


def areas(shapes: Shapes, fill: Fill = "nonzero") -> Floats:
    """Areas (n,) of shapes, each spot counted once however often the outline goes around it."""
    polygons = as_polygons(shapes)
    out = np.abs(signed_areas(polygons))
    bent = np.nonzero(~_convex(polygons))[0]
    out[bent] = slab_areas([polygons[bent]], lambda inside: inside[0], fill)
    return out


def _convex(polygons: Floats) -> Bools:
    """Tell which polygons (n, v, 2) are quads that turn in one direction, and so cannot cross themselves.

    Of more points they might go around twice, as a pentagram does; the slow way is right for all.
    """
    if polygons.shape[1] != 4:
        return np.zeros(len(polygons), dtype=bool)
    side = np.roll(polygons, -1, 1) - polygons
    turn = _cross(side, np.roll(side, -1, 1))
    return np.asarray((turn > 0).all(1) | (turn < 0).all(1))


def near(first: Floats, second: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices (k,) and (k,) of the pairs of polygons whose bounding boxes share an area, in row order."""
    if not len(first) or not len(second):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    a, b = bounds(first), bounds(second)
    touch = a[:, None, 0] < b[:, 2]
    touch &= a[:, None, 2] > b[:, 0]
    touch &= a[:, None, 1] < b[:, 3]
    touch &= a[:, None, 3] > b[:, 1]
    rows, columns = np.nonzero(touch)
    return rows, columns


def shared_areas(first: Shapes, second: Shapes, fill: Fill = "nonzero") -> Floats:
    """Areas (n, m) of the intersections of shapes n and m."""
    a, b = as_polygons(first), as_polygons(second)
    out = np.zeros((len(a), len(b)))
    rows, columns = near(a, b)
    out[rows, columns] = slab_areas([a[rows], b[columns]], lambda inside: inside[0] & inside[1], fill)
    return out


def iou(first: Shapes, second: Shapes) -> Floats:
    """Intersection over union (n, m) in 0..1; 0 where a shape has no area."""
    a, b = as_polygons(first), as_polygons(second)
    return _iou(shared_areas(a, b), areas(a), areas(b))[0]


def _iou(shared: Floats, area_a: Floats, area_b: Floats) -> tuple[Floats, Floats]:
    """IoU and areas of the unions (n, m)."""
    shared = np.minimum(shared, np.minimum(area_a[:, None], area_b))
    union = area_a[:, None] + area_b - shared
    return np.where(shared > 0, shared / np.where(union > 0, union, 1.0), 0.0), union


def giou(first: Shapes, second: Shapes) -> Floats:
    """Generalised IoU (n, m) in -1..1: IoU less the share of the enclosing shape that neither covers.

    Source: Rezatofighi et al., "Generalized Intersection over Union", 2019, algorithm 1. The enclosing shape is the
    convex hull of both; where both sides are given as boxes (n, 4) it is the box around both, as in the paper. Where
    the enclosing shape has no area the value is -1.
    """
    boxes = _are_boxes(first) and _are_boxes(second)
    a, b = as_polygons(first), as_polygons(second)
    ratio, union = _iou(shared_areas(a, b), areas(a), areas(b))
    if not union.size:
        return ratio
    if boxes:
        box_a, box_b = bounds(a)[:, None], bounds(b)
        low, high = np.minimum(box_a[..., :2], box_b[:, :2]), np.maximum(box_a[..., 2:], box_b[:, 2:])
        around = (high - low).prod(-1)
    else:
        rows, columns = np.indices(union.shape).reshape(2, -1)
        around = hull_areas(np.concatenate([a[rows], b[columns]], 1)).reshape(union.shape)
    # Rounding must not let a hull be smaller than what it holds.
    around = np.maximum(around, union)
    return np.where(around > 0, ratio - (around - union) / np.where(around > 0, around, 1.0), -1.0)


def _are_boxes(shapes: Shapes) -> bool:
    array = np.asarray(shapes) if isinstance(shapes, np.ndarray) else None
    if array is not None:
        return array.ndim == 2 and array.shape[1] == 4
    return bool(len(_listed(shapes))) and all(np.shape(one) == (4,) for one in _listed(shapes))


def hull_areas(points: Floats) -> Floats:
    """Areas (k,) of the convex hulls of k sets of points (k, p, 2), by Jarvis's march over all sets at once.

    It goes from the leftmost point to the rightmost and back, never to a point it has passed, so that rounding cannot
    send it around twice.
    """
    order = np.lexsort((points[..., 1], points[..., 0]), axis=1)
    points = np.take_along_axis(points, order[..., None], 1)
    points = points - points[:, :1]
    return np.asarray(np.abs(_chain(points) + _chain(points[:, ::-1])) / 2)


def _chain(points: Floats) -> Floats:
    """Twice the areas (k,) between the first point and the outermost way from it to the last one, points sorted."""
    rows, last = np.arange(len(points)), points.shape[1] - 1
    here, total = np.zeros(len(points), np.intp), np.zeros(len(points))
    while (here < last).any():
        begin, ahead = points[rows, here], np.full(len(points), last)
        for candidate in range(last):
            way, other = points[rows, ahead] - begin, points[:, candidate] - begin
            turn = _cross(way, other)
            outer = (turn < 0) | ((turn == 0) & (_length(other) > _length(way)))
            ahead = np.where((here < candidate) & outer, candidate, ahead)
        total += _cross(begin, points[rows, ahead])
        here = ahead
    return total


def _cross(u: Floats, v: Floats) -> Floats:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def _length(vectors: Floats) -> Floats:
    return np.asarray((vectors * vectors).sum(-1))


def slab_areas(groups: Sequence[Floats], wanted: Callable[[list[Bools]], Bools], fill: Fill = "nonzero") -> Floats:
    """Areas (k,) of what k sets of polygons enclose together.

    Args:
        groups: For each member of the sets its k polygons, (k, v, 2); v may differ from member to member.
        wanted: From what lies inside each member (arrays of one shape, in the order of ``groups``), what to measure.
            Of nothing inside any member it must be False.
        fill: What lies inside a polygon that crosses itself.
    """
    count = len(groups[0])
    sides = sum(group.shape[1] for group in groups)
    step = max(1, _BATCH // (sides * sides * 2))
    parts = [
        _slabs([group[at : at + step] for group in groups], wanted, fill) for at in range(0, count, step)
    ]  # fmt: skip
    return np.concatenate(parts) if parts else np.zeros(0)


def _slabs(groups: Sequence[Floats], wanted: Callable[[list[Bools]], Bools], fill: Fill) -> Floats:
    origin = groups[0][:, :1]
    start = np.concatenate(groups, 1) - origin
    way = np.concatenate([np.roll(group, -1, 1) for group in groups], 1) - origin - start
    heights, middle = _bands(np.concatenate([start[..., 1], _crossing_heights(start, way)], 1))
    # Scribbles of hundreds of points cross themselves so often that not all bands fit into memory at once.
    step = max(1, _BATCH // (start.shape[0] * start.shape[1]))
    total = np.zeros(len(start))
    for at in range(0, heights.shape[1], step):
        widths = _widths(start, way, middle[:, at : at + step], groups, wanted, fill)
        total += (widths * heights[:, at : at + step]).sum(1)
    return total


def _widths(
    start: Floats,
    way: Floats,
    middle: Floats,
    groups: Sequence[Floats],
    wanted: Callable[[list[Bools]], Bools],
    fill: Fill,
) -> Floats:
    """What is wanted of the middle lines (k, s) of bands: lengths (k, s)."""
    x, y = start[..., 0], start[..., 1]
    low, high = np.minimum(y, y + way[..., 1]), np.maximum(y, y + way[..., 1])
    level = high - low <= _NOTHING
    active = (low[:, None] < middle[..., None]) & (high[:, None] > middle[..., None]) & ~level[:, None]
    slope = way[..., 0] / np.where(level, 1.0, way[..., 1])
    at = x[:, None] + (middle[..., None] - y[:, None]) * slope[:, None]
    # Sides that do not reach into the band stand right of all others and bound nothing.
    at = np.where(active, at, np.where(active, at, -np.inf).max(2, keepdims=True, initial=0.0))
    order = np.argsort(at, 2, kind="stable")
    at = np.take_along_axis(at, order, 2)
    turns = np.where(active, np.sign(way[..., 1])[:, None], 0.0)
    inside, begin = [], 0
    for group in groups:
        own = turns.copy()
        own[..., :begin] = own[..., begin + group.shape[1] :] = 0
        begin += group.shape[1]
        winding = np.take_along_axis(own, order, 2).cumsum(2)[..., :-1]
        inside.append(_filled(winding, group, fill))
    return np.asarray(np.where(wanted(inside), np.diff(at, axis=2), 0.0).sum(2))


def _filled(winding: Floats, polygons: Floats, fill: Fill) -> Bools:
    if fill == "nonzero":
        return np.asarray(winding != 0)
    if fill == "evenodd":
        return np.asarray(winding % 2 != 0)
    # In a clockwise polygon the left one of two sides goes up, the right one down. No area in sum counts as clockwise
    # seen with y up, as in GEOS.
    return np.asarray(winding * np.where(signed_areas(polygons) > 0, -1.0, 1.0)[:, None, None] > 0)


def _crossing_heights(start: Floats, way: Floats) -> Floats:
    """Heights (k, e (e - 1) / 2) at which sides cross between their ends; that of a corner where they do not."""
    one, other = np.triu_indices(start.shape[1], 1)
    a, b, gap = way[:, one], way[:, other], start[:, other] - start[:, one]
    sine = _cross(a, b)
    parallel = np.abs(sine) <= _NOTHING
    sine = np.where(parallel, 1.0, sine)
    t, u = _cross(gap, b) / sine, _cross(gap, a) / sine
    crosses = ~parallel & (t > 0) & (t < 1) & (u > 0) & (u < 1)
    return np.where(crosses, start[:, one, 1] + t * a[..., 1], start[:, :1, 1])


def _bands(levels: Floats) -> tuple[Floats, Floats]:
    """Heights and middles (k, s) of the bands between levels (k, l), bands of no height taken out where all can be."""
    levels = np.sort(levels, 1)
    heights = np.diff(levels, axis=1)
    keep = int((heights > 0).sum(1).max(initial=0))
    order = np.argsort(heights <= 0, 1, kind="stable")[:, :keep]
    bottom = np.take_along_axis(levels, order, 1)
    heights = np.take_along_axis(heights, order, 1)
    return heights, bottom + heights / 2
