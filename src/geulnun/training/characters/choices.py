"""Which sets of characters a run learns from and is validated on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from geulnun.data.split import KEYS
from geulnun.errors import RecipeError
from geulnun.synth.fonts import Split

#: What an image is: drawn with a font for print, with one that looks handwritten, or written by a hand.
Group = Literal["printed", "handwriting-font", "handwritten"]


@dataclass(frozen=True)
class SideChoice:
    """One side of a stored set that is parted by fonts or writers, never by single images.

    Attributes:
        part: the part to take.
        parts: all parts with their shares.
        by: facts in the order in which they are asked for; the first that is known of an image decides.
        seed: another one parts otherwise.
    """

    part: str
    parts: tuple[tuple[str, float], ...] = (("train", 0.9), ("validation", 0.1))
    by: tuple[str, ...] = ("writer", "font", "family", "document")
    seed: int = 0

    def __post_init__(self) -> None:
        names = [name for name, _ in self.parts]
        if self.part not in names:
            raise RecipeError(f"side.part is {self.part!r}; expected one of {', '.join(names)}")
        for key in self.by:
            if key not in KEYS:
                raise RecipeError(f"side.by: no {key!r}; there are {', '.join(KEYS)}")


@dataclass(frozen=True)
class CharacterSet:
    """A set of images of characters.

    Attributes:
        path: a recipe of drawn characters (`.yaml`), or a folder, archive or file in a format of `geulnun.data`;
            several paths are one set.
        name: what reports call it; the path's own name where empty.
        ratio: its share of every batch, beside those of the other sets.
        format: of stored sets, a key of `geulnun.data.FORMATS`; "auto" recognises it.
        files: of folders, a pattern of the files to read, such as ``printed_*.pickle``; all where empty.
        use: how much of a stored set is used, from its beginning: 0 to 1.
        count: at most so many, of a set that validates; of a drawn one that has no end, so many.
        split: of drawn characters, the side of the fonts, instead of the recipe's.
        side: of stored sets, the side of fonts or writers; None takes all.
        share: of sets with an end, the images from one share of them to another, in an order that is always the same:
            KoOCR's and the kana protocol part single images so, which shows the same fonts on both sides.
        group: what its images are, where they do not say so themselves.
        augment: whether the recipe's augmentations apply.
        at_once: of pickles, how many files are held in memory at once: images come from so many at a time; 0 holds
            all.
    """

    path: Path | tuple[Path, ...]
    name: str = ""
    ratio: float = 1.0
    format: str = "auto"
    files: str = ""
    use: float = 1.0
    count: int | None = None
    split: Split | None = None
    side: SideChoice | None = None
    share: tuple[float, float] = (0.0, 1.0)
    group: Group | None = None
    augment: bool = True
    at_once: int = 0

    def __post_init__(self) -> None:
        if not self.ratio > 0 or not math.isfinite(self.ratio):
            raise RecipeError(f"ratio is {self.ratio}; expected a share above 0")
        if not 0 < self.use <= 1:
            raise RecipeError(f"use is {self.use}; expected more than 0, to 1")
        if not 0 <= self.share[0] < self.share[1] <= 1:
            raise RecipeError(f"share is {list(self.share)}; expected [from, to] with 0 <= from < to <= 1")
        if not self.paths:
            raise RecipeError("path is empty; name a recipe of drawn characters or a stored set")
        if self.at_once < 0 or (self.count is not None and self.count < 1):
            raise RecipeError(f"at_once is {self.at_once}, count {self.count}; expected 0 or more, and 1 or more")
        if self.drawn and self.side is not None:
            raise RecipeError("side parts stored sets; drawn ones have split: train or held-out")

    @property
    def paths(self) -> tuple[Path, ...]:
        """One path or several."""
        return self.path if isinstance(self.path, tuple) else (self.path,)

    @property
    def drawn(self) -> bool:
        """Whether it is drawn from recipes rather than stored."""
        return all(path.suffix in (".yaml", ".yml") for path in self.paths)

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.name or self.paths[0].stem

    def beneath(self, folder: Path) -> CharacterSet:
        """The set with relative paths taken from ``folder``."""
        return replace(self, path=tuple(folder / path for path in self.paths))
