"""Which characters a font truly draws.

An entry of the cmap is a claim, no more: Korean fonts map syllables to empty outlines, to the .notdef box, or to one
shared stand-in under many glyph numbers. So every claimed character is drawn small. It counts when it holds ink, is not
the picture of .notdef, and, among syllables, kana and ideographs, is no picture that many share. What was found is kept
on disk, as drawing some ten thousand glyphs takes a second a face.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from geulnun.errors import DamagedInputError

#: Size in pixels at which glyphs are drawn to be compared.
PROBE = 24
#: Code points that are looked at: the Basic Multilingual Plane, where all that the recognisers write lies.
PLANE = 0x10000
#: Two syllables may look alike when small; a stand-in box serves dozens.
_SHARED = 8
#: Permanently no character: drawn as .notdef, unless a font is broken enough to map it.
_NOWHERE = tuple(chr(code) for code in range(0xFDD0, 0xFDF0))
#: Ranges in which no eight characters look the same: jamo, kana, ideographs, syllables.
_DISTINCT = ((0x1100, 0x1200), (0x3041, 0x3100), (0x3131, 0x3190), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0xF900, 0xFB00))
#: Surrogates and private use, where every font means something else.
_NEVER = (0xD800, 0xF900)


def picture(font: ImageFont.FreeTypeFont, char: str) -> bytes:
    """The glyph's pixels with its size, empty where nothing is drawn."""
    mask = font.getmask(char, mode="L")
    pixels = np.asarray(mask, dtype=np.uint8)
    return bytes(str(mask.size), "ascii") + pixels.tobytes() if pixels.any() else b""


def probe(font: ImageFont.FreeTypeFont, claimed: frozenset[int]) -> NDArray[np.bool_]:
    """Draw every claimed character and tell which ones show.

    Args:
        font: The face at `PROBE` pixels.
        claimed: Code points of its cmap.

    Returns:
        bool (65536,), True where the character of that code point is drawn.
    """
    nowhere = next((char for char in _NOWHERE if ord(char) not in claimed), None)
    missing = picture(font, nowhere) if nowhere else b""
    shows = np.zeros(PLANE, bool)
    seen: dict[int, int] = {}
    prints: dict[int, int] = {}
    for code in sorted(claimed):
        if code >= PLANE or code <= 0x20 or _NEVER[0] <= code < _NEVER[1]:
            continue
        drawn = picture(font, chr(code))
        if not drawn or drawn == missing:
            continue
        shows[code] = True
        if any(low <= code < high for low, high in _DISTINCT):
            # Inside one process the hash is as good as the picture, and a hundred times smaller.
            prints[code] = hash(drawn)
            seen[prints[code]] = seen.get(prints[code], 0) + 1
    for code, print_ in prints.items():
        shows[code] = seen[print_] < _SHARED
    return shows


def kept(path: Path) -> NDArray[np.bool_] | None:
    """What an earlier probe left at ``path``; None where nothing of use is there."""
    try:
        packed = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    return np.unpackbits(packed).astype(bool) if packed.size * 8 == PLANE else None


def keep(path: Path, shows: NDArray[np.bool_]) -> None:
    """Leave a probe's result at ``path``, whole or not at all; a folder that cannot be written costs time, no more."""
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(np.packbits(shows).tobytes())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Wait until no other process works out what belongs at ``path``: workers that start together would all do it."""
    try:
        import fcntl

        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    except (ImportError, OSError):  # no such locks here, or nowhere to keep anything: work alone
        yield
        return
    with lock:
        # Given back when the file closes, however the process ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def cmap(path: Path, index: int) -> frozenset[int]:
    """Code points that a font file claims to draw.

    Raises:
        DamagedInputError: the file is no font that can be read, or has no Unicode cmap.
    """
    from fontTools.ttLib import TTFont

    try:
        with TTFont(str(path), fontNumber=index, lazy=True) as font:
            best = font.getBestCmap()
    except ImportError:
        raise
    except Exception as error:  # a damaged font fails in as many ways as it has tables, and they share no base
        raise DamagedInputError(f"{path}: not a font that can be read ({_reason(error)}); install it anew") from error
    if best is None:
        raise DamagedInputError(f"{path}: a font without a Unicode character map; choose another")
    return frozenset(best)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:80] or type(error).__name__
