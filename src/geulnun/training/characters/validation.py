"""Validation of recognisers of characters: top-1 and top-5 of print and handwriting apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from geulnun import hangul
from geulnun.charset import Classes
from geulnun.decode.steps import steps_of
from geulnun.errors import InputError, MissingDependencyError
from geulnun.spec import CharacterSpec
from geulnun.synth.chars import KoocrGrid, KoocrOptions
from geulnun.synth.fonts import faces
from geulnun.synth.kana import KANA
from geulnun.training.characters.batches import Mix, prepared
from geulnun.training.characters.choices import Group
from geulnun.training.characters.options import AugmentChoice, CharacterTraining
from geulnun.training.characters.sets import Drawn, GlyphSet, Share, open_set
from geulnun.training.losses import label_log_probs

#: Characters in a batch.
BATCH = 128
#: How many of the best count.
TOP = 5
#: What the seeds of validation sets without an end begin from.
_SEED = 7
#: Logits that temperatures are fitted to, at most.
_MOST_FITTED = 20_000


@dataclass(frozen=True)
class Ready:
    """A character as the network takes it: ink float32 (S, S), its class id, and what it is."""

    ink: NDArray[np.float32]
    id: int
    group: Group


@dataclass(frozen=True)
class Scores:
    """How well characters were named.

    Attributes:
        count: how many there were.
        first: how many were named right.
        among: how many had the right name among the `TOP` most probable.
        loss: sum of the negative log-likelihoods.
    """

    count: int = 0
    first: int = 0
    among: int = 0
    loss: float = 0.0

    @property
    def top1(self) -> float:
        """Share of those named right, 0..1."""
        return self.first / self.count if self.count else math.nan

    @property
    def top5(self) -> float:
        """Share of those whose name is among the best five, 0..1."""
        return self.among / self.count if self.count else math.nan

    def __add__(self, other: Scores) -> Scores:
        return Scores(
            self.count + other.count, self.first + other.first, self.among + other.among, self.loss + other.loss
        )

    def __str__(self) -> str:
        mean = self.loss / max(1, self.count)
        return f"top-1 {self.top1:.2%}, top-5 {self.top5:.2%}, loss {mean:.4f}, {self.count} images"


#: Gives the characters of a set, again and again.
Images = Callable[[], Iterator[Ready]]


def validation_sets(options: CharacterTraining, mix: Mix) -> dict[str, Images]:
    """The sets that a run is validated on, by name: its own, or grids of the held-out fonts.

    Raises:
        InputError: a set that cannot be read, or none of whose characters is a class.
    """
    made: dict[str, Images] = {}
    for choice in options.validation:
        glyphs = open_set(choice, mix.words)
        count = choice.count or (options.validation_images if glyphs.size is None else None)
        made[choice.title] = _again(glyphs, count, mix.spec)
    return made or held_out(options.validation_images, mix)


def held_out(count: int, mix: Mix) -> dict[str, Images]:
    """Grids in fonts that nothing is drawn with in training: printed, in handwriting fonts, and by our hand model.

    Raises:
        MissingDependencyError: there is no held-out font.
    """
    made: dict[str, Images] = {}
    pool = faces("held-out")
    # Only what is a class can be asked for: heads of whole syllables know fewer.
    wanted = "".join(char for char in (*hangul.ks_x_1001(), *KANA) if char in mix.spec.classes)
    groups: tuple[Group, ...] = ("printed", "handwriting-font", "handwritten") if wanted else ()
    for group in groups:
        try:
            grid = KoocrGrid(KoocrOptions(64, group=group, characters=wanted), pool)
        except ValueError:
            continue
        made[group] = _again(Drawn(grid, mix.words, group), min(count, grid.size), mix.spec)
    if not made:
        raise MissingDependencyError("no held-out font draws any class; name sets in validation, or install fonts")
    return made


def _again(glyphs: GlyphSet, count: int | None, spec: CharacterSpec) -> Images:
    size = glyphs.size
    if size is not None and count is not None and count < size:
        # Any count of a set with an end is a fair sample of it.
        glyphs = Share(glyphs, 0.0, count / size)
    most = glyphs.size if glyphs.size is not None else count or 0

    def images() -> Iterator[Ready]:
        for index in range(most):
            try:
                glyph = glyphs.glyph(index, _SEED)
            except InputError:
                continue
            ink = None if glyph is None else prepared(glyph, spec, AugmentChoice(), True, (0,))
            if glyph is not None and ink is not None:
                yield Ready(ink, spec.classes.encode(glyph.text)[0], glyph.group)

    return images


def score(
    net: nn.Module, spec: CharacterSpec, images: Iterable[Ready], device: torch.device | None = None
) -> dict[str, Scores]:
    """Name characters in float32.

    Args:
        net: takes and gives what ``spec`` says; left in evaluation mode.
        spec: of the network.
        images: the characters.
        device: where the network is; None for the CPU.

    Returns:
        the scores of each group that there is any character of.
    """
    found: dict[str, Scores] = {}
    for part, logits in outputs(net, spec, images, device):
        ids = np.array([one.id for one in part])
        best, _ = steps_of(logits, spec.classes).top(np.arange(len(part)), TOP)
        losses = -label_log_probs(torch.from_numpy(logits), torch.from_numpy(ids), spec.classes).numpy()
        for at, one in enumerate(part):
            right = best[at] == one.id
            added = Scores(1, int(right[0]), int(right.any()), float(losses[at]))
            found[one.group] = found.get(one.group, Scores()) + added
    return found


def outputs(
    net: nn.Module, spec: CharacterSpec, images: Iterable[Ready], device: torch.device | None = None
) -> Iterator[tuple[list[Ready], NDArray[np.float32]]]:
    """Characters, so many at a time, and the network's logits (n, K) of them."""
    net.eval()
    for part in _parts(iter(images)):
        inputs = torch.from_numpy(np.stack([one.ink for one in part])[:, None]).to(device or "cpu")
        with torch.no_grad():
            logits = net(inputs).float().cpu().numpy()
        yield part, logits


