"""The lean of a page: by value, and whatever else stands on it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.analyse.skew import Skew, skew, straightening
from geulnun.geometry import Floats

LINES = geometry.from_boxes([[50, 50 + 40 * at, 450 - 20 * at, 74 + 40 * at] for at in range(9)])


def _leaning(quads: Floats, degrees: float) -> Floats:
    turn = np.radians(degrees)
    return np.asarray(quads @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


@given(st.floats(-44, 44), st.lists(st.integers(0, 3), min_size=9, max_size=9))
def test_the_lean_is_found_whichever_way_lines_run(degrees: float, turns: list[int]) -> None:
    upright = np.stack([_leaning(quad, 90.0 * turn) for quad, turn in zip(LINES, turns, strict=True)])
    found = skew(_leaning(upright, degrees))
    assert found.angle == pytest.approx(degrees, abs=1e-6)
    assert found.confidence == pytest.approx(1.0)


def test_what_leans_otherwise_does_not_draw_it_aside() -> None:
    stamps = _leaning(LINES[:4], 20)
    found = skew(np.concatenate([_leaning(LINES, 1.5), stamps]))
    assert found.angle == pytest.approx(1.5, abs=1e-6)
    # Lines of 400 x 24 and a little less: four of thirteen lean otherwise.
    assert 0.6 < found.confidence < 0.7


def test_a_page_without_long_lines_does_not_tell() -> None:
    assert skew(np.zeros((0, 4, 2))) == Skew(0.0, 0.0)
    assert skew(_leaning(geometry.from_boxes([[0, 0, 30, 24]]), 10)) == Skew(0.0, 0.0)


@pytest.mark.parametrize("degrees", [0.0, 3.0, -17.0])
def test_straightened_lines_are_level_and_inside(degrees: float) -> None:
    leaning = _leaning(LINES, degrees)
    leaning = leaning - leaning.min((0, 1))
    width, height = (int(side) for side in np.ceil(leaning.max((0, 1))))
    matrix, size = straightening(skew(leaning).angle, width, height)
    straight = geometry.transform(leaning, matrix)
    assert np.abs(geometry.angles(straight)).max() == pytest.approx(0.0, abs=1e-6)
    assert straight.min() >= -1e-6
    assert (straight.max((0, 1)) <= np.array(size) + 1e-6).all()
    if not degrees:
        assert size == (width, height)
        np.testing.assert_allclose(straight, leaning)
