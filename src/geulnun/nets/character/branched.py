"""Features of one character: networks whose layers branch and meet again.

Arguments and results are those of `geulnun.nets.character.plain`. All paddings keep the size, or round it up where the
stride is 2, so that any input fits; the papers have inputs of 224 pixels and more.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from geulnun.nets.blocks import Pair, conv_act, conv_norm
from geulnun.nets.character.plain import Trunk, halved
from geulnun.nets.recognition.grid import scaled


class Beside(nn.Module):
    """Several modules on the same maps, what they give put together: (N, cin, H, W) -> (N, sum of theirs, H', W')."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """All branches' maps, in order."""
        return torch.cat([branch(x) for branch in self.branches], 1)


class Added(nn.Module):
    """Branches whose result, times ``share``, is added to what came in, then rectified. (N, C, H, W) -> the same shape.

    Szegedy et al. 2017 (arXiv:1602.07261, section 3.3): shares of 0.1 to 0.3 keep wide ones stable.
    """

    def __init__(self, branches: nn.Module, share: float = 0.2) -> None:
        super().__init__()
        self.branches = branches
        self.share = share
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """The maps, and their change."""
        out: Tensor = self.act(x + self.share * self.branches(x))
        return out


#: One convolution: channels, kernel, stride.
Conv = tuple[int, Pair, int]


def _chain(cin: int, convs: Sequence[Conv]) -> nn.Sequential:
    layers = []
    for channels, kernel, stride in convs:
        layers.append(conv_act(cin, channels, kernel, (stride, stride)))
        cin = channels
    return nn.Sequential(*layers)


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, 2, padding=1)


def _residual(channels: int, branches: Sequence[Sequence[Conv]]) -> Added:
    given = sum(branch[-1][0] for branch in branches)
    wide = nn.Conv2d(given, channels, 1)
    return Added(nn.Sequential(Beside(*(_chain(channels, branch) for branch in branches)), wide))


