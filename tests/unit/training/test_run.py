"""What every run has: a schedule of rates, and weights that are kept for a later run."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from geulnun.training.kept import average_of, keep_start
from geulnun.training.run import Schedule, State, averaged


def state(folder: Path, seed: int) -> State:
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Conv2d(8, 64, 3), torch.nn.BatchNorm2d(64))
    return State(net, folder, torch.device("cpu"), Schedule(1e-2, 10, 0, 0), 0.0, 0.9)


def test_a_run_begins_with_kept_weights(tmp_path: Path) -> None:
    trained = state(tmp_path, 1)
    trained.update(trained.net(torch.randn(4, 8, 8, 8)).square().mean(), 4)
    trained.save()
    keep_start(trained.checkpoint, tmp_path / "start.pt")
    assert (tmp_path / "start.pt").stat().st_size < trained.checkpoint.stat().st_size / 6
    new = state(tmp_path / "new", 99)
    new.start_from(tmp_path / "start.pt")
    for mean, now in zip(trained.average.state_dict().values(), new.net.state_dict().values(), strict=True):
        # Integers are off by half a step at most: a 254th of the largest weight of a row.
        row = mean.float().flatten(1).abs().amax(1) if mean.ndim > 1 else mean.float().abs() / 4
        assert (
            (mean - now).float().abs().reshape(len(row), -1).amax(1).le(row / 254 + 1e-6).all() if mean.ndim else True
        )
    assert new.done == 0
    read = averaged(tmp_path / "start.pt", state(tmp_path / "read", 5).net)
    assert not read.training


def test_what_is_told_of_kept_weights_stays_with_them(tmp_path: Path) -> None:
    average = {"a": torch.linspace(-1, 2, 2048).reshape(2, 1024), "b": torch.tensor([0.5, 3.0]), "n": torch.tensor(7)}
    torch.save({"net": average, "average": average, "optimiser": {}, "spec": "{}", "shapes": []}, tmp_path / "last.pt")
    keep_start(tmp_path / "last.pt", tmp_path / "kept.pt")
    kept = torch.load(tmp_path / "kept.pt", weights_only=True)
    assert set(kept) == {"average", "spec", "shapes"}
    found = average_of(kept)
    assert list(found) == list(average)
    assert torch.equal(found["b"].float(), average["b"])
    assert torch.equal(found["n"], average["n"])
    assert (found["a"] - average["a"]).abs().amax(1).tolist() == pytest.approx([0, 0], abs=2 / 254)
    # Kept again, nothing more is lost.
    keep_start(tmp_path / "kept.pt", tmp_path / "again.pt")
    again = average_of(torch.load(tmp_path / "again.pt", weights_only=True))
    assert torch.allclose(again["a"], found["a"], atol=1e-6)


def test_a_resumed_run_equals_the_uninterrupted_one(tmp_path: Path) -> None:
    inputs = [torch.randn(4, 8, 8, 8, generator=torch.Generator().manual_seed(at)) for at in range(4)]
    whole, half = state(tmp_path / "whole", 1), state(tmp_path, 1)
    for run in (whole, half):
        for x in inputs[:2]:
            run.update((run.net(x) - 1).square().mean(), 4)
    half.save()
    resumed = state(tmp_path, 2)
    assert resumed.resume()
    for run in (whole, resumed):
        for x in inputs[2:]:
            run.update((run.net(x) - 1).square().mean(), 4)
    assert resumed.done == whole.done == 16
    for a, b in zip(whole.average.state_dict().values(), resumed.average.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_rate_rises_stays_and_falls() -> None:
    schedule = Schedule(1.0, total=100_000, rise=20_000, fall=40_000)
    assert schedule.at(0) < 0.05
    assert schedule.at(30_000) == 1.0
    assert schedule.at(80_000) == pytest.approx(0.5)
    assert schedule.at(100_000) == 0.01
