"""Areas of polygons, worked out by hand and held against an independent count of small squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.geometry import Floats, from_boxes
from geulnun.metrics import as_polygons, giou, polygon_iou, shared_areas
from geulnun.metrics.polygons import Bools, Fill, Shapes, areas, hull_areas

BOX = [(0, 0), (10, 0), (10, 10), (0, 10)]
#: Two triangles of 25 that meet in the middle, gone around in opposite directions.
BOW = [(0, 0), (10, 10), (10, 0), (0, 10)]
#: A five-pointed star drawn without lifting the pen: its middle is gone around twice.
STAR = [(50 + 40 * np.sin(2.4 * k * np.pi / 3), 50 - 40 * np.cos(2.4 * k * np.pi / 3)) for k in range(5)]
L_SHAPE = [(0, 0), (10, 0), (10, 4), (4, 4), (4, 10), (0, 10)]

GRID = st.integers(0, 12)


@st.composite
def grid_polygons(draw: st.DrawFn) -> Floats:
    """Polygons with right angles and whole coordinates, which may cross and touch themselves in any way."""
    xs = draw(st.lists(GRID, min_size=2, max_size=5))
    ys = draw(st.lists(GRID, min_size=len(xs), max_size=len(xs)))
    points = []
    for index, (x, y) in enumerate(zip(xs, ys, strict=True)):
        points += [(x, y), (x, ys[(index + 1) % len(ys)])]
    return np.array(points, float)


@st.composite
def any_polygons(draw: st.DrawFn) -> Floats:
    number = st.floats(-100, 100, allow_nan=False)
    return np.array(draw(st.lists(st.tuples(number, number), min_size=3, max_size=7)))


def winding(polygon: Floats) -> Floats:
    """How often a polygon with right angles goes around each unit square of the grid, (12, 12)."""
    out = np.zeros((12, 12))
    for (x, y), (_, y_next) in zip(polygon, np.roll(polygon, -1, 0), strict=True):
        low, high = sorted((int(y), int(y_next)))
        out[low:high, : int(x)] += np.sign(y_next - y)  # an upright side bounds every square left of it
    return out


def inside(polygon: Floats, fill: Fill) -> Bools:
    around = winding(polygon)
    return np.asarray(around != 0 if fill == "nonzero" else around % 2 != 0)


@given(grid_polygons(), grid_polygons(), st.sampled_from(["nonzero", "evenodd"]))
def test_areas_are_those_of_the_squares_counted(a: Floats, b: Floats, fill: Fill) -> None:
    assert areas([a], fill)[0] == pytest.approx(inside(a, fill).sum())
    assert shared_areas([a], [b], fill)[0, 0] == pytest.approx((inside(a, fill) & inside(b, fill)).sum())


@given(any_polygons(), any_polygons())
def test_shared_areas_are_symmetric_and_no_larger_than_either(a: Floats, b: Floats) -> None:
    shared = shared_areas([a], [b])[0, 0]
    assert shared == pytest.approx(shared_areas([b], [a])[0, 0], abs=1e-6)
    assert -1e-6 <= shared <= min(areas([a])[0], areas([b])[0]) + 1e-6
    assert shared_areas([a], [a])[0, 0] == pytest.approx(areas([a])[0], abs=1e-6)


@given(any_polygons(), any_polygons(), st.integers(0, 6), st.floats(-50, 50), st.floats(0.1, 10))
def test_iou_knows_no_first_point_direction_place_or_size(
    a: Floats, b: Floats, turn: int, shift: float, size: float
) -> None:
    value = polygon_iou([a], [b])[0, 0]
    assert 0 <= value <= 1
    if min(areas([a])[0], areas([b])[0]) > 1e-3:
        assert polygon_iou([np.roll(a, turn, 0)[::-1]], [b])[0, 0] == pytest.approx(value, abs=1e-6)
        assert polygon_iou([a * size + shift], [b * size + shift])[0, 0] == pytest.approx(value, abs=1e-6)
        assert polygon_iou([a], [a])[0, 0] == pytest.approx(1)


@given(any_polygons(), any_polygons())
def test_giou_lies_between_minus_one_and_iou(a: Floats, b: Floats) -> None:
    value = giou([a], [b])[0, 0]
    assert -1 <= value <= polygon_iou([a], [b])[0, 0] + 1e-9
    assert value == pytest.approx(giou([b], [a])[0, 0], abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 90), st.floats(0, 90), st.floats(1, 40), st.floats(1, 40)), max_size=5))
def test_convex_quads_have_the_iou_of_the_geometry(sides: list[tuple[float, float, float, float]]) -> None:
    lean = np.array([[0, 0], [3, 1], [0, 2], [-2, 1]])
    quads = from_boxes([[x, y, x + w + 5, y + h + 5] for x, y, w, h in sides]) + lean
    assert polygon_iou(quads, quads) == pytest.approx(geometry.iou(quads, quads), abs=1e-9)


def test_areas_by_hand() -> None:
    assert areas([BOX, L_SHAPE, [(0, 0), (4, 0), (0, 3)]]) == pytest.approx([100, 64, 6])
    assert areas([BOW]) == pytest.approx([50])
    assert areas([BOW], "evenodd") == pytest.approx([50])
    # Half of it goes the other way around.
    assert areas([BOW], "positive") == pytest.approx([25])
    assert areas([BOX * 2]) == pytest.approx([100])
    assert areas([BOX * 2], "evenodd") == pytest.approx([0])


def test_a_star_holds_its_middle_unless_odd_turns_are_wanted() -> None:
    whole, holed = areas([STAR])[0], areas([STAR], "evenodd")[0]
    # The pentagon in the middle is smaller than the one around the star by the fourth power of the golden ratio.
    golden = (1 + 5**0.5) / 2
    around = 5 / 2 * 40**2 * np.sin(2 * np.pi / 5)
    assert whole - holed == pytest.approx(around / golden**4)
    assert areas([STAR], "positive")[0] == pytest.approx(whole)


def test_shared_areas_by_hand() -> None:
    assert shared_areas([BOX], [L_SHAPE])[0, 0] == pytest.approx(64)
    assert shared_areas([BOW], [[(0, 0), (5, 0), (5, 10), (0, 10)]])[0, 0] == pytest.approx(25)
    assert shared_areas([BOX, BOX], [[(10, 0), (20, 0), (20, 10), (10, 10)]]).tolist() == [[0], [0]]
    # The inner corner of the L lies over the corner of the box.
    assert shared_areas([L_SHAPE], [[(2, 2), (8, 2), (8, 8), (2, 8)]])[0, 0] == pytest.approx(36 - 16)


def test_giou_of_boxes_takes_the_box_around_and_of_polygons_the_hull() -> None:
    boxes = np.array([[0, 0, 1, 1]]), np.array([[2, 2, 3, 3]])
    assert giou(*boxes)[0, 0] == pytest.approx(-7 / 9)
    # The hull leaves out two corners of 2 each.
    assert giou(from_boxes(boxes[0]), from_boxes(boxes[1]))[0, 0] == pytest.approx(-3 / 5)
    assert giou(np.array([[0, 0, 2, 2]]), np.array([[1, 0, 3, 2]]))[0, 0] == pytest.approx(1 / 3)
    assert giou(np.array([[0, 0, 2, 2]]), np.array([[0, 0, 2, 2]]))[0, 0] == 1


def test_shapes_without_area() -> None:
    flat = np.array([[0, 0, 10, 0]])
    assert polygon_iou(flat, flat).tolist() == [[0]]
    assert giou(flat, flat).tolist() == [[-1]]
    assert giou(flat, np.array([[0, 0, 10, 10]])).tolist() == [[0]]
    assert shared_areas([[(3, 3)] * 3], [BOX]).tolist() == [[0]]


@pytest.mark.parametrize("none", [[], np.zeros((0, 4)), np.zeros((0, 4, 2))])
def test_no_shapes(none: Floats) -> None:
    assert as_polygons(none).shape == (0, 4, 2)
    assert polygon_iou(none, [BOX]).shape == (0, 1)
    assert giou([BOX], none).shape == (1, 0)


def test_what_shapes_may_look_like() -> None:
    box = np.array([0, 0, 10, 10.0])
    quad = np.array(BOX, float)
    forms: list[Shapes] = [box[None], [box], [box.tolist()], quad, quad[None], [quad], [BOX], BOX]
    for given_ in forms:
        assert as_polygons(given_).tolist() == [quad.tolist()]
    mixed = as_polygons([box, np.array(L_SHAPE)])
    assert mixed.shape == (2, 6, 2)
    assert mixed[0, 4:].tolist() == [[0, 10], [0, 10]]
    assert as_polygons(np.array([[(0, 0), (4, 0), (0, 3)]])).shape == (1, 4, 2)


@pytest.mark.parametrize(
    "bad",
    [
        [[(0, 0), (1, 1)]],
        np.zeros((2, 5)),
        np.zeros((2, 2, 2)),
        np.zeros((1, 4, 3)),
        [1, 2, 3, 4],
        "box",
        [[(0, 0), (1, 0), (np.nan, 1)]],
        [[0, 0, np.inf, 1]],
        np.array([[0, 0, -np.inf, 1]]),
        [[0, 0, 1e10, 1]],
    ],
)
def test_what_they_may_not(bad: Any) -> None:
    with pytest.raises(ValueError, match=r"expected|NaN or infinity"):
        as_polygons(bad)


def test_hulls_of_points_in_any_order_repeats_and_lines_among_them() -> None:
    square = np.array([(0, 0), (2, 2), (2, 0), (0, 2), (1, 1), (0, 0), (1, 0), (2, 1)], float)
    line = np.array([(0, 0), (1, 1), (3, 3), (2, 2), (0, 0), (3, 3), (1, 1), (2, 2)], float)
    point = np.ones((8, 2))
    assert hull_areas(np.stack([square, line, point])) == pytest.approx([4, 0, 0])


def test_polygons_of_hundreds_of_points() -> None:
    angle = np.linspace(0, 2 * np.pi, 300, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    whole = 150 * np.sin(2 * np.pi / 300)
    assert areas([ring])[0] == pytest.approx(whole)
    assert shared_areas([ring], [[(0, -2), (2, -2), (2, 2), (0, 2)]])[0, 0] == pytest.approx(whole / 2)


def test_scribbles_are_measured_in_bounded_memory() -> None:
    # Points on a circle in an order that crosses itself some 3,000 times; gone around somewhere everywhere inside.
    angle = 2 * np.pi * np.arange(101) * 40 / 101
    scribble = np.stack([np.cos(angle), np.sin(angle)], 1)
    hull = 101 / 2 * np.sin(2 * np.pi / 101)
    whole = areas([scribble])[0]
    assert 0.9 * hull < whole < hull
    assert shared_areas([scribble], [[(-2, -2), (2, -2), (2, 2), (-2, 2)]])[0, 0] == pytest.approx(whole)
