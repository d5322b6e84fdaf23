"""DirectMap: each edge in the map of its direction, gradients between two directions divided between both."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from geulnun.nets.character.direct import DIRECTIONS, DirectMap  # noqa: E402


def plane(degrees: float) -> Tensor:
    """Ink that grows by 0.01 a pixel towards a direction, y down: its gradient is the same all over but at the rim."""
    y, x = np.mgrid[:9, :9]
    ink = 0.01 * (x * math.cos(math.radians(degrees)) + y * math.sin(math.radians(degrees)))
    made: Tensor = torch.from_numpy(ink.astype(np.float32))[None, None]
    return made


def inner(ink: Tensor) -> list[float]:
    maps = DirectMap()(ink)
    assert maps.shape == (1, DIRECTIONS, *ink.shape[2:])
    values: list[float] = maps[0, :, 4, 4].tolist()
    return values


@pytest.mark.parametrize("direction", range(DIRECTIONS))
def test_a_gradient_along_a_direction_is_in_its_map_alone(direction: int) -> None:
    wanted = [0.0] * DIRECTIONS
    # Sobel's weights sum to 8 over 4, across two pixels.
    wanted[direction] = 0.01 * 2
    assert inner(plane(45 * direction)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("degrees", [10, 30, 80, 100, 200, 340])
def test_a_gradient_between_two_is_their_sum(degrees: int) -> None:
    lengths = np.array(inner(plane(degrees)))
    angles = np.arange(DIRECTIONS) * math.pi / 4
    assert sorted(np.flatnonzero(lengths > 1e-6)) == sorted({degrees // 45, (degrees // 45 + 1) % 8})
    assert lengths @ np.cos(angles) == pytest.approx(0.02 * math.cos(math.radians(degrees)), abs=1e-6)
    assert lengths @ np.sin(angles) == pytest.approx(0.02 * math.sin(math.radians(degrees)), abs=1e-6)


def test_an_upright_edge_has_the_gradient_one() -> None:
    ink = torch.zeros(1, 1, 9, 9)
    ink[..., 5:] = 1
    assert inner(ink) == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0])


def test_nothing_is_learnt_or_stored() -> None:
    assert list(DirectMap().parameters()) == []
    assert DirectMap().state_dict() == {}
