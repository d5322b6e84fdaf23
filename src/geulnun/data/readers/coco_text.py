"""COCO-Text (Veit et al. 2016, arXiv:1601.07140), versions 1 and 2, and plain COCO lists whose annotations have texts.

``{"imgs": {id: {...}}, "anns": {id: {...}}}``: version 1 calls the outline "polygon", version 2 "mask".
"""

from __future__ import annotations

from collections.abc import Iterator

from geulnun.data.boxes import UNREADABLE, Box, clean, page_of_boxes, quad_of
from geulnun.data.readers.common import dropped, each_label
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.data.values import Value, load
from geulnun.errors import InputError

_SPLITS = {"train": "training", "val": "validation", "test": "test"}


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with words; where an annotation has no outline of at least four points, its upright box is taken.

    Facts: document (the image), split, and style, "handwritten" where most of its words are.
    """
    return each_label(tree, tree.of(".json"), _list)


def _list(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    content = load(label)
    listed = content.get("imgs") is None
    images = content.need("images").items() if listed else (item for _, item in content.need("imgs").members())
    boxes = content.need("annotations").items() if listed else (item for _, item in content.need("anns").members())
    by_image: dict[str, list[Value]] = {}
    for box in boxes:
        by_image.setdefault(box.need("image_id").text(), []).append(box)
    for image in images:
        try:
            yield from _sample(image, by_image.get(image.need("id").text(), []), label, pairing)
        except InputError as error:
            yield unpaired(error)


def _sample(image: Value, items: list[Value], label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    file = pairing.find(image.need("file_name").text(), label)
    width, height = image.need("width").size(), image.need("height").size()
    boxes: list[Box] = []
    for item in items:
        try:
            boxes.append(_box(item))
        except ValueError as error:
            yield dropped(label, f"{item.way}: {error}")
    facts = {"document": file.stem, "source": "coco_text"}
    part = image.get("set")
    if part is not None:
        facts["split"] = _SPLITS.get(part.text(), part.text())
    hands = sum(1 for item in items if (kind := item.get("class")) and kind.text() == "handwritten")
    if hands * 2 > len(items):
        facts["style"] = "handwritten"
    yield Sample(file.stem, page_of_boxes(boxes, width, height), file.image(), facts)


def _box(item: Value) -> Box:
    written = item.get("utf8_string", "text", "caption", "transcription")
    text = clean(written.text()) if written else ""
    legibility = item.get("legibility")
    legible = bool(text) and text not in UNREADABLE
    legible = legible and (legibility is None or legibility.text() == "legible")
    outline = item.get("polygon", "mask", "points", "segmentation")
    if outline is not None and isinstance(outline.raw, list):
        if outline.raw and isinstance(outline.raw[0], list) and len(outline.raw[0]) > 2:
            outline = outline.first()  # A list of outlines, of which a word has one.
        points = outline.points()
        if len(points) >= 4:
            return Box(text, quad_of(points), legible)
    x, y, w, h = item.need("bbox").numbers(4)
    return Box(text, quad_of([(x, y), (x + w, y + h)]), legible)
