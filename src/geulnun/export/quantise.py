"""ONNX networks to 8-bit integers: a quarter of the size, about three times the speed on a CPU."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class _Samples(CalibrationDataReader):  # type: ignore[misc]  # the package has no types
    def __init__(self, name: str, arrays: Iterable[NDArray[np.float32]]) -> None:
        self._name = name
        self._arrays = iter(arrays)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        array = next(self._arrays, None)
        return None if array is None else {self._name: array}


def quantise(
    model: onnx.ModelProto, samples: Iterable[NDArray[np.float32]], skip: Iterable[str] = ()
) -> onnx.ModelProto:
    """The model with 8-bit weights (a scale a channel) and activations, their ranges taken from ``samples``.

    Args:
        model: float32, with one input.
        samples: network inputs such as it will meet.
        skip: names of nodes left in float32.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given, plain, done = (folder / f"{stem}.onnx" for stem in ("given", "plain", "done"))
        onnx.save(model, str(given))
        quant_pre_process(str(given), str(plain), skip_symbolic_shape=True)
        quantize_static(
            str(plain),
            str(done),
            _Samples(model.graph.input[0].name, samples),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=list(skip),
            calibrate_method=CalibrationMethod.MinMax,
        )
        return onnx.load(str(done))