def temperature_of(
    net: nn.Module, spec: CharacterSpec, sets: Mapping[str, Images], device: torch.device | None = None
) -> float:
    """What logits are to be divided by so that the sets' characters are likeliest (Guo et al. 2017, section 4.2).

    One of 0.25 to 4, found by golden sections; 1 where there is nothing to fit it to.
    """
    rows: list[NDArray[np.float32]] = []
    ids: list[int] = []
    for part, logits in itertools.chain.from_iterable(outputs(net, spec, images(), device) for images in sets.values()):
        rows.append(logits)
        ids += [one.id for one in part]
        if len(ids) >= _MOST_FITTED:
            break
    return fitted(torch.from_numpy(np.concatenate(rows)), torch.tensor(ids), spec.classes) if ids else 1.0


def fitted(logits: torch.Tensor, ids: torch.Tensor, classes: Classes) -> float:
    """The temperature of 0.25 to 4 at which class ids (N,) are likeliest given logits (N, K)."""

    def loss(power: float) -> float:
        return -float(label_log_probs(logits / 2**power, ids, classes).mean())

    low, high, ratio = -2.0, 2.0, (math.sqrt(5) - 1) / 2
    for _ in range(24):
        first, second = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, second) if loss(first) <= loss(second) else (first, high)
    return round(2 ** ((low + high) / 2), 4)


def merged(scores: Mapping[str, Mapping[str, Scores]]) -> dict[str, Scores]:
    """The scores of each group over all sets."""
    found: dict[str, Scores] = {}
    for groups in scores.values():
        for name, one in groups.items():
            found[name] = found.get(name, Scores()) + one
    return found


def _parts(images: Iterator[Ready]) -> Iterator[list[Ready]]:
    while part := list(itertools.islice(images, BATCH)):
        yield part
