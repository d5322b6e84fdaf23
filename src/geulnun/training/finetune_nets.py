"""Which network a checkpoint's weights are of: files keep weights and characters, and not always what held them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from geulnun.charset import PLAIN, WITH_IDEOGRAPHS, Classes
from geulnun.errors import ModelError
from geulnun.nets.recognition import easyocr_names
from geulnun.nets.recognition.builders import BUILDERS
from geulnun.nets.recognition.grid import NAMES, GridOptions, grid
from geulnun.spec import LineSpec
from geulnun.training import weights

State = Mapping[str, Tensor]
Build = Callable[[], nn.Module]

#: Presets that the grid's sizes tell already.
_OF_GRID = (*NAMES, "crnn", "grcnn", "aster", "easyocr-g2")
#: Factors of networks that are told by their sizes alone, but for 1.
_FACTORS = tuple(part / 16 for part in range(1, 33) if part != 16)


def network_of(file: Path, characters: str | None = None) -> tuple[nn.Module, LineSpec]:
    """Build the network of a checkpoint, with its weights, in evaluation mode.

    Args:
        file: of `geulnun train recogniser`, `geulnun finetune`, the recipes folder, or a ``.pth`` of EasyOCR's
            VGG-BiLSTM-CTC networks and of train_easyocr.
        characters: of its flat head, where it does not say them.

    Raises:
        ModelError: it cannot be read, does not say its characters, or is of an unknown network.
    """
    found = weights.read(file, characters)
    content = torch.load(file, map_location="cpu", weights_only=True)
    told = content.get("spec") if isinstance(content, Mapping) else None
    theirs = easyocr_names.is_theirs({name: value for name, value in content.items() if isinstance(value, Tensor)})
    state = {name: value.float() if value.is_floating_point() else value for name, value in found.state.items()}
    classes = found.classes or _guessed(state, file)
    spec = LineSpec.from_json(told, str(file)) if told else None
    for name, build in _candidates(state, classes, spec):
        with torch.device("meta"):  # shapes without numbers
            shapes = {key: value.shape for key, value in build().state_dict().items()}
        if shapes == {key: value.shape for key, value in state.items()}:
            net = build()
            net.load_state_dict(state)
            return net.eval(), spec or BUILDERS["easyocr-g2" if theirs else name].line_spec(classes)
    raise ModelError(
        f"{file}: of no network that is known by its sizes and its {classes.width} outputs; check --characters, or "
        f"export it where it was trained. Known are {', '.join(BUILDERS)}"
    )


def _guessed(state: State, file: Path) -> Classes:
    rows = next((len(value) for name, value in reversed(list(state.items())) if name.startswith("prediction.")), 0)
    known = next((one for one in (PLAIN, WITH_IDEOGRAPHS) if one.width == rows), None)
    if known is None:
        raise ModelError(
            f"{file}: does not say its {rows - 1} characters; give them with --characters, a text file or the "
            "network's .yaml (for EasyOCR's own networks: the string `characters` in easyocr/config.py)"
        )
    return known


def _candidates(state: State, classes: Classes, spec: LineSpec | None) -> Iterator[tuple[str, Build]]:
    """Networks whose weights have these names, by the name of their preset: those of usual sizes first."""
    name = _grid_name(state)
    options = _sizes(state, spec or BUILDERS[name].spec)
    yield name, lambda: grid(name, classes, options)
    for other, preset in BUILDERS.items():
        if other in _OF_GRID:
            continue
        with torch.device("meta"):
            names = set(preset.build(classes, 1 / 16).state_dict())
        if names == set(state):
            for factor in (1.0, *_FACTORS):
                yield other, lambda preset=preset, factor=factor: preset.build(classes, factor)  # type: ignore[misc]


def _grid_name(state: State) -> str:
    """The network of the grid whose weights have such names, if one has."""
    recurrent = any(".recur_gate." in name for name in state)
    return "-".join(
        (
            "tps" if any(name.startswith("transformation.") for name in state) else "none",
            "rcnn" if recurrent else "vgg" if "feature.0.weight" in state else "resnet",
            "bilstm" if "sequence.0.rnn.weight_hh_l0" in state else "none",
            "attn" if "prediction.recur.weight" in state else "ctc",
        )
    )


def _sizes(state: State, spec: LineSpec) -> GridOptions:
    """The sizes of a network of the grid, as its weights have them."""
    convolutions = [value for name, value in state.items() if name.startswith("feature.") and value.ndim == 4]
    if not convolutions:
        return GridOptions()
    usual = GridOptions()
    recurrent = state.get("sequence.0.rnn.weight_hh_l0", state.get("prediction.recur.weight"))
    points = state.get("transformation.localisation.points.weight")
    return GridOptions(
        height=spec.height,
        width=spec.width or usual.width,
        cin=convolutions[0].shape[1],
        channels=convolutions[-1].shape[0],
        hidden=recurrent.shape[1] if recurrent is not None else usual.hidden,
        fiducials=len(points) // 2 if points is not None else usual.fiducials,
        localisation=2 * points.shape[1] if points is not None else usual.localisation,
    )
