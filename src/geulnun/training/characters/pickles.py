"""KoOCR's pickles, a few at a time: their images together are more than memory holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.data import DataSet

Image = NDArray[np.uint8]
Facts = Mapping[str, str | int | float]


def listed(file: Path) -> Iterator[tuple[str, Facts]]:
    """Label and facts of each image of a pickle; raises as `geulnun.data.DataSet` does."""
    for sample in DataSet(file, "koocr").samples():
        yield hangul.normalise(sample.page.text).strip(), sample.facts


class Pickled:
    """Images of pickles, listed once by their labels.

    Args:
        files: the pickles.
        words: gives what a label is to be named; None for one that is left out.
        at_once: how many files' images are held at once.

    Raises:
        InputError: a file is none of KoOCR's pickles.
    """

    def __init__(self, files: Sequence[Path], words: Callable[[str], str | None], at_once: int) -> None:
        self._files, self._at_once = files, at_once
        self._held: dict[int, list[Image]] = {}
        self._items: list[tuple[int, int, str]] = []
        self._facts: list[Facts] = []
        for number, file in enumerate(files):
            rows = list(listed(file))
            self._facts.append(rows[0][1] if rows else {})
            named = ((place, words(label)) for place, (label, _) in enumerate(rows))
            self._items += [(number, place, text) for place, text in named if text is not None]

    @property
    def size(self) -> int:
        """How many images there are."""
        return len(self._items)

    def item(self, index: int) -> tuple[Image, str, Facts]:
        """Image, text and facts of an index; the file that was asked for longest ago makes room."""
        number, place, text = self._items[index]
        if number in self._held:
            self._held[number] = self._held.pop(number)
        else:
            while len(self._held) >= self._at_once:
                del self._held[next(iter(self._held))]
            images = DataSet(self._files[number], "koocr").samples()
            self._held[number] = [one.image.pixels() for one in images if one.image is not None]
        return self._held[number][place], text, self._facts[number]

    def order(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """All indices once: files in any order, and so many at a time, whose images are mixed."""
        rank = rng.permutation(len(self._files)) // self._at_once
        window = np.array([rank[number] for number, _, _ in self._items], np.int64)
        return np.lexsort((rng.random(self.size), window))
