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
from onnx import numpy_helper
from torch import Tensor, nn

from geulnun.charset import Charset, Classes
from geulnun.errors import ModelError
from geulnun.nets.recognition.line import LineNet, dense
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
    found = _layers(_Graph(model.graph), spec.classes)
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

    def __init__(self, graph: onnx.GraphProto) -> None:
        self.nodes = graph.node
        self._stored = {tensor.name: tensor for tensor in graph.initializer}
        self._made = {name: node for node in graph.node for name in node.output}

    def value(self, name: str) -> NDArray[np.float32] | None:
        """A stored tensor, integers multiplied out; None for one that depends on the input."""
        if name in self._stored:
            return np.asarray(numpy_helper.to_array(self._stored[name]), np.float32)
        node = self._made.get(name)
        if node is None:
            return None
        # Weights in half precision are cast; equal ones are stored once.
        if node.op_type in ("Cast", "Identity"):
            return self.value(node.input[0])
        if node.op_type != "DequantizeLinear" or node.input[0] not in self._stored:
            return None
        whole, scale = self.value(node.input[0]), self.value(node.input[1])
        zero = self.value(node.input[2]) if len(node.input) > 2 else np.zeros(1, np.float32)
        assert whole is not None
        assert scale is not None
        assert zero is not None
        axis = next((one.i for one in node.attribute if one.name == "axis"), 1)
        shape = [-1 if at == axis else 1 for at in range(whole.ndim)] if scale.size > 1 else [1] * whole.ndim
        return np.asarray((whole - zero.reshape(shape)) * scale.reshape(shape), np.float32)


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
