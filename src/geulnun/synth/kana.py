"""The kana grid: every kana in every font, size, place and turn, white on black; finite, enumerated, without chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.synth import cells
from geulnun.synth.fonts import Face
from geulnun.synth.sample import Sample

#: The 169 classes: 83 hiragana and 86 katakana.
KANA = tuple(chr(code) for code in (*range(0x3041, 0x3094), *range(0x30A1, 0x30F7)))


@dataclass(frozen=True)
class KanaOptions:
    """What the kana grid holds.

    Attributes:
        image_size: side S of the square images, pixels.
        size_step: em sizes go from S/2 - 8 to S - 8 in steps of so many pixels.
        rotations: turns in degrees, clockwise. The original meant these five; a slip in its list left out 0.
        characters: the classes, one after another.
    """

    image_size: int = 256
    size_step: int = 8
    rotations: tuple[int, ...] = (0, -4, 4, -8, 8)
    characters: str = "".join(KANA)

    def __post_init__(self) -> None:
        if self.image_size < 32 or self.size_step < 1:
            raise ValueError(f"image_size {self.image_size}, size_step {self.size_step}; expected 32 and 1 or more")
        for name, values in (("rotations", self.rotations), ("characters", self.characters)):
            if not values or len(set(values)) != len(values):
                raise ValueError(f"{name} are {values!r}; expected some, each once")

    @property
    def sizes(self) -> tuple[int, ...]:
        """Em sizes in pixels."""
        return tuple(range(self.image_size // 2 - 8, self.image_size - 7, self.size_step))

    def shifts(self, size: int) -> tuple[int, ...]:
        """How far a character of a size is moved along each axis, pixels: by parts of half the room around it."""
        room = (self.image_size - size) // 2
        third, half = room // 3, room // 2
        return (0, -third, third, -half, half) if room >= 16 else (0,)


class KanaCell(NamedTuple):
    """One image of the grid: em size and shifts in pixels (right, down), turn in degrees clockwise."""

    char: str
    face: Face
    size: int
    dx: int
    dy: int
    rotation: int


class KanaGrid:
    """The grid as a source: class after class, and in each class font, size, shifts and turn, the turn fastest.

    Args:
        options: what the grid holds.
        pool: faces; those that draw every class are taken.

    Raises:
        ValueError: no face draws every class.
    """

    def __init__(self, options: KanaOptions, pool: Sequence[Face]) -> None:
        self.options = options
        self.faces = [face for face in pool if face.covers(options.characters)]
        if not self.faces:
            raise ValueError("no face draws every class of the grid; install Japanese fonts (make fonts)")

    @cached_property
    def _poses(self) -> list[tuple[int, int, int, int]]:
        options = self.options
        return [
            (size, dx, dy, rotation)
            for size in options.sizes
            for dx in options.shifts(size)
            for dy in options.shifts(size)
            for rotation in options.rotations
        ]

    @property
    def per_class(self) -> int:
        """Images of each class."""
        return len(self.faces) * len(self._poses)

    @property
    def size(self) -> int:
        """Images in the grid."""
        return len(self.options.characters) * self.per_class

    def cell(self, index: int) -> KanaCell:
        """The cell of an index; every index is another one.

        Raises:
            IndexError: the grid ends before it.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"index {index} of a grid of {self.size}")
        char, rest = divmod(index, self.per_class)
        face, pose = divmod(rest, len(self._poses))
        return KanaCell(self.options.characters[char], self.faces[face], *self._poses[pose])

    def sample(self, index: int, seed: int) -> Sample:
        """Draw the image of an index: grey uint8 (image_size, image_size); the seed changes nothing."""
        cell, side = self.cell(index), self.options.image_size
        image = draw(cell, side)
        facts: dict[str, str | int | float] = {
            "name": f"{ord(cell.char)}_{cell.char}_{{index}}",
            "kind": "char",
            "group": "printed",
            "font": cell.face.path.name,
            "family": cell.face.family.name,
            "style": cell.face.family.style,
            "size": cell.size,
            "dx": cell.dx,
            "dy": cell.dy,
            "rotation": cell.rotation,
        }
        return Sample(image, cells.page(cell.char, image), facts)

    def extras(self) -> Mapping[str, bytes]:
        """The index of the classes, as the original has it beside its images: images a class, and each one's code."""
        lines = ["characters:"]
        for char in self.options.characters:
            lines += [f"- character: {char}", f"  code: {ord(char)}"]
        lines.append(f"number: {self.per_class}")
        return {"index.yml": ("\n".join(lines) + "\n").encode()}


def draw(cell: KanaCell, side: int) -> NDArray[np.uint8]:
    """Draw a cell: the middle of the character's em in the middle of the image, then turned about it and shifted."""
    font = cell.face.at(cell.size)
    sheet = np.zeros((side, side), np.uint8)
    ink, bearing, below = cells.printed(cell.char, cell.face, cell.size)
    left = side / 2 - float(font.getlength(cell.char)) / 2 + bearing
    if not cell.rotation:
        cells.place(sheet, ink, round(left) + cell.dx, round(side / 2 + below) + cell.dy)
        return sheet
    cells.place(sheet, ink, round(left), round(side / 2 + below))
    # OpenCV turns against the clock, about pixel centres.
    centre = ((side - 1) / 2, (side - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, -cell.rotation, 1.0)
    matrix[:, 2] += (cell.dx, cell.dy)
    return np.asarray(cv2.warpAffine(sheet, matrix, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
