"""Expressions against `re`, fields by value, check digits against their published rules."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geulnun.charset import BLANK, DEFAULT, FlatCharset
from geulnun.decode.beam import BeamSearch, beam
from geulnun.decode.ctc import greedy, text_of
from geulnun.decode.expressions import Automaton
from geulnun.decode.patterns import NAMED, Pattern, pattern
from geulnun.decode.steps import Flat
from geulnun.errors import UsageError
from geulnun.synth import identifiers

_ATOMS = st.sampled_from([*"ab1-", r"\d", ".", "[ab]", "[^a]", "[0-9-]", r"\.", "[a-b1]"])
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{1,2}", "{0,2}", "{2,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(_EXPRESSIONS, st.lists(st.text("ab1-.", max_size=7), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_expressions_mean_what_they_mean_elsewhere(expression: str, texts: list[str]) -> None:
    automaton = Automaton(expression)
    for text in texts:
        assert automaton.matches(text) == bool(re.fullmatch(expression, text)), (expression, text)


@given(_EXPRESSIONS, st.text("ab1-.", max_size=5))
@settings(max_examples=100, deadline=None)
def test_what_follows_is_just_what_may_be_stepped(expression: str, text: str) -> None:
    automaton = Automaton(expression)
    state: int | None = 0
    for char in text:
        state = automaton.step(state, char) if state is not None else None
    if state is None:
        return
    follows = automaton.follows(state)
    for char in "ab1-.가":
        if follows is not None:
            assert (char in follows) == (automaton.step(state, char) is not None)


@given(st.sampled_from(sorted(NAMED)), st.text("0123456789-.,: 년월일원%@ab()*", max_size=14))
@settings(max_examples=200, deadline=None)
def test_named_ones_agree_with_re(name: str, text: str) -> None:
    assert Automaton(NAMED[name][0]).matches(text) == bool(re.fullmatch(NAMED[name][0], text))


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("date", ["2024.03.07", "2024. 3. 7.", "1999-12-31", "2024년 3월 7일", "24.3.7"], ["2024.13.07", "2024-3"]),
        ("date", ["20240307"], ["20241307"]),
        ("time", ["09:30", "23:59:59", "오후 3시 20분", "오전 10:05", "14시"], ["24:00", "9:60", "오후 13시"]),
        ("amount", ["12,300원", "₩1,234,567", "금 30,000원정", "-1,000", "0"], ["12,30원", "1,2345", "01,000"]),
        ("resident", ["900101-1234567", "900101-1******"], ["901301-1234567", "9001011234567", "900101-12345"]),
        ("resident-checked", ["900101-1234568", "900101-1******"], ["900101-1234567"]),
        ("business-checked", ["220-81-62517"], ["220-81-62518", "220-8162517"]),
        ("business", ["220-81-62518"], ["22-081-62517"]),
        ("corporation-checked", ["110111-0085450"], ["110111-0085451"]),
        ("card-checked", ["4111-1111-1111-1111", "4111111111111111"], ["4111-1111-1111-1112", "4111-1111 1111-1111"]),
        ("phone", ["010-1234-5678", "(031) 123-4567", "1588-1234", "+82-2-123-4567"], ["010-12-5678", "1288-1234"]),
        ("e-mail", ["hong@example.co.kr", "a.b+c@d.org"], ["hong@example", "@a.kr", "a b@c.kr"]),
        ("plate", ["12가3456", "123허 4567", "서울 12 바 3456"], ["12각3456", "1가3456"]),
        ("postcode", ["06236", "135-080"], ["0623", "13-5080"]),
        ("percentage", ["12.5%", "-3 %", "1,000%"], ["12.5", "%"]),
        ("account", ["110-123-456789", "1234567890"], ["110-", "12"]),
    ],
)  # fmt: skip
def test_fields(name: str, right: list[str], wrong: list[str]) -> None:
    field = pattern(name)
    assert [text for text in right if not field.matches(text)] == []
    assert [text for text in wrong if field.matches(text)] == []


@pytest.mark.parametrize(
    "expression",
    ["(ab", "ab)", "[a", "[]", "a{2", "a{x}", "a{3,2}", "*a", "^a$", "[b-a]", r"\w", "(a{900}){900}", "a\\"],
)
def test_what_is_no_expression_is_told(expression: str) -> None:
    with pytest.raises(UsageError, match="pattern") as caught:
        Automaton(expression)
    assert "\n" not in str(caught.value)


def test_names_that_are_none_are_told() -> None:
    with pytest.raises(UsageError, match="did you mean 'amount'"):
        pattern("amont")
    with pytest.raises(UsageError, match="empty"):
        pattern("")


@pytest.mark.parametrize("name", ["resident", "business", "corporation"])
def test_numbers_of_the_data_engine_match_with_their_check_digits(name: str) -> None:
    rng = np.random.default_rng(1)
    checked = pattern(f"{name}-checked")
    for _ in range(50):
        number = getattr(identifiers, name)(rng)
        assert checked.matches(number)
        assert not checked.matches(number[:-1] + str((int(number[-1]) + 1) % 10))


CLASSES = FlatCharset(tuple("0123456789-O가"))


def steps_for(text: str, doubts: dict[int, tuple[str, float]]) -> Flat:
    """Steps that spell ``text``, each followed by a blank; at ``doubts`` another character is as much likelier."""
    logits = np.full((2 * len(text), CLASSES.width), -4.0, np.float32)
    logits[1::2, BLANK] = 6
    for at, char in enumerate(text):
        logits[2 * at, CLASSES.encode(char)[0]] = 6
        if at in doubts:
            other, more = doubts[at]
            logits[2 * at, CLASSES.encode(other)[0]] = 6 + more
    return Flat.of_logits(logits, CLASSES)


def test_a_pattern_rules_out_look_alikes() -> None:
    steps = steps_for("900101-1234568", {1: ("O", 2.0), 3: ("가", 9.0)})
    assert text_of(greedy(steps, CLASSES)) == "9O0가01-1234568"
    assert text_of(beam(steps, CLASSES, scorer=pattern("resident"))) == "900101-1234568"


def test_a_check_digit_finds_the_digit_that_was_misread() -> None:
    steps = steps_for("220-81-62517", {5: ("7", 1.5)})
    assert text_of(beam(steps, CLASSES, scorer=pattern("business"))) == "220-87-62517"
    assert text_of(beam(steps, CLASSES, scorer=pattern("business-checked"))) == "220-81-62517"


def test_what_cannot_match_is_not_written() -> None:
    assert BeamSearch(CLASSES, pattern("resident")).ctc(steps_for("90-1", {})) is None


@given(st.integers(0, 10_000), st.sampled_from(["postcode", "business-checked", r"\d+-?O?", "(가|0)-[^1]", r".\d."]))
@settings(max_examples=40, deadline=None)
def test_whatever_the_network_says_only_matches_are_written(seed: int, name: str) -> None:
    logits = np.random.default_rng(seed).normal(0, 3, (40, CLASSES.width)).astype(np.float32)
    scorer = pattern(name)
    found = BeamSearch(CLASSES, scorer).ctc(Flat.of_logits(logits, CLASSES))
    if scorer.alphabet is not None:
        # As many steps as there are have room for a match.
        assert found is not None
    if found is not None:
        assert scorer.matches(CLASSES.decode(found.ids))


def test_large_alphabets_are_listed_and_open_ones_are_not() -> None:
    hangul = Pattern("[가-힣]{2,4}")
    assert hangul.alphabet is not None
    assert len(hangul.alphabet) == 11_172
    assert all(char in DEFAULT for char in hangul.alphabet)
    assert Pattern("a.").alphabet is None
