"""AI-Hub's sets of pages: public documents and outdoor scenes.

They are 공공행정문서 OCR, 대규모 OCR 데이터(공공) and 야외 실제 촬영 한글 이미지. Images lie in folders or
archives named 원천데이터, labels in ones named 라벨링데이터, a JSON for each image; their stems are the
same. Boxes are upright x, y, width, height.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from geulnun.data.boxes import UNREADABLE, Box, clean, looks_vertical, page_of_boxes, quad_of, upright
from geulnun.data.readers.common import dropped, each_label, split_of
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree
from geulnun.data.values import Value, load

#: A page's name: office, year, document, page.
_PAGE = re.compile(r"\A(.+-\d{4}-\d{4})-\d{4}\Z")


def read_documents(tree: Tree) -> Iterator[Sample | Problem]:
    """Pages of public documents.

    A label's members are ``annotation.bbox`` and ``annotation.text``, written with the dot in their names or as an
    object in an object, or those of the larger set: "Bbox" with the corners in "x" and "y" and the text in "data".
    Facts: document (pages of one paper share it), kind, office, year, split.
    """
    return each_label(tree, tree.of(".json"), _document)


def _document(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    tree = load(label)
    corners = tree.get("Bbox") is not None
    image = tree.need("Images") if corners else tree.need("images", "image").first()
    image = image.get("image") or image
    width = image.need("image.width", "width").size()
    height = image.need("image.height", "height").size()
    named = image.get("image.file.name", "file.name", "file_name", "identifier")
    file = pairing.find(named.text() if named else label.stem, label)
    boxes: list[Box] = []
    for item in tree.need("Bbox", "annotations").items():
        try:
            boxes.append(_corner_box(item) if corners else _document_box(item, width, height))
        except ValueError as error:
            yield dropped(label, error)
    facts = dict(split_of(label.path)) | {"document": _paper(file.stem), "source": "aihub"}
    for fact, *names in (
        ("kind", "image.category", "category"),
        ("office", "image.make.code"),
        ("year", "image.make.year"),
    ):
        value = image.get(*names)
        if value is not None:
            facts[fact] = value.text()
    yield Sample(file.stem, page_of_boxes(boxes, width, height), file.image(), facts)


def _paper(stem: str) -> str:
    match = _PAGE.match(stem)
    return match[1] if match else stem


def _document_box(item: Value, width: int, height: int) -> Box:
    item = item.get("annotation") or item
    x, y, w, h = item.need("annotation.bbox", "bbox").numbers(4)
    written = item.get("annotation.text", "text")
    text = clean(written.text()) if written else ""
    vertical = looks_vertical(text, w, h)
    return Box(text, upright(x, y, w, h, width, height, vertical), bool(text), vertical)


def _corner_box(item: Value) -> Box:
    points = list(zip(item.need("x").numbers(4), item.need("y").numbers(4), strict=True))
    xs, ys = [max(x, 0.0) for x, _ in points], [max(y, 0.0) for _, y in points]
    w, h = max(xs) - min(xs), max(ys) - min(ys)
    if not (w > 0 and h > 0):
        raise ValueError(f"a box without area at {min(xs):g}, {min(ys):g}")
    written = item.get("data")
    text = clean(written.text()) if written else ""
    vertical = looks_vertical(text, w, h)
    quad = quad_of([(min(xs), min(ys)), (max(xs), max(ys))])
    if vertical:
        quad = (quad[1], quad[2], quad[3], quad[0])
    return Box(text, quad, bool(text), vertical)


def read_outdoor(tree: Tree) -> Iterator[Sample | Problem]:
    """Photographs of signs, covers and the like, their words in boxes; the text ``xxx`` marks what cannot be read.

    ``metadata.wordorientation`` says 세로 where the words of the photograph run down. Facts: document (the photograph),
    kind (the folder: 가로형간판, 책표지, ...), split.
    """
    return each_label(tree, tree.of(".json"), _photograph)


def _photograph(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    tree = load(label)
    image = tree.need("images").first()
    width, height = image.need("width").size(), image.need("height").size()
    named = image.get("file_name")
    file = pairing.find(named.text() if named else label.stem, label)
    metadata = tree.get("metadata")
    orientation = metadata.first().get("wordorientation") if metadata and metadata.raw else None
    downwards = orientation is not None and orientation.text() == "세로"
    boxes: list[Box] = []
    for item in tree.need("annotations").items():
        try:
            boxes.append(_word(item, width, height, downwards))
        except ValueError as error:
            yield dropped(label, error)
    facts = {"document": file.stem, "source": "aihub_outdoor"} | dict(split_of(label.path))
    if file.folder:
        facts["kind"] = file.folder.rpartition("/")[2]
    yield Sample(file.stem, page_of_boxes(boxes, width, height), file.image(), facts)


def _word(item: Value, width: int, height: int, downwards: bool) -> Box:
    box = item.need("bbox")
    if not isinstance(box.raw, list) or len(box.raw) != 4 or None in box.raw:
        raise ValueError(f"{box.way}, which has no four numbers")
    x, y, w, h = box.numbers(4)
    written = item.get("text")
    text = clean(written.text()) if written else ""
    legible = bool(text) and text.lower() not in UNREADABLE
    vertical = legible and downwards and h > w
    return Box(text if legible else "", upright(x, y, w, h, width, height, vertical), legible, vertical)
