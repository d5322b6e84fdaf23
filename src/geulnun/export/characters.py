"""Any recogniser of characters to an ONNX file that says what it takes and gives.

``characters`` (N, 1, S, S) -> ``logits`` (N, K); the spec stands in the file's metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from geulnun.export.onnx import halve, marked, samples_for, trace, write
from geulnun.export.packing import pack
from geulnun.export.quantise import quantise
from geulnun.spec import CHARACTER_KEY, CharacterSpec

Samples = Iterable[NDArray[np.float32]]

INPUT, OUTPUT = "characters", "logits"
#: What goes into integers of the stage that does the work, as the names of its nodes begin.
_WORK = "/feature/"
_INTEGERS = ("Conv", "Relu", "LeakyRelu", "MaxPool", "AveragePool", "Concat")


def character_model(net: nn.Module, spec: CharacterSpec) -> onnx.ModelProto:
    """The float32 graph of a network of characters, ``spec`` in its metadata."""
    example = torch.zeros(1, 1, spec.size, spec.size, device=next(net.parameters()).device)
    axes = {INPUT: {0: "count"}, OUTPUT: {0: "count"}}
    return described(trace(net, example, INPUT, OUTPUT, axes), spec)


def described(model: onnx.ModelProto, spec: CharacterSpec) -> onnx.ModelProto:
    """The same model with ``spec`` in its metadata, in place of any other."""
    return marked(model, CHARACTER_KEY, spec.to_json())


def integers(model: onnx.ModelProto, spec: CharacterSpec, samples: Samples) -> onnx.ModelProto:
    """The model with the features' convolutions in 8-bit integers, ranges taken from ``samples``.

    Link and head go on in floats, as activations in integers cost most there; their weights are stored as 8-bit
    integers, a scale a row, which costs nothing that could be measured.
    """
    wanted = _working(model.graph)
    others = [node.name for node in model.graph.node if node.name not in wanted]
    return described(halve(pack(quantise(model, samples, skip=others))), spec)


def _working(graph: onnx.GraphProto) -> set[str]:
    """Names of the nodes that stay in integers from one convolution to the next: short cuts end in a rectifier."""
    rectified = {name for node in graph.node if node.op_type == "Relu" for name in node.input}
    return {
        node.name
        for node in graph.node
        if node.name.startswith(_WORK)
        and (node.op_type in _INTEGERS or (node.op_type == "Add" and node.output[0] in rectified))
    }


def _as_is(model: onnx.ModelProto, spec: CharacterSpec, samples: Samples) -> onnx.ModelProto:
    return model


def _halved(model: onnx.ModelProto, spec: CharacterSpec, samples: Samples) -> onnx.ModelProto:
    return halve(model)


def _packed(model: onnx.ModelProto, spec: CharacterSpec, samples: Samples) -> onnx.ModelProto:
    return pack(model)


#: How a file's weights are stored: as they are, in half precision, with the features' work in 8-bit integers, or as
#: 8-bit integers without the zeros of dropped ones, unpacked when the file is loaded.
PRECISIONS: dict[str, Callable[[onnx.ModelProto, CharacterSpec, Samples], onnx.ModelProto]] = {
    "float32": _as_is,
    "float16": _halved,
    "int8": integers,
    "packed": _packed,
}


def export_characters(
    net: nn.Module, spec: CharacterSpec, target: Path, precision: str = "float32", samples: Samples = ()
) -> Path:
    """Write a network of characters as an ONNX file.

    Args:
        net: takes and gives what ``spec`` says.
        spec: goes into the file.
        target: the file.
        precision: one of `PRECISIONS`.
        samples: network inputs (N, 1, S, S) such as it will meet, from which "int8" takes its ranges.

    Raises:
        UsageError: another precision, or "int8" without samples.
    """
    kept = samples_for(precision, PRECISIONS, samples, "characters")
    write(PRECISIONS[precision](character_model(net, spec), spec, kept), target)
    return target
