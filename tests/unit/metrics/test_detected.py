"""Detection F1 at several thresholds: hand-computed cases, and agreement with the pairing it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry, metrics
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.metrics import THRESHOLDS, Detected, detected, pair

#: Boxes of 10 x 10 moved right by 1, 2 and 4 pixels: IoU 9/11, 8/12 and 6/14.
MOVED = [[0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10]]
FOUND = [[1, 0, 11, 10], [102, 0, 112, 10], [204, 0, 214, 10]]


def test_hits_fall_with_the_threshold() -> None:
    rows = detected(np.array(MOVED), np.array(FOUND))
    assert rows.thresholds == THRESHOLDS
    # 0.82 is in up to 0.80, 0.67 up to 0.65, 0.43 nowhere.
    assert rows.hits == (2, 2, 2, 2, 1, 1, 1, 0, 0, 0)
    assert rows.at().f1 == pytest.approx(2 / 3)
    assert rows.at(0.7).recall == pytest.approx(1 / 3)
    assert rows.mean_f1 == pytest.approx((4 * 2 + 3 * 1) / 30)


def test_pages_pool_and_nothing_at_all_is_perfect() -> None:
    whole = detected(np.array(MOVED), np.array(FOUND)) + detected(np.array(MOVED), np.array(MOVED))
    assert (whole.hits[0], whole.hits[-1], whole.found, whole.wanted) == (5, 3, 6, 6)
    assert (Detected().at().f1, Detected().mean_f1) == (1.0, 1.0)
    assert detected(np.array(MOVED), np.zeros((0, 4))).mean_f1 == 0.0


def test_one_found_shape_is_counted_once() -> None:
    rows = detected(np.array([[0, 0, 10, 10], [0, 0, 10, 9]]), np.array([[0, 0, 10, 10]]))
    assert (rows.hits[0], rows.hits[-1]) == (1, 1)


@pytest.mark.parametrize("thresholds", [(), (0.0,), (0.5, 1.1)])
def test_thresholds_are_checked(thresholds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="expected one at least"):
        detected(np.array(MOVED), np.array(FOUND), thresholds)
    with pytest.raises(ValueError, match="expected one of"):
        Detected().at(0.51)
    with pytest.raises(ValueError, match="expected the same"):
        Detected() + Detected((0,), thresholds=(0.5,))


_SIDES = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 8), st.integers(1, 8))
boxes = st.lists(
    _SIDES.map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])),
    max_size=7,
)


@given(boxes, boxes)
def test_each_threshold_pairs_as_pairing_down_to_it_does(wanted: list[object], found: list[object]) -> None:
    a, b = (np.array(one, np.float64).reshape(-1, 4) for one in (wanted, found))
    rows = detected(a, b)
    for threshold, hits in zip(rows.thresholds, rows.hits, strict=True):
        assert hits == len(pair(a, b, threshold))


def test_thousands_of_characters_take_no_square_of_them() -> None:
    left, top = np.meshgrid(np.arange(100) * 12.0, np.arange(50) * 12.0)
    cells = np.stack([left.ravel(), top.ravel(), left.ravel() + 10, top.ravel() + 10], 1)
    rows = detected(geometry.from_boxes(cells), geometry.from_boxes(cells + 1))
    # 81 of 119 pixels: 0.68.
    assert rows.hits == (5000,) * 4 + (0,) * 6


def test_pages_are_compared_by_their_characters() -> None:
    quads = geometry.to_tuples(geometry.from_boxes(MOVED))
    truth = Page(300, 20, (Block((Line((Word(tuple(Char("가", quad) for quad in quads)),)),)),))
    read = Page(300, 20, (Block((Line((Word((Char("나", quads[0]), Char("다"))),)),)),))
    rows = metrics.page_detected(truth, read, "char")
    assert (rows.at().hits, rows.found, rows.wanted) == (1, 1, 3)
    assert metrics.page_detected(truth, read, "line") == Detected()
