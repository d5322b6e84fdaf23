"""Sets in the formats that `geulnun.write.sets` does not have: UFO, MLT, CLEval, Label Studio, HGU1, documents.

They are written in one go, into a folder that has its name only when they are whole (`geulnun.data.convert`), so none
of them can be taken up again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from geulnun.data.readers.hgu1 import MAGIC
from geulnun.data.sample import Facts, Pixels
from geulnun.document import Block, Page
from geulnun.errors import UsageError
from geulnun.geometry import to_boxes
from geulnun.write.sets import FORMATS, Extension, SetOptions
from geulnun.write.sets.base import check_name, encoded, put, truth_json
from geulnun.write.sets.regions import Region, regions

ILLEGIBLE = "###"
_SCRIPTS = (
    ("Korean", re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")),
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Chinese", re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")),
    ("Arabic", re.compile(r"[\u0600-\u06ff]")),
    ("Hindi", re.compile(r"[\u0900-\u097f]")),
    ("Bangla", re.compile(r"[\u0980-\u09ff]")),
    ("Latin", re.compile(r"[A-Za-z\u00c0-\u024f]")),
)
_LANGUAGES = {
    "Korean": "ko",
    "Japanese": "ja",
    "Chinese": "zh",
    "Latin": "en",
    "Arabic": "ar",
    "Hindi": "hi",
    "Bangla": "bn",
}


class Writer(Protocol):
    """A set that is being written; as `geulnun.write.sets.SetWriter`, but for what concerns taking it up again."""

    @property
    def extension(self) -> Extension | None:
        """What images are stored as; None for pixels."""
        ...

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `geulnun.write.sets.SetWriter.add`."""
        ...

    def close(self) -> None:
        """Finish the set."""
        ...

    def abort(self) -> None:
        """Let go of the set."""
        ...


class _Images:
    """What the writers of pages share: ``images/<name>.png``; an image of no bytes is one that is not there."""

    def __init__(self, folder: Path, options: SetOptions) -> None:
        self.extension: Extension | None = options.extension or "png"
        self._folder = folder
        self._options = options

    def _put(self, name: str, image: Pixels | bytes, page: Page, within: str = "images/") -> str:
        """Store the image and return where, relative to the set."""
        file = f"{within}{check_name(name)}.{self.extension}"
        if not isinstance(image, bytes) or image:
            put(self._folder / file, encoded(image, page, self.extension or "png", self._options))
        return file

    def abort(self) -> None:
        """Nothing is open."""

    def close(self) -> None:
        """Nothing waits."""


