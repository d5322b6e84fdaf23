"""Train the orientation network: drawn lines and columns in, standing or on their heads; a checkpoint out.

It is decided on Hangul: lines without it (figures, Latin, signs) are shown too, and weigh less, because many of them
read either way up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from geulnun import hangul
from geulnun.decode.posture import COLUMN, HEAD_DOWN, UPRIGHT
from geulnun.errors import RecipeError
from geulnun.image import posture as images
from geulnun.metrics.counts import Accuracy
from geulnun.nets.orientation import orientation_network
from geulnun.synth import recipes
from geulnun.synth.fonts import Split
from geulnun.synth.sample import Sample, Source
from geulnun.training.run import Log, Pace, Schedule, State, choose_device, keep_training

Image = NDArray[np.uint8]
Rng = np.random.Generator

#: Share of Hangul among a line's characters from which it has its full weight.
_HANGUL = 0.3
#: Seeds of the held-out lines: not those of training, whatever the recipe's.
_HELD_OUT = 4001
#: Columns of the widest window that is shown; one line in so many is shown whole.
_NARROWEST, _WHOLE = 64, 3


@dataclass(frozen=True)
class OrientationRecipe:
    """What a run does.

    Attributes:
        lines: recipe of drawn lines (`geulnun.synth.recipes`), from the folder of this one.
        columns: recipe of drawn columns.
        share: share of columns.
        others: weight of lines with little Hangul.
        inverted: share of lines shown in negative.
        texts: folder of texts to draw; None for what the recipes name.
        steps: optimiser steps in all, restarts included.
        decay: over how many of the last steps the rate falls.
        warm_up: over how many of the first steps it rises.
        batch: lines in a step.
        rate: AdamW's learning rate at its height.
        weight_decay: AdamW's.
        average: decay a step of the moving average that is scored and exported.
        smoothing: of the labels, as a share.
        workers: processes that draw.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        save_minutes: between checkpoints.
        validate_minutes: between scores.
        validation_lines: held-out lines of each of the two recipes.
        seed: of weights and lines.
    """

    lines: Path
    columns: Path
    share: float = 0.2
    others: float = 0.3
    inverted: float = 0.1
    texts: Path | None = None
    steps: int = 4_000
    decay: int = 2_500
    warm_up: int = 100
    batch: int = 48
    rate: float = 3e-3
    weight_decay: float = 0.02
    average: float = 0.998
    smoothing: float = 0.01
    workers: int = 1
    threads: int = 0
    save_minutes: float = 3
    validate_minutes: float = 10
    validation_lines: int = 300
    seed: int = 1

    def __post_init__(self) -> None:
        if self.batch < 2 or self.steps < 1 or self.validation_lines < 1:
            raise RecipeError(
                f"batch {self.batch}, steps {self.steps}, validation_lines {self.validation_lines}; "
                "expected a batch of 2 and 1 of the others at least"
            )
        for name in ("share", "others", "inverted", "smoothing"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected 0 to 1")

    def beneath(self, folder: Path) -> OrientationRecipe:
        """The run with the relative paths of its recipe taken from the recipe's folder."""
        return replace(self, lines=folder / self.lines, columns=folder / self.columns)

    def sources(self, held_out: bool = False) -> tuple[Source, Source]:
        """What draws lines, and what draws columns, of the training side or of the other.

        Raises:
            RecipeError: a recipe draws something else.
        """
        side: Split | None = "held-out" if held_out else None
        plans = [recipes.load(path, None, self.texts, side) for path in (self.lines, self.columns)]
        for path, plan in zip((self.lines, self.columns), plans, strict=True):
            if plan.verb != "lines":
                raise RecipeError(f"{path}: it draws {plan.verb}; orientation is learnt from recipes of lines")
        return plans[0].source(), plans[1].source()


