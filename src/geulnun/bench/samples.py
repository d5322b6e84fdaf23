"""Images with their truth, in slices: what one row of the tables is measured on."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from geulnun.bench.engines import Image, Level
from geulnun.bench.score import MeasureName
from geulnun.document import Block, Page, Quad, line_from_text
from geulnun.geometry import from_boxes, to_tuple
from geulnun.write.files import write_file
from geulnun.write.sets.base import truth_json

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


def export(sample: Sample, part: Slice, folder: Path) -> None:
    """Write a sample of a slice as ``NAME.png`` and, beside it, its truth as ``NAME.json``.

    Raises:
        GeulnunError: the folder cannot be written.
    """
    truth = sample.truth
    if part.level != "page":
        whole = to_tuple(from_boxes([0, 0, truth.width, truth.height]))
        truth = page_of_lines(truth.width, truth.height, [(line.text, whole) for line in truth.lines])
    pixels = io.BytesIO()
    PillowImage.fromarray(sample.image).save(pixels, "PNG", compress_level=4)
    picture = (folder / sample.name).with_suffix(".png")
    facts = {"source": part.name, "group": part.group} | ({"part": sample.part} if sample.part else {})
    write_file(picture, pixels.getvalue())
    write_file(picture.with_suffix(".json"), truth_json(sample.name, truth, facts))
