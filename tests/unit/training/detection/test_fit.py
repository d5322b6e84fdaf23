"""Runs: killed and resumed, learning, weights to begin with, what is refused, and what comes out."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from geulnun.decode.points import PointOptions
from geulnun.errors import ModelError, RecipeError
from geulnun.nets.detection import builders
from geulnun.nets.detection.builders import point_network, region_network
from geulnun.nets.detection.points import PointNetwork
from geulnun.nets.detection.pyramid import Pyramid
from geulnun.nets.detection.regions import RegionNetwork
from geulnun.runtime.detector import DEFAULT_OPTIONS, DetectorOptions
from geulnun.spec import DetectorSpec, LineSpec
from geulnun.training.detection import fit
from geulnun.training.detection.fit import begun, samples, scored, spec_of, train, trained
from geulnun.training.detection.options import CropChoice, DetectorTraining, PageSet
from geulnun.training.kept import keep_start

MakePages = Callable[..., Path]


def conv(cin: int, cout: int, stride: int = 1) -> nn.Module:
    return nn.Sequential(nn.Conv2d(cin, cout, 3, stride, 1), nn.BatchNorm2d(cout), nn.ReLU())


def small_regions() -> nn.Module:
    return RegionNetwork(Pyramid(nn.ModuleList([conv(3, 8, 2)]), nn.ModuleList()), nn.Conv2d(8, 2, 3, 1, 1))


def small_points() -> nn.Module:
    stages = nn.ModuleList([conv(3, 8, 2), conv(8, 8, 2), conv(8, 8, 2)])
    return PointNetwork(
        Pyramid(stages, nn.ModuleList([conv(8, 8)])), nn.Conv2d(8, 11, 3, 1, 1), nn.Conv2d(8, 11, 3, 1, 1)
    )


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that train in milliseconds."""
    monkeypatch.setitem(builders.BUILDERS, "regions", small_regions)
    monkeypatch.setitem(builders.BUILDERS, "points", small_points)


def quiet(line: str) -> None:
    pass


def options(folder: Path, **values: Any) -> DetectorTraining:
    given: dict[str, Any] = {
        "kind": "points", "data": (PageSet(folder),), "validation": (PageSet(folder, name="v"),),
        "crops": CropChoice(size=(64, 96), scale=(0.9, 1.2), worn=0, nothing=0), "steps": 6, "rise": 0, "decay": 2,
        "batch": 2, "workers": 0, "tensorboard": False, "validation_pages": 2,
    }  # fmt: skip
    return DetectorTraining(**(given | values))


def flat(value: Any, name: str = "") -> dict[str, Any]:
    """A nested mapping or list as one of paths to leaves."""
    if isinstance(value, Mapping):
        return {key: one for part, inner in value.items() for key, one in flat(inner, f"{name}.{part}").items()}
    if isinstance(value, list):
        return {key: one for at, part in enumerate(value) for key, one in flat(part, f"{name}.{at}").items()}
    return {name: value}


def equal(left: Path, right: Path) -> bool:
    one, other = (flat(torch.load(folder / "last.pt", weights_only=True)) for folder in (left, right))
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) if isinstance(one[name], Tensor) else one[name] == other[name]
        for name in one
    )


@pytest.mark.parametrize("kind", ["regions", "points"])
def test_a_run_killed_and_resumed_equals_the_uninterrupted_one(
    make_pages: MakePages, tmp_path: Path, kind: str
) -> None:
    run = options(make_pages("a"), kind=kind)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(run, whole, log=quiet, device="cpu")

    def killed_at(step: int) -> Callable[[str, int, int], None]:
        return lambda text, done, total: os.kill(os.getpid(), signal.SIGTERM) if done == step else None

    before = signal.getsignal(signal.SIGTERM)
    for step in (2, 3):
        train(run, parts, log=quiet, device="cpu", bar=killed_at(step))
        # The signal arrives after the callback that raises it, so the step after is the last.
        kept = torch.load(parts / "last.pt", weights_only=True)["progress"]["steps"]
        assert step <= kept < 6
    assert signal.getsignal(signal.SIGTERM) == before
    assert not (parts / "scores.jsonl").exists()
    train(run, parts, log=quiet, device="cpu")
    assert equal(whole, parts)
    assert not list(parts.glob("*.tmp"))


@pytest.mark.parametrize("kind", ["regions", "points"])
def test_the_loss_falls(make_pages: MakePages, tmp_path: Path, kind: str) -> None:
    still = CropChoice(size=(96, 128), scale=(1, 1), turned=0, tilted=0, spun=0, inverted=0, grey=0, worn=0, nothing=0)
    run = options(make_pages("a", 1), kind=kind, steps=60, rate=1e-2, crops=still)
    losses: list[float] = []
    train(run, tmp_path / "run", log=quiet, device="cpu", bar=lambda text, done, total: losses.append(float(text[5:])))
    # The bar tells the mean since the last report.
    last = losses[-1] * len(losses) - losses[-2] * (len(losses) - 1)
    assert last < 0.4 * losses[0]


