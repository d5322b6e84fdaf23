"""Temperatures of networks that are surer, or less sure, than they should be; thresholds by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, HANGUL, Charset, FlatCharset
from geulnun.decode.calibration import aligned, confidences, fit, threshold
from geulnun.decode.ctc import Decoded
from geulnun.metrics.confidence import outcomes

FLAT = FlatCharset(tuple("가나다라마"))
PAIRS = FlatCharset(tuple(chr(0xAC00 + 28 * at) for at in range(20)))
JAMO = Charset((" ", "a", "1"))

Line = tuple[NDArray[np.float32], str]


def honest(rng: np.random.Generator, lines: int, times: float, positions: bool = False) -> list[Line]:
    """Lines whose characters are drawn from the network's own distribution; logits are then multiplied.

    Each place has two characters of its own, so that reading and truth align in one way only.
    """
    out = []
    for _ in range(lines):
        logits = np.full((10 if positions else 20, PAIRS.width), -30.0, np.float32)
        if not positions:
            logits[1::2, BLANK] = 30
        rows = logits if positions else logits[::2]
        truth = ""
        for at, row in enumerate(rows):
            row[[2 * at + 1, 2 * at + 2]] = first, second = rng.normal(0, 1.5, 2)
            truth += PAIRS.decode([2 * at + 1 + (rng.random() > 1 / (1 + np.exp(second - first)))])
        out.append((logits * np.float32(times), truth))
    return out


@pytest.mark.parametrize("times", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("decoding", ["ctc", "parallel"])
def test_the_temperature_undoes_what_logits_were_multiplied_by(times: float, decoding: str) -> None:
    lines = honest(np.random.default_rng(1), 100, times, positions=decoding == "parallel")
    found = fit(lines, PAIRS, decoding)
    assert found.temperature == pytest.approx(times, rel=0.15)
    assert found.after <= found.before
    assert found.characters == 1000
    before = outcomes(*confidences(lines, PAIRS, decoding=decoding)).calibration().ece
    after = outcomes(*confidences(lines, PAIRS, found.temperature, decoding)).calibration().ece
    if times != 1.0:
        assert after < 0.5 * before


def test_the_loss_of_a_factored_head_is_that_of_its_four_softmaxes() -> None:
    logits = np.zeros((1, JAMO.width), np.float32)
    logits[0, HANGUL] = 4.0
    logits[0, JAMO.gate_size] = logits[0, JAMO.gate_size + hangul.N_CHO] = 4.0
    logits[0, JAMO.gate_size + hangul.N_CHO + hangul.N_JUNG] = 4.0
    sizes = (JAMO.gate_size, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG)
    expected = sum(-4.0 + np.log(np.exp(4.0) + size - 1) for size in sizes)
    found = fit([(logits * 3, "가")], JAMO)
    # It is right every time: the surer, the better.
    assert found.temperature < 0.5
    assert found.after < 0.001 * found.before
    assert found.characters == 1
    assert fit([(logits, "가")], JAMO).before == pytest.approx(expected, rel=1e-5)


def test_what_stands_nowhere_should_have_been_a_blank() -> None:
    logits = np.zeros((1, FLAT.width), np.float32)
    logits[0, 1], logits[0, BLANK] = 2.0, 1.0
    found = fit([(logits, "")], FLAT)
    assert found.before == pytest.approx(-1.0 + np.log(np.exp(2) + np.exp(1) + 4))


def read(text: str) -> list[Decoded]:
    return [Decoded(char, 0.9, at, at, at + 1, ()) for at, char in enumerate(text)]


@pytest.mark.parametrize(
    ("text", "truth", "stands"),
    [
        ("가나", "가나", ["가", "나"]),
        ("가다", "가나", ["가", "나"]),
        ("가나다", "가다", ["가", "", "다"]),
        ("", "가", []),
    ],
)
def test_characters_read_are_aligned_with_those_that_stand_there(text: str, truth: str, stands: list[str]) -> None:
    assert aligned(read(text), truth) == stands


def test_thresholds_keep_as_much_as_the_error_allows() -> None:
    sure, wrong = [0.9, 0.8, 0.7, 0.6, 0.6], [0, 0, 1, 0, 0]
    assert threshold(sure, wrong, 0.0) == 0.8
    assert threshold(sure, wrong, 0.25) == 0.0
    assert threshold([0.9, 0.8], [1, 1], 0.5) > 1
    assert threshold([0.9, 0.8, 0.7], [0, 1, 1], 0.5) == 0.8
    # Lines: two errors in twenty characters, then five in five.
    assert threshold([0.9, 0.5], [2, 5], 0.1, units=[20, 5]) == 0.9
    assert threshold([], [], 0.1) == 0.0
    with pytest.raises(ValueError, match="as many"):
        threshold([0.5], [], 0.1)


def test_nothing_read_cannot_be_calibrated() -> None:
    blank = np.zeros((3, FLAT.width), np.float32)
    blank[:, BLANK] = 9
    with pytest.raises(ValueError, match="no characters were read"):
        fit([(blank, "가")], FLAT)
