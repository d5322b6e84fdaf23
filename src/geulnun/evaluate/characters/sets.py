"""Images of single characters with their truth: stored sets, drawn ones, and folders with an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import normalise
from geulnun.data import DataSet, Problem
from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.read import open_source

if TYPE_CHECKING:
    from geulnun.synth.sample import Source

Pixels = NDArray[np.uint8]
Note = Callable[[str], None]

#: A list of images beside them: a JSON object a line with "image", "text" and, if known, "style" and "level".
INDEX = "index.jsonl"
RECIPES = (".yaml", ".yml")
#: Images drawn of a recipe without an end unless a number is given.
DRAWN = 2_000
PRINTED, FONT, HAND, OTHER = "printed", "handwriting-font", "handwritten", "unknown"
#: What sets call the ways in which characters come to be, by ours.
_GROUPS = {
    "printed": PRINTED, "print": PRINTED, "scene": PRINTED, "clova": FONT, "handwriting-font": FONT,
    "handwritten": HAND, "hand": HAND, "handwriting": HAND,
}  # fmt: skip
#: Styles of fonts that imitate handwriting.
_HAND_STYLES = ("hand", "brush")


@dataclass(frozen=True, slots=True)
class Glyph:
    """An image of one character.

    Attributes:
        name: what the report calls it.
        truth: the character, normalised.
        group: "printed", "handwriting-font" (drawn with a font that imitates handwriting), "handwritten" or "unknown".
        load: gives the image, uint8 (h, w) or (h, w, 3); raises `InputError`.
        facts: what else is known: "font", "writer", "source" and whatever the set tells.
    """

    name: str
    truth: str
    group: str
    load: Callable[[], Pixels]
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SetOptions:
    """Which images of a set are read.

    Attributes:
        kind: format of `geulnun.data`; "auto" to see what it is.
        number: at most so many, spread over the whole set; None for all, and for `DRAWN` of a recipe without an end.
        split: side of fonts that a recipe draws with.
        seed: of drawn images.
    """

    kind: str = "auto"
    number: int | None = None
    split: Literal["train", "held-out"] = "held-out"
    seed: int = 20

    def __post_init__(self) -> None:
        if self.number is not None and self.number < 1:
            raise UsageError(f"number is {self.number}; expected 1 or more")


def read_set(path: Path, options: SetOptions | None = None, note: Note = lambda _: None) -> Iterator[Glyph]:
    """The characters of a set, in an order that is always the same.

    Args:
        path: a folder with an `INDEX`, a data set of `geulnun.data`, or a recipe of drawn characters (YAML).
        options: which of them.
        note: told of what is left out, and why.

    Raises:
        MissingInputError: there is nothing.
        InputError: it is no set of a known kind, or an index is broken.
        RecipeError, MissingDependencyError: of a recipe.
    """
    options = options or SetOptions()
    if not path.exists():
        raise MissingInputError(f"{path}: no such file or folder; check the path of the set")
    if path.suffix.lower() in RECIPES:
        return _drawn(path, options)
    if path.name == INDEX or (path / INDEX).is_file():
        return _spread(list(_indexed(path if path.name == INDEX else path / INDEX, note)), options.number)
    return _stored(path, options, note)


def group_of(facts: Mapping[str, object]) -> str:
    """How a character came to be, by the facts of its set."""
    named = _GROUPS.get(str(facts.get("group", ""))) or _GROUPS.get(str(facts.get("style", ""))) or OTHER
    fonts = named == PRINTED and facts.get("style") in _HAND_STYLES and "font" in facts
    return FONT if fonts else named


def _drawn(path: Path, options: SetOptions) -> Iterator[Glyph]:
    # Here and not above: drawing needs the extra "synth".
    from geulnun.synth.recipes import load

    return drawn(load(path, "chars", split=options.split).source(), options.number, options.seed)


def drawn(source: Source, number: int | None, seed: int) -> Iterator[Glyph]:
    """Characters as they are drawn: ``number`` spread over the source, or the first of one without an end."""
    number = number or source.size or DRAWN
    for index in range(number) if source.size is None else _places(source.size, number):
        sample = source.sample(index, seed)
        facts = {key: str(value) for key, value in sample.facts.items()}
        truth = normalise(sample.text)
        if truth:
            yield Glyph(f"{truth} {index}", truth, group_of(facts), _Held(sample.image), facts)


def _places(size: int, number: int) -> list[int]:
    number = min(size, number)
    return [at * size // number for at in range(number)]


def _spread(glyphs: list[Glyph], number: int | None) -> Iterator[Glyph]:
    yield from (glyphs[at] for at in _places(len(glyphs), number or len(glyphs)))


def _indexed(index: Path, note: Note) -> Iterator[Glyph]:
    for number, line in enumerate(index.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            image, text = str(row["image"]), normalise(str(row["text"]))
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedInputError(f"{index}:{number}: not an entry of an index ({error!r})") from None
        if row.get("level", "char") != "char":
            continue
        if len(text) != 1:
            note(f"{index}:{number}: {text!r} is not one character")
            continue
        facts = {key: str(row[key]) for key in ("style", "script", "font", "writer") if key in row}
        facts["source"] = Path(image).parts[0] if len(Path(image).parts) > 1 else index.parent.name
        yield Glyph(image, text, group_of(facts), _File(index.parent / image), facts)


def _stored(path: Path, options: SetOptions, note: Note) -> Iterator[Glyph]:
    with DataSet(path, options.kind) as found:
        if options.number is None:
            yield from _glyphs(found, note)
            return
        # Counted first: pickles are large, and only one need be in memory at a time.
        wanted = set(_places(sum(1 for _ in _glyphs(found, lambda _: None)), options.number))
        yield from (glyph for at, glyph in enumerate(_glyphs(found, note)) if at in wanted)


def _glyphs(found: DataSet, note: Note) -> Iterator[Glyph]:
    def told(problem: Problem) -> None:
        note(str(problem))

    for sample in found.samples(told):
        text = normalise(sample.page.text)
        if sample.image is None or len(text) != 1:
            note(f"{sample.key}: {'no image' if sample.image is None else f'{text[:20]!r} is not one character'}")
            continue
        facts = {key: str(value) for key, value in sample.facts.items()}
        yield Glyph(sample.key, text, group_of(facts), sample.image.pixels, facts)


@dataclass(frozen=True, slots=True)
class _Held:
    image: Pixels

    def __call__(self) -> Pixels:
        return self.image


@dataclass(frozen=True, slots=True)
class _File:
    path: Path

    def __call__(self) -> Pixels:
        with open_source(self.path) as pages:
            return next(iter(pages)).rgb
