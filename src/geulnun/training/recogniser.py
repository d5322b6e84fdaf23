"""Train the line recogniser: drawn lines in, a checkpoint and ONNX weights out.

One loop for CPU and GPU: bf16 autocast, channels last, AdamW, a moving average of the weights. A run
is a folder; started again on the same folder it goes on where the last checkpoint was written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from geulnun.charset import DEFAULT
from geulnun.decode.ctc import greedy, text_of
from geulnun.image import ops
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import cer
from geulnun.nets.recognition.line import BUILDERS
from geulnun.synth.lines import LineOptions
from geulnun.synth.text import DEFAULT_MIX
from geulnun.training.ctc import factored_ctc
from geulnun.training.lines import Batch, LineStream, loader, validation

Log = Callable[[str], None]


@dataclass(frozen=True)
class RecogniserRecipe:
    """What a run does.

    Attributes:
        net: builder's name in `geulnun.nets.recognition.line`.
        texts: folder of texts to draw from; None for the built-in grammars.
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
        mix: weights of the kinds of text.
        options: look of the lines.
    """

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
    mix: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_MIX))
    options: LineOptions = field(default_factory=LineOptions)


def learning_rate(recipe: RecogniserRecipe, seen: int, warmup: int = 20_000) -> float:
    """The rate after ``seen`` lines: a short rise, a plateau, a straight fall to a hundredth."""
    rise = min(1.0, (seen + 500) / warmup)
    fall = min(1.0, max(0.01, (recipe.lines - seen) / max(recipe.decay, 1)))
    return recipe.rate * rise * fall


class Run:
    """The state of one training run in a folder: weights, their average, optimiser, lines seen."""

    def __init__(self, recipe: RecogniserRecipe, folder: Path, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.folder, self.device = recipe, folder, device
        self.net = BUILDERS[recipe.net](DEFAULT).to(device)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs forget modules
        self.average = BUILDERS[recipe.net](DEFAULT).to(device)
        self.average.load_state_dict(self.net.state_dict())
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.98))
        self.seen = self.steps = self.restarts = 0

    @property
    def checkpoint(self) -> Path:
        """Where the run's state is kept."""
        return self.folder / "last.pt"

    def save(self) -> None:
        """Write the checkpoint under another name and rename it, so that a kill leaves a whole one."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "seen": self.seen,
            "steps": self.steps,
            "restarts": self.restarts,
        }
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self.checkpoint)

    def resume(self) -> bool:
        """Load the checkpoint where there is one; tell whether there was."""
        if not self.checkpoint.is_file():
            return False
        state: dict[str, Any] = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.seen, self.steps, self.restarts = state["seen"], state["steps"], state["restarts"] + 1
        return True

    def start_from(self, weights: Path) -> None:
        """Begin with the averaged weights of another checkpoint, optimiser and count new."""
        state: dict[str, Any] = torch.load(weights, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["average"])
        self.average.load_state_dict(state["average"])

    def step(self, batch: Batch) -> float:
        """Train on one batch; the loss per character, NaN where the batch was skipped as not finite."""
        self.net.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.seen)
        inputs = batch.inputs.to(self.device, non_blocking=True).to(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.net(inputs.float() if self.device.type == "cpu" else inputs)
        loss = factored_ctc(logits, batch.steps, batch.labels, DEFAULT)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.seen += len(batch.labels)
        self.steps += 1
        if not torch.isfinite(norm):
            return float("nan")
        self.optimiser.step()
        self._average()
        return float(loss.detach())

    @torch.no_grad()
    def _average(self) -> None:
        # Early weights are soon worthless: the average starts short and grows to its full length.
        keep = min(self.recipe.average, (1 + self.steps) / (20 + self.steps))
        for mean, now in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(now.to(mean.dtype), 1 - keep)
            else:
                mean.copy_(now)


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
                texts[at] = text_of(greedy(row[: -(-inputs[at].shape[1] // 4)], DEFAULT, 0))
    return texts


def train(
    recipe: RecogniserRecipe,
    folder: Path,
    *,
    device: str | None = None,
    start: Path | None = None,
    log: Log,
    minutes: float | None = None,
) -> Path:
    """Train until ``recipe.lines`` are seen or ``minutes`` are over; the checkpoint's path.

    Args:
        recipe: what to do.
        folder: where the run is kept; a checkpoint there is resumed.
        device: "cpu", "cuda"; None for what is there.
        start: checkpoint whose weights a new run begins with.
        log: receives a line of progress about every half minute, validation scores among them.
        minutes: stop, saved, after so long.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    run = Run(recipe, folder, chosen)
    if not run.resume() and start is not None:
        run.start_from(start)
    held_out = validation(recipe.texts, recipe.validation_lines)
    batches = loader(
        LineStream(recipe.texts, recipe.mix, recipe.options, recipe.seed + 1000 * run.restarts, recipe.columns),
        recipe.workers,
    )
    began = said = saved = judged = time.monotonic()
    first, losses = run.seen, []
    while run.seen < recipe.lines and (minutes is None or time.monotonic() - began < minutes * 60):
        losses.append(run.step(next(batches)))
        now = time.monotonic()
        if now - said > 30:
            speed, rate = (run.seen - first) / (now - said), learning_rate(recipe, run.seen)
            log(f"lines {run.seen} loss {np.nanmean(losses):.4f} rate {rate:.2e} lines/s {speed:.0f}")
            said, first, losses = now, run.seen, []
        if now - saved > recipe.save_minutes * 60:
            run.save()
            saved = now
        if now - judged > recipe.validate_minutes * 60:
            log(judge(run, held_out))
            judged = said = time.monotonic()
    run.save()
    log(judge(run, held_out))
    return run.checkpoint


def judge(run: Run, held_out: dict[str, list[tuple[np.ndarray, str]]]) -> str:
    """One line: the CER in per cent of the averaged weights on each held-out slice."""
    parts = [f"validation lines {run.seen}"]
    for name, samples in held_out.items():
        texts = read_lines(run.average, [line for line, _ in samples], run.device)
        total = sum((cer(truth, read) for (_, truth), read in zip(samples, texts, strict=True)), start=ErrorRate())
        parts.append(f"{name} {total.value * 100:.2f}")
    return " ".join(parts)
