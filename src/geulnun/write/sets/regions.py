"""The boxes of a page as detection sets list them: one for every word or every line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor

from geulnun.document import Line, Page, Quad, Word
from geulnun.errors import UsageError
from geulnun.write.sets.base import Level


@dataclass(frozen=True, slots=True)
class Region:
    """One box.

    Attributes:
        text: on one line.
        quad: pixels, clockwise from the start of the text.
        legible: False for ink that nobody can be asked to read: no text, or a confidence of 0.
    """

    text: str
    quad: Quad
    legible: bool

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Whole pixels x, y, w, h around the quad, inside a raster of that size and at least 1 x 1."""
        x, w = _cells([point[0] for point in self.quad], width)
        y, h = _cells([point[1] for point in self.quad], height)
        return x, y, w, h


def _cells(values: list[float], limit: int) -> tuple[int, int]:
    """The first of the whole pixels that ``values`` span within 0 to ``limit``, and how many they are."""
    first = min(max(floor(min(values)), 0), limit - 1)
    return first, min(max(ceil(max(values)), first + 1), limit) - first


def regions(page: Page, level: Level, name: str) -> list[Region]:
    """The page's words or lines in reading order.

    A box that is not known is the upright one around its parts; of a page that is one line and knows no box at all,
    it is the whole raster.

    Raises:
        UsageError: text of which nothing tells where it stands; the message begins with ``name``.
    """
    lines = page.lines
    frame: Quad = ((0.0, 0.0), (page.width, 0.0), (page.width, page.height), (0.0, page.height))
    found: list[Region] = []
    for line in lines:
        if level == "line":
            quad = line.quad or _around(_parts(line)) or (frame if len(lines) == 1 else None)
            legible = line.confidence > 0 and any(_legible(word) for word in line.words)
            found += _region(line.text, quad, legible, name)
            continue
        for word in line.words:
            alone = len(line.words) == 1
            quad = word.quad or _around(char.quad for char in word.chars) or (line.quad if alone else None)
            quad = quad or (frame if alone and len(lines) == 1 else None)
            found += _region(word.text, quad, line.confidence > 0 and _legible(word), name)
    return found


def _region(text: str, quad: Quad | None, legible: bool, name: str) -> Iterator[Region]:
    if quad is not None:
        yield Region(" ".join(text.split()), quad, legible)
    elif text:
        raise UsageError(
            f"{name}: no box is known for {text!r:.40}; write it in a format without boxes, such as folder"
        )


def _legible(word: Word) -> bool:
    return bool(word.text.strip()) and word.confidence > 0


def _parts(line: Line) -> Iterator[Quad | None]:
    for word in line.words:
        yield word.quad or _around(char.quad for char in word.chars)


def _around(quads: Iterable[Quad | None]) -> Quad | None:
    """The upright box around quads, None if one of them is not known or there are none."""
    xs: list[float] = []
    ys: list[float] = []
    for quad in quads:
        if quad is None:
            return None
        xs += (x for x, _ in quad)
        ys += (y for _, y in quad)
    if not xs:
        return None
    (x0, x1), (y0, y1) = (min(xs), max(xs)), (min(ys), max(ys))
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)
