"""Pairs and groups found without loops are those that loops would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geulnun.decode.neighbours import best_of, components, pairs_inside, spread_out


@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(0, 30))
def test_pairs_are_those_of_a_double_loop(seed: int, n: int, m: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 12, (n, 2)).astype(float)
    corners = rng.integers(0, 12, (m, 2, 2)).astype(float)
    boxes = np.concatenate([corners.min(1), corners.max(1)], 1)
    wanted = {
        (at, which)
        for at, (x0, y0, x1, y1) in enumerate(boxes)
        for which, (x, y) in enumerate(points)
        if x0 <= x <= x1 and y0 <= y <= y1
    }
    box, point = pairs_inside(points, boxes)
    assert len(box) == len(wanted)
    assert set(zip(box.tolist(), point.tolist(), strict=True)) == wanted
    assert (np.diff(box) >= 0).all()


def test_pairs_far_apart_and_on_edges_are_found() -> None:
    points = np.array([[1e5, 1e5], [0.1, 0.3], [7.7, 1e5]])
    boxes = np.array([[0.1, 0.3, 0.1, 0.3], [7.7, -1e9, 1e9, 1e9], [0.2, 0.2, 7, 7]])
    box, point = pairs_inside(points, boxes)
    assert sorted(zip(box.tolist(), point.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2)]


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.integers(0, 25))
def test_components_are_those_of_a_search(seed: int, n: int, edges: int) -> None:
    first, second = np.random.default_rng(seed).integers(0, n, (2, edges))
    label = list(range(n))
    for _ in range(n):
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            label[a] = label[b] = min(label[a], label[b])
    numbers = {old: new for new, old in enumerate(sorted(set(label)))}
    assert components(n, first, second).tolist() == [numbers[old] for old in label]


def test_a_long_chain_is_one() -> None:
    order = np.random.default_rng(1).permutation(5000)
    assert components(5000, order[:-1], order[1:]).max() == 0


def test_nothing_has_no_pairs_and_no_groups() -> None:
    assert [len(part) for part in pairs_inside(np.zeros((0, 2)), np.zeros((0, 4)))] == [0, 0]
    none = np.zeros(0, np.int64)
    assert components(0, none, none).shape == (0,)
    assert best_of(none, np.zeros(0)).shape == (0,)


def test_runs_are_laid_out_one_after_the_other() -> None:
    whose, entry = spread_out(np.array([5, 9, 2]), np.array([2, 0, 3]))
    assert whose.tolist() == [0, 0, 2, 2, 2]
    assert entry.tolist() == [5, 6, 2, 3, 4]


def test_the_best_of_each_owner_is_its_least_cost() -> None:
    assert best_of(np.array([3, 1, 3, 1]), np.array([2.0, 5.0, 1.0, 7.0])).tolist() == [1, 2]
