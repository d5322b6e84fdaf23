"""A run of SeqCLR: lines without labels in, the first stages of a recogniser out (`geulnun.training.contrastive`).

The checkpoint `encoder.pt` is for `start:` of a recipe of a recogniser with the same network, with ``new_head: true``;
with ``freeze`` of the same stages as well, that run is the paper's evaluation (section 4.1) of what was learnt.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from geulnun.charset import PLAIN
from geulnun.errors import ModelError, RecipeError
from geulnun.spec import LineSpec
from geulnun.training import contrastive, networks, weights
from geulnun.training.batches import GROUP
from geulnun.training.contrastive import Columns, Contrast
from geulnun.training.losses import filled_steps
from geulnun.training.options import InputChoice, LineTraining, SizeChoice
from geulnun.training.run import Log, Pace, Schedule, State, choose_device, keep_training
from geulnun.training.unlabelled import Pair, PairMix, Pairs, Views
from geulnun.training.unlabelled_options import CONTRASTIVE, ImageChoice, ViewChoice

#: Which parts of a network are learnt, by the last of them.
STAGES = {"feature": ("transformation", "feature"), "sequence": ("transformation", "feature", "sequence")}

#: Projections by name: features of a column and of an instance -> the module, and what comes out of it.
PROJECTIONS = {
    "none": lambda cin, size: contrastive.Unprojected(),
    "mlp": contrastive.Shared,
    "bilstm": contrastive.InContext,
}

#: The batches that are judged are those of a seed so much larger.
_OTHER = 7_919


@dataclass(frozen=True)
class Pretraining:
    """A whole run.

    Attributes:
        data: the sets of line images.
        net: name of a builder of `geulnun.nets.recognition`.
        width: factor of the network's channels.
        sizes: other sizes inside it.
        input: its input.
        texts: folder of texts of all drawn sets that name none.
        stage: what is learnt: the "feature" stage, or it and the "sequence" stage.
        instances: what is compared: "all" of a line, "window"s of it, or every "frame", a column of features.
        windows: of a line.
        projection: between columns and instances, left out later: "none", "mlp" or "bilstm".
        size: of an instance.
        temperature: of the comparison.
        most: instances that a view brings to the comparison at most: its cost grows with their square.
        views: how both views are drawn.
        batch: lines in a batch.
        steps: optimiser steps in all.
        rise: steps over which the rate rises.
        decay: of the last steps, over which it falls to a hundredth.
        rate: AdamW's learning rate at its height.
        weight_decay: AdamW's.
        average: decay a step of the moving average, which is what comes out.
        precision: of the forward pass, "bf16" or "fp32".
        start: weights to begin with.
        save_minutes: between checkpoints.
        validate_minutes: between judgements of other views.
        workers: drawing processes; 0 draws in the one that trains.
        threads: PyTorch's threads on a CPU; 0 leaves its default.
        seed: of weights and lines.
    """

    data: tuple[ImageChoice, ...]
    net: str = "dense"
    width: float = 1.0
    sizes: SizeChoice = field(default_factory=SizeChoice)
    input: InputChoice = field(default_factory=InputChoice)
    texts: Path | None = None
    stage: Literal["feature", "sequence"] = "sequence"
    instances: Literal["all", "window", "frame"] = "window"
    windows: int = 5
    projection: Literal["none", "mlp", "bilstm"] = "bilstm"
    size: int = 128
    temperature: float = 0.5
    most: int = 768
    views: ViewChoice = CONTRASTIVE
    batch: int = 64
    steps: int = 10_000
    rise: int = 200
    decay: int = 4_000
    rate: float = 1e-3
    weight_decay: float = 0.02
    average: float = 0.998
    precision: Literal["bf16", "fp32"] = "bf16"
    start: Path | None = None
    save_minutes: float = 5
    validate_minutes: float = 10
    workers: int = 1
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.data:
            raise RecipeError("data is empty; name a folder of line images or a recipe of drawn lines")
        for name, least in (("batch", 2), ("steps", 1), ("windows", 1), ("size", 1), ("most", 2)):
            if getattr(self, name) < least:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected {least} or more")
        for name in ("temperature", "rate", "width"):
            if not getattr(self, name) > 0:
                raise RecipeError(f"{name} is {getattr(self, name)}; expected more than 0")
        if not 0 <= self.average < 1:
            raise RecipeError(f"average is {self.average}; expected 0 to below 1")

    def beneath(self, folder: Path) -> Pretraining:
        """The run with the relative paths of its recipe taken from the recipe's folder; those of drawn texts stay."""
        start = folder / self.start if self.start else None
        return replace(self, data=tuple(one.beneath(folder) for one in self.data), start=start)


