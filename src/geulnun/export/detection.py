"""Detectors of words and characters to ONNX files that say what they are.

``page`` uint8 (h, w, 3), RGB -> ``maps`` float32 (C, h / stride, w / stride); the spec stands in the file's metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from geulnun.export.onnx import halve, marked, samples_for, trace, write
from geulnun.export.quantise import quantise
from geulnun.spec import DETECTOR_KEY, DetectorSpec

#: RGB uint8 (h, w, 3) such as the network will meet.
Samples = Iterable[NDArray[np.uint8]]

INPUT, OUTPUT = "page", "maps"
#: The stage that does most of the work, as the names of its nodes begin, and what of it goes into integers.
_WORK = "/net/pyramid/"
_INTEGERS = ("Conv", "Relu", "Add", "Resize")


class _FromPixels(nn.Module):
    """A page of uint8 pixels (h, w, 3) -> maps (C, h / s, w / s)."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, page: Tensor) -> Tensor:
        maps: Tensor = self.net(page.permute(2, 0, 1)[None].float() / 255)[0]
        return maps


def detection_model(net: nn.Module, spec: DetectorSpec) -> onnx.ModelProto:
    """The float32 graph of a detector, ``spec`` in its metadata."""
    example = torch.zeros(2 * spec.multiple, 3 * spec.multiple, 3, dtype=torch.uint8)
    axes = {INPUT: {0: "height", 1: "width"}, OUTPUT: {1: "rows", 2: "columns"}}
    return described(trace(_FromPixels(net), example, INPUT, OUTPUT, axes), spec)


def described(model: onnx.ModelProto, spec: DetectorSpec) -> onnx.ModelProto:
    """The same model with ``spec`` in its metadata, in place of any other."""
    return marked(model, DETECTOR_KEY, spec.to_json())


def integers(model: onnx.ModelProto, spec: DetectorSpec, samples: Iterable[Any]) -> onnx.ModelProto:
    """The model with its pyramid in 8-bit integers, ranges taken from ``samples``.

    The heads, which say where corners are to a fraction of a pixel, go on in floats.
    """
    others = [node.name for node in model.graph.node if not (node.name.startswith(_WORK) and node.op_type in _INTEGERS)]
    return described(halve(quantise(model, samples, skip=others)), spec)


def _as_is(model: onnx.ModelProto, spec: DetectorSpec, samples: Iterable[Any]) -> onnx.ModelProto:
    return model


def _halved(model: onnx.ModelProto, spec: DetectorSpec, samples: Iterable[Any]) -> onnx.ModelProto:
    return halve(model)


#: How a file's weights are stored: as they are, in half precision, or with the pyramid's work in 8-bit integers.
PRECISIONS: dict[str, Callable[[onnx.ModelProto, DetectorSpec, Iterable[Any]], onnx.ModelProto]] = {
    "float32": _as_is,
    "float16": _halved,
    "int8": integers,
}


def export_detection(
    net: nn.Module, spec: DetectorSpec, target: Path, precision: str = "float16", samples: Samples = ()
) -> Path:
    """Write a detector as an ONNX file.

    Args:
        net: takes and gives what ``spec`` says, from pages (n, 3, h, w) of 0..1.
        spec: goes into the file.
        target: the file.
        precision: one of `PRECISIONS`.
        samples: pages, height and width multiples of ``spec.multiple``, from which "int8" takes its ranges.

    Raises:
        UsageError: another precision, or "int8" without samples.
    """
    given: Iterable[Any] = samples
    kept = samples_for(precision, PRECISIONS, given, "pages")
    write(PRECISIONS[precision](detection_model(net, spec), spec, kept), target)
    return target
