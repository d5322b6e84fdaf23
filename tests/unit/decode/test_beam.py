"""Beam search against the sum over all alignments, and what scorers make of it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, DEFAULT, HANGUL, Charset, FlatCharset
from geulnun.decode.beam import BeamSearch, Found, beam, spelled
from geulnun.decode.ctc import greedy, text_of
from geulnun.decode.fusion import Fusion, Together
from geulnun.decode.ngram_build import build
from geulnun.decode.steps import Flat, Steps, steps_of

ABC = FlatCharset(("a", "b", "c"))
SMALL = Charset((" ", "a", "1"))


def rows(seed: int, steps: int, scale: float = 1.5) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, scale, (steps, ABC.width)).astype(np.float32)


def alignments(steps: Steps, classes: int) -> dict[tuple[int, ...], float]:
    """Probability of every text, summed over its alignments."""
    chances = steps.of(np.arange(classes))
    sums: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(classes), repeat=len(steps)):
        text = tuple(label for label, _ in itertools.groupby(path) if label != BLANK)
        sums[text] = sums.get(text, 0.0) + math.prod(float(chances[at, label]) for at, label in enumerate(path))
    return sums


class Table:
    """Weights of texts by a rule of the test's; the state is the text so far."""

    start = ""

    def __init__(self, weights: dict[str, float], alphabet: str | None = None) -> None:
        self.weights = weights
        self.alphabet = None if alphabet is None else frozenset(alphabet)

    def step(self, state: str, char: str) -> tuple[str, float] | None:
        if self.alphabet is not None and char not in self.alphabet:
            return None
        return state + char, self.weights.get(char, 0.0)

    def end(self, state: str) -> float:
        return self.weights.get("$", 0.0) * len(state)

    def follows(self, state: str) -> Iterable[str] | None:
        return self.alphabet


