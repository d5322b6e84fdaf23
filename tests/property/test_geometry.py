"""Quads of any place, size and slant."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geulnun import geometry

rectangles = st.builds(
    lambda x, y, width, height, degrees: _rectangle(x, y, width, height, degrees),
    st.floats(-5_000, 60_000),
    st.floats(-5_000, 60_000),
    st.floats(2, 3_000),
    st.floats(2, 400),
    st.floats(-179, 179),
)


def _rectangle(x: float, y: float, width: float, height: float, degrees: float) -> geometry.Floats:
    angle = np.radians(degrees)
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    start = np.array([x, y])
    return np.stack([start, start + width * along, start + width * along + height * across, start + height * across])


@given(rectangles)
def test_sizes_angle_and_area_agree(quad: geometry.Floats) -> None:
    (width,), (height,) = geometry.sizes(quad)
    assert_allclose(width * height, geometry.areas(quad)[0], rtol=1e-6)
    (angle,) = geometry.angles(quad)
    rebuilt = _rectangle(quad[0, 0], quad[0, 1], width, height, angle)
    assert_allclose(rebuilt, quad, atol=1e-5)


@given(rectangles, rectangles)
def test_iou_is_symmetric_and_bounded(first: geometry.Floats, second: geometry.Floats) -> None:
    there, back = geometry.iou(first, second).item(), geometry.iou(second, first).item()
    assert 0 <= there <= 1
    assert abs(there - back) < 1e-6


@given(rectangles, rectangles)
def test_iou_agrees_with_counted_points(first: geometry.Floats, second: geometry.Floats) -> None:
    """The share of a grid over the first that lies in the second: a way that knows no corner cases."""
    second = second - second.mean(0) + first[1]
    u, v = np.meshgrid((np.arange(200) + 0.5) / 200, (np.arange(200) + 0.5) / 200)
    points = first[0] + u[..., None] * (first[1] - first[0]) + v[..., None] * (first[3] - first[0])
    side = np.roll(second, -1, 0) - second
    away = points[..., None, :] - second
    inside = (side[:, 0] * away[..., 1] - side[:, 1] * away[..., 0] >= 0).all(-1)
    whole = geometry.areas(first)[0]
    shared = inside.mean() * whole
    counted = shared / (whole + geometry.areas(second)[0] - shared)
    assert abs(geometry.iou(first, second).item() - counted) < 0.02


@given(rectangles)
def test_a_quad_covers_itself_whatever_its_first_point(quad: geometry.Floats) -> None:
    assert geometry.iou(quad, np.roll(quad, 1, axis=0)).item() > 0.999


@given(rectangles, st.floats(0, 50), st.floats(0, 50))
def test_growing_and_shrinking_back_changes_nothing(quad: geometry.Floats, along: float, across: float) -> None:
    grown = geometry.grow(quad, along, across)
    assert geometry.areas(grown)[0] >= geometry.areas(quad)[0] * (1 - 1e-9)
    assert_allclose(geometry.grow(grown, -along, -across)[0], quad, atol=1e-6)


@given(rectangles, st.integers(1, 5_000), st.integers(1, 5_000))
def test_four_quarter_turns_are_none(quad: geometry.Floats, width: int, height: int) -> None:
    turned = quad
    for _ in range(4):
        turned = geometry.transform(turned, geometry.turn_matrix(width, height, 90))
        width, height = height, width
    assert_allclose(turned, quad, atol=1e-6)


@given(rectangles)
def test_the_hull_of_a_rectangle_is_itself(quad: geometry.Floats) -> None:
    near = quad - quad.min(0)  # the hull is computed in float32
    assert geometry.iou(geometry.hull(near), near).item() > 0.99
