"""Detection and end-to-end scores, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from geulnun.geometry import from_boxes
from geulnun.metrics import Matches, detection, end_to_end, end_to_end_ned, pair

TRUTH = from_boxes([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])


def test_pairs_go_by_falling_iou_and_one_to_one() -> None:
    # The second box overlaps the first truth less (IoU 6/10) than the first does (8/10).
    found = from_boxes([[0, 0, 10, 6], [0, 0, 10, 8]])
    assert [(match.wanted, match.found) for match in pair(TRUTH, found)] == [(0, 1)]
    assert pair(TRUTH, found)[0].iou == pytest.approx(0.8)


def test_the_better_pair_wins_even_if_another_is_left_alone() -> None:
    wanted = from_boxes([[0, 0, 10, 10], [0, 0, 10, 14]])
    found = from_boxes([[0, 0, 10, 11]])
    assert [(match.wanted, match.found) for match in pair(wanted, found)] == [(0, 0)]


def test_the_threshold_is_part_of_the_range() -> None:
    half = from_boxes([[0, 0, 10, 5]])
    assert detection(TRUTH, half, 0.5) == Matches(1, 1, 3)
    assert detection(TRUTH, half, 0.51) == Matches(0, 1, 3)


def test_duplicates_are_paid_for_in_precision() -> None:
    found = np.concatenate([TRUTH, TRUTH[:1]])
    score = detection(TRUTH, found)
    assert (score.precision, score.recall) == (0.75, 1.0)


def test_quads_without_area_match_nothing() -> None:
    flat = from_boxes([[0, 0, 10, 0]])
    assert detection(flat, flat) == Matches(0, 1, 1)
    assert detection(flat, flat).f1 == 0.0


def test_a_turned_quad_is_the_same_area() -> None:
    assert detection(TRUTH, np.roll(TRUTH, 2, axis=1)).f1 == 1.0


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.5])
def test_a_threshold_outside_the_range_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        pair(TRUTH, TRUTH, threshold)


def test_soft_end_to_end_by_hand() -> None:
    # Worth 1 (exact), 1 - 1/4 (one error in four) and 0 (CER 2, clamped); one found quad stands nowhere.
    found = np.concatenate([TRUTH, from_boxes([[90, 90, 99, 99]])])
    score = end_to_end(TRUTH, ["가나", "가나다라", "가"], found, ["가나", "가나다마", "나다라", "가"])
    assert score == Matches(1.75, 4, 3)
    assert [score.precision, score.recall] == pytest.approx([1.75 / 4, 1.75 / 3])
    assert score.f1 == pytest.approx(2 * (1.75 / 4) * (1.75 / 3) / (1.75 / 4 + 1.75 / 3))


def test_strict_end_to_end_counts_only_exact_texts() -> None:
    score = end_to_end(TRUTH, ["가나", "가나다라", "가"], TRUTH, ["가나", "가나다마", "가"], strict=True)
    assert score == Matches(2, 3, 3)


def test_end_to_end_of_nothing() -> None:
    none = np.zeros((0, 4, 2))
    assert end_to_end(none, [], none, []).f1 == 1.0
    assert end_to_end(TRUTH, ["가"] * 3, none, []).f1 == 0.0
    assert end_to_end(none, [], TRUTH, ["가"] * 3).f1 == 0.0
    assert end_to_end(TRUTH[:1], ["가"], TRUTH[1:2], ["가"]).f1 == 0.0


def test_texts_must_be_as_many_as_quads() -> None:
    with pytest.raises(ValueError, match="2 and 3 texts"):
        end_to_end(TRUTH, ["가", "나"], TRUTH, ["가", "나", "다"])


def test_polygons_and_shapes_that_cross_themselves_pair_by_what_they_enclose() -> None:
    round_ = [(0, 0), (5, -1), (10, 0), (10, 10), (5, 11), (0, 10)]
    crossed = [(0, 0), (10, 10), (10, 0), (0, 10)]
    assert pair([round_], TRUTH[:1])[0].iou == pytest.approx(100 / 110)
    # Half of the box lies in the two triangles.
    assert pair([crossed], TRUTH[:1])[0].iou == pytest.approx(0.5)
    assert detection(np.array([[0, 0, 10, 10]]), TRUTH[:1]) == Matches(1, 1, 1)
    assert end_to_end([round_], ["가"], [crossed], ["가"]) == Matches(0, 1, 1)


def test_a_threshold_of_one_takes_what_is_the_same() -> None:
    turned = np.array([[(0.1, 0.2), (9.3, 4.7), (7.1, 9.9), (-2.1, 5.4)]])
    assert detection(turned, np.roll(turned, 1, 1), 1.0) == Matches(1, 1, 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_must_be_finite(bad: float) -> None:
    broken = TRUTH.copy()
    broken[1, 0, 0] = bad
    with pytest.raises(ValueError, match="NaN or infinity"):
        detection(TRUTH, broken)


def test_ned_end_to_end_by_hand() -> None:
    # Exact; one of two characters wrong; the third of the truth and a found one stand alone.
    found = np.concatenate([TRUTH[:2], from_boxes([[90, 90, 99, 99]])])
    score = end_to_end_ned(TRUTH, ["가나", "다라", "마"], found, ["가나", "다바", "사"])
    assert (score.total, score.count) == (1.5, 4)
    # Nothing against nothing is right.
    assert end_to_end_ned(TRUTH[:1], [""], np.zeros((0, 4, 2)), []).value == 1.0
    assert end_to_end_ned(np.zeros((0, 4, 2)), [], np.zeros((0, 4, 2)), []).value == 1.0
    assert end_to_end_ned(TRUTH[:1], ["가"], np.zeros((0, 4, 2)), []).value == 0.0
