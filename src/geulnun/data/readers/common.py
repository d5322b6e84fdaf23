"""What readers share: facts that paths tell, and one sample after the other whatever is wrong with some."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from geulnun.data.sample import Facts, Problem, Sample
from geulnun.data.tree import File, Pairing, Tree, unpaired
from geulnun.document import Page
from geulnun.errors import DamagedInputError, InputError

#: One label file with what finds its image, to the samples in it and the problems that cost no sample.
ReadLabel = Callable[[File, Pairing], Iterable[Sample | Problem]]

_SPLITS = (
    ("training", re.compile(r"\Atrain(?:ing)?\d*\Z")),
    ("validation", re.compile(r"\Aval(?:id|idation)?\d*\Z")),
    ("test", re.compile(r"\A(?:test|eval|evaluation)(?:ing)?\d*\Z")),
)
#: A crop's name: its page, and the box it was cut from.
_CROP = re.compile(r"\A(.+)_\d+-\d+-\d+-\d+\Z")


def split_of(path: str) -> Facts:
    """The fact "split" where a part of the path says training, validation or test, in any of the common spellings."""
    for word in re.split(r"[^a-z0-9]+", path.lower()):
        for name, pattern in _SPLITS:
            if pattern.match(word):
                return {"split": name}
    return {}


def crop_document(stem: str) -> Facts:
    """The fact "document" where the name is that of a crop: ``page_12-30-96-60``."""
    match = _CROP.match(stem)
    return {"document": match[1]} if match else {}


def each_label(tree: Tree, labels: Iterable[File], read: ReadLabel) -> Iterator[Sample | Problem]:
    """The samples of all label files; a file that cannot be read is a problem, and so is an image without a label."""
    pairing = Pairing(tree)
    for label in labels:
        try:
            yield from read(label, pairing)
        except InputError as error:
            yield unpaired(error)
        except (ValueError, OverflowError) as error:
            yield Problem(DamagedInputError(f"{label.place}: {error}"))
    yield from pairing.unused()


def dropped(label: File, what: object) -> Problem:
    """The problem that one box of a label was left out."""
    return Problem(DamagedInputError(f"{label.place}: left out {what}"))


def sureness(confidence: float) -> float:
    """A prediction's confidence within 0..1; never quite 0, which marks what nobody is asked to read."""
    return min(max(confidence, 0.001), 1.0)


def number_name(stem: str, index: int, count: int) -> str:
    """The name of the sample at ``index`` of ``count`` in a file: the file's own where it is the only one."""
    return stem if count == 1 else f"{stem}-{index + 1:04d}"


def sized(page: Page, width: int, height: int) -> Page:
    """The page with another size of raster."""
    return Page(width, height, page.blocks, page.number, page.rotation, page.dpi, page.entities)


def text_of(file: File) -> str:
    """A text file: UTF-8 with or without its mark, UTF-16 with one, else Korean (code page 949).

    Raises:
        InputError: it cannot be read, or is none of these.
    """
    content = file.read()
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp949"):
        try:
            return unicodedata.normalize("NFC", content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise DamagedInputError(f"{file.place}: neither UTF-8 nor Korean text; save it as UTF-8")