@given(st.integers(0, 10_000), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_a_wide_beam_is_the_sum_over_all_alignments(seed: int, length: int) -> None:
    steps = Flat.of_logits(rows(seed, length), ABC)
    sums = alignments(steps, 4)
    found = BeamSearch(ABC, width=2000).ctc(steps)
    assert found is not None
    assert sums[found.ids] == pytest.approx(max(sums.values()), rel=1e-4)
    assert math.exp(found.score) == pytest.approx(sums[found.ids], rel=1e-3)


@given(st.integers(0, 10_000), st.integers(1, 5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_with_weights_it_is_the_sum_times_the_weight(seed: int, length: int, limited: bool) -> None:
    steps = Flat.of_logits(rows(seed, length), ABC)
    table = Table({"a": 0.7, "b": -0.9, "c": 0.2, "$": 0.3}, "abc" if limited else None)
    sums = alignments(steps, 4)

    def weigh(ids: tuple[int, ...]) -> float:
        text = ABC.decode(ids)
        return math.log(sums[ids]) + sum(table.weights[char] for char in text) + table.end(text)

    found = BeamSearch(ABC, table, width=2000).ctc(steps)
    assert found is not None
    assert weigh(found.ids) == pytest.approx(max(map(weigh, sums)), abs=1e-3)
    assert found.score == pytest.approx(weigh(found.ids), abs=1e-3)


@given(st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_positions_are_searched_exactly(seed: int, length: int) -> None:
    steps = Flat.of_logits(rows(seed, length), ABC)
    table = Table({"a": 0.5, "b": -0.5, "$": 0.1})
    chances = steps.of(np.arange(4))
    scores: dict[tuple[int, ...], float] = {}
    for count in range(length + 1):
        for ids in itertools.product((1, 2, 3), repeat=count):
            score = sum(math.log(chances[at, index]) for at, index in enumerate(ids))
            score += math.log(chances[count, BLANK]) if count < length else 0.0
            text = ABC.decode(ids)
            scores[ids] = score + sum(table.weights.get(char, 0.0) for char in text) + table.end(text)
    found = BeamSearch(ABC, table, width=500).positions(steps)
    assert found is not None
    assert scores[found.ids] == pytest.approx(max(scores.values()), abs=1e-3)
    assert found.score == pytest.approx(max(scores.values()), abs=1e-3)
    assert found.peaks == tuple(range(len(found.ids)))


def test_sharp_steps_are_read_alike_by_greedy_and_beam() -> None:
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 4, (60, SMALL.width)).astype(np.float32)
    logits[:, BLANK] += 4
    logits[5:20, BLANK] = 40
    steps = steps_of(logits, SMALL)
    assert len(text_of(beam(steps, SMALL))) > 3
    sharp = steps_of(logits * 40, SMALL)
    one, other = greedy(sharp, SMALL), beam(sharp, SMALL)
    assert [(char.text, char.step, char.start, char.end) for char in other] == [
        (char.text, char.step, char.start, char.end) for char in one
    ]


def test_a_letter_may_come_again_after_steps_of_sure_blanks() -> None:
    logits = np.full((5, ABC.width), -20.0, np.float32)
    logits[[0, 4], 1] = 20
    logits[1:4, BLANK] = 20
    assert text_of(beam(Flat.of_logits(logits, ABC), ABC)) == "aa"


def test_a_language_model_decides_what_the_picture_leaves_open() -> None:
    characters = ("가", "나", "다", "갸", " ")
    classes = FlatCharset(characters)
    model = build(["나가 다", "다가 나", "나가 나가"] * 4, order=3)
    logits = np.full((3, classes.width), -9.0, np.float32)
    logits[0, 2], logits[1, BLANK] = 9, 9
    logits[2, [1, 4]] = [2.0, 2.3]
    steps = Flat.of_logits(logits, classes)
    assert text_of(greedy(steps, classes)) == "나갸"
    fused = beam(steps, classes, scorer=Fusion(model, alpha=0.5))
    assert text_of(fused) == "나가"
    assert fused[1].confidence == pytest.approx(1 / (1 + math.exp(0.3)), abs=0.01)
    assert fused[1].alternatives[0][0] == "갸"
    assert text_of(beam(steps, classes, scorer=Fusion(model, alpha=0.0))) == "나갸"


def test_a_bonus_for_length_keeps_what_a_model_would_drop() -> None:
    classes = FlatCharset(("가", "나"))
    logits = np.array([[0.0, 1.0, -9.0]], np.float32)
    model = build(["나나나나나나"] * 3, order=2)
    steps = Flat.of_logits(logits, classes)
    assert text_of(beam(steps, classes, scorer=Fusion(model, alpha=1.0))) == ""
    assert text_of(beam(steps, classes, scorer=Fusion(model, alpha=1.0, beta=20.0))) == "가"


def test_scorers_together_add_up_and_refuse_together() -> None:
    one, other = Table({"a": 1.0, "b": 2.0}, "ab"), Table({"b": 0.5}, "bc")
    both = Together(one, other, Table({"b": 0.25, "$": 1.0}))
    assert both.alphabet == frozenset("b")
    assert both.step(both.start, "a") is None
    found = both.step(both.start, "b")
    assert found is not None
    assert found[1] == pytest.approx(2.75)
    assert set(both.follows(both.start) or ()) == {"b"}
    assert both.end(found[0]) == 1.0
    assert Together(Table({})).alphabet is None


def test_nothing_is_found_where_nothing_may_end() -> None:
    class Endless(Table):
        def end(self, state: str) -> float:
            return -math.inf

    steps = Flat.of_logits(rows(1, 4), ABC)
    search = BeamSearch(ABC, Endless({}))
    assert search.ctc(steps) is None
    assert search.positions(steps) is None
    assert beam(steps, ABC, scorer=Endless({})) == []


def test_what_the_network_hardly_sees_is_written_with_little_confidence() -> None:
    logits = np.full((1, ABC.width), -9.0, np.float32)
    logits[0, 1] = 9
    classes = FlatCharset(("a", "b", "c", "d", "e", "f", "g"))
    wide = np.full((1, classes.width), -2.0, np.float32)
    wide[0, 1], wide[0, 7] = 9, -9
    (char,) = beam(Flat.of_logits(wide, classes), classes, scorer=Table({"g": 50.0}, "g"))
    assert char.text == "g"
    assert 0 < char.confidence < 1e-7


def test_places_of_a_decoder_by_positions_are_equal_shares() -> None:
    steps = Flat.of_logits(np.eye(4, dtype=np.float32)[[1, 2, 0]] * 9, ABC)
    found = BeamSearch(ABC).positions(steps)
    assert found is not None
    chars = spelled(found, steps, ABC, positions=True)
    assert [(char.text, char.start, char.end) for char in chars] == [("a", 0.0, 1.0), ("b", 1.0, 2.0)]


def test_no_steps_no_text() -> None:
    steps = steps_of(np.zeros((0, DEFAULT.core)), DEFAULT)
    assert beam(steps, DEFAULT) == []
    assert BeamSearch(DEFAULT).positions(steps) == Found((), (), 0.0)


def test_a_network_that_knows_nothing_is_no_trouble() -> None:
    steps = steps_of(np.zeros((7, DEFAULT.core), np.float32), DEFAULT)
    assert isinstance(beam(steps, DEFAULT), list)
    logits = np.zeros((3, DEFAULT.core), np.float32)
    logits[:, HANGUL] = 9
    assert len(logits[0]) == DEFAULT.gate_size + hangul.N_CHO + hangul.N_JUNG + hangul.N_JONG
    assert isinstance(beam(steps_of(logits, DEFAULT), DEFAULT), list)
