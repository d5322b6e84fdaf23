"""The characters a recogniser writes, and the layout of its factored output.

The network's last axis holds four blocks, each a distribution of its own:

    gate   [blank, HANGUL, symbol 0, symbol 1, ...]   2 + len(symbols)
    cho    19 initials
    jung   21 medials
    jong   28 finals (0 = none)

A symbol's probability is its own gate entry; a syllable's is gate[HANGUL] * cho * jung * jong.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from geulnun import hangul

BLANK, HANGUL = 0, 1

#: What fonts draw alike and readers write in one way. Applied to truth and training text alike.
FOLDS = str.maketrans(
    {
        "\u00a0": " ", "\u3000": " ", "\u2009": " ", "\t": " ",
        "\u2011": "-", "\u2212": "-", "\u2010": "-", "\ufe63": "-", "\uff0d": "-", "\u2014": "―", "\u2015": "―",
        "\u223c": "~", "\uff5e": "~", "\u301c": "~",
        "\uffe6": "₩", "\u2024": ".", "\u2022": "•", "\u30fb": "·", "\u2219": "·", "\u22c5": "·", "\uff65": "·",
        "\u2236": ":", "\u2033": "″", "\u2032": "′", "\u226a": "≪", "\u226b": "≫", "\u2f00": "一",
    }
    | {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}  # full-width ASCII
)  # fmt: skip

_PUNCTUATION = "·ㆍ…―–「」『』【】〈〉《》“”‘’≪≫〔〕•′″、。"
_MARKS = "※○●◎□■◇◆△▲▽▼☆★→←↑↓▶◀▷◁♡♥✓"
_UNITS = "₩€£¥¢°℃㎡㎥㎏㎝㎞㎜㎎㎖㏊ℓ‰×÷±≤≥²³½§©®™"


def _default_symbols() -> tuple[str, ...]:
    ascii_ = "".join(chr(code) for code in range(0x20, 0x7F))
    circled = "".join(chr(code) for code in range(0x2460, 0x2474))
    roman = "".join(chr(code) for code in range(0x2160, 0x216C))
    parenthesised = "㈜" + "".join(chr(code) for code in range(0x326E, 0x327C))
    kana = "".join(chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FB))) + "ー"
    jamo = "".join(hangul.COMPATIBILITY_JAMO)
    text = ascii_ + jamo + _PUNCTUATION + _MARKS + _UNITS + circled + roman + parenthesised + kana
    return tuple(dict.fromkeys(text))


@dataclass(frozen=True)
class Charset:
    """Plain symbols beside the 11,172 syllables, and the class ids of both.

    Class ids: 0 is the CTC blank; 1 is never a label (the gate's HANGUL entry); 2.. are the symbols
    in order; then ``syllable_base + (code point - 0xAC00)`` for the syllables.
    """

    symbols: tuple[str, ...]

    @property
    def gate_size(self) -> int:
        """Width of the gate block: blank, HANGUL and every symbol."""
        return 2 + len(self.symbols)

    @property
    def width(self) -> int:
        """Width of the network's last axis."""
        return self.gate_size + hangul.N_CHO + hangul.N_JUNG + hangul.N_JONG

    @property
    def syllable_base(self) -> int:
        """Class id of 가."""
        return self.gate_size

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: index + 2 for index, symbol in enumerate(self.symbols)}

    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and (hangul.is_syllable(char) or char in self._ids)

    def encode(self, text: str) -> list[int]:
        """Class ids of a normalised text.

        Raises:
            KeyError: a character cannot be written; `normalise` and `missing` come first.
        """
        base = self.syllable_base - hangul.BASE
        return [base + ord(char) if hangul.is_syllable(char) else self._ids[char] for char in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of class ids; blank and HANGUL write nothing."""
        out: list[str] = []
        for index in ids:
            if index >= self.syllable_base:
                out.append(chr(hangul.BASE + index - self.syllable_base))
            elif index >= 2:
                out.append(self.symbols[index - 2])
        return "".join(out)

    def missing(self, text: str) -> list[str]:
        """Characters of a normalised text that cannot be written, in order, repeats kept."""
        return [char for char in text if char not in self]


def normalise(text: str) -> str:
    """NFC, look-alikes folded to the one the recogniser writes, runs of spaces to one, ends stripped."""
    return " ".join(hangul.normalise(text).translate(FOLDS).split())


DEFAULT = Charset(_default_symbols())
