"""Train a line recogniser on Lightning: options in, a checkpoint out, on a CPU, a GPU, or several of either."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy, Strategy
from numpy.typing import NDArray
from torch import nn

from geulnun.charset import Classes
from geulnun.errors import ModelError, RecipeError
from geulnun.nets.recognition.builders import MOST
from geulnun.spec import LineSpec
from geulnun.training import networks, semisupervised, weights
from geulnun.training.batches import GROUP, Batches, Chunks, Mix, mean_width
from geulnun.training.conductor import Bar, Conductor
from geulnun.training.journal import Journal, Log
from geulnun.training.module import LineModule
from geulnun.training.options import LineTraining
from geulnun.training.sets import Words, characters_of
from geulnun.training.validation import validation_sets

#: The step whose batches integers take their ranges from.
_CALIBRATION = 10**9


@dataclass(frozen=True)
class Devices:
    """What a run is spread over.

    Attributes:
        device: "cpu" or "cuda"; None for what there is.
        count: devices of this machine. Under torchrun its own numbers hold.
        nodes: machines.
        start: how processes of a CPU or of several GPUs come up: "popen" runs the same command again, "fork" splits
            this one, which only a CPU stands.
    """

    device: str | None = None
    count: int = 1
    nodes: int = 1
    start: Literal["popen", "fork"] = "popen"

    def trainer(self, folder: Path, options: LineTraining, callback: Conductor | None = None) -> Trainer:
        """Lightning's trainer for them."""
        cuda = self.device != "cpu" and torch.cuda.is_available()
        if self.device not in (None, "cpu", "cuda") or (self.device == "cuda" and not cuda):
            raise RecipeError(f"device {self.device!r} is not there; choose cpu" + (" or cuda" if cuda else ""))
        count, nodes = self.count, self.nodes
        if "TORCHELASTIC_RUN_ID" in os.environ:
            count, nodes = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ.get("GROUP_WORLD_SIZE", "1"))
        strategy: str | Strategy = "auto"
        if count * nodes > 1:
            strategy = DDPStrategy(process_group_backend="nccl" if cuda else "gloo", start_method=self.start)
        return Trainer(
            accelerator="gpu" if cuda else "cpu",
            devices=count,
            num_nodes=nodes,
            strategy=strategy,
            # Statistics of batch normalisation over all devices: PyTorch knows it on GPUs only.
            sync_batchnorm=cuda and count * nodes > 1,
            max_epochs=-1,
            logger=TensorBoardLogger(folder, "tensorboard", "") if options.tensorboard else False,
            callbacks=[callback] if callback else [],
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            default_root_dir=folder,
        )


@dataclass(frozen=True)
class Prepared:
    """A network with what its batches are made of.

    Attributes:
        net: the network, begun as the options say.
        spec: what it takes and gives.
        mix: its batches.
        notes: what there is to say about how it was begun.
    """

    net: nn.Module
    spec: LineSpec
    mix: Mix
    notes: tuple[str, ...]


def prepare(options: LineTraining, saved: Mapping[str, Any] | None = None) -> Prepared:
    """Build what a run trains and what it trains on.

    Raises:
        RecipeError: a choice that does not go with another.
        ModelError: weights to begin with that do not fit.
        InputError: a set that cannot be read.
    """
    torch.manual_seed(options.seed)
    classes = _classes(options, saved)
    net, spec = networks.build(options, classes)
    notes: list[str] = []
    if options.start is not None and saved is None:
        begun = weights.read(options.start, options.start_characters)
        notes = weights.begin(net, classes, begun, options.strict, options.new_head)
    longest = options.longest if spec.decoding == "ctc" else options.longest or MOST
    words = Words(classes, longest, options.sensitive, options.unknown)
    mix = Mix(
        options.sets, words, spec, networks.fit(net, spec), options.augment, options.texts, options.seed,
        group=options.group or (1 if spec.width is not None else GROUP),
    )  # fmt: skip
    if options.batch is not None:
        mix = replace(mix, batch=options.batch)
    elif saved is not None:
        mix = replace(mix, batch=int(saved["progress"]["batch"]))
    else:
        width = spec.width or mean_width(Chunks(mix))
        mix = replace(mix, batch=max(1, round(options.columns / width)))
    return Prepared(net, spec, mix, tuple(notes))


