"""Losses against sums over all alignments, and against numpy's probabilities."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from geulnun.charset import Charset, Classes, FlatCharset  # noqa: E402
from geulnun.decode.steps import steps_of  # noqa: E402
from geulnun.training.losses import cross_entropy, filled_steps, flat_ctc, label_log_probs, loss_for  # noqa: E402

FLAT = FlatCharset(("가", "나", "a"))
JAMO = Charset((" ", "a"))
HANJA = Charset((" ", "a"), ("韓", "國"))
ALL = [FLAT, JAMO, HANJA]
NAMES = ["flat", "jamo", "hanja"]


def random_logits(seed: int, *shape: int) -> Tensor:
    made: Tensor = torch.from_numpy(np.random.default_rng(seed).normal(size=shape).astype(np.float32))
    return made


def likelihood(probabilities: np.ndarray, label: list[int]) -> float:
    """Sum over every path of steps that collapses to ``label``."""
    total = 0.0
    for path in itertools.product(range(probabilities.shape[1]), repeat=len(probabilities)):
        read = [k for at, k in enumerate(path) if k and (at == 0 or path[at - 1] != k)]
        if read == label:
            total += math.prod(probabilities[step, k] for step, k in enumerate(path))
    return total


def test_flat_ctc_is_the_sum_over_alignments() -> None:
    logits = random_logits(0, 2, 4, FLAT.width)
    p = torch.softmax(logits, -1).numpy().astype(np.float64)
    # The second line fills three of four steps.
    wanted = -math.log(likelihood(p[0], [1, 1])) - math.log(likelihood(p[1, :3], [2]))
    found = flat_ctc(logits, torch.tensor([4, 3]), [[1, 1], [2]], FLAT)
    assert float(found) == pytest.approx(wanted / 3, rel=1e-5)


def test_lines_that_cannot_fit_count_nothing_in_ctc() -> None:
    logits = random_logits(1, 2, 3, FLAT.width).requires_grad_()
    loss = flat_ctc(logits, torch.tensor([3, 3]), [[1, 2], [1, 1, 1]], FLAT)
    (grad,) = torch.autograd.grad(loss, logits)
    assert loss.isfinite()
    assert grad[0].abs().sum() > 0
    assert grad[1].abs().sum() == 0


@pytest.mark.parametrize("classes", ALL, ids=NAMES)
def test_log_probabilities_are_those_that_reading_sees(classes: Classes) -> None:
    text = "가a" if classes is FLAT else "각힣a " + ("國" if classes is HANJA else "")
    ids = [0, *classes.encode(text)]
    logits = random_logits(2, len(ids), classes.width)
    wanted = np.log(steps_of(logits.numpy(), classes).of(ids).diagonal())
    assert np.allclose(label_log_probs(logits, torch.tensor(ids), classes).numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize("classes", ALL, ids=NAMES)
def test_cross_entropy_is_the_mean_over_characters_and_ends(classes: Classes) -> None:
    labels = [classes.encode("가a"), []]
    logits = random_logits(3, 2, 5, classes.width)
    p = [steps_of(row, classes) for row in logits.numpy()]
    chances = [p[0].of([*labels[0], 0])[[0, 1, 2], [0, 1, 2]], p[1].of([0])[[0], [0]]]
    wanted = -float(np.log(np.concatenate(chances)).mean())
    assert float(cross_entropy(logits, torch.tensor([5, 5]), labels, classes)) == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("classes", ALL, ids=NAMES)
def test_steps_after_the_end_and_lines_without_room_do_not_count(classes: Classes) -> None:
    logits = random_logits(4, 2, 3, classes.width).requires_grad_()
    long = classes.encode("a가a")  # and its end: four steps
    loss = cross_entropy(logits, torch.tensor([3, 3]), [classes.encode("a"), long], classes)
    moved = torch.autograd.grad(loss, logits)[0].abs().sum(-1) > 0
    assert moved.tolist() == [[True, True, False], [False, False, False]]
    nothing = cross_entropy(logits, torch.tensor([2, 2]), [long, long], classes)
    assert nothing.item() == 0.0


def test_each_decoding_and_head_has_its_loss() -> None:
    logits, steps = random_logits(5, 1, 6, JAMO.width), torch.tensor([6])
    label = JAMO.encode("가a")
    assert float(loss_for("ctc", JAMO)(logits, steps, [label], JAMO)) > 0
    assert loss_for("ctc", FLAT) is flat_ctc
    assert {loss_for("attention", JAMO), loss_for("parallel", FLAT)} == {cross_entropy}


def test_the_factored_ctc_is_a_flat_one_over_the_classes_it_stands_for() -> None:
    # Of the two characters that occur, a flat head with their probabilities and all the rest's in one says the same.
    logits, steps = random_logits(6, 1, 4, JAMO.width), torch.tensor([4])
    ids = JAMO.encode("가a")
    p = steps_of(logits[0].numpy(), JAMO).of([0, *ids])
    wanted = -math.log(likelihood(np.concatenate([p, 1 - p.sum(1, keepdims=True)], 1), [1, 2])) / 2
    assert float(loss_for("ctc", JAMO)(logits, steps, [ids], JAMO)) == pytest.approx(wanted, rel=1e-4)


def test_steps_filled_round_up() -> None:
    assert filled_steps(torch.tensor([1, 100, 101, 400]), 400, 99).tolist() == [1, 25, 25, 99]
    assert filled_steps(torch.tensor([4, 8]), 400, 100).tolist() == [1, 2]
