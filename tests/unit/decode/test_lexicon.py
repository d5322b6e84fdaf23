"""Word beam search: words of the lexicon, free characters between them, counts of words."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geulnun.charset import BLANK, FlatCharset
from geulnun.decode.beam import BeamSearch, beam
from geulnun.decode.ctc import greedy, text_of
from geulnun.decode.lexicon import Lexicon, Words, load
from geulnun.decode.steps import Flat
from geulnun.errors import DamagedInputError, MissingInputError, UsageError

CLASSES = FlatCharset(tuple("서울부산대구시 0,."))
CITIES = Lexicon(["서울", "서울시", "부산", "대구"])


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


def test_words_come_from_the_lexicon_and_marks_are_free() -> None:
    steps = steps_for("서울, 부산 00.", {1: ("구", 1.0), 5: ("울", 2.0)})
    assert text_of(greedy(steps, CLASSES)) == "서구, 부울 00."
    assert text_of(beam(steps, CLASSES, scorer=Words(CITIES))) == "서울, 부산 00."


def test_a_word_may_go_on_but_not_stop_half_way() -> None:
    words = Words(CITIES)
    assert text_of(beam(steps_for("서울시", {}), CLASSES, scorer=words)) == "서울시"
    assert text_of(beam(steps_for("서울", {}), CLASSES, scorer=words)) == "서울"
    (half, _), _ = words.step(words.start, "부") or ((0, 0), 0)
    assert words.step((half, -1), " ") is None
    assert words.end((half, -1)) == -math.inf
    assert set(words.follows((half, -1)) or ()) == {"산"}
    assert words.step(words.start, "구") is None


def test_unknown_words_may_be_let_in_at_a_price() -> None:
    steps = steps_for("부울 대구", {})
    assert text_of(beam(steps, CLASSES, scorer=Words(CITIES))) != "부울 대구"
    assert text_of(beam(steps, CLASSES, scorer=Words(CITIES, unknown=-2.0))) == "부울 대구"
    words = Words(CITIES, unknown=-2.0)
    assert words.alphabet is None
    assert words.follows(words.start) is None
    total, state = 0.0, words.start
    for char in "서 부울 대구":
        found = words.step(state, char)
        assert found is not None
        state, total = found[0], total + found[1]
    # 서 is half a word, 부울 leaves the tree; each is paid for once.
    assert total + words.end(state) == -4.0


def test_counts_weigh_words_after_one_another() -> None:
    counts = CITIES.count(["서울 부산 서울 대구", "서울 부산", "나주 부산"], k=0.5)
    seoul, busan, daegu = (CITIES.words.index(word) for word in ("서울", "부산", "대구"))
    assert counts.words == {seoul: 3, busan: 3, daegu: 1}
    assert counts.pairs == {(seoul, busan): 2, (busan, seoul): 1, (seoul, daegu): 1}
    assert math.exp(counts.score(seoul, busan, 4)) == pytest.approx(2.5 / 5)
    assert math.exp(counts.score(-1, daegu, 4)) == pytest.approx(1.5 / 9)
    for before in (-1, seoul, busan, CITIES.words.index("서울시")):
        assert sum(math.exp(counts.score(before, word, 4)) for word in range(4)) == pytest.approx(1)
    steps = steps_for("서울 대구", {3: ("부", 0.0), 4: ("산", 0.0)})
    assert text_of(beam(steps, CLASSES, scorer=Words(CITIES, counts=counts, alpha=1.0))) == "서울 부산"


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_whatever_the_network_says_only_words_are_written(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(0, 3, (15, CLASSES.width)).astype(np.float32)
    found = BeamSearch(CLASSES, Words(CITIES), width=16).ctc(Flat.of_logits(logits, CLASSES))
    if found is not None:
        text = CLASSES.decode(found.ids)
        for mark in " 0,.":
            text = text.replace(mark, " ")
        assert all(word in CITIES for word in text.split())


def test_a_file_holds_a_word_a_line(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("\ufeff서울\n\n 부산 \n서울특별시 종로구\n", encoding="utf-8")
    assert load(file).words == ["서울", "부산", "서울특별시", "종로구"]


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe\x00", "서울\n".encode("cp949"), b"a\0b\n", b"x" * 300])
def test_what_is_no_lexicon_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.txt"
    file.write_bytes(content)
    with pytest.raises(DamagedInputError, match=r"words\.txt: ") as caught:
        load(file)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such lexicon"):
        load(tmp_path / "none.txt")
    with pytest.raises(UsageError, match="no words"):
        Lexicon([" ", ""])
