"""Scores of two pages."""

from __future__ import annotations

import numpy as np
import pytest

from geulnun import metrics
from geulnun.document import Alternative, Block, Char, Line, Page, Word, line_from_text
from geulnun.errors import InputError
from geulnun.geometry import from_boxes, to_tuple
from geulnun.metrics import Accuracy, ErrorRate, Matches, Mean


def page(*lines: tuple[str, float | None]) -> Page:
    """A page of lines 90 wide and 10 high; each is its text and its top, None for no quad."""
    made = [
        line_from_text(text, None if top is None else to_tuple(from_boxes([5, top, 95, top + 10])))
        for text, top in lines
    ]
    return Page(100, 100, (Block(tuple(made)),))


TRUTH = page(("나는 학교에", 0), ("간다.", 20))


def test_a_page_against_itself_is_perfect() -> None:
    assert metrics.page_cer(TRUTH, TRUTH) == ErrorRate(0, 10)
    assert metrics.page_wer(TRUTH, TRUTH).value == 0.0
    for score in (
        metrics.page_eojeol_accuracy,
        metrics.page_eojeol_bag,
        metrics.page_spaces,
        metrics.page_detection,
        metrics.page_end_to_end,
    ):
        assert score(TRUTH, TRUTH).f1 == 1.0


def test_a_wrong_order_costs_cer_and_not_the_bag() -> None:
    swapped = page(("간다.", 20), ("나는 학교에", 0))
    assert metrics.page_cer(TRUTH, swapped).errors > 0
    assert metrics.page_eojeol_bag(TRUTH, swapped).f1 == 1.0
    assert metrics.page_end_to_end(TRUTH, swapped).f1 == 1.0


def test_lines_cut_otherwise_cost_detection_alone() -> None:
    joined = page(("나는 학교에 간다.", 0))
    assert metrics.page_cer(TRUTH, joined).errors == 0
    assert metrics.page_detection(TRUTH, joined) == Matches(1, 1, 2)


def test_strict_recall_is_the_share_of_lines_read_exactly() -> None:
    read = page(("나는 학교에", 0), ("간다", 21))
    assert metrics.page_end_to_end(TRUTH, read, strict=True).recall == 0.5
    assert metrics.page_end_to_end(TRUTH, read).recall == pytest.approx((1 + 2 / 3) / 2)


def test_lines_without_a_quad_take_part_in_text_alone() -> None:
    read = page(("나는 학교에", None), ("간다.", 20))
    assert metrics.page_cer(TRUTH, read).errors == 0
    assert metrics.page_detection(TRUTH, read) == Matches(1, 1, 2)


def test_a_blank_page_read_as_blank_is_perfect() -> None:
    blank = Page(100, 100)
    assert metrics.page_cer(blank, blank).value == 0.0
    assert metrics.page_end_to_end(blank, blank).f1 == 1.0
    assert metrics.page_cer(blank, TRUTH).value == 1.0


def words(*parts: tuple[str, float, float]) -> Page:
    """A page of one line of words 20 wide; each is its text, its left side and its characters' confidence."""
    made = tuple(
        Word(tuple(Char(char, confidence=confidence) for char in text), to_tuple(from_boxes([left, 0, left + 20, 10])))
        for text, left, confidence in parts
    )
    return Page(200, 10, (Block((Line(made, to_tuple(from_boxes([0, 0, 200, 10])), confidence=0.5),)),))


EOJEOLS = words(("나는", 0, 1.0), ("간다", 30, 1.0))
READ = words(("나논", 0, 0.8), ("간다", 30, 0.9), ("요", 90, 0.3))


def test_words_are_placed_as_lines_are() -> None:
    assert metrics.page_detection(EOJEOLS, READ, level="word") == Matches(2, 3, 2)
    assert metrics.page_end_to_end(EOJEOLS, READ, level="word") == Matches(1.5, 3, 2)
    assert metrics.page_end_to_end(EOJEOLS, READ, level="word", strict=True) == Matches(1, 3, 2)
    assert metrics.page_end_to_end_ned(EOJEOLS, READ, level="word") == Mean(1.5, 3)
    assert metrics.page_granularity(EOJEOLS, READ, level="word").spurious == 1
    assert metrics.page_best_giou(EOJEOLS, READ, level="word").value == pytest.approx(1.0)
    with pytest.raises(ValueError, match="level"):
        metrics.page_detection(EOJEOLS, READ, level="block")  # type: ignore[arg-type]


