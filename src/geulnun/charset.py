"""The characters a recogniser writes, and the layout of its output.

The last axis of a network with the factored head holds blocks, each a distribution of its own:

    gate         [blank, HANGUL, symbol 0, symbol 1, ..., IDEOGRAPH]   2 + len(symbols), 1 more with ideographs
    cho          19 initials
    jung         21 medials
    jong         28 finals (0 = none)
    ideographs   one entry each, where there are any

A symbol's probability is its own gate entry; a syllable's is gate[HANGUL] * cho * jung * jong; an ideograph's is
gate[IDEOGRAPH] times its own. The flat head's last axis is one distribution: [blank, character 0, ...].
Class 0 is the blank of CTC and, in its place, the end of the text of decoders that write one character a step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

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


def _ks_ideographs() -> tuple[str, ...]:
    """The ideographs of KS X 1001: 4,888 places, of which 268 are second readings that NFC folds to one character."""
    places = (bytes((row, column)) for row in range(0xCA, 0xFE) for column in range(0xA1, 0xFF))
    return tuple(dict.fromkeys(hangul.normalise(place.decode("euc_kr")) for place in places))


class Classes(Protocol):
    """Characters and the class ids that stand for them; class 0 is the blank, or the end of the text."""

    @property
    def width(self) -> int:
        """Width of the network's last axis."""

    @property
    def classes(self) -> int:
        """How many class ids there are: each is below it."""

    def __contains__(self, char: object) -> bool: ...

    def encode(self, text: str) -> list[int]:
        """Class ids of a normalised text; KeyError for a character that cannot be written."""

    def decode(self, ids: Iterable[int]) -> str:
        """Text of class ids; those that are no character write nothing."""

    def missing(self, text: str) -> list[str]:
        """Characters of a normalised text that cannot be written, in order, repeats kept."""


@dataclass(frozen=True)
class FlatCharset:
    """Characters of a flat softmax: class 0 is the blank or the end, ``1 + index`` a character."""

    characters: tuple[str, ...]

    @property
    def width(self) -> int:
        """Width of the network's last axis."""
        return 1 + len(self.characters)

    @property
    def classes(self) -> int:
        """How many class ids there are."""
        return self.width

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {char: index + 1 for index, char in enumerate(self.characters)}

    def __contains__(self, char: object) -> bool:
        return isinstance(char, str) and char in self._ids

    def encode(self, text: str) -> list[int]:
        """Class ids of a normalised text.

        Raises:
            KeyError: a character cannot be written; `normalise` and `missing` come first.
        """
        return [self._ids[char] for char in text]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of class ids; the blank writes nothing."""
        return "".join(self.characters[index - 1] for index in ids if index > 0)

    def missing(self, text: str) -> list[str]:
        """Characters of a normalised text that cannot be written, in order, repeats kept."""
        return [char for char in text if char not in self]


@dataclass(frozen=True)
class Charset:
    """Plain symbols and ideographs beside the 11,172 syllables, and the class ids of all, for the factored head.

    Class ids: 0 is the blank; 1 is never a label (the gate's HANGUL entry); 2.. are the symbols
    in order; where there are ideographs the gate's IDEOGRAPH entry, never a label either; then
    ``syllable_base + (code point - 0xAC00)`` for the syllables, and from ``ideograph_base`` on the ideographs.
    """

    symbols: tuple[str, ...]
    ideographs: tuple[str, ...] = ()

    @property
    def gate_size(self) -> int:
        """Width of the gate block: blank, HANGUL, every symbol, and IDEOGRAPH where there are any."""
        return 2 + len(self.symbols) + bool(self.ideographs)

    @property
    def ideograph(self) -> int:
        """Index of the gate's IDEOGRAPH entry; meaningless without ideographs."""
        return 2 + len(self.symbols)

    @property
    def core(self) -> int:
        """Width of all blocks but the ideographs'."""
        return self.gate_size + hangul.N_CHO + hangul.N_JUNG + hangul.N_JONG

    @property
    def width(self) -> int:
        """Width of the network's last axis."""
        return self.core + len(self.ideographs)

    @property
    def classes(self) -> int:
        """How many class ids there are."""
        return self.ideograph_base + len(self.ideographs)

    @property
    def syllable_base(self) -> int:
        """Class id of 가."""
        return self.gate_size

    @property
    def ideograph_base(self) -> int:
        """Class id of the first ideograph."""
        return self.syllable_base + hangul.N_CHO * hangul.N_JUNG * hangul.N_JONG

    @cached_property
    def _ids(self) -> dict[str, int]:
        symbols = {symbol: index + 2 for index, symbol in enumerate(self.symbols)}
        return symbols | {char: self.ideograph_base + index for index, char in enumerate(self.ideographs)}

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
        """Text of class ids; blank, HANGUL and IDEOGRAPH write nothing."""
        out: list[str] = []
        for index in ids:
            if index >= self.ideograph_base:
                out.append(self.ideographs[index - self.ideograph_base])
            elif index >= self.syllable_base:
                out.append(chr(hangul.BASE + index - self.syllable_base))
            elif 2 <= index < 2 + len(self.symbols):
                out.append(self.symbols[index - 2])
        return "".join(out)

    def missing(self, text: str) -> list[str]:
        """Characters of a normalised text that cannot be written, in order, repeats kept."""
        return [char for char in text if char not in self]


def normalise(text: str) -> str:
    """NFC, look-alikes folded to the one the recogniser writes, runs of spaces to one, ends stripped."""
    return " ".join(hangul.normalise(text).translate(FOLDS).split())


#: What every reader of ours writes; files that do not say what they write, write this.
PLAIN = Charset(_default_symbols())
#: With the ideographs of KS X 1001.
WITH_IDEOGRAPHS = Charset(_default_symbols(), _ks_ideographs())
#: What the default reader writes.
DEFAULT = WITH_IDEOGRAPHS
