"""Lists of image files and their texts: ``labels.csv`` with the columns filename and words, and ``gt.txt``.

EasyOCR's trainer and train_easyocr read ``labels.csv``: all behind the first comma is the text. Ours quotes a text that
has commas, as RFC 4180 wants it; a text that is quoted from end to end is taken out of its quotes. The trainers of
deep-text-recognition-benchmark list ``name<TAB>text`` in ``gt.txt`` or ``labels.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from geulnun.data.boxes import page_of_text
from geulnun.data.readers.common import crop_document, split_of, text_of
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.errors import DamagedInputError, InputError, MissingInputError
from geulnun.write import read_json

HEAD = re.compile(r"\A\ufeff?\"?filename\"?,\"?words\"?\s*(?:\n|\Z)")
_TABBED = re.compile(r"\A[^\t\n]+\.(?:png|jpe?g|bmp|webp|tiff?)\t[^\n]*", re.IGNORECASE)
#: A quoted text: quotes inside it are doubled.
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def is_list(file: File, head: str) -> bool:
    """Whether a file that begins with ``head`` is such a list."""
    return bool(HEAD.match(head)) if file.suffix == ".csv" else bool(_TABBED.match(head.lstrip("\ufeff")))


def read(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with their text, and where a JSON of ours stands beside an image, its whole page.

    Facts: split, document for crops (whose names say what page they are from), and what the JSON tells.
    """
    pairing = Pairing(tree)
    for file in tree.of(".csv", ".txt", ".tsv"):
        try:
            head = file.head().decode("utf-8", "replace").replace("\r\n", "\n")
            if is_list(file, head):
                yield from _rows(file, tree, pairing)
        except InputError as error:
            yield Problem(error)
    yield from pairing.unused()


def _rows(label: File, tree: Tree, pairing: Pairing) -> Iterator[Sample | Problem]:
    text = text_of(label)
    rows = csv_rows(text, label.place) if label.suffix == ".csv" else _tab_rows(text, label.place)
    for name, words in rows:
        try:
            yield _sample(name, words, label, tree, pairing)
        except InputError as error:
            yield unpaired(error)


def _sample(name: str, words: str, label: File, tree: Tree, pairing: Pairing) -> Sample:
    file = _beside(name, label, tree, pairing)
    facts = {"source": "labels"} | dict(split_of(label.path)) | dict(crop_document(file.stem))
    truth = tree.at(file.path.removesuffix(file.path[file.path.rfind(".") :]) + ".json")
    if truth is not None:
        document = read_json(truth.read(), truth.place)
        if len(document.pages) == 1:
            facts = {"document": file.stem} | facts | dict(document.metadata)
            return Sample(file.stem, document.pages[0], file.image(), facts)
    width, height = file.image().size()
    return Sample(file.stem, page_of_text(words, width, height), file.image(), facts)


def _beside(name: str, label: File, tree: Tree, pairing: Pairing) -> File:
    """The image of a row: relative to its list or in a folder ``images`` beside it, else anywhere by its name."""
    for folder in (label.folder, f"{label.folder}/images".lstrip("/")):
        file = tree.at(f"{folder}/{name}".lstrip("/"))
        if file is not None:
            pairing.use(file)
            return file
    if "/" in name:
        raise MissingInputError(f"{label.place}: no image {name!r} for it")
    return pairing.find(name, label)


def csv_rows(text: str, place: str) -> Iterator[tuple[str, str]]:
    """File names and texts of a ``labels.csv``.

    Raises:
        DamagedInputError: a row without a comma, with its line.
    """
    head = HEAD.match(text.replace("\r\n", "\n", 1))
    at = text.index("\n") + 1 if head and "\n" in text else len(text)
    line = 2
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        comma = text.find(",", at, end)
        if comma < 0:
            if text[at:end].strip():
                raise DamagedInputError(f"{place}:{line}: {text[at:end]!r:.60} has no comma; expected filename,words")
            at, line = end + 1, line + 1
            continue
        name = text[at:comma].strip('"')
        quoted = _QUOTED.match(text, comma + 1)
        if quoted and _ends(text, quoted.end()):
            words, end = quoted[1].replace('""', '"'), text.find("\n", quoted.end())
            end = len(text) if end < 0 else end
        else:
            words = text[comma + 1 : end].removesuffix("\r")
        yield name, words
        line += text.count("\n", at, end) + 1
        at = end + 1


def _ends(text: str, at: int) -> bool:
    """Whether a row ends at ``at``."""
    return at >= len(text) or text[at] == "\n" or text[at : at + 2] == "\r\n"


def _tab_rows(text: str, place: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        name, tab, words = line.partition("\t")
        if tab:
            yield name, words
        elif line.strip():
            raise DamagedInputError(f"{place}:{number}: {line!r:.60} has no tab; expected a file name, a tab, a text")
