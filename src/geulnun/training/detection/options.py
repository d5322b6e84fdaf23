"""What a run that trains a detector of words and characters does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from geulnun.errors import RecipeError
from geulnun.synth.fonts import Split
from geulnun.training.characters.choices import SideChoice

#: The network halves its input five times.
_GRID = 32


@dataclass(frozen=True)
class PageSet:
    """A set of pages to learn from or to be validated on.

    Attributes:
        path: a recipe of drawn pages or scenes (`.yaml`), or a folder, archive or file in a format of `geulnun.data`.
        name: what reports call it; the path's own name where empty.
        ratio: its share of the crops, beside those of the other sets.
        format: of stored sets, a key of `geulnun.data.FORMATS`; "auto" recognises it.
        split: of drawn pages, the side of fonts and sentences, instead of the recipe's.
        side: of stored sets, the side of documents, writers or fonts; None takes all.
        count: at most so many pages of a stored set, from its beginning.
        weak: of stored sets whose truth has words but no boxes of characters: whether these are guessed
            (`geulnun.training.detection.weak`).
    """

    path: Path
    name: str = ""
    ratio: float = 1.0
    format: str = "auto"
    split: Split | None = None
    side: SideChoice | None = None
    count: int | None = None
    weak: bool = False

    def __post_init__(self) -> None:
        if not self.ratio > 0 or not math.isfinite(self.ratio):
            raise RecipeError(f"ratio is {self.ratio}; expected a share above 0")
        if self.count is not None and self.count < 1:
            raise RecipeError(f"count is {self.count}; expected 1 or more")
        if self.drawn and (self.side is not None or self.weak or self.count is not None):
            raise RecipeError("side, count and weak are of stored sets; drawn ones have split: train or held-out")

    @property
    def drawn(self) -> bool:
        """Whether it is drawn from a recipe rather than stored."""
        return self.path.suffix in (".yaml", ".yml")

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.name or self.path.stem

    def beneath(self, folder: Path) -> PageSet:
        """The set with a relative path taken from ``folder``."""
        return replace(self, path=folder / self.path)


@dataclass(frozen=True)
class CropChoice:
    """What of the pages is shown. Shares are 0..1.

    Attributes:
        size: height and width of a crop in pixels, multiples of 32; half of all batches swap the two.
        cuts: crops that are cut from a page, as drawing one costs more than learning from it; they follow each other.
        short_side: pixels that a larger page's shorter side is shrunk to where it is read; crops are of that size
            times ``scale``, drawn on a logarithmic scale.
        scale: least and greatest.
        turned: share of crops turned by 90, 180 or 270 degrees.
        tilted: share that leans by up to ``tilt`` degrees either way.
        tilt: in degrees.
        spun: share turned by any angle.
        inverted: share in negative.
        grey: share without colours.
        worn: share that is worn once more (`geulnun.synth.wear.worn`).
        nothing: share of crops of noise, blots and plain colours, where there is no text.
    """

    size: tuple[int, int] = (512, 512)
    cuts: int = 2
    short_side: int = 832
    scale: tuple[float, float] = (0.65, 1.6)
    turned: float = 0.3
    tilted: float = 0.25
    tilt: float = 12.0
    spun: float = 0.06
    inverted: float = 0.06
    grey: float = 0.1
    worn: float = 0.5
    nothing: float = 0.01

    def __post_init__(self) -> None:
        if any(side % _GRID or side < 2 * _GRID for side in self.size):
            raise RecipeError(f"crops.size is {list(self.size)}; expected multiples of {_GRID}, {2 * _GRID} at least")
        for name in ("turned", "tilted", "spun", "inverted", "grey", "worn", "nothing"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"crops.{name} is {getattr(self, name)}; expected 0 (never) to 1 (always)")
        if not 0.1 <= self.scale[0] <= self.scale[1] <= 4:
            raise RecipeError(f"crops.scale is {list(self.scale)}; expected [least, most] within 0.1 to 4")
        if self.cuts < 1 or self.short_side < _GRID or not 0 <= self.tilt <= 45:
            raise RecipeError(
                f"crops: cuts is {self.cuts}, short_side {self.short_side}, tilt {self.tilt}; expected 1 or more, "
                f"{_GRID} or more, and 0 to 45"
            )


@dataclass(frozen=True)
class DetectorTraining:
    """A whole run; see the headers of recipes/detectors.

    Attributes:
        kind: what is trained: "regions" draws `geulnun.decode.regions`, "points" `geulnun.decode.points`.
        data: the sets to train on.
        texts: folder of texts that drawn pages are written with, instead of their recipes'.
        steps: how many batches.
        rise: over how many of the first the learning rate rises.
        decay: over how many of the last it falls.
        batch: crops in a batch.
        rate: AdamW's learning rate at its height.
        weight_decay: AdamW's; biases and norms have none.
        betas: AdamW's.
        grad_clip: longest gradient (2-norm); 0 clips none.
        average: decay a step of the moving average that is validated and exported.
        precision: of the forward pass, "bf16" or "fp32".
        crops: what of the pages is shown.
        start: weights to begin with: the last.pt of a run; of another kind, what fits of them.
        validation: sets to validate on; without any, the drawn ones of ``data`` in held-out fonts and sentences.
        validation_pages: pages of each of those, at most.
        validate_minutes: between validations.
        validate_steps: between validations, instead.
        save_minutes: between checkpoints.
        workers: drawing processes; 0 draws in the one that trains.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        tensorboard: whether to write TensorBoard's files.
        seed: of weights and crops.
    """

    kind: Literal["regions", "points"]
    data: tuple[PageSet, ...]
    texts: Path | None = None
    steps: int = 10_000
    rise: int = 200
    decay: int = 4_000
    batch: int = 4
    rate: float = 2e-3
    weight_decay: float = 0.02
    betas: tuple[float, float] = (0.9, 0.98)
    grad_clip: float = 5.0
    average: float = 0.998
    precision: Literal["bf16", "fp32"] = "bf16"
    crops: CropChoice = field(default_factory=CropChoice)
    start: Path | None = None
    validation: tuple[PageSet, ...] = ()
    validation_pages: int = 12
    validate_minutes: float = 20
    validate_steps: int | None = None
    save_minutes: float = 4
    workers: int = 1
    threads: int = 0
    tensorboard: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "validation_pages", "validate_steps"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RecipeError(f"{name} is {value}; expected 1 or more")
        for name in ("rise", "decay", "workers", "threads", "grad_clip", "weight_decay", "save_minutes"):
            if getattr(self, name) < 0:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected 0 or more")
        if not self.rate > 0 or not 0 <= self.average < 1:
            raise RecipeError(f"rate is {self.rate}, average {self.average}; expected above 0, and 0 to below 1")
        if not self.data:
            raise RecipeError("data is empty; name a recipe of drawn pages or a stored set")
        titles = [one.title for one in self.validation]
        if len(set(titles)) < len(titles):
            raise RecipeError(f"validation: two sets are called {max(titles, key=titles.count)!r}; give them names")

    @property
    def judged(self) -> tuple[PageSet, ...]:
        """The sets to validate on."""
        return self.validation or tuple(replace(one, split="held-out") for one in self.data if one.drawn)

    def beneath(self, folder: Path) -> DetectorTraining:
        """The run with the relative paths of its recipe taken from the recipe's folder; that of texts stays."""
        return replace(
            self,
            data=tuple(one.beneath(folder) for one in self.data),
            validation=tuple(one.beneath(folder) for one in self.validation),
            start=folder / self.start if self.start else None,
        )
