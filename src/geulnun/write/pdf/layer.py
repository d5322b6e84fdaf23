"""The text of a page as a PDF content stream: found, marked and copied, never painted.

Each word is one string, stretched over its quad, and the space after it another that fills the gap, so that what a
reader marks is what stands there. How programs find words and lines again in such text differs; the numbers below are
those that PDFium (`CPDF_TextPage`) and Poppler (`TextOutputDev`) both read back as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.document import Line, Page
from geulnun.geometry import Floats
from geulnun.write.pdf.font import DESCENT, GlyphlessFont, printable, width

# Gaps and widths are in em, which is the line's height.
#: Poppler takes gaps above 0.15 for spaces, but in a line of single characters, which may be one wide-set word, those
#: above 0.4 only.
_GAP, _GAP_OF_SINGLES = 0.2, 0.45
#: A gap where nothing tells how wide it is.
_USUAL_GAP = 0.3
#: No character is squeezed below this share of its width: PDFium drops repeated ones that stand closer.
_SQUEEZE = 0.2
#: Lines that lean by less than this many degrees become steps of level words: Poppler breaks words whose baseline
#: leaves a pixel row. A level mark lies as well over a leaning word.
_LEAN = 20.0
#: PDFium sorts strings from left to right while each starts within this of the one before, up or down.
_LEVEL = 0.55
#: PDFium begins no line for a string up to three quarters of an em lower than the one before it, and writes no space
#: where they are nearer to each other than a part of a character, a large one at most.
_STEP, _NEXT = 0.85, 1.0
#: Lines whose directions have at least this cosine between them run alike.
_PARALLEL = 0.9
#: Where a line ends in one of these, both programs join it to the next one and drop the hyphen, unless a tab follows.
_HYPHENS = "-\u00ad"
#: Nothing is shorter or lower than this, and a line without place so high, in pixels of the page.
_LEAST, _UNPLACED = 1.0, 12.0


@dataclass(frozen=True)
class _String:
    """Characters and where they stand, in pixels: the left end of their baseline, their length and size."""

    chars: list[str]
    at: Floats
    way: Floats
    length: float
    size: float

    @property
    def stretch(self) -> float:
        """Length as a share of what the font's widths make."""
        return self.length / (_natural(self.chars) * self.size)


def content(page: Page, to_user: Floats, font: GlyphlessFont, name: str, turn: int = 0) -> bytes:
    """The operators that write a page's text, empty if it has none.

    Args:
        page: its lines are written in reading order.
        to_user: affine (2, 3) from pixels of the page to the PDF page's user space.
        font: gives the codes.
        name: the font's name among the page's resources, without the slash.
        turn: clockwise turn in degrees by which the raster is shown; a multiple of 90.
    """
    shown = geometry.turn_matrix(0, 0, turn)[:, :2]
    strings = _apart([_strings(line, quad) for line, quad in zip(page.lines, _placed(page), strict=True)], shown)
    if not strings:
        return b""
    linear = to_user[:, :2]
    scale = float(np.sqrt(abs(np.linalg.det(linear))))
    out = ["q BT 3 Tr"]
    for string in _kept_in_order(strings, shown):
        along, up = linear @ string.way / scale, linear @ (string.way[1], -string.way[0]) / scale
        at = linear @ string.at + to_user[:, 2]
        matrix = " ".join(f"{value:.6f}" for value in (*along, *up))
        out.append(
            f"/{name} {string.size * scale:.4f} Tf {100 * string.stretch:.3f} Tz {matrix} {at[0]:.4f} {at[1]:.4f} Tm "
            f"<{font.encode(string.chars).hex()}> Tj"
        )
    return "\n".join([*out, "ET Q"]).encode()


def _apart(lines: Sequence[Sequence[_String]], shown: Floats) -> list[_String]:
    """The strings of all lines, parted where a line starts at the end of the one before it, or over its last word."""
    out: list[_String] = []
    for strings in lines:
        line = list(strings)
        if out and line:
            before, first = out[-1], line[0]
            size = max(before.size, first.size)
            end = before.at + before.length * before.way
            along = float((first.at - end) @ before.way)
            across = float(abs((first.at - end) @ (-before.way[1], before.way[0])))
            push = max(_GAP * size - along, 0.0)
            meets = before.way @ first.way > _PARALLEL and across < _STEP * size
            if meets and -before.length - first.length < along < _NEXT * size:
                if first.length - push >= _SQUEEZE * _natural(first.chars) * first.size:
                    line[0] = replace(first, at=first.at + push * first.way, length=first.length - push)
                    out.append(replace(before, chars=[" "], at=end, length=along + push))
                else:
                    out.append(_far_above(first, shown))
        out += line
    return out


def _kept_in_order(strings: Sequence[_String], shown: Floats) -> list[_String]:
    """The strings with a space, far above, before each that PDFium would sort before the one written before it."""
    out: list[_String] = []
    rightmost, before = -np.inf, None
    for string in strings:
        x, y = shown @ string.at
        if before is not None:
            limit = _LEVEL * max(one.size * max(1.0, one.stretch) for one in (before, string))
            if abs(y - (shown @ before.at)[1]) > limit:
                rightmost = -np.inf
            elif x < rightmost:
                out.append(_far_above(string, shown))
                rightmost = -np.inf
        out.append(string)
        rightmost, before = max(rightmost, x), string
    return out


def _far_above(string: _String, shown: Floats) -> _String:
    """A space above a string, as the page is shown, so far that it is on no line with anything near."""
    height = (3 + _LEVEL) * string.size * max(1.0, string.stretch)
    return replace(string, chars=[" "], at=string.at - height * (shown.T @ (0.0, 1.0)), length=string.size / 2)


