"""What a run over line recognisers does: the schema of `recipes/recogniser.yaml` and `recipes/lines/*.yaml`.

Keys that are left out train the package's default reader. A file of train_easyocr is put into this schema by
`geulnun.training.easyocr_config`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from geulnun import charset, hangul
from geulnun.charset import Charset, Classes, FlatCharset
from geulnun.errors import MissingInputError, RecipeError
from geulnun.spec import Direction, Padding, Scaling
from geulnun.synth.fonts import Split
from geulnun.synth.wear import WearOptions
from geulnun.training.unlabelled_options import UnlabelledChoice

Part = Literal["transformation", "feature", "sequence", "prediction"]


@dataclass(frozen=True)
class ClassChoice:
    """The characters that are written, and the head that writes them.

    Attributes:
        head: "jamo", the factored head over all 11,172 syllables, or "flat", one output a character.
        characters: of a flat head all of them, in order; of a jamo head the symbols beside the syllables (Hangul
            syllables in it say nothing). None takes the package's symbols, for a flat head every character that the
            labels of the training sets hold.
        file: a UTF-8 text file that holds them instead; its line ends are no characters.
        ideographs: whether a jamo head also writes the ideographs of KS X 1001.
    """

    head: Literal["jamo", "flat"] = "jamo"
    characters: str | None = None
    file: Path | None = None
    ideographs: bool = False

    def __post_init__(self) -> None:
        if self.characters is not None and self.file is not None:
            raise RecipeError("classes has characters and file; give one of them")

    @property
    def from_labels(self) -> bool:
        """Whether the labels of the training sets decide."""
        return self.head == "flat" and self.characters is None and self.file is None

    def classes(self, labels: str = "") -> Classes:
        """The classes that are meant.

        Args:
            labels: characters of the training sets, for a flat head that names none.

        Raises:
            MissingInputError: there is no such file.
            RecipeError: no characters.
        """
        text = self._text()
        given = tuple(dict.fromkeys(hangul.normalise(labels if text is None else text)))
        if self.head == "flat":
            if not given:
                raise RecipeError("classes: no characters; give classes.characters or classes.file, or labelled sets")
            return FlatCharset(given)
        default = charset.WITH_IDEOGRAPHS if self.ideographs else charset.PLAIN
        if text is None:
            return default
        return Charset(tuple(char for char in given if not hangul.is_syllable(char)), default.ideographs)

    def _text(self) -> str | None:
        if self.file is None:
            return self.characters
        if not self.file.is_file():
            raise MissingInputError(f"{self.file}: no such file of characters; name a UTF-8 text file in classes.file")
        return "".join(self.file.read_text("utf-8").splitlines())


@dataclass(frozen=True)
class InputChoice:
    """The input of the network where it shall not be the network's own; see `geulnun.spec.LineSpec`.

    Attributes:
        height: rows.
        width: columns: narrower lines are padded, wider ones squeezed. None: any width, of networks that take it.
        channels: 1 for grey, 3 for RGB.
        scaling: "stretched" or "signed".
        padding: "median" or "edge".
        direction: "down" for columns of upright characters.
    """

    height: int | None = None
    width: int | None = None
    channels: Literal[1, 3] | None = None
    scaling: Scaling | None = None
    padding: Padding | None = None
    direction: Direction | None = None


@dataclass(frozen=True)
class SizeChoice:
    """Sizes inside the network, where they shall not be its own.

    Attributes:
        output_channel: features of the feature extractor.
        hidden: units of each direction of recurrent layers.
        fiducials: points of the spatial transformer.
    """

    output_channel: int | None = None
    hidden: int | None = None
    fiducials: int | None = None


@dataclass(frozen=True)
class SetChoice:
    """A set of lines.

    Attributes:
        path: a recipe of drawn lines (`.yaml`), or a folder, archive or file in a format of `geulnun.data`; several
            paths are one set.
        name: what reports call it; the path's own name where empty.
        ratio: its share of every batch, beside those of the other sets.
        format: of stored sets, a key of `geulnun.data.FORMATS`; "auto" recognises it.
        use: how much of a stored set is used, from its beginning: 0 to 1.
        lines: at most so many, of a set that validates; of a drawn one that has no end, so many (256 without it).
        texts: of drawn lines, a folder of texts instead of the recipe's.
        split: of drawn lines, the side of fonts and texts, instead of the recipe's.
        augment: whether the recipe's augmentations apply; drawn lines are worn as their own recipe says.
        without: of drawn lines, a UTF-8 text file of characters that none of them holds.
    """

    path: Path | tuple[Path, ...]
    name: str = ""
    ratio: float = 1.0
    format: str = "auto"
    use: float = 1.0
    lines: int | None = None
    texts: Path | None = None
    split: Split | None = None
    augment: bool = True
    without: Path | None = None

    def __post_init__(self) -> None:
        if not self.ratio > 0 or not math.isfinite(self.ratio):
            raise RecipeError(f"ratio is {self.ratio}; expected a share above 0")
        if not 0 < self.use <= 1:
            raise RecipeError(f"use is {self.use}; expected more than 0, to 1")
        if not self.paths:
            raise RecipeError("path is empty; name a recipe of drawn lines or a stored set")

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

    def beneath(self, folder: Path) -> SetChoice:
        """The set with relative paths taken from ``folder``."""
        without = folder / self.without if self.without else None
        return replace(self, path=tuple(folder / path for path in self.paths), without=without)


@dataclass(frozen=True)
class AugmentChoice:
    """What is done to lines of stored sets before they are shown.

    Attributes:
        chance: share of the lines that are worn.
        wear: how, see `geulnun.synth.wear.WearOptions`.
        contrast: lines with less contrast, (p90 - p10) / (p90 + p10) of their grey levels, are stretched; 0 none.
            Validation sees them stretched too.
    """

    chance: float = 0.0
    wear: WearOptions = field(default_factory=lambda: WearOptions(preset="light"))
    contrast: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.chance <= 1:
            raise RecipeError(f"augment.chance is {self.chance}; expected 0 (never) to 1 (always)")
        if not 0 <= self.contrast < 1:
            raise RecipeError(f"augment.contrast is {self.contrast}; expected 0 (none) to below 1")


@dataclass(frozen=True)
class LineTraining:
    """A whole run. ``lines``, ``rise`` and ``decay`` are lines, and steps where ``steps`` is given.

    Attributes:
        data: the sets to train on, or one path.
        net: name of a builder of `geulnun.nets.recognition`.
        width: factor of the network's channels.
        sizes: other sizes inside it.
        classes: its characters and head.
        input: its input.
        texts: folder of texts of all drawn sets that name none; the command line's wins.
        lines: how many lines to train on in all.
        steps: how many steps instead.
        decay: over how much of the end the rate falls.
        rise: over how much of the beginning the rate rises.
        schedule: "plateau" rises, stays and falls in a straight line to a hundredth; "cosine" rises and falls in half a
            wave; "constant" stays.
        optimiser: "adamw", "adam", "adadelta" or "sgd" (with Nesterov's momentum of 0.9).
        rate: the learning rate at its height.
        weight_decay: of adamw and sgd; biases and norms have none.
        betas: of adam and adamw.
        rho: of adadelta.
        eps: of the optimiser; its own where None.
        grad_clip: longest gradient (2-norm); 0 clips none.
        columns: pixels of width in a batch of all devices together.
        batch: lines in a batch of all devices together, instead.
        group: batches that are drawn together and sorted by width; 0 for what suits the network.
        average: decay a step of the moving average that is validated and exported; 0 keeps none.
        precision: of the forward pass, "bf16" or "fp32".
        longest: characters; longer texts are left out. None for what the network can write.
        sensitive: False trains on lower case only, and validates without regard of case.
        unknown: what a character that is no class takes with it: its "line", or only the "character" itself.
        augment: what is done to lines of stored sets.
        unlabelled: lines without labels that are learnt beside the sets (FixMatch); see
            `geulnun.training.semisupervised`.
        freeze: parts of the network that stay as they are, statistics of batch normalisation included.
        start: weights to begin with; see `geulnun.training.weights`.
        start_characters: characters of those weights' flat head, where the file does not say them.
        strict: whether all weights have to fit.
        new_head: whether the prediction layer begins anew instead of keeping the rows of known characters.
        validation: sets to validate on; without any, lines of the held-out side are drawn.
        validation_lines: lines in each slice of those.
        validate_minutes: between validations.
        validate_steps: between validations, instead.
        patience: validations without a better norm_ED after which to stop; None never stops.
        show: examples in the table of a validation.
        save_minutes: between checkpoints.
        workers: drawing processes; 0 draws in the one that trains.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        tensorboard: whether to write TensorBoard's files.
        seed: of weights and lines.
    """

    data: Path | tuple[SetChoice, ...] = Path("synth/lines.yaml")
    net: str = "dense"
    width: float = 1.0
    sizes: SizeChoice = field(default_factory=SizeChoice)
    classes: ClassChoice = field(default_factory=ClassChoice)
    input: InputChoice = field(default_factory=InputChoice)
    texts: Path | None = None
    lines: int = 600_000
    steps: int | None = None
    decay: int = 150_000
    rise: int = 20_000
    schedule: Literal["plateau", "cosine", "constant"] = "plateau"
    optimiser: Literal["adamw", "adam", "adadelta", "sgd"] = "adamw"
    rate: float = 2e-3
    weight_decay: float = 0.02
    betas: tuple[float, float] = (0.9, 0.98)
    rho: float = 0.95
    eps: float | None = None
    grad_clip: float = 5.0
    columns: int = 20_000
    batch: int | None = None
    group: int = 0
    average: float = 0.998
    precision: Literal["bf16", "fp32"] = "bf16"
    longest: int | None = None
    sensitive: bool = True
    unknown: Literal["line", "character"] = "line"
    augment: AugmentChoice = field(default_factory=AugmentChoice)
    unlabelled: UnlabelledChoice | None = None
    freeze: tuple[Part, ...] = ()
    start: Path | None = None
    start_characters: str | None = None
    strict: bool = True
    new_head: bool = False
    validation: tuple[SetChoice, ...] = ()
    validation_lines: int = 120
    validate_minutes: float = 10
    validate_steps: int | None = None
    patience: int | None = None
    show: int = 8
    save_minutes: float = 5
    workers: int = 1
    threads: int = 0
    tensorboard: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("lines", "steps", "columns", "batch", "validate_steps", "patience", "longest"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RecipeError(f"{name} is {value}; expected 1 or more")
        for name in ("decay", "rise", "group", "workers", "threads", "show", "grad_clip", "save_minutes"):
            if getattr(self, name) < 0:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected 0 or more")
        if not self.rate > 0 or not self.width > 0:
            raise RecipeError(f"rate is {self.rate} and width {self.width}; expected both above 0")
        if not 0 <= self.average < 1:
            raise RecipeError(f"average is {self.average}; expected 0 (none) to below 1")
        if self.unlabelled is not None and not self.average:
            raise RecipeError("unlabelled needs average: the moving average writes its labels; give it, such as 0.998")
        titles = [one.title for one in self.validation]
        if len(set(titles)) < len(titles):
            raise RecipeError(f"validation: two sets are called {max(titles, key=titles.count)!r}; give them names")

    @property
    def total(self) -> int:
        """Length of the run in its unit."""
        return self.lines if self.steps is None else self.steps

    @property
    def sets(self) -> tuple[SetChoice, ...]:
        """The sets to train on."""
        return (SetChoice(self.data),) if isinstance(self.data, Path) else self.data

    def beneath(self, folder: Path) -> LineTraining:
        """The run with the relative paths of its recipe taken from the recipe's folder; those of drawn texts stay."""
        file = self.classes.file
        return replace(
            self,
            data=tuple(one.beneath(folder) for one in self.sets),
            validation=tuple(one.beneath(folder) for one in self.validation),
            classes=replace(self.classes, file=folder / file) if file else self.classes,
            unlabelled=self.unlabelled.beneath(folder) if self.unlabelled else None,
            start=folder / self.start if self.start else None,
        )
