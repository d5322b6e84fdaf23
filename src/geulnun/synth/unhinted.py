"""Faces without hints: outlines as printers draw them, not pulled onto the pixel grid as screens do.

Hinting Hangul costs FreeType more than all else about a glyph: its automatic hinter, which runs where a TrueType font
brings no instructions, takes two to eight times as long as drawing. A copy of the font whose control program switches
instructions off is neither hinted by itself nor automatically. (OpenType specification, `prep` table and INSTCTRL.)
"""

from __future__ import annotations

import io
import os
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from geulnun.synth.fonts import Face, root

#: PUSHB[2] 1 1 INSTCTRL, then pushes and pops: FreeType takes programs of 7 bytes or less for none.
_SWITCHED_OFF = bytes([0xB1, 1, 1, 0x8E, 0xB0, 0, 0x21, 0xB0, 0, 0x21, 0xB0, 0, 0x21])


def at(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at an em size in pixels, without hints; as it is where it varies or has no TrueType outlines."""
    return _open(face, size)


@lru_cache(maxsize=4000)
def _open(face: Face, size: int) -> ImageFont.FreeTypeFont:
    hinted = face.at(size)
    if face.axes or not isinstance(hinted.path, str):
        return hinted
    stripped = _stripped(hinted.path, face.index)
    if stripped is None:
        return hinted
    source = stripped if isinstance(stripped, str) else io.BytesIO(stripped)
    return ImageFont.truetype(source, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1000)
def _stripped(path: str, index: int) -> str | bytes | None:
    """The copy's path, its bytes where it cannot be kept on disk, None where there is nothing to strip."""
    file = Path(path)
    target = root() / "unhinted" / f"{file.stem}-{index}-{file.stat().st_size}.ttf"
    if target.is_file():
        return str(target)
    content = _strip(file, index)
    if content is None:
        return None
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError:
        return content
    return str(target)


def _strip(path: Path, index: int) -> bytes | None:
    """The font with nothing but a control program that switches instructions off; None without TrueType outlines."""
    from fontTools.ttLib import TTFont, newTable
    from fontTools.ttLib.tables import ttProgram

    with TTFont(str(path), fontNumber=index, lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        if "glyf" not in font:
            return None
        for table in ("fpgm", "prep", "cvt "):
            if table in font:
                del font[table]
        font["prep"] = newTable("prep")
        font["prep"].program = ttProgram.Program()
        font["prep"].program.fromBytecode(_SWITCHED_OFF)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()
