"""The CTC loss over the factored head: against the sum over all alignments, its gradient too."""

from __future__ import annotations

import itertools

import pytest

pytest.importorskip("torch")

import torch

from geulnun.charset import DEFAULT, HANGUL, Charset
from geulnun.training.ctc import class_log_probs, factored_ctc

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