def _classes(options: LineTraining, saved: Mapping[str, Any] | None) -> Classes:
    if saved is not None and "spec" in saved:
        return LineSpec.from_json(saved["spec"], "the run's checkpoint").classes
    return options.classes.classes(characters_of(options.sets) if options.classes.from_labels else "")


def train(
    options: LineTraining,
    folder: Path,
    *,
    log: Log,
    tell: Log | None = None,
    devices: Devices = Devices(),
    minutes: float | None = None,
    bar: Bar | None = None,
) -> Path | None:
    """Train until the run's lines or steps are done, its patience or ``minutes`` are over, or SIGTERM comes.

    Args:
        options: what to do.
        folder: where the run is kept; one with a `last.pt` is resumed.
        log: receives lines of progress.
        tell: receives the lines of each validation; ``log`` without it.
        devices: where to train.
        minutes: stop, saved, after so long.
        bar: told how much is done.

    Returns:
        the path of `last.pt`; None in a process that only helps the first one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if options.threads:
        torch.set_num_threads(options.threads)
    checkpoint = folder / "last.pt"
    saved = read_run(checkpoint) if checkpoint.is_file() else None
    with warnings.catch_warnings():
        # Lightning's advice on workers, progress bars and folders is meant for other loops than this one.
        warnings.filterwarnings("ignore", module=r"lightning\.")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        trainer = devices.trainer(folder, options)
        metrics = trainer.logger if isinstance(trainer.logger, TensorBoardLogger) else None
        journal = Journal(folder, log, tell or log, metrics, options.show)
        made = prepare(options, saved)
        extra = semisupervised.extra(options, made.mix)
        module = LineModule(made.net, made.spec, options, made.mix, saved, extra)
        sets = validation_sets(options, made.mix)
        conductor = Conductor(folder, options, sets, journal, minutes, bar, saved)
        if trainer.is_global_zero:
            for note in made.notes:
                journal.note(note)
        if saved and module.done >= options.total:
            return checkpoint
        trainer.callbacks.append(conductor)  # type: ignore[attr-defined]  # the stubs forget it
        trainer.fit(module)
    return checkpoint if trainer.is_global_zero else None


def trained(checkpoint: Path, options: LineTraining) -> Prepared:
    """The network of a run with its averaged weights, ready to read, and what it learnt from.

    Raises:
        ModelError: the checkpoint cannot be read, or is of another network than the options say.
    """
    saved = read_run(checkpoint)
    made = prepare(options, saved)
    try:
        made.net.load_state_dict(saved["average"])
    except RuntimeError as error:
        raise ModelError(f"{checkpoint}: of another network than the recipe's {options.net}; give its own") from error
    made.net.eval()
    return made


def samples(made: Prepared, count: int = 24, columns: int = 6_000) -> Iterator[NDArray[np.float32]]:
    """``count`` batches of training lines that no training comes to, from which integers take their ranges."""
    share = max(1, round(made.mix.batch * columns / 20_000))
    batches = iter(Batches(replace(made.mix, batch=share, group=1), _CALIBRATION, 0))
    return (batch.inputs.astype(np.float32) for batch in itertools.islice(batches, count))


def read_run(checkpoint: Path) -> dict[str, Any]:
    """The checkpoint of a run.

    Raises:
        ModelError: it is of another kind of run, or damaged.
    """
    try:
        content: dict[str, Any] = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"{checkpoint}: not a checkpoint that can be read; choose another folder with -o") from error
    if "spec" not in content or "lines" not in content.get("progress", {}):
        raise ModelError(
            f"{checkpoint}: of another kind of run; begin with it in a new folder: start: {checkpoint} in the recipe"
        )
    return content
