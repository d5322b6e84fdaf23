"""Text sources: what they may write, both sides of the split, grammar."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun import hangul
from geulnun.charset import DEFAULT, normalise
from geulnun.errors import MissingInputError
from geulnun.synth import grammar
from geulnun.synth.text import DEFAULT_MIX, TextSource, held_out


@pytest.mark.parametrize("kind", sorted(DEFAULT_MIX))
def test_every_kind_writes_normalised_text_of_the_character_set(kind: str) -> None:
    rng = np.random.default_rng(5)
    source = TextSource()
    drawn = [source.line_of(kind, rng, length) for length in (1, 3, 9, 20, 33) for _ in range(20)]
    assert all(drawn)
    assert not [text for text in drawn if DEFAULT.missing(text) or normalise(text) != text]
    assert len(set(drawn)) > len(drawn) // 3


def test_same_seed_same_text() -> None:
    first, second = ([TextSource().line(rng, 12) for _ in range(30)] for rng in map(np.random.default_rng, (3, 3)))
    assert first == second


def test_no_sentence_is_on_both_sides(tmp_path: Path) -> None:
    sentences = [f"{number}번째 문장은 여기에서 끝난다." for number in range(400)]
    (tmp_path / "own.txt").write_text("\n".join(sentences), "utf-8")
    rng = np.random.default_rng(0)
    drawn = {}
    for split in ("train", "held-out"):
        source = TextSource(tmp_path, split)
        drawn[split] = {source.line_of("sentence", rng, 60) for _ in range(400)}
    assert drawn["train"]
    assert drawn["held-out"]
    assert not drawn["train"] & drawn["held-out"]
    assert drawn["held-out"] <= {sentence for sentence in sentences if held_out(sentence)}


def test_random_syllables_stay_in_the_pool() -> None:
    rng = np.random.default_rng(1)
    pool = tuple("가나다라마바사")
    for kind in ("syllables", "neighbours"):
        text = TextSource().line_of(kind, rng, 200, pool)
        assert set(text) <= {*pool, " "}
    everywhere = "".join(TextSource().line_of("syllables", rng, 400) for _ in range(60))
    assert len(set(everywhere)) > 8_000


def test_missing_folder_and_unknown_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such folder of texts"):
        TextSource(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="sentense"):
        TextSource(mix={"sentense": 1.0})


@pytest.mark.parametrize(
    ("word", "pair", "wanted"),
    [
        ("책", ("을", "를"), "을"),
        ("나무", ("을", "를"), "를"),
        ("서울", ("으로", "로"), "로"),
        ("집", ("으로", "로"), "으로"),
        ("길", ("이", "가"), "이"),
        ("A4", ("은", "는"), "는"),
    ],
)
def test_particles_fit_the_last_syllable(word: str, pair: tuple[str, str], wanted: str) -> None:
    assert grammar.particle(word, pair) == wanted


def test_formal_sentences_leave_no_slot_open() -> None:
    rng = np.random.default_rng(2)
    written = [grammar.formal(rng) for _ in range(300)]
    assert not [text for text in written if "{" in text or "}" in text]
    assert sum(any(hangul.is_syllable(char) for char in text) for text in written) == 300
