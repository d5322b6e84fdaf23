"""Train the line recogniser: drawn lines in, a checkpoint out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from geulnun.charset import DEFAULT
from geulnun.decode.ctc import greedy, text_of
from geulnun.decode.steps import steps_of
from geulnun.image import ops
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import cer
from geulnun.nets.recognition.line import BUILDERS
from geulnun.synth import recipes
from geulnun.training.ctc import factored_ctc
from geulnun.training.lines import Batch, LineStream, loader, validation
from geulnun.training.run import Log, Pace, Schedule, State, choose_device, keep_training


@dataclass(frozen=True)
class RecogniserRecipe:
    """What a run does.

    Attributes:
        net: builder's name in `geulnun.nets.recognition.line`.
        data: recipe of the lines to train on (`geulnun.synth.recipes`); the command line takes it from the folder of
            this one.
        texts: folder of texts to draw from; None for that recipe's.
        lines: how many lines to train on in all, restarts included.
        decay: over how many of the last lines the rate falls to nothing.
        rate: AdamW's learning rate at its height.
        weight_decay: AdamW's.
        columns: pixels of width in a batch.
        average: decay a step of the moving average that is validated and exported.
        workers: rendering processes.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        save_minutes: between checkpoints.
        validate_minutes: between validations.
        validation_lines: lines in each of the held-out slices.
        seed: of weights and lines.
    """

    data: Path = Path("synth/lines.yaml")
    net: str = "dense"
    texts: Path | None = None
    lines: int = 600_000
    decay: int = 150_000
    rate: float = 2e-3
    weight_decay: float = 0.02
    columns: int = 20_000
    average: float = 0.998
    workers: int = 1
    threads: int = 0
    save_minutes: float = 5
    validate_minutes: float = 10
    validation_lines: int = 120
    seed: int = 1


def drawn_lines(recipe: RecogniserRecipe, number: int, columns: int | None = None) -> LineStream:
    """The lines of pass ``number`` over the recipe's data, others for each, in batches of ``columns`` if given."""
    plan = recipes.load(recipe.data, "lines", recipe.texts)
    return LineStream(plan, recipe.seed + 1000 * number, columns or recipe.columns)


def start(recipe: RecogniserRecipe, folder: Path, device: torch.device) -> State:
    """A new run's state."""
    torch.manual_seed(recipe.seed)
    schedule = Schedule(recipe.rate, recipe.lines, rise=20_000, fall=recipe.decay)
    return State(BUILDERS[recipe.net](DEFAULT), folder, device, schedule, recipe.weight_decay, recipe.average)


def train_step(state: State, batch: Batch) -> dict[str, float]:
    """Train on one batch; its loss per character."""
    state.net.train()
    inputs = batch.inputs.to(state.device, non_blocking=True).to(memory_format=torch.channels_last)
    with torch.autocast(state.device.type, torch.bfloat16):
        logits = state.net(inputs.float())
    loss = factored_ctc(logits, batch.steps, batch.labels, DEFAULT)
    used = state.update(loss, len(batch.labels))
    return {"loss": float(loss.detach()) if used else float("nan")}


def read_lines(net: nn.Module, inputs: list[np.ndarray], device: torch.device) -> list[str]:
    """Read prepared line inputs (LINE_HEIGHT, w) greedily, in float32."""
    net.eval()
    order = sorted(range(len(inputs)), key=lambda at: inputs[at].shape[1])
    texts = [""] * len(inputs)
    with torch.no_grad():
        for first in range(0, len(order), 16):
            part = order[first : first + 16]
            batch = ops.line_batch([inputs[at] for at in part])
            logits = net(torch.from_numpy(batch).to(device)).float().cpu().numpy()
            for row, at in zip(logits, part, strict=True):
                steps = steps_of(row[: -(-inputs[at].shape[1] // 4)], DEFAULT)
                texts[at] = text_of(greedy(steps, DEFAULT, 0))
    return texts


def train(
    recipe: RecogniserRecipe,
    folder: Path,
    *,
    device: str | None = None,
    begin: Path | None = None,
    log: Log,
    minutes: float | None = None,
) -> Path:
    """Train until ``recipe.lines`` are seen or ``minutes`` are over; the checkpoint's path.

    Args:
        recipe: what to do.
        folder: where the run is kept; a checkpoint there is resumed.
        device: "cpu", "cuda"; None for what is there.
        begin: checkpoint whose weights a new run begins with.
        log: receives a line of progress about every half minute, validation scores among them.
        minutes: stop, saved, after so long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = start(recipe, folder, choose_device(device, recipe.threads))
    if not state.resume() and begin is not None:
        state.start_from(begin)
    held_out = validation(recipe.texts, recipe.validation_lines)
    batches = loader(drawn_lines(recipe, state.restarts), recipe.workers)
    pace = Pace(recipe.lines, minutes, recipe.save_minutes, recipe.validate_minutes)
    return keep_training(state, lambda: train_step(state, next(batches)), lambda: judge(state, held_out), pace, log)


def judge(state: State, held_out: dict[str, list[tuple[np.ndarray, str]]]) -> str:
    """One line: the CER in per cent of the averaged weights on each held-out slice."""
    parts = ["CER in per cent:"]
    for name, samples in held_out.items():
        texts = read_lines(state.average, [line for line, _ in samples], state.device)
        total = sum((cer(truth, read) for (_, truth), read in zip(samples, texts, strict=True)), start=ErrorRate())
        parts.append(f"{name} {total.value * 100:.2f}")
    return " ".join(parts)
