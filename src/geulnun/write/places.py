"""Where things stand, as files tell it: boxes, corners and slants of a tree's nodes, without arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import atan2, ceil, degrees, floor, hypot

from geulnun.document import Block, Char, Line, Page, Point, Quad, Word
from geulnun.write.characters import cells

#: Left, top, right, bottom.
Box = tuple[float, float, float, float]
PixelBox = tuple[int, int, int, int]

#: Coordinates beyond it are no pixels; cut there, nothing that is computed from them overflows.
_FAR = 1e7


def quad_of(node: Char | Word | Line | Block) -> Quad | None:
    """The node's own quad, else the box `around` those of its parts; ``None`` where nothing has one."""
    if node.quad is not None:
        a, b, c, d = node.quad
        return _cut(a), _cut(b), _cut(c), _cut(d)
    parts: Sequence[Char | Word | Line] = ()
    if isinstance(node, Word):
        parts = node.chars
    elif isinstance(node, Line):
        parts = node.words
    elif isinstance(node, Block):
        parts = node.lines
    return around(quad for quad in map(quad_of, parts) if quad is not None)


def word_quads(line: Line) -> list[Quad | None]:
    """The quad of each word of a line; one that has none takes its share of the line's, by how wide its text is set.

    ``None`` for words without one where the line has none either.
    """
    whole = quad_of(line)
    out: list[Quad | None] = []
    cells_before, total = 0, max(cells(line.text), 1)
    for word in line.words:
        taken = cells(word.text)
        quad = quad_of(word)
        if quad is None and whole is not None:
            quad = _part(whole, cells_before / total, (cells_before + taken) / total)
        out.append(quad)
        cells_before += taken + word.space_after
    return out


def _part(quad: Quad, start: float, end: float) -> Quad:
    """What of a quad lies between two fractions of its length."""
    a, b, c, d = quad
    return _between(a, b, start), _between(a, b, end), _between(d, c, end), _between(d, c, start)


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def around(quads: Iterable[Quad]) -> Quad | None:
    """The box around quads; it begins where they do, if all are turned by the same quarter. ``None`` around none."""
    given = list(quads)
    if not given:
        return None
    boxes = [box_of(quad) for quad in given]
    corners = upright(*(min(side) for side in zip(*(box[:2] for box in boxes), strict=True)),
                      *(max(side) for side in zip(*(box[2:] for box in boxes), strict=True)))  # fmt: skip
    quarters = {round(slant(quad) / 90) % 4 for quad in given}
    start = quarters.pop() if len(quarters) == 1 else 0
    a, b, c, d = corners[start:] + corners[:start]
    return a, b, c, d


def upright(left: float, top: float, right: float, bottom: float) -> Quad:
    """The quad of a box whose text runs to the right."""
    return (left, top), (right, top), (right, bottom), (left, bottom)


def box_of(quad: Quad) -> Box:
    """The upright box around a quad."""
    xs, ys = zip(*quad, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def pixel_box(quad: Quad, page: Page) -> PixelBox:
    """The least box of whole pixels around a quad, within the page."""
    left, top, right, bottom = box_of(quad)
    wide, high = max(page.width, 0), max(page.height, 0)
    return (
        min(max(floor(left), 0), wide),
        min(max(floor(top), 0), high),
        min(max(ceil(right), 0), wide),
        min(max(ceil(bottom), 0), high),
    )


def pixel_points(quad: Quad, page: Page) -> list[tuple[int, int]]:
    """The corners rounded to whole pixels, within the page."""
    wide, high = max(page.width, 0), max(page.height, 0)
    return [(min(max(round(x), 0), wide), min(max(round(y), 0), high)) for x, y in quad]


def is_upright(quad: Quad) -> bool:
    """Whether the quad is a box whose text runs to the right, so that the box tells all."""
    return quad == upright(*box_of(quad))


def size_of(quad: Quad) -> tuple[float, float]:
    """Mean lengths along and across the reading direction, in pixels."""
    a, b, c, d = quad
    return (_length(a, b) + _length(d, c)) / 2, (_length(a, d) + _length(b, c)) / 2


def slant(quad: Quad) -> float:
    """The reading direction in degrees, clockwise from the x axis, above -180 up to 180; 0 for a point."""
    a, b, c, d = quad
    return degrees(atan2(b[1] + c[1] - a[1] - d[1], b[0] + c[0] - a[0] - d[0]))


def number(value: float, decimals: int = 2) -> str:
    """A number with so many decimals at most, as every format's grammar takes it: no exponent, no trailing zeros."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def share(value: float) -> float:
    """A confidence within 0..1, whatever the tree holds, to four decimals."""
    return round(min(1.0, max(0.0, value)), 4)


def certainty(value: float) -> str:
    """`share` as files write it."""
    return number(share(value), 4)


def _cut(point: Point) -> Point:
    # In this order, what is not a number is cut as well.
    return min(_FAR, max(-_FAR, point[0])), min(_FAR, max(-_FAR, point[1]))


def _length(start: Point, end: Point) -> float:
    return hypot(end[0] - start[0], end[1] - start[1])