class _List:
    """A JSON object or list that grows member by member, larger than memory should hold."""

    def __init__(self, path: Path, head: str, tail: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._file.write(head)
        self._tail = tail
        self._comma = ""

    def add(self, text: str) -> None:
        self._file.write(f"{self._comma}\n{text}")
        self._comma = ","

    def close(self) -> None:
        self._file.write(self._tail)
        self._file.close()

    def abort(self) -> None:
        self._file.close()


def directed(page: Page, options: SetOptions, name: str) -> Iterator[tuple[Region, bool]]:
    """The regions of a page, each with whether its line is vertical."""
    if len(page.lines) == 1:
        yield from ((region, page.lines[0].vertical) for region in regions(page, options.level, name))
        return
    for line in page.lines:
        # A second, empty line, because the only line of a page is taken to fill it where it has no place of its own.
        alone = replace(page, blocks=(Block((line, replace(line, words=(), quad=None))),), entities=())
        yield from ((region, line.vertical) for region in regions(alone, options.level, name))


def script_of(text: str) -> str:
    """The script by MLT's names: the only one of the text, "Mixed" for several, "Symbols" for none."""
    found = [name for name, pattern in _SCRIPTS if pattern.search(text)]
    return "Symbols" if not found else found[0] if len(found) == 1 else "Mixed"


class UfoWriter(_Images):
    """``images/<name>.png`` and ``ufo.json``; a word for every word or line (`SetOptions.level`)."""

    def __init__(self, folder: Path, options: SetOptions) -> None:
        super().__init__(folder, options)
        self._list = _List(folder / "ufo.json", '{"images":{', "\n}}\n")

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample."""
        found = list(directed(page, self._options, name))
        words = {f"{number:04d}": _ufo_word(*one) for number, one in enumerate(found, 1)}
        tags = str(facts.get("tags", "")).split()
        file = self._put(name, image, page).rpartition("/")[2]
        entry = {"paragraphs": {}, "words": words, "chars": {}, "img_w": page.width, "img_h": page.height, "tags": tags}
        self._list.add(f"{_dump(file)}:{_dump(entry)}")

    def close(self) -> None:
        """Finish the JSON."""
        self._list.close()

    def abort(self) -> None:
        """Leave the JSON."""
        self._list.abort()


def _ufo_word(region: Region, vertical: bool) -> dict[str, object]:
    language = _LANGUAGES.get(script_of(region.text))
    return {
        "transcription": region.text or None,
        "points": [[_short(x), _short(y)] for x, y in region.quad],
        "orientation": "Vertical" if vertical else "Horizontal",
        "language": [language] if language else [],
        "illegibility": not region.legible,
    }


class MltWriter(_Images):
    """``images/<name>.png`` and ``gt/gt_<name>.txt``, rows with the script before the text, whole pixels."""

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample."""
        rows = "".join(_mlt_row(region) for region in regions(page, self._options.level, name))
        self._put(name, image, page)
        put(self._folder / "gt" / f"gt_{name}.txt", rows.encode())


def _mlt_row(region: Region) -> str:
    corners = ",".join(str(round(value)) for point in region.quad for value in point)
    return f"{corners},{script_of(region.text)},{region.text}\n" if region.legible else f"{corners},None,{ILLEGIBLE}\n"


class ClevalWriter(_Images):
    """``gt/<name>.txt``, quads and texts; images, which CLEval does not need, in ``images/``."""

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample."""
        rows = "".join(_cleval_row(region) for region in regions(page, self._options.level, name))
        self._put(name, image, page)
        put(self._folder / "gt" / f"{name}.txt", rows.encode())


def _cleval_row(region: Region) -> str:
    corners = ",".join(str(_short(value)) for point in region.quad for value in point)
    text = region.text if region.legible else ILLEGIBLE
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = '"' + text.replace('"', '\\"').replace("\\", "\\\\") + '"'
    return f"{corners},{text}\n"


class LabelStudioWriter(_Images):
    """``images/<name>.png`` and ``tasks.json``, to be imported with the images' folder as local storage."""

    def __init__(self, folder: Path, options: SetOptions) -> None:
        super().__init__(folder, options)
        self._list = _List(folder / "tasks.json", "[", "\n]\n")
        self._count = 0

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample."""
        results: list[dict[str, object]] = []
        for number, region in enumerate(regions(page, self._options.level, name), 1):
            results += _results(f"r{number:05d}", region, page)
        self._count += 1
        task = {"id": self._count, "data": {"ocr": self._put(name, image, page)}, "annotations": [{"result": results}]}
        self._list.add(_dump(task))

    def close(self) -> None:
        """Finish the JSON."""
        self._list.close()

    def abort(self) -> None:
        """Leave the JSON."""
        self._list.abort()


def _results(number: str, region: Region, page: Page) -> Iterator[dict[str, object]]:
    x0, y0, x1, y1 = to_boxes(region.quad)[0].tolist()
    across, down = 100 / page.width, 100 / page.height
    upright = region.quad == ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    place: dict[str, object] = {"points": [[x * across, y * down] for x, y in region.quad], "closed": True}
    if upright:
        place = {
            "x": x0 * across,
            "y": y0 * down,
            "width": (x1 - x0) * across,
            "height": (y1 - y0) * down,
            "rotation": 0,
        }
    frame = {"original_width": page.width, "original_height": page.height, "image_rotation": 0, "id": number}
    kind = "rectangle" if upright else "polygon"
    yield frame | {"type": kind, "from_name": "bbox" if upright else "poly", "to_name": "image", "value": place}
    text = region.text if region.legible else ILLEGIBLE
    yield frame | {
        "type": "textarea", "from_name": "transcription", "to_name": "image", "value": place | {"text": [text]},
    }  # fmt: skip


class Hgu1Writer:
    """``<code>.hgu1``, a file for each character, named after its code in EUC-KR; grey up to 255 x 255."""

    extension: Extension | None = None

    def __init__(self, folder: Path, options: SetOptions) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; `UsageError` where the format has no place for it."""
        if isinstance(image, bytes):
            raise UsageError(f"{name}: encoded already; hgu1 takes pixels")
        text = page.text
        code = text.encode("cp949", "replace") if len(text) == 1 else b""
        if len(code) != 2:
            raise UsageError(f"{name}: {text!r:.40} is not one Korean character; write it in another format than hgu1")
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8)
        height, width = grey.shape
        if height > 255 or width > 255:
            raise UsageError(f"{name}: {width} x {height} pixels; hgu1 takes 255 x 255 at most")
        path = self._folder / f"{code.hex()}.hgu1"
        fresh = not path.exists()
        with path.open("ab") as file:
            file.write((MAGIC + bytes(4)) * fresh + code + bytes((width, height, 0, 0)) + grey.tobytes())

    def close(self) -> None:
        """Nothing waits."""

    def abort(self) -> None:
        """Nothing is open."""


class DocumentWriter(_Images):
    """``<name>.json`` with the whole page and all facts, and its image beside it where there is one."""

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample."""
        self._put(name, image, page, within="")
        put(self._folder / f"{name}.json", truth_json(name, page, facts))


def _short(value: float) -> float | int:
    """A coordinate to a hundredth of a pixel, without needless digits."""
    return int(value) if value == int(value) else round(value, 2)


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _of(format_: str) -> Callable[[Path, SetOptions], Writer]:
    return lambda folder, options: FORMATS[format_](folder, options, 0)


#: Builders by the name of the format, which is the one it is read by.
TARGETS: dict[str, Callable[[Path, SetOptions], Writer]] = {
    "labels": _of("folder"),
    "json": DocumentWriter,
    "tar": _of("tar"),
    "lmdb": _of("lmdb"),
    "icdar": _of("icdar"),
    "mlt": MltWriter,
    "cleval": ClevalWriter,
    "aihub": _of("aihub"),
    "ufo": UfoWriter,
    "coco_text": _of("coco_text"),
    "label_studio": LabelStudioWriter,
    "koocr": _of("koocr"),
    "hgu1": Hgu1Writer,
}
#: Formats that have no places: what is not to be read is left out of their texts.
TEXT_ONLY = frozenset(("labels", "lmdb", "koocr", "hgu1"))
#: Formats that can do without an image.
WITHOUT_IMAGES = frozenset(("json", "cleval"))
