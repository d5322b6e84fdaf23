"""Batches of lines without labels: two views of each line, ready for a network.

As `geulnun.training.batches` does for labelled lines, the batch of a step follows from the seed and the step alone.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from geulnun.data import SampleImage
from geulnun.errors import InputError, MissingInputError, RecipeError
from geulnun.image import ops
from geulnun.spec import LineSpec
from geulnun.synth import recipes
from geulnun.synth.sources import part_seed
from geulnun.training.batches import BUCKET, WIDEST, alike, batches_of
from geulnun.training.sets import Drawn, Image, LineSet, Shuffled, Stored, stored
from geulnun.training.unlabelled_options import ImageChoice, ViewChoice
from geulnun.training.views import view

#: Two views of a line as the network takes them: float32 (H, w) or (3, H, w).
Both = tuple[NDArray[np.float32], NDArray[np.float32]]

#: Files that a folder of lines is made of.
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"))


@dataclass(frozen=True)
class Views:
    """One view of each line of a batch: inputs (N, C, H, W) float16 and the columns (N,) that each line fills."""

    inputs: NDArray[np.float16]
    widths: NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Two views of the same lines, line by line, and what could not be read on the way."""

    first: Views
    second: Views
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairMix:
    """What batches of pairs are made of.

    Attributes:
        choices: the sets with their ratios.
        spec: the network's input.
        first: how one view is drawn.
        second: how the other one is.
        texts: folder of texts of drawn sets that name none.
        seed: of everything.
        batch: lines in a batch of all devices.
        group: batches that are drawn together and sorted by width.
        rank: which device this is.
        world: how many there are.
    """

    choices: tuple[ImageChoice, ...]
    spec: LineSpec
    first: ViewChoice
    second: ViewChoice
    texts: Path | None = None
    seed: int = 1
    batch: int = 32
    group: int = 1
    rank: int = 0
    world: int = 1

    @property
    def shares(self) -> list[int]:
        """Lines of each set in a batch: its ratio of them, one at least."""
        whole = sum(choice.ratio for choice in self.choices)
        return [max(1, round(self.batch * choice.ratio / whole)) for choice in self.choices]


def open_images(choice: ImageChoice, texts: Path | None = None) -> LineSet:
    """Open a set of images; every line of it has the text "".

    Raises:
        MissingInputError: nothing is there.
        InputError: no image is in it.
        RecipeError: of a recipe of drawn lines.
    """
    if choice.drawn:
        plan = recipes.load(choice.path, None, choice.texts or texts, choice.split)
        if plan.verb not in ("lines", "words"):
            raise RecipeError(f"{choice.path}: it draws {plan.verb}; expected a recipe of lines or words")
        return Drawn(plan.source(), _wordless)
    if not choice.path.exists():
        raise MissingInputError(f"{choice.path}: no such folder of line images; name one, or a recipe (.yaml)")
    files = image_files(choice.path) if choice.format == "auto" else []
    found = Stored(
        ((partial(_pixels, file), "") for file in files) if files else stored(choice.path, choice.format), _wordless
    )
    if not found.size:
        raise InputError(f"{choice.path}: no image of a line in it; a folder may hold {', '.join(sorted(SUFFIXES))}")
    return found


def image_files(folder: Path) -> list[Path]:
    """The image files below a folder, or the one that is named, in the order of their paths."""
    below = folder.rglob("*") if folder.is_dir() else [folder]
    return sorted(path for path in below if path.suffix.lower() in SUFFIXES and path.is_file())


def _wordless(label: str) -> str:
    """No label gets past this, so nothing can be learnt from one by mistake."""
    return ""


def _pixels(file: Path) -> Image:
    return SampleImage(str(file), file.read_bytes).pixels()


def pair_of(image: Image, seed: Sequence[int], mix: PairMix) -> Both | None:
    """Two views of a line as the network takes them; None of a line that is too wide for it."""
    spec = mix.spec
    if spec.direction == "down":
        image, spec = np.asarray(np.rot90(image), np.uint8), replace(spec, direction="across")
    seen = []
    for number, choice in enumerate((mix.first, mix.second)):
        drawn, _ = view(image, np.random.default_rng((*seed, number)), choice, spec)
        seen.append(ops.line_input(drawn, spec))
    if spec.width is None and max(one.shape[-1] for one in seen) > WIDEST:
        return None
    return seen[0], seen[1]


