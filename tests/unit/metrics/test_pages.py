"""Scores of two pages."""

from __future__ import annotations

import pytest

from geulnun import metrics
from geulnun.document import Block, Page, line_from_text
from geulnun.geometry import from_boxes, to_tuple
from geulnun.metrics import ErrorRate, Matches


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
