"""Train a recogniser of characters: options in, a checkpoint out."""

from __future__ import annotations

import itertools
import json
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from geulnun.errors import MissingDependencyError, ModelError, RecipeError
from geulnun.spec import CharacterSpec
from geulnun.training.characters import networks
from geulnun.training.characters.batches import Batches, Drawing, Mix
from geulnun.training.characters.compression import Curve, Size
from geulnun.training.characters.learner import Learner, Tally
from geulnun.training.characters.options import CharacterTraining
from geulnun.training.characters.sets import labels_of, open_set
from geulnun.training.characters.validation import Images, Scores, merged, score, temperature_of, validation_sets
from geulnun.training.journal import Metrics
from geulnun.training.kept import average_of
from geulnun.training.run import Log, choose_device

#: The step whose batches integers take their ranges from.
_CALIBRATION = 10**9
#: Minutes between reports, and problems with data that are told one by one.
_REPORT, _TOLD = 0.5, 10

Bar = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Prepared:
    """A network with what its batches are made of.

    Attributes:
        net: the network.
        spec: what it takes and gives.
        mix: its batches.
        total: length of the run in its unit.
    """

    net: nn.Module
    spec: CharacterSpec
    mix: Mix
    total: int


def prepare(options: CharacterTraining, saved: Mapping[str, Any] | None = None) -> Prepared:
    """Build what a run trains and what it trains on.

    Raises:
        RecipeError: a choice that does not go with another.
        ModelError: weights to begin with that do not fit.
        InputError: a set that cannot be read.
    """
    torch.manual_seed(options.seed)
    if saved is not None:
        spec = CharacterSpec.from_json(saved["spec"], "the run's checkpoint")
    else:
        classes = options.classes.classes(options.net.head == "whole", lambda: labels_of(options.data))
        spec = CharacterSpec(options.input.size, options.input.framing, classes, reject=options.input.reject)
    net = networks.build(options, spec, saved["shapes"] if saved else {})
    if options.start is not None and saved is None:
        net = networks.begun(net, read_run(options.start), options, spec)
    mix = Mix(options.data, spec, options.augment, options.nothing, options.seed, options.batch)
    return Prepared(net, spec, mix, _total(options, mix))


def _total(options: CharacterTraining, mix: Mix) -> int:
    if options.steps is not None:
        return options.steps
    return options.images if options.epochs is None else round(options.epochs * epoch(mix))


def epoch(mix: Mix) -> int:
    """Images in all sets together.

    Raises:
        RecipeError: a set has no end.
    """
    sizes = [open_set(choice, mix.words).size for choice in mix.choices]
    if None in sizes:
        title = mix.choices[sizes.index(None)].title
        raise RecipeError(f"{title}: it has no end, so there are no epochs; give images or steps")
    return sum(size or 0 for size in sizes)