class Batch(NamedTuple):
    """Lines float32 (n, 1, 32, w), their postures int64 (n,) and weights float32 (n,)."""

    lines: Tensor
    postures: Tensor
    weights: Tensor


class Lines(IterableDataset[Batch]):
    """Endless batches; a batch's number and the recipe's seed decide all that is in it."""

    def __init__(self, recipe: OrientationRecipe, first: int = 0) -> None:
        self.recipe, self.first = recipe, first

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = torch.utils.data.get_worker_info()
        number, every = self.first + (worker.id if worker else 0), worker.num_workers if worker else 1
        sources = self.recipe.sources()
        while True:
            yield self.batch(number, sources)
            number += every

    def batch(self, number: int, sources: tuple[Source, Source]) -> Batch:
        """Draw the batch of a number."""
        recipe = self.recipe
        rng = np.random.default_rng((recipe.seed, number))
        lines, postures, weights = [], [], []
        for at in range(recipe.batch):
            column = bool(rng.random() < recipe.share)
            sample = sources[column].sample(number * recipe.batch + at, recipe.seed)
            crop = disturbed(lying(sample.image, column), rng)
            if rng.random() < recipe.inverted:
                crop = np.asarray(255 - crop, np.uint8)
            over = bool(rng.random() < 0.5)
            prepared = windowed(images.posture_input(crop), rng)
            lines.append(np.ascontiguousarray(prepared[::-1, ::-1]) if over else prepared)
            postures.append((COLUMN if column else UPRIGHT) + over)
            weights.append(1.0 if speaks(sample.text) else recipe.others)
        return Batch(
            torch.from_numpy(images.posture_batch(lines)),
            torch.tensor(postures),
            torch.tensor(weights, dtype=torch.float32),
        )


def lying(image: Image, column: bool) -> Image:
    """A drawn line as it is; a drawn column as its quad cuts it out: from the right side, so that up becomes left."""
    return np.ascontiguousarray(np.rot90(image)) if column else image


def speaks(text: str) -> bool:
    """Whether enough of a text is Hangul for it to tell which way up it stands."""
    solid = text.replace(" ", "")
    return sum(map(hangul.is_syllable, solid)) >= _HANGUL * len(solid) > 0


def disturbed(image: Image, rng: Rng) -> Image:
    """Cut or pad a crop's upper and lower side, and at times enlarge it from few pixels: boxes are found, not known."""
    height = image.shape[0]
    top, bottom = (round(float(share) * height) for share in rng.uniform(-0.08, 0.15, 2))
    cut = image[max(0, -top) : height - max(0, -bottom)]
    padded = cv2.copyMakeBorder(cut, max(0, top), max(0, bottom), 0, 0, cv2.BORDER_REPLICATE)
    if rng.random() < 0.25:
        few = float(rng.uniform(0.3, 0.8)) * images.SPEC.height / padded.shape[0]
        if few < 1:
            size = max(4, round(padded.shape[1] * few)), max(4, round(padded.shape[0] * few))
            padded = cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
    return np.asarray(padded, np.uint8)


def windowed(line: NDArray[np.float32], rng: Rng) -> NDArray[np.float32]:
    """A part (32, w') of a prepared line; some lines whole."""
    width = line.shape[1]
    if width <= _NARROWEST or rng.integers(_WHOLE) == 0:
        return line
    wide = int(rng.integers(_NARROWEST, width + 1))
    first = int(rng.integers(width - wide + 1))
    return line[:, first : first + wide]


def loss_of(logits: Tensor, batch: Batch, smoothing: float) -> Tensor:
    """Cross-entropy over the postures, lines weighted."""
    single = functional.cross_entropy(logits.float(), batch.postures, reduction="none", label_smoothing=smoothing)
    return (single * batch.weights).sum() / batch.weights.sum().clamp(min=1e-6)


