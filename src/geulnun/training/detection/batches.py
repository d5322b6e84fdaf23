"""Batches of crops: sets mixed by their ratios, each batch known from its number alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset, get_worker_info

from geulnun.errors import InputError
from geulnun.synth.sources import part_seed
from geulnun.training.batches import batches_of
from geulnun.training.detection.crops import Crop, crop, nothing
from geulnun.training.detection.kinds import KINDS, Kind
from geulnun.training.detection.options import CropChoice, DetectorTraining, PageSet
from geulnun.training.detection.sets import Pages, Shown, Shuffled, open_set

#: Pages that are tried in place of one that cannot be read.
_TRIES = 10


@dataclass(frozen=True)
class Batch:
    """Crops ready for a network.

    Attributes:
        pages: uint8 (n, 3, h, w).
        maps: float32 (n, C, h / s, w / s), the kind's true maps.
        weights: float32, what each cell counts, as the kind's `encode` gives it.
        problems: what could not be read on the way.
    """

    pages: NDArray[np.uint8]
    maps: NDArray[np.float32]
    weights: NDArray[np.float32]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mix:
    """What batches are made of.

    Attributes:
        kind: of the maps, a key of `geulnun.training.detection.kinds.KINDS`.
        choices: the sets with their ratios.
        texts: folder of texts for drawn pages; None for their recipes' own.
        crops: what of the pages is shown.
        seed: of everything.
        batch: crops in a batch.
    """

    kind: str
    choices: tuple[PageSet, ...]
    texts: Path | None = None
    crops: CropChoice = field(default_factory=CropChoice)
    seed: int = 1
    batch: int = 4

    @classmethod
    def of(cls, options: DetectorTraining) -> Mix:
        """The batches of a run."""
        return cls(options.kind, options.data, options.texts, options.crops, options.seed, options.batch)


class Drawing(Dataset[list[Batch]]):
    """The batch of a number, as a list of one. Each process opens the sets itself."""

    def __init__(self, mix: Mix) -> None:
        self.mix = mix
        self._opened: tuple[int, list[Pages]] | None = None
        self._last: tuple[tuple[int, int], Shown] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {"mix": self.mix, "_opened": None, "_last": None}

    @property
    def kind(self) -> Kind:
        """How truth becomes maps."""
        return KINDS[self.mix.kind]

    @property
    def sets(self) -> list[Pages]:
        """The sets, without end."""
        # A child of fork shares its parent's files, and their places: it opens its own.
        if self._opened is None or self._opened[0] != os.getpid():
            if get_worker_info() is not None:
                cv2.setNumThreads(1)
            self._opened = os.getpid(), [Shuffled(open_set(one, self.mix.texts)) for one in self.mix.choices]
        return self._opened[1]

    def __getitem__(self, number: int) -> list[Batch]:
        """Draw batch ``number``.

        Raises:
            InputError: no page of a set can be read.
        """
        mix, problems = self.mix, list[str]()
        size = mix.crops.size
        if np.random.default_rng((mix.seed, 3, number)).random() < 0.5:
            size = size[1], size[0]
        crops = [self._crop(number * mix.batch + at, *size, problems) for at in range(mix.batch)]
        drawn = [self.kind.encode(one.shapes, *size) for one in crops]
        pages = np.stack([one.pixels.transpose(2, 0, 1) for one in crops])
        maps, weights = (np.stack([pair[at] for pair in drawn]) for at in range(2))
        return [Batch(np.ascontiguousarray(pages), maps, weights, tuple(problems))]

    def _crop(self, number: int, height: int, width: int, problems: list[str]) -> Crop:
        choice = self.mix.crops
        rng = np.random.default_rng((self.mix.seed, 2, number))
        if rng.random() < choice.nothing:
            return nothing(height, width, rng)
        # The crops of a page follow each other.
        return crop(self._page(number // choice.cuts, problems), height, width, choice, rng)

    def _page(self, index: int, problems: list[str]) -> Shown:
        """The page that comes ``index``-th in the mixture; the next one of its set where it cannot be read."""
        mix, ratios = self.mix, np.array([one.ratio for one in self.mix.choices])
        roll = np.random.default_rng((mix.seed, 1, index)).random() * ratios.sum()
        at = min(int(np.searchsorted(np.cumsum(ratios), roll, side="right")), len(ratios) - 1)
        if self._last is not None and self._last[0] == (at, index):
            return self._last[1]
        for more in range(_TRIES):
            try:
                shown = self.sets[at].page(index + more, part_seed(mix.seed, at))
            except InputError as error:
                problems.append(str(error))
            else:
                self._last = (at, index), shown
                return shown
        raise InputError(f"{mix.choices[at].title}: {_TRIES} pages in a row cannot be read ({problems[-1]})")


class Batches:
    """The batches from a step on, without end, drawn in ``workers`` processes (0: in this one)."""

    def __init__(self, mix: Mix, step: int, workers: int) -> None:
        self.mix, self.step, self.workers = mix, step, workers

    def __iter__(self) -> Iterator[Batch]:
        return batches_of(Drawing(self.mix), 1, self.step, self.workers)
