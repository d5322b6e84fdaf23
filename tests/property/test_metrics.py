"""Axioms of the metrics."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geulnun import metrics
from geulnun.geometry import Floats, from_boxes
from geulnun.metrics import Matches

TEXTS = st.text("가나다 각난 ab.~～", max_size=24)
SIDES = st.floats(0, 100, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> Floats:
    corners = draw(st.lists(st.tuples(SIDES, SIDES, st.floats(1, 40), st.floats(1, 40)), max_size=6))
    return from_boxes([[x, y, x + w, y + h] for x, y, w, h in corners])


@given(TEXTS, TEXTS)
def test_edit_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    distance = metrics.edit_distance(a, b)
    assert distance == metrics.edit_distance(b, a)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))
    assert (distance == 0) == (a == b)


@given(TEXTS, TEXTS, TEXTS)
def test_edit_distance_keeps_the_triangle(a: str, b: str, c: str) -> None:
    assert metrics.edit_distance(a, c) <= metrics.edit_distance(a, b) + metrics.edit_distance(b, c)


@given(TEXTS)
def test_a_text_against_itself_is_perfect(text: str) -> None:
    assert metrics.cer(text, text).value == metrics.wer(text, text).value == 0.0
    for score in (metrics.eojeol_accuracy, metrics.eojeol_bag, metrics.spaces):
        assert score(text, text).f1 == 1.0
    assert metrics.ned_similarity(text, text) == 1.0


@given(TEXTS, TEXTS)
def test_ranges(truth: str, read: str) -> None:
    assert metrics.cer(truth, read).value >= 0
    assert 0 <= metrics.ned_similarity(truth, read) <= 1
    for score in (metrics.eojeol_accuracy, metrics.eojeol_bag, metrics.spaces):
        matches = score(truth, read)
        assert matches.hits <= min(matches.found, matches.wanted)
        assert min(matches.precision, matches.recall) <= matches.f1 + 1e-9
        assert matches.f1 <= max(matches.precision, matches.recall) + 1e-9


@given(TEXTS, TEXTS)
def test_order_costs_never_less_than_the_bag(truth: str, read: str) -> None:
    assert metrics.eojeol_accuracy(truth, read).hits <= metrics.eojeol_bag(truth, read).hits


@given(st.lists(st.sampled_from(["가", "나다", "라"]), max_size=8), st.randoms())
def test_the_bag_knows_no_order(words: list[str], random: Random) -> None:
    mixed = list(words)
    random.shuffle(mixed)
    assert metrics.eojeol_bag(" ".join(words), " ".join(mixed)).f1 == 1.0


@given(TEXTS, TEXTS)
def test_spaces_are_matched_alike_from_both_sides_where_the_characters_agree(left: str, right: str) -> None:
    bare = "".join((left + right).split())
    cut = len(bare) // 2
    one, other = f"{bare[:cut]} {bare[cut:]}", bare
    assert metrics.spaces(one, other).hits == metrics.spaces(other, one).hits == 0
    assert metrics.spaces(one, one).f1 == 1.0


@given(boxes(), boxes(), st.sampled_from([0.3, 0.5, 0.9]))
def test_detection_is_symmetric_and_needs_no_order(a: Floats, b: Floats, threshold: float) -> None:
    score = metrics.detection(a, b, threshold)
    assert 0 <= score.hits <= min(len(a), len(b))
    swapped = metrics.detection(b, a, threshold)
    assert swapped == Matches(score.hits, score.wanted, score.found)


@given(boxes(), st.integers(0, 2**32 - 1))
def test_quads_against_themselves_in_any_order(quads: Floats, seed: int) -> None:
    mixed = np.random.default_rng(seed).permutation(quads)
    assert metrics.detection(quads, mixed, 0.99).f1 == 1.0


@given(boxes(), boxes(), st.data())
def test_soft_lies_between_strict_and_detection(a: Floats, b: Floats, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(TEXTS, min_size=len(a), max_size=len(a)))
    found = data.draw(st.lists(TEXTS, min_size=len(b), max_size=len(b)))
    strict = metrics.end_to_end(a, wanted, b, found, strict=True)
    soft = metrics.end_to_end(a, wanted, b, found)
    assert strict.hits <= soft.hits <= metrics.detection(a, b).hits
    assert 0 <= strict.f1 <= soft.f1 <= 1