def test_validation_writes_scores_and_keeps_the_best(make_pages: MakePages, tmp_path: Path) -> None:
    run = options(make_pages("a"), steps=4, validate_steps=2)
    told: list[str] = []
    said: list[str] = []
    train(run, tmp_path / "run", log=said.append, tell=told.append, device="cpu")
    assert [line.split(":")[0] for line in told] == ["2 of 4, v", "4 of 4, v"]
    rows = [json.loads(line) for line in (tmp_path / "run" / "scores.jsonl").read_text("utf-8").splitlines()]
    assert [row["steps"] for row in rows] == [2, 4]
    assert set(rows[0]["sets"]["v"]) == {"word_f1", "char_f1", "direction"}
    best = torch.load(tmp_path / "run" / "best.pt", weights_only=True)
    top = max((row["sets"]["v"]["word_f1"] + row["sets"]["v"]["char_f1"]) / 2 for row in rows)
    assert best["best"] == torch.load(tmp_path / "run" / "last.pt", weights_only=True)["best"] == pytest.approx(top)
    assert any("word_corners" in line and "steps a second" in line for line in said)
    # What is done is not done again.
    assert train(run, tmp_path / "run", log=said.append, device="cpu") == tmp_path / "run" / "last.pt"
    blind = DetectorOptions(points=PointOptions(word_threshold=0.999, char_threshold=0.999))
    usual, none = scored(run, tmp_path / "run" / "last.pt", (DEFAULT_OPTIONS, blind))
    assert usual["v"].numbers == pytest.approx(rows[-1]["sets"]["v"])
    assert (usual["v"].pages, none["v"].words.found) == (2, 0)


def test_a_page_that_cannot_be_read_is_told(make_pages: MakePages, tmp_path: Path) -> None:
    folder = make_pages("a", 4)
    (folder / "3.png").write_bytes(b"not an image")
    said: list[str] = []
    train(options(folder), tmp_path / "run", log=said.append, device="cpu")
    assert any(line.startswith("left out:") and "3.png" in line for line in said)


def test_what_is_trained_can_be_read(make_pages: MakePages, tmp_path: Path) -> None:
    run = options(make_pages("a"), steps=2)
    made = trained(train(run, tmp_path / "run", log=quiet, device="cpu"), run)
    saved = torch.load(tmp_path / "run" / "last.pt", weights_only=True)
    assert not made.training
    assert all(torch.equal(saved["average"][name], value) for name, value in made.state_dict().items())
    assert DetectorSpec.from_json(saved["spec"], "it") == spec_of(run) == DetectorSpec("points", 4, 32, 832)
    (one, other), again = samples(run, 2), samples(run, 2)
    assert one.shape in ((64, 96, 3), (96, 64, 3))
    assert (one == next(again)).all()
    assert one.shape != other.shape or (one != other).any()


def test_a_run_begins_with_weights_of_its_kind_or_with_the_pyramid_of_another(tmp_path: Path) -> None:
    torch.manual_seed(1)
    regions, points = region_network(), point_network()
    torch.save({"average": regions.state_dict()}, tmp_path / "regions.pt")
    keep_start(tmp_path / "regions.pt", tmp_path / "kept.pt")
    same, other = region_network(), point_network()
    assert begun(same, tmp_path / "kept.pt") == len(regions.state_dict())
    weight = "pyramid.stages.2.0.0.0.weight"
    assert torch.allclose(same.state_dict()[weight], regions.state_dict()[weight], atol=2e-3)
    begun(other, tmp_path / "regions.pt")
    assert torch.equal(other.state_dict()[weight], regions.state_dict()[weight])
    assert other.state_dict()["words.1.weight"].shape == points.state_dict()["words.1.weight"].shape
    torch.save({"average": {"other.weight": torch.zeros(3, 3)}}, tmp_path / "other.pt")
    with pytest.raises(ModelError, match="nothing of it fits"):
        begun(point_network(), tmp_path / "other.pt")


def test_start_is_used_by_a_new_run_only(
    make_pages: MakePages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = options(make_pages("a"), steps=1)
    first = train(run, tmp_path / "first", log=quiet, device="cpu")
    calls: list[Path] = []
    monkeypatch.setattr(fit, "begun", lambda net, checkpoint: calls.append(checkpoint))
    second = replace(run, start=first, steps=2)
    train(second, tmp_path / "second", log=quiet, device="cpu", minutes=0)
    train(second, tmp_path / "second", log=quiet, device="cpu")
    assert calls == [first]


def test_another_kind_of_run_is_refused(make_pages: MakePages, tmp_path: Path) -> None:
    run = options(make_pages("a"), steps=1)
    checkpoint = train(run, tmp_path / "run", log=quiet, device="cpu")
    with pytest.raises(ModelError, match="of a detector of points, not regions"):
        train(replace(run, kind="regions"), tmp_path / "run", log=quiet, device="cpu")
    with pytest.raises(ModelError, match="no such checkpoint"):
        trained(tmp_path / "no.pt", run)
    checkpoint.write_bytes(b"damaged")
    with pytest.raises(ModelError, match="not a checkpoint that can be read"):
        train(run, tmp_path / "run", log=quiet, device="cpu")
    torch.save({"spec": LineSpec().to_json()}, checkpoint)
    with pytest.raises(ModelError, match="not a checkpoint of a run"):
        train(run, tmp_path / "run", log=quiet, device="cpu")


def test_a_device_that_is_not_there_is_refused(make_pages: MakePages, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="device 'abacus' is not there"):
        train(options(make_pages("a")), tmp_path / "run", log=quiet, device="abacus")
