"""Maps of known lines lead back to those lines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.decode import heatmap
from geulnun.geometry import Floats


def maps_of(quads: Floats, height: int = 640, width: int = 640) -> heatmap.Maps:
    """The maps a perfect network would draw."""
    maps, _ = heatmap.encode(quads, height, width)
    maps[[0, 7]] = maps[[0, 7]] * 16 - 8
    return maps


def line(x: float, y: float, length: float, high: float, degrees: float) -> Floats:
    """A line's quad that starts at (x, y) and reads along ``degrees``, clockwise from the x axis."""
    turn = np.radians(degrees)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    start = np.array([x, y])
    return np.array([start, start + along * length, start + along * length + across * high, start + across * high])


@given(
    degrees=st.floats(-180, 180),
    high=st.floats(9, 120),
    length=st.floats(0.6, 30),
    at=st.tuples(st.floats(250, 390), st.floats(250, 390)),
)
def test_any_line_comes_back(degrees: float, high: float, length: float, at: tuple[float, float]) -> None:
    quad = line(*at, min(length * high, 230), high, degrees)
    found = heatmap.decode(maps_of(quad[None]))
    assert len(found.quads) == 1
    # The order of the points as well: the first is the start of the text.
    assert np.abs(found.quads[0] - quad).max() < 0.08 * high + heatmap.STRIDE / 2
    assert found.scores[0] > 0.99


def test_tight_lines_and_narrow_gutters_stay_apart() -> None:
    quads = np.stack([line(40 + 200 * column, 40 + 12 * row, 194, 11, 0) for row in range(20) for column in range(2)])
    found = heatmap.decode(maps_of(quads))
    assert len(found.quads) == 40
    assert geometry.iou(quads, found.quads).max(1).min() > 0.85


def test_heights_may_grow_along_a_line() -> None:
    quad = np.array([[100.0, 200], [500, 180], [500, 240], [100, 230]])
    found = heatmap.decode(maps_of(quad[None]))
    assert geometry.iou(quad[None], found.quads)[0, 0] > 0.97


def test_a_line_cut_by_the_edge_reaches_it() -> None:
    found = heatmap.decode(maps_of(line(-300, 100, 2000, 30, 0)[None]))
    left, _, right, _ = geometry.to_boxes(found.quads)[0]
    assert left < 4
    assert right > 636


def test_the_offset_lifts_a_core_drawn_too_low() -> None:
    maps = maps_of(line(100, 100, 300, 40, 0)[None])
    maps[2] -= 0.1
    found = heatmap.decode(maps)
    assert geometry.to_boxes(found.quads)[0][[1, 3]] == pytest.approx([96, 136], abs=0.5)


def test_weak_lines_are_dropped_and_strong_ones_kept() -> None:
    quads = np.stack([line(100, 100, 300, 30, 0), line(100, 300, 300, 30, 0)])
    maps = maps_of(quads)
    maps[0, 60:] = np.minimum(maps[0, 60:], 0.1)
    found = heatmap.decode(maps)
    assert len(found.quads) == 1
    assert geometry.iou(quads[:1], found.quads)[0, 0] > 0.95


def test_a_short_sign_takes_the_page_s_way_up() -> None:
    quads = np.stack([line(100, 100, 400, 30, 0), line(100, 300, 20, 30, 0)])
    maps = maps_of(quads)
    maps[5:7, 60:] *= -0.3
    maps[7, 60:] = -8
    found = heatmap.decode(maps)
    assert np.abs(geometry.angles(found.quads)).max() < 1


def test_many_lines_that_hardly_know_decide_which_way_up_together() -> None:
    quads = np.stack([line(500, 600 - 40 * row, 400, 20, 180) for row in range(12)])
    maps = maps_of(quads)
    rng = np.random.default_rng(1)
    maps[7] = np.where(maps[0] > 0, rng.normal(-0.6, 2, maps[7].shape), 0)
    assert np.abs(geometry.angles(heatmap.decode(maps).quads)).min() > 179


