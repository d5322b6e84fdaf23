"""The character set: what it must hold, its class ids, and the folding of look-alikes."""

from __future__ import annotations

import pytest

from geulnun import hangul
from geulnun.charset import BLANK, DEFAULT, FOLDS, HANGUL, PLAIN, Charset, normalise

PROMISED = (
    "".join(chr(code) for code in range(0x20, 0x7F))
    + "₩€£¥°℃㎡㎥㎏㎝㎞%‰·ㆍ…―–「」『』【】〈〉《》“”‘’※○●◎□■◇◆△▲▽▼☆★→←↑↓㈜"
    + "".join(chr(code) for code in (*range(0x326E, 0x327C), *range(0x2460, 0x2474), *range(0x2160, 0x216C)))
    + "".join(chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB)))
    + "ー"
)


def test_every_promised_character_can_be_written() -> None:
    assert DEFAULT.missing(PROMISED) == []
    assert DEFAULT.missing("".join(hangul.COMPATIBILITY_JAMO)) == []
    assert DEFAULT.missing("".join(hangul.syllables())) == []


def test_class_ids_are_distinct_and_lie_where_the_layout_says() -> None:
    text = "".join(DEFAULT.symbols) + "가힣"
    ids = DEFAULT.encode(text)
    assert ids == [*range(2, DEFAULT.ideograph), DEFAULT.syllable_base, DEFAULT.syllable_base + 11_171]
    assert DEFAULT.core == DEFAULT.gate_size + 19 + 21 + 28
    assert DEFAULT.width == DEFAULT.core + 4_622
    assert DEFAULT.encode("伽詰") == [DEFAULT.ideograph_base, DEFAULT.classes - 1]
    assert len(set(DEFAULT.symbols)) == len(DEFAULT.symbols)


def test_ideographs_are_those_of_the_standard() -> None:
    """4,888 places in KS X 1001; 268 of them are second readings of a character, which NFC makes one."""
    assert len(set(DEFAULT.ideographs)) == len(DEFAULT.ideographs) == 4_622
    assert DEFAULT.decode(DEFAULT.encode("大韓民國 한글 a")) == "大韓民國 한글 a"
    assert not set(DEFAULT.ideographs) & set(DEFAULT.symbols)
    assert PLAIN.missing("大韓") == ["大", "韓"]


def test_no_symbol_is_one_that_normalise_would_fold_away() -> None:
    assert [symbol for symbol in DEFAULT.symbols if normalise(symbol) not in (symbol, "")] == []


def test_decode_writes_nothing_for_blank_and_the_hangul_gate() -> None:
    small = Charset((" ", "a"))
    assert small.decode([BLANK, 3, HANGUL, 2, 4, BLANK]) == "a 가"
    assert small.encode("a 가") == [3, 2, 4]


def test_what_cannot_be_written_is_named_in_order_with_repeats() -> None:
    small = Charset((" ", "a"))
    assert small.missing("abab 가漢") == ["b", "b", "漢"]
    with pytest.raises(KeyError):
        small.encode("b")


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("  한글\u3000 OCR\t", "한글 OCR"),
        ("ＡＢＣ（１２）", "ABC(12)"),
        ("5\u22123 \u2014 \u2015", "5-3 ― ―"),
        ("₩ \uffe6", "₩ ₩"),
        ("\u1112\u1161\u11ab", "한"),
        ("가・나", "가·나"),
        ("", ""),
    ],
)
def test_normalise_folds_look_alikes(raw: str, folded: str) -> None:
    assert normalise(raw) == folded


def test_folding_twice_changes_nothing() -> None:
    for code, target in FOLDS.items():
        assert normalise(normalise(chr(code))) == normalise(chr(code))
        assert target.translate(FOLDS) == target
