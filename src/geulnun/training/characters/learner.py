"""One network while it learns: a step on one batch, and all that a run that is stopped goes on from.

A loop of its own, not Lightning's: an adversary learns beside the network, and the network's layers change their shapes
while it is compressed. bf16 autocast, channels last and a moving average of the weights are as in all runs of this
package. What a step draws at random follows from the seed and its number.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from geulnun.nets.character.discriminator import discriminator
from geulnun.nets.compression import ranks
from geulnun.spec import CharacterSpec
from geulnun.training.characters.adabound import AdaBound
from geulnun.training.characters.adversarial import Adversary
from geulnun.training.characters.batches import CharacterBatch
from geulnun.training.characters.compression import Compressor
from geulnun.training.characters.losses import hybrid, recognition
from geulnun.training.characters.options import CharacterTraining
from geulnun.training.run import Schedule, follow


@dataclass
class Tally:
    """Sums over the batches since the last report: loss, batches, images; and the discriminator's loss."""

    loss: float = 0.0
    batches: int = 0
    images: int = 0
    adversary: float = 0.0

    @property
    def mean(self) -> float:
        """Loss a batch."""
        return self.loss / self.batches if self.batches else math.nan


def rate_at(options: CharacterTraining, done: int, total: int) -> float:
    """The learning rate after ``done`` of ``total`` units of the run."""
    share = min(1.0, done / max(total, 1))
    if options.schedule == "constant":
        return options.rate
    if options.schedule == "stairs":
        return next((rate for until, rate in options.stairs if share < until), options.stairs[-1][1])
    if options.schedule == "plateau":
        return Schedule(options.rate, total, options.rise, options.decay).at(done)
    up = min(1.0, (done + 0.025 * options.rise) / max(options.rise, 1))
    return options.rate * up * max(0.01, 0.5 + 0.5 * math.cos(math.pi * share))


def optimiser(options: CharacterTraining, net: nn.Module) -> Optimizer:
    """The optimiser of a network; biases and norms do not decay."""
    trained = [one for one in net.parameters() if one.requires_grad]
    groups = [
        {"params": [one for one in trained if one.ndim > 1], "weight_decay": options.weight_decay},
        {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
    ]
    if options.optimiser == "adam":
        return Adam(trained, lr=options.rate, betas=options.betas)
    if options.optimiser == "sgd":
        return SGD(groups, lr=options.rate, momentum=0.9, nesterov=True)
    if options.optimiser == "adabound":
        return AdaBound(groups, options.rate, options.rate * options.final_rate, options.betas)
    return AdamW(groups, lr=options.rate, betas=options.betas)


class Learner:
    """A network with its average, optimiser, adversary and place in the run.

    Args:
        net: the network, of the shapes it has at that place.
        spec: what it takes and gives.
        options: the run.
        total: length of the run in its unit.
        device: where to train.
        saved: a checkpoint of the run to go on from (`state`).

    Attributes:
        steps: batches learnt.
        images: images seen.
        tally: sums since they were last set back.
    """

    def __init__(
        self,
        net: nn.Module,
        spec: CharacterSpec,
        options: CharacterTraining,
        total: int,
        device: torch.device,
        saved: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec, self.options, self.total, self.device = spec, options, total, device
        self.steps = self.images = 0
        self.tally = Tally()
        if saved:
            net.load_state_dict(saved["net"])
            self.steps, self.images = saved["progress"]["steps"], saved["progress"]["images"]
        self.net = net.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # stubs forget it
        self.average: nn.Module | None = copy.deepcopy(net).eval().requires_grad_(False) if options.average else None
        self._optimiser = optimiser(options, net)
        if saved:
            if self.average is not None:
                self.average.load_state_dict(saved["average"])
            self._optimiser.load_state_dict(saved["optimiser"])
        self._compressor = Compressor(options.compress, net, self.steps) if options.compress else None
        self._adversary: Adversary | None = None
        if options.adversarial:
            critic = discriminator(int(getattr(net, "width")))  # noqa: B009  # a module's attribute has no type
            self._adversary = Adversary(critic, options.adversarial, device, saved["adversary"] if saved else None)

    @property
    def reader(self) -> nn.Module:
        """The weights that are validated and exported."""
        return self.net if self.average is None else self.average

    @property
    def done(self) -> int:
        """How far the run is, in its unit."""
        return self.images if self.options.steps is None else self.steps

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return rate_at(self.options, self.done, self.total)

    def state(self) -> dict[str, Any]:
        """What a run goes on from, and what is exported of it."""
        return {
            "net": self.net.state_dict(),
            "average": self.reader.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "adversary": self._adversary.state() if self._adversary else None,
            "shapes": ranks(self.net),
            "spec": self.spec.to_json(),
            "progress": {"steps": self.steps, "images": self.images},
        }

    def step(self, batch: CharacterBatch) -> None:
        """Train on one batch; a gradient that is not finite is passed over."""
        # What dropout draws follows from the step, so that a run that goes on draws the same.
        torch.manual_seed(((self.options.seed << 44) + (self.steps << 12)) % (1 << 63))
        self._compress()
        self.net.train()
        rate = self.rate
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        groups = torch.from_numpy(batch.groups).to(self.device)
        loss, features = self._loss(batch, groups)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), self.options.grad_clip or math.inf)
        self.steps += 1
        self.images += len(batch.ids)
        if not bool(torch.isfinite(norm)):
            return
        self._optimiser.step()
        if self._adversary is not None and features is not None:
            self.tally.adversary += self._adversary.learn(features, groups, rate)
        if self._compressor is not None:
            self._compressor.drop(self.net, self.steps)
        if self.average is not None:
            follow(self.average, self.net, self.options.average, self.steps)
            if self._compressor is not None:
                self._compressor.apply(self.average)
        self.tally.loss += float(loss.detach())
        self.tally.batches += 1
        self.tally.images += len(batch.ids)

    def _loss(self, batch: CharacterBatch, groups: Tensor) -> tuple[Tensor, Tensor | None]:
        """The loss of a batch, and the features that the adversary looks at where there is one."""
        options, classes = self.options, self.spec.classes
        inputs = torch.from_numpy(batch.inputs).to(self.device, non_blocking=True).float() / 255
        ids = torch.from_numpy(batch.ids).to(self.device)
        net: Any = self.net
        with torch.autocast(self.device.type, torch.bfloat16, enabled=options.precision == "bf16"):
            maps = net.features(inputs.to(memory_format=torch.channels_last))
            states = net.answer(maps, ids)
            features = net.embed(maps) if self._adversary is not None else None
        loss = recognition(states, ids, classes, options.double_softmax)
        if options.hybrid is not None:
            share = options.hybrid.weight
            loss = (1 - share) * loss + share * hybrid(states, ids, classes, options.hybrid.rivals)
        if self._adversary is not None and features is not None:
            ratio = self._adversary.choice.ratio
            loss = (1 - ratio) * loss + 3 * ratio * self._adversary.misled(features, groups)
        return loss, features

    def _compress(self) -> None:
        """Split the layer whose turn it is; the optimiser keeps what it knows of all others."""
        if self._compressor is None or not self._compressor.expand(self.net, self.steps):
            return
        self.net.to(self.device).to(memory_format=torch.channels_last)
        if self.average is not None:
            # Its own decomposition would turn the axes between the halves otherwise: it begins anew.
            self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        known = self._optimiser.state
        self._optimiser = optimiser(self.options, self.net)
        for one in self.net.parameters():
            if one in known:
                self._optimiser.state[one] = known[one]
