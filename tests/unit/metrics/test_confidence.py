"""Top-n accuracy, calibration and reject curves, by hand and by their axioms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun.metrics import Accuracy, Outcomes, outcomes, top_n

READINGS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


def made(readings: list[tuple[float, bool]]) -> Outcomes:
    return outcomes([one for one, _ in readings], [right for _, right in readings])


def test_top_n_by_hand() -> None:
    candidates = [["가", "나", "다"], ["나", "가"], [], ["～"]]
    assert top_n(["다", "가", "가", "~"], candidates, 1) == Accuracy(1, 4)
    assert top_n(["다", "가", "가", "~"], candidates, 2) == Accuracy(2, 4)
    assert top_n(["다", "가", "가", "~"], candidates, 3) == Accuracy(3, 4)
    assert top_n([], [], 1).value == 1.0


@given(st.lists(st.tuples(st.sampled_from("가나다"), st.lists(st.sampled_from("가나다라"), max_size=4)), max_size=8))
def test_more_candidates_never_hit_less(pairs: list[tuple[str, list[str]]]) -> None:
    truths, candidates = [truth for truth, _ in pairs], [given_ for _, given_ in pairs]
    right = [top_n(truths, candidates, n).right for n in (1, 2, 3, 4)]
    assert right == sorted(right)
    assert right[-1] == sum(truth in given_ for truth, given_ in pairs)


def test_top_n_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="1 truths and 0 lists"):
        top_n(["가"], [])
    with pytest.raises(ValueError, match="first 0 candidates"):
        top_n(["가"], [["가"]], 0)


def test_calibration_by_hand() -> None:
    # Five bins: 0.1 and 0.2 in the first (the edge belongs to it), 0.9 and 1.0 in the last.
    found = made([(0.1, False), (0.2, True), (0.9, True), (1.0, True), (0.5, False)]).calibration(5)
    assert found.counts.tolist() == [2, 0, 1, 0, 2]
    assert found.right.tolist() == [1, 0, 0, 0, 2]
    assert found.gaps == pytest.approx([0.35, 0, 0.5, 0, 0.05])
    assert found.ece == pytest.approx((2 * 0.35 + 0.5 + 2 * 0.05) / 5)
    assert found.mce == pytest.approx(0.5)


@pytest.mark.parametrize(("confidence", "right", "ece"), [(1.0, True, 0), (1.0, False, 1), (0, True, 1), (0, False, 0)])
def test_the_ends_of_calibration(confidence: float, right: bool, ece: float) -> None:
    assert made([(confidence, right)] * 3).calibration().ece == ece


@given(READINGS, READINGS, st.integers(1, 20))
def test_calibration_axioms(first: list[tuple[float, bool]], second: list[tuple[float, bool]], bins: int) -> None:
    together = (made(first) + made(second)).calibration(bins)
    apart = made(first).calibration(bins) + made(second).calibration(bins)
    assert together.counts.tolist() == apart.counts.tolist()
    assert together.ece == pytest.approx(apart.ece)
    assert 0 <= together.ece <= together.mce + 1e-9 <= 1 + 2e-9
    assert together.counts.sum() == len(first) + len(second)
    # With one bin it is the gap between mean confidence and accuracy.
    if first:
        confidence, right = np.mean([one for one, _ in first]), np.mean([one for _, one in first])
        assert made(first).calibration(1).ece == pytest.approx(abs(confidence - right))


def test_calibration_of_nothing_and_of_unequal_bins() -> None:
    assert Outcomes().calibration().ece == Outcomes().calibration().mce == 0.0
    with pytest.raises(ValueError, match="0 bins"):
        Outcomes().calibration(0)
    with pytest.raises(ValueError, match="5 bins and 6"):
        Outcomes().calibration(5) + Outcomes().calibration(6)


def test_a_reject_curve_by_hand() -> None:
    curve = made([(0.5, False), (0.9, True), (0.5, True), (0.8, False)]).reject_curve()
    assert curve.threshold.tolist() == [0.9, 0.8, 0.5]
    assert curve.coverage.tolist() == [0.25, 0.5, 1.0]
    assert curve.error.tolist() == [0.0, 0.5, 0.5]
    assert curve.area == pytest.approx(0.25 * 0 + 0.25 * 0.5 + 0.5 * 0.5)
    assert [curve.error_at(share) for share in (0.0, 0.25, 0.3, 1.0)] == [0.0, 0.0, 0.5, 0.5]
    assert [curve.coverage_at(error) for error in (0.0, 0.4, 0.5)] == [0.25, 0.25, 1.0]


def test_a_reject_curve_of_lines_weighs_their_length() -> None:
    lines = Outcomes(np.array([0.9, 0.1]), np.array([1.0, 3.0]), np.array([9.0, 1.0]))
    assert lines.reject_curve().error == pytest.approx([1 / 9, 0.4])
    empty = Outcomes(np.array([0.5]), np.array([2.0]), np.array([0.0]))
    assert empty.reject_curve().error.tolist() == [1.0]


def test_a_reject_curve_of_nothing() -> None:
    curve = Outcomes().reject_curve()
    assert (len(curve.error), curve.area, curve.error_at(0.5), curve.coverage_at(0.5)) == (0, 0.0, 0.0, 0.0)


@given(READINGS.filter(bool))
def test_reject_curve_axioms(readings: list[tuple[float, bool]]) -> None:
    curve = made(readings).reject_curve()
    assert (np.diff(curve.coverage) > 0).all()
    assert (np.diff(curve.threshold) < 0).all()
    assert curve.coverage[-1] == 1.0
    assert curve.error[-1] == pytest.approx(np.mean([not right for _, right in readings]))
    assert 0 <= curve.area <= 1
    # No confidences are better than those that put all right readings before all wrong ones.
    rights = sorted((right for _, right in readings), reverse=True)
    best = made([(1 / rank, right) for rank, right in enumerate(rights, 1)]).reject_curve()
    assert best.area <= curve.area + 1e-9


@given(READINGS, st.randoms())
def test_the_order_of_readings_does_not_matter(readings: list[tuple[float, bool]], random: st.DataObject) -> None:
    mixed = list(readings)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert made(mixed).reject_curve().error.tolist() == made(readings).reject_curve().error.tolist()


@pytest.mark.parametrize(
    ("confidences", "errors", "units"),
    [([1.1], [0], [1]), ([np.nan], [0], [1]), ([0.5], [-1], [1]), ([0.5], [0], [np.inf]), ([0.5], [0, 1], [1])],
)
def test_outcomes_refuse_what_makes_no_sense(confidences: list[float], errors: list[float], units: list[float]) -> None:
    with pytest.raises(ValueError, match=r"expected|NaN"):
        Outcomes(np.array(confidences, float), np.array(errors, float), np.array(units, float))
