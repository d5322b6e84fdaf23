"""A head with thousands of ideographs, looked at only where a line may hold one.

Most Korean lines hold none, and the ideographs' block is ten times as wide as all others. Their logits are worked out
only at steps where the gate gives ideographs a chance; the file has two more outputs for them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.charset import Charset
from geulnun.nets.recognition.line import LineNet

#: Where the gate's chance of an ideograph is below this, none is looked for.
LEAST = 1e-3
#: The outputs of such a file: logits (N, T, charset.core), then for R places row and step (R, 2), and their ideographs'
#: logits (R, I).
OUTPUTS = ("logits", "places", "ideographs")


class Sparse(nn.Module):
    """A `LineNet` with the factored head whose ideographs stand apart: (N, 1, H, W) -> the three `OUTPUTS`."""

    def __init__(self, net: LineNet, charset: Charset) -> None:
        super().__init__()
        self.feature, self.sequence = net.feature, net.sequence
        head = net.prediction
        assert isinstance(head, nn.Conv2d)
        assert head.bias is not None
        core = charset.core
        self.prediction = nn.Conv2d(head.in_channels, core, 1)
        self.prediction.load_state_dict({"weight": head.weight[:core], "bias": head.bias[:core]})
        self.ideographs = nn.Linear(head.in_channels, len(charset.ideographs))
        self.ideographs.load_state_dict({"weight": head.weight[core:, :, 0, 0], "bias": head.bias[core:]})
        self.gate_size, self.entry = charset.gate_size, charset.ideograph

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See `OUTPUTS`."""
        steps = self.sequence(self.feature(x))
        logits = self.prediction(steps).squeeze(2).transpose(1, 2)
        chance = torch.softmax(logits[..., : self.gate_size], -1)[..., self.entry]
        places = (chance > LEAST).nonzero()
        flat = steps.squeeze(2).transpose(1, 2).reshape(-1, steps.shape[1])
        found = flat.index_select(0, places[:, 0] * logits.shape[1] + places[:, 1])
        return logits, places, self.ideographs(found)


def sparse(net: nn.Module, charset: object) -> nn.Module:
    """The net with its ideographs apart, where it has any and is built as `LineNet` is; else the net itself."""
    if isinstance(charset, Charset) and charset.ideographs and isinstance(net, LineNet):
        return Sparse(net, charset)
    return net
