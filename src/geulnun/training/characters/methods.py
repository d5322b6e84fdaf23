"""Options of the methods that a run may add to its loss or do to its network."""

from __future__ import annotations

from dataclasses import dataclass

from geulnun.errors import RecipeError


@dataclass(frozen=True)
class HybridChoice:
    """Hybrid learning (Kim, Choi and Lee 2016); see `geulnun.training.characters.losses.hybrid`.

    Attributes:
        weight: share of the discriminators in the loss, 0..1; the recogniser has the rest.
        rivals: how many of the most similar classes each image is told apart from.
    """

    weight: float = 0.3
    rivals: int = 5

    def __post_init__(self) -> None:
        if not 0 < self.weight < 1 or self.rivals < 1:
            raise RecipeError(f"hybrid: weight is {self.weight}, rivals {self.rivals}; expected 0..1, and 1 or more")


@dataclass(frozen=True)
class AdversarialChoice:
    """Adversarial feature learning (Zhang et al. 2018); see `geulnun.training.characters.adversarial`.

    Attributes:
        ratio: r: the recogniser's loss counts 1 - r, the adversary's 3 r, and the discriminator learns at 3 r times the
            rate.
        fit: whether the discriminator learns; without it, it stays as it began.
        both: whether print shall also look like handwriting; False moves handwriting alone, towards print.
    """

    ratio: float = 0.15
    fit: bool = True
    both: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.ratio < 1:
            raise RecipeError(f"adversarial.ratio is {self.ratio}; expected above 0 to below 1")


@dataclass(frozen=True)
class CompressChoice:
    """Compression while training (Xiao et al. 2017); see `geulnun.training.characters.compression`.

    All is counted in steps of the run.

    Attributes:
        expand: share of a convolution's multiplications that its low-rank expansion may need; 1 expands none.
        expand_from: step at which the first layer is expanded.
        expand_every: steps between one layer and the next.
        drop: share of the weights that are dropped in the end; 0 drops none.
        drop_from: step at which dropping begins.
        drop_until: step at which that share is reached.
        drop_every: steps between one time and the next.
        most: share of a single layer's weights that may be dropped.
    """

    expand: float = 1.0
    expand_from: int = 0
    expand_every: int = 200
    drop: float = 0.0
    drop_from: int = 0
    drop_until: int = 2_000
    drop_every: int = 50
    most: float = 0.97

    def __post_init__(self) -> None:
        if not 0 < self.expand <= 1 or not 0 <= self.drop <= self.most < 1:
            raise RecipeError(
                f"compress: expand is {self.expand}, drop {self.drop}, most {self.most}; "
                "expected above 0 to 1, 0 to most, and below 1"
            )
        if min(self.expand_from, self.drop_from) < 0 or min(self.expand_every, self.drop_every) < 1:
            raise RecipeError("compress: expected steps of 0 or more to begin at, and 1 or more between")
        if self.drop and self.drop_until <= self.drop_from:
            raise RecipeError(
                f"compress: drop_until is {self.drop_until}, drop_from {self.drop_from}; expected a later step"
            )
