"""Our reader of columns: local mixing by dense convolutions, rows brought into order, global mixing, CTC.

After SVTRv2 (Du et al. 2024, arXiv:2411.15858). Of it: lines keep their proportions instead of being squeezed into one
size (section 3.2, here any width rather than a few), local mixing comes before global (section 3.1), and features are
rearranged by attention before their height is given up (section 3.3).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.nets.blocks import Residual, conv_act
from geulnun.nets.recognition.grid import GridNet, scaled
from geulnun.nets.recognition.prediction import ColumnPrediction
from geulnun.nets.recognition.transformer import HEAD, InRow, Mixing

HEIGHT = 40


class RowChoice(nn.Module):
    """Maps (N, cin, rows, T) -> (N, cout, 1, T), each column's rows weighed by what is in them.

    The vertical rearrangement of SVTRv2: a learnt token looks down each column, with several heads, so that lines that
    rise, sag or sit high are met where they are. Beside it a convolution of the full height keeps what stands where,
    which tells ㅗ from ㅜ.

    Args:
        cin: channels in.
        cout: channels out, a multiple of `HEAD`.
        rows: height of the maps.
    """

    def __init__(self, cin: int, cout: int, rows: int) -> None:
        super().__init__()
        self.fixed = nn.Conv2d(cin, cout, (rows, 1), bias=False)
        self.scores = nn.Conv2d(cin, cout // HEAD, 1)
        self.values = nn.Conv2d(cin, cout, 1, bias=False)
        self.after = nn.Sequential(nn.BatchNorm2d(cout), nn.ReLU(inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        """One row of the maps' columns."""
        weights = torch.softmax(self.scores(x), 2)[:, :, None]
        chosen = (self.values(x).unflatten(1, (-1, HEAD)) * weights).sum(3).flatten(1, 2)
        out: Tensor = self.after(self.fixed(x) + chosen[:, :, None])
        return out


def trunk(factor: float, cin: int = 1) -> tuple[nn.Sequential, int]:
    """The convolutions of our readers, (N, cin, HEIGHT, W) -> (N, C, HEIGHT / 8, W / 4), and C."""
    c1, c2, c3 = (scaled(channels, factor) for channels in (24, 64, 128))
    layers = nn.Sequential(
        conv_act(cin, c1, (5, 5), (2, 2)),
        conv_act(c1, c2, (3, 3), (2, 2)),
        *(Residual(c2), Residual(c2), Residual(c2)),
        conv_act(c2, c3, (3, 3), (2, 1)),
        *(Residual(c3), Residual(c3)),
    )
    return layers, c3


def svtr_jamo(classes: Classes, factor: float = 1.0, most: int = 50) -> GridNet:
    """Any width, a step every four pixels; 4.1 M parameters with the default characters."""
    layers, channels = trunk(factor)
    size = scaled(256, factor, HEAD)
    local = (InRow(Residual(size, (1, 5), dilation=dilation)) for dilation in (1, 2))
    between = (module for pair in zip(local, (Mixing(size), Mixing(size)), strict=True) for module in pair)
    feature = nn.Sequential(*layers, RowChoice(channels, size, HEIGHT // 8))
    sequence = nn.Sequential(*between, nn.LayerNorm(size), nn.Dropout(0.1))
    return GridNet(nn.Identity(), feature, sequence, ColumnPrediction(size, classes.width))
