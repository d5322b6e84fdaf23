"""AdaBound (Luo, Xiong, Liu and Sun 2019, "Adaptive gradient methods with dynamic bound of learning rate")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from torch import Tensor
from torch.optim import Optimizer


class AdaBound(Optimizer):
    """Adam whose step sizes are clipped to bounds that close in on one rate: Adam first, SGD in the end.

    Algorithm 2 of the paper with the bounds of its section 4: at step t each weight's rate lies within
    ``final * (1 - 1 / (gamma t + 1))`` and ``final * (1 + 1 / (gamma t))``. Adam's corrections of the first steps are
    kept. A schedule that changes a group's ``lr`` changes its final rate in proportion.

    Args:
        params: parameters or groups of them.
        lr: rate of Adam at the beginning.
        final_lr: rate of SGD at the end.
        betas: decay of the means of gradients and of their squares.
        gamma: how fast the bounds close in.
        eps: keeps the root of the second mean from nothing.
        weight_decay: added to the gradient, as of SGD.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        final_lr: float = 0.1,
        betas: tuple[float, float] = (0.9, 0.999),
        gamma: float = 1e-3,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        if not lr > 0 or not final_lr > 0 or not 0 < gamma < 1:
            raise ValueError(f"lr {lr}, final_lr {final_lr}, gamma {gamma}; expected rates above 0 and a gamma of 0..1")
        if not all(0 <= beta < 1 for beta in betas):
            raise ValueError(f"betas are {betas}; expected 0 to below 1")
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay}
        super().__init__(params, defaults | {"gamma": gamma, "final": final_lr / lr})

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One step; the closure, where there is one, works the loss out anew."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weights in group["params"]:
                if weights.grad is not None:
                    self._move(weights, weights.grad, group)
        return loss

    def _move(self, weights: Tensor, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[weights]
        if not state:
            state["step"] = 0
            state["mean"], state["square"] = torch.zeros_like(weights), torch.zeros_like(weights)
        state["step"] += 1
        step, (first, second) = state["step"], group["betas"]
        if group["weight_decay"]:
            gradient = gradient.add(weights, alpha=group["weight_decay"])
        state["mean"].lerp_(gradient, 1 - first)
        state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        size = group["lr"] * (1 - second**step) ** 0.5 / (1 - first**step)
        final, gamma = group["lr"] * group["final"], group["gamma"]
        lower, upper = final * (1 - 1 / (gamma * step + 1)), final * (1 + 1 / (gamma * step))
        rates = (size / state["square"].sqrt().add_(group["eps"])).clamp_(lower, upper)
        weights.addcmul_(rates, state["mean"], value=-1)
