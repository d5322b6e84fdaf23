"""What this project writes itself: documents as JSON beside their images, and shards for WebDataset."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from geulnun.data.readers.common import each_label, number_name, split_of
from geulnun.data.sample import Problem, Sample, SampleImage
from geulnun.data.tree import LARGEST, File, Pairing, Tree
from geulnun.errors import DamagedInputError, InputError, MissingInputError, TooLargeError
from geulnun.read.images import SUFFIXES
from geulnun.write import read_json


def read_documents(tree: Tree) -> Iterator[Sample | Problem]:
    """Documents of `geulnun.write.json`, from ``geulnun read -f json`` or drawn by ``geulnun synth``.

    The image is the one of the same name; a document of several pages, or whose image is not there, has none. Facts:
    document (the file), split, and all that its metadata tells.
    """
    return each_label(tree, tree.of(".json"), _document)


def _document(label: File, pairing: Pairing) -> Iterator[Sample | Problem]:
    document = read_json(label.read(), label.place)
    image: SampleImage | None = None
    if len(document.pages) == 1:
        try:
            image = pairing.find(label.stem, label).image()
        except MissingInputError:
            image = None
    facts = {"document": label.stem, "source": "json"} | dict(split_of(label.path)) | dict(document.metadata)
    for index, page in enumerate(document.pages):
        yield Sample(number_name(label.stem, index, len(document.pages)), page, image, facts)


def read_shards(tree: Tree) -> Iterator[Sample | Problem]:
    """Tar shards: members that share a name up to its first dot make a sample of image, JSON and text."""
    for file in tree.of(".tar"):
        try:
            yield from _shard(file)
        except InputError as error:
            yield Problem(error)


def _shard(file: File) -> Iterator[Sample | Problem]:
    try:
        with file.open() as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
            key, members = "", dict[str, bytes]()
            for info in archive:
                if not info.isfile() or info.issparse():  # A sparse member is larger than what is there of it.
                    continue
                stem, _, kind = PurePosixPath(info.name).name.partition(".")
                if stem != key and members:
                    yield _sample(file, key, members)
                    members = {}
                key = stem
                if info.size > LARGEST:
                    raise TooLargeError(f"{file.place}: {info.name!r:.60} declares {info.size:,} bytes")
                content = archive.extractfile(info)
                members[kind.lower()] = content.read() if content else b""
            if members:
                yield _sample(file, key, members)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise DamagedInputError(f"{file.place}: not a whole tar file ({error}); fetch it again") from error


def _sample(file: File, key: str, members: dict[str, bytes]) -> Sample | Problem:
    name = key.replace("%2E", ".").replace("%25", "%")
    place = f"{file.place}!/{name}"
    image = next((content for kind, content in members.items() if f".{kind}" in SUFFIXES), None)
    try:
        if image is None:
            raise MissingInputError(f"{place}: no image in its sample")
        if "json" not in members:
            raise MissingInputError(f"{place}: no JSON in its sample")
        document = read_json(members["json"], place)
        if len(document.pages) != 1:
            raise DamagedInputError(f"{place}: {len(document.pages)} pages; expected one")
    except InputError as error:
        return Problem(error, unpaired=isinstance(error, MissingInputError))
    content = image
    facts = {"source": "tar", "document": name} | dict(split_of(file.path)) | dict(document.metadata)
    return Sample(name, document.pages[0], SampleImage(place, lambda: content), facts)
