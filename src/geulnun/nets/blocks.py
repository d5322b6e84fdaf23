"""Convolution blocks that the networks are built of."""

from __future__ import annotations

from torch import Tensor, nn

Pair = tuple[int, int]


def conv_norm(
    cin: int, cout: int, kernel: Pair, stride: Pair = (1, 1), padding: Pair | None = None, dilation: int = 1
) -> nn.Sequential:
    """Convolution without bias and batch normalisation; "same" padding unless given. (N,C,H,W) -> (N,C',H',W')."""
    pad = padding if padding is not None else (kernel[0] // 2, kernel[1] // 2 * dilation)
    conv = nn.Conv2d(cin, cout, kernel, stride, pad, dilation=(1, dilation), bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(cout))


def conv_act(cin: int, cout: int, kernel: Pair, stride: Pair = (1, 1), padding: Pair | None = None) -> nn.Sequential:
    """`conv_norm` and a ReLU, which quantises well and folds into one integer operation."""
    return nn.Sequential(conv_norm(cin, cout, kernel, stride, padding), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """Two convolutions and a short cut (He et al. 2016, arXiv:1512.03385, section 3.2).

    A new block passes on what it gets: its last normalisation begins at nought (Goyal et al. 2017, arXiv:1706.02677,
    section 5.1), so that one put into a trained network leaves its outputs as they were.
    """

    def __init__(self, channels: int, kernel: Pair = (3, 3), dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Sequential(conv_norm(channels, channels, kernel, dilation=dilation), nn.ReLU(inplace=True))
        self.second = conv_norm(channels, channels, kernel, dilation=dilation)
        norm = self.second[-1]
        assert isinstance(norm, nn.BatchNorm2d)
        nn.init.zeros_(norm.weight)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> the same shape."""
        out: Tensor = self.act(x + self.second(self.first(x)))
        return out
