"""AdaBound against steps worked out by hand, and in its two limits."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from geulnun.training.characters.adabound import AdaBound


def weight(value: float) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.tensor([value], dtype=torch.float64))


def test_the_first_steps_are_those_of_the_paper() -> None:
    one = weight(1.0)
    optimiser = AdaBound([one], lr=0.1, final_lr=0.5, betas=(0.9, 0.99), gamma=0.25, eps=0.0)
    one.grad = torch.tensor([2.0], dtype=torch.float64)
    optimiser.step()
    # Both means, corrected, are those of one gradient: the rate is 0.1 * sqrt(0.01) / 0.1 / sqrt(0.01 * 4) = 0.5,
    # within the bounds 0.5 * (1 - 1 / 1.25) = 0.1 and 0.5 * (1 + 1 / 0.25) = 2.5; the mean gradient is 0.2.
    assert one.item() == pytest.approx(1 - 0.5 * 0.2)
    one.grad = torch.tensor([-1.0], dtype=torch.float64)
    optimiser.step()
    mean, square = 0.9 * 0.2 - 0.1, 0.99 * 0.04 + 0.01
    rate = 0.1 * (1 - 0.99**2) ** 0.5 / (1 - 0.9**2) / square**0.5
    low, high = 0.5 * (1 - 1 / 1.5), 0.5 * (1 + 1 / 0.5)
    assert low < rate < high
    assert one.item() == pytest.approx(0.9 - rate * mean)


def test_rates_are_clipped_to_the_bounds() -> None:
    one, other = weight(0.0), weight(0.0)
    optimiser = AdaBound([one, other], lr=0.1, final_lr=0.1, betas=(0.0, 0.0), gamma=0.5, eps=0.0)
    one.grad, other.grad = torch.tensor([1e-6]).double(), torch.tensor([1e6]).double()
    optimiser.step()
    # Adam's rates 1e5 and 1e-7 lie outside 0.1 * (1 - 1 / 1.5) .. 0.1 * (1 + 1 / 0.5).
    assert one.item() == pytest.approx(-0.3 * 1e-6)
    assert other.item() == pytest.approx(-0.1 / 3 * 1e6)


def test_in_the_end_it_is_sgd() -> None:
    one = weight(1.0)
    optimiser = AdaBound([one], lr=0.001, final_lr=0.1, betas=(0.0, 0.999))
    optimiser.state[one] |= {"step": 10**9, "mean": torch.zeros(1).double(), "square": torch.ones(1).double()}
    one.grad = torch.tensor([0.3]).double()
    optimiser.step()
    assert one.item() == pytest.approx(1 - 0.1 * 0.3, abs=1e-6)


def test_a_schedule_moves_the_final_rate_too_and_decay_pulls() -> None:
    one = weight(1.0)
    optimiser = AdaBound([one], lr=0.001, final_lr=0.1, betas=(0.0, 0.999), weight_decay=0.5)
    optimiser.state[one] |= {"step": 10**9, "mean": torch.zeros(1).double(), "square": torch.ones(1).double()}
    optimiser.param_groups[0]["lr"] = 0.0005
    one.grad = torch.tensor([0.0]).double()
    optimiser.step()
    assert one.item() == pytest.approx(1 - 0.05 * 0.5, abs=1e-6)


@pytest.mark.parametrize("wrong", [{"lr": 0.0}, {"final_lr": -1.0}, {"gamma": 1.0}, {"betas": (1.0, 0.9)}])
def test_wrong_numbers_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        AdaBound([weight(0.0)], **wrong)  # type: ignore[arg-type]
