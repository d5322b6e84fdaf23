"""How often a recogniser of characters is right, what it takes for what, and examples of both."""

from __future__ import annotations

import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from geulnun import __version__, hangul
from geulnun.errors import InputError, MissingInputError, UsageError
from geulnun.evaluate.alignment import Ints
from geulnun.evaluate.characters.sets import FONT, HAND, OTHER, PRINTED, Glyph, Pixels
from geulnun.evaluate.confusion import LETTERS, Confusions
from geulnun.runtime.characters import BATCH, CharacterGuess, CharacterRecogniser

Progress = Callable[[int], None]
GROUPS = (PRINTED, FONT, HAND, OTHER)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a recogniser is measured.

    Attributes:
        n: a character counts as found where it is among the n best.
        wrong: how many wrong readings are kept with their images, the surest ones.
        right: how many right ones, drawn at random.
        by: facts of the set whose values get rows of their own, such as "font" or "writer".
        seed: of what is drawn at random.
    """

    n: int = 5
    wrong: int = 100
    right: int = 6
    by: tuple[str, ...] = ()
    seed: int = 20

    def __post_init__(self) -> None:
        for name, least in (("n", 1), ("wrong", 0), ("right", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"{name} is {getattr(self, name)}; expected {least} or more")


@dataclass(slots=True)
class Score:
    """Counts of one group of images.

    Attributes:
        images: how many.
        first: of these, those whose best character is the truth.
        among: those with the truth among the n best.
        unnamed: those for which no character was named; they are wrong.
    """

    images: int = 0
    first: int = 0
    among: int = 0
    unnamed: int = 0

    def add(self, truth: str, guess: CharacterGuess) -> None:
        """Count one image."""
        self.images += 1
        self.first += guess.text == truth
        self.among += any(text == truth for text, _ in guess.alternatives)
        self.unnamed += not guess.alternatives

    @property
    def top1(self) -> float:
        """Share whose best character is right; 0 of none."""
        return self.first / max(self.images, 1)

    @property
    def topn(self) -> float:
        """Share with the truth among the n best; 0 of none."""
        return self.among / max(self.images, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """An image and what was made of it."""

    glyph: Glyph
    image: Pixels
    guess: CharacterGuess

    @property
    def right(self) -> bool:
        """Whether the best character is the truth."""
        return self.guess.text == self.glyph.truth


@dataclass(frozen=True, slots=True, eq=False)
class CharacterEvaluation:
    """Everything a report tells.

    Attributes:
        title: what was read, in words.
        model: what read it.
        options: how.
        date: when, ISO 8601.
        version: of this package.
        whole: all images.
        groups: printed, handwriting fonts and handwritten apart, those that there are.
        facts: by fact asked for, its values.
        confusions: which character was taken for which, and the jamo of syllables that were read as syllables.
        outside: characters of the truth that the recogniser cannot write, with their counts; they are wrong.
        wrong: wrong readings, the surest first.
        right: right ones.
        milliseconds: of one image, in batches of `BATCH`, with its preparation.
        left_out: images that could not be read, and why.
    """

    title: str
    model: str
    options: RunOptions
    whole: Score
    groups: Mapping[str, Score]
    facts: Mapping[str, Mapping[str, Score]]
    confusions: Confusions
    outside: Counter[str]
    wrong: tuple[Example, ...]
    right: tuple[Example, ...]
    milliseconds: float
    left_out: tuple[str, ...] = ()
    date: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    version: str = __version__


def evaluate(
    title: str,
    model: str,
    recogniser: CharacterRecogniser,
    glyphs: Iterable[Glyph],
    options: RunOptions | None = None,
    progress: Progress = lambda _: None,
) -> CharacterEvaluation:
    """Read every image of a set, in batches; only examples are kept in memory.

    Args:
        title: what the report calls the set.
        model: what it calls the recogniser.
        recogniser: who reads.
        glyphs: the set.
        options: how.
        progress: told how many images have been read.

    Raises:
        MissingInputError: there is not one image that can be read.
    """
    tally = _Tally(recogniser, options or RunOptions())
    glyphs = iter(glyphs)
    while batch := list(itertools.islice(glyphs, BATCH)):
        tally.read(batch)
        progress(tally.whole.images)
    if not tally.whole.images:
        because = f"; the first: {tally.left_out[0]}" if tally.left_out else ""
        raise MissingInputError(f"{title}: no image of a character in it{because}")
    return tally.evaluation(title, model)


class _Tally:
    """What is counted while a set is read."""

    def __init__(self, recogniser: CharacterRecogniser, options: RunOptions) -> None:
        self.recogniser, self.options = recogniser, options
        self.whole = Score()
        self.groups: dict[str, Score] = {}
        self.facts: dict[str, dict[str, Score]] = {name: {} for name in options.by}
        self.faults: Counter[tuple[str, str]] = Counter()
        self.occurrences: Counter[str] = Counter()
        self.outside: Counter[str] = Counter()
        self.left_out: list[str] = []
        self.seconds = 0.0
        self._wrong: list[tuple[float, int, Example]] = []
        self._right: list[Example] = []
        self._rng = np.random.default_rng(options.seed)

    def read(self, glyphs: list[Glyph]) -> None:
        """Read and count a batch."""
        loaded: list[tuple[Glyph, Pixels]] = []
        for glyph in glyphs:
            try:
                # A copy, as one kept as an example must not hold the whole array it is a part of.
                loaded.append((glyph, glyph.load().copy()))
            except InputError as error:
                self.left_out.append(str(error))
        begun = time.perf_counter()
        guesses = self.recogniser.read([image for _, image in loaded], self.options.n)
        self.seconds += time.perf_counter() - begun
        for (glyph, image), guess in zip(loaded, guesses, strict=True):
            self._count(Example(glyph, image, guess))

    def _count(self, one: Example) -> None:
        glyph, guess = one.glyph, one.guess
        rows = [self.whole, self.groups.setdefault(glyph.group, Score())]
        rows += [values.setdefault(glyph.facts.get(name, "–"), Score()) for name, values in self.facts.items()]
        for row in rows:
            row.add(glyph.truth, guess)
        self.occurrences[glyph.truth] += 1
        if glyph.truth not in self.recogniser.spec.classes:
            self.outside[glyph.truth] += 1
        if one.right:
            self._keep_right(one)
            return
        self.faults[glyph.truth, guess.text] += 1
        heapq.heappush(self._wrong, (guess.confidence, -self.whole.images, one))
        if len(self._wrong) > self.options.wrong:
            heapq.heappop(self._wrong)

    def _keep_right(self, one: Example) -> None:
        """Each right one is kept with the same chance (reservoir sampling)."""
        if len(self._right) < self.options.right:
            self._right.append(one)
        elif self.options.right:
            at = int(self._rng.integers(self.whole.first))
            if at < self.options.right:
                self._right[at] = one

    def evaluation(self, title: str, model: str) -> CharacterEvaluation:
        """What came of it."""
        jamo = matrices(self.faults, self.occurrences)
        errors = self.faults.total()
        confusions = Confusions(
            self.faults, self.occurrences, jamo, self.whole.images, self.whole.first, 0, 0, 0, errors
        )  # fmt: skip
        wrong = tuple(example for _, _, example in sorted(self._wrong, key=lambda item: (-item[0], -item[1])))
        groups = {name: self.groups[name] for name in GROUPS if name in self.groups}
        return CharacterEvaluation(
            title, model, self.options, self.whole, groups, self.facts, confusions, self.outside, wrong,
            tuple(self._right), 1e3 * self.seconds / self.whole.images, tuple(self.left_out),
        )  # fmt: skip


def matrices(faults: Mapping[tuple[str, str], int], occurrences: Mapping[str, int]) -> dict[str, Ints]:
    """By place of a syllable, counts (letters, letters) with the truth by rows, of syllables read as syllables."""
    out: dict[str, NDArray[np.int64]] = {
        place: np.zeros((len(letters), len(letters)), np.int64) for place, letters in LETTERS.items()
    }
    wrong: Counter[str] = Counter()
    pairs = list(faults.items())
    for (wanted, _), many in pairs:
        wrong[wanted] += many
    pairs += [((char, char), many - wrong[char]) for char, many in occurrences.items()]
    for (wanted, found), many in pairs:
        if hangul.is_syllable(wanted) and hangul.is_syllable(found):
            for matrix, i, j in zip(out.values(), hangul.split(wanted), hangul.split(found), strict=True):
                matrix[i, j] += many
    return out


def interval(right: int, images: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927), which holds near 0 and 1 too; (0, 1) of no image."""
    if not images:
        return 0.0, 1.0
    z = 1.959964
    share, of = right / images, z * z / images
    middle, half = share + of / 2, z * sqrt(share * (1 - share) / images + of / (4 * images))
    return max(0.0, (middle - half) / (1 + of)), min(1.0, (middle + half) / (1 + of))