def build(options: Pretraining) -> tuple[Contrast, LineSpec]:
    """The network of a run, new, and what it takes.

    Raises:
        RecipeError: no such network, or it cannot have what is asked for.
        ModelError: weights to begin with that do not fit.
    """
    asked = LineTraining(net=options.net, width=options.width, sizes=options.sizes, input=options.input)
    net, spec = networks.build(asked, PLAIN)
    if options.start is not None:
        weights.begin(net, PLAIN, weights.read(options.start), strict=False)
    encoder = encoder_of(net, options.stage)
    with torch.no_grad():
        probe = encoder.eval()(torch.zeros(1, spec.channels, spec.height, spec.width or 128))
    projection = PROJECTIONS[options.projection](probe.shape[-1], options.size)
    return Contrast(encoder, projection, _mapping(options), filled_steps), spec


def encoder_of(net: nn.Module, stage: str) -> nn.Module:
    """A recogniser up to a stage: inputs -> columns (N, T, F); changed in place."""
    if stage == "feature":
        net.sequence = nn.Identity()
    net.prediction = Columns()
    return net


def _mapping(options: Pretraining) -> contrastive.Mapping:
    if options.instances == "all":
        return contrastive.all_to_instance
    if options.instances == "frame":
        return contrastive.frames_to_instances
    return partial(contrastive.windows_to_instances, count=options.windows)


@dataclass(frozen=True)
class Contraster:
    """What a step does with two views.

    Attributes:
        options: the run.
        device: where the network is.
    """

    options: Pretraining
    device: torch.device

    def instances(self, net: nn.Module, pair: Pair) -> tuple[Tensor, Tensor]:
        """Instances (M, D) of both views of a batch, partner by partner."""
        (first, here), (second, there) = (self._of(net, views) for views in (pair.first, pair.second))
        rows = contrastive.chosen(here & there, self.options.most)
        return first.flatten(0, 1)[rows], second.flatten(0, 1)[rows]

    def _of(self, net: nn.Module, views: Views) -> tuple[Tensor, Tensor]:
        inputs = torch.from_numpy(views.inputs).to(self.device).float().to(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
            instances, there = net(inputs, torch.from_numpy(views.widths))
        return instances.float(), there

    def step(self, state: State, batches: Iterator[Pair]) -> dict[str, float]:
        """Train on one batch; its loss and the share of instances that find their partner."""
        # What dropout and the choice of instances draw follows from the step: a run that goes on draws the same.
        torch.manual_seed((self.options.seed << 32) + state.steps)
        state.net.train()
        first, second = self.instances(state.net, next(batches))
        loss = contrastive.nt_xent(first, second, self.options.temperature)
        used = state.update(loss, 1)
        right = contrastive.found(first.detach(), second.detach())
        return {"loss": float(loss.detach()) if used else float("nan"), "found": right}

    @torch.no_grad()
    def judge(self, net: nn.Module, pairs: list[Pair]) -> str:
        """What the averaged network makes of other views, in one line.

        Of drawn sets they are of other lines, too; a stored set has no others.
        """
        net.eval()
        found = []
        for number, pair in enumerate(pairs):
            torch.manual_seed(number)
            found.append(contrastive.found(*self.instances(net, pair)))
        return f"other views: {100 * sum(found) / max(len(found), 1):.2f} % of instances find their partner"


def pretrain(
    options: Pretraining,
    folder: Path,
    *,
    log: Log,
    device: str | None = None,
    minutes: float | None = None,
) -> Path:
    """Train until the steps or minutes are over.

    Args:
        options: what to do.
        folder: where the run is kept; a `last.pt` there is resumed.
        log: receives lines of progress.
        device: "cpu", "cuda"; None for what is there.
        minutes: stop, saved, after so long.

    Returns:
        the path of `encoder.pt`: the learnt stages' averaged weights, under the names they have in a recogniser.

    Raises:
        RecipeError, ModelError, InputError: of the options, weights and sets.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    net, spec = build(options)
    where = choose_device(device, options.threads)
    schedule = Schedule(options.rate, options.steps, rise=options.rise, fall=options.decay)
    state = State(net, folder, where, schedule, options.weight_decay, options.average)
    try:
        state.resume()
    except (RuntimeError, KeyError, ValueError) as error:
        raise ModelError(f"{state.checkpoint}: of another run than the recipe's; choose another folder") from error
    mix = PairMix(
        options.data, spec, options.views, options.views, options.texts, options.seed, options.batch,
        GROUP if spec.width is None else 1,
    )  # fmt: skip
    others = replace(mix, seed=mix.seed + _OTHER, group=1)
    held = list(itertools.islice(Pairs(others, 0, 0), 4))
    batches = iter(Pairs(mix, state.steps, options.workers))
    contraster = Contraster(options, where)
    keep_training(
        state,
        lambda: contraster.step(state, batches),
        lambda: contraster.judge(state.average, held),
        Pace(options.steps, minutes, options.save_minutes, options.validate_minutes),
        log,
    )
    return keep_encoder(state, folder / "encoder.pt")


def keep_encoder(state: State, target: Path) -> Path:
    """Write the averaged encoder of a run alone."""
    contrast = state.average
    assert isinstance(contrast, Contrast)
    temporary = target.with_suffix(".tmp")
    torch.save({"average": contrast.encoder.state_dict()}, temporary)
    temporary.replace(target)
    return target
