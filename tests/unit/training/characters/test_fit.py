"""Runs over characters: killed and resumed with every method, learning, scores by group, weights to begin with."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor, nn

from geulnun.errors import MissingDependencyError, ModelError, RecipeError
from geulnun.nets.compression import expanded
from geulnun.spec import CharacterSpec
from geulnun.training.characters import networks
from geulnun.training.characters.adversarial import Adversary
from geulnun.training.characters.alphabets import ClassChoice
from geulnun.training.characters.choices import CharacterSet
from geulnun.training.characters.fit import epoch, prepare, read_run, samples, scored, train, trained
from geulnun.training.characters.learner import rate_at
from geulnun.training.characters.methods import AdversarialChoice, CompressChoice, HybridChoice
from geulnun.training.characters.options import AugmentChoice, CharacterTraining, InputChoice, NetChoice
from geulnun.training.characters.validation import Ready, fitted, merged, score

MakeGlyphs = Callable[..., Path]


class Tiny(nn.Module):
    """A network with the methods of all networks of characters; two steps of refinement, with dropout."""

    width = 96

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.feature = nn.Sequential(nn.Conv2d(1, 16, 4, 4), nn.ReLU(), nn.Conv2d(16, 24, 3, padding=1), nn.ReLU())
        self.link = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.2))
        self.head = nn.Linear(96, 2 * classes)

    def features(self, x: Tensor) -> Tensor:
        maps: Tensor = self.feature(x)
        return maps

    def embed(self, maps: Tensor) -> Tensor:
        linked: Tensor = self.link(maps)
        return linked

    def answer(self, maps: Tensor, ids: Tensor | None = None) -> Tensor:
        states: Tensor = self.head(self.link(maps)).unflatten(1, (2, -1))
        return states

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(self.features(x))[:, -1]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(options: CharacterTraining, spec: CharacterSpec, shapes: Mapping[str, int]) -> nn.Module:
        net = Tiny(spec.classes.width)
        return expanded(net, dict(shapes)) if shapes else net

    monkeypatch.setattr(networks, "build", build)


def options(folder: Path, **changes: Any) -> CharacterTraining:
    made = CharacterTraining(
        data=(CharacterSet(folder, group="printed"), CharacterSet(folder, name="hand", group="handwritten")),
        validation=(CharacterSet(folder, name="v"),), net=NetChoice(head="whole"), classes=ClassChoice(("digits",)),
        input=InputChoice(24), steps=8, rise=0, rate=1e-2, batch=10, validate_steps=1000, workers=0, threads=1,
        tensorboard=False, save_minutes=1e9, augment=AugmentChoice(0.5, rotation=5),
    )  # fmt: skip
    return replace(made, **changes)


def quiet(line: str) -> None: ...


def flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {key: one for at, part in value.items() for key, one in flat(part, f"{name}.{at}").items()}
    if isinstance(value, list):
        return {key: one for at, part in enumerate(value) for key, one in flat(part, f"{name}.{at}").items()}
    return {name: value}


def equal(left: Path, right: Path) -> bool:
    one, other = (flat(read_run(folder / "last.pt")) for folder in (left, right))
    return one.keys() == other.keys() and all(
        torch.equal(one[name], other[name]) if isinstance(one[name], Tensor) else one[name] == other[name]
        for name in one
    )


METHODS: dict[str, dict[str, Any]] = {
    "plain": {},
    "adabound": {"optimiser": "adabound", "nothing": 0.2, "workers": 1},
    "sgd": {"optimiser": "sgd", "hybrid": HybridChoice(0.3, 2)},
    "adversarial": {"adversarial": AdversarialChoice(0.15)},
    "compress": {
        "compress": CompressChoice(0.5, expand_from=3, drop=0.5, drop_from=1, drop_until=6, drop_every=1),
        "optimiser": "adam",
    },
}


@pytest.mark.parametrize("method", METHODS)
def test_a_run_killed_and_resumed_equals_the_uninterrupted_one(
    make_glyphs: MakeGlyphs, tmp_path: Path, method: str
) -> None:
    run = options(make_glyphs("a"), **METHODS[method])
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(run, whole, log=quiet, device="cpu")

    def kill(text: str, done: int, total: int) -> None:
        if done == 4:
            os.kill(os.getpid(), signal.SIGTERM)

    train(run, parts, log=quiet, device="cpu", bar=kill)
    assert read_run(parts / "last.pt")["progress"]["steps"] == 4
    # What happens in between to random numbers is of no account.
    torch.manual_seed(99)
    train(run, parts, log=quiet, device="cpu")
    assert equal(whole, parts)
    if method == "compress":
        assert set(read_run(parts / "last.pt")["shapes"]) == {"feature.2"}


def test_a_run_learns_tells_by_group_and_is_read_back(make_glyphs: MakeGlyphs, tmp_path: Path) -> None:
    folder, said = make_glyphs("a", 10), list[str]()
    run = options(
        folder, steps=70, batch=20, augment=AugmentChoice(), average=0.8, validate_steps=35, epoch_weights=True
    )
    checkpoint = train(run, tmp_path / "run", log=quiet, tell=said.append, device="cpu")
    assert len(said) == 2
    assert said[-1].startswith("70 of 70, v, printed: top-1 100.00%, top-5 100.00%")
    assert (tmp_path / "run" / "scores.jsonl").read_text("utf-8").count('"top1"') == 2
    assert (tmp_path / "run" / "best.pt").is_file()
    # Twenty images are in the two sets, and in each batch.
    assert (tmp_path / "run" / "epoch_70.pt").is_file()
    assert not list((tmp_path / "run").glob("*.tmp"))
    made = trained(checkpoint, run)
    assert made.spec.temperature != 1
    assert scored(run, checkpoint)["v"]["printed"].top1 == 1
    given = next(samples(made, 1, 6))
    assert given.shape == (6, 1, 24, 24)
    assert given.max() == 1


def test_losing_no_image_counts_epochs(make_glyphs: MakeGlyphs, tmp_path: Path, test_font: Path) -> None:
    folder = make_glyphs("a", 30)
    run = options(folder, steps=None, epochs=1.5)
    made = prepare(run)
    assert epoch(made.mix) == 60
    assert made.total == 90
    text = f"kind: chars\nfonts: {{folder: {test_font.parent}}}\n"
    (tmp_path / "stream.yaml").write_text(text, "utf-8")
    with pytest.raises(RecipeError, match="there are no epochs"):
        prepare(replace(run, data=(CharacterSet(tmp_path / "stream.yaml"),)))


def test_a_run_begins_with_the_weights_of_another(make_glyphs: MakeGlyphs, tmp_path: Path) -> None:
    folder = make_glyphs("a")
    first = train(options(folder, steps=2), tmp_path / "one", log=quiet, device="cpu")
    given = read_run(first)["average"]
    net = prepare(options(folder, start=first)).net
    assert all(torch.equal(one, given[name]) for name, one in net.state_dict().items())
    other = options(folder, start=first, classes=ClassChoice(("digits",), others="가"))
    with pytest.raises(ModelError, match="set strict: false"):
        prepare(other)
    state = prepare(replace(other, strict=False)).net.state_dict()
    assert torch.equal(state["feature.0.weight"], given["feature.0.weight"])
    # As many classes, but others: the rows would stand for the wrong ones.
    shifted = options(folder, start=first, classes=ClassChoice((), others="123456789가"))
    with pytest.raises(ModelError, match=r"head\.weight"):
        prepare(shifted)
    with pytest.raises(ModelError, match="no such checkpoint"):
        prepare(options(folder, start=tmp_path / "none.pt"))
    torch.save({"net": {}, "progress": {"lines": 3}}, tmp_path / "other.pt")
    with pytest.raises(ModelError, match="of another kind of run"):
        prepare(options(folder, start=tmp_path / "other.pt"))


def test_patience_and_a_finished_run(make_glyphs: MakeGlyphs, tmp_path: Path) -> None:
    run = options(make_glyphs("a"), rate=1e-12, average=0.0, steps=40, validate_steps=2, patience=2, calibrate=False)
    train(run, tmp_path, log=quiet, device="cpu")
    assert read_run(tmp_path / "last.pt")["progress"]["steps"] == 6
    short = replace(run, steps=6)
    before = (tmp_path / "last.pt").read_bytes()
    train(short, tmp_path, log=quiet, device="cpu")
    assert (tmp_path / "last.pt").read_bytes() == before


def test_silence_and_loggers(make_glyphs: MakeGlyphs, tmp_path: Path) -> None:
    said: list[str] = []
    run = options(make_glyphs("a"), steps=1, silent=True, tensorboard=True)
    train(run, tmp_path / "a", log=said.append, tell=quiet, device="cpu")
    assert not said
    assert list((tmp_path / "a" / "tensorboard").rglob("events.*"))
    with pytest.raises(MissingDependencyError, match="pip install wandb"):
        train(replace(run, wandb="project"), tmp_path / "b", log=quiet, device="cpu")


def test_the_adversary_tells_hands_from_print_and_is_misled() -> None:
    torch.manual_seed(0)
    groups = torch.tensor([0, 0, 2, 1, -1] * 8)
    features = torch.randn(40, 6)
    features[:, 0] += 3.0 * (groups > 0)
    adversary = Adversary(nn.Sequential(nn.Linear(6, 1), nn.Flatten(0)), AdversarialChoice(0.15), torch.device("cpu"))
    before = adversary.misled(features, groups)
    losses = [adversary.learn(features, groups, 0.2) for _ in range(60)]
    assert losses[-1] < 0.3 < losses[0]
    assert adversary.misled(features, groups) > before
    pulled = features.clone().requires_grad_()
    adversary.misled(pulled, groups).backward()  # type: ignore[no-untyped-call]
    assert pulled.grad is not None
    assert (pulled.grad[groups < 0] == 0).all()
    # Moving against the gradient takes handwriting towards print, and print towards handwriting.
    assert (pulled.grad[groups > 0][:, 0] > 0).all()
    assert (pulled.grad[groups == 0][:, 0] < 0).all()
    adversary.choice = AdversarialChoice(0.15, fit=False, both=False)
    one_sided = features.clone().requires_grad_()
    adversary.misled(one_sided, groups).backward()  # type: ignore[no-untyped-call]
    assert one_sided.grad is not None
    assert (one_sided.grad[groups == 0] == 0).all()
    weights = [one.clone() for one in adversary.net.parameters()]
    adversary.learn(features, groups, 0.2)
    assert all(torch.equal(one, other) for one, other in zip(weights, adversary.net.parameters(), strict=True))


def test_scores_count_first_and_among_five_of_each_group() -> None:
    class Fixed(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.arange(11.0).repeat(len(x), 1)

    spec = CharacterSpec(24, classes=ClassChoice(("digits",)).classes(True, str))
    ink = np.zeros((24, 24), np.float32)
    images = [Ready(ink, 10, "printed"), Ready(ink, 7, "printed"), Ready(ink, 3, "handwritten")]
    found = score(Fixed(), spec, images)
    assert (found["printed"].top1, found["printed"].top5) == (0.5, 1.0)
    assert (found["handwritten"].top1, found["handwritten"].top5) == (0.0, 0.0)
    assert merged({"a": found, "b": found})["printed"].count == 4


def test_the_temperature_makes_confidences_as_often_right_as_they_say() -> None:
    classes = ClassChoice((), others="가").classes(True, str)
    # Three of four are right, at odds of e^4: odds of 3 are what is true, so that 4 / t = log 3.
    logits = torch.tensor([[0.0, 4.0]] * 4)
    assert fitted(logits, torch.tensor([1, 1, 1, 0]), classes) == pytest.approx(4 / np.log(3), rel=0.01)


def test_rates() -> None:
    stairs = CharacterTraining(schedule="stairs", stairs=((0.25, 1e-3), (1, 3e-5)))
    assert [rate_at(stairs, done, 100) for done in (0, 24, 25, 100)] == [1e-3, 1e-3, 3e-5, 3e-5]
    cosine = CharacterTraining(rate=2.0, rise=10)
    assert rate_at(cosine, 50, 100) == pytest.approx(1)
    assert rate_at(cosine, 100, 100) == pytest.approx(0.02)
    assert rate_at(replace(cosine, schedule="plateau", decay=50), 75, 100) == pytest.approx(1)
    assert rate_at(replace(cosine, schedule="constant"), 0, 100) == 2