def train_step(state: State, batch: Batch, smoothing: float) -> dict[str, float]:
    """Train on one batch; its loss, and the share of lines that were right before."""
    moved = Batch(*(part.to(state.device, non_blocking=True) for part in batch))
    state.net.train()
    with torch.autocast(state.device.type, torch.bfloat16):
        logits = state.net(moved.lines.contiguous(memory_format=torch.channels_last))
    loss = loss_of(logits, moved, smoothing)
    right = float((logits.argmax(1) == moved.postures).float().mean())
    used = state.update(loss, 1)
    return {"loss": float(loss.detach()) if used else float("nan"), "right": right}


class HeldOut(NamedTuple):
    """A line never trained on: its prepared input (32, w), whether it is a column, whether its text speaks."""

    line: NDArray[np.float32]
    column: bool
    speaks: bool


def held_out(recipe: OrientationRecipe) -> list[HeldOut]:
    """Lines and columns in held-out fonts and sentences, as many of each."""
    out = []
    for column, source in enumerate(recipe.sources(held_out=True)):
        for at in range(recipe.validation_lines):
            sample: Sample = source.sample(at, _HELD_OUT)
            line = images.posture_input(lying(sample.image, bool(column)))
            out.append(HeldOut(line, bool(column), speaks(sample.text)))
    return out


@torch.inference_mode()
def judge(net: nn.Module, lines: Sequence[HeldOut], device: torch.device) -> dict[str, Accuracy]:
    """How often a network tells the upper side of lines that speak, of others, and of columns; and lines from columns.

    Each line is judged both ways up, so that a network that always says the same has a half.
    """
    net.eval()
    rows = {name: Accuracy() for name in ("hangul", "others", "columns", "kind")}
    for one in lines:
        both = np.concatenate([images.posture_batch([turn]) for turn in (one.line, _over(one.line))])
        logits = net(torch.from_numpy(both).to(device)).float().cpu().numpy()
        places = logits[:, 2:] if one.column else logits[:, :2]
        right = int((places.argmax(1) == (UPRIGHT, HEAD_DOWN)).sum())
        name = "columns" if one.column else "hangul" if one.speaks else "others"
        rows[name] += Accuracy(right, 2)
        if one.speaks:
            rows["kind"] += Accuracy(int(((logits.argmax(1) >= COLUMN) == one.column).sum()), 2)
    return rows


def _over(line: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(line[::-1, ::-1])


def train(
    recipe: OrientationRecipe,
    folder: Path,
    *,
    device: str | None = None,
    begin: Path | None = None,
    log: Log,
    minutes: float | None = None,
) -> Path:
    """Train until ``recipe.steps`` are done or ``minutes`` are over; the checkpoint's path.

    Args:
        recipe: what to do.
        folder: where the run is kept; a checkpoint there is resumed.
        device: "cpu", "cuda"; None for what is there.
        begin: checkpoint whose weights a new run begins with.
        log: receives a line of progress about every half minute, scores among them.
        minutes: stop, saved, after so long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(recipe.seed)
    chosen = choose_device(device, recipe.threads)
    schedule = Schedule(recipe.rate, recipe.steps, rise=recipe.warm_up, fall=recipe.decay)
    state = State(orientation_network(), folder, chosen, schedule, recipe.weight_decay, recipe.average)
    if not state.resume() and begin is not None:
        state.start_from(begin)
    lines = held_out(recipe)
    ahead = 8 if recipe.workers else None
    loader = DataLoader(
        Lines(recipe, state.steps), batch_size=None, num_workers=recipe.workers, prefetch_factor=ahead
    )  # fmt: skip
    batches = iter(loader)

    def told() -> str:
        rows = judge(state.average, lines, state.device)
        return " ".join(f"{name} {row.value:.4f}" for name, row in rows.items())

    return keep_training(
        state,
        lambda: train_step(state, next(batches), recipe.smoothing),
        told,
        Pace(recipe.steps, minutes, recipe.save_minutes, recipe.validate_minutes),
        log,
    )