def test_ranked_words_go_by_their_confidence() -> None:
    ranking = metrics.page_ranked_detection(EOJEOLS, READ, level="word")
    assert ranking.scores.tolist() == [0.8, 0.9, 0.3]
    assert ranking.hits[0].tolist() == [True, True, False]
    assert ranking.mean_ap == 1.0


def test_lists_of_pages_are_pooled() -> None:
    both = [EOJEOLS, TRUTH], [READ, TRUTH]
    assert metrics.page_cer(*both) == metrics.page_cer(EOJEOLS, READ) + metrics.page_cer(TRUTH, TRUTH)
    assert metrics.page_end_to_end(*both) == Matches(2 + (1 - 3 / 5), 3, 3)
    assert metrics.page_lines_exact(*both) == Accuracy(2, 3)
    assert metrics.page_ned(*both) == Mean(1 + (1 - 3 / 7), 2)
    assert metrics.page_confusions(*both).rate == metrics.page_cer(*both)
    assert metrics.page_wer(*both, spaces=False) == ErrorRate(2, 5)
    assert metrics.page_cer([], []) == ErrorRate()
    assert len(metrics.page_outcomes(*both).confidences) == 5 + 8


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(InputError, match="2 true pages and 1 read"):
        metrics.page_cer([TRUTH, TRUTH], [TRUTH])
    with pytest.raises(InputError, match="1 true pages and 0 read"):
        metrics.page_cleval(TRUTH, [])


def test_outcomes_of_characters() -> None:
    found = metrics.page_outcomes(EOJEOLS, READ)
    assert found.confidences.tolist() == [0.8, 0.8, 0.9, 0.9, 0.3]
    assert found.errors.tolist() == [0, 1, 0, 0, 1]
    assert found.reject_curve().error_at(0.4) == 0.0
    assert found.calibration(1).ece == pytest.approx(abs(3.7 / 5 - 3 / 5))


def test_outcomes_of_lines() -> None:
    stray = page(("나는 학고에", 0), ("없다", 60))
    found = metrics.page_outcomes(TRUTH, stray, unit="line")
    assert (found.errors.tolist(), found.units.tolist()) == ([1, 2], [6, 2])
    with pytest.raises(ValueError, match="unit"):
        metrics.page_outcomes(TRUTH, stray, unit="word")  # type: ignore[arg-type]


def test_alternatives_count_among_the_first_n() -> None:
    char = Char(
        "논", confidence=0.5, alternatives=(Alternative("눈", 0.1), Alternative("는", 0.3), Alternative("논", 0.5))
    )
    read = Page(200, 10, (Block((Line((Word((Char("나"), char)),)),)),))
    truth = Page(200, 10, (Block((line_from_text("나는 간"),)),))
    assert [metrics.page_top_n(truth, read, n).right for n in (1, 2, 3)] == [1, 2, 2]
    assert metrics.page_top_n(truth, read).total == 3


def test_jamo_of_pages() -> None:
    assert metrics.page_jamo_errors(EOJEOLS, READ).jung.counts["ㅡ", "ㅗ"] == 1
    assert metrics.page_jamo_error_rate(EOJEOLS, READ, spaces=False) == ErrorRate(3, 10)


def test_an_exact_line_needs_no_place_where_there_is_but_one() -> None:
    assert metrics.page_lines_exact(page(("가 나", None)), page(("가 나", 0))) == Accuracy(1, 1)
    assert metrics.page_lines_exact(page(("가 나", None)), page(("가나", 0))) == Accuracy(0, 1)
    assert metrics.page_lines_exact(TRUTH, Page(100, 100)) == Accuracy(0, 2)


def test_blank_pages_have_a_value_in_every_score() -> None:
    blank = Page(100, 100)
    assert metrics.page_ranked_detection(blank, blank).mean_ap == 1.0
    assert metrics.page_best_giou(blank, blank).value == metrics.page_top_n(blank, blank).value == 1.0
    assert (
        metrics.page_jamo_errors(blank, blank).rate.value == metrics.page_outcomes(blank, blank).calibration().ece == 0
    )
    assert metrics.page_cleval(blank, blank).detection.f1 == 0.0
    assert np.isfinite(metrics.page_outcomes(blank, TRUTH).reject_curve().error).all()
