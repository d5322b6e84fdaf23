"""Runs on Lightning: killed and resumed, on two processes, frozen, begun with weights, stopped early."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.errors import ModelError, RecipeError
from geulnun.export.lines import export_lines
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec
from geulnun.training import networks
from geulnun.training.fit import Devices, prepare, read_run, samples, train, trained
from geulnun.training.module import frozen, rate_at
from geulnun.training.options import ClassChoice, InputChoice, LineTraining, SetChoice

MakeSet = Callable[..., Path]
CPU = Devices("cpu")


class Tiny(nn.Module):
    """A network of four columns a step, with dropout if asked for, without statistics of batches."""

    def __init__(self, width: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.transformation = nn.Identity()
        self.feature = nn.Conv2d(1, 8, (8, 4), (8, 4))
        self.sequence = nn.Sequential(nn.ReLU(), nn.Dropout(dropout))
        self.prediction = nn.Conv2d(8, width, (4, 1))

    def forward(self, x: Tensor) -> Tensor:
        steps: Tensor = self.prediction(self.sequence(self.feature(x)))
        return steps.squeeze(2).transpose(1, 2)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(options: LineTraining, classes: Classes) -> tuple[nn.Module, LineSpec]:
        spec = LineSpec(height=32, width=options.input.width, scaling="signed", padding="edge", classes=classes)
        return Tiny(classes.width, 0.3 if options.net == "dropout" else 0.0), spec

    monkeypatch.setattr(networks, "build", build)


def options(folder: Path, **changes: Any) -> LineTraining:
    made = LineTraining(
        data=(SetChoice(folder),), net="tiny", classes=ClassChoice("flat", " 0123456789"), steps=10, rise=0, decay=5,
        rate=1e-2, batch=6, validation=(SetChoice(folder),), validate_steps=1000, workers=0, threads=1,
        tensorboard=False, save_minutes=1e9,
    )  # fmt: skip
    return replace(made, **changes)


def quiet(line: str) -> None: ...


def tensors(folder: Path) -> dict[str, Tensor]:
    saved = read_run(folder / "last.pt")
    parts = {f"{part}.{name}": value for part in ("net", "average") for name, value in saved[part].items()}
    state = saved["optimiser"]["state"]
    return parts | {f"optimiser.{at}.{name}": value for at, one in state.items() for name, value in one.items()}


def equal(left: Path, right: Path) -> bool:
    one, other = tensors(left), tensors(right)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("optimiser", ["adamw", "adadelta", "sgd"])
def test_a_run_killed_and_resumed_equals_the_uninterrupted_one(
    make_set: MakeSet, tmp_path: Path, optimiser: str
) -> None:
    run = options(make_set("a", 20), net="dropout", optimiser=optimiser, group=3, workers=1)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(run, whole, log=quiet, devices=CPU)

    def kill(text: str, done: int, total: int) -> None:
        if done == 4:
            os.kill(os.getpid(), signal.SIGTERM)

    train(run, parts, log=quiet, devices=CPU, bar=kill)
    assert 4 <= read_run(parts / "last.pt")["progress"]["steps"] < 10
    # What happens in between to random numbers is of no account.
    torch.manual_seed(99)
    train(run, parts, log=quiet, devices=CPU)
    assert read_run(parts / "last.pt")["progress"] == read_run(whole / "last.pt")["progress"]
    assert equal(whole, parts)


@pytest.mark.usefixtures("tiny")
def test_dropout_differs_from_step_to_step_and_with_the_seed(make_set: MakeSet, tmp_path: Path) -> None:
    folder = make_set("a", 20)
    for name, run in {"a": options(folder, net="dropout"), "b": options(folder, net="dropout", seed=2)}.items():
        train(run, tmp_path / name, log=quiet, devices=CPU)
    assert not equal(tmp_path / "a", tmp_path / "b")


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("width", [None, 96])
def test_two_processes_give_the_result_of_one(make_set: MakeSet, tmp_path: Path, width: int | None) -> None:
    # Lines of one width, so that either share of a batch is padded alike.
    folder = make_set("a", 20, width=90)
    run = options(folder, group=1, batch=7, steps=6, precision="fp32", input=InputChoice(width=width))
    one, two = tmp_path / "one", tmp_path / "two"
    train(run, one, log=quiet, devices=CPU)
    train(run, two, log=quiet, devices=Devices("cpu", 2, start="fork"))
    left, right = tensors(one), tensors(two)
    assert left.keys() == right.keys()
    for name in left:
        assert torch.allclose(left[name], right[name], atol=1e-5), name
    assert read_run(one / "last.pt")["progress"] == read_run(two / "last.pt")["progress"]
    first, second = read_run(one / "best_norm_ED.pt")["best"], read_run(two / "best_norm_ED.pt")["best"]
    assert first == pytest.approx(second)


def test_a_frozen_part_keeps_weights_and_statistics(make_set: MakeSet, tmp_path: Path) -> None:
    run = options(make_set("a"), net="crnn", width=0.04, steps=3, freeze=("feature", "sequence"))
    before = prepare(run).net.state_dict()
    train(run, tmp_path / "run", log=quiet, devices=CPU)
    after = read_run(tmp_path / "run" / "last.pt")["net"]
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"prediction.linear.weight", "prediction.linear.bias"}
    assert any("running_mean" in name for name in before)


def test_freezing_everything_or_nothing_known_is_refused(make_set: MakeSet, tmp_path: Path) -> None:
    parts = ("transformation", "feature", "sequence", "prediction")
    run = options(make_set("a"), net="crnn", width=0.04, freeze=parts)
    with pytest.raises(RecipeError, match="nothing is left to train"):
        train(run, tmp_path / "run", log=quiet, devices=CPU)
    with pytest.raises(RecipeError, match="no part 'head'"):
        frozen(nn.Linear(1, 1), ["head"])


@pytest.mark.parametrize("net", ["none-vgg-none-ctc", "none-vgg-none-attn"])
def test_a_run_learns_logs_exports_and_is_read(make_set: MakeSet, tmp_path: Path, net: str) -> None:
    run = options(
        make_set("a", 8), net=net, width=0.06, steps=4, tensorboard=True, validate_steps=2, longest=8, show=3,
        input=InputChoice(width=128), average=0.5,
    )  # fmt: skip
    folder, said = tmp_path / "run", list[str]()
    checkpoint = train(run, folder, log=quiet, tell=said.append, devices=CPU)
    assert checkpoint == folder / "last.pt"
    assert {"best_accuracy.pt", "best_norm_ED.pt", "log_train.txt"} <= {path.name for path in folder.iterdir()}
    assert list((folder / "tensorboard").rglob("events.*"))
    assert not list(folder.glob("*.tmp"))
    log = (folder / "log_train.txt").read_text("utf-8")
    assert log.count("Current_accuracy") == 2
    for words in ("[4/4] Train loss: ", "Valid loss: ", "Current_norm_ED", "learning rate", "truth", "confidence T/F"):
        assert words in log
    assert said[0] in log
    made = trained(checkpoint, run)
    target = export_lines(made.net, made.spec, tmp_path / "net.onnx", "int8", samples(made, 2))
    reader = Recogniser(target)
    assert reader.spec == made.spec
    assert len(reader.read([next(iter(samples(made, 1)))[0, 0].astype("uint8")])) == 1


@pytest.mark.usefixtures("tiny")
def test_patience_ends_a_run(make_set: MakeSet, tmp_path: Path) -> None:
    run = options(make_set("a"), steps=50, rate=1e-12, validate_steps=2, patience=3)
    train(run, tmp_path / "run", log=quiet, devices=CPU)
    saved = read_run(tmp_path / "run" / "last.pt")
    # The first validation is the best, and three more pass.
    assert saved["progress"]["steps"] == 8
    assert saved["best"]["stale"] == 3


@pytest.mark.usefixtures("tiny")
def test_a_finished_run_is_left_alone_and_a_longer_one_goes_on(make_set: MakeSet, tmp_path: Path) -> None:
    run, folder = options(make_set("a"), steps=3), tmp_path / "run"
    train(run, folder, log=quiet, devices=CPU)
    before = (folder / "last.pt").read_bytes()
    train(run, folder, log=quiet, devices=CPU)
    assert (folder / "last.pt").read_bytes() == before
    train(replace(run, steps=5), folder, log=quiet, devices=CPU)
    assert read_run(folder / "last.pt")["progress"]["steps"] == 5


@pytest.mark.usefixtures("tiny")
def test_a_checkpoint_of_another_kind_of_run_is_refused(make_set: MakeSet, tmp_path: Path) -> None:
    torch.save({"net": {}, "progress": {"done": 3}}, tmp_path / "last.pt")
    with pytest.raises(ModelError, match="of another kind of run"):
        train(options(make_set("a")), tmp_path, log=quiet, devices=CPU)
    (tmp_path / "last.pt").write_bytes(b"half of it")
    with pytest.raises(ModelError, match="not a checkpoint that can be read"):
        train(options(make_set("b")), tmp_path, log=quiet, devices=CPU)


def test_a_device_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RecipeError, match="device 'cuda' is not there; choose cpu"):
        Devices("cuda").trainer(tmp_path, LineTraining())


def test_rates() -> None:
    run = LineTraining(rate=2.0, steps=100, rise=10, decay=50)
    assert rate_at(replace(run, schedule="constant"), 0) == rate_at(replace(run, schedule="constant"), 99) == 2
    assert rate_at(run, 30) == 2
    assert rate_at(run, 75) == pytest.approx(1)
    cosine = replace(run, schedule="cosine")
    assert rate_at(cosine, 50) == pytest.approx(1)
    assert rate_at(cosine, 5) < rate_at(cosine, 10) > rate_at(cosine, 20)
    assert rate_at(cosine, 100) == pytest.approx(0.02)
