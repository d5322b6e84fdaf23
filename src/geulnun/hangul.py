"""Hangul arithmetic: jamo to syllable and back, after the Unicode Standard, section 3.12.

A modern syllable is ``0xAC00 + (cho * 21 + jung) * 28 + jong`` with 19 initials (cho), 21 medials
(jung) and 28 finals (jong, 0 meaning none): 11,172 in all. Jamo are named here by their
compatibility letters (U+3131-3163), the ones people type and fonts draw.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

BASE = 0xAC00
COUNT = 11_172

CHO = tuple("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ")
JUNG = tuple("ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ")
JONG = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

N_CHO, N_JUNG, N_JONG = len(CHO), len(JUNG), len(JONG)

#: The 51 modern compatibility jamo, U+3131-3163.
COMPATIBILITY_JAMO = tuple(chr(code) for code in range(0x3131, 0x3164))

_CHO_INDEX = {letter: index for index, letter in enumerate(CHO)}
_JUNG_INDEX = {letter: index for index, letter in enumerate(JUNG)}
_JONG_INDEX = {letter: index for index, letter in enumerate(JONG)}
#: Conjoining jamo (U+1100.., U+1161.., U+11A8..) that stand alone, to their compatibility letters.
_CONJOINING = (
    {0x1100 + index: letter for index, letter in enumerate(CHO)}
    | {0x1161 + index: letter for index, letter in enumerate(JUNG)}
    | {0x11A7 + index: letter for index, letter in enumerate(JONG) if letter}
)


class Jamo(NamedTuple):
    """Indices of a syllable's parts: cho in 0..18, jung in 0..20, jong in 0..27 (0 = no final)."""

    cho: int
    jung: int
    jong: int


def is_syllable(char: str) -> bool:
    """Tell whether ``char`` is one modern Hangul syllable, U+AC00-D7A3."""
    return len(char) == 1 and BASE <= ord(char) < BASE + COUNT


def split(syllable: str) -> Jamo:
    """Split one syllable into the indices of its jamo.

    Raises:
        ValueError: ``syllable`` is not one of the 11,172.
    """
    if not is_syllable(syllable):
        raise ValueError(f"{syllable!r} is not a modern Hangul syllable")
    rest, jong = divmod(ord(syllable) - BASE, N_JONG)
    cho, jung = divmod(rest, N_JUNG)
    return Jamo(cho, jung, jong)


def join(cho: int, jung: int, jong: int = 0) -> str:
    """Join jamo indices into a syllable.

    Raises:
        ValueError: an index is outside 0..18, 0..20 or 0..27.
    """
    if not (0 <= cho < N_CHO and 0 <= jung < N_JUNG and 0 <= jong < N_JONG):
        raise ValueError(f"({cho}, {jung}, {jong}) is outside the 19 x 21 x 28 jamo")
    return chr(BASE + (cho * N_JUNG + jung) * N_JONG + jong)


def decompose(text: str) -> str:
    """Write every syllable of ``text`` as its compatibility jamo; other characters stay."""
    out: list[str] = []
    for char in text:
        if is_syllable(char):
            cho, jung, jong = split(char)
            out += (CHO[cho], JUNG[jung], JONG[jong])
        else:
            out.append(char)
    return "".join(out)


def compose(letters: str) -> str:
    """Compose compatibility jamo into syllables, as a two-set keyboard would.

    A consonant before a vowel opens a syllable, so ``ㄱㅏㄱㅏ`` is 가가. Letters that fit nowhere
    stay as they are. It undoes `decompose` for texts in which no lone jamo touches a syllable.
    """
    out: list[str] = []
    at = 0
    while at < len(letters):
        cho = _CHO_INDEX.get(letters[at])
        jung = _JUNG_INDEX.get(letters[at + 1]) if at + 1 < len(letters) else None
        if cho is None or jung is None:
            out.append(letters[at])
            at += 1
            continue
        at += 2
        jong = _JONG_INDEX.get(letters[at], 0) if at < len(letters) else 0
        opens_next = at + 1 < len(letters) and letters[at + 1] in _JUNG_INDEX
        if jong and not (opens_next and letters[at] in _CHO_INDEX):
            at += 1
        else:
            jong = 0
        out.append(join(cho, jung, jong))
    return "".join(out)


def normalise(text: str) -> str:
    """Return ``text`` in NFC, with lone conjoining jamo as compatibility letters."""
    return unicodedata.normalize("NFC", text).translate(_CONJOINING)


def syllables() -> tuple[str, ...]:
    """All 11,172 modern syllables in code point order."""
    return tuple(chr(code) for code in range(BASE, BASE + COUNT))


def ks_x_1001() -> tuple[str, ...]:
    """The 2,350 syllables of KS X 1001, the set most fonts draw, in code point order."""
    out: list[str] = []
    for row in range(0xB0, 0xC9):
        for cell in range(0xA1, 0xFF):
            out.append(bytes((row, cell)).decode("euc_kr"))
    return tuple(out)
