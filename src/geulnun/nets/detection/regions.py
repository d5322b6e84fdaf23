"""The network of region maps: where characters are, and what joins those of a word, at half the page's size."""

from __future__ import annotations

from torch import Tensor, nn


class RegionNetwork(nn.Module):
    """Two maps of a page (Baek et al. 2019, CRAFT, arXiv:1904.01941, section 3.1), from a pyramid down to stride 2.

    RGB page (n, 3, h, w), float 0..1, h and w multiples of 32 -> maps (n, 2, h/2, w/2), the channels of
    `geulnun.decode.regions`: linear outputs, trained towards 0..1.

    Args:
        pyramid: images (n, 3, h, w), -1..1 -> features (n, c, h/2, w/2).
        head: features -> maps (n, 2, h/2, w/2).
    """

    def __init__(self, pyramid: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.pyramid = pyramid
        self.head = head

    def forward(self, pages: Tensor) -> Tensor:
        """Draw the maps; raw numbers, no activation applied."""
        maps: Tensor = self.head(self.pyramid(pages * 2 - 1))
        return maps
