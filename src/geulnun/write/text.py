"""Plain text in reading order."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

from geulnun.document import Block, Document, Line


class TextWriter:
    """UTF-8 text: an empty line between blocks, a form feed between pages, a newline at the end.

    Each line of text is a line of the file, but lines side by side, such as the cells of a table's row, share one and
    are parted by tabs.
    """

    suffix = ".txt"

    def encode(self, document: Document) -> bytes:
        """The file's content; empty for a document without text."""
        pages = ("\n\n".join(_block(block) for block in page.blocks if block.lines) for page in document.pages)
        text = "\f".join(pages)
        return (text + "\n" if text else "").encode()


def _block(block: Block) -> str:
    parts = [line.text for line in block.lines[:1]]
    for before, line in pairwise(block.lines):
        parts += ["\t" if _side_by_side(before, line) else "\n", line.text]
    return "".join(parts)


def _side_by_side(before: Line, line: Line) -> bool:
    """Whether ``line`` goes on where ``before`` ends, on the same baseline or nearly."""
    if before.quad is None or line.quad is None:
        return False
    (x0, y0), (x1, y1), _, (x3, y3) = before.quad
    width, height = hypot(x1 - x0, y1 - y0), hypot(x3 - x0, y3 - y0)
    if width == 0 or height == 0:
        return False
    # Where the start of the line lies as seen from the end of the one before: along its direction, and across it.
    dx, dy = line.quad[0][0] - x1, line.quad[0][1] - y1
    along = (dx * (x1 - x0) + dy * (y1 - y0)) / width
    across = (dy * (x1 - x0) - dx * (y1 - y0)) / width
    return along > -0.5 * height and abs(across) < 0.5 * height
