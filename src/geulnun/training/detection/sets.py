"""Pages to learn from: drawn ones, and stored ones in any format that `geulnun.data` reads.

A set gives the page of an index: the same index and seed give the same page in any process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.data import DataSet, Sample
from geulnun.decode.shapes import Shapes
from geulnun.document import Page
from geulnun.errors import InputError, MissingInputError, RecipeError
from geulnun.runtime.recogniser import Recogniser
from geulnun.synth import recipes
from geulnun.synth.sample import Source
from geulnun.training.characters.sets import on_side
from geulnun.training.detection import weak
from geulnun.training.detection.options import PageSet

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Shown:
    """A page with its truth: RGB uint8 (h, w, 3), its words and characters, and what it is called in reports."""

    pixels: Pixels
    shapes: Shapes
    name: str = ""


class Pages(Protocol):
    """Pages by index."""

    @property
    def size(self) -> int | None:
        """How many there are; None where there is no end."""

    def page(self, index: int, seed: int) -> Shown:
        """The page of an index.

        Raises:
            InputError: it cannot be read.
        """


class Drawn:
    """Pages of a recipe of `geulnun.synth`, without end."""

    size = None

    def __init__(self, source: Source) -> None:
        self._source = source

    def page(self, index: int, seed: int) -> Shown:
        """Draw a page."""
        sample = self._source.sample(index, seed)
        return Shown(in_colour(sample.image), Shapes.of_page(sample.page), str(sample.facts.get("kind", "")))


class Stored:
    """Pages of a stored set; images are opened when asked for.

    Args:
        samples: those of the set that have an image.
        guess: whether boxes of characters are guessed where there are none.
    """

    def __init__(self, samples: Sequence[Sample], guess: bool = False) -> None:
        self._samples, self._guess = samples, guess
        self._guessed: dict[int, Page] = {}
        self.size = len(samples)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(threads=1)

    def page(self, index: int, seed: int) -> Shown:
        """Read a page, the same for every seed; what is guessed of it is guessed once."""
        sample = self._samples[index]
        assert sample.image is not None
        pixels = in_colour(sample.image.pixels())
        page = self._guessed.get(index, sample.page)
        if self._guess and index not in self._guessed:
            page = self._guessed[index] = weak.guessed(page, pixels, self._recogniser)
        shapes = Shapes.of_page(page)
        if (page.width, page.height) != (pixels.shape[1], pixels.shape[0]):
            raise InputError(
                f"{sample.image.place}: {pixels.shape[1]} x {pixels.shape[0]} pixels, but its label says "
                f"{page.width} x {page.height}; the boxes would lie elsewhere"
            )
        return Shown(pixels, shapes, sample.name)


class Shuffled:
    """A set without end made of one with an end, gone through again and again, each time in a new order."""

    size = None

    def __init__(self, inner: Pages) -> None:
        self._inner = inner

    def page(self, index: int, seed: int) -> Shown:
        """The page that comes ``index``-th."""
        size = self._inner.size
        if size is None:
            return self._inner.page(index, seed)
        turn, place = divmod(index, size)
        order = np.random.default_rng((seed, turn, size)).permutation(size)
        return self._inner.page(int(order[place]), seed)


def open_set(choice: PageSet, texts: Path | None = None) -> Pages:
    """Open a set.

    Args:
        choice: which.
        texts: folder of texts for drawn pages, instead of the recipe's.

    Raises:
        MissingInputError: nothing is there.
        InputError: it is not known what it is, or no page of it can be used.
        RecipeError: of a recipe of drawn pages; or the set does not tell what it could be parted by.
    """
    if choice.drawn:
        plan = recipes.load(choice.path, None, texts, choice.split)
        if plan.verb not in ("pages", "scenes"):
            raise RecipeError(f"{choice.path}: it draws {plan.verb}; detectors learn from recipes of pages and scenes")
        return Drawn(plan.source())
    return Stored(_samples(choice), choice.weak)


def _samples(choice: PageSet) -> list[Sample]:
    if not choice.path.exists():
        raise MissingInputError(f"{choice.path}: no such set of pages; name a folder, an archive or a recipe (.yaml)")
    found = [one for one in DataSet(choice.path, choice.format).samples(lambda _: None) if one.image is not None]
    if choice.side is not None:
        kept = on_side([one.facts for one in found], choice.side, choice.title)
        found = [one for one, mine in zip(found, kept, strict=True) if mine]
    if not found:
        raise InputError(f"{choice.path}: no page of it has an image; look at its labels and at side")
    return found[: choice.count]


def in_colour(image: Pixels) -> Pixels:
    """An image (h, w) or (h, w, 3) as RGB."""
    return image if image.ndim == 3 else np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)


def without_curves(shown: Shown, most: float = 0.2) -> Shown:
    """The page with words that are bent marked as unknown, since no quad fits them.

    A word is bent where the centre of a character is more than ``most`` of its characters' height off the line between
    the centres of its first and last one.
    """
    shapes = shown.shapes
    bent = np.zeros(len(shapes.words), bool)
    if len(shapes.chars):
        centres = shapes.chars.mean(1)
        heights = np.linalg.norm(shapes.chars[:, 3] - shapes.chars[:, 0], axis=1)
        for word in np.unique(shapes.word_of[shapes.word_of >= 0]).tolist():
            mine = shapes.word_of == word
            points = centres[mine]
            chord = points[-1] - points[0]
            length = float(np.linalg.norm(chord))
            if len(points) > 2 and length > 0:
                away = np.abs((points - points[0]) @ np.array([-chord[1], chord[0]])) / length
                bent[word] = away.max() > most * heights[mine].mean()
    return replace(shown, shapes=replace(shapes, known=shapes.known & ~bent))
