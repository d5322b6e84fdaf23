"""Sets of lines to train and validate on: drawn ones, and stored ones in any format that `geulnun.data` reads.

A set gives the line of an index: the same index and seed give the same line in any process, so that a run can be
stopped and go on, and its lines be dealt out to several devices.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun import charset, hangul
from geulnun.charset import FOLDS, Classes, FlatCharset
from geulnun.data import DataSet, SampleImage
from geulnun.data.lmdb_pages import Database
from geulnun.data.readers import labels
from geulnun.data.tree import Tree
from geulnun.document import Quad
from geulnun.errors import DamagedInputError, GeulnunError, InputError, MissingInputError, RecipeError
from geulnun.image import ops
from geulnun.synth import recipes
from geulnun.synth.sample import Source
from geulnun.training.options import SetChoice

Image = NDArray[np.uint8]
Wording = Callable[[str], str | None]


@dataclass(frozen=True)
class Line:
    """One line: uint8 pixels, grey (h, w) or RGB (h, w, 3), and its text as it is to be written."""

    image: Image
    text: str


class LineSet(Protocol):
    """Lines by index."""

    @property
    def size(self) -> int | None:
        """How many there are; None where there is no end."""

    def line(self, index: int, seed: int) -> Line | None:
        """The line of an index; None for one that the run cannot use.

        Raises:
            InputError: its image cannot be read.
        """


@dataclass(frozen=True)
class Words:
    """How a label becomes a text to learn, or is left out.

    Attributes:
        classes: the characters that there are.
        longest: characters; None for any length.
        sensitive: False for lower case only.
        unknown: what a character that is no class takes with it.
    """

    classes: Classes
    longest: int | None = None
    sensitive: bool = True
    unknown: str = "line"

    def __call__(self, label: str) -> str | None:
        """The text; None where the line is left out."""
        text = label if self.sensitive else label.lower()
        if isinstance(self.classes, FlatCharset):
            # A list of characters may hold look-alikes on purpose: only what it lacks is folded.
            plain = " ".join(hangul.normalise(text).split())
            text = "".join(char if char in self.classes else char.translate(FOLDS) for char in plain)
        else:
            text = charset.normalise(text)
        if self.unknown == "character":
            text = " ".join("".join(char for char in text if char in self.classes).split())
        elif self.classes.missing(text):
            return None
        return text if text and len(text) <= (self.longest or len(text)) else None


class Drawn:
    """Lines of a recipe of `geulnun.synth`."""

    def __init__(self, source: Source, words: Wording) -> None:
        self._source, self._words = source, words
        self.size = source.size

    def line(self, index: int, seed: int) -> Line | None:
        """Draw a line. Of a set with an end the samples are always the same, whatever the seed."""
        sample = self._source.sample(index, seed if self.size is None else 1)
        text = self._words(sample.text)
        return None if text is None else Line(sample.image, text)


class Stored:
    """Lines of a stored set, listed once by their labels; images are opened when asked for.

    Args:
        items: images and labels in the set's order.
        words: what is kept of the labels.
        use: how much of the list, from its beginning.
    """

    def __init__(self, items: Iterable[tuple[Callable[[], Image], str]], words: Wording, use: float = 1.0) -> None:
        kept = [(load, text) for load, label in items if (text := words(label)) is not None]
        self._items = kept[: max(1, int(len(kept) * use))] if kept else []
        self.size = len(self._items)

    def line(self, index: int, seed: int) -> Line:
        """Read a line."""
        load, text = self._items[index]
        return Line(load(), text)


class Joined:
    """Sets with an end, one after another."""

    def __init__(self, parts: Sequence[LineSet]) -> None:
        self._parts = parts
        self._ends = list(itertools.accumulate(part.size or 0 for part in parts))
        self.size = self._ends[-1]

    def line(self, index: int, seed: int) -> Line | None:
        """A line of the part that the index lies in."""
        at = int(np.searchsorted(self._ends, index, side="right"))
        return self._parts[at].line(index - (self._ends[at - 1] if at else 0), seed)


class Shuffled:
    """A set without end made of another: one with an end is gone through again and again, each time in a new order."""

    size = None

    def __init__(self, inner: LineSet) -> None:
        self._inner = inner
        self._order: tuple[tuple[int, int], NDArray[np.int64]] | None = None

    def line(self, index: int, seed: int) -> Line | None:
        """The line that comes ``index``-th."""
        size = self._inner.size
        if size is None:
            return self._inner.line(index, seed)
        turn, place = divmod(index, size)
        if self._order is None or self._order[0] != (turn, seed):
            self._order = (turn, seed), np.random.default_rng((seed, turn, size)).permutation(size)
        return self._inner.line(int(self._order[1][place]), seed)


def open_set(choice: SetChoice, words: Wording, texts: Path | None = None) -> LineSet:
    """Open a set.

    Args:
        choice: which.
        words: what is kept of its labels.
        texts: folder of texts of drawn sets that name none.

    Raises:
        MissingInputError: nothing is there.
        InputError: not a set of lines, or not one of its lines can be used.
        RecipeError: of a recipe of drawn lines.
    """
    if choice.drawn:
        parts: list[LineSet] = [Drawn(_plan(path, choice, texts).source(), words) for path in choice.paths]
        if len(parts) > 1 and any(part.size is None for part in parts):
            raise RecipeError(f"{choice.title}: recipes without an end cannot follow one another; list them as sets")
    else:
        parts = [Stored(stored(path, choice.format), words, choice.use) for path in choice.paths]
    whole = parts[0] if len(parts) == 1 else Joined(parts)
    if whole.size == 0:
        raise InputError(
            f"{choice.paths[0]}: no line of it can be used; look at its labels, at longest and at the characters"
        )
    return whole


def _plan(path: Path, choice: SetChoice, texts: Path | None) -> recipes.Plan:
    plan = recipes.load(path, None, choice.texts or texts, choice.split)
    if plan.verb not in ("lines", "words"):
        raise RecipeError(f"{path}: it draws {plan.verb}; lines are learnt from recipes of lines or words")
    if choice.without is None:
        return plan
    if not choice.without.is_file():
        raise MissingInputError(f"{choice.without}: no such file of characters; name a UTF-8 text file in without")
    return plan.lacking("".join(choice.without.read_text("utf-8").split()))


def stored(path: Path, format_: str = "auto") -> Iterator[tuple[Callable[[], Image], str]]:
    """The lines of a stored set: what opens the image, and the label.

    Lists of files and LMDBs are read by their labels alone. Of pages, lines are cut out; ink that nobody is asked to
    read is left out. What is damaged is left out here or when it is opened.

    Raises:
        InputError: nothing is there, or it is not known what it is.
    """
    if not path.exists():
        raise MissingInputError(f"{path}: no such set of lines; name a folder, an archive or a recipe (.yaml)")
    data = DataSet(path, format_)
    if data.format == "lmdb":
        return _of_lmdb(data.tree)
    if data.format == "labels" and path.is_dir() and not data.tree.of(".json"):
        return _of_lists(path)
    return _of_pages(data)


def _of_lmdb(tree: Tree) -> Iterator[tuple[Callable[[], Image], str]]:
    for file in tree.of(".mdb"):
        if file.name == "lock.mdb":
            continue
        database = Database.of(file)
        counted = database.get(b"num-samples")
        if counted is None or not counted.isdigit():
            raise DamagedInputError(f"{file.place}: its num-samples is {counted!r:.40}; expected a number")
        for number in range(1, int(counted) + 1):
            label = database.get(b"label-%09d" % number)
            if label is not None:
                yield functools.partial(_lmdb_image, database, number, file.place), label.decode("utf-8", "replace")


def _lmdb_image(database: Database, number: int, place: str) -> Image:
    content = database.get(b"image-%09d" % number)
    if content is None:
        raise DamagedInputError(f"{place}: no image-{number:09d}")
    return SampleImage(f"{place}, image-{number:09d}", lambda: content).pixels()


def _of_lists(folder: Path) -> Iterator[tuple[Callable[[], Image], str]]:
    for file in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".csv", ".txt", ".tsv")):
        text = file.read_text("utf-8-sig", errors="replace")
        rows: Iterable[tuple[str, str]]
        if file.suffix.lower() == ".csv":
            if not labels.HEAD.match(text):
                continue
            rows = labels.csv_rows(text, str(file))
        else:
            found = (row.partition("\t") for row in text.splitlines())
            rows = ((name, words) for name, tab, words in found if tab)
        for name, words in rows:
            yield functools.partial(_file_image, file.parent, name), words


def _file_image(folder: Path, name: str) -> Image:
    for path in (folder / name, folder / "images" / name):
        if path.is_file():
            return SampleImage(str(path), path.read_bytes).pixels()
    raise MissingInputError(f"{folder / name}: no such image, nor in the folder images beside the list")


def _of_pages(data: DataSet) -> Iterator[tuple[Callable[[], Image], str]]:
    for sample in data.samples(lambda _: None):
        image = sample.image
        if image is None:
            continue
        for line in sample.page.lines:
            # Confidence 0 marks ink that nobody is asked to read.
            if line.confidence != 0:
                yield functools.partial(_cut, image, line.quad), line.text


def _cut(image: SampleImage, quad: Quad | None) -> Image:
    return image.pixels() if quad is None else ops.crop_quad(image.pixels(), quad)


def characters_of(choices: Sequence[SetChoice]) -> str:
    """All characters in the labels of stored sets, in the order of their code points.

    Raises:
        RecipeError: a set is drawn, and has no labels yet.
    """
    found: set[str] = set()
    for choice in choices:
        if any(path.suffix in (".yaml", ".yml") for path in choice.paths):
            raise RecipeError(
                f"{choice.title}: drawn lines have no list of labels; give classes.characters or classes.file"
            )
        for path in choice.paths:
            for _, label in stored(path, choice.format):
                found.update(hangul.normalise(label))
    return "".join(sorted(found - set("\n\r\t")))


def lines_of(lines: LineSet, count: int | None, seed: int) -> tuple[list[Line], list[GeulnunError]]:
    """The first lines of a set, all of one with an end where ``count`` is None, and what could not be read of them."""
    most = lines.size if count is None else count if lines.size is None else min(count, lines.size)
    kept: list[Line] = []
    problems: list[GeulnunError] = []
    for index in range(256 if most is None else most):
        try:
            line = lines.line(index, seed)
        except InputError as error:
            problems.append(error)
            continue
        if line is not None:
            kept.append(line)
    return kept, problems
