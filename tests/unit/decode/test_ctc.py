"""Decoding by value: logits built by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, DEFAULT, HANGUL, Charset
from geulnun.decode.beam import beam
from geulnun.decode.ctc import Decoded, greedy, text_of
from geulnun.decode.steps import steps_of

SMALL = Charset((" ", "a", "1"))


def logits_of(text: str, charset: Charset = DEFAULT, repeats: int = 2, gap: int = 1) -> NDArray[np.float32]:
    """Sharp logits that spell ``text``: each character for some steps, then blanks."""
    steps = [char for char in text for _ in range(repeats + gap)]
    out = np.full((len(steps), charset.width), -8.0, np.float32)
    cuts = np.cumsum([charset.gate_size, hangul.N_CHO, hangul.N_JUNG])
    for at, char in enumerate(steps):
        if at % (repeats + gap) >= repeats:
            out[at, BLANK] = 8
        elif hangul.is_syllable(char):
            out[at, HANGUL] = 8
            for cut, part in zip(cuts, hangul.split(char), strict=True):
                out[at, cut + part] = 8
        else:
            out[at, charset.encode(char)[0]] = 8
    return out


@pytest.mark.parametrize("decode", [greedy, beam])
@pytest.mark.parametrize("text", ["한글", "좋았었다. 12,300원", "뷁쀍 aaa", "11", "ㅋㅋ かな ㉮①Ⅳ"])
def test_sharp_logits_spell_their_text(decode: Callable[..., list[Decoded]], text: str) -> None:
    decoded = decode(steps_of(logits_of(text), DEFAULT), DEFAULT)
    assert "".join(char.text for char in decoded) == text
    assert text_of(decoded) == text
    assert all(char.confidence > 0.99 for char in decoded)


def test_every_syllable_is_reachable() -> None:
    text = "".join(hangul.syllables())
    assert text_of(greedy(steps_of(logits_of(text, repeats=1), DEFAULT), DEFAULT, 0)) == text


def test_extents_lie_in_order_and_within_the_steps() -> None:
    decoded = greedy(steps_of(logits_of("가 나다", repeats=2, gap=2), DEFAULT), DEFAULT)
    assert [(char.start, char.end) for char in decoded] == [(0.0, 2.5), (2.5, 6.5), (6.5, 10.5), (10.5, 14.5)]
    assert [char.step for char in decoded] == [0, 4, 8, 12]


def test_alternatives_name_the_other_jamo() -> None:
    logits = logits_of("꼼", repeats=1, gap=0)
    jong = DEFAULT.gate_size + hangul.N_CHO + hangul.N_JUNG
    logits[0, jong + hangul.JONG.index("ㅇ")] = 7.0
    (char,) = greedy(steps_of(logits, DEFAULT), DEFAULT)
    assert char.text == "꼼"
    assert char.alternatives[0][0] == "꽁"
    assert char.alternatives[0][1] == pytest.approx(np.exp(7) / (np.exp(8) + np.exp(7)), rel=0.01)


def test_a_doubtful_jamo_does_not_lose_to_a_weaker_symbol() -> None:
    logits = np.full((1, SMALL.width), -9.0, np.float32)
    logits[0, [HANGUL, BLANK]] = [1.0, 0.0]
    logits[0, SMALL.gate_size :] = 0.0
    # The gate says Hangul, but no syllable is as likely as the blank.
    assert greedy(steps_of(logits, SMALL), SMALL) == []


@pytest.mark.parametrize("decode", [greedy, beam])
def test_no_steps_no_text(decode: Callable[..., list[Decoded]]) -> None:
    assert decode(steps_of(np.zeros((0, DEFAULT.width)), DEFAULT), DEFAULT) == []
