"""Hangul arithmetic against Unicode's own normalisation and hand-picked words."""

from __future__ import annotations

import unicodedata

import pytest

from geulnun import hangul


def test_split_and_join_agree_with_unicode_for_all_syllables() -> None:
    for char in hangul.syllables():
        cho, jung, jong = hangul.split(char)
        conjoining = chr(0x1100 + cho) + chr(0x1161 + jung) + (chr(0x11A7 + jong) if jong else "")
        assert conjoining == unicodedata.normalize("NFD", char)
        assert hangul.join(cho, jung, jong) == char


def test_there_are_11172_syllables_in_order() -> None:
    all_ = hangul.syllables()
    assert len(all_) == len(set(all_)) == 11_172
    assert (all_[0], all_[-1]) == ("가", "힣")


@pytest.mark.parametrize(
    ("char", "parts"),
    [("가", (0, 0, 0)), ("힣", (18, 20, 27)), ("뷁", (7, 15, 9)), ("쌍", (10, 0, 21)), ("의", (11, 19, 0))],
)
def test_known_syllables_split_as_taught(char: str, parts: tuple[int, int, int]) -> None:
    assert hangul.split(char) == parts


@pytest.mark.parametrize("char", ["", "ㄱ", "a", "가나", "\u1100", chr(0xABFF), chr(0xD7A4)])
def test_what_is_no_syllable_is_refused(char: str) -> None:
    assert not hangul.is_syllable(char)
    with pytest.raises(ValueError, match="not a modern Hangul syllable"):
        hangul.split(char)


@pytest.mark.parametrize("parts", [(-1, 0, 0), (19, 0, 0), (0, 21, 0), (0, 0, 28), (0, 0, -1)])
def test_jamo_out_of_range_are_refused(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="outside the 19 x 21 x 28 jamo"):
        hangul.join(*parts)


def test_decompose_writes_compatibility_jamo_and_leaves_the_rest() -> None:
    assert hangul.decompose("값 3원!") == "ㄱㅏㅄ 3ㅇㅝㄴ!"


@pytest.mark.parametrize(
    ("letters", "text"),
    [
        ("ㄱㅏㄱㅏ", "가가"),
        ("ㄱㅏㄱㄱㅏ", "각가"),
        ("ㄷㅏㄹㄱ", "달ㄱ"),
        ("ㄷㅏㄺ", "닭"),
        ("ㅇㅏㅃㅏ", "아빠"),
        ("ㅋㅋㅋ", "ㅋㅋㅋ"),
        ("ㅏㄱ", "ㅏㄱ"),
        ("ㄱㅏㅄ 3ㅇㅝㄴ!", "값 3원!"),
        ("ㄱㅏㄳㅏ", "갃ㅏ"),
        ("", ""),
    ],
)
def test_compose_groups_letters_as_a_keyboard_does(letters: str, text: str) -> None:
    assert hangul.compose(letters) == text


def test_normalise_composes_and_names_lone_conjoining_jamo() -> None:
    assert hangul.normalise("\u1112\u1161\u11ab글") == "한글"
    assert hangul.normalise("\u1100 \u1161 \u11a8") == "ㄱ ㅏ ㄱ"
    assert hangul.normalise(unicodedata.normalize("NFD", "뷁 é")) == "뷁 é"


def test_the_51_compatibility_jamo_are_all_parts_of_syllables() -> None:
    assert len(hangul.COMPATIBILITY_JAMO) == 51
    assert set(hangul.CHO) | set(hangul.JUNG) | set(hangul.JONG[1:]) == set(hangul.COMPATIBILITY_JAMO)


def test_ks_x_1001_is_the_known_set() -> None:
    common = hangul.ks_x_1001()
    assert len(set(common)) == 2_350
    assert (common[0], common[-1]) == ("가", "힝")
    assert list(common) == sorted(common)
    assert "뷁" not in common
    assert "똠" not in common
