"""Average precision, GIoU of sets, splits and merges, ignored truth: by hand and by their axioms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun.geometry import Floats, from_boxes
from geulnun.metrics import (
    THRESHOLDS,
    Granularity,
    Mean,
    Ranking,
    best_giou,
    detection,
    granularity,
    ranked_detection,
    without_ignored,
)

NONE = np.zeros((0, 4, 2))
TRUTH = from_boxes([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10], [60, 0, 70, 10]])
AWAY = from_boxes([[0, 90, 10, 99]])


@st.composite
def boxes(draw: st.DrawFn) -> Floats:
    side = st.floats(0, 60)
    corners = draw(st.lists(st.tuples(side, side, st.floats(1, 40), st.floats(1, 40)), max_size=6))
    return from_boxes([[x, y, x + w, y + h] for x, y, w, h in corners])


def test_the_thresholds_are_those_of_coco() -> None:
    assert THRESHOLDS == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def test_average_precision_by_hand() -> None:
    # By falling score: hit, miss, hit, hit of four. Precision 1 to a recall of 1/4 (recalls 0 to 0.25: 26 of 101),
    # 3/4 to 3/4 (0.26 to 0.75: 50), then nothing.
    found = np.concatenate([TRUTH[:1], AWAY, TRUTH[1:3]])
    ranking = ranked_detection(TRUTH, found, [0.9, 0.8, 0.7, 0.6])
    assert ranking.ap(0.5) == pytest.approx((26 + 50 * 0.75) / 101)
    assert ranking.mean_ap == pytest.approx(ranking.ap(0.5))


def test_a_sure_mistake_costs_more_than_a_doubtful_one() -> None:
    found = np.concatenate([TRUTH, AWAY])
    assert ranked_detection(TRUTH, found, [0.9] * 4 + [0.1]).ap() == 1.0
    assert ranked_detection(TRUTH, found, [0.5] * 4 + [0.9]).ap() == pytest.approx(0.8)


def test_the_second_of_two_duplicates_is_a_mistake() -> None:
    ranking = ranked_detection(TRUTH[:1], np.concatenate([TRUTH[:1], TRUTH[:1]]), [0.5, 0.6])
    assert ranking.hits.tolist() == [[False, True]] * 10
    assert ranking.ap() == 1.0


def test_the_surer_one_takes_its_best_true_one() -> None:
    # IoU of the found ones with the true one: 0.8 and 1.
    found = from_boxes([[0, 0, 10, 8], [0, 0, 10, 10]])
    ranking = ranked_detection(TRUTH[:1], found, [0.9, 0.8])
    assert ranking.hits[:, 0].tolist() == [threshold <= 0.8 for threshold in THRESHOLDS]
    assert ranking.hits[:, 1].tolist() == [threshold > 0.8 for threshold in THRESHOLDS]
    # Above 0.8 the first found one is wrong: a precision of 1/2 throughout.
    assert ranking.mean_ap == pytest.approx((7 * 1 + 3 * 0.5) / 10)


def test_pages_are_pooled_before_they_are_ranked() -> None:
    good = ranked_detection(TRUTH[:1], TRUTH[:1], [0.5])
    bad = ranked_detection(TRUTH[:1], AWAY, [0.9])
    total = good + bad
    assert (total.wanted, total.scores.tolist()) == (2, [0.5, 0.9])
    assert total.ap() == pytest.approx(51 / 101 * 0.5)


def test_average_precision_of_nothing() -> None:
    assert ranked_detection(NONE, NONE, []).mean_ap == Ranking().mean_ap == 1.0
    assert ranked_detection(TRUTH, NONE, []).mean_ap == 0.0
    assert ranked_detection(NONE, TRUTH, [0.5] * 4).mean_ap == 0.0


@given(boxes(), boxes(), st.integers(0, 2**32 - 1))
def test_average_precision_axioms(a: Floats, b: Floats, seed: int) -> None:
    scores = np.random.default_rng(seed).random(len(b))
    ranking = ranked_detection(a, b, scores)
    values = [ranking.ap(threshold) for threshold in THRESHOLDS]
    assert all(0 <= value <= 1 for value in values)
    assert ranking.hits.sum() <= min(len(a), len(b)) * len(THRESHOLDS)
    if len(a) and len(b):
        # Precision is counted at no recall beyond the last hit's.
        recall = ranking.hits[0].sum() / len(a)
        assert ranking.ap(0.5) <= (100 * recall + 1) / 101 + 1e-9
        assert (ranking.ap(0.5) > 0) == (detection(a, b).hits > 0)
    assert ranked_detection(a, a, np.ones(len(a))).mean_ap == 1.0
    # Only the order of scores counts.
    assert ranked_detection(a, b, scores * 0.5 + 0.1).mean_ap == ranking.mean_ap


def test_ranked_detection_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="for 4 shapes"):
        ranked_detection(TRUTH, TRUTH, [0.5])
    with pytest.raises(ValueError, match="finite"):
        ranked_detection(TRUTH[:1], TRUTH[:1], [np.nan])
    with pytest.raises(ValueError, match="more than 0"):
        ranked_detection(TRUTH, TRUTH, [0.5] * 4, [0.0])
    with pytest.raises(ValueError, match="one of"):
        Ranking().ap(0.42)
    with pytest.raises(ValueError, match="the same"):
        Ranking() + Ranking(thresholds=(0.5,), hits=np.zeros((1, 0), bool))


def test_best_giou_by_hand() -> None:
    # The first is found exactly; the second has its best in a box of half its height.
    found = np.array([[0, 0, 10, 10], [20, 0, 30, 5.0]])
    assert best_giou(np.array([[0, 0, 10, 10], [20, 0, 30, 10.0]]), found) == Mean(1.5, 2)
    assert best_giou(TRUTH, NONE) == Mean(-4, 4)
    assert best_giou(NONE, TRUTH).value == 1.0


@given(boxes(), boxes())
def test_best_giou_axioms(a: Floats, b: Floats) -> None:
    assert -1 <= best_giou(a, b).value <= 1 + 1e-9
    assert best_giou(a, a).value == pytest.approx(1.0)


def test_splits_and_merges_by_hand() -> None:
    # The first is split in two, the next two are merged, the last is missed; one box stands nowhere.
    found = np.concatenate([from_boxes([[0, 0, 5, 10], [5, 0, 10, 10], [20, 0, 50, 10]]), AWAY])
    assert granularity(TRUTH, found) == Granularity(1, 1, 1, 1, 4, 4)
    assert granularity(TRUTH, TRUTH) == Granularity(0, 0, 0, 0, 4, 4)
    assert granularity(NONE, NONE) == Granularity()


def test_half_of_a_shape_is_enough_and_less_is_not() -> None:
    half = from_boxes([[5, 0, 15, 10]])
    assert granularity(TRUTH[:1], half) == Granularity(0, 0, 0, 0, 1, 1)
    assert granularity(TRUTH[:1], half, cover=0.6) == Granularity(0, 0, 1, 1, 1, 1)
    with pytest.raises(ValueError, match="cover"):
        granularity(TRUTH, TRUTH, cover=0)


@given(boxes(), boxes())
def test_a_split_from_one_side_is_a_merge_from_the_other(a: Floats, b: Floats) -> None:
    one, other = granularity(a, b), granularity(b, a)
    assert (one.splits, one.merges, one.missed, one.spurious) == (
        other.merges, other.splits, other.spurious, other.missed,
    )  # fmt: skip
    assert one + other == other + one


def test_ignored_truth_takes_what_lies_on_it_along() -> None:
    # The second found box lies on the ignored one by half, the third by more.
    found = from_boxes([[0, 0, 10, 10], [25, 0, 35, 10], [22, 0, 32, 10], [0, 90, 10, 99]])
    keep, counted = without_ignored(TRUTH, [False, True, False, False], found)
    assert keep.tolist() == [True, False, True, True]
    assert counted.tolist() == [True, True, False, True]
    assert without_ignored(TRUTH, [False] * 4, found)[1].all()
    assert without_ignored(NONE, [], found)[1].all()
    with pytest.raises(ValueError, match="1 marks for 4"):
        without_ignored(TRUTH, [True], found)
