"""Train the line detector: drawn pages in, a checkpoint out.

It is scored on whole pages in fonts and sentences never trained on, through the very code that finds lines later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader

from geulnun.decode.heatmap import Maps
from geulnun.errors import RecipeError
from geulnun.metrics import quads as quad_metrics
from geulnun.nets.detection.network import line_network
from geulnun.runtime.detector import Detection, detect
from geulnun.synth.sheet import Pixels
from geulnun.training.crops import Batch, CropOptions, Crops, HeldOut, held_out_pages
from geulnun.training.run import Log, Pace, Schedule, State, choose_device, keep_training


@dataclass(frozen=True)
class DetectorRecipe:
    """What a run does.

    Attributes:
        texts: folder of texts to draw from; None for the built-in grammars.
        steps: optimiser steps in all, restarts included.
        decay: over how many of the last steps the rate falls to nothing.
        warm_up: over how many of the first steps it rises.
        batch: crops in a step.
        rate: AdamW's learning rate at its height.
        weight_decay: AdamW's.
        average: decay a step of the moving average that is scored and exported.
        workers: rendering processes.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        save_minutes: between checkpoints.
        validate_minutes: between scores.
        validation_pages: held-out pages of each kind.
        seed: of weights and pages.
        crops: look of the crops.
    """

    texts: Path | None = None
    steps: int = 10_000
    decay: int = 4_000
    warm_up: int = 200
    batch: int = 4
    rate: float = 2e-3
    weight_decay: float = 0.02
    average: float = 0.998
    workers: int = 1
    threads: int = 0
    save_minutes: float = 4
    validate_minutes: float = 12
    validation_pages: int = 3
    seed: int = 1
    crops: CropOptions = field(default_factory=CropOptions)

    def __post_init__(self) -> None:
        if self.batch < 1 or self.steps < 1:
            raise RecipeError(f"batch {self.batch}, steps {self.steps}; expected 1 at least")


def losses(drawn: Tensor, maps: Tensor, weights: Tensor) -> dict[str, Tensor]:
    """The parts of the loss, each a scalar: core, dice, height, offset, ends, axis, reading direction.

    The core's logistic loss takes all core cells and the three times as many background cells that are worst (OHEM,
    as in PSENet, Wang et al. 2019, section 3.4); dice as there. Geometry is learnt in core cells alone.

    Args:
        drawn: the network's maps (n, 8, h, w).
        maps: the true ones, channels 0 and 7 as 0 or 1.
        weights: what each cell counts (n, h, w); 0 leaves it out.
    """
    drawn = drawn.float()
    core = maps[:, 0]
    single = functional.binary_cross_entropy_with_logits(drawn[:, 0], core, reduction="none")
    inside = core * weights
    positive = inside.sum().clamp(min=1.0)
    background = (single * (1 - core) * (weights > 0)).flatten()
    worst = min(background.numel() - 1, max(3 * int(core.sum()), 2000))
    chance = torch.sigmoid(drawn[:, 0]) * (weights > 0)
    overlap = 2 * (chance * core).sum() / (chance.square().sum() + core.sum() + 1)

    reads = functional.binary_cross_entropy_with_logits(drawn[:, 7], maps[:, 7], reduction="none")

    def away(first: int, last: int, beta: float) -> Tensor:
        error = functional.smooth_l1_loss(drawn[:, first:last], maps[:, first:last], reduction="none", beta=beta)
        return (error.sum(1) * inside).sum() / positive

    return {
        "core": (single * inside).sum() / positive + background.topk(worst).values.mean(),
        "dice": 1 - overlap,
        "height": 2 * away(1, 2, 0.1),
        "offset": 4 * away(2, 3, 0.05),
        "ends": 0.5 * away(3, 5, 0.2),
        "axis": away(5, 7, 0.2),
        "reads": 4 * (reads * inside).sum() / positive,
    }


def start(recipe: DetectorRecipe, folder: Path, device: torch.device) -> State:
    """A new run's state."""
    torch.manual_seed(recipe.seed)
    schedule = Schedule(recipe.rate, recipe.steps, rise=recipe.warm_up, fall=recipe.decay)
    return State(line_network(), folder, device, schedule, recipe.weight_decay, recipe.average)


def train_step(state: State, batch: Batch) -> dict[str, float]:
    """Train on one batch; the parts of its loss."""
    pages, maps, weights = (part.to(state.device, non_blocking=True) for part in batch)
    state.net.train()
    with torch.autocast(state.device.type, torch.bfloat16):
        drawn = state.net((pages.float() / 255).contiguous(memory_format=torch.channels_last))
    parts = losses(drawn, maps, weights)
    used = state.update(torch.stack(list(parts.values())).sum(), 1)
    return {name: float(part.detach()) if used else float("nan") for name, part in parts.items()}


def network_forward(net: nn.Module, device: torch.device) -> Callable[[Pixels], Maps]:
    """A PyTorch network as `geulnun.runtime.detector.detect` calls one."""

    @torch.inference_mode()
    def forward(page: Pixels) -> Maps:
        tensor = torch.from_numpy(page).to(device).permute(2, 0, 1)[None].float() / 255
        drawn = net(tensor.contiguous(memory_format=torch.channels_last))[0]
        return np.asarray(drawn.float().cpu().numpy())

    return forward


@dataclass(frozen=True)
class Score:
    """How a detector does on pages with known lines.

    Attributes:
        f1: line F1 at IoU 0.5 over all pages.
        kinds: the same by kind of page.
        rotation: share of pages with text whose rotation was found.
    """

    f1: float
    kinds: Mapping[str, float]
    rotation: float

    def __str__(self) -> str:
        kinds = " ".join(f"{name} {value:.4f}" for name, value in self.kinds.items())
        return f"line F1 {self.f1:.4f} rotation {self.rotation:.3f} {kinds}"


def judge(pages: Sequence[HeldOut], find: Callable[[Pixels], Detection]) -> Score:
    """Score a detector on held-out pages."""
    counts: dict[str, list[int]] = {}
    right = turned = 0
    for page in pages:
        found = find(page.pixels)
        matches = len(quad_metrics.pair(page.quads, found.quads))
        for name in (page.kind, "all"):
            row = counts.setdefault(name, [0, 0])
            row[0] += 2 * matches
            row[1] += len(page.quads) + len(found.quads)
        if len(page.quads):
            turned += 1
            right += found.rotation == page.rotation
    f1 = {name: double / total if total else 1.0 for name, (double, total) in counts.items()}
    return Score(f1.pop("all", 1.0), f1, right / max(turned, 1))


def train(
    recipe: DetectorRecipe,
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
    if recipe.threads:
        cv2.setNumThreads(recipe.threads)
    state = start(recipe, folder, choose_device(device, recipe.threads))
    if not state.resume() and begin is not None:
        state.start_from(begin)
    pages = held_out_pages(recipe.texts, recipe.validation_pages)
    crops = Crops(recipe.crops, recipe.texts, recipe.batch, recipe.seed, state.steps)
    ahead = 8 if recipe.workers else None
    batches = iter(DataLoader(crops, batch_size=None, num_workers=recipe.workers, prefetch_factor=ahead))
    forward = network_forward(state.average, state.device)
    return keep_training(
        state,
        lambda: train_step(state, next(batches)),
        lambda: str(judge(pages, lambda rgb: detect(rgb, forward))),
        Pace(recipe.steps, minutes, recipe.save_minutes, recipe.validate_minutes),
        log,
    )
