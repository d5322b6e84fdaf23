"""The shape that all networks of single characters have: four stages, each passed in."""

from __future__ import annotations

from torch import Tensor, nn


class CharacterNet(nn.Module):
    """Ink (N, 1, S, S), 0..1 -> logits (N, K), K = ``classes.width``, not normalised.

    Args:
        direct: ink to maps (N, C', S, S); `nn.Identity` for none.
        feature: maps to the last feature maps (N, C, h, w).
        link: feature maps to what the head takes; `nn.Identity` for heads that look at the maps themselves.
        head: what the link gives, and class ids (N,) or None, to logits (N, t, K), the last of t the best.
        width: how many numbers an image has after the link.
    """

    def __init__(self, direct: nn.Module, feature: nn.Module, link: nn.Module, head: nn.Module, width: int) -> None:
        super().__init__()
        self.direct = direct
        self.feature = feature
        self.link = link
        self.head = head
        self.width = width

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, K) of ink (N, 1, S, S)."""
        return self.states(x)[:, -1]

    def features(self, x: Tensor) -> Tensor:
        """The last feature maps (N, C, h, w) of ink (N, 1, S, S): what activation maps are made of."""
        maps: Tensor = self.feature(self.direct(x))
        return maps

    def embed(self, features: Tensor) -> Tensor:
        """What the head is given of feature maps (N, C, h, w), as vectors (N, width)."""
        linked: Tensor = self.link(features)
        return linked.flatten(1)

    def answer(self, features: Tensor, ids: Tensor | None = None) -> Tensor:
        """Logits (N, t, K) of feature maps (N, C, h, w).

        Args:
            features: as `features` gives them.
            ids: class ids (N,), int64, for heads that write a jamo a step: each step is then fed with the true jamo
                before it. Without them, and in other heads always, with what was said.
        """
        logits: Tensor = self.head(self.link(features), ids)
        return logits

    def states(self, x: Tensor, ids: Tensor | None = None) -> Tensor:
        """All logits (N, t, K) of ink (N, 1, S, S): t steps of refinement, 1 of other heads; ``ids`` as in `answer`."""
        return self.answer(self.features(x), ids)
