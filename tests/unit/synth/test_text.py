"""Text sources: what they may write, both sides of the split, grammar."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from geulnun import charset, hangul
from geulnun.charset import DEFAULT, normalise
from geulnun.errors import DamagedInputError, MissingInputError, UsageError
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
    with pytest.raises(UsageError, match="'sentense'; did you mean 'sentence'"):
        TextSource(mix={"sentense": 1.0})
    with pytest.raises(UsageError, match="weights"):
        TextSource(mix={"sentence": 0.0})


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


@pytest.mark.parametrize(
    ("kind", "first", "digest"),
    [
        ("sentence", "내에", 3666153596),
        ("syllables", "놜컈쇉얿옿", 2137120480),
        ("figures", "2013/04/15", 1152028348),
        ("latin", "VZBRFO-928", 2874209924),
    ],
)
def test_kinds_that_benches_draw_stay_as_they_were(kind: str, first: str, digest: int) -> None:
    rng = np.random.default_rng(11)
    source = TextSource()
    drawn = [source.line_of(kind, rng, int(rng.integers(1, 35))) for _ in range(300)]
    assert drawn[0] == first
    assert zlib.crc32("\n".join(drawn).encode()) == digest


def test_a_wider_alphabet_lets_ideographs_out() -> None:
    def drawn(source: TextSource, kind: str) -> str:
        rng = np.random.default_rng(8)
        return "".join(source.line_of(kind, rng, 20) for _ in range(200))

    class Everything:
        def __contains__(self, char: object) -> bool:
            return True

    wide = TextSource(alphabet=Everything())
    for kind in ("hanja", "money", "dates"):
        assert any("\u4e00" <= char < "\ua000" for char in drawn(wide, kind))
        assert not any("\u4e00" <= char < "\ua000" for char in drawn(TextSource(), kind))
    assert "()" not in drawn(TextSource(), "hanja")


def test_ideographs_come_as_often_as_each_other_or_stand_for_their_reading(tmp_path: Path) -> None:
    (tmp_path / "hanja").mkdir()
    (tmp_path / "hanja" / "table.txt").write_text("韓 한\n國 국\n", "utf-8")
    (tmp_path / "sentences.txt").write_text("한국의 한강이다.\n" * 3, "utf-8")
    source = TextSource(tmp_path, alphabet=charset.WITH_IDEOGRAPHS)
    rng = np.random.default_rng(4)
    lines = [source.line_of("ideographs", rng, 12) for _ in range(300)]
    alone = [line for line in lines if all("\u4e00" <= char < "\ua000" for char in line.replace(" ", ""))]
    assert len(set("".join(alone))) > 1_000
    written = {line for line in lines if "다" in line or "이" in line}
    assert {"韓國의 한강이다.", "한국의 韓강이다.", "韓國의 韓강이다."} & written
    assert all("韓" in line or "한" in line for line in written)
    plain = TextSource(alphabet=charset.PLAIN).line_of("ideographs", rng, 12)
    assert not any("\u4e00" <= char < "\ua000" for char in plain)


def test_a_narrow_alphabet_keeps_random_syllables_in() -> None:
    source = TextSource(alphabet=set("가나다 0123456789"))
    rng = np.random.default_rng(3)
    for kind in ("syllables", "identifiers"):
        assert set("".join(source.line_of(kind, rng, 20) for _ in range(40))) <= set("가나다 0123456789")


def test_any_text_file_of_the_users_serves(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    own = [f"{number}번 손님이 갈치구이를 주문했다." for number in range(60)]
    (tmp_path / "sub" / "mine.txt").write_text("\n".join(own), "utf-8")
    rng = np.random.default_rng(1)
    assert {TextSource(tmp_path).line_of("sentence", rng, 60) for _ in range(50)} <= set(own)


def test_folders_without_usable_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="holds no text"):
        TextSource(tmp_path)
    file = tmp_path / "own.txt"
    file.write_bytes(b"")
    with pytest.raises(MissingInputError, match="holds no text"):
        TextSource(tmp_path)
    line = next(f"{number}번째 줄" for number in range(100) if not held_out(f"{number}번째 줄"))
    file.write_text(line, "utf-8")
    rng = np.random.default_rng(0)
    assert TextSource(tmp_path).line_of("sentence", rng, 40) == line
    with pytest.raises(MissingInputError, match="holds no held-out sentence"):
        TextSource(tmp_path, "held-out").line_of("sentence", rng, 40)
    file.write_bytes("한글".encode("cp949"))
    with pytest.raises(DamagedInputError, match=r"not UTF-8.*iconv"):
        TextSource(tmp_path).line_of("sentence", rng, 40)


def test_what_is_kept_out_comes_out_in_no_kind() -> None:
    source = TextSource(without=frozenset("다의1e"))
    rng = np.random.default_rng(6)
    for kind in DEFAULT_MIX:
        assert not set("".join(source.line_of(kind, rng, 20) for _ in range(60))) & set("다의1e")
