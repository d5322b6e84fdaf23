"""Quads against hand-drawn figures."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import ArrayLike

from geulnun import geometry

SQUARE = [[0, 0], [10, 0], [10, 10], [0, 10]]
#: Text that runs downwards: it starts at the top right, so a turn by 90 degrees makes it upright.
DOWNWARDS = [[20, 0], [20, 60], [10, 60], [10, 0]]


def test_as_quads_accepts_one_many_and_none() -> None:
    assert geometry.as_quads(SQUARE).shape == (1, 4, 2)
    assert geometry.as_quads([SQUARE, DOWNWARDS]).shape == (2, 4, 2)
    assert geometry.as_quads([]).shape == (0, 4, 2)
    assert geometry.as_quads(SQUARE).dtype == np.float64


@pytest.mark.parametrize("bad", [[[0, 0], [1, 1], [2, 2]], [1, 2, 3], [[[0, 0, 0]] * 4]])
def test_other_shapes_are_refused(bad: ArrayLike) -> None:
    with pytest.raises(ValueError, match=r"expected \(n, 4, 2\)"):
        geometry.as_quads(bad)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinity"):
        geometry.as_quads([[0.0, 0.0], [value, 0.0], [1.0, 1.0], [0.0, 1.0]])


def test_to_tuple_gives_plain_floats() -> None:
    quad = geometry.to_tuple(np.asarray(SQUARE, dtype=np.float32))
    assert quad == ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    assert all(type(value) is float for point in quad for value in point)


def test_boxes_become_quads_and_return() -> None:
    boxes = [[1, 2, 5, 9], [0, 0, 3, 1]]
    quads = geometry.from_boxes(boxes)
    assert quads[0].tolist() == [[1, 2], [5, 2], [5, 9], [1, 9]]
    assert_allclose(geometry.to_boxes(quads), boxes)
    assert geometry.from_boxes([]).shape == (0, 4, 2)


def test_clockwise_orders_any_permutation_from_the_top_left() -> None:
    tilted = np.array([[2, 0], [12, 3], [10, 9], [0, 6]])
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        assert_allclose(geometry.clockwise(tilted[order]), tilted)


def test_area_size_and_angle_of_a_downward_line() -> None:
    assert geometry.areas(DOWNWARDS).tolist() == [600]
    width, height = geometry.sizes(DOWNWARDS)
    assert (width.item(), height.item()) == (60, 10)
    assert geometry.angles(DOWNWARDS).tolist() == [90]


@pytest.mark.parametrize(("start", "degrees"), [(0, 0), (1, 90), (2, 180), (3, -90)])
def test_the_order_of_points_carries_the_rotation(start: int, degrees: int) -> None:
    assert abs(geometry.angles(np.roll(SQUARE, -start, axis=0)).item()) == pytest.approx(abs(degrees))
    if abs(degrees) != 180:
        assert geometry.angles(np.roll(SQUARE, -start, axis=0)).item() == pytest.approx(degrees)


def test_grow_moves_ends_along_and_sides_across_the_text() -> None:
    assert_allclose(geometry.grow(SQUARE, 3, 1), [[[-3, -1], [13, -1], [13, 11], [-3, 11]]])
    assert_allclose(geometry.grow(DOWNWARDS, 3, 1), [[[21, -3], [21, 63], [9, 63], [9, -3]]])
    both = geometry.grow([SQUARE, SQUARE], [0, 2], 0)
    assert_allclose(geometry.areas(both), [100, 140])


def test_grow_leaves_a_point_finite() -> None:
    assert np.isfinite(geometry.grow([[5, 5]] * 4, 1, 1)).all()


def test_transform_by_affine_and_projective_matrices() -> None:
    shifted = geometry.transform(SQUARE, [[1, 0, 5], [0, 2, -1]])
    assert_allclose(shifted, [[5, -1], [15, -1], [15, 19], [5, 19]])
    assert_allclose(geometry.transform([[4, 2]], [[1, 0, 0], [0, 1, 0], [0, 0, 2]]), [[2, 1]])


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turn_matrix_agrees_with_numpy(degrees: int) -> None:
    raster = np.arange(12).reshape(3, 4)
    turned = np.rot90(raster, -degrees // 90)
    matrix = geometry.turn_matrix(4, 3, degrees)
    for y, x in np.ndindex(raster.shape):
        # A pixel's centre lies half a pixel from its corner.
        new_x, new_y = geometry.transform([x + 0.5, y + 0.5], matrix) - 0.5
        assert turned[round(new_y), round(new_x)] == raster[y, x]


def test_a_turn_that_is_no_quarter_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0, 90, 180 or 270"):
        geometry.turn_matrix(4, 3, 45)


@pytest.mark.parametrize(
    "quad",
    [[[0, 0], [1, 0], [1, 1], [0, 1]], [[10, 20], [110, 30], [105, 60], [8, 40]], [[5, 5], [5, 5], [5, 5], [5, 5]]],
)
def test_a_square_is_taken_to_its_quad(quad: ArrayLike) -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    assert geometry.transform(square, geometry.from_square(quad)) == pytest.approx(np.asarray(quad))


def test_halfway_along_what_is_seen_aslant_is_nearer_to_its_far_end() -> None:
    matrix = geometry.from_square([[0, 0], [100, 20], [100, 40], [0, 60]])
    x, y = geometry.transform([0.5, 0.5], matrix)
    assert (x, y) == (pytest.approx(75), pytest.approx(30))


def test_the_rectangle_around_points_runs_along_a_way() -> None:
    points = [[[0, 0], [10, 2]], [[4, 8], [5, 5]]]
    assert geometry.around(points, [3, 0]).tolist() == [[0, 0], [10, 0], [10, 8], [0, 8]]
    assert geometry.around(points, [0, 7]).tolist() == [[10, 0], [10, 8], [0, 8], [0, 0]]
    leaning = geometry.around([[0, 0], [2, 2], [1, -1]], [1, 1])
    assert leaning == pytest.approx(np.array([[1, -1], [3, 1], [2, 2], [0, 0]]))
    assert np.isfinite(geometry.around([[1, 1]], [0, 0])).all()


def test_iou_of_known_pairs() -> None:
    shifted = np.add(SQUARE, (5, 0))
    inside = [[0, 0], [5, 0], [5, 5], [0, 5]]
    diamond = [[5, 0], [10, 5], [5, 10], [0, 5]]
    touching = np.add(SQUARE, (10, 0))
    got = geometry.iou([SQUARE], np.stack([SQUARE, shifted, inside, diamond, touching]))
    assert_allclose(got, [[1, 1 / 3, 1 / 4, 1 / 2, 0]], atol=1e-6)


def test_iou_is_exact_far_from_the_origin() -> None:
    far = np.add(SQUARE, (40_000, 59_990))
    assert_allclose(geometry.iou(far, np.add(far, (5, 0))), [[1 / 3]], atol=1e-6)


@pytest.mark.parametrize("nudge", [0, 6e-17, 1e-12, 1e-9, 1e-6])
def test_iou_holds_where_sides_all_but_coincide(nudge: float) -> None:
    square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2]])
    almost = square + nudge * np.array([[1, 0], [0, 0], [0, 0], [-1, 0]])
    assert_allclose(geometry.iou(almost, square), [[1]], atol=1e-5)
    half = np.array([[0.0, 0], [1, nudge], [1, 2], [0, 2]])
    assert_allclose(geometry.iou(almost, half), [[0.5]], atol=1e-5)


def test_iou_of_nothing_and_of_flat_quads_is_zero() -> None:
    assert geometry.iou([], [SQUARE]).shape == (0, 1)
    assert geometry.iou([SQUARE], []).shape == (1, 0)
    assert geometry.iou([[0, 5], [10, 5], [10, 5], [0, 5]], SQUARE).item() == 0


def test_hull_of_two_words_on_a_tilted_line() -> None:
    turn = np.array([[0.8, -0.6, 30], [0.6, 0.8, 7]])
    words = geometry.transform(geometry.from_boxes([[0, 0, 20, 10], [30, 0, 50, 10]]), turn)
    want = geometry.transform(geometry.from_boxes([[0, 0, 50, 10]])[0], turn)
    assert geometry.iou(geometry.hull(words), want).item() > 0.999
