"""The package's reader of single characters beside Tesseract, on fonts it never learnt from and people's writing."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from geulnun import hangul
from geulnun.bench.characters import timed
from geulnun.bench.engines import Engine
from geulnun.decode.expressions import characters
from geulnun.errors import DamagedInputError, MissingInputError
from geulnun.evaluate.characters.maps import Explained, explain
from geulnun.evaluate.characters.run import CharacterEvaluation, RunOptions, evaluate
from geulnun.evaluate.characters.sets import Glyph, SetOptions, drawn, read_set
from geulnun.evaluate.confusion import Confusions
from geulnun.runtime.characters import CharacterRecogniser

#: Tests that are drawn: each part of a recipe is one.
RECIPES = (Path("recipes/characters/sets/tests_grid.yaml"), Path("recipes/characters/sets/tests_mixed.yaml"))
#: Alphabets that may be known beforehand, as lists of what may be named: the smaller ones first.
ALPHABETS = {"digits": "0-9", "jamo": "ㄱ-ㅣ", "kana": "ぁ-ゖァ-ヺー", "ASCII": "!-~", "syllables": "가-힣"}
#: How the maps of the report are made.
METHODS = ("cam", "grad-cam")

#: Told the test's name, how many images it has at most, and how many are read.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Trial:
    """Images of one kind.

    Attributes:
        name: of its row.
        images: gives at most so many, spread over all there are; the same ones whenever it is asked.
        public: whether its images may be shown.
    """

    name: str
    images: Callable[[int], Iterator[Glyph]]
    public: bool = True


@dataclass(frozen=True)
class Rival:
    """What another engine made of some of a test's images: its share right, ours of the same, its milliseconds."""

    engine: Engine
    images: int
    right: int
    ours: int
    milliseconds: float


@dataclass(frozen=True)
class Row:
    """A test: what we made of it, and what the best other engine did.

    Attributes:
        name: of the test.
        found: our readings.
        rival: those of the best other engine; None where there is none.
        alphabet: the one of `ALPHABETS` that all truths are of; "" where there is none.
        bound: share right where the reader is told that alphabet.
    """

    name: str
    found: CharacterEvaluation
    rival: Rival | None
    alphabet: str = ""
    bound: float | None = None

    @property
    def jamo(self) -> list[float | None]:
        """Shares of right initials, medials and finals, of syllables read as syllables; None of no syllable."""
        return jamo(self.found.confusions)


@dataclass(frozen=True)
class Run:
    """A run of training whose own validation is told.

    Attributes:
        name: of its folder.
        images: how many it had seen at its last validation.
        scores: by validation set, top-1, top-5 and the number of images.
        megabytes: of its exported file.
        curve: where it was compressed, rows of its `curve.csv`.
    """

    name: str
    images: int
    scores: dict[str, tuple[float, float, int]]
    megabytes: float
    curve: list[dict[str, str]] = field(default_factory=list)


def trials(recipes: Sequence[Path] = RECIPES, real: Path | None = None, seed: int = 20) -> list[Trial]:
    """Every part of recipes of drawn characters, and every source of a set of people's writing."""
    from geulnun.synth.recipes import load

    found = []
    for path in recipes:
        for part in load(path, "chars").parts:
            found.append(Trial(part.name, _Drawn(part.recipe, seed)))
    if real is not None:
        sources = dict.fromkeys(glyph.facts.get("source", real.name) for glyph in read_set(real))
        found += [Trial(f"{source}, people", _Stored(real, source), public=False) for source in sources]
    return found


@dataclass(frozen=True)
class _Drawn:
    recipe: Any
    seed: int

    def __call__(self, number: int) -> Iterator[Glyph]:
        return drawn(self.recipe.source(), number, self.seed)


@dataclass(frozen=True)
class _Stored:
    path: Path
    source: str

    def __call__(self, number: int) -> Iterator[Glyph]:
        mine = [one for one in read_set(self.path, SetOptions()) if one.facts.get("source", "") == self.source]
        for at in np.unique(np.linspace(0, len(mine) - 1, min(number, len(mine))).astype(int)).tolist():
            yield mine[at]


def measure(
    chosen: Sequence[Trial],
    reader: CharacterRecogniser,
    rivals: Sequence[Engine],
    number: int,
    beside: int,
    told: Callable[[str], CharacterRecogniser] | None = None,
    tell: Progress = lambda name, total, done: None,
) -> list[Row]:
    """Read ``number`` images of each test, and ``beside`` of them with each rival too.

    Args:
        chosen: the tests.
        reader: ours.
        rivals: the other engines.
        number: images of each test at most.
        beside: of these, how many the rivals read.
        told: gives our reader told what it may name; without it no test is read so.
        tell: progress.
    """
    out = []
    for trial in chosen:
        options = RunOptions(wrong=4 * trial.public, right=2 * trial.public, by=("family",))
        progress = partial(tell, trial.name, number)
        found = evaluate(trial.name, "Geulnun", reader, trial.images(number), options, progress)
        rival = _best(list(trial.images(beside)), reader, rivals)
        truths = found.confusions.occurrences
        alphabet, bound = alphabet_of(truths), None
        if told is not None and alphabet and any(char in reader.spec.classes for char in truths):
            bound = evaluate(
                trial.name, "Geulnun", told(ALPHABETS[alphabet]), trial.images(number), RunOptions(wrong=0, right=0),
                partial(tell, f"{trial.name}: {alphabet}", number),
            ).whole.top1  # fmt: skip
        out.append(Row(trial.name, found, rival, alphabet, bound))
    return out


