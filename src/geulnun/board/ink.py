"""What was drawn and erased on a square board, and its picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[int, int]

#: Binary digits of the fractions that OpenCV draws with, so that slow curves stay smooth.
_SHIFT = 4


@dataclass
class Stroke:
    """One drag of the pointer: points in pixels of the board, ``width`` pixels wide; ``erases`` takes ink away."""

    erases: bool
    width: int
    points: list[Point] = field(default_factory=list)


class Ink:
    """The strokes on a board, in their order.

    Args:
        side: rows and columns of the board, in pixels.
    """

    def __init__(self, side: int) -> None:
        self.side = side
        self.strokes: list[Stroke] = []

    def begin(self, point: Point, width: int, *, erases: bool = False) -> None:
        """Put the pen, or the eraser, down."""
        self.strokes.append(Stroke(erases, width, [point]))

    def extend(self, point: Point) -> Point:
        """Lead the stroke on; gives the point it comes from."""
        points = self.strokes[-1].points
        points.append(point)
        return points[-2]

    def undo(self) -> None:
        """Take the last stroke back, if there is one."""
        del self.strokes[-1:]

    def clear(self) -> None:
        """Take all strokes away."""
        self.strokes.clear()

    @property
    def image(self) -> NDArray[np.uint8]:
        """The board, uint8 (side, side): 0 is ink, 255 paper."""
        out = np.full((self.side, self.side), 255, np.uint8)
        for stroke in self.strokes:
            colour = 255 if stroke.erases else 0
            # A point alone is drawn twice, as a line of no length: a dot.
            points = np.array(stroke.points + stroke.points[:1] * (len(stroke.points) == 1), np.int32) << _SHIFT
            cv2.polylines(out, [points[:, None]], False, colour, stroke.width, cv2.LINE_AA, _SHIFT)
        return out
