"""Every line recogniser there is, by name: how to build it, and what it takes.

``python -m geulnun.nets.recognition.builders`` lists them with their sizes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import torch
from torch import nn

from geulnun.charset import PLAIN, Classes, FlatCharset
from geulnun.nets.recognition.grid import NAMES, GridOptions, grid
from geulnun.nets.recognition.kakao import HEIGHT, WIDTH, as_is, to_be
from geulnun.nets.recognition.line import dense
from geulnun.nets.recognition.parseq import parseq_jamo
from geulnun.nets.recognition.svtr import svtr_jamo
from geulnun.spec import LineSpec

#: Characters that decoders without CTC write at most, unless told otherwise.
MOST = 50


class Build(Protocol):
    """Builds a new network."""

    def __call__(self, classes: Classes, factor: float = 1.0, most: int = MOST) -> nn.Module:
        """The network with the head for ``classes``, all its channels times ``factor``.

        ``most`` bounds the characters that attention and parallel decoders write; networks for CTC know no bound.
        """


@dataclass(frozen=True)
class Preset:
    """A network and what it takes.

    Attributes:
        build: makes a new one.
        spec: its input and decoding; its classes stand for themselves until `line_spec` gives others.
    """

    build: Build
    spec: LineSpec

    def line_spec(self, classes: Classes) -> LineSpec:
        """The spec of such a network with the head for ``classes``."""
        return replace(self.spec, classes=classes)


def _grid(name: str, classes: Classes, factor: float = 1.0, most: int = MOST) -> nn.Module:
    return grid(name, classes, GridOptions(most=most).scaled(factor))


def _grid_preset(name: str) -> Preset:
    """A spline gives a fixed width, and attention knows lines of the lengths it saw; the rest reads any width."""
    free = name.startswith("none") and name.endswith("ctc")
    spec = LineSpec(
        height=32,
        width=None if free else GridOptions().width,
        scaling="signed",
        padding="edge",
        decoding="ctc" if name.endswith("ctc") else "attention",
    )
    return Preset(partial(_grid, name), spec)


def easyocr_g2(classes: Classes, factor: float = 1.0, most: int = MOST) -> nn.Module:
    """EasyOCR's second generation of networks, such as its korean_g2: a narrow CRNN for lines 64 pixels high."""
    return grid("none-vgg-bilstm-ctc", classes, GridOptions(height=64, channels=256, hidden=256).scaled(factor))


def _dense(classes: Classes, factor: float = 1.0, most: int = MOST) -> nn.Module:
    return dense(classes, factor)


_GRID = {name: _grid_preset(name) for name in NAMES}

BUILDERS: dict[str, Preset] = {
    "dense": Preset(_dense, LineSpec()),
    **_GRID,
    "crnn": _GRID["none-vgg-bilstm-ctc"],
    "grcnn": _GRID["none-rcnn-bilstm-ctc"],
    "aster": _GRID["tps-resnet-bilstm-attn"],
    "easyocr-g2": Preset(easyocr_g2, LineSpec(height=64, scaling="signed", padding="edge")),
    "kakao-asis": Preset(as_is, LineSpec(height=HEIGHT)),
    "kakao-tobe": Preset(to_be, LineSpec(height=HEIGHT, width=WIDTH, decoding="parallel")),
    "svtr-jamo": Preset(svtr_jamo, LineSpec()),
    "parseq-jamo": Preset(parseq_jamo, LineSpec(width=WIDTH, decoding="parallel")),
}


def parameters(net: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(parameter.numel() for parameter in net.parameters())


def listing() -> Iterator[str]:
    """A line a network: its name, millions of parameters with each head, the input's height and width, the decoding.

    The flat head is for 972 characters, as the published sizes of the grid are; the factored one for the
    package's without ideographs.
    """
    flat = FlatCharset(tuple(chr(0xAC00 + index) for index in range(972)))
    yield f"{'name':22}  {'flat':>6}  {'jamo':>6}  {'input':8}  decoding"
    for name, preset in BUILDERS.items():
        with torch.device("meta"):  # shapes without numbers
            sizes = [parameters(preset.build(classes)) / 1e6 for classes in (flat, PLAIN)]
        taken = f"{preset.spec.height} x {preset.spec.width or 'any'}"
        yield f"{name:22}  {sizes[0]:6.2f}  {sizes[1]:6.2f}  {taken:8}  {preset.spec.decoding}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in listing())
