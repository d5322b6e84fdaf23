"""Pseudo-character centres, and what lies in a shape: the geometry of CLEval (Baek et al. 2020, section 3.1).

Quads and polygons are two things here, as they are in the reference package: which centre on an outline lies inside,
what a shape that crosses itself encloses and how long an unknown text is taken to be differ between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geulnun.geometry import Floats
from geulnun.metrics import polygons as poly
from geulnun.metrics.polygons import Bools, Fill, Shapes

Ints = NDArray[np.int64]
#: The most characters a shape of unknown text is taken to hold.
_MOST = 10
_TINY = 1e-5
#: Pixels beside a point on a side at which is looked for what lies there.
_BESIDE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """The shapes of one side of a page.

    Attributes:
        points: Their points (n, v, 2) as they were given, the last repeated in shorter ones.
        corners: How many of these are their own (n,).
        solid: The points by which areas and insides are measured, (n, v, 2).
        kind: What the shapes are.
    """

    points: Floats
    corners: Ints
    solid: Floats
    kind: Literal["quad", "polygon"]

    @property
    def fill(self) -> Fill:
        """What a shape that crosses itself encloses."""
        return "evenodd" if self.kind == "quad" else "positive"

    def areas(self) -> Floats:
        """Areas (n,); of a quad that crosses itself the difference of its halves, as the reference has it."""
        return np.abs(poly.signed_areas(self.solid)) if self.kind == "quad" else poly.areas(self.solid, self.fill)

    def ignored_lengths(self) -> list[int]:
        """How many characters the text of each shape has where nobody wrote it down, 1..10."""
        if self.kind == "polygon":
            return [_MOST] * len(self.points)
        ratio = self._ratios()
        return _rounded(0.5 + np.maximum(ratio, 1 / ratio))

    def false_lengths(self) -> list[int]:
        """How many characters each shape counts where it matches nothing, 1..10; a tall quad counts more."""
        if self.kind == "polygon":
            return [1] * len(self.points)
        return _rounded(0.5 + 1 / (_TINY + self._ratios()))

    def centres(
        self, lengths: list[int], vertical: float, columns: Literal["up", "down"] = "up"
    ) -> tuple[Floats, Ints]:
        """Centres of the characters of texts of these lengths, (p, 2), and the shape each belongs to, (p,).

        Args:
            lengths: Characters of the text of each shape.
            vertical: A quad whose width is less than so many times its height is a column.
            columns: Whether the first character of a column is the lowest or the highest.
        """
        shape = np.repeat(np.arange(len(lengths)), lengths)
        if self.kind == "quad":
            return self._quad_centres(lengths, shape, vertical, 1 if columns == "up" else -1), shape
        parts = [
            _polygon_centres(points[:corners], length)
            for points, corners, length in zip(self.points, self.corners.tolist(), lengths, strict=True)
            if length
        ]
        return np.concatenate(parts) if parts else np.zeros((0, 2)), shape

    def _quad_centres(self, lengths: list[int], shape: Ints, vertical: float, turn: int) -> Floats:
        upright = (self._ratios() < vertical)[:, None, None]
        quads = np.where(upright, np.roll(self.points, turn, 1), self.points)
        begin, end = (quads[:, 0] + quads[:, 3]) / 2, (quads[:, 1] + quads[:, 2]) / 2
        count = np.asarray(lengths, dtype=np.float64)[:, None]
        step = ((end - begin) / np.where(count > 0, count, 1.0))[shape]
        before = np.cumsum(lengths) - lengths if lengths else np.zeros(0, np.int64)
        place = np.arange(len(shape)) - before[shape]
        return np.asarray(begin[shape] + step / 2 + step * place[:, None])

    def _ratios(self) -> Floats:
        """Width over height (n,) of quads."""
        side = np.roll(self.points, -1, 1) - self.points
        length = np.sqrt(side[..., 0] * side[..., 0] + side[..., 1] * side[..., 1])
        return np.asarray(
            ((length[:, 0] + length[:, 2]) / 2 + _TINY) / ((length[:, 1] + length[:, 3]) / 2 + _TINY),
        )

    def contains(self, points: Floats) -> Bools:
        """Tell which of the points (p, 2) lie in which shape, (p, n).

        Of points on the outline of a quad those on its left and upper sides lie in it (y points down), of points on
        that of a polygon none does.
        """
        out = np.zeros((len(points), len(self.solid)), dtype=bool)
        if not out.size:
            return out
        box = poly.bounds(self.solid)
        near = points[:, 0, None] >= box[:, 0]
        near &= points[:, 0, None] <= box[:, 2]
        near &= points[:, 1, None] >= box[:, 1]
        near &= points[:, 1, None] <= box[:, 3]
        rows, columns = np.nonzero(near)
        test = _in_quad if self.kind == "quad" else _in_polygon
        out[rows, columns] = test(points[rows], self.solid[columns])
        return out


def outlines(shapes: Shapes, kind: Literal["quad", "polygon"], whole_pixels: bool) -> Outline:
    """Take up the shapes of one side; ``whole_pixels`` cuts the coordinates by which quads are measured.

    Raises:
        ValueError: a shape is none (see `as_polygons`), or ``kind`` is "quad" and one has not four points.
    """
    points, corners = poly.as_polygons(shapes), poly.corner_counts(shapes)
    if kind == "quad":
        if (corners != 4).any():
            raise ValueError("a quad that has not four points; give the shapes as polygons")
        return Outline(points, corners, np.trunc(points) if whole_pixels else points, kind)
    triangles = corners == 3
    if triangles.any():
        # Three points are three corners of a box, whose fourth stands below the first.
        points = points.copy()
        points[triangles, 3:, 0], points[triangles, 3:, 1] = points[triangles, :1, 0], points[triangles, 2:3, 1]
        corners = np.where(triangles, 4, corners)
    return Outline(points, corners, points, kind)


def _rounded(lengths: Floats) -> list[int]:
    return np.minimum(np.rint(lengths), _MOST).astype(np.int64).tolist()  # type: ignore[no-any-return]


def _polygon_centres(points: Floats, length: int) -> Floats:
    """Centres (length, 2) along the middle of a polygon: first half of its points the upper side, the rest the lower.

    Between two points of a side there are ``length`` steps, which end on whole pixels.
    """
    half = len(points) // 2
    sections = half - 1
    sides = []
    for side in (points[:half], points[half:][::-1]):
        start, way = side[:sections, None], (side[1 : sections + 1] - side[:sections])[:, None] / length
        grid = start + way * np.arange(length)[:, None]
        grid[:, 1:] = np.trunc(grid[:, 1:])
        sides.append(np.concatenate([grid.reshape(-1, 2), side[-1:]]))
    at = np.arange(length) * sections
    upper, lower = sides
    return np.asarray((upper[at] + upper[at + sections] + lower[at] + lower[at + sections]) / 4)


def _rays(points: Floats, polygons: Floats) -> tuple[Bools, Floats]:
    """Which sides of polygons (k, v, 2) the rays from points (k, 2) to the right meet, (k, v), and their ways in y."""
    x, y = points[:, :1], points[:, 1:]
    here, before = polygons, np.roll(polygons, 1, 1)
    rise = before[..., 1] - here[..., 1]
    spans = (here[..., 1] <= y) != (before[..., 1] <= y)
    at = (before[..., 0] - here[..., 0]) * (y - here[..., 1]) / np.where(spans, rise, 1.0) + here[..., 0]
    return spans & (x < at), -rise


def _in_quad(points: Floats, quads: Floats) -> Bools:
    """An odd number of sides to the right; a side's lower end belongs to it, its upper one does not."""
    return np.asarray(_rays(points, quads)[0].sum(1) % 2 == 1)


