"""Batches of lines: sets mixed by their ratios, drawn in chunks whose number says what is in them.

A chunk is as many batches as are drawn together. Its lines follow from the seed and the chunk's number, each set gives
its share of every batch, and the batches of a chunk hold lines of like widths. So the batch of a step is known from the
step alone: a run that was stopped goes on with the batches it would have seen, and each of several devices draws its
own part of every batch.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from geulnun.errors import InputError
from geulnun.image import ops
from geulnun.spec import LineSpec
from geulnun.synth import wear
from geulnun.synth.sources import part_seed
from geulnun.training.options import AugmentChoice, SetChoice
from geulnun.training.sets import Image, Line, LineSet, Shuffled, Words, open_set

T = TypeVar("T")

#: Padded widths are multiples of this, so that there are few shapes and few kernels to build.
BUCKET = 64
#: Lines wider than this are left out where the network takes any width.
WIDEST = 1_152
#: Where batches are measured in columns: the share of them that a narrow line takes at least.
LEAST_SHARE = 160
#: Batches in a chunk of lines that differ in width: more leave fewer columns empty, and take longer to come.
GROUP = 24
#: How far a cut between batches moves to where padded widths change, in parts of a batch.
NEAR = 0.3


@dataclass(frozen=True)
class LineBatch:
    """Lines ready for a network.

    Attributes:
        inputs: (N, C, H, W) float16.
        widths: columns that each line fills.
        labels: class ids of each line.
        texts: the texts.
        problems: what could not be read on the way.
    """

    inputs: NDArray[np.float16]
    widths: NDArray[np.int64]
    labels: list[list[int]]
    texts: list[str]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fit:
    """How many steps a network gives a line, for those that have to write a text in them (CTC).

    Attributes:
        steps: of every line, for a network of one width; None where they follow from the line's own.
        stride: columns a step, where they do.
    """

    steps: int | None = None
    stride: float = 4.0

    def of(self, width: int) -> int:
        """Steps of a line of ``width`` columns."""
        return self.steps if self.steps is not None else int(-(-width // self.stride))

    def holds(self, width: int, text: str) -> bool:
        """Whether the text can be written: a step each character, and one between repeats."""
        return self.of(width) >= len(text) + sum(a == b for a, b in itertools.pairwise(text))


@dataclass(frozen=True)
class Mix:
    """What batches are made of.

    Attributes:
        choices: the sets with their ratios.
        words: what is kept of labels.
        spec: the network's input.
        fit: steps of lines; None for networks that write as many characters as they like.
        augment: what is done to lines of stored sets.
        texts: folder of texts of drawn sets.
        seed: of everything.
        batch: lines in a batch of all devices.
        group: batches in a chunk.
        rank: which device this is.
        world: how many there are.
    """

    choices: tuple[SetChoice, ...]
    words: Words
    spec: LineSpec
    fit: Fit | None = None
    augment: AugmentChoice = field(default_factory=AugmentChoice)
    texts: Path | None = None
    seed: int = 1
    batch: int = 64
    group: int = 1
    rank: int = 0
    world: int = 1

    @property
    def shares(self) -> list[int]:
        """Lines of each set in a batch: its ratio of them, one at least."""
        whole = sum(choice.ratio for choice in self.choices)
        return [max(1, round(self.batch * choice.ratio / whole)) for choice in self.choices]


class Chunks(Dataset[list[LineBatch]]):
    """The chunk of a number: its batches, or of each the part of this device. Each process opens the sets itself."""

    def __init__(self, mix: Mix) -> None:
        self.mix = mix
        self._opened: tuple[int, list[LineSet]] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {"mix": self.mix, "_opened": None}

    @property
    def sets(self) -> list[LineSet]:
        """The sets, without end."""
        # A child of fork shares its parent's files, and their places: it opens its own.
        if self._opened is None or self._opened[0] != os.getpid():
            opened = [Shuffled(open_set(one, self.mix.words, self.mix.texts)) for one in self.mix.choices]
            self._opened = os.getpid(), list[LineSet](opened)
        return self._opened[1]

    def __getitem__(self, number: int) -> list[LineBatch]:
        """Draw chunk ``number``.

        Raises:
            InputError: none of its lines can be used.
        """
        mix, problems = self.mix, list[str]()
        drawn = [self._lines(at, share, number, problems) for at, share in enumerate(mix.shares)]
        if not any(map(len, drawn)):
            why = problems[0] if problems else "their texts are longer than the network has steps for"
            raise InputError(f"{mix.choices[0].title}: none of {mix.group * sum(mix.shares)} lines can be used ({why})")
        parts = dealt(drawn, mix) if mix.spec.width is not None else sorted_by_width(drawn, mix.group)
        order = np.random.default_rng((mix.seed, number, mix.group)).permutation(mix.group)
        batches = [self._batch([ready for _, ready in parts[at]]) for at in order.tolist()]
        return [replace(batches[0], problems=tuple(problems)), *batches[1:]]

    def _lines(self, at: int, share: int, number: int, problems: list[str]) -> list[tuple[int, Ready]]:
        """This device's lines of set ``at``: the place of each in the chunk, and the line."""
        mix = self.mix
        count, choice = share * mix.group, mix.choices[at]
        seed = part_seed(mix.seed, at)
        kept: list[tuple[int, Ready]] = []
        for place in range(mix.rank, count, mix.world):
            index = number * count + place
            try:
                line = self.sets[at].line(index, seed)
            except InputError as error:
                problems.append(str(error))
                continue
            if line is not None:
                ready = prepared(line, mix, choice.augment and not choice.drawn, (seed, 1, index))
                if ready is not None:
                    kept.append((place, ready))
        return kept

    def _batch(self, lines: list[Ready]) -> LineBatch:
        spec, classes = self.mix.spec, self.mix.words.classes
        inputs = [line.input for line in lines]
        widths = np.array([one.shape[-1] for one in inputs])
        step = int(np.lcm(BUCKET, spec.multiple))
        width = spec.width or -(-int(widths.max()) // step) * step
        stacked = ops.line_batch(inputs, width, spec).astype(np.float16)
        texts = [line.text for line in lines]
        return LineBatch(stacked, widths, [classes.encode(text) for text in texts], texts)


@dataclass(frozen=True)
class Ready:
    """A line as the network takes it: float32 (H, w) or (3, H, w), and its text."""

    input: NDArray[np.float32]
    text: str


def prepared(line: Line, mix: Mix, augment: bool, seed: tuple[int, ...]) -> Ready | None:
    """A line as the network takes it; None where it cannot be written or is too wide."""
    image = line.image
    if augment and mix.augment.chance:
        rng = np.random.default_rng(seed)
        if rng.random() < mix.augment.chance:
            image, _ = wear.apply(image, rng, mix.augment.wear, em=0.7 * image.shape[0])
    if mix.augment.contrast:
        image = raised(image, mix.augment.contrast)
    made = ops.line_input(image, mix.spec)
    width = made.shape[-1]
    if mix.spec.width is None and width > WIDEST:
        return None
    if mix.fit is not None and not mix.fit.holds(width, line.text):
        return None
    return Ready(made, line.text)


def raised(image: Image, least: float) -> Image:
    """An image whose contrast is below ``least``, stretched; EasyOCR's `contrast_adjust`.

    Contrast is (p90 - p10) / (p90 + p10) of the grey levels. What is below it becomes grey, is moved so that p10 stands
    at 25, and multiplied by 200 / (p90 - p10).
    """
    grey = ops.to_grey(image)
    low, high = (float(level) for level in np.percentile(grey, (10, 90)))
    if (high - low) / max(10.0, high + low) >= least:
        return image
    scaled = (grey.astype(np.float32) - low + 25) * (200 / max(10.0, high - low))
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)


