"""What every training run has: a state in a folder, a schedule, and the loop around its steps.

One loop for CPU and GPU: bf16 autocast, channels last, AdamW, a moving average of the weights, which is what is
validated and exported. A run is a folder; started again on the same folder it goes on from its last checkpoint.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from geulnun.errors import ModelError
from geulnun.training.kept import average_of

Log = Callable[[str], None]


@dataclass(frozen=True)
class Schedule:
    """The learning rate over the units (lines, steps) done: a rise, a plateau, a straight fall to a hundredth."""

    rate: float
    total: int
    rise: int
    fall: int

    def at(self, done: int) -> float:
        """The rate after ``done`` units."""
        up = min(1.0, (done + 0.025 * self.rise) / max(self.rise, 1))
        down = min(1.0, max(0.01, (self.total - done) / max(self.fall, 1)))
        return self.rate * up * down


class State:
    """Weights, their moving average, the optimiser and how far the run is.

    Args:
        net: the network, on any device.
        folder: where the checkpoint is kept.
        device: where to train.
        schedule: the learning rate.
        weight_decay: of weights with more than one axis; biases and norms have none.
        average: decay a step of the moving average.
    """

    def __init__(
        self,
        net: nn.Module,
        folder: Path,
        device: torch.device,
        schedule: Schedule,
        weight_decay: float,
        average: float,
    ) -> None:
        self.net = net.to(device)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs forget modules
        self.average = copy.deepcopy(self.net).eval()
        self.folder, self.device, self.schedule, self.decay = folder, device, schedule, average
        decayed = [p for p in self.net.parameters() if p.ndim > 1]
        plain = [p for p in self.net.parameters() if p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=schedule.rate, betas=(0.9, 0.98))
        self.done = self.steps = self.restarts = 0

    @property
    def checkpoint(self) -> Path:
        """Where the state is kept."""
        return self.folder / "last.pt"

    def save(self) -> None:
        """Write the checkpoint under another name and rename it, so that a kill leaves a whole one."""
        state = {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": {"done": self.done, "steps": self.steps, "restarts": self.restarts},
        }
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self.checkpoint)

    def resume(self) -> bool:
        """Load the checkpoint where there is one; tell whether there was."""
        if not self.checkpoint.is_file():
            return False
        state = _load(self.checkpoint, self.device)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        progress = state["progress"]
        self.done, self.steps, self.restarts = progress["done"], progress["steps"], progress["restarts"] + 1
        return True

    def start_from(self, weights: Path) -> None:
        """Begin with the averaged weights of a checkpoint, or with kept ones; optimiser and count are new."""
        average = average_of(_load(weights, self.device))
        self.net.load_state_dict(average)
        self.average.load_state_dict(average)

    def update(self, loss: Tensor, units: int) -> bool:
        """One optimiser step; False where it was skipped because the gradient is not finite."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.at(self.done)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.done += units
        self.steps += 1
        if not torch.isfinite(norm):
            return False
        self.optimiser.step()
        follow(self.average, self.net, self.decay, self.steps)
        return True


@torch.no_grad()
def follow(average: nn.Module, net: nn.Module, decay: float, steps: int) -> None:
    """Move averaged weights towards a network's own, after so many steps; counters are copied."""
    # Early weights are soon worthless: the average starts short and grows to its full length.
    keep = min(decay, (1 + steps) / (20 + steps))
    floats = list[tuple[Tensor, Tensor]]()
    for mean, now in zip(_tensors(average), _tensors(net), strict=True):
        if mean.dtype.is_floating_point:
            floats.append((mean, now))
        else:
            mean.copy_(now)
    torch._foreach_lerp_([mean for mean, _ in floats], [now for _, now in floats], 1 - keep)


def _tensors(net: nn.Module) -> Iterable[Tensor]:
    return itertools.chain((one.data for one in net.parameters()), net.buffers())


def _load(file: Path, device: torch.device) -> dict[str, Any]:
    if not file.is_file():
        raise ModelError(f"{file}: no such checkpoint; name the last.pt of a run, or one of the recipes folder")
    state: dict[str, Any] = torch.load(file, map_location=device, weights_only=True)
    return state


def averaged(checkpoint: Path, net: nn.Module) -> nn.Module:
    """Put a checkpoint's averaged weights into ``net``, on the CPU, ready to read."""
    net.load_state_dict(average_of(_load(checkpoint, torch.device("cpu"))))
    return net.eval()


def choose_device(name: str | None, threads: int) -> torch.device:
    """The device called ``name``, or the best there is; a CPU gets ``threads`` threads, 0 for its default."""
    if threads:
        torch.set_num_threads(threads)
    return torch.device(name or ("cuda" if torch.cuda.is_available() else "cpu"))


@dataclass(frozen=True)
class Pace:
    """When a run ends, in units done and minutes, and how often, in minutes, it saves, validates and reports."""

    total: int
    minutes: float | None
    save: float
    validate: float
    report: float = 0.5


def keep_training(
    state: State, step: Callable[[], Mapping[str, float]], judge: Callable[[], str], pace: Pace, log: Log
) -> Path:
    """Call ``step`` until the pace's end, saving, validating and reporting on the way; the checkpoint's path.

    Args:
        state: what ``step`` trains.
        step: trains on one batch and gives the parts of its loss.
        judge: scores the averaged weights, in one line.
        pace: when to do what.
        log: receives the lines.
    """
    began = said = saved = judged = time.monotonic()
    first, parts = state.done, list[Mapping[str, float]]()
    while state.done < pace.total and (pace.minutes is None or time.monotonic() - began < pace.minutes * 60):
        parts.append(step())
        now = time.monotonic()
        if now - said > pace.report * 60:
            means = " ".join(f"{name} {np.nanmean([part[name] for part in parts]):.4f}" for name in parts[0])
            speed, rate = (state.done - first) / (now - said), state.schedule.at(state.done)
            log(f"{state.done} of {pace.total}: {means} rate {rate:.2e} a second {speed:.1f}")
            said, first, parts = now, state.done, []
        if now - saved > pace.save * 60:
            state.save()
            saved = now
        if now - judged > pace.validate * 60:
            log(f"{state.done} of {pace.total}: {judge()}")
            judged = said = time.monotonic()
            first, parts = state.done, []
    state.save()
    log(f"{state.done} of {pace.total}: {judge()}")
    return state.checkpoint
