"""Pruned ONNX networks in small files: a bit a weight, and 8 bits for each that is not zero.

The graph unpacks them with standard operators on constants, which ONNX Runtime does once, when the file is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

Constants = dict[str, NDArray[Any]]

#: Smaller tensors stay as they are: they weigh nothing.
_LEAST = 1024
#: Share of zeros from which a map of them is smaller than they are.
_LEAST_ZEROS = 0.125


def pack(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with its large float32 weights as 8-bit integers, a scale for each entry of the first axis.

    Those with many zeros, as dropped weights leave them, have the zeros' places as bits and the integers of the others
    only. Weights change by half a 254th of the largest in their row at most; zeros stay zeros.
    """
    graph = model.graph
    nodes: list[onnx.NodeProto] = []
    tensors: list[onnx.TensorProto] = []
    for tensor in list(graph.initializer):
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _LEAST or values.ndim < 2:
            tensors.append(tensor)
            continue
        made, needed = _unpacking(tensor.name, values)
        nodes += made
        tensors += needed
    nodes += graph.node
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(tensors)
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _unpacking(name: str, values: NDArray[np.float32]) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Nodes that make the tensor ``name``, and the constants they make it of."""
    rows = values.reshape(len(values), -1)
    largest = np.abs(rows).max(1)
    scales = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    whole = np.rint(rows / scales[:, None]).astype(np.int8)
    shape = np.array(values.shape, np.int64)
    # What a scale spreads over: all axes but the first.
    spread = scales.reshape(-1, *(1,) * (values.ndim - 1))
    sparse = float((whole == 0).mean()) >= _LEAST_ZEROS
    constants: Constants = {"scale": spread, "shape": shape}
    if sparse:
        constants |= _with_bits(whole)
    else:
        constants["kept"] = whole
    steps = list(_from_bits(name)) if sparse else [("Cast", ["kept"], "plain", {"to": onnx.TensorProto.FLOAT})]
    steps += [("Reshape", ["plain", "shape"], "shaped", {}), ("Mul", ["shaped", "scale"], "", {})]
    nodes = [
        helper.make_node(kind, [f"{name}.{each}" for each in given], [f"{name}.{out}" if out else name], **attributes)
        for kind, given, out, attributes in steps
    ]
    return nodes, [numpy_helper.from_array(value, f"{name}.{key}") for key, value in constants.items()]


def _with_bits(whole: NDArray[np.int8]) -> Constants:
    """The bits of what is not zero, 8 a byte from the highest on; the integers themselves, after one 0."""
    there = whole.ravel() != 0
    return {
        "bits": np.packbits(there)[:, None],
        "kept": np.concatenate([np.zeros(1, np.int8), whole.ravel()[there]]),
        "powers": np.array([128, 64, 32, 16, 8, 4, 2, 1], np.int32),
        "two": np.array(2, np.int32),
        "axis": np.array(0, np.int64),
        "flat": np.array([-1], np.int64),
        "first": np.array([0], np.int64),
        "count": np.array([there.size], np.int64),
    }


Step = tuple[str, list[str], str, dict[str, int]]


def _from_bits(name: str) -> Iterator[Step]:
    """Bytes to bits, bits to places in what was kept: the n-th 1 is the n-th integer, and every 0 the first."""
    yield "Cast", ["bits"], "bytes", {"to": onnx.TensorProto.INT32}
    yield "Div", ["bytes", "powers"], "moved", {}
    yield "Mod", ["moved", "two"], "eights", {}
    yield "Reshape", ["eights", "flat"], "padded", {}
    yield "Slice", ["padded", "first", "count"], "there", {}
    yield "CumSum", ["there", "axis"], "nth", {}
    yield "Mul", ["nth", "there"], "places", {}
    yield "Gather", ["kept", "places"], "gathered", {"axis": 0}
    yield "Cast", ["gathered"], "plain", {"to": onnx.TensorProto.FLOAT}
