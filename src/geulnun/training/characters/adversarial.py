"""Adversarial feature learning (Zhang et al. 2018): printed characters guide what is learnt of handwritten ones.

"Robust offline handwritten character recognition through exploring writer-independent features under the guidance of
printed data", section 3. A discriminator learns to tell from the recogniser's features whether a character was printed
or written; the recogniser learns features that it cannot tell, which are those that do not depend on the writer.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam

from geulnun.training.characters.methods import AdversarialChoice


class Adversary:
    """The discriminator with its optimiser.

    Args:
        net: takes features (N, D) to logits (N,), high for handwriting.
        choice: how it is set against the recogniser.
        device: where it is.
        saved: what `state` gave.
    """

    def __init__(
        self, net: nn.Module, choice: AdversarialChoice, device: torch.device, saved: dict[str, Any] | None = None
    ) -> None:
        self.net, self.choice = net.to(device), choice
        self.optimiser = Adam(self.net.parameters())
        if saved:
            self.net.load_state_dict(saved["net"])
            self.optimiser.load_state_dict(saved["optimiser"])

    def state(self) -> dict[str, Any]:
        """What a run goes on from."""
        return {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}

    def misled(self, features: Tensor, groups: Tensor) -> Tensor:
        """How far the discriminator is from taking the one for the other: the recogniser's part of the loss, a scalar.

        Args:
            features: of the recogniser (N, D).
            groups: 0 for print, above for handwriting, below for neither (N,).
        """
        answers, written = self.net(features.float()), groups > 0
        counts = (groups >= 0) if self.choice.both else written
        # The truth turned round.
        losses = functional.binary_cross_entropy_with_logits(answers, (~written).float(), reduction="none")
        return (losses * counts).sum() / counts.sum().clamp(min=1)

    def learn(self, features: Tensor, groups: Tensor, rate: float) -> float:
        """Train the discriminator on features (N, D), which are left alone; its loss before the step.

        ``rate`` is the recogniser's learning rate.
        """
        known = groups >= 0
        answers = self.net(features.detach().float())
        losses = functional.binary_cross_entropy_with_logits(answers, (groups > 0).float(), reduction="none")
        loss = (losses * known).sum() / known.sum().clamp(min=1)
        if self.choice.fit and bool(torch.isfinite(loss)):
            for group in self.optimiser.param_groups:
                group["lr"] = rate * 3 * self.choice.ratio
            self.optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimiser.step()
        return float(loss.detach())