def dealt(drawn: Sequence[Sequence[tuple[int, Ready]]], mix: Mix) -> list[list[tuple[int, Ready]]]:
    """Lines of one width, by their places: the first ``share`` of each set make the first batch, and so on."""
    parts: list[list[tuple[int, Ready]]] = [[] for _ in range(mix.group)]
    for lines, share in zip(drawn, mix.shares, strict=True):
        for place, ready in lines:
            parts[place // share].append((place, ready))
    return _filled(parts)


def sorted_by_width(drawn: Sequence[Sequence[tuple[int, Ready]]], group: int) -> list[list[tuple[int, Ready]]]:
    """Lines cut into ``group`` batches of like widths that cost alike, every set's share in each of them."""
    ordered = [sorted(lines, key=lambda one: (one[1].input.shape[-1], one[0])) for lines in drawn]
    cuts = alike([[ready.input.shape[-1] for _, ready in lines] for lines in ordered], group)
    parts = [
        [one for lines, at in zip(ordered, cuts, strict=True) for one in lines[at[number] : at[number + 1]]]
        for number in range(group)
    ]
    return _filled(parts)


def alike(widths: Sequence[Sequence[int]], group: int) -> list[list[int]]:
    """Where to cut lists of ascending widths: at the same shares of each, so that the ``group`` parts cost alike.

    What a part costs is the padded width of each line beside its neighbours in the other lists; a narrow line costs as
    much as one `LEAST_SHARE`-th of a part at least, or batches of it would be huge. A cut that lies near one moves to
    where padded widths change, so that fewer lines are padded to a neighbour's width.
    """
    total = sum(map(len, widths))
    middle = (np.arange(total) + 0.5) / max(total, 1)
    columns = [np.asarray(one)[(middle * len(one)).astype(np.int64)] for one in widths if len(one)]
    padded = -(-np.max(columns, axis=0) // BUCKET) * BUCKET
    cost = np.cumsum(np.maximum(padded, padded.sum() / group / LEAST_SHARE))
    cuts = [0, *np.searchsorted(cost, cost[-1] * np.arange(1, group) / group).tolist(), total]
    changes = np.flatnonzero(np.diff(padded)) + 1
    for at in range(1, group if len(changes) else 1):
        near = int(changes[np.abs(changes - cuts[at]).argmin()])
        reach = NEAR * (cuts[at + 1] - cuts[at - 1]) / 2
        if abs(near - cuts[at]) <= reach and cuts[at - 1] < near < cuts[at + 1]:
            cuts[at] = near
    shares = np.array(cuts) / max(total, 1)
    return [np.round(shares * len(one)).astype(int).tolist() for one in widths]


def _filled(parts: list[list[tuple[int, Ready]]]) -> list[list[tuple[int, Ready]]]:
    """The parts, or all lines dealt out anew where one is empty; too few are repeated."""
    if all(parts):
        return parts
    lines = [one for part in parts for one in part]
    lines = list(itertools.islice(itertools.cycle(lines), max(len(parts), len(lines))))
    cuts = [len(lines) * number // len(parts) for number in range(len(parts) + 1)]
    return [lines[first:last] for first, last in itertools.pairwise(cuts)]


class _From(Sampler[int]):
    """Chunk numbers from one on, without end."""

    def __init__(self, first: int) -> None:
        self.first = first

    def __iter__(self) -> Iterator[int]:
        return itertools.count(self.first)


class Batches:
    """The batches from a step on, without end, drawn in ``workers`` processes (0: in this one)."""

    def __init__(self, mix: Mix, step: int, workers: int) -> None:
        self.mix, self.step, self.workers = mix, step, workers

    def __iter__(self) -> Iterator[LineBatch]:
        return batches_of(Chunks(self.mix), self.mix.group, self.step, self.workers)


def batches_of(chunks: Dataset[list[T]], group: int, step: int, workers: int) -> Iterator[T]:
    """The batches of chunks of ``group`` batches each, from batch ``step`` on, drawn in ``workers`` processes."""
    first, skip = divmod(step, group)
    loader = DataLoader(
        chunks,
        batch_size=None,
        sampler=_From(first),
        num_workers=workers,
        prefetch_factor=2 if workers else None,
        # Arrays go through a pipe: shared memory is short in containers.
        collate_fn=_same,
        worker_init_fn=_apart,
        # Its own numbers: beginning to draw must take none from what a step's dropout draws.
        generator=torch.Generator(),
    )
    for batches in loader:
        yield from batches[skip:]
        skip = 0


def _same(chunk: list[T]) -> list[T]:
    return chunk


def _apart(worker: int) -> None:
    """Leave the group of the process that trains, which alone ends a run.

    Ctrl-C and a signal to the whole group would take away the batches of a run that has a checkpoint to write first.
    (To ignore the signals instead would leave a worker at the end of the program that nothing but a kill ends.)
    """
    if sys.platform != "win32":
        os.setpgrp()
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, even one that was killed; it may hang in a full pipe itself."""
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)


def mean_width(chunks: Chunks, count: int = 96) -> float:
    """Mean width in columns of the mixture's lines, by a few of them; narrow ones count as in a batch of columns."""
    probe = Chunks(replace(chunks.mix, batch=count, group=1, rank=0, world=1))
    probe._opened = (os.getpid(), chunks.sets)
    (batch,) = probe[0]
    return float(np.mean(-(-batch.widths // BUCKET) * BUCKET))
