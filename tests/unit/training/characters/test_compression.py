"""Compression: how much is dropped and where, the curve of shares, layers split in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from geulnun.nets.compression import ranks
from geulnun.training.characters.compression import (
    Compressor,
    Curve,
    Size,
    expandable,
    masks_for,
    prunable,
    share_at,
    stored_bytes,
)
from geulnun.training.characters.methods import CompressChoice


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.feature = nn.Sequential(
            nn.Conv2d(1, 16, 3), nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 40, 1)
        )
        self.head = nn.Linear(40, 30)


def test_the_share_rises_fast_at_first() -> None:
    choice = CompressChoice(drop=0.8, drop_from=100, drop_until=300)
    assert share_at(choice, 0) == share_at(choice, 100) == 0
    assert share_at(choice, 200) == pytest.approx(0.8 * (1 - 0.5**3))
    assert share_at(choice, 300) == share_at(choice, 900) == pytest.approx(0.8)
    assert share_at(CompressChoice(), 500) == 0


def test_masks_drop_the_share_by_each_layers_own_deviation() -> None:
    torch.manual_seed(0)
    # A layer of heavy tails has more near nothing, for its deviation, than an even one; its scale is of no account.
    weights = {"tails": 100 * torch.randn(5000) ** 5, "even": torch.rand(5000) + 0.5}
    masks = masks_for(weights, 0.5, 0.97)
    dropped = {name: 1 - float(mask.float().mean()) for name, mask in masks.items()}
    assert sum(dropped.values()) / 2 == pytest.approx(0.5, abs=0.01)
    assert dropped["tails"] > 0.8 > 0.3 > dropped["even"]
    capped = masks_for(weights, 0.7, 0.75)
    assert all(1 - float(mask.float().mean()) <= 0.7502 for mask in capped.values())
    # The smallest go first.
    kept = weights["tails"].abs()[masks["tails"]].min()
    assert kept >= weights["tails"].abs()[~masks["tails"]].max()


def test_what_is_dropped_stays_so_and_small_layers_stay_whole() -> None:
    net = Net()
    assert set(prunable(net)) == {"feature.1.weight", "feature.3.weight", "feature.4.weight", "head.weight"}
    compressor = Compressor(CompressChoice(drop=0.6, drop_from=0, drop_until=40, drop_every=20), net, 0)
    compressor.drop(net, 20)
    first = {name: weight == 0 for name, weight in prunable(net).items()}
    share = sum(int(one.sum()) for one in first.values()) / sum(one.numel() for one in first.values())
    assert share == pytest.approx(0.6 * (1 - 0.5**3), abs=0.01)
    for parameter in net.parameters():
        parameter.data += 0.5
    compressor.drop(net, 21)
    assert all(bool((weight[first[name]] == 0).all()) for name, weight in prunable(net).items())
    # A run that goes on finds its masks in the weights.
    again = Compressor(compressor.choice, net, 21)
    assert all(torch.equal(again.masks[name], compressor.masks[name]) for name in again.masks)


def test_layers_are_split_in_turn() -> None:
    net = Net()
    assert expandable(net) == ["feature.1", "feature.3"]
    compressor = Compressor(CompressChoice(expand=0.5, expand_from=10, expand_every=5), net, 0)
    assert [step for step in range(40) if compressor.expand(net, step)] == [10, 15]
    assert set(ranks(net)) == {"feature.1", "feature.3"}
    assert expandable(net) == []
    assert not Compressor(CompressChoice(drop=0.5), Net(), 0).expand(Net(), 0)


def test_a_layer_that_is_split_late_is_thinned_too() -> None:
    net = Net()
    choice = CompressChoice(0.5, expand_from=30, expand_every=1, drop=0.6, drop_from=0, drop_until=20, drop_every=10)
    compressor = Compressor(choice, net, 0)
    compressor.drop(net, 20)
    before = {name: weight.clone() for name, weight in prunable(net).items()}
    compressor.drop(net, 30)
    assert all(torch.equal(weight, before[name]) for name, weight in prunable(net).items())
    compressor.expand(net, 30)
    compressor.drop(net, 40)
    kept = prunable(net)
    share = 1 - sum(int(torch.count_nonzero(one)) for one in kept.values()) / sum(one.numel() for one in kept.values())
    assert share == pytest.approx(0.6, abs=0.02)


def test_dropped_weights_take_next_to_no_room(tmp_path: Path) -> None:
    net = Net()
    whole = Size.of(net)
    assert whole.kept == whole.parameters - 16  # the norm's biases begin as nothing
    for weight in prunable(net).values():
        weight.mul_(torch.rand_like(weight) < 0.1)
    small = Size.of(net)
    assert small.parameters == whole.parameters
    assert small.stored < 0.35 * whole.stored
    assert stored_bytes(net) == small.stored
    curve = Curve(tmp_path)
    curve.add(1, whole, {"printed": 1.0})
    curve.add(2, small, {"printed": 0.5})
    rows = (tmp_path / "curve.csv").read_text("utf-8").splitlines()
    assert rows[0] == "step,parameters,kept,stored,top-1 printed"
    assert rows[2] == f"2,{small.parameters},{small.kept},{small.stored},0.50000"
