"""Images and one JSON file of all boxes, as COCO-Text has it.

After version 1 of its data (Veit et al. 2016, arXiv:1601.07140). Ids are whole numbers from 1, of images and of
annotations each; as keys of objects they are strings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from geulnun.document import Page
from geulnun.geometry import areas
from geulnun.write.sets.base import Extension, Facts, Pixels, SetOptions, check_name, encoded, put, whole
from geulnun.write.sets.growing import Rows
from geulnun.write.sets.regions import Region, regions


class CocoTextWriter:
    """``images/<name>.png`` and ``coco_text.json``, an annotation for every word or line (`SetOptions.level`).

    Annotations hold ``polygon`` (eight numbers, clockwise from the start of the text) and ``bbox`` (whole x, y, width,
    height), and ``utf8_string`` where they are legible. The JSON is made by `close`; until then its rows stand in a
    hidden list.
    """

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder`` with the first ``start`` samples it holds."""
        self.extension: Extension = options.extension or "png"
        self._folder = folder
        self._options = options
        self._index = folder / "coco_text.json"
        rows = folder / "coco_text.jsonl"
        if self._index.exists():
            if start:
                put(rows, b"".join(_split(self._index)))
            self._index.unlink()
        self._rows = Rows(rows, start)
        self._boxes = sum(len(json.loads(row)["anns"]) for row in self._rows)

    @property
    def done(self) -> int:
        """How many samples it holds."""
        return self._rows.count

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        file = f"{check_name(name)}.{self.extension}"
        content = encoded(image, page, self.extension, self._options)
        number = self.done + 1
        row = {
            "img": {"id": number, "width": page.width, "height": page.height, "set": "train", "file_name": file},
            "anns": [
                {"id": at, "image_id": number} | _annotation(region, page, facts)
                for at, region in enumerate(regions(page, self._options.level, name), self._boxes + 1)
            ],
        }
        put(self._folder / "images" / file, content)
        self._rows.add(_dump(row) + b"\n")
        self._boxes += len(row["anns"])

    def flush(self) -> None:
        """Nothing waits: every sample is written when it is added."""

    def close(self) -> None:
        """Make the JSON of the rows."""
        with whole(self._index) as part, part.open("wb") as file:
            file.writelines(self._content())
        self._rows.drop()

    def abort(self) -> None:
        """Leave the rows."""
        self._rows.close()

    def _content(self) -> Iterator[bytes]:
        """The JSON, piece by piece: of a large set it is larger than memory should hold."""
        images = ((row["img"]["id"], row["img"]) for row in map(json.loads, self._rows))
        boxes = ((box["id"], box) for row in map(json.loads, self._rows) for box in row["anns"])
        lists = ((row["img"]["id"], [box["id"] for box in row["anns"]]) for row in map(json.loads, self._rows))
        yield b'{"info":{"description":"drawn by geulnun"},"cats":{},"imgs":{'
        yield from _members(images)
        yield b'},"anns":{'
        yield from _members(boxes)
        yield b'},"imgToAnns":{'
        yield from _members(lists)
        yield b"}}\n"


def _annotation(region: Region, page: Page, facts: Facts) -> dict[str, Any]:
    hand = any(str(facts.get(key, "")).startswith("hand") for key in ("style", "group"))
    text = {"utf8_string": region.text} if region.legible else {}
    return {
        "bbox": region.box(page.width, page.height),
        "polygon": [round(value, 2) for point in region.quad for value in point],
        "area": round(float(areas(region.quad)[0]), 2),
        "legibility": "legible" if region.legible else "illegible",
        "language": _language(region.text),
        "class": "handwritten" if hand else "machine printed",
    } | text


def _language(text: str) -> str:
    """One of the three that COCO-Text knows."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return "na"
    return "english" if all(char.isascii() for char in letters) else "not english"


def _members(items: Iterator[tuple[int, object]]) -> Iterator[bytes]:
    for comma, (key, value) in zip(chain((b"\n",), repeat(b",\n")), items, strict=False):
        yield comma + b'"%d":' % key + _dump(value)


def _split(index: Path) -> Iterator[bytes]:
    """The rows of which an index was made."""
    tree = json.loads(index.read_bytes())
    for key, boxes in tree["imgToAnns"].items():
        row = {"img": tree["imgs"][key], "anns": [tree["anns"][str(number)] for number in boxes]}
        yield _dump(row) + b"\n"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
