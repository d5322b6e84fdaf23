"""Attention layers over the columns of a line (Vaswani et al. 2017, arXiv:1706.03762), normalised before each part.

Normalising first trains without a warm-up of the rate (Xiong et al. 2020, arXiv:2002.04745).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Features a head; layers have as many heads as that gives.
HEAD = 32


class Attention(nn.Module):
    """Queries (N, Q, size) look at what is at (N, T, size): (N, Q, size); size is a multiple of `HEAD`."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.heads, self.size = size // HEAD, HEAD
        self.query = nn.Linear(size, size)
        self.pairs = nn.Linear(size, 2 * size)
        self.out = nn.Linear(size, size)

    def forward(self, queries: Tensor, at: Tensor, allowed: Tensor | None = None) -> Tensor:
        """``allowed`` (N, Q, T), bool, says which query may look where; None for everywhere."""
        keys, values = (self._split(part) for part in self.pairs(at).chunk(2, -1))
        mask = None if allowed is None else allowed[:, None]
        seen = functional.scaled_dot_product_attention(self._split(self.query(queries)), keys, values, mask)
        out: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return out

    def _split(self, x: Tensor) -> Tensor:
        """(N, T, size) -> (N, heads, T, size / heads)."""
        return x.reshape(x.shape[0], -1, self.heads, self.size).transpose(1, 2)


class Mixing(nn.Module):
    """One layer: columns look at each other, then each is worked on alone. (N, T, size) -> the same shape.

    Args:
        size: features a column, a multiple of `HEAD`.
        dropout: of both parts.
    """

    def __init__(self, size: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(size)
        self.attention = Attention(size)
        self.alone = alone(size, dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The columns, mixed."""
        normed = self.attention_norm(x)
        x = x + self.dropout(self.attention(normed, normed))
        out: Tensor = x + self.alone(x)
        return out


def alone(size: int, dropout: float = 0.1) -> nn.Sequential:
    """The part of a layer that works on each vector alone, four times as wide inside: (..., size) -> (..., size)."""
    return nn.Sequential(
        nn.LayerNorm(size), nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size), nn.Dropout(dropout)
    )


class Neighbours(nn.Module):
    """Positions out of what stands beside, for lines of any length (Chu et al. 2021, arXiv:2102.10882, section 3).

    (N, T, size) -> the same shape: a convolution over columns, feature by feature, is added. The zeros beyond the ends
    tell where they are, and no table or wave ends at the longest line that was trained on.
    """

    def __init__(self, size: int, reach: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv1d(size, size, 2 * reach + 1, padding=reach, groups=size)

    def forward(self, x: Tensor) -> Tensor:
        """The columns and what they learn of their neighbours."""
        out: Tensor = x + self.conv(x.transpose(1, 2)).transpose(1, 2)
        return out


class Places(nn.Module):
    """A learnt vector a place, for lines of one width: (N, T, size) -> the same shape."""

    def __init__(self, size: int, count: int) -> None:
        super().__init__()
        self.table = nn.Parameter(nn.init.trunc_normal_(torch.empty(count, size), std=0.02))

    def forward(self, x: Tensor) -> Tensor:
        """The columns, each with the vector of its place."""
        return x + self.table


class InRow(nn.Module):
    """A module over maps (N, C, 1, T), used on columns (N, T, C)."""

    def __init__(self, over_maps: nn.Module) -> None:
        super().__init__()
        self.over_maps = over_maps

    def forward(self, x: Tensor) -> Tensor:
        """The module's output as columns (N, T, C')."""
        maps: Tensor = self.over_maps(x.transpose(1, 2)[:, :, None])
        return maps[:, :, 0].transpose(1, 2)
