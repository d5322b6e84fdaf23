"""What characters files can hold, how wide they are, and in which language they are."""

from __future__ import annotations

import re
import unicodedata

#: What stands for a character that a format cannot hold, so that none is lost unseen.
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SURROGATE = re.compile("[\ud800-\udfff]")
# XML 1.0 (fifth edition), 2.2, production Char: all but these.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# HTML 13.1.2.5 (character references and text): controls besides, and noncharacters of every plane are errors.
_NOT_HTML = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
    + "]"
)
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_KANA = re.compile("[\u3040-\u30ff]")


def utf8(text: str) -> bytes:
    """The text in UTF-8, lone halves of surrogate pairs replaced."""
    return _SURROGATE.sub(REPLACEMENT, text).encode()


def xml_text(text: str) -> str:
    """The text with U+FFFD for each character that XML 1.0 cannot hold, not even escaped."""
    return _NOT_XML.sub(REPLACEMENT, text)


def html_text(text: str) -> str:
    """The text with U+FFFD for each character that HTML does not allow."""
    return _NOT_HTML.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """The text with a space for each character that would end a row or a cell of a plain table."""
    return re.sub("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]", " ", text)


def cells(text: str) -> int:
    """Columns of a terminal that the text takes (Unicode Annex 11): two for wide characters, none for marks."""
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Me", "Mn") or "\u1160" <= char <= "\u11ff":
        return 0  # the later letters of a syllable of jamo share the cells of its first
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def language(text: str) -> str:
    """The language of a text by its script, as BCP 47 tags it: ko, ja, or "" where letters do not tell."""
    if _HANGUL.search(text):
        return "ko"
    return "ja" if _KANA.search(text) else ""
