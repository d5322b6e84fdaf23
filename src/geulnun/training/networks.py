"""The network that a run's options ask for, and what it takes."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from geulnun.charset import Classes
from geulnun.errors import RecipeError
from geulnun.nets.recognition.builders import BUILDERS, MOST
from geulnun.nets.recognition.grid import NAMES, GridOptions, grid
from geulnun.spec import LineSpec
from geulnun.training.batches import Fit
from geulnun.training.options import LineTraining

#: Presets that are networks of the grid by another name, and their sizes where those are not the grid's own.
_GRID_NAMES: dict[str, tuple[str, GridOptions]] = {
    **{name: (name, GridOptions()) for name in NAMES},
    "crnn": ("none-vgg-bilstm-ctc", GridOptions()),
    "grcnn": ("none-rcnn-bilstm-ctc", GridOptions()),
    "aster": ("tps-resnet-bilstm-attn", GridOptions()),
    "easyocr-g2": ("none-vgg-bilstm-ctc", GridOptions(height=64, channels=256, hidden=256)),
}


def build(options: LineTraining, classes: Classes) -> tuple[nn.Module, LineSpec]:
    """A new network and its spec.

    Raises:
        RecipeError: no such network, or it cannot have the sizes, input or head that are asked for.
    """
    preset = BUILDERS.get(options.net)
    if preset is None:
        near = difflib.get_close_matches(options.net, BUILDERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(BUILDERS)}"
        raise RecipeError(f"net is {options.net!r}; {hint}")
    given = {name: value for name, value in vars(options.input).items() if value is not None}
    spec = replace(preset.line_spec(classes), **given)
    most = options.longest or MOST
    sizes = _sizes(options)
    if not sizes:
        return preset.build(classes, options.width, most), spec
    if options.net not in _GRID_NAMES:
        names = ", ".join(sorted(sizes))
        raise RecipeError(
            f"net: {options.net} has its own {names}; choose one of the grid, such as crnn, or leave it out"
        )
    name, base = _GRID_NAMES[options.net]
    return grid(name, classes, replace(base, most=most, **sizes).scaled(options.width)), spec


def _sizes(options: LineTraining) -> dict[str, Any]:
    """The grid's options that are asked for."""
    sizes = options.sizes
    given = {
        "height": options.input.height,
        "width": options.input.width if options.net.startswith("tps") or options.net == "aster" else None,
        "cin": options.input.channels,
        "channels": sizes.output_channel,
        "hidden": sizes.hidden,
        "fiducials": sizes.fiducials,
    }
    return {name: value for name, value in given.items() if value is not None}


@torch.no_grad()
def fit(net: nn.Module, spec: LineSpec) -> Fit | None:
    """How many steps the network gives a line; None where it writes as many characters as it likes.

    Raises:
        RecipeError: the network does not take what its spec says.
    """
    if spec.decoding != "ctc":
        return None
    width = spec.width or 512
    training = net.training
    try:
        steps = int(net.eval()(torch.zeros(1, spec.channels, spec.height, width)).shape[1])
    except RuntimeError as error:
        raise RecipeError(
            f"the network takes no input of {spec.height} x {width} pixels; see input ({error})"
        ) from error
    finally:
        net.train(training)
    return Fit(steps, width / steps) if spec.width else Fit(None, width / steps)
