"""A network that tells which way up lines stand by where their ink is: the half with more of it is the upper one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun.image import posture


@pytest.fixture
def headed(tmp_path: Path) -> Path:
    """Its ONNX file; columns are never told."""
    return write_headed(tmp_path / "headed.onnx")


def write_headed(path: Path, key: str = posture.KEY) -> Path:
    """Write it: the logits are how dark the upper and the lower half are, and -100 for columns."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    half = posture.SPEC.height // 2
    nodes = []
    for name in ("top", "bottom"):
        nodes += [
            helper.make_node("Slice", ["lines", f"{name}.first", f"{name}.last", "axis"], [f"{name}.part"]),
            helper.make_node("ReduceMean", [f"{name}.part"], [f"{name}.mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Mul", [f"{name}.mean", "dark"], [name]),
        ]
    nodes += [
        helper.make_node("Mul", ["top", "none"], ["zero"]),
        helper.make_node("Add", ["zero", "never"], ["column"]),
        helper.make_node("Concat", ["top", "bottom", "column", "column"], ["postures"], axis=1),
    ]
    values = {"axis": np.array([2]), "dark": np.float32(-40), "none": np.float32(0), "never": np.float32(-100)}
    for name, first, last in (("top", 0, half), ("bottom", half, 2 * half)):
        values |= {f"{name}.first": np.array([first]), f"{name}.last": np.array([last])}
    tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]
    given = helper.make_tensor_value_info("lines", kind, ["count", 1, posture.SPEC.height, "width"])
    made = helper.make_tensor_value_info("postures", kind, ["count", 4])
    graph = helper.make_graph(nodes, "headed", [given], [made], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.metadata_props.add(key=key, value="1")
    path.write_bytes(model.SerializeToString())
    return path
