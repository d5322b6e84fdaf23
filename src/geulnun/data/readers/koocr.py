"""KoOCR's pickles: a dict of "image" (n, h, w) and "label" (n,), read without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from geulnun.data.boxes import page_of_text
from geulnun.data.pickles import PickledArray, read_pickle
from geulnun.data.readers.common import number_name
from geulnun.data.sample import Pixels, Problem, Sample, SampleImage
from geulnun.data.tree import File, Tree
from geulnun.errors import DamagedInputError, InputError

#: The group before the number: printed_12.pickle.
_GROUP = re.compile(r"\A(.+)_\d+\Z")


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Single characters. Facts: group and style, by which the file's name begins: printed, handwritten or clova."""
    for file in tree.of(".pickle", ".pkl"):
        try:
            yield from _samples(file)
        except InputError as error:
            yield Problem(error)


def _samples(file: File) -> Iterator[Sample]:
    content = read_pickle(file.read(), file.place)
    if not isinstance(content, dict) or not {"image", "label"} <= content.keys():
        raise DamagedInputError(f"{file.place}: not a dict of image and label; expected a pickle of KoOCR")
    images, labels = _images(content["image"], file), _labels(content["label"], file)
    if len(images) != len(labels):
        raise DamagedInputError(f"{file.place}: {len(images)} images and {len(labels)} labels")
    match = _GROUP.match(file.stem)
    group = match[1] if match else file.stem
    style = "handwritten" if group.startswith("hand") else "printed"
    facts = {"group": group, "style": style, "kind": "syllable", "source": "koocr"}
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        place = f"{file.place}, image {index + 1}"
        height, width = image.shape[:2]
        yield Sample(
            number_name(file.stem, index, len(labels) + 1),
            page_of_text(label, width, height),
            SampleImage(place, _Held(image)),
            facts,
        )


class _Held:
    """Hands out an image that is in memory already."""

    def __init__(self, image: Pixels) -> None:
        self._image = image

    def __call__(self) -> Pixels:
        return self._image


def _images(value: Any, file: File) -> list[Pixels]:
    """Grey or RGB images of an array, or of a list of arrays."""
    parts = value if isinstance(value, list | tuple) else [value]
    if isinstance(value, PickledArray) and value.objects is not None:
        parts = value.objects
    found: list[Pixels] = []
    for part in parts:
        if not isinstance(part, PickledArray):
            raise DamagedInputError(f"{file.place}: an image that is no array; expected a pickle of KoOCR")
        array = part.array(file.place)
        if array.dtype != np.uint8 or array.ndim not in (2, 3, 4):
            raise DamagedInputError(
                f"{file.place}: images of {array.dtype} {array.shape}; expected bytes of grey or RGB"
            )
        found += list(array if part is value else array[None])
    for image in found:
        if image.ndim not in (2, 3) or 0 in image.shape or (image.ndim == 3 and image.shape[2] not in (1, 3)):
            raise DamagedInputError(f"{file.place}: an image of shape {image.shape}; expected (h, w) or (h, w, 3)")
    return [image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image for image in found]


def _labels(value: Any, file: File) -> list[str]:
    items: Any = value
    if isinstance(value, PickledArray):
        items = value.objects if value.objects is not None else value.array(file.place).ravel().tolist()
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise DamagedInputError(f"{file.place}: labels that are no texts; expected a pickle of KoOCR")
    return [str(item) for item in items]
