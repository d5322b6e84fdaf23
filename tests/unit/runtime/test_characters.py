"""The recogniser of single characters: what it names, how sure it is, and what it names not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import Charset, FlatCharset
from geulnun.decode.steps import steps_of
from geulnun.errors import ModelError, UsageError
from geulnun.runtime.characters import CharacterGuess, CharacterRecogniser, JamoOf, top
from geulnun.runtime.weights import path as shipped

Glyph = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


@pytest.mark.parametrize("jamo", [False, True])
def test_characters_of_any_size_and_shade_are_read(glyph: Glyph, matcher: Matcher, jamo: bool) -> None:
    reader = CharacterRecogniser(matcher("가각나단라A7", jamo=jamo), threads=1)
    images = [glyph("각"), glyph("나", 200), glyph("A", 60, 20, 230), np.repeat(glyph("7")[..., None], 3, 2)]
    guesses = reader.read(images, 3)
    assert [guess.text for guess in guesses] == ["각", "나", "A", "7"]
    for guess in guesses:
        shares = [share for _, share in guess.alternatives]
        assert guess.confidence == shares[0] == max(shares)
        assert sum(shares) + guess.blank <= 1 + 1e-5


@pytest.mark.parametrize("jamo", [False, True])
def test_jamo_have_the_probability_of_their_syllables(glyph: Glyph, matcher: Matcher, jamo: bool) -> None:
    reader = CharacterRecogniser(matcher("가각나A", jamo=jamo), threads=1)
    syllable, letter = reader.read([glyph("각"), glyph("A")], 2)
    assert [part[0][0] for part in (syllable.cho, syllable.jung, syllable.jong)] == ["ㄱ", "ㅏ", "ㄱ"]
    assert len(syllable.cho) == 2
    # A jamo is at least as probable as any one syllable with it, and a letter is none.
    assert syllable.cho[0][1] >= syllable.confidence - 1e-6
    assert letter.cho[0][1] < 0.2


@pytest.mark.parametrize("jamo", [False, True])
def test_only_what_is_allowed_is_named(glyph: Glyph, matcher: Matcher, jamo: bool) -> None:
    file = matcher("가각나단라A7", jamo=jamo, sharpness=2.0)
    images = [glyph(char) for char in "가각나A"]
    free = CharacterRecogniser(file, threads=1).read(images, 7)
    bound = CharacterRecogniser(file, threads=1, allow="가-라", block="단").read(images, 7)
    left = {"가", "각", "나", "라"}
    for before, after in zip(free, bound, strict=True):
        kept = [(text, share) for text, share in before.alternatives if text in left]
        named = dict(after.alternatives)
        assert not set(named) & {"단", "A", "7"}
        # What is left keeps its proportions, and has all the probability but that of no character.
        assert kept[0][0] == after.text
        scale = after.confidence / kept[0][1]
        assert scale >= 1
        for text, share in kept:
            assert named[text] == pytest.approx(share * scale, rel=1e-3, abs=1e-6)
        if not jamo:
            assert sum(named.values()) + after.blank == pytest.approx(1, abs=1e-4)
            assert dict(after.cho)["ㄱ"] == pytest.approx(named["가"] + named["각"], abs=1e-5)
            assert dict(after.jong)[""] == pytest.approx(named["가"] + named["나"] + named["라"], abs=1e-5)
    digits = CharacterRecogniser(file, threads=1, allow="0-9").read(images)
    assert [(guess.text, guess.cho) for guess in digits] == [("7", ())] * 4
    with pytest.raises(UsageError, match="leave none of the characters"):
        CharacterRecogniser(file, allow="☃")


def test_images_without_ink_hold_nothing(matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가나"), threads=1)
    blank = [np.full((50, 40), 255, np.uint8), np.zeros((50, 40, 3), np.uint8), np.zeros((1, 1), np.uint8)]
    assert reader.read(blank) == [CharacterGuess()] * 3
    assert reader.read([]) == []
    assert CharacterGuess().text == ""


def test_what_is_not_sure_is_not_named(glyph: Glyph, matcher: Matcher) -> None:
    file = matcher("가각", sharpness=0.01, reject=0.9)
    (unsure,) = CharacterRecogniser(file, threads=1).read([glyph("가")])
    assert (unsure.text, unsure.alternatives, unsure.cho) == ("", (), ())
    assert 0.4 < unsure.confidence < 0.9
    (named,) = CharacterRecogniser(file, threads=1, reject=0).read([glyph("가")])
    assert named.text in "가각"
    assert named.confidence == unsure.confidence


def test_more_images_than_a_batch_keep_their_order(glyph: Glyph, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가나다라"), threads=1)
    chars = "가나다라" * 40
    images = [glyph(char) for char in chars]
    images[70] = np.full((9, 9), 200, np.uint8)
    assert "".join(guess.text or "·" for guess in reader.read(images, 1)) == chars[:70] + "·" + chars[71:]


def test_the_best_of_the_factored_head_are_exact() -> None:
    charset = Charset(("a", "b"))
    logits = np.random.default_rng(3).normal(0, 1.0, (4, charset.width)).astype(np.float32)
    steps = steps_of(logits, charset)
    everything = np.array([index for index in range(charset.classes) if index > 1])
    chances = steps.of(everything)
    for n in (1, 5, 12):
        ids, found = top(steps, n)
        for row in range(4):
            order = np.argsort(-chances[row], kind="stable")[:n]
            assert found[row] == pytest.approx(chances[row][order], rel=1e-5)
            assert set(ids[row]) == set(everything[order])


def test_blank_is_never_a_character() -> None:
    charset = FlatCharset(("가", "나"))
    steps = steps_of(np.array([[5.0, 1.0, 0.0]]), charset)
    ids, found = top(steps, 3)
    assert ids[0, :2].tolist() == [1, 2]
    assert found[0, 0] == pytest.approx(np.exp(1) / (np.exp(5) + np.exp(1) + 1), rel=1e-5)
    assert (found[0, 2:] == 0).all()


def test_jamo_of_a_flat_head_are_sums() -> None:
    charset = FlatCharset(("가", "각", "나", "あ"))
    steps = steps_of(np.log([[0.1, 0.2, 0.3, 0.25, 0.15]]), charset)
    found = JamoOf(charset).probabilities(steps)
    assert found["cho"][0, :3] == pytest.approx([0.5, 0, 0.25])
    assert found["jong"][0, :2] == pytest.approx([0.45, 0.3])
    assert found["jung"].sum() == pytest.approx(0.75)
    assert JamoOf(FlatCharset(("あ", "い"))).probabilities(steps_of(np.zeros((1, 3)), FlatCharset(("あ", "い")))) == {}


def test_each_output_of_the_factored_head_is_of_one_jamo() -> None:
    charset = Charset(("a",))
    members = JamoOf(charset).members
    whole = sum(mask.astype(int).sum(0) for mask in members.values())
    assert whole.tolist() == [0] * charset.gate_size + [1] * (hangul.N_CHO + hangul.N_JUNG + hangul.N_JONG)


def test_what_is_no_such_network_is_told(tmp_path: Path, matcher: Matcher) -> None:
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="not a network"):
        CharacterRecogniser(tmp_path / "no.onnx")
    with pytest.raises(ModelError, match="no recogniser of characters"):
        CharacterRecogniser(shipped("recogniser"))
    with pytest.raises(UsageError, match="reject is 1"):
        CharacterRecogniser(matcher("가나"), reject=1)
    with pytest.raises(UsageError, match="n is 0"):
        CharacterRecogniser(matcher("가나")).read([], 0)
