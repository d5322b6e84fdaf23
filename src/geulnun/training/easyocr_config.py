"""Configurations of train_easyocr, of EasyOCR's trainer and of deep-text-recognition-benchmark, put into our schema.

The keys are read as they are, misspelt ones too. What each means is in docs/guides/training.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from geulnun import recipe
from geulnun.errors import MissingInputError, RecipeError
from geulnun.training.options import (
    AugmentChoice,
    ClassChoice,
    InputChoice,
    LineTraining,
    Part,
    SetChoice,
    SizeChoice,
)

#: Every key with its default, by the names of the latest config.yaml.
DEFAULTS: dict[str, Any] = {
    "seed": 1111, "experiment_name": "", "number": "", "symbol": "", "lang_char": "", "character": "",
    "train_data": "", "val_data": "", "select_data": "/", "batch_ratio": "1", "total_data_usage_ratio": 1.0,
    "train_images": None, "val_images": None, "eval_images": None, "workers": 4, "batch_size": 192,
    "n_iter": 300_000, "val_period": 2_000, "continue_from": "", "strict": True, "show_number": 8, "adam": False,
    "lr": 1.0, "beta1": 0.9, "rho": 0.95, "eps": 1e-8, "grad_clip": 5, "Transformation": "None",
    "FeatureExtraction": "VGG", "SequenceModeling": "BiLSTM", "Prediction": "CTC", "img_height": 64, "img_width": 600,
    "rgb": False, "input_channel": 1, "output_channel": 256, "hidden_size": 256, "decode": "greedy",
    "num_fiducial": 20, "batch_max_length": 34, "contrast_adjust": 0.0, "sensitive": True, "PAD": True,
    "data_filtering_off": False, "new_prediction": False, "freeze_FeatureFxtraction": False,
    "freeze_SequenceModeling": False,
}  # fmt: skip
#: Names that the same things had in older files and in the trainers these come from.
OLDER = {
    "manualSeed": "seed", "valid_data": "val_data", "imgH": "img_height", "imgW": "img_width", "num_iter": "n_iter",
    "valInterval": "val_period", "val_interval": "val_period", "saved_model": "continue_from",
    "continue_model": "continue_from", "optim": "adam", "n_train_images": "train_images",
    "n_val_images": "val_images", "exp_name": "experiment_name",
    "freeze_FeatureExtraction": "freeze_FeatureFxtraction",
}  # fmt: skip
#: Keys without a meaning here, and why.
WITHOUT_MEANING = {
    "train_images": "pages are chosen when they are cut, geulnun data crop",
    "val_images": "pages are chosen when they are cut, geulnun data crop",
    "eval_images": "pages are chosen when they are cut, geulnun data crop",
    "decode": "validation reads greedily; a decoder is chosen when lines are read",
    "input_channel": "rgb says it",
}
#: Keys that only these files have.
_SIGNS = (
    "FeatureExtraction",
    "SequenceModeling",
    "Prediction",
    "select_data",
    "train_data",
    "batch_max_length",
    "n_iter",
)
_STAGES = {
    "Transformation": ("None", "TPS"),
    "FeatureExtraction": ("VGG", "RCNN", "ResNet"),
    "SequenceModeling": ("None", "BiLSTM"),
    "Prediction": ("CTC", "Attn"),
}
#: Files that tell a folder of lines.
_LISTS = ("labels.csv", "gt.txt", "labels.txt", "data.mdb")
#: Adadelta's rate is a factor; as Adam's it would tear the weights apart.
_LARGEST_ADAM = 0.1


@dataclass(frozen=True)
class Translated:
    """A configuration in our schema.

    Attributes:
        options: the run.
        name: of the experiment; "" for none.
        notes: a line for each thing that is not taken over.
    """

    options: LineTraining
    name: str
    notes: tuple[str, ...]


def load(path: Path, texts: Path | None = None) -> Translated:
    """Read a run's file: one of ours, or a configuration of another trainer.

    Args:
        path: the YAML file; paths in one of ours begin in its folder, those in others where the command runs.
        texts: folder of texts of drawn sets that name none; the command line's.

    Raises:
        MissingInputError: there is no such file.
        RecipeError: an unknown key (the nearest is named) or a wrong value.
    """
    content = recipe.read(path)
    if fits(content):
        return translate(content, str(path))
    return Translated(recipe.load(path, LineTraining, texts=texts).beneath(path.parent), "", ())


def fits(content: Mapping[str, Any]) -> bool:
    """Whether keys and values are such a configuration."""
    return any(key in content for key in _SIGNS)


def translate(content: Mapping[str, Any], name: str) -> Translated:
    """Put a configuration into our schema.

    Args:
        content: its keys and values.
        name: what stands before errors.

    Raises:
        RecipeError: an unknown key (the nearest is named) or a value that is none.
        MissingInputError: a folder that it names is not there or holds no lines.
    """
    values = _values(content, name)
    given = {OLDER.get(key, key) for key in content}
    notes = [f"{key}: of no meaning here ({why})" for key, why in WITHOUT_MEANING.items() if key in given]
    if not _flag(values, "PAD", name):
        notes.append("PAD: False stretches lines to the whole width; here they keep their proportions and are padded")
    net = "-".join(_stage(values, key, name) for key in _STAGES)
    done = re.fullmatch(r"iter_(\d+)\.pth", Path(str(values["continue_from"] or "")).name)
    steps = _number(values, "n_iter", name) - (int(done[1]) if done else 0)
    if steps < 1:
        raise RecipeError(f"{name}: n_iter is {values['n_iter']}, and continue_from has done as many; raise it")
    if done:
        notes.append(f"continue_from: goes on at iteration {done[1]}, {steps} are left")
    optimiser, rate, betas = _optimiser(values, name, notes)
    options = LineTraining(
        data=_training_sets(values, name),
        net=net,
        steps=int(steps),
        schedule="constant",
        optimiser=optimiser,  # type: ignore[arg-type]  # one of two literals
        rate=rate,
        weight_decay=0.0,
        betas=betas,
        average=0.0,
        **_of_the_network(values, net, name),
        **_of_the_run(values, name),
    )
    return Translated(options, str(values["experiment_name"] or ""), tuple(notes))


def _of_the_network(values: Mapping[str, Any], net: str, name: str) -> dict[str, Any]:
    def whole(key: str) -> int:
        return int(_number(values, key, name))

    characters, begins = _characters(values, name), bool(values["continue_from"])
    points = whole("num_fiducial") if net.startswith("tps") else None
    channels: Literal[1, 3] = 3 if _flag(values, "rgb", name) else 1
    return {
        "sizes": SizeChoice(whole("output_channel"), whole("hidden_size"), points),
        "classes": ClassChoice("flat", characters),
        "input": InputChoice(whole("img_height"), whole("img_width"), channels, "signed", "edge"),
        "freeze": _frozen(values, name),
        "start": Path(str(values["continue_from"])) if begins else None,
        "start_characters": characters if begins else None,
        "strict": _flag(values, "strict", name),
        "new_head": _flag(values, "new_prediction", name),
    }


def _of_the_run(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        "rho": _number(values, "rho", name),
        "eps": _number(values, "eps", name),
        "grad_clip": _number(values, "grad_clip", name),
        "batch": int(_number(values, "batch_size", name)),
        "longest": int(_number(values, "batch_max_length", name)),
        "sensitive": _flag(values, "sensitive", name),
        "unknown": "character" if _flag(values, "data_filtering_off", name) else "line",
        "augment": AugmentChoice(contrast=_number(values, "contrast_adjust", name)),
        "validation": _validation_sets(values, name),
        "validate_steps": int(_number(values, "val_period", name)),
        "show": int(_number(values, "show_number", name)),
        "workers": int(_number(values, "workers", name)),
        "seed": int(_number(values, "seed", name)),
    }


def _values(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """All values by the latest names, defaults filled in."""
    values = dict(DEFAULTS)
    for key, value in content.items():
        if key == "FT":
            # EasyOCR's trainer: fine-tuning takes what fits.
            values["strict"] = not _flag({"FT": value}, "FT", name)
            continue
        latest = OLDER.get(key, key)
        if latest not in DEFAULTS:
            near = difflib.get_close_matches(str(key), [*DEFAULTS, *OLDER, "FT"], n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(DEFAULTS)}"
            raise RecipeError(f"{name}: unknown key {key}; {hint}")
        values[latest] = DEFAULTS[latest] if value is None else value
    return values


def _flag(values: Mapping[str, Any], key: str, name: str) -> bool:
    value = values[key]
    if isinstance(value, bool):
        return value
    if str(value) in ("True", "true", "False", "false"):
        return str(value).lower() == "true"
    raise RecipeError(f"{name}: {key} is {value!r}; expected True or False")


def _number(values: Mapping[str, Any], key: str, name: str) -> float:
    value = values[key]
    try:
        return float(str(value).replace("_", "")) if not isinstance(value, bool) else float(value)
    except ValueError as error:
        raise RecipeError(f"{name}: {key} is {value!r}; expected a number") from error


def _stage(values: Mapping[str, Any], key: str, name: str) -> str:
    if values[key] not in _STAGES[key]:
        raise RecipeError(f"{name}: {key} is {values[key]!r}; expected one of {', '.join(_STAGES[key])}")
    return str(values[key]).lower()


def _optimiser(values: Mapping[str, Any], name: str, notes: list[str]) -> tuple[str, float, tuple[float, float]]:
    rate, beta = _number(values, "lr", name), _number(values, "beta1", name)
    adam = values["adam"] == "adam" or (values["adam"] != "adadelta" and _flag(values, "adam", name))
    if not adam:
        return "adadelta", rate, (beta, 0.999)
    if rate >= _LARGEST_ADAM:
        notes.append(f"lr: {rate:g} is Adadelta's; Adam gets 0.001")
        rate = 1e-3
    return "adam", rate, (beta, 0.999)


def _characters(values: Mapping[str, Any], name: str) -> str | None:
    """The list of characters; None where the labels shall say."""
    if values["lang_char"] == "None":
        return None
    parts = "".join(str(values[key]) for key in ("number", "symbol", "lang_char"))
    characters = parts or str(values["character"])
    if not characters:
        raise RecipeError(f"{name}: no characters; give character, or lang_char: None to take those of the labels")
    return characters


def _training_sets(values: Mapping[str, Any], name: str) -> tuple[SetChoice, ...]:
    chosen = values["select_data"]
    names = [str(one) for one in chosen] if isinstance(chosen, list) else str(chosen).split("-")
    shares = values["batch_ratio"]
    ratios = [str(one) for one in shares] if isinstance(shares, list) else str(shares).split("-")
    if len(names) != len(ratios):
        raise RecipeError(
            f"{name}: select_data names {len(names)} sets and batch_ratio {len(ratios)}; expected as many of each"
        )
    use = _number(values, "total_data_usage_ratio", name)
    root = Path(str(values["train_data"]))
    return tuple(
        SetChoice(lists(root, one, name), one if one != "/" else root.name, _number({"batch_ratio": ratio},
                  "batch_ratio", name), use=use)
        for one, ratio in zip(names, ratios, strict=True)
    )  # fmt: skip


def _validation_sets(values: Mapping[str, Any], name: str) -> tuple[SetChoice, ...]:
    if not values["val_data"]:
        return ()
    root = Path(str(values["val_data"]))
    return (SetChoice(lists(root, "/", name), root.name),)


def lists(root: Path, chosen: str, name: str) -> tuple[Path, ...]:
    """The folders of lines below ``root``, itself among them, whose paths hold ``chosen``; "/" is in all.

    Raises:
        MissingInputError: there is none.
    """
    folders = sorted({file.parent for listed in _LISTS for file in root.rglob(listed)}) if root.is_dir() else []
    found = tuple(path for path in folders if chosen in f"{path.as_posix()}/")
    if not found:
        wanted = "" if chosen == "/" else f" with {chosen!r} in its path"
        raise MissingInputError(
            f"{name}: {root} holds no folder of lines{wanted}; expected {', '.join(_LISTS[:2])} or data.mdb below it"
        )
    return found


def _frozen(values: Mapping[str, Any], name: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    if _flag(values, "freeze_FeatureFxtraction", name):
        parts.append("feature")
    if _flag(values, "freeze_SequenceModeling", name):
        parts.append("sequence")
    return tuple(parts)
