"""Makes ``glyphless.ttf``, the font of text that is found and copied but never seen.

``python -m geulnun.write.pdf.make_font`` writes it again, byte for byte; that needs fontTools, reading and writing do
not.
Glyph 0 is what every font must have, glyph 1 is as wide as a Latin letter, glyph 2 as an ideograph. Their outlines are
lines from corner to corner: they enclose nothing, so nothing is painted even by a program that paints invisible text,
but they have an extent, without which PDFium takes neighbouring words for one word drawn twice and drops the second.
"""

from __future__ import annotations

import io
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

FILE = Path(__file__).with_name("glyphless.ttf")
#: Units of an em, how far above and below its baseline text reaches, and the glyphs' widths.
EM, ASCENT, DESCENT, NARROW, WIDE = 1000, 800, 200, 500, 1000
#: Seconds from 1904 to 2026: head's dates, fixed so that the file is the same each time.
_DATE = 3_849_984_000


def _diagonal(width: int) -> Glyph:
    pen = TTGlyphPen(None)
    pen.moveTo((0, -DESCENT))
    pen.lineTo((width, ASCENT))
    pen.closePath()
    return pen.glyph()


def build() -> bytes:
    """The font's content."""
    names = [".notdef", "narrow", "wide"]
    widths = dict(zip(names, (NARROW, NARROW, WIDE), strict=True))
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({0x20: "narrow", 0x3000: "wide"})
    builder.setupGlyf({name: _diagonal(width) for name, width in widths.items()})
    builder.setupHorizontalMetrics({name: (width, 0) for name, width in widths.items()})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=-DESCENT)
    builder.setupNameTable({"familyName": "Geulnun Glyphless", "styleName": "Regular", "version": "Version 1.0"})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=-DESCENT, usWinAscent=ASCENT, usWinDescent=DESCENT, fsType=0)
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=_DATE, modified=_DATE)
    builder.font.recalcTimestamp = False
    content = io.BytesIO()
    builder.save(content)
    return content.getvalue()


if __name__ == "__main__":
    FILE.write_bytes(build())
