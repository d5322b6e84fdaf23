"""Where fine-tuning begins: a recogniser's float weights, out of an ONNX file of ours or out of a checkpoint.

The package ships the default recogniser in 8-bit integers with its normalisations folded into the convolutions. An
integer times its channel's scale is a float weight again, and a folded convolution is one whose normalisation only
multiplies and adds. That network reads as the file does, but for the rounding of activations, and can be trained on: a
wheel is all that fine-tuning needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from geulnun.charset import Charset, Classes
from geulnun.errors import ModelError
from geulnun.nets.recognition.line import LineNet, dense
from geulnun.runtime.session import open_session
from geulnun.spec import LineSpec
from geulnun.training.finetune_nets import network_of

#: Channels that `dense` gives at the end, at its own size.
_CHANNELS = 256
#: Root mean square of a convolution's weights, as in networks that were trained with their normalisations: what is
#: folded is many times smaller in some layers, and steps of one size would tear these apart.
_SCALE = 0.1


@dataclass(frozen=True)
class Start:
    """A network with its weights, in evaluation mode, and what it takes and gives."""

    net: nn.Module
    spec: LineSpec


def of_file(file: Path, characters: str | None = None) -> Start:
    """The recogniser of a file.

    Args:
        file: an ONNX file of a network of convolutions (``dense``, the package's own), or a checkpoint of
            `geulnun train recogniser` of any network, or EasyOCR's.
        characters: of a checkpoint's flat head, where it does not say them.

    Raises:
        ModelError: there is no such file, or it is no such network.
    """
    if not file.is_file():
        raise ModelError(f"{file}: no such recogniser; name an ONNX file, or the last.pt of a run")
    return _of_onnx(file) if file.suffix == ".onnx" else Start(*network_of(file, characters))


def _of_onnx(file: Path) -> Start:
    try:
        model = onnx.load(str(file))
    except Exception as error:  # protobuf's errors share no public base
        raise ModelError(f"{file}: not an ONNX file that can be read; export it again") from error
    spec = LineSpec.of_metadata({entry.key: entry.value for entry in model.metadata_props}, str(file))
    found = _layers(_Graph(model), spec.classes)
    head = found.get("prediction")
    if head is None or "feature.0.0.0" not in found or head[0].ndim != 4:
        raise ModelError(
            f"{file}: its weights cannot be trained on, only those of networks of convolutions such as dense; "
            "name the run's checkpoint (last.pt) instead"
        )
    net = dense(spec.classes, head[0].shape[1] / _CHANNELS)
    try:
        _fill(net, found)
    except (KeyError, RuntimeError) as error:
        raise ModelError(
            f"{file}: of another network than dense; name the run's checkpoint (last.pt) instead"
        ) from error
    return Start(net.eval(), spec)


class _Graph:
    """What a graph's tensors hold, where that is known before it runs."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.nodes = model.graph.node
        self._opsets, self._version = model.opset_import, model.ir_version
        self._stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self._made = {name: node for node in self.nodes for name in node.output}

    def value(self, name: str) -> NDArray[np.float32] | None:
        """A stored tensor, or what is made of stored ones: cast, multiplied out, unpacked; None for any other."""
        if name in self._stored:
            return np.asarray(numpy_helper.to_array(self._stored[name]), np.float32)
        nodes: dict[str, onnx.NodeProto] = {}
        if not self._gather(name, nodes):
            return None
        given = {one for node in nodes.values() for one in node.input}
        made = helper.make_graph(
            list(nodes.values()), name, [], [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)],
            [tensor for stored, tensor in self._stored.items() if stored in given],
        )  # fmt: skip
        whole = helper.make_model(made, opset_imports=self._opsets, ir_version=self._version)
        (value,) = open_session(whole.SerializeToString(), 1).run(None, {})
        return np.asarray(value, np.float32)

    def _gather(self, name: str, nodes: dict[str, onnx.NodeProto]) -> bool:
        """Put the nodes that make a tensor into ``nodes``, first things first; False where it hangs on the input."""
        if not name or name in self._stored or name in nodes:
            return True
        node = self._made.get(name)
        if node is None or not all(self._gather(one, nodes) for one in node.input):
            return False
        nodes[name] = node
        return True


def _layers(graph: _Graph, classes: Classes) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Weight and bias of each convolution by the name of its module; ideographs kept apart are put to the head."""
    found: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
    for node in graph.nodes:
        if node.op_type not in ("Conv", "Gemm"):
            continue
        values = [graph.value(name) for name in node.input[1:3]]
        if len(values) == 2 and values[0] is not None and values[1] is not None:
            found[_module(node.name)] = values[0], values[1]
    rare = found.pop("ideographs", None)
    if rare is not None and "prediction" in found and isinstance(classes, Charset):
        weight, bias = found["prediction"]
        rows = rare[0] if rare[0].shape[0] == len(classes.ideographs) else rare[0].T
        found["prediction"] = (
            np.concatenate([weight, rows.reshape(*rows.shape, 1, 1)]),
            np.concatenate([bias, rare[1]]),
        )
    return found


def _module(node: str) -> str:
    """``/feature/feature.2/first/first.0/first.0.0/Conv`` to ``feature.2.first.0.0``: containers repeat their names."""
    parts: list[str] = []
    for part in node.strip("/").split("/")[:-1]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts[-1] = part
        else:
            parts.append(part)
    return ".".join(parts)


@torch.no_grad()
def _fill(net: LineNet, found: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]) -> None:
    """Put folded convolutions into a network: weights of one scale, which each normalisation takes back."""
    modules = dict(net.named_modules())
    for name, module in modules.items():
        if not isinstance(module, nn.Conv2d):
            continue
        weight, bias = (torch.from_numpy(value.copy()) for value in found[name])
        if module.bias is not None:
            _put(module.weight, weight)
            _put(module.bias, bias)
            continue
        size = weight.flatten(1).square().mean(1).sqrt().clamp(min=1e-12) / _SCALE
        _put(module.weight, weight / size[:, None, None, None])
        before, _, last = name.rpartition(".")
        norm = modules[f"{before}.{int(last) + 1}"]
        assert isinstance(norm, nn.BatchNorm2d)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        _put(norm.weight, size)
        _put(norm.bias, bias)
        norm.running_mean.zero_()
        norm.running_var.fill_(1 - norm.eps)


def _put(into: Tensor, values: Tensor) -> None:
    if into.shape != values.shape:
        raise RuntimeError(f"{tuple(values.shape)} for {tuple(into.shape)}")
    into.copy_(values)
