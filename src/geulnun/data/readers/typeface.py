"""AI-Hub's 한국어 글자체 이미지: syllables, words and sentences, printed and handwritten, and "Text in the wild".

One JSON (``printed_data_info.json``, ``handwriting_data_info_clean.json``, ``augmentation_data_info.json``,
``textinthewild_data_info.json``) lists all images and all annotations; an annotation names its image by id. Of text in
the wild, each has a box and is of the class word, character or ignored.
"""

from __future__ import annotations

from collections.abc import Iterator

from geulnun.data.boxes import Box, clean, page_of_boxes, page_of_text, upright
from geulnun.data.readers.common import dropped, split_of
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.data.values import Value, load
from geulnun.document import Quad
from geulnun.errors import DamagedInputError, InputError

#: The set's words for what an image shows.
_KINDS = {"글자(음절)": "syllable", "단어(어절)": "word", "문장": "sentence"}
#: Pixels by which a character may stick out of its word's box.
_SLACK = 5.0


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images of a syllable, a word or a sentence with its text, and photographs with boxes.

    Facts: kind ("syllable", "word", "sentence"; "book", "sign", ... for photographs), style ("printed" or
    "handwritten"), document (the image), and where they are known font, and writer, who is as good as known: the set
    tells gender, age and occupation, and all of one such profile are taken for one person.
    """
    pairing = Pairing(tree)
    for label in tree.of(".json"):
        try:
            yield from _list(label, pairing)
        except InputError as error:
            yield Problem(error)
    yield from pairing.unused()


def _list(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    content = load(label)
    by_image: dict[str, list[Value]] = {}
    for item in content.need("annotations").items():
        by_image.setdefault(item.need("image_id").text(), []).append(item)
    for image in content.need("images").items():
        held = by_image.pop(image.need("id").text(), [])
        try:
            yield from _sample(image, held, label, pairing)
        except InputError as error:
            yield unpaired(error)
    for number, items in by_image.items():
        yield Problem(
            DamagedInputError(f"{label.place}: {items[0].way} is of the image {number!r}, which is not listed"), True
        )


def _sample(image: Value, items: list[Value], label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    name = image.need("file_name").text()
    file = pairing.find(name, label)
    width, height = image.need("width").size(), image.need("height").size()
    facts: dict[str, str | int | float] = {"document": file.stem, "source": "aihub_typeface"}
    facts |= dict(split_of(label.path + "/" + file.path))
    if not items:
        raise DamagedInputError(f"{label.place}: {image.way} ({name}) has no annotation")
    if items[0].get("bbox") is not None:
        boxes = _Boxes(width, height)
        for item in items:
            try:
                boxes.take(item)
            except ValueError as error:
                yield dropped(label, f"{error} of {name}")
        kind = image.get("type")
        facts |= {"kind": kind.text()} if kind else {}
        yield Sample(file.stem, page_of_boxes(boxes.made(), width, height), file.image(), facts)
        return
    facts |= _facts(items[0])
    yield Sample(file.stem, page_of_text(clean(items[0].need("text").text()), width, height), file.image(), facts)


def _facts(item: Value) -> dict[str, str]:
    attributes = item.get("attributes")
    if attributes is None:
        return {}
    known = {name: found.text() for name in ("font", "type", "gender", "age", "job") if (found := attributes.get(name))}
    facts = {"kind": _KINDS.get(known.get("type", ""), known.get("type", ""))} if "type" in known else {}
    if "font" in known:
        return facts | {"style": "printed", "font": known["font"]}
    person = [known[name] for name in ("gender", "age", "job") if name in known]
    return facts | {"style": "handwritten"} | ({"writer": "/".join(person)} if person else {})


class _Boxes:
    """Words of a photograph with the characters that lie in them."""

    def __init__(self, width: int, height: int) -> None:
        self._size = width, height
        self._words: list[tuple[str, Quad, bool]] = []
        self._chars: list[tuple[str, Quad]] = []

    def take(self, item: Value) -> None:
        """Add one annotation; `ValueError` where its box has no area."""
        x, y, w, h = item.need("bbox").numbers(4)
        attributes = item.get("attributes")
        kind = attributes.get("class") if attributes else None
        written = item.get("text")
        text = clean(written.text()) if written else ""
        quad = upright(x, y, w, h, *self._size)
        if kind is not None and kind.text() == "character":
            self._chars.append((text, quad))
        else:
            ignored = not text or (kind is not None and kind.text() == "ignored")
            self._words.append((text, quad, not ignored))

    def made(self) -> Iterator[Box]:
        """The words; each with its characters where those in its box spell it from left to right."""
        for text, quad, legible in self._words:
            inside = sorted((char for char in self._chars if _within(char[1], quad)), key=lambda char: char[1][0][0])
            spelt = legible and "".join(char for char, _ in inside) == text
            yield Box(text, quad, legible, chars=tuple(inside) if spelt else ())


def _within(inner: Quad, outer: Quad) -> bool:
    (x0, y0), _, (x1, y1), _ = inner
    (left, top), _, (right, bottom), _ = outer
    return x0 >= left - _SLACK and y0 >= top - _SLACK and x1 <= right + _SLACK and y1 <= bottom + _SLACK
