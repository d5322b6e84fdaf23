"""Lightning's side of a run that trains a detector: one step on one batch.

bf16 autocast, channels last and a moving average of the weights, as in all runs of this package. A batch follows from
its number and the steps draw nothing at random, so nothing of that has to be kept with a run that is stopped.
"""

from __future__ import annotations

import copy
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

from geulnun.spec import DetectorSpec
from geulnun.training.detection.batches import Batch, Batches, Mix
from geulnun.training.detection.kinds import KINDS
from geulnun.training.detection.options import DetectorTraining
from geulnun.training.run import Schedule, follow


@dataclass
class Tally:
    """Sums since the last report: the parts of the loss, and how many batches."""

    parts: Counter[str] = field(default_factory=Counter)
    batches: int = 0

    @property
    def mean(self) -> float:
        """Loss a batch."""
        return sum(self.parts.values()) / self.batches if self.batches else math.nan

    def __str__(self) -> str:
        return " ".join(f"{name} {value / max(1, self.batches):.4f}" for name, value in self.parts.items())


def optimiser(options: DetectorTraining, net: nn.Module) -> Optimizer:
    """The optimiser of a network; biases and norms do not decay."""
    groups = [
        {"params": [one for one in net.parameters() if one.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [one for one in net.parameters() if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=options.rate, betas=options.betas)


class DetectorModule(LightningModule):
    """A network with its average, optimiser and place in the run.

    Args:
        net: the network.
        spec: what it takes and gives.
        options: the run.
        saved: a checkpoint of the run to go on from (`state`).

    Attributes:
        steps: optimiser steps done.
        tally: sums since they were last set back.
        problems: what could not be read since they were last told.
    """

    def __init__(
        self, net: nn.Module, spec: DetectorSpec, options: DetectorTraining, saved: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs forget modules
        self.spec, self.options = spec, options
        self.schedule = Schedule(options.rate, options.steps, options.rise, options.decay)
        self.steps = 0
        self.tally = Tally()
        self.problems: list[str] = []
        self._losses = KINDS[options.kind].losses
        if saved:
            net.load_state_dict(saved["net"])
            self.steps = saved["progress"]["steps"]
        self.average: nn.Module = copy.deepcopy(self.net).eval().requires_grad_(False)
        if saved:
            self.average.load_state_dict(saved["average"])
        self._saved_optimiser = saved["optimiser"] if saved else None

    def state(self) -> dict[str, Any]:
        """What a run goes on from, and what is exported of it."""
        found = self.optimizers()
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": found.state_dict() if isinstance(found, Optimizer) else {},
            "spec": self.spec.to_json(),
            "progress": {"steps": self.steps},
        }

    def configure_optimizers(self) -> Optimizer:
        """Lightning's hook."""
        made = optimiser(self.options, self.net)
        if self._saved_optimiser:
            made.load_state_dict(self._saved_optimiser)
        return made

    def train_dataloader(self) -> Iterable[Batch]:
        """Lightning's hook: the batches from this step on."""
        return Batches(Mix.of(self.options), self.steps, self.options.workers)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Lightning's hook: batches are arrays until their step."""
        return batch

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Lightning's hook: train on one batch; a gradient that is not finite is passed over."""
        self.net.train()
        found = self.optimizers()
        assert not isinstance(found, list)
        for group in found.param_groups:
            group["lr"] = self.schedule.at(self.steps)
        found.zero_grad(set_to_none=True)
        parts = self._parts(batch)
        self.manual_backward(torch.stack(list(parts.values())).sum())
        self.steps += 1
        self.problems += batch.problems
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), self.options.grad_clip or math.inf)
        if bool(torch.isfinite(norm)):
            found.step()
            follow(self.average, self.net, self.options.average, self.steps)
            self.tally.parts.update({name: float(part.detach()) for name, part in parts.items()})
            self.tally.batches += 1

    def _parts(self, batch: Batch) -> dict[str, Tensor]:
        """The parts of the loss."""
        pages, maps, weights = (
            torch.from_numpy(part).to(self.device, non_blocking=True)
            for part in (batch.pages, batch.maps, batch.weights)
        )
        pages = (pages.float() / 255).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
            drawn = self.net(pages)
        return self._losses(drawn, maps, weights)
