"""The boxes of a page as detection sets list them: one for every word or every line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from geulnun.document import Line, Page, Quad, Word
from geulnun.errors import UsageError
from geulnun.geometry import Floats, as_quads, from_boxes, to_boxes
from geulnun.write.sets.base import Level


@dataclass(frozen=True, slots=True)
class Region:
    """One box.

    Attributes:
        text: on one line.
        quad: pixels (4, 2), clockwise from the start of the text.
        legible: False for ink that nobody can be asked to read: no text, or a confidence of 0.
    """

    text: str
    quad: Floats
    legible: bool

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Whole pixels x, y, w, h around the quad, inside a raster of that size and at least 1 x 1."""
        x0, y0, x1, y1 = to_boxes(self.quad)[0]
        left, top = min(max(int(np.floor(x0)), 0), width - 1), min(max(int(np.floor(y0)), 0), height - 1)
        right, bottom = min(max(int(np.ceil(x1)), left + 1), width), min(max(int(np.ceil(y1)), top + 1), height)
        return left, top, right - left, bottom - top


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
        yield Region(" ".join(text.split()), as_quads(quad)[0], legible)
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
    known: list[Quad] = []
    for quad in quads:
        if quad is None:
            return None
        known.append(quad)
    if not known:
        return None
    boxes = to_boxes(known)
    a, b, c, d = from_boxes(np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)]))[0].tolist()
    return (a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])
