"""Postures of lines and the turn of their page: by value, for all four turns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.decode import posture
from geulnun.decode.posture import COLUMN, COLUMN_HEAD_DOWN, HEAD_DOWN, TURNS, UPRIGHT
from geulnun.geometry import Floats

#: Three lines of an upright page 400 pixels wide and 300 high.
LINES = geometry.from_boxes([[20, 20, 300, 44], [20, 60, 380, 84], [20, 100, 120, 124]])
#: Two columns of one, from the right side of their tops down.
COLUMNS = np.array(
    [[[380, 20], [380, 280], [350, 280], [350, 20]], [[340, 20], [340, 200], [310, 200], [310, 20]]], float
)


def _sure(kinds: list[int], by: float = 0.99) -> Floats:
    out = np.full((len(kinds), 4), (1 - by) / 3)
    out[np.arange(len(kinds)), kinds] = by
    return out


def _shown(quads: Floats, turn: int) -> Floats:
    """The quads on the page turned clockwise by so much."""
    return geometry.transform(quads, geometry.turn_matrix(400, 300, turn))


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("backwards", [False, True])
def test_lines_and_columns_tell_the_turn(turn: int, backwards: bool) -> None:
    for quads, standing, over in ((LINES, UPRIGHT, HEAD_DOWN), (COLUMNS, COLUMN, COLUMN_HEAD_DOWN)):
        shown = _shown(quads, turn)
        # A detector may begin a line at its wrong end; its crop then stands on its head.
        found = np.roll(shown, 2, axis=1) if backwards else shown
        told = posture.page_turn(_sure([over if backwards else standing] * len(quads)), found)
        assert told.rotation == (360 - turn) % 360
        assert told.confidence > 0.99
        assert told.columns == float(quads is COLUMNS)
        righted = posture.righted(found, told.rotation)
        np.testing.assert_allclose(righted, shown)


def test_one_line_that_is_wrong_does_not_outvote_two() -> None:
    told = posture.page_turn(_sure([UPRIGHT, UPRIGHT, HEAD_DOWN], 0.9999), LINES)
    assert told.rotation == 0
    # Two votes against one, each of which errs once in a while, and the guess.
    assert 0.98 < told.confidence < 0.999


def test_in_doubt_the_guess_stands() -> None:
    unsure = np.full((3, 4), 0.25)
    assert posture.page_turn(unsure, LINES).rotation == 0
    told = posture.page_turn(unsure, LINES, 180)
    assert (told.rotation, told.columns) == (180, 0.0)
    assert told.confidence == pytest.approx(3 / 6)
    assert posture.page_turn(np.zeros((0, 4)), np.zeros((0, 4, 2)), 90) == posture.PageTurn(90, 0.0, 0.0)
    with pytest.raises(ValueError, match="expected 0, 90, 180 or 270"):
        posture.page_turn(unsure, LINES, 45)


def test_upside_down_is_either_kind_from_the_other_end() -> None:
    chances = posture.probabilities(np.log(np.array([[0.1, 0.6, 0.1, 0.2], [0.4, 0.1, 0.4, 0.1]], np.float32)))
    np.testing.assert_allclose(posture.upside_down(chances), [0.8, 0.2], atol=1e-6)
    assert posture.probabilities(np.zeros((0, 4), np.float32)).shape == (0, 4)


@given(st.lists(st.floats(-30, 30), min_size=8, max_size=8))
def test_probabilities_are_such(logits: list[float]) -> None:
    chances = posture.probabilities(np.array(logits).reshape(2, 4))
    np.testing.assert_allclose(chances.sum(1), 1.0)
    turns = posture.turned(chances, LINES[:2])
    np.testing.assert_allclose(turns.sum(1), 1.0)
    # An upright page's columns run down: level quads that are columns tell of a quarter turn.
    np.testing.assert_allclose(turns[:, [0, 2, 1, 3]], chances)