def test_a_long_line_that_is_sure_may_stand_on_its_head() -> None:
    quads = np.stack([line(100, 100, 400, 30, 0), line(100, 200, 400, 30, 0), line(500, 330, 400, 30, 180)])
    found = heatmap.decode(maps_of(quads))
    assert geometry.iou(quads, found.quads).max(1).min() > 0.95
    assert np.abs(geometry.angles(found.quads)).round().tolist() == [0, 0, 180]


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (300, 8)])
def test_empty_maps_hold_no_line(shape: tuple[int, int]) -> None:
    found = heatmap.decode(np.full((8, *shape), -8, np.float32))
    assert found.quads.shape == (0, 4, 2)
    assert found.scores.shape == (0,)


def test_hostile_maps_give_finite_quads() -> None:
    rng = np.random.default_rng(3)
    noise = (rng.standard_normal((8, 120, 120)) * 50).astype(np.float32)
    for maps in (noise, np.full((8, 60, 60), 1e4, np.float32), np.zeros((8, 60, 60), np.float32) + [[[9]]]):
        found = heatmap.decode(np.asarray(maps, np.float32))
        assert np.isfinite(found.quads).all()
        assert ((found.scores >= 0) & (found.scores <= 1)).all()


def test_lines_too_low_to_see_are_left_out_of_learning() -> None:
    maps, weight = heatmap.encode(np.stack([line(100, 100, 300, 4, 0), line(100, 300, 300, 40, 0)]), 640, 640)
    assert not maps[0, :60].any()
    assert (weight[:60] == 0).any()
    assert (weight[60:] > 0).all()


def test_short_lines_weigh_more_a_cell_than_long_ones() -> None:
    maps, weight = heatmap.encode(np.stack([line(100, 100, 500, 40, 0), line(100, 300, 30, 40, 0)]), 640, 640)
    inside = maps[0] > 0
    assert weight[60:][inside[60:]].min() > weight[:60][inside[:60]].max()


def test_lines_joined_by_a_faint_bridge_are_two() -> None:
    quads = np.stack([line(100, 100, 400, 30, 0), line(100, 140, 400, 30, 0)])
    maps = maps_of(quads)
    inside = maps[0] > 0
    bridge = np.zeros_like(inside)
    bridge[25:42, 60:63] = True
    maps[0][bridge & ~inside] = 0.9
    maps[1:, bridge & ~inside] = maps[1:, 28, 40][:, None]
    found = heatmap.decode(maps)
    assert len(found.quads) == 2
    assert geometry.iou(quads, found.quads).max(1).min() > 0.9


def test_a_line_across_another_keeps_its_own_axis() -> None:
    quads = np.stack([line(100, 300, 400, 30, 0), line(330, 332, 250, 30, 90)])
    assert geometry.iou(quads, heatmap.decode(maps_of(quads)).quads).max(1).min() > 0.9


def test_a_short_upright_thing_on_a_page_of_level_lines_is_no_line() -> None:
    level = [line(50, 50 + 60 * row, 400, 30, 0) for row in range(5)]
    found = heatmap.decode(maps_of(np.stack([*level, line(550, 100, 60, 30, 90)])))
    assert len(found.quads) == 5
    # A long one may be the label of an axis.
    found = heatmap.decode(maps_of(np.stack([*level, line(550, 100, 200, 30, 90)])))
    assert len(found.quads) == 6


def test_a_line_broken_at_a_wide_space_is_one_and_two_columns_are_two() -> None:
    whole = line(60, 100, 500, 30, 6)
    maps = maps_of(whole[None])
    maps[0, :, 70:80] = -8
    found = heatmap.decode(maps)
    assert len(found.quads) == 1
    assert geometry.iou(whole[None], found.quads)[0, 0] > 0.95
    columns = np.stack([line(60, 100, 220, 30, 0), line(320, 100, 240, 30, 0), line(320, 140, 240, 30, 0)])
    assert len(heatmap.decode(maps_of(columns)).quads) == 3


def test_short_lines_lean_as_the_page_does() -> None:
    long = [line(60, 60 + 60 * row, 500, 30, 8) for row in range(5)]
    short = line(100, 480, 60, 30, 8)
    maps = maps_of(np.stack([*long, short]))
    maps[5, 115:], maps[6, 115:] = np.cos(np.radians(22)), np.sin(np.radians(22))
    angles = geometry.angles(heatmap.decode(maps).quads)
    assert len(angles) == 6
    assert np.abs(angles - 8).max() < 1.5
