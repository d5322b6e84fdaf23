"""Scores of strings, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun.metrics import (
    Accuracy,
    ErrorRate,
    Matches,
    Mean,
    cer,
    eojeol_accuracy,
    eojeol_bag,
    exact,
    lines_exact,
    ned,
    ned_similarity,
    spaces,
    wer,
)


@pytest.mark.parametrize(
    ("truth", "read", "with_spaces", "without"),
    [
        ("", "", (0, 0), (0, 0)),
        ("가나", "", (2, 2), (2, 2)),
        ("", "가나", (2, 0), (2, 0)),
        ("가나 다", "가나다", (1, 4), (0, 3)),
        ("가나 다", "가 너다", (2, 4), (1, 3)),
        ("넓다", "널다", (1, 2), (1, 2)),
        ("kitten", "sitting", (3, 6), (3, 6)),
    ],
)
def test_cer(truth: str, read: str, with_spaces: tuple[int, int], without: tuple[int, int]) -> None:
    assert cer(truth, read) == ErrorRate(*with_spaces)
    assert cer(truth, read, spaces=False) == ErrorRate(*without)


def test_both_sides_are_normalised() -> None:
    decomposed = "\u1100\u1161 ～\n 나"
    assert cer("가 ~ 나", decomposed) == ErrorRate(0, 5)
    assert exact("가 ~ 나", decomposed)
    assert not exact("가나", "가 나")


def test_rates_of_an_empty_truth() -> None:
    assert cer("", "").value == 0.0
    assert cer("", "가나다").value == 1.0
    assert cer("가", "가나다").value == 2.0


def test_a_corpus_is_the_sum_of_its_parts() -> None:
    # One error in 1 and none in 9 is 10 %, not the mean of 100 % and 0 %.
    assert (cer("가", "나") + cer("가나다라마바사아자", "가나다라마바사아자")).value == pytest.approx(0.1)
    assert sum([Matches(1, 2, 3), Matches(2, 2, 5)], Matches()) == Matches(3, 4, 8)


def test_wer_counts_whole_eojeols() -> None:
    assert wer("나는 학교에 간다", "나는 학교 에 간다") == ErrorRate(2, 3)
    assert wer("나는 학교에 간다", "나는 간다") == ErrorRate(1, 3)


def test_eojeol_accuracy_keeps_the_order_and_the_bag_does_not() -> None:
    truth, read = "가 나 다 가", "다 가 나"
    assert eojeol_accuracy(truth, read) == Matches(2, 3, 4)
    assert eojeol_bag(truth, read) == Matches(3, 3, 4)
    assert eojeol_bag(truth, read).f1 == pytest.approx(6 / 7)


def test_the_bag_counts_repeats() -> None:
    assert eojeol_bag("가 가", "가 가 가") == Matches(2, 3, 2)
    assert eojeol_bag("가 나", "가 가") == Matches(1, 2, 2)


@pytest.mark.parametrize(
    ("truth", "read", "expected"),
    [
        ("가나 다라 마", "가나 다라 마", Matches(2, 2, 2)),
        ("가나 다라 마", "가나다라마", Matches(0, 0, 2)),
        ("가나다라", "가 나 다라", Matches(0, 2, 0)),
        ("가나 다라", "가 나다 라", Matches(0, 2, 1)),
        # A wrong character beside it does not move a space, nor does a lost or an added one.
        ("가나 다라", "가너 다라", Matches(1, 1, 1)),
        ("가나 다라", "나 다라", Matches(1, 1, 1)),
        ("가나 다라", "가나 다라마", Matches(1, 1, 1)),
        ("", "", Matches(0, 0, 0)),
    ],
)
def test_spaces(truth: str, read: str, expected: Matches) -> None:
    assert spaces(truth, read) == expected


def test_matches_with_an_empty_side() -> None:
    assert (Matches(0, 0, 0).precision, Matches(0, 0, 0).recall, Matches(0, 0, 0).f1) == (1.0, 1.0, 1.0)
    assert (Matches(0, 3, 0).precision, Matches(0, 3, 0).recall, Matches(0, 3, 0).f1) == (0.0, 0.0, 0.0)
    assert (Matches(0, 0, 3).precision, Matches(0, 0, 3).recall, Matches(0, 0, 3).f1) == (0.0, 0.0, 0.0)


def test_ned_divides_by_the_longer() -> None:
    assert ned_similarity("가나", "가나다라") == pytest.approx(0.5)
    assert ned_similarity("", "") == 1.0
    assert ned_similarity("가", "") == 0.0


@pytest.mark.parametrize(
    ("truth", "read", "expected"),
    [
        ("나는 학교에 간다", "나는학교에간다", ErrorRate(0, 3)),
        ("나는 학교에 간다", "나 는 학 교에간다", ErrorRate(0, 3)),
        ("나는 학교에 간다", "나는학고에간다", ErrorRate(1, 3)),
        ("나는 학교에 간다", "나는 간다", ErrorRate(1, 3)),
        # What was added belongs to the eojeol before it, at the very start to the first.
        ("나는 간다", "나는요 간다", ErrorRate(1, 2)),
        ("나는 간다", "아나는 간다", ErrorRate(1, 2)),
        ("나는 간다", "", ErrorRate(2, 2)),
        ("", "나는 간다", ErrorRate(2, 0)),
        ("", "", ErrorRate(0, 0)),
    ],
)
def test_wer_that_does_not_charge_for_spaces(truth: str, read: str, expected: ErrorRate) -> None:
    assert wer(truth, read, spaces=False) == expected


def test_lists_of_lines() -> None:
    truths, reads = ["가나", "다 라", "마"], ["가나", "다라", "마\n"]
    assert lines_exact(truths, reads) == Accuracy(2, 3)
    found = ned(truths, reads)
    assert found.total == pytest.approx(1 + 2 / 3 + 1)
    assert found.count == 3
    assert (found + Mean(0.0, 1)).value == pytest.approx((1 + 2 / 3 + 1) / 4)
    assert (lines_exact([], []) + Accuracy(1, 4)).value == 0.25
    assert lines_exact([], []).value == ned([], []).value == 1.0
    for score in (lines_exact, ned):
        with pytest.raises(ValueError, match="2 true texts and 1 read"):
            score(["가", "나"], ["가"])


TEXTS = st.text("가나다 a", max_size=14)


@given(TEXTS, TEXTS)
def test_axioms_of_wer_without_spaces(truth: str, read: str) -> None:
    rate = wer(truth, read, spaces=False)
    assert (rate.errors == 0) == (cer(truth, read, spaces=False).errors == 0)
    assert rate == wer(truth, " ".join(read), spaces=False) or not truth.strip()
    if truth.strip():
        assert rate.errors <= rate.length


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_axioms_of_lists_of_lines(pairs: list[tuple[str, str]]) -> None:
    truths, reads = [truth for truth, _ in pairs], [read for _, read in pairs]
    assert lines_exact(truths, reads).value <= ned(truths, reads).value + 1e-12 <= 1 + 1e-12
    assert ned(truths, reads).total == pytest.approx(ned(reads, truths).total)
    assert lines_exact(truths, truths).value == ned(truths, truths).value == 1.0
