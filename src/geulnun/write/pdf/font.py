"""The invisible font as a PDF holds it: codes for what is written, their characters and their widths."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

#: Widths of the font's two glyphs and their ids, and how far text reaches above and below the baseline, in 1/1000 em:
#: those of `geulnun.write.pdf.make_font`.
NARROW, WIDE = 500, 1000
_NARROW_GLYPH, _WIDE_GLYPH = 1, 2
ASCENT, DESCENT = 800, 200

_NAME = "/GeulnunGlyphless"
_MOST_CODES = 0xFFFF
#: Entries of one bfchar section (Adobe Technical Note 5411, section 1.4.1).
_SECTION = 100


@cache
def _font_file() -> bytes:
    return Path(__file__).with_name("glyphless.ttf").read_bytes()


def width(char: str) -> int:
    """How wide a character is laid, in 1/1000 em: ideographs and syllables take a whole one, all others half."""
    return WIDE if any(unicodedata.east_asian_width(point) in "WF" for point in char) else NARROW


def printable(chars: Iterable[str]) -> list[str]:
    """Characters without control characters and lone surrogates, which have no place in text."""
    kept = ("".join(point for point in char if unicodedata.category(point) not in ("Cc", "Cs")) for char in chars)
    return [char for char in kept if char]


class GlyphlessFont:
    """Numbers the characters of one file in the order they come.

    A code stands for one user-perceived character, however many code points that takes, so that a syllable of old
    letters or a flag is found, marked and copied whole.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, chars: list[str]) -> bytes:
        """The codes of the characters, two bytes each; those past 65,535 different ones become U+FFFD."""
        out = bytearray()
        for char in chars:
            if char not in self._codes and len(self._codes) >= _MOST_CODES - 1:
                char = "\ufffd"
            out += self._codes.setdefault(char, len(self._codes) + 1).to_bytes(2, "big")
        return bytes(out)

    def add_to(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Write the font into a file: Type0 over CIDFontType2, embedded (ISO 32000-1, sections 9.7 and 9.10.3)."""
        import pikepdf

        wide = {char: width(char) == WIDE for char in self._codes}
        glyphs = [0, *(_WIDE_GLYPH if wide[char] else _NARROW_GLYPH for char in self._codes)]
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor, FontName=pikepdf.Name(_NAME), Flags=5,
            FontBBox=[0, -DESCENT, WIDE, ASCENT],
            ItalicAngle=0, Ascent=ASCENT, Descent=-DESCENT, CapHeight=ASCENT, StemV=80,
            FontFile2=pdf.make_stream(_font_file(), Length1=len(_font_file())),
        )  # fmt: skip
        descendant = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType2, BaseFont=pikepdf.Name(_NAME),
            CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor), DW=NARROW,
            W=[1, [WIDE if wide[char] else NARROW for char in self._codes]],
            CIDToGIDMap=pdf.make_stream(b"".join(glyph.to_bytes(2, "big") for glyph in glyphs)),
        )  # fmt: skip
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=pikepdf.Name(_NAME),
            Encoding=pikepdf.Name("/Identity-H"), DescendantFonts=[pdf.make_indirect(descendant)],
            ToUnicode=pdf.make_stream(self._to_unicode()),
        )  # fmt: skip
        return pdf.make_indirect(font)

    def _to_unicode(self) -> bytes:
        entries = [f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in self._codes.items()]
        parts = [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<0000> <ffff>",
            "endcodespacerange",
        ]
        for start in range(0, len(entries), _SECTION):
            some = entries[start : start + _SECTION]
            parts += [f"{len(some)} beginbfchar", *some, "endbfchar"]
        parts += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
        return "\n".join(parts).encode()
