"""Grammar: check digits, spelled numbers, allomorphs, conjugation, official prose."""

from __future__ import annotations

import re

import numpy as np
import pytest

from geulnun.synth import identifiers, lists, numerals, official, people
from geulnun.synth.eojeol import Stem, attach, past, predicate, with_final


@pytest.mark.parametrize(
    ("check", "number"),
    [
        # Worked by hand from the public rules. 2*(8+...)... e.g. 800101-1000008:
        # 8*2+0*3+0*4+1*5+0*6+1*7+1*8+0*9+0*2+0*3+0*4+0*5 = 36; 36 mod 11 = 3; 11-3 = 8.
        (identifiers.resident_check, "8001011000008"),
        # 9*2+9*3+1*4+2*5+3*6+1*7+2*8+1*9+2*2+3*3+4*4+5*5 = 163; 163 mod 11 = 9; 11-9 = 2.
        (identifiers.resident_check, "9912312123452"),
        # The same sum of 900101-512340: 18+0+0+5+0+7+40+9+4+9+16+0 = 108; 108 mod 11 = 9; 13-9 = 4.
        (identifiers.foreigner_check, "9001015123404"),
        # 1*1+2*3+3*7+4*1+5*3+6*7+7*1+8*3+9*5 = 165, and 9*5//10 = 4: 169; 10-9 = 1.
        (identifiers.business_check, "1234567891"),
        # 1+2+0+2+1+2+0+2+3+8+5+12 = 38; 10-8 = 2.
        (identifiers.corporation_check, "1101110134562"),
        # The usual example of Luhn's rule.
        (identifiers.luhn_check, "79927398713"),
    ],
)
def test_check_digits_follow_the_public_rules(check: object, number: str) -> None:
    assert callable(check)
    assert check(number[:-1]) == int(number[-1])


def _valid(number: str, weights: tuple[int, ...], base: int, modulus: int) -> bool:
    plain = number.replace("-", "")
    total = sum(int(digit) * weight for digit, weight in zip(plain, weights, strict=False))
    return (base - total % modulus) % 10 == int(plain[-1])


def test_drawn_numbers_are_valid() -> None:
    rng = np.random.default_rng(4)
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    for _ in range(200):
        resident, foreigner = identifiers.resident(rng), identifiers.foreigner(rng)
        assert re.fullmatch(r"\d{6}-[1-4]\d{6}", resident)
        assert _valid(resident, weights, 11, 11)
        assert re.fullmatch(r"\d{6}-[5-8]\d{6}", foreigner)
        assert _valid(foreigner, weights, 13, 11)
        assert _valid(identifiers.corporation(rng), (1, 2) * 6, 10, 10)
        assert re.fullmatch(r"\d{3}-\d\d-\d{5}", identifiers.business(rng))


@pytest.mark.parametrize(
    ("value", "script", "ones", "wanted"),
    [
        (0, "hangul", True, "영"),
        (1_234_000, "hangul", True, "일백이십삼만사천"),
        (10_000, "hangul", False, "만"),
        (110_010_000, "hangul", True, "일억일천일만"),
        (2024, "hangul", False, "이천이십사"),
        (1_234_000, "hanja", True, "壹百貳拾參萬四千"),
    ],
)
def test_numbers_in_words(value: int, script: str, ones: bool, wanted: str) -> None:
    assert numerals.spelled(value, script, ones) == wanted


def test_numbers_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot spell -1"):
        numerals.spelled(-1)
    with pytest.raises(ValueError, match="'latin'"):
        numerals.spelled(1, "latin")


def test_groups_of_ten_thousand() -> None:
    assert numerals.grouped(123_456_789) == "1억 2,345만 6,789"
    assert numerals.grouped(30_000) == "3만"
    assert numerals.grouped(0) == "0"


@pytest.mark.parametrize(
    ("word", "pair", "wanted"),
    [
        ("책", ("을", "를"), "책을"),
        ("나무", ("을", "를"), "나무를"),
        ("서울", ("으로", "로"), "서울로"),
        ("집", ("으로", "로"), "집으로"),
        ("서울", ("을", "를"), "서울을"),
        ("「민법」", ("을", "를"), "「민법」을"),
        ("3", ("으로", "로"), "3으로"),
        ("7", ("으로", "로"), "7로"),
        ("PDF", ("을", "를"), "PDF를"),
        ("URL", ("은", "는"), "URL은"),
        ("회의(안)", ("이", "가"), "회의(안)이"),
    ],
)
def test_particles_follow_the_sound(word: str, pair: tuple[str, str], wanted: str) -> None:
    assert attach(word, *pair) == wanted


@pytest.mark.parametrize(
    ("stem", "short", "long"),
    [
        (Stem("하"), "했", "하였"),
        (Stem("가"), "갔", "갔"),
        (Stem("보"), "봤", "보았"),
        (Stem("오"), "왔", "왔"),
        (Stem("되"), "됐", "되었"),
        (Stem("먹"), "먹었", "먹었"),
        (Stem("받"), "받았", "받았"),
        (Stem("마시"), "마셨", "마시었"),
        (Stem("담그"), "담갔", "담갔"),
        (Stem("쓰"), "썼", "썼"),
        (Stem("돕", "도우", "도와"), "도왔", "도왔"),
    ],
)
def test_past_stems(stem: Stem, short: str, long: str) -> None:
    assert past(stem) == short
    assert past(stem, short=False) == long


def test_finals_join_the_stem() -> None:
    assert with_final(Stem("만들"), "ㄴ") == "만든"
    assert with_final(Stem("만들"), "ㅂ") == "만듭"
    assert with_final(Stem("먹"), "ㄹ") == "먹을"
    assert with_final(Stem("먹"), "ㅂ") == "먹습"
    assert with_final(Stem("돕", "도우", "도와"), "ㄴ") == "도운"
    assert with_final(Stem("가"), "ㅂ") == "갑"


def test_predicates_abound_in_past_endings() -> None:
    rng = np.random.default_rng(0)
    text = " ".join(predicate(rng) for _ in range(3000))
    share = {syllable: text.count(syllable) for syllable in "었았했였"}
    assert all(share.values())
    assert sum(share.values()) > 600


def test_official_sentences_leave_no_slot_open_and_use_every_template() -> None:
    rng = np.random.default_rng(2)
    written = [official.sentence(rng) for _ in range(1500)]
    assert not [text for text in written if "{" in text or "}" in text]
    heads = {template.split("{")[0] for template in official.SENTENCES}
    assert not [head for head in heads if not any(text.startswith(head) for text in written)]


def test_citations_name_a_statute_and_an_article() -> None:
    rng = np.random.default_rng(6)
    for _ in range(100):
        assert re.search(r"제\d+조", official.article(rng))


def test_places_lie_in_their_province() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        province, part = people.place(rng)
        assert part in people.PLACES[province]
    assert len(people.PLACES) == 17


def test_ideographs_are_as_many_as_their_syllables() -> None:
    assert len(lists.HANJA_WORDS) > 180
    assert not [word for word, hanja in lists.HANJA_WORDS.items() if len(word) != len(hanja)]
