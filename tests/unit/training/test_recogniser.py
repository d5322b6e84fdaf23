"""Training: the loss against a sum over all alignments, resuming, recipes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from geulnun.charset import DEFAULT, HANGUL, Charset
from geulnun.image import ops
from geulnun.recipe import load
from geulnun.synth import recipes as plans
from geulnun.training.ctc import class_log_probs, factored_ctc
from geulnun.training.lines import Batch, fits, make_batch
from geulnun.training.recogniser import RecogniserRecipe, start, train_step
from geulnun.training.run import Schedule, keep_start

MIXED = Charset((" ", "a"), ("韓", "國", "一"))


def by_all_alignments(logits: torch.Tensor, labels: list[int], charset: Charset) -> torch.Tensor:
    classes = torch.tensor([0, *sorted(set(labels))])
    scores = class_log_probs(logits, classes, charset)[0]
    at = {int(index): column for column, index in enumerate(classes)}
    wanted = [at[label] for label in labels]
    sums = [
        torch.stack([scores[step, column] for step, column in enumerate(path)]).sum()
        for path in itertools.product(range(len(classes)), repeat=len(scores))
        if [column for column, _ in itertools.groupby(path) if column] == wanted
    ]
    return -torch.logsumexp(torch.stack(sums), 0) / len(labels)


@pytest.mark.parametrize(
    ("text", "charset"),
    [("가a나", DEFAULT), ("한한", DEFAULT), ("1 글", DEFAULT), ("한國a", MIXED), ("韓國", MIXED), ("一一", MIXED)],
)
def test_loss_and_gradient_are_those_of_all_alignments(text: str, charset: Charset) -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 5, charset.width, requires_grad=True)
    labels = charset.encode(text)
    ours = factored_ctc(logits, torch.tensor([5]), [labels], charset)
    theirs = by_all_alignments(logits, labels, charset)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    (ours_grad,) = torch.autograd.grad(ours, logits)
    (theirs_grad,) = torch.autograd.grad(theirs, logits)
    assert torch.allclose(ours_grad, theirs_grad, atol=1e-5)


def test_padding_and_impossible_lines_add_no_gradient() -> None:
    torch.manual_seed(1)
    logits = torch.randn(2, 6, DEFAULT.width, requires_grad=True)
    labels = [DEFAULT.encode("가"), DEFAULT.encode("가나다라마바사아")]
    loss = factored_ctc(logits, torch.tensor([3, 6]), labels, DEFAULT)
    (grad,) = torch.autograd.grad(loss, logits)
    assert torch.isfinite(loss)
    assert grad[0, :3].abs().sum() > 0
    assert grad[0, 3:].abs().max() == 0
    assert grad[1].abs().max() == 0


@pytest.mark.parametrize("charset", [DEFAULT, MIXED])
def test_log_probabilities_of_all_classes_sum_to_one(charset: Charset) -> None:
    logits = torch.randn(1, 2, charset.width)
    none = {HANGUL, charset.ideograph} if charset.ideographs else {HANGUL}
    classes = torch.tensor([at for at in range(charset.classes) if at not in none])
    total = class_log_probs(logits, classes, charset).exp().sum(-1)
    assert torch.allclose(total, torch.ones_like(total), atol=1e-4)


def test_a_line_needs_a_step_a_character_and_one_between_repeats() -> None:
    assert fits(12, "abc")
    assert not fits(11, "abcd")
    assert not fits(12, "aab")
    assert fits(16, "aab")


def batches(count: int) -> list[Batch]:
    rng = np.random.default_rng(0)

    def line() -> NDArray[np.float32]:
        return rng.normal(0, 1, (ops.LINE_HEIGHT, 64)).astype(np.float32)

    return [make_batch([(line(), "가나"), (line(), "A 1")], 64) for _ in range(count)]


def test_a_resumed_run_equals_the_uninterrupted_one(tmp_path: Path) -> None:
    recipe = RecogniserRecipe(lines=100, decay=10)
    device = torch.device("cpu")
    whole, half = start(recipe, tmp_path / "whole", device), start(recipe, tmp_path, device)
    data = batches(4)
    torch.manual_seed(9)
    for batch in data[:2]:
        train_step(whole, batch)
    torch.manual_seed(9)
    for batch in data[:2]:
        train_step(half, batch)
    half.save()
    resumed = start(recipe, tmp_path, device)
    assert resumed.resume()
    for run in (whole, resumed):
        torch.manual_seed(10)
        for batch in data[2:]:
            train_step(run, batch)
    assert resumed.done == whole.done == 8
    for a, b in zip(whole.average.state_dict().values(), resumed.average.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    state = start(RecogniserRecipe(rate=5e-3), tmp_path, torch.device("cpu"))
    (batch,) = batches(1)
    state.done = 20_000
    losses = [train_step(state, batch)["loss"] for _ in range(16)]
    assert losses[-1] < losses[0] / 3


def test_a_run_begins_with_kept_weights(tmp_path: Path) -> None:
    recipe, device = RecogniserRecipe(), torch.device("cpu")
    trained = start(recipe, tmp_path, device)
    train_step(trained, batches(1)[0])
    trained.save()
    keep_start(trained.checkpoint, tmp_path / "start.pt")
    assert (tmp_path / "start.pt").stat().st_size < trained.checkpoint.stat().st_size / 5
    new = start(replace(recipe, seed=99), tmp_path / "new", device)
    new.start_from(tmp_path / "start.pt")
    for a, b in zip(trained.average.state_dict().values(), new.net.state_dict().values(), strict=True):
        assert torch.allclose(a.float(), b.float(), atol=1e-3)
    assert new.done == 0


def test_rate_rises_stays_and_falls() -> None:
    schedule = Schedule(1.0, total=100_000, rise=20_000, fall=40_000)
    assert schedule.at(0) < 0.05
    assert schedule.at(30_000) == 1.0
    assert schedule.at(80_000) == pytest.approx(0.5)
    assert schedule.at(100_000) == 0.01


def test_shipped_recipe_loads_and_the_command_line_wins(tmp_path: Path) -> None:
    recipes = Path(__file__).resolve().parents[3] / "recipes"
    recipe = load(recipes / "recogniser.yaml", RecogniserRecipe, texts=tmp_path)
    assert recipe.texts == tmp_path
    assert plans.load(recipes / recipe.data, "lines").parts
    assert recipe.net == "dense"
