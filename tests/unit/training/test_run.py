"""What every run has: a schedule of rates, and weights that are kept for a later run."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from geulnun.training.run import Schedule, State, averaged, keep_start


def state(folder: Path, seed: int) -> State:
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 64, 3), torch.nn.BatchNorm2d(64))
    return State(net, folder, torch.device("cpu"), Schedule(1e-2, 10, 0, 0), 0.0, 0.9)


def test_a_run_begins_with_kept_weights(tmp_path: Path) -> None:
    trained = state(tmp_path, 1)
    trained.update(trained.net(torch.randn(4, 1, 8, 8)).square().mean(), 4)
    trained.save()
    keep_start(trained.checkpoint, tmp_path / "start.pt")
    assert (tmp_path / "start.pt").stat().st_size < trained.checkpoint.stat().st_size / 2
    new = state(tmp_path / "new", 99)
    new.start_from(tmp_path / "start.pt")
    for mean, now in zip(trained.average.state_dict().values(), new.net.state_dict().values(), strict=True):
        assert torch.allclose(mean.float(), now.float(), atol=1e-3)
    assert new.done == 0
    read = averaged(tmp_path / "start.pt", state(tmp_path / "read", 5).net)
    assert not read.training


def test_a_resumed_run_equals_the_uninterrupted_one(tmp_path: Path) -> None:
    inputs = [torch.randn(4, 1, 8, 8, generator=torch.Generator().manual_seed(at)) for at in range(4)]
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
