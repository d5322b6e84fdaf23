"""Who wrote it, a press or a hand: the adversary from whom features learn to hide that."""

from __future__ import annotations

from torch import nn


def discriminator(width: int, hidden: int = 512) -> nn.Sequential:
    """Vectors (N, width) of `CharacterNet.embed` -> logits (N,), above 0 for handwriting.

    Zhang et al. 2018 ("Robust offline handwritten character recognition through exploring writer-independent features
    under the guidance of printed data", section on adversarial feature learning): one hidden layer between the shared
    features and the answer.
    """
    return nn.Sequential(
        nn.Linear(width, hidden),
        nn.LeakyReLU(0.3, inplace=True),
        nn.Dropout(0.5),
        nn.Linear(hidden, 1),
        nn.Flatten(0),
    )
