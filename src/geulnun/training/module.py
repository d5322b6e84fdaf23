"""Lightning's side of a run: one step on one batch, for any line recogniser.

bf16 autocast and channels last, which is what makes a CPU fast at this; a moving average of the weights, which is what
is validated and exported. What a step draws at random follows from the seed and its number, so nothing of that has to
be kept with a run that is stopped.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn
from torch.optim import SGD, Adadelta, Adam, AdamW, Optimizer

from geulnun.errors import RecipeError
from geulnun.spec import LineSpec
from geulnun.training.batches import Batches, LineBatch, Mix
from geulnun.training.losses import loss_for
from geulnun.training.options import LineTraining
from geulnun.training.run import Schedule, follow
from geulnun.training.validation import counted, steps_filled, targets_of


@dataclass
class Tally:
    """Sums since the last report: loss times characters, characters, lines."""

    loss: float = 0.0
    characters: int = 0
    lines: int = 0

    @property
    def mean(self) -> float:
        """Loss a character."""
        return self.loss / self.characters if self.characters else math.nan


def rate_at(options: LineTraining, done: int) -> float:
    """The learning rate after ``done`` units of the run."""
    if options.schedule == "constant":
        return options.rate
    if options.schedule == "plateau":
        return Schedule(options.rate, options.total, options.rise, options.decay).at(done)
    up = min(1.0, (done + 0.025 * options.rise) / max(options.rise, 1))
    share = min(1.0, done / max(options.total, 1))
    return options.rate * up * max(0.01, 0.5 + 0.5 * math.cos(math.pi * share))


def optimiser(options: LineTraining, net: nn.Module) -> Optimizer:
    """The optimiser of what is to be trained; biases and norms do not decay."""
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    if not trained:
        raise RecipeError("freeze: nothing is left to train; leave a part out")
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    eps: dict[str, Any] = {} if options.eps is None else {"eps": options.eps}
    if options.optimiser == "adadelta":
        return Adadelta(trained, lr=options.rate, rho=options.rho, **eps)
    if options.optimiser == "adam":
        return Adam(trained, lr=options.rate, betas=options.betas, **eps)
    if options.optimiser == "sgd":
        return SGD(groups, lr=options.rate, momentum=0.9, nesterov=True)
    return AdamW(groups, lr=options.rate, betas=options.betas, **eps)


class Extra(Protocol):
    """A loss beside that of labelled lines."""

    def __call__(self, module: LineModule) -> Tensor | None:
        """The loss of this step, to be added; None for none."""

    def told(self) -> str:
        """What there is to say since it was last asked."""


class LineModule(LightningModule):
    """A network with its average, optimiser and place in the run.

    Args:
        net: the network.
        spec: what it takes and gives.
        options: the run.
        mix: its batches.
        saved: a checkpoint of the run to go on from (`state`).
        extra: a loss beside that of the batches; None for none.

    Attributes:
        steps: optimiser steps done.
        lines: lines seen, by all devices.
        tally: sums since they were last set back.
    """

    def __init__(
        self,
        net: nn.Module,
        spec: LineSpec,
        options: LineTraining,
        mix: Mix,
        saved: Mapping[str, Any] | None = None,
        extra: Extra | None = None,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs forget modules
        self.spec, self.options, self.mix, self.extra = spec, options, mix, extra
        self.steps = self.lines = 0
        self.tally = Tally()
        self.problems: list[str] = []
        self._loss = loss_for(spec.decoding, spec.classes)
        self._frozen = frozen(net, options.freeze)
        if saved:
            net.load_state_dict(saved["net"])
            self.steps, self.lines = saved["progress"]["steps"], saved["progress"]["lines"]
        self.average: nn.Module | None = (
            copy.deepcopy(self.net).eval().requires_grad_(False) if options.average else None
        )
        if saved and self.average is not None:
            self.average.load_state_dict(saved["average"])
        self._saved_optimiser = saved["optimiser"] if saved else None

    @property
    def reader(self) -> nn.Module:
        """The weights that are validated and exported."""
        reader: nn.Module = self.net if self.average is None else self.average
        return reader

    @property
    def done(self) -> int:
        """How far the run is, in its unit."""
        return self.lines if self.options.steps is None else self.steps

    def state(self) -> dict[str, Any]:
        """What a run goes on from, and `geulnun.training.run.averaged` exports."""
        found = self.optimizers()
        return {
            "net": self.net.state_dict(),
            "average": self.reader.state_dict(),
            "optimiser": found.state_dict() if isinstance(found, Optimizer) else {},
            "spec": self.spec.to_json(),
            "progress": {"steps": self.steps, "lines": self.lines, "batch": self.mix.batch},
        }

    def configure_optimizers(self) -> Optimizer:
        """Lightning's hook."""
        made = optimiser(self.options, self.net)
        if self._saved_optimiser:
            made.load_state_dict(self._saved_optimiser)
        return made

    def train_dataloader(self) -> Iterable[LineBatch]:
        """Lightning's hook: the batches from this step on, of which each device draws its part."""
        mix = replace(self.mix, rank=self.global_rank, world=self.trainer.world_size)
        return Batches(mix, self.steps, self.options.workers)

    def transfer_batch_to_device(self, batch: LineBatch, device: torch.device, dataloader_idx: int) -> LineBatch:
        """Lightning's hook: batches are arrays until their step."""
        return batch

    def training_step(self, batch: LineBatch, batch_idx: int) -> None:
        """Lightning's hook: train on one batch; a gradient that is not finite is passed over."""
        # What dropout draws follows from the step, so that a run that goes on draws the same.
        torch.manual_seed(((self.options.seed << 44) + (self.steps << 12) + self.global_rank) % (1 << 63))
        self.net.train()
        for part in self._frozen:
            part.eval()
        found = self.optimizers()
        assert not isinstance(found, list)
        for group in found.param_groups:
            group["lr"] = rate_at(self.options, self.done)
        found.zero_grad(set_to_none=True)
        loss = self._forward(batch)
        characters = counted(batch.labels, self.spec)
        totals = self._summed(torch.tensor([float(loss.detach()) * characters, characters, len(batch.labels)]))
        # Devices average their gradients; each line shall count as in one batch on one device.
        total = loss * (self.trainer.world_size * characters / max(totals[1], 1.0))
        more = self.extra(self) if self.extra is not None else None
        self.manual_backward(total if more is None else total + more)
        self.steps += 1
        self.lines += int(totals[2])
        self.problems += batch.problems
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), self.options.grad_clip or math.inf)
        if bool(torch.isfinite(norm)):
            found.step()
            if self.average is not None:
                follow(self.average, self.net, self.options.average, self.steps)
            self.tally = Tally(
                self.tally.loss + totals[0], self.tally.characters + int(totals[1]), self.tally.lines + int(totals[2])
            )

    def _forward(self, batch: LineBatch) -> Tensor:
        """The loss, a mean per character of this device's lines."""
        inputs = torch.from_numpy(batch.inputs).to(self.device, non_blocking=True)
        inputs = inputs.to(memory_format=torch.channels_last)
        use = self.options.precision == "bf16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=use):
            if self.spec.decoding == "ctc":
                logits = self.net(inputs.float())
            else:
                logits = self.net(inputs.float(), targets_of(batch.labels, self.device))
        widths = torch.from_numpy(batch.widths)
        steps = steps_filled(self.spec, widths, inputs.shape[-1], logits.shape[1])
        return self._loss(logits, steps, batch.labels, self.spec.classes)

    def _summed(self, values: Tensor) -> list[float]:
        """Values summed over all devices."""
        if self.trainer.world_size == 1:
            return [float(value) for value in values.tolist()]
        summed = self.trainer.strategy.reduce(values.to(self.device, torch.float64), reduce_op="sum")
        assert isinstance(summed, Tensor)
        return [float(value) for value in summed.tolist()]


def frozen(net: nn.Module, parts: Iterable[str]) -> list[nn.Module]:
    """Freeze the named parts of a network: they learn nothing, and are to be kept in evaluation mode.

    Raises:
        RecipeError: the network has no such part.
    """
    found = []
    for name in parts:
        part = getattr(net, name, None)
        if not isinstance(part, nn.Module):
            raise RecipeError(f"freeze: the network has no part {name!r}")
        found.append(part.requires_grad_(False).eval())
    return found
