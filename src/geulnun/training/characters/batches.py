"""Batches of characters: sets mixed by their ratios, each batch known from its number alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from geulnun.errors import InputError
from geulnun.image import ops
from geulnun.spec import CharacterSpec
from geulnun.synth import wear
from geulnun.synth.sources import part_seed
from geulnun.training.batches import batches_of
from geulnun.training.characters import negatives
from geulnun.training.characters.augment import moved
from geulnun.training.characters.choices import CharacterSet, Group
from geulnun.training.characters.options import AugmentChoice
from geulnun.training.characters.sets import Glyph, GlyphSet, Shuffled, open_set
from geulnun.training.sets import Words

#: Groups in the order of their numbers in a batch; -1 is ink without a character.
GROUPS: tuple[Group, ...] = ("printed", "handwriting-font", "handwritten")


@dataclass(frozen=True)
class CharacterBatch:
    """Characters ready for a network.

    Attributes:
        inputs: uint8 (N, 1, S, S), ink of 0..255.
        ids: class ids (N,) int64; 0 for ink without a character.
        groups: places in `GROUPS` (N,) int64; -1 for ink without a character.
        problems: what could not be read on the way.
    """

    inputs: NDArray[np.uint8]
    ids: NDArray[np.int64]
    groups: NDArray[np.int64]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mix:
    """What batches are made of.

    Attributes:
        choices: the sets with their ratios.
        spec: the network's input and classes.
        augment: what is done to images.
        nothing: share of ink without a character.
        seed: of everything.
        batch: images in a batch.
    """

    choices: tuple[CharacterSet, ...]
    spec: CharacterSpec
    augment: AugmentChoice = field(default_factory=AugmentChoice)
    nothing: float = 0.0
    seed: int = 1
    batch: int = 128

    @property
    def words(self) -> Words:
        """How a label becomes a text to learn."""
        return Words(self.spec.classes, longest=1)

    @property
    def shares(self) -> list[int]:
        """Images of each set in a batch, in all so many as the batch has beside those without a character."""
        whole = sum(choice.ratio for choice in self.choices)
        room = self.batch - round(self.batch * self.nothing)
        ends = np.rint(np.cumsum([0.0, *(choice.ratio / whole * room for choice in self.choices)])).astype(int)
        return [int(share) for share in np.diff(ends)]


class Drawing(Dataset[list[CharacterBatch]]):
    """The batch of a number, as a list of one. Each process opens the sets itself."""

    def __init__(self, mix: Mix) -> None:
        self.mix = mix
        self._opened: tuple[int, list[GlyphSet]] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {"mix": self.mix, "_opened": None}

    @property
    def sets(self) -> list[GlyphSet]:
        """The sets, without end."""
        # A child of fork shares its parent's files, and their places: it opens its own.
        if self._opened is None or self._opened[0] != os.getpid():
            opened = [Shuffled(open_set(one, self.mix.words)) for one in self.mix.choices]
            self._opened = os.getpid(), list[GlyphSet](opened)
        return self._opened[1]

    def __getitem__(self, number: int) -> list[CharacterBatch]:
        """Draw batch ``number``.

        Raises:
            InputError: none of its images can be used.
        """
        mix, problems = self.mix, list[str]()
        rows = [row for at, share in enumerate(mix.shares) for row in self._rows(at, share, number * share, problems)]
        if not rows:
            why = problems[0] if problems else "they are blank, or no class of the run"
            raise InputError(f"{mix.choices[0].title}: none of {mix.batch} images can be used ({why})")
        inks, ids, groups = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
        for place in range(mix.batch - sum(mix.shares)):
            rng = np.random.default_rng((mix.seed, 2, number, place))
            inks, ids, groups = [*inks, self._nothing(rng, inks)], [*ids, 0], [*groups, -1]
        inputs = np.stack([np.rint(255 * ink).astype(np.uint8) for ink in inks])[:, None]
        return [CharacterBatch(inputs, np.array(ids, np.int64), np.array(groups, np.int64), tuple(problems))]

    def _rows(
        self, at: int, share: int, first: int, problems: list[str]
    ) -> Iterator[tuple[NDArray[np.float32], int, int]]:
        """Ink, class id and group of the images of set ``at``; those that cannot be used are left out."""
        mix, seed = self.mix, part_seed(self.mix.seed, at)
        augment = mix.augment if mix.choices[at].augment else AugmentChoice()
        for index in range(first, first + share):
            try:
                glyph = self.sets[at].glyph(index, seed)
            except InputError as error:
                problems.append(str(error))
                continue
            ink = None if glyph is None else prepared(glyph, mix.spec, augment, mix.choices[at].drawn, (seed, 1, index))
            if glyph is not None and ink is not None:
                yield ink, mix.spec.classes.encode(glyph.text)[0], GROUPS.index(glyph.group)

    def _nothing(self, rng: np.random.Generator, inks: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        if rng.random() < 0.4:
            one, other = (inks[int(rng.integers(len(inks)))] for _ in range(2))
            return negatives.pieces(one, other)
        ink = ops.character_input(negatives.drawn(rng), self.mix.spec)
        assert ink is not None, "a scribble has ink"
        return ink


def prepared(
    glyph: Glyph, spec: CharacterSpec, augment: AugmentChoice, drawn: bool, seed: tuple[int, ...]
) -> NDArray[np.float32] | None:
    """A character as the network takes it, ink (S, S) of 0..1; None for a blank image."""
    rng, image = np.random.default_rng(seed), glyph.image
    if augment.worn and not drawn and rng.random() < augment.worn:
        image, _ = wear.apply(image, rng, augment.wear, em=0.8 * image.shape[0])
    ink = ops.character_input(image, spec)
    if ink is not None and augment.chance and rng.random() < augment.chance:
        ink = moved(ink, augment, rng)
    return ink


class Batches:
    """The batches from a step on, without end, drawn in ``workers`` processes (0: in this one)."""

    def __init__(self, mix: Mix, step: int, workers: int) -> None:
        self.mix, self.step, self.workers = mix, step, workers

    def __iter__(self) -> Iterator[CharacterBatch]:
        return batches_of(Drawing(self.mix), 1, self.step, self.workers)
