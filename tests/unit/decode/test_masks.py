"""Allow and block lists: nothing else is ever written, whatever the network and the decoder."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, HANGUL, PLAIN, WITH_IDEOGRAPHS, Charset, Classes, FlatCharset
from geulnun.decode import ctc, positions
from geulnun.decode.beam import beam
from geulnun.decode.expressions import characters
from geulnun.decode.masks import Mask, mask
from geulnun.decode.steps import Steps, steps_of
from geulnun.errors import UsageError

JAMO = Charset((" ", "a", "1", "2", "-"))
HANJA = Charset((" ", "a", "1", "2", "-"), ("一", "二"))
FLAT = FlatCharset(tuple(" a12-가각나힣"))
LISTS = [("12", ""), ("가-나", ""), ("", "가-힣"), ("", "a가1"), ("1-2 각힣", "1"), ("a", ""), ("", "二")]


@functools.cache
def known_mask(classes: Charset | FlatCharset, allow: str, block: str) -> Mask | None:
    return mask(classes, allow, block)


def random_steps(seed: int, classes: Classes, count: int = 12) -> Steps:
    logits = np.random.default_rng(seed).normal(0, 3, (count, classes.width)).astype(np.float32)
    return steps_of(logits, classes)


def plainly(steps: Steps, classes: Classes, allow: str, block: str) -> NDArray[np.float64]:
    """Probabilities (T, classes) with what is taken out at 0, scaled to sum to 1."""
    chances = steps.of(np.arange(classes.classes)).astype(np.float64)
    allowed, blocked = characters(allow or "\0-\U0010ffff"), characters(block or "\0")
    chars = [classes.decode([index]) for index in range(classes.classes)]
    out = [at for at, char in enumerate(chars) if at and (not char or not allowed(char) or blocked(char))]
    chances[:, out] = 0
    return np.asarray(chances / chances.sum(1, keepdims=True), np.float64)


@pytest.mark.parametrize("classes", [JAMO, HANJA, FLAT], ids=["jamo", "hanja", "flat"])
@pytest.mark.parametrize(("allow", "block"), LISTS)
def test_masked_steps_are_the_plain_ones_scaled(classes: Classes, allow: str, block: str) -> None:
    found = mask(classes, allow, block)
    assert found is not None
    for seed in range(4):
        steps = random_steps(seed, classes)
        masked, wanted = found.over(steps), plainly(steps, classes, allow, block)
        assert_allclose(masked.of(np.arange(classes.classes)), wanted, rtol=2e-3, atol=1e-6)
        ids, chances = masked.best()
        assert_allclose(chances, wanted.max(1), rtol=2e-3)
        assert_allclose(wanted[np.arange(len(ids)), ids], wanted.max(1), rtol=2e-3)
        top, sorted_ = masked.top([2, 5], 3)
        assert_allclose(sorted_, -np.sort(-wanted[[2, 5]], axis=1)[:, : sorted_.shape[1]], rtol=2e-3, atol=1e-6)
        assert found.flags[top[sorted_ > 1e-6]].all()


@given(st.integers(0, 10_000), st.sampled_from(LISTS), st.sampled_from([JAMO, HANJA, FLAT]))
@settings(max_examples=60, deadline=None)
def test_nothing_else_is_written(seed: int, lists: tuple[str, str], classes: Charset | FlatCharset) -> None:
    found = known_mask(classes, *lists)
    assert found is not None
    masked = found.over(random_steps(seed, classes))
    for decode in (ctc.greedy, beam, positions.greedy):
        text = "".join(char.text for char in decode(masked, classes))
        assert all(not lists[0] or characters(lists[0])(char) for char in text)
        assert not any(lists[1] and characters(lists[1])(char) for char in text)


def test_a_confidence_is_among_what_is_allowed() -> None:
    logits = np.full((1, PLAIN.width), -20.0, np.float32)
    letter, digit = PLAIN.encode("O0")
    logits[0, [letter, digit, BLANK]] = [3.0, 2.0, 0.0]
    found = mask(PLAIN, "0-9")
    assert found is not None
    (char,) = ctc.greedy(found.over(steps_of(logits, PLAIN)), PLAIN)
    assert char.text == "0"
    assert char.confidence == pytest.approx(np.exp(2) / (np.exp(2) + 1), rel=1e-3)
    assert char.alternatives == ()


def test_syllables_allowed_are_sought_beyond_the_likeliest_jamo() -> None:
    logits = np.full((1, JAMO.width), -9.0, np.float32)
    logits[0, HANGUL] = 9
    logits[0, JAMO.gate_size :] = np.linspace(3, 0, hangul.N_CHO + hangul.N_JUNG + hangul.N_JONG)
    found = mask(JAMO, "힣뷁")
    assert found is not None
    assert "".join(char.text for char in ctc.greedy(found.over(steps_of(logits, JAMO)), JAMO)) == "뷁"


def test_lists_that_leave_nothing_are_refused() -> None:
    assert mask(FLAT) is None
    for lists in (("뷁", ""), ("a", "a"), ("9-1", ""), ("", "9-1")):
        with pytest.raises(UsageError):
            mask(FLAT, *lists)


def test_ideographs_may_be_taken_out() -> None:
    found = mask(WITH_IDEOGRAPHS, "", "一-龥")
    assert found is not None
    kept = WITH_IDEOGRAPHS.decode(found.ids.tolist())
    assert set(kept) >= {"가", "1", "힣"}
    assert not any("一" <= char <= "龥" for char in kept)


@pytest.mark.parametrize(
    ("text", "holds", "lacks"),
    [("0-9", "059", "a-"), ("0-9,-", "0,-", "."), ("a]b", "a]b", "c"), (r"\^a", "^a", "b"), ("가-힣 ", "가힣 ", "a")],
)
def test_lists_of_characters(text: str, holds: str, lacks: str) -> None:
    assert all(map(characters(text), holds))
    assert not any(map(characters(text), lacks))
