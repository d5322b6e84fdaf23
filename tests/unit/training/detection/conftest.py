"""Little pages on disk with words and characters: dark bars, no fonts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.document import Block, Char, Document, Line, Page, Word
from geulnun.write import JsonWriter

MakePages = Callable[..., Path]


def page_of(number: int, width: int, height: int, boxed: bool = True) -> tuple[np.ndarray, Page]:
    """Two words of three and two characters, each a dark block of 12 x 14 pixels, somewhere on grey."""
    rng = np.random.default_rng(number)
    image = np.full((height, width, 3), 225, np.uint8)
    lines = []
    for row, count in enumerate((3, 2)):
        x, y = int(rng.integers(6, width - 50)), 8 + row * (height // 2)
        boxes = [(x + 14 * at, y, x + 14 * at + 12, y + 14) for at in range(count)]
        for x0, y0, x1, y1 in boxes:
            image[y0:y1, x0:x1] = 40
        quads = geometry.to_tuples(geometry.from_boxes(boxes))
        chars = tuple(Char("가", quad if boxed else None) for quad in quads)
        whole = geometry.to_tuple(geometry.from_boxes([(x, y, boxes[-1][2], y + 14)])[0])
        lines.append(Line((Word(chars, whole),), whole))
    return image, Page(width, height, (Block(tuple(lines)),))


@pytest.fixture
def make_pages(tmp_path: Path) -> MakePages:
    """Writes a folder of pages as images with JSON."""

    def make(name: str, count: int = 4, width: int = 128, height: int = 96, boxed: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for number in range(count):
            image, page = page_of(number, width, height, boxed)
            cv2.imwrite(str(folder / f"{number}.png"), image)
            (folder / f"{number}.json").write_bytes(JsonWriter().encode(Document((page,), f"{number}.png")))
        return folder

    return make
