"""The kinds of detectors: how truth becomes maps, and what maps are learnt by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from geulnun.decode import points, regions
from geulnun.decode.shapes import Shapes
from geulnun.training.detection.losses import Parts, point_losses, region_losses

Maps = NDArray[np.float32]


@dataclass(frozen=True)
class Kind:
    """One kind.

    Attributes:
        channels: of its maps.
        stride: pixels of the page a cell is wide and high.
        encode: shapes, height and width of a page -> its maps (C, h / s, w / s) and the weights of their cells.
        losses: the parts of the loss of drawn maps against true ones and weights.
    """

    channels: int
    stride: int
    encode: Callable[[Shapes, int, int], tuple[Maps, Maps]]
    losses: Callable[[Tensor, Tensor, Tensor], Parts]


#: By the names that recipes and files use.
KINDS: dict[str, Kind] = {
    "regions": Kind(regions.CHANNELS, regions.STRIDE, regions.encode, region_losses),
    "points": Kind(points.CHANNELS, points.STRIDE, points.encode, point_losses),
}
