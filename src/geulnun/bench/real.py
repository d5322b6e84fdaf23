r"""Real images from a folder with an ``index.jsonl``.

Each of its lines is one JSON object::

    {"image": "set/name.png", "level": "page" | "line" | "word", "script": "ko", "style": "print" | "scene" | "hand",
     "text": "lines apart by \n", "boxes": [{"poly": [[x, y], ...], "text": "..."}]}

Eojeol bag F1 asks nothing of the reading order and is taken of every image; CER where the truth has an order: lines,
words, and pages of one column of print with boxes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps

from geulnun.bench.engines import Image, Level
from geulnun.bench.samples import LINE_MEASURES, PAGE_MEASURES, Sample, Slice, page_of_lines
from geulnun.bench.score import MeasureName
from geulnun.document import Page, Quad
from geulnun.errors import DamagedInputError, MissingInputError
from geulnun.geometry import from_boxes, hull, to_tuple

INDEX = "index.jsonl"
#: Sets whose page truth follows one reading order that no reader can dispute.
ORDERED_SETS = frozenset({"print_book_scan"})


@dataclass(frozen=True)
class Entry:
    """One line of the index; ``folder`` is the set's name."""

    image: Path
    folder: str
    level: Level
    script: str
    style: str
    text: str
    boxes: tuple[tuple[Quad, str], ...]


def entries(root: Path) -> list[Entry]:
    """The index of a folder.

    Raises:
        MissingInputError: the folder has no index.
        DamagedInputError: a line of it is not as described above.
    """
    index = root / INDEX
    if not index.is_file():
        raise MissingInputError(f"{root}: no {INDEX} in it; name the folder of the real images")
    out = []
    for number, line in enumerate(index.read_text("utf-8").splitlines(), 1):
        try:
            out.append(_entry(root, json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedInputError(f"{index}:{number}: not an entry of an index ({error!r})") from None
    return out


def _entry(root: Path, row: dict[str, Any]) -> Entry:
    boxes = tuple((_quad(box["poly"]), str(box["text"])) for box in row.get("boxes") or ())
    folder = Path(row["image"]).parts[0]
    return Entry(root / row["image"], folder, row["level"], row["script"], row["style"], row["text"], boxes)


def _quad(polygon: list[Any]) -> Quad:
    """Four points as they are, a box of two corners or four numbers as its quad, other polygons by their hull."""
    points = np.asarray(polygon, dtype=np.float64)
    if points.shape == (4, 2):
        return to_tuple(points)
    return to_tuple(from_boxes(points.ravel())) if points.size == 4 else to_tuple(hull(points))


def load(path: Path) -> Image:
    """An image file as RGB uint8 (h, w, 3), turned as its EXIF says, transparency on white.

    Pillow alone decides what can be opened, so that no engine's own reader has a part in the comparison.
    """
    with PillowImage.open(path) as opened:
        image = ImageOps.exif_transpose(opened)
        if image.has_transparency_data:
            rgba = image.convert("RGBA")
            image = PillowImage.alpha_composite(PillowImage.new("RGBA", rgba.size, "white"), rgba)
        return np.asarray(image.convert("RGB"))


def _truth(entry: Entry, width: int, height: int) -> Page:
    if entry.boxes:
        return page_of_lines(width, height, [(text, quad) for quad, text in entry.boxes])
    return page_of_lines(width, height, [(line, None) for line in entry.text.split("\n") if line.strip()])


def _sample(entry: Entry) -> Sample:
    image = load(entry.image)
    return Sample(f"{entry.folder}/{entry.image.name}", image, _truth(entry, image.shape[1], image.shape[0]))


def _samples(group: list[Entry]) -> Iterator[Sample]:
    return map(_sample, group)


def _measures(first: Entry) -> tuple[tuple[MeasureName, ...], MeasureName]:
    if first.level != "page":
        # Handwriting leaves it open where a space stands.
        if first.style == "hand" or first.level == "word":
            return ("cer_without_spaces", "eojeol_bag_f1", "ned"), "cer_without_spaces"
        return LINE_MEASURES, "cer"
    if first.folder in ORDERED_SETS:
        return (*PAGE_MEASURES, "eojeol_bag_mean"), "cer"
    bag: tuple[MeasureName, ...] = ("eojeol_bag_f1", "eojeol_bag_mean")
    return (*bag, "line_f1", "soft_f1") if first.boxes else bag, "eojeol_bag_f1"


def slices(root: Path, limit: int | None = None) -> list[Slice]:
    """A slice for each set and level of the folder; other scripts than Korean in slices of their own.

    Args:
        root: Folder with the index.
        limit: Take at most so many images of each slice.
    """
    groups: dict[tuple[str, Level, str], list[Entry]] = {}
    for entry in entries(root):
        korean = "" if entry.script in ("ko", "mixed") else f" ({entry.script})"
        groups.setdefault((entry.folder, entry.level, korean), []).append(entry)
    out = []
    for (folder, level, script), group in groups.items():
        measures, primary = _measures(group[0])
        chosen = group[:limit]
        name = f"{folder}, {level}s{script}"
        pool = f"all Korean {level}s" if not script else ""
        out.append(Slice("real images", name, level, measures, primary, len(chosen), partial(_samples, chosen), pool))
    return out
