"""The one-shot network: at every cell of a quarter of the page's size, is it a centre, and where are the corners?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: Channels of words before those of characters: centre and corners; the two of direction come last.
_WORD = 9


class PointNetwork(nn.Module):
    """Words, characters and the direction of reading in one pass, each cell on its own.

    In the manner of FCOS (Tian et al. 2019, arXiv:1904.01355, sections 3.1 and 3.2), on one level: a page's text is of
    like size, and is brought to it before. Words and characters have a branch each, as they look for different things.

    RGB page (n, 3, h, w), float 0..1, h and w multiples of 32 -> maps (n, 22, h/4, w/4), the channels of
    `geulnun.decode.points`.

    Args:
        pyramid: images (n, 3, h, w), -1..1 -> features (n, c, h/4, w/4).
        words: features -> (n, 11, h/4, w/4): centre and eight of the corners of words, two of their direction.
        chars: features -> (n, 11, h/4, w/4): centre and eight of the corners of characters, two to their words' centre.
    """

    def __init__(self, pyramid: nn.Module, words: nn.Module, chars: nn.Module) -> None:
        super().__init__()
        self.pyramid = pyramid
        self.words = words
        self.chars = chars

    def forward(self, pages: Tensor) -> Tensor:
        """Draw the maps; raw numbers, no activation applied."""
        features = self.pyramid(pages * 2 - 1)
        words, chars = self.words(features), self.chars(features)
        return torch.cat([words[:, :_WORD], chars, words[:, _WORD:]], 1)
