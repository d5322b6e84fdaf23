"""Label Studio's JSON export of OCR projects (https://labelstud.io/templates/optical_character_recognition).

A task has an image and annotations; an annotation's results with one id make a region: a rectangle or polygon, and a
textarea with its text. Positions are percent of the image. A rectangle's rotation is in degrees, clockwise around its
top left corner. Exports of the kind JSON-MIN, which have "bbox" and "transcription" beside the image, are read too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlparse

from geulnun.data.boxes import UNREADABLE, Box, clean, page_of_boxes, quad_of
from geulnun.data.readers.common import dropped, each_label
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.data.values import Value, load
from geulnun.document import Point
from geulnun.errors import InputError

_SHAPES = frozenset("rectangle rectanglelabels polygon polygonlabels".split())
#: What an upload gets before its name: eight hexadecimal digits and a dash.
_UPLOAD = 9
#: Percent are kept with many digits; a thousandth of a pixel is all that is meant.
_DIGITS = 3


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with regions. Of several annotations the one marked as ground truth is taken, else the first.

    A task that nobody has annotated is read from its first prediction, where it has one.

    Facts: document (the image), task.
    """
    return each_label(tree, tree.of(".json"), _export)


def _export(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    for task in load(label).items():
        try:
            yield from _task(task, label, pairing)
        except InputError as error:
            yield unpaired(error)


def _task(task: Value, label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    data = task.get("data") or task
    named = data.need("ocr", "image", "img", "captioning")
    file = _image(named.text(), label, pairing)
    regions = _regions(task)
    width, height = file.image().size()
    boxes: list[Box] = []
    for region in regions:
        try:
            boxes.append(region.box(width, height))
        except ValueError as error:
            yield dropped(label, f"{region.shape.way}: {error}")
    facts: dict[str, str | int | float] = {"document": file.stem, "source": "label_studio"}
    if number := task.get("id"):
        facts["task"] = number.text()
    yield Sample(file.stem, page_of_boxes(boxes, width, height), file.image(), facts)


def _image(address: str, label: File, pairing: Pairing) -> File:
    """The image of a task: its address may be a path, a URL, or one with the path in its query (``?d=a/b.png``)."""
    parts = urlparse(address)
    inner = parse_qs(parts.query).get("d")
    name = (inner[0] if inner else unquote(parts.path)).rpartition("/")[2]
    try:
        return pairing.find(name, label)
    except InputError:
        plain = name[_UPLOAD:]
        if name[_UPLOAD - 1 : _UPLOAD] != "-" or not plain:
            raise
        return pairing.find(plain, label)


class _Region:
    """A shape and what is said of it."""

    def __init__(self, shape: Value, text: str) -> None:
        self.shape = shape
        self.text = text

    def box(self, width: int, height: int) -> Box:
        """The region in pixels of an image of that size."""
        value = self.shape.get("value") or self.shape
        outline = value.get("points")
        if outline is not None:
            points = [(x / 100 * width, y / 100 * height) for x, y in outline.points()]
        else:
            points = _rectangle(value, width, height)
        text = clean(self.text)
        readable = bool(text) and text not in UNREADABLE
        return Box(text if readable else "", quad_of([_rounded(point) for point in points]), readable)


def _rounded(point: Point) -> Point:
    return round(point[0], _DIGITS), round(point[1], _DIGITS)


def _rectangle(value: Value, width: int, height: int) -> list[Point]:
    x, y = value.need("x").number() / 100 * width, value.need("y").number() / 100 * height
    w, h = value.need("width").number() / 100 * width, value.need("height").number() / 100 * height
    turned = value.get("rotation")
    angle = math.radians(turned.number()) if turned else 0.0
    if not (w > 0 and h > 0):
        raise ValueError(f"a box of {w:g} x {h:g}")
    cosine, sine = math.cos(angle), math.sin(angle)
    corners = ((0.0, 0.0), (w, 0.0), (w, h), (0.0, h))
    return [(x + cosine * dx - sine * dy, y + sine * dx + cosine * dy) for dx, dy in corners]


def _regions(task: Value) -> list[_Region]:
    if (boxes := task.get("bbox")) is not None:
        texts = task.get("transcription")
        listed = [] if texts is None else [texts.text()] if isinstance(texts.raw, str) else list(_texts(texts))
        shapes = list(boxes.items())
        return [_Region(shape, text) for shape, text in zip(shapes, listed + [""] * len(shapes), strict=False)]
    annotation = _annotation(task)
    if annotation is None:
        return []
    shapes_by_id: dict[str, Value] = {}
    texts_by_id: dict[str, str] = {}
    for result in annotation.need("result").items():
        kind, number = result.get("type"), result.get("id")
        if kind is None or number is None:
            continue
        if kind.text() in _SHAPES:
            shapes_by_id.setdefault(number.text(), result)
        value = result.get("value")
        written = value.get("text") if value else None
        if written is not None:
            texts_by_id[number.text()] = written.text() if isinstance(written.raw, str) else " ".join(_texts(written))
    return [_Region(shape, texts_by_id.get(number, "")) for number, shape in shapes_by_id.items()]


def _annotation(task: Value) -> Value | None:
    listed = task.get("annotations", "completions")
    kept = [item for item in listed.items() if not _flag(item, "was_cancelled")] if listed else []
    guessed = task.get("predictions")
    if not kept and guessed:
        kept = list(guessed.items())
    return next((item for item in kept if _flag(item, "ground_truth")), kept[0] if kept else None)


def _flag(item: Value, name: str) -> bool:
    found = item.get(name)
    return found is not None and found.raw is True


def _texts(value: Value) -> Iterator[str]:
    for item in value.items():
        yield item.text() if item.raw is not None else ""
