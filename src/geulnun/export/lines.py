"""Any line recogniser to an ONNX file that says what it takes and gives.

``lines`` (N, C, H, W) -> ``logits`` (N, T, K); the spec stands in the file's metadata. Decoders that write one
character after the other are unrolled: their loop is as long as the longest line.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from geulnun.export.ideographs import OUTPUTS, sparse
from geulnun.export.onnx import halve, marked, samples_for, trace, write
from geulnun.export.packing import pack
from geulnun.export.quantise import quantise
from geulnun.spec import KEY, LineSpec

Samples = Iterable[NDArray[np.float32]]

#: Width of the example that a network for any width is traced with.
EXAMPLE = 320
#: What dynamic quantisation turns to integers: weights once, activations as they come.
_MATRICES = ("MatMul", "Gemm", "LSTM")
#: The stages that do the work, as the names of their nodes begin.
_WORK = ("/feature/", "/sequence/")


def line_model(net: nn.Module, spec: LineSpec) -> onnx.ModelProto:
    """The float32 graph of a line network, ``spec`` in its metadata."""
    example = torch.zeros(1, spec.channels, spec.height, spec.width or EXAMPLE)
    axes = {"lines": {0: "count"}, "logits": {0: "count"}}
    if spec.width is None:
        axes["lines"][3], axes["logits"][1] = "width", "steps"
    with warnings.catch_warnings():
        # PyTorch's LSTM compares its input's shape with its own, numbers when it is traced, and warns of that; and of
        # a fixed number of lines, which only a given first state would bring.
        warnings.filterwarnings("ignore", category=Warning, module=r"torch\.nn\.modules\.rnn")
        warnings.filterwarnings("ignore", "Exporting a model to ONNX with a batch_size", UserWarning)
        whole = sparse(net, spec.classes)
        if whole is net:
            return described(trace(net, example, "lines", "logits", axes), spec)
        axes |= {"places": {0: "found"}, "ideographs": {0: "found"}}
        return described(trace(whole, example, "lines", OUTPUTS, axes), spec)


def described(model: onnx.ModelProto, spec: LineSpec) -> onnx.ModelProto:
    """The same model with ``spec`` in its metadata, in place of any other."""
    return marked(model, KEY, spec.to_json())


def integers(model: onnx.ModelProto, spec: LineSpec, samples: Samples) -> onnx.ModelProto:
    """The model with 8-bit matrices and convolutions, the latter's ranges taken from ``samples``.

    The last layers go on in floats: they are a small part of the work, and in integers they cost most of what integers
    cost. So does what bends the image, where an integer is a coarse place. Their weights are stored as 8-bit integers,
    a scale a row, which costs nothing that could be measured.
    """
    matrices = [node.name for node in model.graph.node if node.op_type in _MATRICES and node.name.startswith(_WORK)]
    if matrices:
        model = _dynamic(model, matrices)
    wanted = _convolving(model.graph)
    others = [node.name for node in model.graph.node if node.name not in wanted]
    return described(halve(pack(quantise(model, samples, skip=others))), spec)


def _dynamic(model: onnx.ModelProto, names: list[str]) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        given, done = Path(folder, "given.onnx"), Path(folder, "done.onnx")
        onnx.save(model, str(given))
        quantize_dynamic(str(given), str(done), weight_type=QuantType.QInt8, nodes_to_quantize=names)
        return onnx.load(str(done))


def _convolving(graph: onnx.GraphProto) -> set[str]:
    """Names of the nodes that stay in integers from one convolution to the next: short cuts end in a rectifier."""
    rectified = {name for node in graph.node if node.op_type == "Relu" for name in node.input}
    return {
        node.name
        for node in graph.node
        if node.name.startswith(_WORK)
        and (node.op_type in ("Conv", "Relu", "MaxPool") or (node.op_type == "Add" and node.output[0] in rectified))
    }


def _as_is(model: onnx.ModelProto, spec: LineSpec, samples: Samples) -> onnx.ModelProto:
    return model


def _halved(model: onnx.ModelProto, spec: LineSpec, samples: Samples) -> onnx.ModelProto:
    return halve(model)


#: How a file's weights are stored: as they are, in half precision, or with the network's work in 8-bit integers.
PRECISIONS: dict[str, Callable[[onnx.ModelProto, LineSpec, Samples], onnx.ModelProto]] = {
    "float32": _as_is,
    "float16": _halved,
    "int8": integers,
}


def export_lines(
    net: nn.Module, spec: LineSpec, target: Path, precision: str = "float32", samples: Samples = ()
) -> Path:
    """Write a line network as an ONNX file.

    Args:
        net: takes and gives what ``spec`` says.
        spec: goes into the file.
        target: the file.
        precision: one of `PRECISIONS`.
        samples: network inputs (N, C, H, W) such as it will meet, from which "int8" takes its ranges.

    Raises:
        UsageError: another precision, or "int8" without samples.
    """
    kept = samples_for(precision, PRECISIONS, samples, "lines")
    write(PRECISIONS[precision](line_model(net, spec), spec, kept), target)
    return target
