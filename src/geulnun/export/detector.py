"""The detector's checkpoint to the ONNX file that the package ships."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from geulnun.export.onnx import halve, trace, write
from geulnun.nets.detection.network import line_network
from geulnun.training.run import averaged


class _FromPixels(nn.Module):
    """A page of uint8 pixels (h, w, 3) -> maps (8, h/4, w/4)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, page: Tensor) -> Tensor:
        maps: Tensor = self.net(page.permute(2, 0, 1)[None].float() / 255)[0]
        return maps


def export_detector(checkpoint: Path, path: Path) -> None:
    """Write the averaged weights of a detector's checkpoint as ONNX: ``page`` uint8 (h, w, 3) -> ``maps``."""
    write(detector_model(averaged(checkpoint, line_network())), path)


def detector_model(net: nn.Module) -> onnx.ModelProto:
    """The ONNX graph of a line network."""
    example = torch.zeros(64, 96, 3, dtype=torch.uint8)
    axes = {"page": {0: "height", 1: "width"}, "maps": {1: "rows", 2: "columns"}}
    return halve(trace(_FromPixels(net), example, "page", "maps", axes))
