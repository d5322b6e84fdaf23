"""UFO, the format of Upstage and boostcamp: one JSON for many images, a polygon and a text a word.

``{"images": {"a.jpg": {"img_w", "img_h", "words": {"0001": {"points", "transcription", "orientation", "language",
"illegibility"}}}}}``. Points run clockwise from the start of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

from geulnun.data.boxes import UNREADABLE, Box, clean, page_of_boxes, quad_of
from geulnun.data.readers.common import dropped, each_label, split_of
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.data.values import Value, load
from geulnun.errors import InputError


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with words; polygons of more than four points become the least rectangle around them.

    A transcription that is null, or that is marked illegible, nobody is asked to read. A detector's output, which has
    neither sizes nor texts, is read too. Facts: document (the image), split, and the tags of an image as "tags".
    """
    return each_label(tree, tree.of(".json"), _list)


def _list(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    for name, image in load(label).need("images").members():
        try:
            yield from _sample(name, image, label, pairing)
        except InputError as error:
            yield unpaired(error)


def _sample(name: str, image: Value, label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    file = pairing.find(name, label)
    across, down = image.get("img_w", "image_width"), image.get("img_h", "image_height")
    # Predictions in this format have words only.
    width, height = (across.size(), down.size()) if across and down else file.image().size()
    boxes: list[Box] = []
    for _, word in image.need("words").members():
        try:
            boxes.append(_box(word))
        except ValueError as error:
            yield dropped(label, f"{word.way}: {error}")
    facts = {"document": file.stem, "source": "ufo"} | dict(split_of(label.path))
    tags = image.get("tags")
    if tags is not None and isinstance(tags.raw, list) and tags.raw:
        facts["tags"] = " ".join(tag.text() for tag in tags.items())
    yield Sample(file.stem, page_of_boxes(boxes, width, height), file.image(), facts)


def _box(word: Value) -> Box:
    written, marked, way = word.get("transcription"), word.get("illegibility"), word.get("orientation")
    text = clean(written.text()) if written else ""
    illegible = marked is not None and marked.raw is True
    # Boxes of detection alone have no member for a text; one that is null or empty marks what cannot be read.
    readable = text not in UNREADABLE and (bool(text) or "transcription" not in word.raw)
    vertical = way is not None and way.text().lower() == "vertical"
    points = word.need("points").points()
    return Box(text if readable else "", quad_of(points), readable and not illegible, vertical)