def _in_polygon(points: Floats, polygons: Floats) -> Bools:
    """Gone around in the polygon's own direction; on a side only if that holds all around the point."""
    out, touched = _gone_around(points, polygons), _touched(points, polygons)
    for index in np.nonzero(out & touched.any(1))[0].tolist():
        beside = _around(points[index], polygons[index], touched[index])
        out[index] = _gone_around(beside, np.broadcast_to(polygons[index], (len(beside), *polygons.shape[1:]))).all()
    return out


def _around(point: Floats, polygon: Floats, touched: Bools) -> Floats:
    """Points (k, 2) beside one on sides, one between each two neighbouring directions of these."""
    ends = np.concatenate([polygon[touched], np.roll(polygon, -1, 0)[touched]]) - point
    ends = ends[(ends != 0).any(1)]
    # Sides that lie on each other are one direction in spite of rounding.
    angle = np.unique(np.round(np.arctan2(ends[:, 1], ends[:, 0]) / (2 * np.pi), 9) % 1) * 2 * np.pi
    between = (angle + np.append(angle[1:], angle[:1] + 2 * np.pi)) / 2
    return np.asarray(point + _BESIDE * np.stack([np.cos(between), np.sin(between)], 1))


def _gone_around(points: Floats, polygons: Floats) -> Bools:
    meets, rise = _rays(points, polygons)
    winding = np.where(meets, np.sign(rise), 0.0).sum(1) * np.where(poly.signed_areas(polygons) > 0, 1.0, -1.0)
    return np.asarray(winding > 0)


def _touched(points: Floats, polygons: Floats) -> Bools:
    """Which sides of polygons (k, v, 2) the points (k, 2) lie on, (k, v)."""
    after = np.roll(polygons, -1, 1)
    side, to_point = after - polygons, points[:, None] - polygons
    on_line = side[..., 0] * to_point[..., 1] == side[..., 1] * to_point[..., 0]
    low, high = np.minimum(polygons, after), np.maximum(polygons, after)
    return np.asarray(on_line & ((low <= points[:, None]) & (points[:, None] <= high)).all(2))
