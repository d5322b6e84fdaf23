"""The text that a PDF page holds already, as PDFium finds it, in pixels of the page as it is drawn."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Quad, Word
from geulnun.geometry import Floats

#: Rendering modes that paint nothing (ISO 32000-1, table 106).
_UNSEEN = (3, 7)
#: What PDFium writes where it joined a word over the end of a line, and for characters nobody named.
_HYPHEN, _UNNAMED = ("\x02", "\ufffe"), "\x00"
_LINE_ENDS, _SPACES = "\r\n\f", " \t\u00a0\u3000"
_TURNS = 4


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a page.

    Attributes:
        page: all of it, seen or not, one block of lines in the order of the file.
        shown: the words of it that can be seen.
    """

    page: Page
    shown: tuple[Quad, ...]


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character with its corners in pixels, and whether it is painted; without corners where PDFium added it."""

    text: str
    quad: Quad | None
    shown: bool


def text_of(page: pdfium.PdfPage, blank: Page) -> PdfText | None:
    """The text of a page, None if it has none; as all of PDFium for one thread at a time.

    Args:
        page: open.
        blank: number and size in pixels of the page as it is drawn.
    """
    textpage = page.get_textpage()
    try:
        glyphs = list(_glyphs(page, textpage, blank))
    finally:
        textpage.close()
    lines, shown = [], []
    for ended, row in groupby(glyphs, lambda glyph: glyph.text in _LINE_ENDS):
        words: list[Word] = []
        for spaced, part in groupby(() if ended else row, lambda glyph: glyph.text in _SPACES):
            if spaced:
                words[-1:] = [replace(word, space_after=True) for word in words[-1:]]
                continue
            some = list(part)
            words.append(_word(some))
            if some[0].shown and words[-1].quad is not None:
                shown.append(words[-1].quad)
        if words:
            lines.append(Line(tuple(words), _around([word.quad for word in words])))
    if not lines:
        return None
    return PdfText(replace(blank, blocks=(Block(tuple(lines)),)), tuple(shown))


def _word(glyphs: list[_Glyph]) -> Word:
    """A word of its glyphs: a mark joins what it stands on, letters of a syllable each other (NFC)."""
    chars: list[Char] = []
    for glyph in glyphs:
        joined = unicodedata.normalize("NFC", chars[-1].text + glyph.text) if chars else ""
        if chars and (len(joined) == len(chars[-1].text) or unicodedata.combining(glyph.text[0])):
            chars[-1] = Char(joined, _around([chars[-1].quad, glyph.quad]))
        else:
            chars.append(Char(unicodedata.normalize("NFC", glyph.text), glyph.quad))
    return Word(tuple(chars), _around([char.quad for char in chars]), space_after=False)


def _around(quads: list[Quad | None]) -> Quad | None:
    """The quad from the start of the first to the end of the last, wide enough for all; they have one direction."""
    known = [quad for quad in quads if quad is not None]
    if not known:
        return None
    points = np.asarray(known, dtype=np.float64)
    x, y = points[0, 1] - points[0, 0], points[0, 3] - points[0, 0]
    x, y = (axis / max(float(np.hypot(*axis)), 1e-9) for axis in (x, y))
    along, across = points.reshape(-1, 2) @ x, points.reshape(-1, 2) @ y
    corners = [(along.min(), across.min()), (along.max(), across.min()), (along.max(), across.max()),
               (along.min(), across.max())]  # fmt: skip
    return geometry.to_tuple(np.round([a * x + b * y for a, b in corners], 2))


def _glyphs(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, blank: Page) -> Iterator[_Glyph]:
    to_pixels = _to_pixels(page, blank)
    turned = page.get_rotation() // 90
    box, high = raw.FS_RECTF(), 0
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, index)
        if 0xD800 <= code < 0xDC00:  # half of a character where PDFium counts in UTF-16
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        char = "-" if chr(code) in _HYPHEN else chr(code)
        if char == _UNNAMED or not raw.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box)):
            continue
        if unicodedata.category(char) == "Cc" and char not in _LINE_ENDS + _SPACES:
            continue
        quad = None
        if not raw.FPDFText_IsGenerated(textpage, index):
            corners = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
            # Clockwise from the x axis as the page lies, then the page's own turn, clockwise too.
            angle = round(np.degrees(raw.FPDFText_GetCharAngle(textpage, index)) / 90)
            quad = geometry.to_tuple(_begun(geometry.transform(corners, to_pixels), (angle + turned) % _TURNS))
        text = raw.FPDFText_GetTextObject(textpage, index)
        yield _Glyph(char, quad, bool(text) and raw.FPDFTextObj_GetTextRenderMode(text) not in _UNSEEN)


def _begun(corners: Floats, turn: int) -> Floats:
    """An upright box (4, 2), its corners clockwise from where text turned by so many quarters clockwise starts."""
    box = geometry.from_boxes(geometry.to_boxes(corners))[0]
    return np.roll(box, -turn, axis=0)


def _to_pixels(page: pdfium.PdfPage, blank: Page) -> Floats:
    """The affine (2, 3) from the page's user space to pixels of the page as it is drawn."""
    left, bottom, right, top = page.get_bbox()
    turn = page.get_rotation() % 360
    across, down = (blank.height, blank.width) if turn in (90, 270) else (blank.width, blank.height)
    x, y = across / (right - left), down / (top - bottom)
    lying = np.array([[x, 0, -left * x], [0, -y, top * y], [0, 0, 1]])
    return np.asarray(geometry.turn_matrix(across, down, turn) @ lying)