def _placed(page: Page) -> list[Floats]:
    """A quad (4, 2) for every line; one that has none stands under the line before it."""
    out: list[Floats] = []
    for line in page.lines:
        known = [word.quad for word in line.words if word.quad is not None]
        if line.quad is not None:
            quad = np.asarray(line.quad, dtype=np.float64)
        elif known:
            quad = np.asarray((known[0][0], known[-1][1], known[-1][2], known[0][3]), dtype=np.float64)
        else:
            top = min(float(out[-1][:, 1].max()) if out else 0.0, max(page.height - _UNPLACED, 0.0))
            right = min(_UNPLACED * max(1, len(line.text)), max(page.width, _LEAST))
            quad = geometry.from_boxes([0.0, top, right, top + _UNPLACED])[0]
        out.append(quad)
    return out


def _strings(line: Line, quad: Floats) -> list[_String]:
    """A line's words and the spaces between them."""
    words = [(chars, word) for word in line.words if (chars := printable(char.text for char in word.chars))]
    if not words:
        return []
    texts = [chars for chars, _ in words]
    if texts[-1][-1] in _HYPHENS:
        texts[-1] = [*texts[-1][:-1], texts[-1][-1] + "\t"]
    way = _way(quad)
    up = np.array([way[1], -way[0]])
    start, end = (quad[0] + quad[3]) / 2, (quad[1] + quad[2]) / 2
    whole = float(start @ way), max(float(end @ way), float(start @ way) + _LEAST)
    height = max(float(geometry.sizes(quad)[1][0]), _LEAST)
    places = [_extent(np.asarray(word.quad) @ way) for _, word in words if word.quad is not None]
    size, extents = _extents(texts, [word.space_after for _, word in words[:-1]], whole, places, height)
    out = []
    for at, (chars, (first, last)) in enumerate(zip(texts, extents, strict=True)):
        # The line's middle where the word's middle is, then down to the baseline.
        middle = np.interp((first + last) / 2, whole, (start @ up, end @ up))
        foot = (middle - height / 2 + DESCENT / 1000 * height) * up
        out.append(_String(chars, first * way + foot, way, last - first, size))
        if at + 1 < len(texts) and words[at][1].space_after:
            left, right = extents[at, 1], extents[at + 1, 0]
            out.append(_String([" "], left * way + foot, way, right - left, size))
    return out


def _way(quad: Floats) -> Floats:
    """The direction (2,) in which a line is written: along an axis if it nearly is."""
    along = quad[1] + quad[2] - quad[0] - quad[3]
    degrees = float(np.degrees(np.arctan2(along[1], along[0])))
    axis = round(degrees / 90) * 90
    turn = np.radians(axis if abs(degrees - axis) < _LEAN else degrees)
    return np.asarray(np.round([np.cos(turn), np.sin(turn)], 9), dtype=np.float64)


def _extent(corners: Floats) -> tuple[float, float]:
    """Where a quad starts and ends along a direction, its ends' middles, of its four corners' places in that."""
    ordered = np.sort(corners)
    return float(ordered[:2].mean()), float(ordered[2:].mean())


def _natural(chars: Sequence[str]) -> float:
    """The width of characters as the font has them, in em."""
    return sum(map(width, chars)) / 1000


def _extents(
    texts: Sequence[list[str]],
    spaces: Sequence[bool],
    whole: tuple[float, float],
    places: Sequence[tuple[float, float]],
    height: float,
) -> tuple[float, Floats]:
    """The font size of a line, its height where all fits, and its words' starts and ends (n, 2), in pixels.

    Args:
        texts: the words.
        spaces: whether a space follows each but the last.
        whole: where the line starts and ends.
        places: where the words start and end; unused unless there is one for each.
        height: of the line.
    """
    gap = _GAP_OF_SINGLES if all(len(chars) == 1 for chars in texts) else _GAP
    natural = np.array([_natural(chars) for chars in texts])
    spaced = np.array(spaces, dtype=bool)
    size = min(height, (whole[1] - whole[0]) / float(_SQUEEZE * natural.sum() + gap * spaced.sum()))
    if len(places) == len(texts):
        extents = _parted(np.array(places), spaced, gap * size)
        if (extents[:, 1] - extents[:, 0] >= _SQUEEZE * natural * size).all():
            return size, extents
    return size, _shared(natural, spaced, whole, gap * size)


def _parted(places: Floats, spaced: NDArray[np.bool_], gap: float) -> Floats:
    """Words' starts and ends (n, 2) with at least ``gap`` where a space stands between them, none where none does."""
    out = places.copy()
    middle = (places[:-1, 1] + places[1:, 0]) / 2
    rooms = np.where(spaced, np.maximum(places[1:, 0] - places[:-1, 1], gap), 0.0)
    out[:-1, 1], out[1:, 0] = middle - rooms / 2, middle + rooms / 2
    return out


def _shared(natural: Floats, spaced: NDArray[np.bool_], whole: tuple[float, float], gap: float) -> Floats:
    """Starts and ends (n, 2) of words whose places are unknown: the line's length shared out by their widths."""
    length = whole[1] - whole[0]
    usual = length * _USUAL_GAP / (natural.sum() + _USUAL_GAP * spaced.sum())
    rooms = np.where(spaced, max(gap, usual), 0.0)
    widths = natural / natural.sum() * (length - rooms.sum())
    starts = whole[0] + np.concatenate([[0.0], np.cumsum(widths[:-1] + rooms)])
    return np.stack([starts, starts + widths], 1)
