"""Hangul arithmetic for any text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from geulnun import charset, hangul

syllable = st.integers(0xAC00, 0xD7A3).map(chr)
#: Text in which no lone jamo stands: syllables and things that no keyboard composes.
plain = st.text(st.one_of(syllable, st.sampled_from(" .,0aA漢\n")))


@given(plain)
def test_compose_undoes_decompose(text: str) -> None:
    assert hangul.compose(hangul.decompose(text)) == text


@given(st.text(st.one_of(syllable, st.sampled_from(hangul.COMPATIBILITY_JAMO), st.characters(codec="utf-8"))))
def test_composing_loses_no_letter(text: str) -> None:
    assert hangul.decompose(hangul.compose(text)) == hangul.decompose(text)


@given(st.text())
def test_normalise_ends_in_nfc_and_is_idempotent(text: str) -> None:
    once = hangul.normalise(text)
    assert unicodedata.is_normalized("NFC", once)
    assert hangul.normalise(once) == once


@given(st.text())
def test_folding_is_idempotent_and_leaves_single_inner_spaces(text: str) -> None:
    once = charset.normalise(text)
    assert charset.normalise(once) == once
    assert once == " ".join(once.split())


@given(st.text(st.one_of(syllable, st.sampled_from(charset.DEFAULT.symbols))))
def test_encoding_is_undone_by_decoding(text: str) -> None:
    assert charset.DEFAULT.decode(charset.DEFAULT.encode(text)) == text
