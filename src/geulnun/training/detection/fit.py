"""Train a detector of words and characters on Lightning: options in, a checkpoint out."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from lightning.pytorch import Trainer
from lightning.pytorch.loggers import TensorBoardLogger
from numpy.typing import NDArray
from torch import Tensor, nn

from geulnun.errors import ModelError, RecipeError
from geulnun.nets.detection.builders import BUILDERS
from geulnun.runtime.detector import DEFAULT_OPTIONS, DetectorOptions
from geulnun.spec import DetectorSpec
from geulnun.training.detection.batches import Drawing, Mix
from geulnun.training.detection.conductor import Bar, Conductor
from geulnun.training.detection.kinds import KINDS
from geulnun.training.detection.module import DetectorModule
from geulnun.training.detection.options import DetectorTraining
from geulnun.training.detection.validation import Scores, finder, judged, validation_pages
from geulnun.training.kept import average_of
from geulnun.training.run import Log

#: The step whose batches integers take their ranges from.
_CALIBRATION = 10**9


def spec_of(options: DetectorTraining) -> DetectorSpec:
    """What the run's network takes and gives."""
    return DetectorSpec(options.kind, stride=KINDS[options.kind].stride, short_side=options.crops.short_side)


def train(
    options: DetectorTraining,
    folder: Path,
    *,
    log: Log,
    tell: Log | None = None,
    device: str | None = None,
    minutes: float | None = None,
    bar: Bar | None = None,
) -> Path:
    """Train until the run's steps are done, ``minutes`` are over, or SIGTERM comes.

    Args:
        options: what to do.
        folder: where the run is kept; one with a `last.pt` is resumed.
        log: receives lines of progress.
        tell: receives the lines of each validation; ``log`` without it.
        device: "cpu" or "cuda"; None for what there is.
        minutes: stop, saved, after so long.
        bar: told how much is done.

    Returns:
        the path of `last.pt`; `best.pt` beside it holds the weights that scored best.

    Raises:
        RecipeError: a choice that cannot be made here.
        ModelError: a checkpoint in the folder, or weights to begin with, of another kind.
        InputError: a set that cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if options.threads:
        torch.set_num_threads(options.threads)
        cv2.setNumThreads(options.threads)
    checkpoint = folder / "last.pt"
    saved = _read(checkpoint, options) if checkpoint.is_file() else None
    if saved and saved["progress"]["steps"] >= options.steps:
        return checkpoint
    with warnings.catch_warnings():
        # Lightning's advice on workers, progress bars and folders is meant for other loops than this one.
        warnings.filterwarnings("ignore", module=r"lightning\.")
        warnings.filterwarnings("ignore", category=DeprecationWarning)
        metrics = TensorBoardLogger(folder, "tensorboard", "") if options.tensorboard else None
        trainer = _trainer(device, folder)
        module = DetectorModule(_net(options, saved is None), spec_of(options), options, saved)
        sets = validation_pages(options)
        conductor = Conductor(folder, options, sets, log, tell or log, metrics, minutes, bar, saved)
        trainer.callbacks.append(conductor)  # type: ignore[attr-defined]  # the stubs forget it
        trainer.fit(module)
    return checkpoint


def _trainer(device: str | None, folder: Path) -> Trainer:
    cuda = device != "cpu" and torch.cuda.is_available()
    if device not in (None, "cpu", "cuda") or (device == "cuda" and not cuda):
        raise RecipeError(f"device {device!r} is not there; choose cpu" + (" or cuda" if cuda else ""))
    return Trainer(
        accelerator="gpu" if cuda else "cpu",
        devices=1,
        max_epochs=-1,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        default_root_dir=folder,
    )


def _net(options: DetectorTraining, begin: bool) -> nn.Module:
    """A new network, with the weights to begin with where there are some."""
    torch.manual_seed(options.seed)
    net = BUILDERS[options.kind]()
    if begin and options.start is not None:
        begun(net, options.start)
    return net


def begun(net: nn.Module, checkpoint: Path) -> int:
    """Put what fits of a checkpoint's averaged weights into a network; how many tensors that are.

    Weights of another kind bring their pyramid along, which looks for the same things.

    Raises:
        ModelError: it cannot be read, or nothing of it fits.
    """
    average = average_of(_content(checkpoint))
    own: dict[str, Tensor] = net.state_dict()
    fitting = {name: value for name, value in average.items() if name in own and value.shape == own[name].shape}
    if not any(value.ndim > 1 for value in fitting.values()):
        raise ModelError(f"{checkpoint}: nothing of it fits; begin with a detector of regions or points")
    net.load_state_dict(own | fitting)
    return len(fitting)


def trained(checkpoint: Path, options: DetectorTraining) -> nn.Module:
    """The network of a run with its averaged weights, ready to read.

    Raises:
        ModelError: the checkpoint cannot be read, or is of another network than the options say.
    """
    net = BUILDERS[options.kind]()
    try:
        net.load_state_dict(average_of(_read(checkpoint, options)))
    except RuntimeError as error:
        raise ModelError(f"{checkpoint}: of another network than this version's {options.kind}; train anew") from error
    return net.eval()


def scored(
    options: DetectorTraining, checkpoint: Path, reading: Sequence[DetectorOptions] = (DEFAULT_OPTIONS,)
) -> list[dict[str, Scores]]:
    """The scores of a run on the recipe's validation sets, by their titles, for each way of looking at pages.

    Thresholds are chosen by it. Raises as `trained` does.
    """
    net, spec, sets = trained(checkpoint, options), spec_of(options), validation_pages(options)
    finders = [finder(net, spec, torch.device("cpu"), one) for one in reading]
    return [{name: judged(find, pages) for name, pages in sets.items()} for find in finders]


def samples(options: DetectorTraining, count: int = 8) -> Iterator[NDArray[np.uint8]]:
    """``count`` crops (h, w, 3) that no training comes to, for the ranges of integers."""
    drawing = Drawing(replace(Mix.of(options), batch=1))
    for number in itertools.islice(itertools.count(_CALIBRATION), count):
        yield np.ascontiguousarray(drawing[number][0].pages[0].transpose(1, 2, 0))


def _content(checkpoint: Path) -> dict[str, Any]:
    if not checkpoint.is_file():
        raise ModelError(f"{checkpoint}: no such checkpoint; name the last.pt or best.pt of a run")
    try:
        content: Any = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(f"{checkpoint}: not a checkpoint that can be read; choose another folder with -o") from error
    if not isinstance(content, Mapping) or "average" not in content:
        raise ModelError(f"{checkpoint}: not a checkpoint of a run; name its last.pt or best.pt")
    return dict(content)


def _read(checkpoint: Path, options: DetectorTraining) -> dict[str, Any]:
    """A checkpoint of a run of the same kind."""
    content = _content(checkpoint)
    kind = DetectorSpec.from_json(content["spec"], str(checkpoint)).kind if "spec" in content else "something else"
    if kind != options.kind:
        raise ModelError(
            f"{checkpoint}: of a detector of {kind}, not {options.kind}; choose another folder with -o, and begin with "
            "its weights by --start"
        )
    return content
