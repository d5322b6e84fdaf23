"""The recogniser's checkpoint to the ONNX file that the package ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

from geulnun.charset import DEFAULT
from geulnun.export.onnx import trace, write
from geulnun.export.quantise import quantise
from geulnun.image import ops
from geulnun.nets.recognition.line import BUILDERS
from geulnun.training.lines import loader
from geulnun.training.recogniser import RecogniserRecipe, drawn_lines
from geulnun.training.run import averaged

#: Batches of training lines from which the integer ranges are taken, of a pass that no training comes to.
CALIBRATION_BATCHES, CALIBRATION_PASS = 24, 777


def recogniser_model(net: nn.Module) -> onnx.ModelProto:
    """The float32 ONNX graph of a line network: ``lines`` (N, 1, LINE_HEIGHT, W) -> ``logits`` (N, W / 4, K)."""
    example = torch.zeros(1, 1, ops.LINE_HEIGHT, 320)
    axes = {"lines": {0: "count", 3: "width"}, "logits": {0: "count", 1: "steps"}}
    return trace(net, example, "lines", "logits", axes)


def export_recogniser(checkpoint: Path, recipe: RecogniserRecipe, target: Path, *, integers: bool = True) -> Path:
    """Write the checkpoint's averaged network; 8-bit integers unless told otherwise.

    The integer ranges come from lines of the training side, never from held-out ones.
    """
    model = recogniser_model(averaged(checkpoint, BUILDERS[recipe.net](DEFAULT)))
    if integers:
        batches = loader(drawn_lines(recipe, CALIBRATION_PASS, columns=6_000), 0)
        samples = [next(batches).inputs.numpy().astype(np.float32) for _ in range(CALIBRATION_BATCHES)]
        # The head stays in float32: it is a fiftieth of the work, and in integers it costs most of what integers cost.
        head = [node.name for node in model.graph.node if node.name.startswith("/prediction/")]
        model = quantise(model, samples, skip=head)
    write(model, target)
    return target
