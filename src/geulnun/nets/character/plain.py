"""Features of one character: stacks of convolutions, one after the other.

Each function takes the channels that come in, the side S of the input in pixels and a factor for all channels, and
gives a `Trunk`: (N, cin, S, S) -> (N, channels, side, side).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from geulnun.nets.blocks import Residual, conv_act, conv_norm
from geulnun.nets.recognition.grid import scaled

#: Slope of leaky rectifiers for negative numbers, where the papers name none.
SLOPE = 0.3


class Trunk(NamedTuple):
    """A feature stage and the maps it gives: how many, and their height and width."""

    module: nn.Module
    channels: int
    side: int


def halved(size: int, times: int) -> int:
    """The side of a map after so many steps of stride 2, each of which rounds up."""
    for _ in range(times):
        size = -(-size // 2)
    return size


def melnyk(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """Melnyk-Net: 14 convolutions of 3 x 3, every second of them narrow; 4.81 M weights.

    Melnyk et al. 2020 (arXiv:1812.11489, table of the architecture). Published for 96 pixels, where it gives maps of
    6 x 6.
    """
    stages = ((64, 64), (96, 64, 96), (128, 96, 128), (256, 192, 256), (448, 256, 448))
    layers: list[nn.Module] = []
    for at, stage in enumerate(stages):
        if at:
            layers.append(nn.AvgPool2d(3, 2, padding=1, count_include_pad=False))
        for width in (scaled(channels, factor) for channels in stage):
            layers.append(conv_act(cin, width, (3, 3)))
            cin = width
    return Trunk(nn.Sequential(*layers), cin, halved(size, 4))


class Fire(nn.Module):
    """A fire module: a narrow 1 x 1 convolution, two of 3 x 3 beside each other. (N, cin, H, W) -> (N, cout, H', W').

    Iandola et al. 2016 (SqueezeNet, arXiv:1602.07360, section 3.1) as Li et al. 2018 (arXiv:1804.01259, section on the
    architecture) have it: both wide ones are 3 x 3, all are normalised.
    """

    def __init__(self, cin: int, cout: int, stride: int = 1) -> None:
        super().__init__()
        narrow = max(8, cout // 8)
        self.squeeze = _leaky(cin, narrow, 1, 1)
        self.left = _leaky(narrow, cout // 2, 3, stride)
        self.right = _leaky(narrow, cout // 2, 3, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Both halves of what comes out."""
        x = self.squeeze(x)
        return torch.cat([self.left(x), self.right(x)], 1)


def _leaky(cin: int, cout: int, kernel: int, stride: int) -> nn.Sequential:
    norm = conv_norm(cin, cout, (kernel, kernel), (stride, stride))
    return nn.Sequential(norm, nn.LeakyReLU(SLOPE, inplace=True))


def efficient(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """A convolution and eleven fire modules, three of stride 2.

    Li et al. 2018 (arXiv:1804.01259, table of the architecture), without the cascade's early output.
    """
    stages = ((64, 2), (128, 1), (128, 1), (128, 2), (256, 1), (256, 1), (256, 2), *[(512, 1)] * 4)
    width = scaled(64, factor)
    layers: list[nn.Module] = [_leaky(cin, width, 3, 1)]
    for channels, stride in stages:
        cin, width = width, scaled(channels, factor)
        layers.append(Fire(cin, width, stride))
    return Trunk(nn.Sequential(*layers), width, halved(size, 3))


def afl(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """Nine convolutions of 3 x 3, every second of stride 2: the features of adversarial feature learning.

    Zhang et al. 2018 ("Robust offline handwritten character recognition through exploring writer-independent features
    under the guidance of printed data", table of the architecture).
    """
    stages = ((96, 1), (96, 2), (128, 1), (128, 2), (160, 1), (160, 2), (256, 1), (256, 2), (256, 1))
    layers = []
    for channels, stride in stages:
        width = scaled(channels, factor)
        layers.append(_leaky(cin, width, 3, stride))
        cin = width
    return Trunk(nn.Sequential(*layers), cin, halved(size, 4))


def vgg16(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """VGG's thirteen convolutions (Simonyan and Zisserman 2015, arXiv:1409.1556, table 1, column D).

    Each is normalised, which the paper did not know: without, it only learns from weights of a shallower one (section
    3.1).
    """
    layers: list[nn.Module] = []
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            width = scaled(channels, factor)
            layers.append(conv_act(cin, width, (3, 3)))
            cin = width
        layers.append(nn.MaxPool2d(2, ceil_mode=True))
    return Trunk(nn.Sequential(*layers), cin, halved(size, 5))


def kana(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """Two convolutions of 5 x 5 without padding, 4 and 16 maps: the recogniser of kana, made for 256 pixels."""
    layers: list[nn.Module] = []
    side = size
    for channels in (4, 16):
        width = max(1, round(channels * factor))
        layers += [nn.Conv2d(cin, width, 5), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2), nn.Dropout(0.3)]
        cin, side = width, (side - 4) // 2
    return Trunk(nn.Sequential(*layers), cin, side)


def dense(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """The default: residual blocks at half, a quarter, an eighth and a sixteenth of the input's side; 3.5 M weights.

    0.15 G multiply-adds for 64 pixels. Dense convolutions and plain rectifiers, so that it trains fast on a CPU and
    goes into integers almost without loss; jamo differ in single strokes, so there is work at half the side, too.
    """
    few, some, more, most = (scaled(channels, factor) for channels in (32, 64, 128, 256))
    layers = [conv_act(cin, few, (5, 5), (2, 2)), Residual(few)]
    for narrow, wide in ((few, some), (some, more), (more, most)):
        layers += [conv_act(narrow, wide, (3, 3), (2, 2)), Residual(wide), Residual(wide)]
    return Trunk(nn.Sequential(*layers), most, halved(size, 4))
