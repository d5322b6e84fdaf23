"""From boxes with texts to the document tree.

A box of a set becomes a `Line`, whatever the set calls it: most sets do not say which words make a line, and a box's
text may have spaces. Written out again by line, every box comes back as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from geulnun.document import Block, Char, Line, Page, Point, Quad, Word, line_from_text
from geulnun.geometry import Floats, hull, to_boxes, to_tuple

#: Text that sets write for what is not to be read.
UNREADABLE = frozenset(("###", "xxx", "xxxx", "##xx##"))
#: How much taller than wide the box of two or more characters is that stand one below the other.
_TALL = 1.5


@dataclass(frozen=True, slots=True)
class Box:
    """One box of a set.

    Attributes:
        text: what stands in it, NFC, on one line.
        quad: pixels, clockwise from the start of the text; None where the set has no places.
        legible: False for what nobody is asked to read.
        vertical: True for characters one below the other.
        chars: the box of each character, where the set has them.
        confidence: of a prediction, 0 to 1.
    """

    text: str
    quad: Quad | None
    legible: bool = True
    vertical: bool = False
    chars: tuple[tuple[str, Quad | None], ...] = ()
    confidence: float = 1.0


def clean(text: str) -> str:
    """NFC, and every run of spaces one space: what a box of one line can hold."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def page_of_boxes(boxes: Iterable[Box], width: int, height: int) -> Page:
    """A page of one block with a line for each box; of no box, an empty page."""
    lines = tuple(_line(box) for box in boxes)
    return Page(width, height, (Block(lines),) if lines else ())


def _line(box: Box) -> Line:
    confidence = box.confidence if box.legible else 0.0
    if box.chars:
        chars = tuple(Char(text, quad) for text, quad in box.chars)
        return Line((Word(chars, box.quad),), box.quad, confidence, box.vertical)
    words = line_from_text(box.text).words
    if len(words) == 1:
        # The word has the line's place, so that the box can be written out by word too.
        words = (Word(words[0].chars, box.quad),)
    return Line(words, box.quad, confidence, box.vertical)


def page_of_text(text: str, width: int, height: int) -> Page:
    """The page whose `Page.text` is ``text`` in NFC: blocks parted by an empty line, lines by newlines, no places."""
    text = unicodedata.normalize("NFC", text)
    if not text:
        return Page(width, height)
    blocks = (Block(tuple(line_from_text(line) for line in part.split("\n"))) for part in text.split("\n\n"))
    return Page(width, height, tuple(blocks))


def upright(x: float, y: float, w: float, h: float, width: int, height: int, vertical: bool = False) -> Quad:
    """The quad of an upright box, cut at the raster's edges: sets have boxes that begin at -1 or end beyond it.

    Raises:
        ValueError: nothing of it lies on the raster.
    """
    x0, x1 = max(x, 0.0), min(x + w, float(width))
    y0, y1 = max(y, 0.0), min(y + h, float(height))
    if not (x0 < x1 and y0 < y1):
        raise ValueError(f"a box at {x:g}, {y:g} of {w:g} x {h:g} on a raster of {width} x {height}")
    corners: Quad = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    return (*corners[1:], corners[0]) if vertical else corners


def looks_vertical(text: str, w: float, h: float) -> bool:
    """Whether two or more characters stand one below the other, judged by the box; a single one never does."""
    return len("".join(text.split())) > 1 and h >= _TALL * w


def quad_of(points: Sequence[Point]) -> Quad:
    """A polygon's quad: four points as they are, two as corners of a box, more by the least rectangle around them.

    The rectangle starts at the corner nearest to the polygon's first point, and runs clockwise.

    Raises:
        ValueError: fewer than two points, or three.
    """
    if len(points) == 4:
        a, b, c, d = points
        return a, b, c, d
    if len(points) == 2:
        (x0, y0), (x1, y1) = points
        return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
    if len(points) < 4:
        raise ValueError(f"a polygon of {len(points)} points; expected at least 4")
    corners = hull([points])
    first = int(np.argmin(np.linalg.norm(corners - np.asarray(points[0]), axis=1)))
    return to_tuple(np.roll(corners, -first, axis=0))


def extent(boxes: Iterable[Box]) -> tuple[int, int]:
    """The least raster, in pixels, that holds all boxes, and at least 1 x 1: for truth whose image is not there."""
    points = [point for box in boxes if box.quad for point in box.quad]
    return (
        max([1, *(int(np.ceil(x)) for x, _ in points)]),
        max([1, *(int(np.ceil(y)) for _, y in points)]),
    )


def joined(page: Page) -> Page:
    """Put boxes of words that stand side by side into lines, left to right, the lines from the top down.

    Sets of word boxes list them in any order. Words are of one line when their middles differ by less than half the
    page's median height of words, which a few tall stamps do not move; a gap of three such heights parts columns.
    Vertical and illegible lines, lines of several words, and lines without a quad stay as they are, at the end.
    """
    loose = [line for line in page.lines if _joinable(line)]
    if not loose:
        return page
    boxes = _boxes(loose)
    height = float(median((boxes[:, 3] - boxes[:, 1]).tolist()))
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    rows: list[list[int]] = []
    for at in np.lexsort((boxes[:, 0], middle)).tolist():
        if rows and abs(middle[at] - np.mean(middle[rows[-1]])) <= height / 2:
            rows[-1].append(at)
        else:
            rows.append([at])
    lines: list[Line] = []
    for row in rows:
        row.sort(key=lambda at: float(boxes[at, 0]))
        start = 0
        for end in range(1, len(row) + 1):
            if end == len(row) or boxes[row[end], 0] - boxes[row[end - 1], 2] > 3 * height:
                lines.append(_joined([loose[at] for at in row[start:end]]))
                start = end
    rest = tuple(line for line in page.lines if not _joinable(line))
    return Page(page.width, page.height, (Block(tuple(lines) + rest),), page.number, page.rotation, page.dpi)


def _joinable(line: Line) -> bool:
    return line.quad is not None and len(line.words) == 1 and not line.vertical and line.confidence > 0


def _joined(lines: list[Line]) -> Line:
    if len(lines) == 1:
        return lines[0]
    boxes = _boxes(lines)
    (x0, y0), (x1, y1) = boxes[:, :2].min(0).tolist(), boxes[:, 2:].max(0).tolist()
    return Line(tuple(line.words[0] for line in lines), ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def _boxes(lines: Sequence[Line]) -> Floats:
    return to_boxes([line.quad for line in lines if line.quad is not None])
