"""Probabilities of classes: both heads, with and without ideographs, against the product written out."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, DEFAULT, HANGUL, PLAIN, Charset, Classes, FlatCharset
from geulnun.decode.steps import Factored, Rare, steps_of

MIXED = Charset((" ", "a", "1"), ("韓", "國", "一"))
FLAT = FlatCharset(tuple(" 한글a1"))


def random_logits(classes: Classes, steps: int = 50, seed: int = 3) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 2, (steps, classes.width)).astype(np.float32)


def softmax(x: NDArray[np.float32]) -> NDArray[np.float32]:
    e = np.exp(x - x.max(-1, keepdims=True))
    return np.asarray(e / e.sum(-1, keepdims=True), np.float32)


@pytest.mark.parametrize("classes", [DEFAULT, MIXED, FLAT])
def test_top_is_sorted_and_holds_the_best(classes: Classes) -> None:
    steps = steps_of(random_logits(classes), classes)
    ids, chances = steps.top(np.arange(50), 5)
    best, chance = steps.best()
    assert (np.diff(chances, axis=1) <= 0).all()
    assert (ids[:, 0] == best).all()
    assert chances[:, 0] == pytest.approx(chance)


@pytest.mark.parametrize("classes", [MIXED, FLAT])
def test_all_classes_together_are_certain(classes: Classes) -> None:
    every = steps_of(random_logits(classes), classes).of(np.arange(classes.classes))
    assert every.sum(1) == pytest.approx(np.ones(50), abs=1e-4)


@pytest.mark.parametrize("classes", [MIXED, FLAT])
def test_best_is_the_largest_of_all(classes: Classes) -> None:
    steps = steps_of(random_logits(classes), classes)
    every = steps.of(np.arange(classes.classes))
    ids, chances = steps.best()
    assert (ids == every.argmax(1)).all()
    assert chances == pytest.approx(every.max(1), rel=1e-5)


def test_factors_multiply() -> None:
    logits = random_logits(MIXED, 1)
    gate, cho, jung, jong, ideographs = (
        softmax(part) for part in np.split(logits[0], np.cumsum([6, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG]))
    )
    steps = steps_of(logits, MIXED)
    assert MIXED.ideograph == 5
    expected = [
        gate[BLANK],
        gate[3],
        gate[HANGUL] * cho[hangul.CHO.index("ㄱ")] * jung[hangul.JUNG.index("ㅏ")] * jong[hangul.JONG.index("ㅇ")],
        gate[5] * ideographs[1],
    ]
    assert steps.of([BLANK, *MIXED.encode("a강國")])[0] == pytest.approx(expected)


def test_ideographs_may_come_for_some_steps_only() -> None:
    logits = random_logits(MIXED)
    whole = Factored.of_logits(logits, MIXED)
    rows = np.flatnonzero(whole.gate[:, MIXED.ideograph] > 0.05)
    assert 0 < len(rows) < 50
    part = Factored.of_logits(logits[:, : MIXED.core], MIXED, rare=Rare(rows, logits[rows, MIXED.core :]))
    ids = np.arange(MIXED.ideograph_base, MIXED.classes)
    assert part.of(ids)[rows] == pytest.approx(whole.of(ids)[rows])
    others = np.setdiff1d(np.arange(50), rows)
    assert not part.of(ids)[others].any()
    assert (part.best()[0][rows] == whole.best()[0][rows]).all()
    assert (part.top(rows, 4)[0] == whole.top(rows, 4)[0]).all()


@pytest.mark.parametrize("classes", [MIXED, FLAT])
def test_temperature_flattens_and_keeps_the_order_of_a_block(classes: Classes) -> None:
    logits = random_logits(classes)
    cold, warm = steps_of(logits, classes), steps_of(logits, classes, temperature=4.0)
    assert warm.best()[1].mean() < cold.best()[1].mean()


@pytest.mark.parametrize(("classes", "message"), [(PLAIN, r"expected \(T, 523\)"), (FLAT, r"expected \(T, 6\)")])
def test_wrong_width_is_refused(classes: Classes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        steps_of(np.zeros((3, 12)), classes)
