"""Plain text in reading order."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from geulnun.document import Block, Document, Quad
from geulnun.write.base import Original


class TextWriter:
    """UTF-8 text: an empty line between blocks, a form feed between pages, a newline at the end.

    Each line of text is a line of the file, but lines side by side, such as the cells of a table's row, share one and
    are parted by tabs.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content; empty for a document without text."""
        pages = ("\n\n".join(_block(block) for block in page.blocks if block.lines) for page in document.pages)
        text = "\f".join(pages)
        return (text + "\n" if text else "").encode()


def _block(block: Block) -> str:
    parts = [line.text for line in block.lines[:1]]
    for before, line in pairwise(block.lines):
        # The block's direction, where it has one: short lines do not tell theirs well.
        parts += ["\t" if _side_by_side(before.quad, line.quad, block.quad or before.quad) else "\n", line.text]
    return "".join(parts)


def _side_by_side(before: Quad | None, after: Quad | None, frame: Quad | None) -> bool:
    """Whether a line goes on where another ends, level with it in the direction of ``frame``, or nearly."""
    if before is None or after is None or frame is None:
        return False
    (x0, y0), (x1, y1) = frame[:2]
    length = hypot(x1 - x0, y1 - y0)
    height = min(hypot(quad[3][0] - quad[0][0], quad[3][1] - quad[0][1]) for quad in (before, after))
    if length == 0:
        return False
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    # From the middle of the end of the one to the middle of the start of the other: along the direction, and across.
    dx = (after[0][0] + after[3][0] - before[1][0] - before[2][0]) / 2
    dy = (after[0][1] + after[3][1] - before[1][1] - before[2][1]) / 2
    return dx * ux + dy * uy > -0.5 * height and abs(dy * ux - dx * uy) < 0.5 * height
