"""Decoders made from options, and options that cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geulnun.charset import BLANK, FlatCharset
from geulnun.decode.ctc import text_of
from geulnun.decode.ngram_build import build as count
from geulnun.decode.options import DecodeOptions, build, confidence
from geulnun.decode.steps import Flat
from geulnun.errors import DamagedInputError, MissingInputError, UsageError

CLASSES = FlatCharset(tuple("0123456789-O가갸나 "))


def steps_for(text: str, doubts: dict[int, tuple[str, float]], positions: bool = False) -> Flat:
    """Steps that spell ``text``; at ``doubts`` another character is as much likelier."""
    stride = 1 if positions else 2
    logits = np.full((stride * len(text) + 1, CLASSES.width), -4.0, np.float32)
    logits[:, BLANK] = 0 if positions else 6
    logits[-1, BLANK] = 6
    for at, char in enumerate(text):
        logits[stride * at, BLANK] = -4
        logits[stride * at, CLASSES.encode(char)[0]] = 6
        if at in doubts:
            other, more = doubts[at]
            logits[stride * at, CLASSES.encode(other)[0]] = 6 + more
    return Flat.of_logits(logits, CLASSES)


@pytest.mark.parametrize("decoding", ["ctc", "attention", "parallel"])
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, "0O-가"),
        ({"decoder": "beam"}, "0O-가"),
        ({"block": "O가"}, "01-갸"),
        ({"allow": "0-9-나"}, "01-"),
        ({"pattern": r"\d\d-가"}, "01-가"),
        ({"pattern": r"\d\d-.", "block": "가"}, "01-갸"),
        ({"pattern": r"\d\d-[가갸나]", "allow": "0-9나-"}, "01-나"),
    ],
)
def test_options_act_on_every_decoder(decoding: str, options: dict[str, Any], text: str) -> None:
    steps = steps_for("01-가", {1: ("O", 1.0), 3: ("갸", -1.0)}, decoding != "ctc")
    read = build(DecodeOptions(**options), CLASSES, decoding)
    assert text_of(read(steps)) == text
    assert text_of(read(steps)) == text


def test_files_are_read_and_weighed(tmp_path: Path) -> None:
    model, words = tmp_path / "lm.npz", tmp_path / "words.txt"
    model.write_bytes(count(["나가 나가 나가", "가나"] * 3, 3).to_bytes())
    words.write_text("나가\n", encoding="utf-8")
    steps = steps_for("나가", {1: ("갸", 0.5)})
    assert text_of(build(DecodeOptions(), CLASSES)(steps)) == "나갸"
    assert text_of(build(DecodeOptions(lm=model), CLASSES)(steps)) == "나가"
    assert text_of(build(DecodeOptions(lm=model, alpha=0.0), CLASSES)(steps)) == "나갸"
    assert text_of(build(DecodeOptions(lexicon=words), CLASSES)(steps)) == "나가"
    assert text_of(build(DecodeOptions(lexicon=words, unknown=0.1), CLASSES)(steps)) == "나갸"
    assert text_of(build(DecodeOptions(lexicon=words, lm=model, pattern="나."), CLASSES)(steps)) == "나가"


def test_a_field_that_is_something_else_is_read_in_doubt() -> None:
    steps = steps_for("가-1", {})
    plain = build(DecodeOptions(), CLASSES)(steps)
    other = build(DecodeOptions(pattern="date"), CLASSES)(steps)
    assert text_of(other) == text_of(plain) == "가-1"
    assert [char.confidence for char in other] == [pytest.approx(char.confidence / 2) for char in plain]
    assert build(DecodeOptions(pattern="date", reject=0.6), CLASSES)(steps) == []


def test_doubtful_lines_are_given_back() -> None:
    steps = steps_for("01", {0: ("O", 0.0)})
    found = build(DecodeOptions(), CLASSES)(steps)
    assert confidence(found) == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert build(DecodeOptions(reject=0.69), CLASSES)(steps) == found
    assert build(DecodeOptions(reject=0.72), CLASSES)(steps) == []
    assert confidence([]) == 0.0


@pytest.mark.parametrize(
    "options",
    [
        {"decoder": "best"},
        {"width": 0},
        {"alpha": -1.0},
        {"reject": 1.5},
        {"unknown": -3.0},
        {"allow": "9-0"},
        {"pattern": "amont"},
        {"pattern": "(("},
        {"decoder": "greedy", "pattern": "date"},
        {"decoder": "words"},
        {"decoder": "beam", "lexicon": Path("words.txt")},
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        DecodeOptions(**options)
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there_or_damaged(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"\xff\xff")
    for error, file in ((MissingInputError, tmp_path / "none"), (DamagedInputError, tmp_path / "bad")):
        with pytest.raises(error):
            build(DecodeOptions(lm=file), CLASSES)
        with pytest.raises(error):
            build(DecodeOptions(lexicon=file), CLASSES)


def test_only_lines_in_doubt_are_searched(tmp_path: Path) -> None:
    model = tmp_path / "lm.npz"
    model.write_bytes(count(["나가 나가 나가", "가나"] * 3, 3).to_bytes())
    doubtful, sure = steps_for("나가", {1: ("갸", 0.5)}), steps_for("나갸", {})
    read = build(DecodeOptions(lm=model, doubt=0.9), CLASSES)
    assert text_of(read(doubtful)) == "나가"
    # As little foreseen by the model, but the network is sure.
    assert text_of(read(sure)) == "나갸"
    weighed_more = build(DecodeOptions(lm=model, doubt=0.9, alpha=9.0), CLASSES)
    assert text_of(weighed_more(sure)) == "나갸"


def test_a_pattern_leaves_no_line_out() -> None:
    with pytest.raises(UsageError, match="leave doubt at 1"):
        DecodeOptions(pattern="date", doubt=0.5)