class PairChunks(Dataset[list[Pair]]):
    """The chunk of a number: its batches of pairs, or of each the part of this device."""

    def __init__(self, mix: PairMix) -> None:
        self.mix = mix
        self._opened: tuple[int, list[LineSet]] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {"mix": self.mix, "_opened": None}

    @property
    def sets(self) -> list[LineSet]:
        """The sets, without end; each process opens its own."""
        if self._opened is None or self._opened[0] != os.getpid():
            opened = [Shuffled(open_images(one, self.mix.texts)) for one in self.mix.choices]
            self._opened = os.getpid(), list[LineSet](opened)
        return self._opened[1]

    def __getitem__(self, number: int) -> list[Pair]:
        """Draw chunk ``number``.

        Raises:
            InputError: none of its lines can be used.
        """
        mix, problems = self.mix, list[str]()
        pairs = [pair for at, share in enumerate(mix.shares) for pair in self._pairs(at, share, number, problems)]
        if not pairs:
            why = problems[0] if problems else "they are too wide"
            raise InputError(f"{mix.choices[0].path}: none of {mix.group * sum(mix.shares)} lines can be used ({why})")
        parts = _parts(pairs, mix)
        order = np.random.default_rng((mix.seed, number, mix.group)).permutation(mix.group)
        batches = [_pair(parts[at], mix.spec) for at in order.tolist()]
        return [replace(batches[0], problems=tuple(problems)), *batches[1:]]

    def _pairs(self, at: int, share: int, number: int, problems: list[str]) -> Iterator[Both]:
        mix = self.mix
        count, seed = share * mix.group, part_seed(mix.seed, at)
        for index in range(number * count + mix.rank, (number + 1) * count, mix.world):
            try:
                line = self.sets[at].line(index, seed)
            except InputError as error:
                problems.append(str(error))
                continue
            pair = pair_of(line.image, (seed, 2, index), mix) if line is not None else None
            if pair is not None:
                yield pair


def _parts(pairs: list[Both], mix: PairMix) -> list[list[Both]]:
    """Pairs cut into a chunk's batches: by width where widths differ, in their order where they do not."""
    if len(pairs) < mix.group:
        pairs = list(itertools.islice(itertools.cycle(pairs), mix.group))
    if mix.spec.width is None:
        pairs = sorted(pairs, key=lambda pair: pair[1].shape[-1])
        (cuts,) = alike([[pair[1].shape[-1] for pair in pairs]], mix.group)
        if any(first == last for first, last in itertools.pairwise(cuts)):
            cuts = [len(pairs) * at // mix.group for at in range(mix.group + 1)]
    else:
        # Every set has its share in each batch: the lines of a set stand together, so every group-th is taken.
        return [pairs[at :: mix.group] for at in range(mix.group)]
    return [pairs[first:last] for first, last in itertools.pairwise(cuts)]


def _pair(lines: Sequence[Both], spec: LineSpec) -> Pair:
    return Pair(_views([first for first, _ in lines], spec), _views([second for _, second in lines], spec))


def _views(inputs: Sequence[NDArray[np.float32]], spec: LineSpec) -> Views:
    widths = np.array([one.shape[-1] for one in inputs])
    step = int(np.lcm(BUCKET, spec.multiple))
    width = spec.width or -(-int(widths.max()) // step) * step
    return Views(ops.line_batch(inputs, width, spec).astype(np.float16), widths)


class Pairs:
    """The batches of pairs from a step on, without end, drawn in ``workers`` processes (0: in this one)."""

    def __init__(self, mix: PairMix, step: int, workers: int) -> None:
        self.mix, self.step, self.workers = mix, step, workers

    def __iter__(self) -> Iterator[Pair]:
        return batches_of(PairChunks(self.mix), self.mix.group, self.step, self.workers)
