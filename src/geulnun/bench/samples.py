"""Images with their truth, in slices: what one row of the tables is measured on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geulnun.bench.engines import Image, Level
from geulnun.bench.score import MeasureName
from geulnun.document import Block, Page, Quad, line_from_text

#: Measures of a single line whose spaces are known.
LINE_MEASURES: tuple[MeasureName, ...] = (
    "cer", "cer_without_spaces", "eojeol_accuracy", "space_f1", "line_exact", "eojeol_bag_f1", "ned",
)  # fmt: skip
#: Measures of a page whose lines, places and reading order are known.
PAGE_MEASURES: tuple[MeasureName, ...] = (
    "cer", "cer_without_spaces", "eojeol_accuracy", "space_f1", "line_exact", "eojeol_bag_f1",
    "line_f1", "soft_f1", "strict_f1",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One image, RGB uint8 (h, w, 3), and what stands on it; ``part`` names the part of its slice, if it has any."""

    name: str
    image: Image
    truth: Page
    part: str = ""


@dataclass(frozen=True)
class Slice:
    """Samples of one kind, scored together.

    Attributes:
        group: The table it stands in, e.g. ``rendered lines``.
        name: Its row, e.g. ``sentences, worn``.
        level: What each image holds.
        measures: Measures whose truth is known.
        primary: The measure in which engines are compared and a rival's best setting is chosen.
        size: Number of samples.
        samples: Makes them, the same each time.
        pool: Row of the same table under which slices are also counted together; "" for none.
        vertical: Whether all of its text is set in columns.
    """

    group: str
    name: str
    level: Level
    measures: tuple[MeasureName, ...]
    primary: MeasureName
    size: int
    samples: Callable[[], Iterator[Sample]]
    pool: str = ""
    vertical: bool = False


def rgb(image: NDArray[np.uint8]) -> Image:
    """Grey (h, w) to RGB (h, w, 3); RGB as it is."""
    return np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image


def page_of_lines(width: int, height: int, lines: list[tuple[str, Quad | None]]) -> Page:
    """A page of one block from texts and quads."""
    return Page(width, height, (Block(tuple(line_from_text(text, quad) for text, quad in lines)),))
