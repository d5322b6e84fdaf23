"""PyTorch networks to ONNX files that ONNX Runtime reads, weights stored in half precision."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from geulnun.errors import UsageError

OPSET = 17
#: Smaller tensors (biases, scales) stay in full precision: they weigh nothing.
_LEAST_HALVED = 1024

Axes = Mapping[str, Mapping[int, str]]


def trace(
    net: nn.Module, example: Tensor, input_name: str, outputs: str | Sequence[str], axes: Axes
) -> onnx.ModelProto:
    """Trace a network in evaluation mode; batch norms are folded into the convolutions before them.

    Args:
        net: takes one tensor, gives one or several.
        example: such a tensor.
        input_name: name of the graph's input.
        outputs: name of its output, or of each.
        axes: by name, which axes may have any size, and what to call them.
    """
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # The newer exporter needs another package and gives the same graph for these networks.
        warnings.simplefilter("ignore", DeprecationWarning)
        file = Path(folder, "traced.onnx")
        torch.onnx.export(
            net.eval(),
            (example,),
            file,
            input_names=[input_name],
            output_names=[outputs] if isinstance(outputs, str) else list(outputs),
            dynamic_axes={name: dict(sizes) for name, sizes in axes.items()},
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load(file)


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store large float32 weights as float16, cast back when the file is loaded: half the size, the same speed."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _LEAST_HALVED:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def write(model: onnx.ModelProto, path: Path) -> None:
    """Write a model under another name and rename it."""
    draft = path.with_suffix(".part")
    draft.write_bytes(model.SerializeToString())
    draft.replace(path)


def marked(model: onnx.ModelProto, key: str, text: str) -> onnx.ModelProto:
    """The same model with ``text`` under ``key`` in its metadata, in place of any other."""
    kept = [entry for entry in model.metadata_props if entry.key != key]
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    model.metadata_props.add(key=key, value=text)
    return model


def samples_for(
    precision: str, known: Iterable[str], samples: Iterable[NDArray[np.float32]], what: str
) -> list[NDArray[np.float32]]:
    """The samples that a precision needs: those of "int8", and none for others.

    Raises:
        UsageError: the precision is not one of ``known``, or "int8" has no samples of ``what``.
    """
    if precision not in (names := tuple(known)):
        raise UsageError(f"precision is {precision!r}; expected one of {', '.join(names)}")
    kept = list(samples) if precision == "int8" else []
    if precision == "int8" and not kept:
        raise UsageError(f"int8 takes its ranges from {what}, and there are none; give some of the training data")
    return kept
