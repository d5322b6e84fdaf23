"""The text-line network: a dense residual pyramid that draws eight maps at a quarter of the input's size.

Dense 3x3 convolutions only: on processors depthwise ones are slow to train however few their operations. Nearly
all work happens at an eighth of the input's size and below; a wide view (strides 16 and 32) is what tells one long
line from two cells, and large letters from background.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from geulnun.nets.blocks import Residual, conv_act


class LineNetwork(nn.Module):
    """A feature pyramid (Lin et al. 2017, section 3) with one head, at its finest level.

    RGB page (n, 3, h, w), float 0..1, h and w multiples of 32 -> maps (n, 8, h/4, w/4).

    The channels are those of `geulnun.decode.heatmap`: core logit, log2 of the line's height, offset of the centre
    line, distances to both ends, cosine and sine of twice the axis' angle, logit of reading along the axis.
    """

    def __init__(self, stem: nn.Module, stages: nn.ModuleList, laterals: nn.ModuleList, head: nn.Module) -> None:
        super().__init__()
        self.stem = stem
        self.stages = stages
        self.laterals = laterals
        self.head = head

    def forward(self, pages: Tensor) -> Tensor:
        """Draw the maps; raw numbers, no activation applied."""
        levels = [self.stem(pages * 2 - 1)]
        for stage in self.stages:
            levels.append(stage(levels[-1]))
        merged = levels.pop()
        for lateral in self.laterals:
            skipped = levels.pop()
            merged = lateral(skipped + functional.interpolate(merged, scale_factor=2.0, mode="nearest"))
        maps: Tensor = self.head(merged)
        return maps


def line_network() -> LineNetwork:
    """Build the detector that ships; every width is written here."""
    return LineNetwork(
        stem=nn.Sequential(conv_act(3, 16, (3, 3), (2, 2)), conv_act(16, 32, (3, 3), (2, 2)), Residual(32)),
        stages=nn.ModuleList(
            [
                nn.Sequential(conv_act(32, 64, (3, 3), (2, 2)), Residual(64), Residual(64)),
                nn.Sequential(conv_act(64, 80, (3, 3), (2, 2)), Residual(80), Residual(80)),
                nn.Sequential(conv_act(80, 80, (3, 3), (2, 2)), Residual(80), Residual(80)),
            ]
        ),
        laterals=nn.ModuleList([conv_act(80, 64, (1, 1)), conv_act(64, 32, (3, 3)), Residual(32)]),
        head=nn.Conv2d(32, 8, 1),
    )
