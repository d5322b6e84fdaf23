"""A network in PyTorch held against its ONNX file on real lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from geulnun.decode.options import DecodeOptions, build
from geulnun.decode.steps import steps_of
from geulnun.image import ops
from geulnun.runtime.recogniser import Recogniser

Module = nn.Module


@dataclass(frozen=True)
class Parity:
    """How many lines were read, how many with the same text by both, and the largest difference of a logit."""

    lines: int
    same: int
    apart: float


def parity(net: Module, reader: Recogniser, images: Iterable[NDArray[np.uint8]]) -> Parity:
    """Read ``images`` with a network in PyTorch and with its ONNX file, greedily, and compare."""
    spec = reader.spec
    decode = build(DecodeOptions(decoder="greedy"), spec.classes, spec.decoding)
    lines = same = 0
    apart = 0.0
    for image in images:
        line = ops.line_input(image, spec)
        ((found, _),) = reader.logits([line])
        with torch.inference_mode():
            logits = net(torch.from_numpy(ops.line_batch([line], spec=spec)))[0].float().numpy()[: len(found.logits)]
        texts = ["".join(c.text for c in decode(steps_of(one, spec.classes))) for one in (logits, found.logits)]
        lines += 1
        same += texts[0] == texts[1]
        apart = max(apart, float(np.abs(logits - found.logits).max()))
    return Parity(lines, same, apart)
