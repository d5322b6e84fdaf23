"""Errors in their places: by hand, and adding up to what `geulnun.metrics` counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import metrics
from geulnun.document import Block, Char, Line, Page, Word, line_from_text
from geulnun.evaluate import alignment as al
from geulnun.evaluate.alignment import align
from geulnun.evaluate.worst import line_reading


def page(*lines: str) -> Page:
    return Page(100, 100, (Block(tuple(line_from_text(line) for line in lines)),))


texts = st.lists(st.text("가각나 다a1.", max_size=8), max_size=4)


@given(texts, texts)
def test_lines_and_what_is_of_none_add_up_to_the_page(truth: list[str], read: list[str]) -> None:
    wanted, found = page(*truth), page(*read)
    totals = align(wanted, found).totals
    cer, solid = metrics.page_cer(wanted, found), metrics.page_cer(wanted, found, spaces=False)
    eojeols, spaces = metrics.page_eojeol_accuracy(wanted, found), metrics.page_spaces(wanted, found)
    assert (totals[al.ERRORS], totals[al.CHARS]) == (cer.errors, cer.length)
    assert (totals[al.SOLID_ERRORS], totals[al.SOLID]) == (solid.errors, solid.length)
    assert (totals[al.EOJEOL_HITS], totals[al.EOJEOLS]) == (eojeols.hits, eojeols.wanted)
    assert (totals[al.GAP_HITS], totals[al.FOUND_GAPS], totals[al.GAPS]) == (spaces.hits, spaces.found, spaces.wanted)


@given(texts, texts)
def test_faults_are_the_errors_of_the_lines(truth: list[str], read: list[str]) -> None:
    laid = align(page(*truth), page(*read))
    assert len(list(laid.faults())) == laid.lines[:, al.SOLID_ERRORS].sum()
    assert len(list(laid.faults())) + len(laid.stray) == laid.totals[al.SOLID_ERRORS]


def test_each_line_has_its_own_errors() -> None:
    laid = align(page("서울 강남구", "부산 해운대"), page("서울 강남구", "부신해운대"))
    first, second = laid.lines.tolist()
    assert (first[al.ERRORS], first[al.EXACT], first[al.EOJEOL_HITS]) == (0, 1, 2)
    # One letter and one space; the space between the lines is the first line's.
    assert (second[al.ERRORS], second[al.SOLID_ERRORS], second[al.EXACT]) == (2, 1, 0)
    assert (first[al.CHARS], second[al.CHARS]) == (7, 6)
    assert (second[al.GAPS], second[al.GAP_HITS]) == (1, 0)
    assert list(laid.faults()) == [(6, "산", "신")]
    assert laid.missing_spaces == ("산해",)


def test_added_spaces_are_told_by_what_is_around_them() -> None:
    laid = align(page("할수있다"), page("할 수있다"))
    assert laid.added_spaces == ("할수",)
    assert laid.missing_spaces == ()


def test_a_paragraph_read_at_the_wrong_place_is_of_no_line() -> None:
    laid = align(page("가나다라마", "바사아자차"), page("가나다라마", "전혀 다른 글이 여기 있다", "바사아자차"))
    assert laid.lines[:, al.ERRORS].tolist() == [0, 0]
    assert laid.lines[:, al.EXACT].tolist() == [1, 1]
    assert len(laid.stray) == 10
    assert laid.totals[al.SOLID_ERRORS] == 10
    assert laid.totals[al.ERRORS] == 15  # its spaces, and the one that parts it


def test_a_little_behind_a_line_is_the_lines() -> None:
    laid = align(page("가나다라마", "바사아자차"), page("가나다라마..", "바사아자차"))
    assert laid.lines[:, al.ERRORS].tolist() == [2, 0]
    assert not laid.stray
    assert line_reading(laid, 0) == "가나다라마.."


def test_the_image_of_one_line_has_no_other_place() -> None:
    laid = align(page("가나"), page("가나 그리고 아주 많은 다른 글"))
    assert not laid.stray
    assert laid.lines[0, al.SOLID_ERRORS] == 10
    assert laid.lost.tolist() == [False]
    assert align(page("가나"), page()).lost.tolist() == [True]


def test_lines_of_which_less_than_half_was_read_are_lost() -> None:
    laid = align(page("가나다라", "마바사아"), page("가나다라", "마거거거"))
    assert laid.lost.tolist() == [False, True]


def test_what_is_read_on_an_empty_page_is_of_no_line() -> None:
    laid = align(page(), page("가 나"))
    assert laid.lines.shape == (0, al.COLUMNS)
    assert (laid.totals[al.ERRORS], laid.totals[al.SOLID_ERRORS], laid.totals[al.FOUND_GAPS]) == (3, 2, 1)
    assert list(laid.faults()) == []


def test_of_equal_alignments_the_one_of_more_alike_letters_is_taken() -> None:
    """One letter is missing; what is left is like the second, not like the first."""
    laid = align(page("곰감"), page("검"))
    assert [(wanted, found) for _, wanted, found in laid.faults()] in (
        [("곰", ""), ("감", "검")],
        [("곰", "검"), ("감", "")],
    )
    laid = align(page("읽었다"), page("읽엇다"))
    assert list(laid.faults()) == [(1, "었", "엇")]


def test_confidences_follow_their_characters() -> None:
    line = Line((Word((Char("가", confidence=0.5), Char("～", confidence=0.25))), Word((Char("나", confidence=0.75),))))
    laid = align(page("가~ 나"), Page(9, 9, (Block((line,)),)))
    assert laid.confidence is not None
    assert laid.confidence.tolist() == [0.5, 0.25, 0.75]
    assert laid.right().tolist() == [True, True, True]


def test_a_line_that_alone_is_sure_lends_its_confidence() -> None:
    line = replace(line_from_text("가나"), confidence=0.25)
    laid = align(page("가다"), Page(9, 9, (Block((line,)),)))
    assert laid.confidence is not None
    assert laid.confidence.tolist() == [0.25, 0.25]
    assert laid.right().tolist() == [True, False]


def test_readings_that_state_no_confidence_have_none() -> None:
    assert align(page("가"), page("가")).confidence is None


def test_eojeols_of_the_reading_are_right_or_wrong() -> None:
    laid = align(page("가나 다 라"), page("가나 다 러"))
    assert laid.words.tolist() == [[2, 1], [1, 1], [1, 0]]


@pytest.mark.parametrize(("line", "text"), [(0, "서울 강남"), (1, "부신해"), (2, "")])
def test_the_reading_of_one_line(line: int, text: str) -> None:
    laid = align(page("서울 강남", "부산 해", "龘龘龘"), page("서울 강남", "부신해"))
    assert line_reading(laid, line) == text
