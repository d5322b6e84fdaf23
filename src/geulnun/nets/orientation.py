"""The orientation network: how a line of text stands, told from its letters.

It scores how much a crop looks like upright text, and how much like a column of upright characters lying on its side.
A crop and the same turned upside down go through the same weights, and their scores stand beside each other: what
speaks for a line speaks in the same measure against its other end, so nothing has to be learnt twice, and no bias for
either can be.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.nets.blocks import Residual, conv_act


class AttentionPool(nn.Module):
    """A mean over places, weighted by what they are worth: (n, c, h, w) -> (n, c).

    Empty paper, the padding's above all, learns to be worth nothing, so that a score does not depend on how much of it
    there is (Ilse et al. 2018, arXiv:1802.04712, section 2.4).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.worth = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Weigh and add."""
        weights = self.worth(x).flatten(2).softmax(2)
        pooled: Tensor = (x.flatten(2) * weights).sum(2)
        return pooled


class OrientationNetwork(nn.Module):
    """Lines (n, 1, 32, w) as `geulnun.image.posture` makes them, w a multiple of 32 -> logits (n, 4).

    The logits are those of `geulnun.decode.posture`: upright, head down, column, column head down. A line turned upside
    down has the first two exchanged, and the last two.

    Args:
        body: draws features (n, c, h', w').
        pool: brings them to (n, c).
        head: scores them, (n, 2): as upright text, as a column.
    """

    def __init__(self, body: nn.Module, pool: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.pool = pool
        self.head = head

    def forward(self, lines: Tensor) -> Tensor:
        """Score each line both ways."""
        scores = self.head(self.pool(self.body(torch.cat([lines, lines.flip((2, 3))]))))
        given, around = scores.chunk(2)
        return torch.stack([given[:, 0], around[:, 0], given[:, 1], around[:, 1]], 1)


def orientation_network() -> OrientationNetwork:
    """Build the network that ships, 0.24 M weights; every width is written here."""
    return OrientationNetwork(
        body=nn.Sequential(
            conv_act(1, 16, (3, 3), (2, 2)),
            conv_act(16, 32, (3, 3), (2, 2)),
            Residual(32),
            conv_act(32, 64, (3, 3), (2, 2)),
            Residual(64),
            Residual(64),
            conv_act(64, 64, (4, 3), padding=(0, 1)),
        ),
        pool=AttentionPool(64),
        head=nn.Linear(64, 2),
    )