def inception_resnet_v2(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """Szegedy et al. 2017 (arXiv:1602.07261, figure 15): the stem of figure 3, 5 blocks A, 10 B and 5 C.

    Blocks and reductions are those of figures 16 to 19 and 7, with the numbers of table 1.
    """
    one, three = (1, 1), (3, 3)
    c = {width: scaled(width, factor) for width in (32, 48, 64, 96, 128, 160, 192, 224, 256, 288, 320, 384)}
    stem = [
        _chain(cin, [(c[32], three, 2), (c[32], three, 1), (c[64], three, 1)]),
        Beside(_pool(), _chain(c[64], [(c[96], three, 2)])),
        Beside(
            _chain(c[64] + c[96], [(c[64], one, 1), (c[96], three, 1)]),
            _chain(c[64] + c[96], [(c[64], one, 1), (c[64], (7, 1), 1), (c[64], (1, 7), 1), (c[96], three, 1)]),
        ),
        Beside(_pool(), _chain(2 * c[96], [(c[192], three, 2)])),
    ]
    first = 2 * c[96] + c[192]
    a = [[(c[32], one, 1)], [(c[32], one, 1), (c[32], three, 1)]]
    a.append([(c[32], one, 1), (c[48], three, 1), (c[64], three, 1)])
    reduce_a = Beside(
        _pool(),
        _chain(first, [(c[384], three, 2)]),
        _chain(first, [(c[256], one, 1), (c[256], three, 1), (c[384], three, 2)]),
    )
    second = first + 2 * c[384]
    b = [[(c[192], one, 1)], [(c[128], one, 1), (c[160], (1, 7), 1), (c[192], (7, 1), 1)]]
    reduce_b = Beside(
        _pool(),
        _chain(second, [(c[256], one, 1), (c[384], three, 2)]),
        _chain(second, [(c[256], one, 1), (c[288], three, 2)]),
        _chain(second, [(c[256], one, 1), (c[288], three, 1), (c[320], three, 2)]),
    )
    third = second + c[384] + c[288] + c[320]
    d = [[(c[192], one, 1)], [(c[192], one, 1), (c[224], (1, 3), 1), (c[256], (3, 1), 1)]]
    blocks_a, blocks_b = [_residual(first, a) for _ in range(5)], [_residual(second, b) for _ in range(10)]
    blocks_c = [_residual(third, d) for _ in range(5)]
    return Trunk(nn.Sequential(*stem, *blocks_a, reduce_a, *blocks_b, reduce_b, *blocks_c), third, halved(size, 5))


class Squeeze(nn.Module):
    """Squeeze and excitation (Hu et al. 2018, arXiv:1709.01507, section 3): each map times what all maps make of it.

    With the hard sigmoid of Howard et al. 2019 (arXiv:1905.02244, section 5.3). (N, C, H, W) -> the same shape.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = scaled(channels, 0.25)
        self.gate = nn.Sequential(
            *(nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, narrow, 1), nn.ReLU(inplace=True)),
            *(nn.Conv2d(narrow, channels, 1), nn.Hardsigmoid()),
        )

    def forward(self, x: Tensor) -> Tensor:
        """The maps, weighted."""
        out: Tensor = x * self.gate(x)
        return out


class Inverted(nn.Module):
    """An inverted residual: wide, a convolution a map, narrow again (Sandler et al. 2018, arXiv:1801.04381, section 3).

    The short cut is there where the shape stays. (N, cin, H, W) -> (N, cout, H', W').
    """

    def __init__(self, cin: int, wide: int, cout: int, kernel: int, stride: int, squeeze: bool, hard: bool) -> None:
        super().__init__()
        act: type[nn.Module] = nn.Hardswish if hard else nn.ReLU
        depthwise = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide, bias=False)
        self.work = nn.Sequential(
            *(conv_norm(cin, wide, (1, 1)), act()),
            *(depthwise, nn.BatchNorm2d(wide), act()),
            Squeeze(wide) if squeeze else nn.Identity(),
            conv_norm(wide, cout, (1, 1)),
        )
        self.keeps = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        """The maps of the block."""
        out: Tensor = self.work(x)
        return x + out if self.keeps else out


def mobilenet_v3_small(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """MobileNetV3-Small (Howard et al. 2019, arXiv:1905.02244, table 2), until its last 1 x 1 convolution."""
    # kernel, width inside, width outside, squeeze and excitation, hard swish, stride
    rows = (
        *((3, 16, 16, True, False, 2), (3, 72, 24, False, False, 2), (3, 88, 24, False, False, 1)),
        *((5, 96, 40, True, True, 2), (5, 240, 40, True, True, 1), (5, 240, 40, True, True, 1)),
        *((5, 120, 48, True, True, 1), (5, 144, 48, True, True, 1)),
        *((5, 288, 96, True, True, 2), (5, 576, 96, True, True, 1), (5, 576, 96, True, True, 1)),
    )
    width = scaled(16, factor)
    layers: list[nn.Module] = [conv_norm(cin, width, (3, 3), (2, 2)), nn.Hardswish()]
    for kernel, inside, outside, squeeze, hard, stride in rows:
        cin, width = width, scaled(outside, factor)
        layers.append(Inverted(cin, scaled(inside, factor), width, kernel, stride, squeeze, hard))
    last = scaled(576, factor)
    layers += [conv_norm(width, last, (1, 1)), nn.Hardswish()]
    return Trunk(nn.Sequential(*layers), last, halved(size, 5))


class DenseLayer(nn.Module):
    """Adds ``growth`` maps made of all before it: (N, C, H, W) -> (N, C + growth, H, W).

    Huang et al. 2017 (arXiv:1608.06993, section 3, "bottleneck layers"): 1 x 1 to four times the growth, then 3 x 3.
    """

    def __init__(self, cin: int, growth: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.work = nn.Sequential(
            *(nn.BatchNorm2d(cin), nn.ReLU(), nn.Conv2d(cin, 4 * growth, 1, bias=False)),
            *(nn.BatchNorm2d(4 * growth), nn.ReLU(), nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """All maps before, and the new ones."""
        return torch.cat([x, self.work(x)], 1)


def densenet(cin: int, size: int, factor: float = 1.0) -> Trunk:
    """DenseNet (Huang et al. 2017, arXiv:1608.06993, section 3) as the encoder of DenseRAN has it, halved.

    Wang et al. 2018 (arXiv:1808.04134, section on the dense encoder): 48 maps first, three dense blocks of growth 24,
    narrowed to half between them. Ours has eight layers a block, and no pooling before the first, so that the decoder
    finds 8 x 8 places in 64 pixels.
    """
    growth, width = scaled(24, factor), scaled(48, factor)
    layers: list[nn.Module] = [conv_act(cin, width, (7, 7), (2, 2))]
    for block in range(3):
        if block:
            narrow = width // 2
            layers += [nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, narrow, 1, bias=False)]
            layers.append(nn.AvgPool2d(2, ceil_mode=True))
            width = narrow
        for _ in range(8):
            layers.append(DenseLayer(width, growth))
            width += growth
    layers += [nn.BatchNorm2d(width), nn.ReLU()]
    return Trunk(nn.Sequential(*layers), width, halved(size, 3))
