"""Sets of characters to learn from: drawn ones, and stored ones in any format that `geulnun.data` reads.

A set gives the image of an index: the same index and seed give the same image in any process.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.data import DataSet, SampleImage
from geulnun.data.split import SplitOptions, assign
from geulnun.document import Quad
from geulnun.errors import InputError, MissingInputError, RecipeError
from geulnun.image import ops
from geulnun.synth import recipes
from geulnun.synth.chars import HAND_STYLES
from geulnun.synth.sample import Source
from geulnun.synth.sources import part_seed
from geulnun.training.characters.choices import CharacterSet, Group, SideChoice
from geulnun.training.characters.pickles import Pickled, listed

Image = NDArray[np.uint8]
Wording = Callable[[str], str | None]
Facts = Mapping[str, str | int | float]

#: Tries for a character of a stream that is a class of the run.
_TRIES = 20


@dataclass(frozen=True)
class Glyph:
    """One character: uint8 pixels, grey (h, w) or RGB (h, w, 3), its text as it is to be named, and what it is."""

    image: Image
    text: str
    group: Group


class GlyphSet(Protocol):
    """Characters by index."""

    @property
    def size(self) -> int | None:
        """How many there are; None where there is no end."""

    def glyph(self, index: int, seed: int) -> Glyph | None:
        """The character of an index; None for one that is no class of the run.

        Raises:
            InputError: its image cannot be read.
        """


def group_of(facts: Facts) -> Group:
    """What an image is, by what is known of it."""
    said, style = str(facts.get("group", "")), str(facts.get("style", ""))
    if said == "handwritten" or (style == "handwritten" and said != "printed"):
        return "handwritten"
    # KoOCR's pickles call handwriting fonts after those it took; a stream's font tells its style.
    return "handwriting-font" if said in ("clova", "handwriting-font") or style in HAND_STYLES else "printed"


class Drawn:
    """Characters of a recipe of `geulnun.synth`."""

    def __init__(self, source: Source, words: Wording, group: Group | None = None) -> None:
        self._source, self._words, self._group = source, words, group
        self.size = source.size

    def glyph(self, index: int, seed: int) -> Glyph | None:
        """Draw a character. Of a set with an end the samples are always the same, whatever the seed."""
        sample = self._source.sample(index, seed if self.size is None else 1)
        text = self._words(sample.text)
        return None if text is None else Glyph(sample.image, text, self._group or group_of(sample.facts))


class Stored:
    """Characters of a stored set, listed once by their labels; images are opened when asked for."""

    def __init__(self, items: Sequence[tuple[Callable[[], Image], str, Group]]) -> None:
        self._items = items
        self.size = len(items)

    def glyph(self, index: int, seed: int) -> Glyph:
        """Read a character."""
        load, text, group = self._items[index]
        return Glyph(load(), text, group)


class FromPickles:
    """Characters of KoOCR's pickles, of which only a few are held in memory."""

    def __init__(self, pickles: Pickled, group: Group | None) -> None:
        self.pickles, self._group = pickles, group
        self.size = pickles.size

    def glyph(self, index: int, seed: int) -> Glyph:
        """Read a character."""
        image, text, facts = self.pickles.item(index)
        return Glyph(image, text, self._group or group_of(facts))


class Joined:
    """Sets with an end, one after another."""

    def __init__(self, parts: Sequence[GlyphSet]) -> None:
        self._parts = parts
        self._ends = list(itertools.accumulate(part.size or 0 for part in parts))
        self.size = self._ends[-1]

    def glyph(self, index: int, seed: int) -> Glyph | None:
        """A character of the part that the index lies in."""
        at = int(np.searchsorted(self._ends, index, side="right"))
        return self._parts[at].glyph(index - (self._ends[at - 1] if at else 0), seed)


class Share:
    """Some of the images of a set with an end, strewn over it: those from one share to another."""

    def __init__(self, inner: GlyphSet, first: float, last: float) -> None:
        order = np.random.default_rng(0).permutation(inner.size or 0)
        self._inner = inner
        self._chosen = order[round(first * len(order)) : round(last * len(order))]
        self.size = len(self._chosen)

    def glyph(self, index: int, seed: int) -> Glyph | None:
        """A character of the share."""
        return self._inner.glyph(int(self._chosen[index]), seed)


class Shuffled:
    """A set without end made of another: one with an end is gone through again and again, each time in a new order."""

    size = None

    def __init__(self, inner: GlyphSet) -> None:
        self._inner = inner
        self._order: tuple[tuple[int, int], NDArray[np.int64]] | None = None

    def glyph(self, index: int, seed: int) -> Glyph | None:
        """The character that comes ``index``-th."""
        size = self._inner.size
        if size is None:
            # In place of a character that is no class, another is drawn.
            seeds = (part_seed(seed, attempt) for attempt in range(_TRIES))
            return next((found for one in seeds if (found := self._inner.glyph(index, one)) is not None), None)
        turn, place = divmod(index, size)
        if self._order is None or self._order[0] != (turn, seed):
            self._order = (turn, seed), self._permuted(np.random.default_rng((seed, turn, size)), size)
        return self._inner.glyph(int(self._order[1][place]), seed)

    def _permuted(self, rng: np.random.Generator, size: int) -> NDArray[np.int64]:
        if isinstance(self._inner, FromPickles):
            return self._inner.pickles.order(rng)
        return rng.permutation(size)


