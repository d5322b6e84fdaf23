"""DirectMap: ink to maps of the directions of its edges, fixed, so that a network need not learn what is known."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Maps that come out.
DIRECTIONS = 8


class DirectMap(nn.Module):
    """(N, 1, H, W) -> (N, 8, H, W): how much ink grows towards each of eight directions, 0 or more.

    Zhang, Bengio and Liu 2017 (arXiv:1606.05763, section on direction-decomposed feature maps): the gradient of Sobel's
    operator at each pixel is the sum of two vectors along the two of eight directions that it lies between; their
    lengths go into the maps of these two. Map k holds the direction of k times 45 degrees, from x to the right towards
    y down. An upright edge from paper to full ink has the gradient 1. Nothing is learnt.
    """

    sobel: Tensor

    def __init__(self) -> None:
        super().__init__()
        across = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 4
        # It is written here: files of weights need not hold it.
        self.register_buffer("sobel", torch.stack([across, across.T])[:, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """The eight maps of ink ``x``; beyond the image there is paper."""
        gx, gy = functional.conv2d(x, self.sobel.to(x.dtype), padding=1).chunk(2, 1)
        right, left, down, up = gx.relu(), (-gx).relu(), gy.relu(), (-gy).relu()
        # Between an axis and a diagonal: what the smaller side has goes along the diagonal, the rest along the axis.
        level, upright = right + left, down + up
        diagonal = math.sqrt(2)
        maps = [
            (right - upright).relu(),
            diagonal * torch.minimum(right, down),
            (down - level).relu(),
            diagonal * torch.minimum(left, down),
            (left - upright).relu(),
            diagonal * torch.minimum(left, up),
            (up - level).relu(),
            diagonal * torch.minimum(right, up),
        ]
        return torch.cat(maps, 1)
