"""Weights of a run kept in a small file, for later runs to begin with.

Averaged weights only. Large tensors are stored as 8-bit integers with a scale a row, which a new run makes up for in
its first steps; the rest in half precision. Such a file is a checkpoint like others: whatever begins with one asks
`average_of` for its weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

#: Stands behind the name of a tensor's scales.
_SCALE = "@scale"
#: Smaller tensors stay as they are: they weigh nothing.
_LEAST = 1024
#: What of a checkpoint tells how to use its weights.
_TOLD = ("spec", "shapes", "progress", "temperature")


def keep_start(checkpoint: Path, target: Path) -> None:
    """Keep a checkpoint's averaged weights, and what is told of them, in a sixteenth of its size."""
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    kept: dict[str, Any] = {name: content[name] for name in _TOLD if name in content}
    temporary = target.with_suffix(".tmp")
    torch.save(kept | {"average": _packed(average_of(content))}, temporary)
    temporary.replace(target)


def average_of(content: Mapping[str, Any]) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint, or of a file that `keep_start` wrote, by name."""
    stored: Mapping[str, Tensor] = content["average"]
    out = {}
    for name, values in stored.items():
        if name.endswith(_SCALE):
            continue
        scale = stored.get(name + _SCALE)
        if scale is not None:
            values = values.float() * scale.float().reshape(-1, *(1,) * (values.ndim - 1))
        out[name] = values
    return out


def _packed(average: Mapping[str, Tensor]) -> dict[str, Tensor]:
    out = {}
    for name, values in average.items():
        if not values.dtype.is_floating_point:
            out[name] = values
        elif values.ndim < 2 or values.numel() < _LEAST:
            out[name] = values.half()
        else:
            scale = (values.float().flatten(1).abs().amax(1) / 127).clamp(min=1e-12)
            out[name] = torch.round(values.float() / scale.reshape(-1, *(1,) * (values.ndim - 1))).to(torch.int8)
            out[name + _SCALE] = scale
    return out
