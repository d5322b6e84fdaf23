"""The backbone that the detectors of words and characters share: features from fine to wide, merged back to fine.

Dense 3x3 convolutions with residual blocks only: on processors depthwise ones are slow to train however few their
operations. Widths are multiples of 16: ONNX Runtime's fast convolutions on processors work on blocks of 16 channels.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional


class Pyramid(nn.Module):
    """Feature pyramid (Lin et al. 2017, arXiv:1612.03144, section 3) that gives its finest merged level.

    Images (n, 3, h, w), float -1..1 -> features (n, c, h / s, w / s), where s is the stride of the level that the last
    lateral merges.

    Args:
        stages: modules one after the other, each at half the resolution of the one before: (n, c, h, w) ->
            (n, c', h/2, w/2).
        laterals: from the last level but one upwards: what is done to the sum of a stage's features and the merged
            ones of the level below, brought to its size; each must give as many channels as the next stage up has.
    """

    def __init__(self, stages: nn.ModuleList, laterals: nn.ModuleList) -> None:
        super().__init__()
        if len(laterals) >= len(stages):
            raise ValueError(f"{len(laterals)} laterals for {len(stages)} stages; expected fewer")
        self.stages = stages
        self.laterals = laterals

    def forward(self, images: Tensor) -> Tensor:
        """Features of the finest merged level."""
        levels, features = list[Tensor](), images
        for stage in self.stages:
            features = stage(features)
            levels.append(features)
        merged = levels.pop()
        for lateral in self.laterals:
            wide = functional.interpolate(merged, scale_factor=2.0, mode="nearest")
            merged = lateral(levels.pop() + wide)
        return merged