def alphabet_of(chars: Iterable[str]) -> str:
    """The first of `ALPHABETS` that all characters are of; "" where there is none."""
    found = set(chars)
    ranges = {name: characters(text) for name, text in ALPHABETS.items()}
    return next((name for name, holds in ranges.items() if all(map(holds, found))), "")


def _best(glyphs: Sequence[Glyph], reader: CharacterRecogniser, rivals: Sequence[Engine]) -> Rival | None:
    """The rival that has most of some images right; none where their models know nothing but Hangul and ASCII."""
    known = [one for one in glyphs if one.truth.isascii() or _hangul(one.truth)]
    if not rivals or len(known) < len(glyphs) / 2:
        return None
    images = [_rgb(glyph) for glyph in known]
    ours = sum(guess.text == glyph.truth for guess, glyph in zip(reader.read(images), known, strict=True))
    found = []
    for engine in rivals:
        readings = engine.read(images, "char")
        texts = ["".join(line.text for line in one.page.lines).strip() for one in readings]
        right = sum(text == glyph.truth for text, glyph in zip(texts, known, strict=True))
        milliseconds = 1e3 * sum(one.wall for one in readings) / len(readings)
        found.append(Rival(engine, len(known), right, ours, milliseconds))
    return max(found, key=lambda one: one.right)


def _hangul(char: str) -> bool:
    return hangul.is_syllable(char) or char in hangul.COMPATIBILITY_JAMO


def _rgb(glyph: Glyph) -> Any:
    image = glyph.load()
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


def jamo(confusions: Confusions) -> list[float | None]:
    """Shares on the diagonals of the matrices of initials, medials and finals."""
    found = [np.asarray(matrix) for matrix in confusions.jamo.values()]
    return [float(np.trace(matrix) / matrix.sum()) if matrix.sum() else None for matrix in found]


def costs(reader: CharacterRecogniser, rows: Sequence[Row]) -> tuple[float, float]:
    """Milliseconds of an image alone and in batches, with its preparation."""
    examples = [one for row in rows for one in (*row.found.right, *row.found.wrong)]
    if not examples:
        raise MissingInputError("no image that may be kept to time the reader by; leave a drawn test in")
    return timed(reader, [one.glyph for one in examples])


def shown(rows: Sequence[Row], reader: CharacterRecogniser, file: Path | None, each: int = 2) -> list[Explained]:
    """Where the reader looks, for some right and wrong readings of syllables of every test that may be shown."""
    chosen = []
    for row in rows:
        for kept in (row.found.right, row.found.wrong):
            syllables = [
                one for one in kept if hangul.is_syllable(one.glyph.truth) and hangul.is_syllable(one.guess.text)
            ]
            chosen += syllables[: each // 2 or 1]
    return explain(chosen, reader, file, METHODS)[0]


def run(folder: Path) -> Run:
    """What a finished run says of itself.

    Raises:
        MissingInputError: it has not been validated, or nothing was exported.
        DamagedInputError: its scores cannot be read.
    """
    file, model = folder / "scores.jsonl", folder / "character.onnx"
    for one in (file, model):
        if not one.is_file():
            raise MissingInputError(f"{one}: not found; name the folder of a finished run of geulnun train character")
    try:
        last = json.loads(file.read_text("utf-8").splitlines()[-1])
        scores = {name: _joined(list(groups.values())) for name, groups in last["sets"].items()}
        images = int(last["images"])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise DamagedInputError(f"{file}: not the scores of a run ({error!r}); train it anew") from None
    curve = folder / "curve.csv"
    rows = list(csv.DictReader(curve.read_text("utf-8").splitlines())) if curve.is_file() else []
    return Run(folder.name, images, scores, model.stat().st_size / 1e6, rows)


def _joined(groups: Sequence[dict[str, Any]]) -> tuple[float, float, int]:
    """Top-1 and top-5 of all groups of a set together, and how many images that are."""
    images = sum(int(one["images"]) for one in groups)
    shares = (sum(float(one[key]) * int(one["images"]) for one in groups) / max(images, 1) for key in ("top1", "top5"))
    return (*shares, images)  # type: ignore[return-value]  # two shares
