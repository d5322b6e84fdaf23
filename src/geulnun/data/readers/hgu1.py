"""HGU1, the files of the handwritten Hangul sets HanDB, PE92 and SERI95 (https://github.com/callee2006/HangulDB).

A file begins with eight bytes, ``HGU1`` and four more. Records follow: the character's code in EUC-KR (two bytes),
width, height, type and a reserved byte, then width x height bytes of grey, 255 being paper. Type 0 is grey bytes; no
other has been seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from geulnun.data.boxes import page_of_text
from geulnun.data.readers.common import number_name, split_of
from geulnun.data.sample import Pixels, Problem, Sample, SampleImage
from geulnun.data.tree import File, Tree
from geulnun.errors import DamagedInputError, InputError

MAGIC = b"HGU1"
_HEAD, _RECORD = 8, 6


@dataclass(frozen=True, slots=True)
class Record:
    """One character: its text, and where its grey bytes lie in the file."""

    text: str
    width: int
    height: int
    start: int


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Single handwritten characters. Facts: style, split and kind; the sets do not tell writers."""
    for file in tree.of(".hgu1"):
        try:
            yield from _samples(file)
        except InputError as error:
            yield Problem(error)


def _samples(file: File) -> Iterator[Sample | Problem]:
    content = file.read()
    found, broken = records(content, file.place)
    facts = {"style": "handwritten", "kind": "syllable", "source": "hgu1"} | dict(split_of(file.path))
    for index, record in enumerate(found):
        image = SampleImage(f"{file.place}, record {index + 1}", _Slice(content, record))
        name = number_name(file.stem, index, len(found) + 1)
        yield Sample(name, page_of_text(record.text, record.width, record.height), image, facts)
    if broken:
        yield Problem(broken)


def records(content: bytes, place: str) -> tuple[list[Record], DamagedInputError | None]:
    """The records of a file, and what ends them before their time.

    Raises:
        DamagedInputError: not such a file at all.
    """
    if content[:4] != MAGIC or len(content) < _HEAD:
        raise DamagedInputError(f"{place}: begins with {content[:8]!r}; expected HGU1 and four bytes")
    found: list[Record] = []
    at = _HEAD
    while at < len(content):
        head = content[at : at + _RECORD]
        start = at + _RECORD
        where = f"{place}: record {len(found) + 1} at byte {at}"
        if len(head) < _RECORD or start + head[2] * head[3] > len(content):
            return found, DamagedInputError(f"{where} is cut short; fetch the file again")
        try:
            text = head[:2].decode("cp949").rstrip("\0")
        except UnicodeDecodeError:
            return found, DamagedInputError(f"{where} has the code {head[:2].hex()}, which is no Korean character")
        if head[4] != 0 or not head[2] or not head[3]:
            return found, DamagedInputError(f"{where} is of type {head[4]}, {head[2]} x {head[3]}; expected grey bytes")
        found.append(Record(text, head[2], head[3], start))
        at = start + head[2] * head[3]
    return found, None


@dataclass(frozen=True, slots=True)
class _Slice:
    """Cuts a record's image out of its file's content."""

    content: bytes
    record: Record

    def __call__(self) -> Pixels:
        one = self.record
        return np.frombuffer(self.content, np.uint8, one.width * one.height, one.start).reshape(one.height, one.width)
