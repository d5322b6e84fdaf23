"""LMDB of images and labels, as deep-text-recognition-benchmark and its kin write it (Baek et al. 2019).

Keys are ``image-%09d`` and ``label-%09d`` from 1, and ``num-samples``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from geulnun.data.boxes import page_of_text
from geulnun.data.lmdb_pages import Database
from geulnun.data.readers.common import split_of
from geulnun.data.sample import Problem, Sample, SampleImage
from geulnun.data.tree import File, Tree
from geulnun.errors import DamagedInputError, InputError


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with their text. Facts: split, by the folder's name; what an image is from, the format does not tell."""
    for file in tree.of(".mdb"):
        if file.name != "lock.mdb":
            try:
                yield from _samples(file)
            except InputError as error:
                yield Problem(error)


def _samples(file: File) -> Iterator[Sample | Problem]:
    database = Database.of(file)
    counted = database.get(b"num-samples")
    if counted is None or not counted.isdigit() or len(counted) > 12:
        raise DamagedInputError(f"{file.place}: its num-samples is {counted!r:.40}; expected a number")
    facts = {"source": "lmdb"} | dict(split_of(file.path))
    for number in range(1, int(counted) + 1):
        try:
            yield _sample(database, file, number, facts)
        except InputError as error:
            yield Problem(error)
            if database.get(b"label-%09d" % number) is None and number > len(database):
                return


def _sample(database: Database, file: File, number: int, facts: dict[str, str | int | float]) -> Sample:
    place = f"{file.place}, image-{number:09d}"
    label = database.get(b"label-%09d" % number)
    content = database.get(b"image-%09d" % number)
    if label is None or content is None:
        raise DamagedInputError(f"{place}: {'no label' if label is None else 'no image'} for it")
    try:
        text = unicodedata.normalize("NFC", label.decode())
    except UnicodeDecodeError as error:
        raise DamagedInputError(f"{place}: a label that is not UTF-8") from error
    image = SampleImage(place, lambda: content)
    width, height = image.size()
    return Sample(f"{number:09d}", page_of_text(text, width, height), image, facts)