def train(
    options: CharacterTraining,
    folder: Path,
    *,
    log: Log,
    tell: Log | None = None,
    device: str | None = None,
    minutes: float | None = None,
    bar: Bar | None = None,
) -> Path:
    """Train until the run's images or steps are done, its patience or ``minutes`` are over, or SIGTERM comes.

    Args:
        options: what to do.
        folder: where the run is kept; one with a `last.pt` is resumed.
        log: receives lines of progress.
        tell: receives the lines of each validation; ``log`` without it.
        device: "cpu" or "cuda"; None for what there is.
        minutes: stop, saved, after so long.
        bar: told how much is done.

    Returns:
        the path of `last.pt`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "last.pt"
    saved = read_run(checkpoint) if checkpoint.is_file() else None
    place = choose_device(device, options.threads)
    made = prepare(options, saved)
    learner = Learner(made.net, made.spec, options, made.total, place, saved)
    if saved and learner.done >= made.total:
        return checkpoint
    sets = validation_sets(options, made.mix)
    return _Run(folder, options, made, learner, sets, log, tell or log, bar, saved).go(minutes)


class _Run:
    """The loop around the steps of a run."""

    def __init__(
        self,
        folder: Path,
        options: CharacterTraining,
        made: Prepared,
        learner: Learner,
        sets: Mapping[str, Images],
        log: Log,
        tell: Log,
        bar: Bar | None,
        saved: Mapping[str, Any] | None,
    ) -> None:
        self.folder, self.options, self.made, self.learner, self.sets = folder, options, made, learner, sets
        self.log: Log = log if not options.silent else _nothing
        self.tell, self.bar = tell, bar
        self.best: dict[str, Any] = dict(saved["best"]) if saved else {"top1": -1.0, "stale": 0}
        self.temperature = 1.0
        self._metrics = _loggers(options, folder)
        self._epoch = epoch(made.mix) if options.epoch_weights else None
        self._asked = False
        self._problems = 0
        self._judged_at: int | None = None
        self._said = self._saved = self._validated = time.monotonic()

    def go(self, minutes: float | None) -> Path:
        """Train; the path of `last.pt`."""
        began, learner, before = time.monotonic(), self.learner, None
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, self._ask)
        try:
            batches = iter(Batches(self.made.mix, learner.steps, self.options.workers))
            while learner.done < self.made.total:
                batch = next(batches)
                self._tell_problems(batch.problems)
                learner.step(batch)
                if self.bar is not None:
                    done = min(learner.done, self.made.total)
                    self.bar(f"loss {learner.tally.mean:.4f}", done, self.made.total)
                if self._asked or (minutes is not None and time.monotonic() - began >= minutes * 60):
                    break
                if self._between():
                    break
        finally:
            if before is not None:
                signal.signal(signal.SIGTERM, before)
        self._report()
        if self._asked:
            # Whoever ends the run may not wait for a validation.
            return self._keep("last")
        self._judge()
        if self.options.calibrate:
            self.temperature = temperature_of(learner.reader, self.made.spec, self.sets, learner.device)
        return self._keep("last")

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _between(self) -> bool:
        """Report, save and validate where it is time; whether the run's patience is over."""
        now, options, learner = time.monotonic(), self.options, self.learner
        if now - self._said > _REPORT * 60:
            self._report()
        if now - self._saved > options.save_minutes * 60:
            self._keep("last")
        if self._epoch is not None and learner.images // self._epoch > (learner.images - options.batch) // self._epoch:
            self._keep_epoch(learner.images // self._epoch)
        by_steps, judge = options.validate_steps, now - self._validated > options.validate_minutes * 60
        if learner.steps % by_steps == 0 if by_steps is not None else judge:
            self._report()
            return self._judge()
        return False

    def _report(self) -> None:
        learner, now = self.learner, time.monotonic()
        if not learner.tally.batches:
            return
        tally, speed = learner.tally, learner.tally.images / max(now - self._said, 1e-6)
        unit = "images" if self.options.steps is None else "steps"
        line = f"{learner.done} of {self.made.total} {unit}: loss {tally.mean:.4f} rate {learner.rate:.2e}"
        if self.options.adversarial is not None:
            line += f" discriminator {tally.adversary / max(1, tally.batches):.4f}"
        self.log(f"{line} images a second {speed:.1f}")
        numbers = {"train/loss": tally.mean, "train/rate": learner.rate, "train/images_a_second": speed}
        self._count(numbers)
        learner.tally, self._said = Tally(), now

    def _judge(self) -> bool:
        """Validate, keep the weights if they are the best yet; whether the run's patience is over."""
        learner, options = self.learner, self.options
        if self._judged_at == learner.steps:
            return False
        self._judged_at = learner.steps
        found = {
            name: score(learner.reader, self.made.spec, images(), learner.device) for name, images in self.sets.items()
        }
        groups = merged(found)
        top1 = sum(groups.values(), Scores()).top1
        for name, parts in found.items():
            for group, one in parts.items():
                self.tell(f"{learner.done} of {self.made.total}, {name}, {group}: {one}")
        self._write(found)
        numbers = {f"top-1/{name}": one.top1 for name, one in groups.items()}
        self._count(numbers | {f"top-5/{name}": one.top5 for name, one in groups.items()})
        if options.compress is not None:
            size = Size.of(learner.reader)
            self.tell(f"size: {size.kept} of {size.parameters} weights kept, {size.stored} bytes stored")
            Curve(self.folder).add(learner.steps, size, {name: one.top1 for name, one in groups.items()})
        better = top1 > self.best["top1"]
        self.best = {"top1": max(top1, self.best["top1"]), "stale": 0 if better else self.best["stale"] + 1}
        if better:
            self._keep("best")
        self._validated = self._said = time.monotonic()
        return options.patience is not None and self.best["stale"] >= options.patience

    def _write(self, found: Mapping[str, Mapping[str, Scores]]) -> None:
        """A line of scores.jsonl: all sets and groups of a validation."""
        rows = {
            name: {group: {"top1": one.top1, "top5": one.top5, "images": one.count} for group, one in parts.items()}
            for name, parts in found.items()
        }
        place = {"steps": self.learner.steps, "images": self.learner.images}
        with (self.folder / "scores.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(place | {"sets": rows}, ensure_ascii=False) + "\n")

    def _count(self, numbers: dict[str, float]) -> None:
        for one in self._metrics:
            one.log_metrics(numbers | {"images": float(self.learner.images)}, self.learner.steps)

    def _tell_problems(self, problems: tuple[str, ...]) -> None:
        for problem in problems[: max(0, _TOLD - self._problems)]:
            self.log(f"left out: {problem}")
        self._problems += len(problems)

    def _keep(self, name: str) -> Path:
        """Write a checkpoint under another name and rename it, so that a kill leaves a whole one."""
        target = self.folder / f"{name}.pt"
        temporary = target.with_suffix(".tmp")
        torch.save(self.learner.state() | {"best": self.best, "temperature": self.temperature}, temporary)
        temporary.replace(target)
        if name == "last":
            self._saved = time.monotonic()
        return target

    def _keep_epoch(self, number: int) -> None:
        state = self.learner.state()
        halves = {key: one.half() if one.is_floating_point() else one for key, one in state["average"].items()}
        kept = {"average": halves, "spec": state["spec"], "shapes": state["shapes"], "progress": state["progress"]}
        torch.save(kept, self.folder / f"epoch_{number}.pt")


def _nothing(line: str) -> None:
    pass


def _loggers(options: CharacterTraining, folder: Path) -> list[Metrics]:
    """Where the run's numbers go.

    Raises:
        MissingDependencyError: the package of Weights & Biases is asked for and not there.
    """
    found: list[Metrics] = []
    if options.wandb is not None and find_spec("wandb") is None:
        raise MissingDependencyError("wandb sends numbers to Weights & Biases; install it with: pip install wandb")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        if options.tensorboard:
            from lightning.pytorch.loggers import TensorBoardLogger

            found.append(TensorBoardLogger(folder, "tensorboard", ""))
        if options.wandb is not None:
            from lightning.pytorch.loggers import WandbLogger

            found.append(WandbLogger(project=options.wandb, save_dir=folder))
    return found


def trained(checkpoint: Path, options: CharacterTraining) -> Prepared:
    """The network of a run with its averaged weights, ready to read, and what it learnt from.

    Raises:
        ModelError: the checkpoint cannot be read, or is of another network than the options say.
    """
    saved = read_run(checkpoint)
    made = prepare(replace(options, start=None), saved)
    try:
        made.net.load_state_dict(average_of(saved))
    except RuntimeError as error:
        raise ModelError(
            f"{checkpoint}: of another network than the recipe's {options.net.name}; give its own"
        ) from error
    made.net.eval()
    spec = replace(made.spec, temperature=float(saved.get("temperature", 1.0)), reject=options.input.reject)
    return replace(made, spec=spec, mix=replace(made.mix, spec=spec))


def scored(options: CharacterTraining, checkpoint: Path) -> dict[str, dict[str, Scores]]:
    """The scores of a finished run on the recipe's validation sets, by set and group; raises as `trained` does."""
    made = trained(checkpoint, options)
    return {name: score(made.net, made.spec, images()) for name, images in validation_sets(options, made.mix).items()}


def samples(made: Prepared, count: int = 16, batch: int = 32) -> Iterator[NDArray[np.float32]]:
    """``count`` batches (n, 1, S, S) of training images that no training comes to, for the ranges of integers."""
    drawing = Drawing(replace(made.mix, batch=batch, nothing=0.0))
    for number in itertools.islice(itertools.count(_CALIBRATION), count):
        yield drawing[number][0].inputs.astype(np.float32) / np.float32(255)


def read_run(checkpoint: Path) -> dict[str, Any]:
    """The checkpoint of a run.

    Raises:
        ModelError: it is of another kind of run, or damaged.
    """
    if not checkpoint.is_file():
        raise ModelError(f"{checkpoint}: no such checkpoint; name the last.pt of a run over characters")
    try:
        content: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"{checkpoint}: not a checkpoint that can be read; choose another folder with -o") from error
    if "shapes" not in content or "images" not in content.get("progress", {}):
        raise ModelError(f"{checkpoint}: of another kind of run; choose another folder with -o")
    return content
