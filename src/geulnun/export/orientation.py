"""The orientation network's checkpoint to the ONNX file that the package reads."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import nn

from geulnun.export.onnx import halve, marked, trace, write
from geulnun.image.posture import KEY, SPEC
from geulnun.nets.orientation import orientation_network
from geulnun.training.run import averaged


def export_orientation(checkpoint: Path, path: Path) -> None:
    """Write a checkpoint's averaged weights as ONNX: ``lines`` (n, 1, 32, w) -> ``postures`` (n, 4), logits."""
    write(orientation_model(averaged(checkpoint, orientation_network())), path)


def orientation_model(net: nn.Module) -> onnx.ModelProto:
    """The ONNX graph of an orientation network, weights in half precision."""
    example = torch.zeros(2, 1, SPEC.height, 64)
    axes = {"lines": {0: "count", 3: "width"}, "postures": {0: "count"}}
    return marked(halve(trace(net, example, "lines", "postures", axes)), KEY, "1")
