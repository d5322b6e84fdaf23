"""What a run over recognisers of characters does: the schema of `recipes/characters/*.yaml`.

Keys that are left out train the package's default network.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from geulnun.errors import RecipeError
from geulnun.spec import Framing
from geulnun.synth.wear import WearOptions
from geulnun.training.characters.alphabets import ClassChoice
from geulnun.training.characters.choices import CharacterSet
from geulnun.training.characters.methods import AdversarialChoice, CompressChoice, HybridChoice

Link = Literal["flatten", "gap", "gwap", "gwoap"]
Head = Literal["whole", "split", "refine", "denseran"]


@dataclass(frozen=True)
class NetChoice:
    """The network; see `geulnun.nets.character.builders`.

    Attributes:
        name: a key of its `BUILDERS`: dense, melnyk, efficient, afl, vgg16, inception-resnet-v2, ...
        factor: of its channels.
        link: what lies between its last feature map and its head; None for the network's own.
        head: "whole" has one output a character; "split" one block each for initial, medial and final beside a gate
            over other characters; "refine" feeds such outputs back, ``steps`` times; "denseran" decodes the jamo one
            after the other.
        steps: of "refine".
        hidden: widths of the layers between link and output; None for the network's own, () for none.
        direct: whether the fixed eight directions of DirectMap come first.
    """

    name: str = "dense"
    factor: float = 1.0
    link: Link | None = None
    head: Head = "split"
    steps: int = 4
    hidden: tuple[int, ...] | None = None
    direct: bool = False

    def __post_init__(self) -> None:
        if not self.factor > 0 or self.steps < 1:
            raise RecipeError(f"net: factor is {self.factor}, steps {self.steps}; expected above 0, and 1 or more")


@dataclass(frozen=True)
class InputChoice:
    """The input; see `geulnun.spec.CharacterSpec`.

    Attributes:
        size: rows and columns.
        framing: "ink" cuts the ink out and centres it; "whole" takes the image as it is.
        reject: confidence below which the trained recogniser names no character.
    """

    size: int = 64
    framing: Framing = "ink"
    reject: float = 0.0

    def __post_init__(self) -> None:
        if not 16 <= self.size <= 512:
            raise RecipeError(f"input.size is {self.size}; expected 16 to 512 pixels")


@dataclass(frozen=True)
class AugmentChoice:
    """What is done to the images of sets that ask for it.

    Attributes:
        chance: share of the images that are turned, shifted and so on, in the network's input.
        zoom: scales, least and most.
        stretch: how much wider or narrower beside that, as a share.
        rotation: degrees at most, either way.
        shear: slant at most, either way, columns a row.
        translation: at most, either way, as a share of the input.
        elastic: displacement of strokes at most, as a share of the input (Simard, Steinkraus and Platt 2003,
            section 2).
        worn: share of the images that are worn before that; of stored sets only, drawn ones are worn as their recipes
            say.
        wear: how, see `geulnun.synth.wear.WearOptions`.
    """

    chance: float = 0.0
    zoom: tuple[float, float] = (0.9, 1.1)
    stretch: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    translation: float = 0.0
    elastic: float = 0.0
    worn: float = 0.0
    wear: WearOptions = field(default_factory=lambda: WearOptions(preset="light"))

    def __post_init__(self) -> None:
        for name in ("chance", "worn"):
            if not 0 <= getattr(self, name) <= 1:
                raise RecipeError(f"augment.{name} is {getattr(self, name)}; expected 0 (never) to 1 (always)")
        if not 0.2 <= self.zoom[0] <= self.zoom[1] <= 3:
            raise RecipeError(f"augment.zoom is {list(self.zoom)}; expected [least, most] within 0.2 to 3")
        for name, most in (("rotation", 180), ("shear", 1), ("translation", 0.5), ("stretch", 0.5), ("elastic", 0.2)):
            if not 0 <= getattr(self, name) <= most:
                raise RecipeError(f"augment.{name} is {getattr(self, name)}; expected 0 to {most}")


@dataclass(frozen=True)
class CharacterTraining:
    """A whole run. ``rise`` and ``decay`` are images, and steps where ``steps`` is given.

    Attributes:
        data: the sets to train on.
        net: the network.
        classes: the characters that it names.
        input: what it takes.
        images: how many images to train on in all.
        epochs: how often all images of the sets, which must have an end, instead.
        steps: how many batches instead.
        schedule: "plateau" rises, stays and falls in a straight line to a hundredth; "cosine" rises and falls in half a
            wave; "constant" stays; "stairs" takes the rates of ``stairs``.
        stairs: pairs of a share of the run and the rate until there, such as ``[[0.33, 0.001], [1, 0.00003]]``.
        decay: over how much of the end the rate falls.
        rise: over how much of the beginning it rises.
        optimiser: "adamw", "adam", "adabound" (Luo et al. 2019) or "sgd" (with Nesterov's momentum of 0.9).
        rate: the learning rate at its height; of adabound the first one of its Adam.
        final_rate: of adabound: the rate of the SGD that it becomes, as a multiple of ``rate``.
        weight_decay: of adamw, adabound and sgd; biases and norms have none.
        betas: of adamw, adam and adabound.
        grad_clip: longest gradient (2-norm); 0 clips none.
        batch: images in a batch.
        average: decay a step of the moving average that is validated and exported; 0 keeps none.
        precision: of the forward pass, "bf16" or "fp32".
        nothing: share of each batch that is ink without a character (scribbles, pieces of characters): class 0.
        augment: what is done to images.
        double_softmax: whether the loss is taken of the softmax of the softmax, as tfull/character_recognition does;
            of a whole head only.
        hybrid: discriminates the most similar classes beside the loss; None does not.
        adversarial: makes features of handwriting like those of print; None does not.
        compress: makes the network smaller while it trains; None does not.
        start: weights to begin with: the last.pt of a run.
        strict: whether all of them have to fit; False leaves out those that do not, such as another head's.
        validation: sets to validate on; without any, characters of the held-out fonts are drawn.
        validation_images: images in each of those.
        validate_minutes: between validations.
        validate_steps: between validations, instead.
        patience: validations without a better top-1 after which to stop; None never stops.
        calibrate: whether the exported recogniser's confidences are fitted to the validation sets.
        save_minutes: between checkpoints.
        epoch_weights: whether the averaged weights of every epoch are kept, in half precision.
        zipped: whether the exported file is also put into a zip archive, where weights that were dropped take no room.
        silent: whether nothing is told but the results.
        workers: drawing processes; 0 draws in the one that trains.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        tensorboard: whether to write TensorBoard's files.
        wandb: project of Weights & Biases that numbers are sent to, for which its package has to be installed; None
            sends none.
        seed: of weights and images.
    """

    data: tuple[CharacterSet, ...] = (CharacterSet(Path("../synth/chars.yaml")),)
    net: NetChoice = field(default_factory=NetChoice)
    classes: ClassChoice = field(default_factory=ClassChoice)
    input: InputChoice = field(default_factory=InputChoice)
    images: int = 2_000_000
    epochs: float | None = None
    steps: int | None = None
    schedule: Literal["plateau", "cosine", "constant", "stairs"] = "cosine"
    stairs: tuple[tuple[float, float], ...] = ()
    decay: int = 500_000
    rise: int = 20_000
    optimiser: Literal["adamw", "adam", "adabound", "sgd"] = "adamw"
    rate: float = 2e-3
    final_rate: float = 100.0
    weight_decay: float = 0.02
    betas: tuple[float, float] = (0.9, 0.98)
    grad_clip: float = 5.0
    batch: int = 128
    average: float = 0.998
    precision: Literal["bf16", "fp32"] = "bf16"
    nothing: float = 0.0
    augment: AugmentChoice = field(default_factory=AugmentChoice)
    double_softmax: bool = False
    hybrid: HybridChoice | None = None
    adversarial: AdversarialChoice | None = None
    compress: CompressChoice | None = None
    start: Path | None = None
    strict: bool = True
    validation: tuple[CharacterSet, ...] = ()
    validation_images: int = 1_000
    validate_minutes: float = 10
    validate_steps: int | None = None
    patience: int | None = None
    calibrate: bool = True
    save_minutes: float = 5
    epoch_weights: bool = False
    zipped: bool = False
    silent: bool = False
    workers: int = 1
    threads: int = 0
    tensorboard: bool = True
    wandb: str | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("images", "steps", "batch", "validate_steps", "patience", "validation_images"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RecipeError(f"{name} is {value}; expected 1 or more")
        for name in ("decay", "rise", "workers", "threads", "grad_clip", "save_minutes", "weight_decay"):
            if getattr(self, name) < 0:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected 0 or more")
        if not self.rate > 0 or not self.final_rate > 0:
            raise RecipeError(f"rate is {self.rate}, final_rate {self.final_rate}; expected both above 0")
        if self.epochs is not None and (not self.epochs > 0 or self.steps is not None):
            raise RecipeError(f"epochs is {self.epochs}, steps {self.steps}; expected one of them, above 0")
        if not 0 <= self.average < 1 or not 0 <= self.nothing < 1:
            raise RecipeError(f"average is {self.average}, nothing {self.nothing}; expected 0 (none) to below 1")
        self._check_choices()

    def _check_choices(self) -> None:
        shares = [share for share, _ in self.stairs]
        if (self.schedule == "stairs") != bool(shares) or shares != sorted(shares):
            raise RecipeError(f"stairs are {list(self.stairs)}; expected rising shares, for schedule: stairs alone")
        if not self.data:
            raise RecipeError("data is empty; name a recipe of drawn characters or a stored set")
        if self.double_softmax and self.net.head != "whole":
            raise RecipeError(f"double_softmax goes with the head whole, not {self.net.head}; leave it out")
        titles = [one.title for one in self.validation]
        if len(set(titles)) < len(titles):
            raise RecipeError(f"validation: two sets are called {max(titles, key=titles.count)!r}; give them names")

    def beneath(self, folder: Path) -> CharacterTraining:
        """The run with the relative paths of its recipe taken from the recipe's folder."""
        return replace(
            self,
            data=tuple(one.beneath(folder) for one in self.data),
            validation=tuple(one.beneath(folder) for one in self.validation),
            classes=self.classes.beneath(folder),
            start=folder / self.start if self.start else None,
        )
