"""Images of lines to columns of features: three stacks of convolutions of the literature.

The layers are those of Baek et al. 2019 (arXiv:1904.01906, appendix C, tables 5 to 7), who took them from CRNN (Shi et
al. 2015, arXiv:1507.05717), GRCNN (Wang and Hu 2017) and FAN (Cheng et al. 2017, arXiv:1709.02054). All bring the
height of 32 pixels to 1 and keep a quarter of the width. ``channels`` is what comes out, 512 in the papers; all other
widths are fractions of it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.nets.blocks import conv_act, conv_norm


def vgg(cin: int, channels: int = 512) -> nn.Sequential:
    """CRNN's seven convolutions: (N, cin, H, W) -> (N, channels, H / 16 - 1, W / 4 - 1)."""
    c1, c2, c3, c4 = (channels // part for part in (8, 4, 2, 1))
    return nn.Sequential(
        *(nn.Conv2d(cin, c1, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(c1, c2, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(nn.Conv2d(c2, c3, 3, padding=1), nn.ReLU(inplace=True)),
        *(nn.Conv2d(c3, c3, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d((2, 1))),
        *(nn.Conv2d(c3, c4, 3, padding=1, bias=False), nn.BatchNorm2d(c4), nn.ReLU(inplace=True)),
        *(nn.Conv2d(c4, c4, 3, padding=1, bias=False), nn.BatchNorm2d(c4), nn.ReLU(inplace=True)),
        *(nn.MaxPool2d((2, 1)), nn.Conv2d(c4, c4, 2), nn.ReLU(inplace=True)),
    )


def gated_recurrent(cin: int, channels: int = 512) -> nn.Sequential:
    """GRCNN's layers: (N, cin, H, W) -> (N, channels, H / 16 - 1, W / 4 + 1)."""
    c1, c2, c3, c4 = (channels // part for part in (8, 4, 2, 1))
    return nn.Sequential(
        *(nn.Conv2d(cin, c1, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        *(GatedRecurrentConv(c1, c1), nn.MaxPool2d(2)),
        *(GatedRecurrentConv(c1, c2), nn.MaxPool2d(2, (2, 1), (0, 1))),
        *(GatedRecurrentConv(c2, c3), nn.MaxPool2d(2, (2, 1), (0, 1))),
        conv_act(c3, c4, (2, 2), padding=(0, 0)),
    )


def resnet(cin: int, channels: int = 512) -> nn.Sequential:
    """FAN's 29 layers with short cuts: (N, cin, H, W) -> (N, channels, H / 16 - 1, W / 4 + 1)."""
    c0, c1, c2, c3, c4 = (channels // part for part in (16, 8, 4, 2, 1))
    return nn.Sequential(
        *(conv_act(cin, c0, (3, 3)), conv_act(c0, c1, (3, 3)), nn.MaxPool2d(2)),
        *(_blocks(c1, c2, 1), conv_act(c2, c2, (3, 3)), nn.MaxPool2d(2)),
        *(_blocks(c2, c3, 2), conv_act(c3, c3, (3, 3)), nn.MaxPool2d(2, (2, 1), (0, 1))),
        *(_blocks(c3, c4, 5), conv_act(c4, c4, (3, 3))),
        _blocks(c4, c4, 3),
        conv_act(c4, c4, (2, 2), (2, 1), (0, 1)),
        conv_act(c4, c4, (2, 2), padding=(0, 0)),
    )


class GatedRecurrentConv(nn.Module):
    """A convolution that looks at its own output again, a gate saying how far (Wang and Hu 2017, section 3.1).

    (N, cin, H, W) -> (N, cout, H, W). The weights are shared by all rounds, the normalisations are not.
    """

    def __init__(self, cin: int, cout: int, rounds: int = 5) -> None:
        super().__init__()
        self.feed = nn.Conv2d(cin, cout, 3, padding=1, bias=False)
        self.feed_gate = nn.Conv2d(cin, cout, 1, bias=False)
        self.recur = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.recur_gate = nn.Conv2d(cout, cout, 1, bias=False)
        self.first = nn.BatchNorm2d(cout)
        self.rounds = nn.ModuleList(_Round(cout) for _ in range(rounds))

    def forward(self, x: Tensor) -> Tensor:
        """The state after the last round."""
        feed, gate = self.feed(x), self.feed_gate(x)
        state = torch.relu(self.first(feed))
        for one in self.rounds:
            state = one(feed, gate, self.recur(state), self.recur_gate(state))
        return state


class _Round(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        norms = (nn.BatchNorm2d(channels) for _ in range(5))
        self.feed, self.gate, self.recur, self.recur_gate, self.gated = norms

    def forward(self, feed: Tensor, gate: Tensor, recur: Tensor, recur_gate: Tensor) -> Tensor:
        open_ = torch.sigmoid(self.gate(gate) + self.recur_gate(recur_gate))
        return torch.relu(self.feed(feed) + self.gated(self.recur(recur) * open_))


class Shortcut(nn.Module):
    """Two 3x3 convolutions beside a short cut (He et al. 2016, section 3.2): (N, cin, H, W) -> (N, cout, H, W).

    Args:
        cin: channels in.
        cout: channels out.
        short: the short cut; `nn.Identity` where cin is cout.
    """

    def __init__(self, cin: int, cout: int, short: nn.Module) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_act(cin, cout, (3, 3)), conv_norm(cout, cout, (3, 3)))
        self.short = short

    def forward(self, x: Tensor) -> Tensor:
        """The sum of both ways, rectified."""
        return torch.relu(self.body(x) + self.short(x))


def _blocks(cin: int, cout: int, count: int) -> nn.Sequential:
    short = nn.Identity() if cin == cout else conv_norm(cin, cout, (1, 1))
    more = (Shortcut(cout, cout, nn.Identity()) for _ in range(count - 1))
    return nn.Sequential(Shortcut(cin, cout, short), *more)
