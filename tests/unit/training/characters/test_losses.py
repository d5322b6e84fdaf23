"""Losses of characters, by hand: flat and factored, all steps of refinement, rivals."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from geulnun.charset import Charset, FlatCharset
from geulnun.training.characters.losses import blocks, hybrid, recognition

FLAT = FlatCharset(("a", "b", "c"))
JAMO = Charset(("a", "1"))


def test_cross_entropy_of_a_flat_head_is_the_mean_over_images_and_steps() -> None:
    states = torch.log(torch.tensor([[[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]]]))
    found = recognition(states, torch.tensor([2]), FLAT)
    assert float(found) == pytest.approx(-(math.log(0.3) + math.log(0.2)) / 2, rel=1e-5)


def test_cross_entropy_of_a_syllable_is_the_sum_over_gate_and_jamo() -> None:
    logits = torch.zeros(1, 1, JAMO.width)
    syllable = torch.tensor(JAMO.encode("한"))
    assert float(recognition(logits, syllable, JAMO)) == pytest.approx(math.log(4 * 19 * 21 * 28), rel=1e-5)
    assert float(recognition(logits, torch.tensor(JAMO.encode("1")), JAMO)) == pytest.approx(math.log(4), rel=1e-5)
    assert float(recognition(logits, torch.tensor([0]), JAMO)) == pytest.approx(math.log(4), rel=1e-5)


def test_the_softmax_of_a_softmax_never_comes_near_nothing() -> None:
    sure = torch.tensor([[[50.0, 0.0, 0.0, 0.0]]])
    right = torch.tensor([0])
    assert float(recognition(sure, right, FLAT)) == pytest.approx(0, abs=1e-6)
    floor = math.log(1 + 3 / math.e)
    assert float(recognition(sure, right, FLAT, double_softmax=True)) == pytest.approx(floor, rel=1e-5)


def test_blocks_say_which_jamo_a_label_has() -> None:
    ids = torch.tensor([*JAMO.encode("한a"), 0])
    found = blocks(ids, JAMO)
    assert [(first, last) for first, last, _, _ in found] == [(0, 4), (4, 23), (23, 44), (44, 72)]
    assert [right[0].item() for _, _, right, _ in found] == [1, 18, 0, 4]
    assert found[0][2].tolist() == [1, 2, 0]
    assert [used.tolist() for _, _, _, used in found[1:]] == [[True, False, False]] * 3


def test_rivals_are_the_best_wrong_classes() -> None:
    states = torch.tensor([[[0.0, 2.0, 1.0, -3.0]]])
    # The right class has 1, its two nearest rivals 2 and 0.
    expected = (math.log(1 + math.e) + math.log(1 + math.exp(-1))) / 2
    assert float(hybrid(states, torch.tensor([2]), FLAT, 2)) == pytest.approx(expected, rel=1e-5)
    assert float(hybrid(states, torch.tensor([2]), FLAT, 99)) < expected


def test_rivals_of_jamo_count_only_where_the_label_has_them() -> None:
    states = torch.zeros(2, 1, JAMO.width)
    ids = torch.tensor(JAMO.encode("한a"))
    half = math.log(2)
    # Four distributions of the syllable and one of the letter, over two images.
    assert float(hybrid(states, ids, JAMO, 1)) == pytest.approx(5 * half / 2, rel=1e-5)


def test_gradients_push_the_right_class_up_and_its_rival_down() -> None:
    states = torch.tensor([[[0.0, 1.0, 0.5, -1.0]]], requires_grad=True)
    hybrid(states, torch.tensor([2]), FLAT, 1).backward()  # type: ignore[no-untyped-call]
    assert states.grad is not None
    gradient = states.grad[0, 0].tolist()
    assert gradient[2] < 0 < gradient[1]
    assert gradient[0] == gradient[3] == 0
