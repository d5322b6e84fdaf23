"""Which reading is of which truth: files by their names, pages by their numbers."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from geulnun.document import Document, Page
from geulnun.errors import MissingInputError
from geulnun.evaluate.cases import Case, are_documents, data_set, document_files, without_image_suffix
from geulnun.evaluate.documents import LABELS, label_page, read_document, read_labels, without_char_quads

Unpaired = Literal["list", "miss"]


@dataclass(frozen=True, slots=True)
class Readings:
    """What an engine read, by the name of each file; `load` is called once for each that is paired.

    ``loose``: its pages hold boxes of words in any order, as those of a `Case` may.
    """

    label: str
    names: tuple[str, ...]
    load: Callable[[str], Document]
    loose: bool = False


def saved(path: Path, label: str = "") -> Readings:
    """An engine's saved output.

    It is a folder of documents at any depth, a ``labels.csv``, one file, or what
    `geulnun.data` reads, such as CLEval's text files.

    Raises:
        MissingInputError: there is no such path, or nothing in it that holds a reading.
        DamagedInputError: a list or set of readings is broken.
    """
    if not path.exists():
        raise MissingInputError(f"{path}: no such file or folder; check the path of the output")
    label = label or path.stem or str(path)
    files = [path] if path.is_file() and path.name != LABELS else document_files(path) if path.is_dir() else []
    listing = path if path.name == LABELS else path / LABELS
    if not files and listing.is_file():
        rows = {without_image_suffix(name): text for name, text in read_labels(listing)}
        return Readings(label, tuple(rows), lambda name: Document((label_page(rows[name]),), name))
    if not files:
        raise MissingInputError(f"{path}: no reading in it; expected .json, .xml, .hocr, .tsv, .txt or {LABELS}")
    if not are_documents(path, files):
        found_cases = data_set(path)
        sets = {case.name: Document(case.pages, case.name) for case in found_cases}
        return Readings(label, tuple(sets), lambda name: sets[name], any(case.loose for case in found_cases))
    root = path if path.is_dir() else path.parent
    found = {without_image_suffix(file.relative_to(root).with_suffix("").as_posix()): file for file in files}
    return Readings(label, tuple(found), lambda name: read_document(found[name]))


@dataclass(frozen=True, slots=True)
class Matched:
    """One page of the truth and what was read of it; ``read`` is an empty page where nothing was, if that counts."""

    case: Case
    truth: Page
    read: Page
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Pairing:
    """All pages that can be scored, and what is left over.

    Attributes:
        matched: in the truth's order.
        unread: files or pages of the truth without a reading.
        unknown: readings without a truth.
    """

    matched: tuple[Matched, ...]
    unread: tuple[str, ...]
    unknown: tuple[str, ...]


def pair_names(wanted: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """Pair the truth's names with a reading's.

    Equal names first, then those that are equal with folders joined by ``_`` (as `geulnun read -o` names files of one
    stem), then those whose last parts are equal and stand once on either side. A single file on each side is a pair
    whatever its name.
    """
    if len(wanted) == len(given) == 1:
        return {wanted[0]: given[0]}
    keys: tuple[Callable[[str], Hashable], ...] = (
        _composed,
        lambda name: _composed(name).replace("/", "_"),
        lambda name: PurePosixPath(_composed(name)).name,
    )
    out: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        left = _once((name for name in wanted if name not in out), key)
        right = _once((name for name in given if name not in taken), key)
        for value, name in left.items():
            if value in right:
                out[name] = right[value]
                taken.add(right[value])
    return out


def _composed(name: str) -> str:
    """The name in NFC: some systems store Hangul in file names as single jamo."""
    return unicodedata.normalize("NFC", name)


def _once(names: Iterable[str], key: Callable[[str], Hashable]) -> dict[Hashable, str]:
    listed = list(names)
    counts = Counter(map(key, listed))
    return {key(name): name for name in listed if counts[key(name)] == 1}


def pair(cases: Sequence[Case], readings: Readings, unpaired: Unpaired = "list") -> Pairing:
    """Pair a truth with readings, page by page.

    Pages pair by number if every number of the reading is one of the truth's, else in their order.

    Args:
        cases: the truth.
        readings: what was read.
        unpaired: "list" leaves what has no reading out of all scores; "miss" scores it as read empty.

    Raises:
        MissingInputError: nothing pairs at all.
        DamagedInputError: a reading is broken.
    """
    names = pair_names([case.name for case in cases], readings.names)
    if not names:
        raise MissingInputError(
            f"{readings.label}: no reading has the name of a truth, such as {cases[0].name!r} (it has "
            f"{readings.names[0] if readings.names else 'none'!r}); name each reading after its image"
        )
    matched: list[Matched] = []
    unread: list[str] = []
    unknown = sorted(set(readings.names) - set(names.values()))
    for case in cases:
        pages: Mapping[int, Page] = {}
        if case.name in names:
            read_pages = tuple(map(without_char_quads, readings.load(names[case.name]).pages))
            pages = _by_truth(case.pages, read_pages)
            extra = [str(-at) for at in pages if at < 0]
            unknown += [f"{case.name}, page {number}" for number in extra]
        for at, truth in enumerate(case.pages):
            read = pages.get(at)
            if read is None:
                place = f", page {truth.number}" if len(case.pages) > 1 else ""
                unread.append(case.name + place)
            if read is not None or unpaired == "miss":
                empty = Page(truth.width, truth.height, (), truth.number)
                matched.append(Matched(case, truth, read or empty, read is None))
    return Pairing(tuple(matched), tuple(unread), tuple(unknown))


def _by_truth(wanted: Sequence[Page], given: Sequence[Page]) -> dict[int, Page]:
    """Read pages by the index of their truth; those without one at minus their place, from 1."""
    numbers = {page.number: at for at, page in enumerate(wanted)}
    own = [page.number for page in given]
    if len(numbers) == len(wanted) and len(set(own)) == len(own) and set(own) <= numbers.keys():
        return {numbers[page.number]: page for page in given}
    return {at if at < len(wanted) else -(at + 1): page for at, page in enumerate(given)}
