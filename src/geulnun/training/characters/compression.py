"""Smaller networks while they train: weights that count little are dropped, convolutions split into two of low rank.

After Xiao et al. 2017, "Building fast and compact convolutional neural networks for offline handwritten Chinese
character recognition": adaptive drop-weight (ADW) and global supervised low-rank expansion (GSLRE). Both need a network
that has learnt already: a run with `compress` begins with the weights of another (`start`), or late enough.

GSLRE: one layer after the other is split (`geulnun.nets.compression`), and between one and the next the whole network
learns on from the recogniser's own loss, instead of each layer from the outputs it had before.

ADW: what is dropped of a layer lies below a threshold made of the mean and the deviation of that layer's own weights,
so that layers with much to spare lose much. One factor for all layers' thresholds rises until the share that is wanted
is dropped. That share rises with the steps, fast at first (the cubic curve of Zhu and Gupta 2017, section 3); what has
been dropped stays so, and the rest learns to do without.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from geulnun.nets.compression import LEAST_CHANNELS, expanded, rank_for
from geulnun.training.characters.methods import CompressChoice

#: Layers with fewer weights stay whole: they cost nothing, and the first one is the network's eye.
LEAST = 1_000
#: Halvings of the interval in which the thresholds' common factor lies.
_HALVINGS = 40


def share_at(choice: CompressChoice, step: int) -> float:
    """The share of weights that are to be dropped after ``step`` steps."""
    done = (step - choice.drop_from) / (choice.drop_until - choice.drop_from) if choice.drop else 0.0
    return choice.drop * (1 - (1 - min(1.0, max(0.0, done))) ** 3)


def prunable(net: nn.Module) -> dict[str, Tensor]:
    """The weights of convolutions and matrices that may be dropped, by name."""
    found: dict[str, Tensor] = {}
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d | nn.Linear) and layer.weight.numel() >= LEAST and layer.weight.requires_grad:
            found[f"{name}.weight"] = layer.weight.data
    return found


def masks_for(weights: Mapping[str, Tensor], share: float, most: float) -> dict[str, Tensor]:
    """Which weights stay, so that ``share`` of all are dropped, and at most ``most`` of any layer.

    Args:
        weights: by name; nothing else than zero counts as dropped already.
        share: 0..1 of all of them.
        most: 0..1 of one layer's.

    Returns:
        bool of the same shapes; True stays.
    """
    sizes = {name: one.abs() for name, one in weights.items()}
    units = {name: float(one.mean() + one.std()) for name, one in sizes.items()}
    caps = {name: _quantile(one, most) for name, one in sizes.items()}
    low, high = 0.0, max((float(one.max()) / max(units[name], 1e-12) for name, one in sizes.items()), default=0.0)
    wanted = share * sum(one.numel() for one in sizes.values())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        dropped = sum(int((one < min(middle * units[name], caps[name])).sum()) for name, one in sizes.items())
        low, high = (middle, high) if dropped < wanted else (low, middle)
    return {name: one >= min(high * units[name], caps[name]) for name, one in sizes.items()}


def expandable(net: nn.Module) -> list[str]:
    """Names of the convolutions that can be split and are not yet, from the input on."""
    return [
        name
        for name, layer in net.named_modules()
        if isinstance(layer, nn.Conv2d)
        and name.startswith("feature.")
        and layer.groups == 1
        and min(layer.kernel_size) > 1
        and layer.in_channels > LEAST_CHANNELS
    ]


def _quantile(sizes: Tensor, share: float) -> float:
    """The size below which ``share`` of the weights lie."""
    at = min(int(share * sizes.numel()), sizes.numel() - 1)
    return float(sizes.flatten().kthvalue(at + 1).values)


class Compressor:
    """What compression does to a network between steps.

    Args:
        choice: when and how far.
        net: the network, its layers split already that were so where a run goes on.
        step: steps done.
    """

    def __init__(self, choice: CompressChoice, net: nn.Module, step: int) -> None:
        self.choice = choice
        self.masks: dict[str, Tensor] = {}
        if choice.drop and step > choice.drop_from:
            # Dropped weights are exactly nothing, and others as good as never: the network itself keeps the masks.
            self.masks = {name: weight != 0 for name, weight in prunable(net).items()}

    def expand(self, net: nn.Module, step: int) -> bool:
        """Split the next layer of a network where its step has come; tells whether it did, and parameters are new."""
        choice = self.choice
        due, over = divmod(step - choice.expand_from, choice.expand_every)
        names = expandable(net)
        if choice.expand == 1 or due < 0 or over or not names:
            return False
        layer = net.get_submodule(names[0])
        assert isinstance(layer, nn.Conv2d)
        expanded(net, {names[0]: rank_for(layer, choice.expand)})
        return True

    def drop(self, net: nn.Module, step: int) -> None:
        """Drop more weights where the time has come; what is dropped stays so."""
        choice = self.choice
        if not choice.drop or step < choice.drop_from or (step - choice.drop_from) % choice.drop_every:
            if self.masks:
                self.apply(net)
            return
        # Also once the share is reached: halves of a layer that was split since have all their weights.
        self.masks = masks_for(prunable(net), share_at(choice, step), choice.most)
        self.apply(net)

    @torch.no_grad()
    def apply(self, net: nn.Module) -> None:
        """Make what is dropped nothing."""
        weights = dict(net.named_parameters())
        for name, mask in self.masks.items():
            # A layer that has been split since has new weights.
            if name in weights:
                weights[name].data.mul_(mask)


@dataclass(frozen=True)
class Size:
    """How large a network is.

    Attributes:
        parameters: of weights, biases and norms.
        kept: of these, what is not nothing.
        stored: bytes; see `stored_bytes`.
    """

    parameters: int
    kept: int
    stored: int

    @classmethod
    def of(cls, net: nn.Module) -> Size:
        """Measure a network."""
        parameters = [one.detach() for one in net.parameters()]
        return cls(
            sum(one.numel() for one in parameters),
            sum(int(torch.count_nonzero(one)) for one in parameters),
            stored_bytes(net),
        )


def stored_bytes(net: nn.Module) -> int:
    """Bytes of all tensors in half precision, deflated as in a zip archive: dropped weights take next to no room."""
    tensors = (one.detach() for one in net.state_dict().values())
    halves = (one.half() if one.dtype.is_floating_point else one for one in tensors)
    return sum(len(zlib.compress(one.cpu().contiguous().numpy().tobytes(), 6)) for one in halves)


class Curve:
    """The curve of size against accuracy: a row of ``curve.csv`` a validation."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "curve.csv"

    def add(self, step: int, size: Size, top1: Mapping[str, float]) -> None:
        """Write a row: the step, sizes, and the accuracy of each group (0..1)."""
        row = {"step": step} | vars(size) | {f"top-1 {name}": f"{value:.5f}" for name, value in top1.items()}
        new = not self._file.is_file()
        with self._file.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow(row)
