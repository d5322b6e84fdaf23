"""What is said of lines without labels: where they are, how views of them are drawn, how they are learnt from."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from geulnun.errors import RecipeError
from geulnun.synth.fonts import Split
from geulnun.synth.wear import WearOptions


@dataclass(frozen=True)
class ImageChoice:
    """A set of line images; labels beside them are not looked at.

    Attributes:
        path: a folder of images (with folders in it), a recipe of drawn lines (`.yaml`), or a stored set in a format of
            `geulnun.data`.
        ratio: its share of every batch, beside those of the other sets.
        format: of stored sets, a key of `geulnun.data.FORMATS`; "auto" recognises it.
        texts: of drawn lines, a folder of texts instead of the recipe's.
        split: of drawn lines, the side of fonts and texts, instead of the recipe's.
    """

    path: Path
    ratio: float = 1.0
    format: str = "auto"
    texts: Path | None = None
    split: Split | None = None

    def __post_init__(self) -> None:
        if not self.ratio > 0 or not math.isfinite(self.ratio):
            raise RecipeError(f"ratio is {self.ratio}; expected a share above 0")

    @property
    def drawn(self) -> bool:
        """Whether a recipe draws it."""
        return self.path.suffix in (".yaml", ".yml")

    def beneath(self, folder: Path) -> ImageChoice:
        """The set with a relative path taken from ``folder``."""
        return replace(self, path=folder / self.path)


@dataclass(frozen=True)
class ViewChoice:
    """How a view of a line is drawn: what is written, and in which order, stays.

    Each amount is drawn evenly up to the one given, to either side where there are two; 0 leaves it out. Lengths are
    shares of the line's height, so that they mean the same at any size.

    Attributes:
        crop: rows cut off, or paper added, at the top and at the bottom, each.
        shear: columns that the top is moved by against the middle, the bottom the other way.
        slope: rows that the right end is moved by against the left one.
        shift: columns that everything is moved by.
        stretch: how much wider or narrower everything becomes, about the middle.
        contrast: share of the contrast that is lost.
        gamma: the tone curve's exponent is e to the power of so much.
        blur: sigma of a Gaussian blur.
        noise: additive noise, in grey levels.
        patches: little rectangles of paper's grey, laid over the line: how many at most for each height of width.
        wear: a chain of `geulnun.synth.wear` that the line goes through first.
        worn: share of the lines that do.
    """

    crop: float = 0.0
    shear: float = 0.0
    slope: float = 0.0
    shift: float = 0.0
    stretch: float = 0.0
    contrast: float = 0.0
    gamma: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    patches: float = 0.0
    wear: WearOptions = field(default_factory=WearOptions)
    worn: float = 0.0

    def __post_init__(self) -> None:
        limits = {"crop": 0.4, "shear": 1.0, "slope": 0.5, "shift": 1.0, "stretch": 0.5, "contrast": 0.95}
        limits |= {"gamma": 2.0, "blur": 0.5, "noise": 128.0, "patches": 4.0, "worn": 1.0}
        for name, most in limits.items():
            if not 0 <= getattr(self, name) <= most:
                raise RecipeError(f"{name} of a view is {getattr(self, name)}; expected 0 to {most:g}")


#: Hardly anything: lines sit a little higher or lower, as detectors cut them.
WEAK = ViewChoice(crop=0.04, shift=0.05)
#: What a line still stands.
STRONG = ViewChoice(
    crop=0.1, shear=0.15, slope=0.06, shift=0.1, stretch=0.1, contrast=0.6, gamma=0.5, blur=0.05, noise=14,
    patches=0.25, wear=WearOptions(preset="harsh"), worn=0.3,
)  # fmt: skip
#: Views to be told from views of other lines: columns stay where they are, to a step or so.
CONTRASTIVE = ViewChoice(
    crop=0.12, shear=0.1, slope=0.05, shift=0.06, stretch=0.0, contrast=0.6, gamma=0.5, blur=0.05, noise=14,
)  # fmt: skip


@dataclass(frozen=True)
class UnlabelledChoice:
    """Lines without labels learnt beside those with: FixMatch (Sohn et al. 2020, arXiv:2001.07685, section 2).

    The moving average reads a weak view of each line; what it is sure of is the label of a strong view.

    Attributes:
        data: the sets.
        ratio: lines for every labelled one of a batch (mu).
        threshold: confidence 0..1 from which a reading counts (tau).
        confidence: of a reading: its characters' geometric "mean", or that of its "least" certain one.
        weight: of the loss, beside the labelled lines' (lambda).
        wait: steps before the first reading.
        rise: steps over which the weight then rises from nothing.
        shortest: characters of a reading that counts: an empty one says nothing.
        weak: the view that is read.
        strong: the view that is learnt from.
    """

    data: tuple[ImageChoice, ...]
    ratio: float = 1.0
    threshold: float = 0.9
    confidence: Literal["mean", "least"] = "mean"
    weight: float = 1.0
    wait: int = 0
    rise: int = 500
    shortest: int = 1
    weak: ViewChoice = WEAK
    strong: ViewChoice = STRONG

    def __post_init__(self) -> None:
        if not self.data:
            raise RecipeError("unlabelled.data is empty; name a folder of line images")
        if not self.ratio > 0:
            raise RecipeError(f"unlabelled.ratio is {self.ratio}; expected more than 0 lines for each labelled one")
        if not 0 <= self.threshold <= 1:
            raise RecipeError(f"unlabelled.threshold is {self.threshold}; expected a confidence of 0 to 1")
        for name in ("weight", "wait", "rise"):
            if getattr(self, name) < 0:
                raise RecipeError(f"unlabelled.{name} is {getattr(self, name)}; expected 0 or more")
        if self.shortest < 1:
            raise RecipeError(f"unlabelled.shortest is {self.shortest}; expected 1 character or more")

    def beneath(self, folder: Path) -> UnlabelledChoice:
        """The same with relative paths taken from ``folder``."""
        return replace(self, data=tuple(one.beneath(folder) for one in self.data))
