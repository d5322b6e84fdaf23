"""What stands opposite what, by hand and by its axioms."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from geulnun.metrics import (
    NO_FINAL,
    NOTHING,
    Confusions,
    ErrorRate,
    align,
    cer,
    confusions,
    jamo_error_rate,
    jamo_errors,
)
from geulnun.metrics.alignment import align_plain

TEXTS = st.text("가각간나난다 a1.", max_size=14)


@given(TEXTS, TEXTS, st.booleans())
def test_no_alignment_has_fewer_edits_and_both_texts_come_back(truth: str, read: str, spaces: bool) -> None:
    pairs = align(truth, read, spaces)
    assert sum(wanted != found for wanted, found in pairs) == cer(truth, read, spaces).errors
    assert (NOTHING, NOTHING) not in pairs
    blank = "" if not spaces else " "
    assert "".join(wanted for wanted, _ in pairs) == blank.join(truth.split())
    assert "".join(found for _, found in pairs) == blank.join(read.split())


@given(TEXTS, TEXTS)
def test_confusions_count_the_errors_of_cer(truth: str, read: str) -> None:
    assert confusions(truth, read).rate == cer(truth, read)
    assert confusions(truth, truth).errors == 0


@given(TEXTS, TEXTS)
def test_jamo_axioms(truth: str, read: str) -> None:
    assert jamo_error_rate(truth, truth).errors == jamo_errors(truth, truth).rate.errors == 0
    rate = jamo_error_rate(truth, read)
    assert (rate.errors == 0) == (cer(truth, read).errors == 0)
    # A wrong syllable is at most three wrong letters on each side.
    assert rate.errors <= 3 * cer(truth, read).errors
    parts = jamo_errors(truth, read)
    assert parts.cho.total == parts.jung.total == parts.jong.total == sum("가" <= char <= "힣" for char in truth)
    assert jamo_errors(truth, read) + jamo_errors(read, truth) == jamo_errors(read, truth) + jamo_errors(truth, read)


def test_syllables_stand_opposite_those_they_share_jamo_with() -> None:
    assert align("각소", "가") == [("각", "가"), ("소", NOTHING)]
    assert align("소각", "가") == [("소", NOTHING), ("각", "가")]
    assert align("가", "노각") == [(NOTHING, "노"), ("가", "각")]
    assert align("닭이", "닥7") == [("닭", "닥"), ("이", "7")]


def test_long_stretches_without_anything_in_common_are_paired_as_they_come() -> None:
    pairs = align_plain("가" * 300, "나" * 301)
    assert pairs == [("가", "나")] * 300 + [(NOTHING, "나")]


def test_confusions_by_hand() -> None:
    found = confusions("가나다 가", "가너다가각")
    assert found.counts == {
        ("가", "가"): 2, ("나", "너"): 1, ("다", "다"): 1, (" ", NOTHING): 1, (NOTHING, "각"): 1,
    }  # fmt: skip
    assert (found.total, found.errors) == (5, 3)
    assert found.worst(2) == [((NOTHING, "각"), 1), ((" ", NOTHING), 1)]
    assert found.matrix(["가", "나", "너"]).tolist() == [[2, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert found.matrix([]).shape == (0, 0)
    assert confusions("가나다 가", "가너다가각", spaces=False).errors == 2


def test_confusions_of_nothing() -> None:
    assert confusions("", "") == Confusions()
    assert confusions("", "").rate == ErrorRate(0, 0)
    assert confusions("", "가").rate.value == 1.0
    assert confusions("가", "").counts == {("가", NOTHING): 1}


def test_confusions_add_up() -> None:
    total = sum((confusions("가", "나") for _ in range(3)), Confusions())
    assert total.worst(1) == [(("가", "나"), 3)]


def test_which_jamo_was_wrong() -> None:
    # 값 → 갑 (jong), 이 → 아 (jung), 국 → 묵 (cho), 다 lost, 7 → 칠 added.
    errors = jamo_errors("값이 국다7", "갑아 묵칠")
    assert errors.jong.worst(9) == [(("", "ㄹ"), 1), ((NO_FINAL, ""), 1), (("ㅄ", "ㅂ"), 1)]
    assert errors.jung.worst(9) == [(("", "ㅣ"), 1), (("ㅏ", ""), 1), (("ㅣ", "ㅏ"), 1)]
    assert errors.cho.worst(9) == [(("", "ㅊ"), 1), (("ㄱ", "ㅁ"), 1), (("ㄷ", ""), 1)]
    assert errors.cho.counts["ㄱ", "ㄱ"] == errors.jung.counts["ㅜ", "ㅜ"] == errors.jong.counts["ㄱ", "ㄱ"] == 1
    assert errors.rate == ErrorRate(9, 12)


def test_the_jamo_error_rate_counts_letters() -> None:
    assert jamo_error_rate("값", "갑") == ErrorRate(1, 3)
    assert jamo_error_rate("가 나", "각나") == ErrorRate(1, 5)
    assert jamo_error_rate("가 나", "각나", spaces=False) == ErrorRate(1, 4)
    assert jamo_error_rate("", "") == ErrorRate(0, 0)
    assert jamo_error_rate("", "가").value == 1.0


def test_other_characters_have_no_jamo() -> None:
    assert jamo_errors("abc 12", "abd 1").cho.counts == Counter()
    assert jamo_errors("abc", "abc").rate.value == 0.0
