"""From the last feature maps to one vector an image: (N, C, h, w) -> (N, D)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class AveragePool(nn.Module):
    """Global average pooling (Lin et al. 2014, arXiv:1312.4400, section 3.2): (N, C, h, w) -> (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """The mean of each map."""
        return x.mean((2, 3))


class WeightedPool(nn.Module):
    """Global weighted average pooling, GWAP: (N, C, h, w) -> (N, C), each place of each map with a weight of its own.

    Li et al. 2018 (arXiv:1804.01259, section on global weighted average pooling). New weights make the plain average.

    Args:
        channels: C.
        side: h and w.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels, side, side), 1 / side**2))

    def forward(self, x: Tensor) -> Tensor:
        """The weighted sum of each map."""
        return (x * self.weight).sum((2, 3))


class WeightedOutputPool(nn.Module):
    """Global weighted output average pooling, GWOAP: (N, C, h, w) -> (N, C), each map's average times its weight.

    Melnyk et al. 2020 (arXiv:1812.11489, section on global weighted output average pooling). New weights are 1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """The weighted mean of each map."""
        return x.mean((2, 3)) * self.weight


#: Channels and side of the maps -> the link, and how many numbers it gives.
LINKS: dict[str, Callable[[int, int], tuple[nn.Module, int]]] = {
    "flatten": lambda channels, side: (nn.Flatten(), channels * side**2),
    "gap": lambda channels, side: (AveragePool(), channels),
    "gwap": lambda channels, side: (WeightedPool(channels, side), channels),
    "gwoap": lambda channels, side: (WeightedOutputPool(channels), channels),
}