def open_set(choice: CharacterSet, words: Wording) -> GlyphSet:
    """Open a set.

    Args:
        choice: which.
        words: gives what a label is to be named; None for one that is no class.

    Raises:
        MissingInputError: nothing is there.
        InputError: not a set of characters, or not one of them can be used.
        RecipeError: of a recipe of drawn characters; or it does not tell fonts and writers to be parted by.
    """
    parts = [part for path in choice.paths for part in _parts(path, choice, words)]
    if len(parts) > 1 and any(part.size is None for part in parts):
        raise RecipeError(f"{choice.title}: recipes without an end cannot follow one another; list them as sets")
    whole = parts[0] if len(parts) == 1 else Joined(parts)
    if choice.share != (0.0, 1.0):
        if whole.size is None:
            raise RecipeError(f"{choice.title}: it has no end, so there is no share of it; leave share out")
        whole = Share(whole, *choice.share)
    if whole.size == 0:
        raise InputError(f"{choice.paths[0]}: no character of it can be used; look at its labels and at classes")
    return whole


def _parts(path: Path, choice: CharacterSet, words: Wording) -> list[GlyphSet]:
    if path.suffix in (".yaml", ".yml"):
        plan = recipes.load(path, None, None, choice.split)
        if plan.verb != "chars":
            raise RecipeError(f"{path}: it draws {plan.verb}; characters are learnt from recipes of chars")
        return [Drawn(plan.source(), words, choice.group)]
    if choice.at_once:
        return [FromPickles(Pickled(_files(path, choice), words, choice.at_once), choice.group)]
    return [_stored(path, choice, words)]


def _files(path: Path, choice: CharacterSet) -> list[Path]:
    """The files of a folder that match, or the pickles in it; a file is itself."""
    if not path.exists():
        raise MissingInputError(f"{path}: no such set of characters; name a folder, an archive or a recipe (.yaml)")
    found = sorted(path.rglob(choice.files or "*.pickle")) if path.is_dir() else [path]
    if not found:
        raise MissingInputError(f"{path}: no file is called {choice.files or '*.pickle'}; look at files")
    return found


def _stored(path: Path, choice: CharacterSet, words: Wording) -> Stored:
    found: list[tuple[Callable[[], Image], str, Facts]] = []
    for place in _files(path, choice) if choice.files else [path]:
        found += ((load, text, facts) for load, label, facts in characters(place, choice.format)
                  if (text := words(label)) is not None)  # fmt: skip
    if choice.side is not None:
        kept = on_side([facts for _, _, facts in found], choice.side, choice.title)
        found = [item for item, mine in zip(found, kept, strict=True) if mine]
    found = found[: max(1, int(len(found) * choice.use))]
    return Stored([(load, text, choice.group or group_of(facts)) for load, text, facts in found])


def on_side(facts: Iterable[Facts], side: SideChoice, title: str) -> list[bool]:
    """Which images are on a side: all of a writer's, or drawn with a font, are on the same one.

    Raises:
        RecipeError: neither is known of an image, or there are fewer writers and fonts than parts.
    """
    groups: list[str] = []
    for known in facts:
        key = next((key for key in side.by if key in known), None)
        if key is None:
            raise RecipeError(
                f"{title}: of an image none of {', '.join(side.by)} is known, and single images are not parted; "
                "give training and validation sets of their own, and leave side out"
            )
        groups.append(f"{key}:{known[key]}")
    part_of = assign(groups, SplitOptions(side.parts, side.by, side.seed))
    return [part_of[group] == side.part for group in groups]


def characters(path: Path, format_: str = "auto") -> Iterator[tuple[Callable[[], Image], str, Facts]]:
    """The single characters of a stored set: what opens the image, the label, and what is known of it.

    Pages are cut at their lines; ink that nobody is asked to read, and lines of several characters, are left out.

    Raises:
        InputError: nothing is there, or it is not known what it is.
    """
    if not path.exists():
        raise MissingInputError(f"{path}: no such set of characters; name a folder, an archive or a recipe (.yaml)")
    for sample in DataSet(path, format_).samples(lambda _: None):
        if sample.image is None:
            continue
        for line in sample.page.lines:
            label = hangul.normalise(line.text).strip()
            if line.confidence != 0 and len(label) == 1:
                yield functools.partial(_cut, sample.image, line.quad), label, sample.facts


def _cut(image: SampleImage, quad: Quad | None) -> Image:
    return image.pixels() if quad is None else ops.crop_quad(image.pixels(), quad)


def labels_of(choices: Sequence[CharacterSet]) -> str:
    """All characters that label stored sets, in the order of their code points.

    Raises:
        RecipeError: a set is drawn, and has no labels yet.
    """
    found: set[str] = set()
    for choice in choices:
        if choice.drawn:
            raise RecipeError(f"{choice.title}: drawn characters have no list of labels; name alphabets or others")
        for path in choice.paths:
            if choice.at_once:
                found.update(label for file in _files(path, choice) for label, _ in listed(file))
            else:
                for place in _files(path, choice) if choice.files else [path]:
                    found.update(label for _, label, _ in characters(place, choice.format))
    return "".join(sorted(found))
