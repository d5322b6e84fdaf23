"""Pages whose lines bend together are laid flat, and others left alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.decode import bend, lines
from geulnun.decode.bend import Bend
from geulnun.decode.shapes import Shapes
from geulnun.geometry import Floats


def page(rows: int = 20, words: int = 12, seed: int = 0) -> Floats:
    """Words (n, 4, 2) of text, 20 px high, on a page of 1,000 px."""
    rng, quads = np.random.default_rng(seed), []
    for row in range(rows):
        x = 40.0
        for length in rng.uniform(40, 90, words):
            quads.append((x, 60 + 34 * row, x + length, 80 + 34 * row))
            x += length + 8
    return geometry.from_boxes(quads)


def dive(points: Floats, rise: float, reach: float = 250.0) -> Floats:
    """A page that dives into a spine at its left."""
    return np.asarray(points + np.stack([np.zeros(points.shape[:-1]), rise * np.exp(-points[..., 0] / reach)], -1))


def found(quads: Floats) -> Bend | None:
    shapes = Shapes.of(quads)
    return bend.find(shapes, lines.build(shapes))


def unevenness(quads: Floats) -> float:
    """How far words' middles are from a straight line through those of their row, at most; rows of twelve."""
    off = []
    for x, y in np.moveaxis(quads.mean(1).reshape(-1, 12, 2), 2, 1):
        off.append(np.abs(y - np.polyval(np.polyfit(x, y, 1), x)).max())
    return float(max(off))


@pytest.mark.parametrize("rise", [-60, -30, 30, 60])
def test_rows_are_straight_on_the_flat_page(rise: float) -> None:
    bent = dive(page(), rise)
    field = found(bent)
    assert field is not None
    assert unevenness(bent) > 5
    assert unevenness(field.flat(bent)) < 1.5
    flat = field.flat(bent)
    assert len(lines.build(Shapes.of(flat)).quads) == 20
    assert flat.min() >= 0


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_turned_pages_are_laid_flat_too(turn: int) -> None:
    back = geometry.turn_matrix(1000, 800, turn)
    bent = geometry.transform(dive(page(), 50), back)
    field = found(bent)
    assert field is not None
    assert field.down == (turn != 180)
    flat = field.flat(bent)
    assert len(lines.build(Shapes.of(flat)).quads) == 20


def test_lines_that_bend_more_and_more() -> None:
    quads = page()
    more = np.stack([np.zeros(quads.shape[:-1]), (quads[..., 1] / 700) * 60 * np.exp(-quads[..., 0] / 250)], -1)
    bent = quads + more
    field = found(bent)
    assert field is not None
    assert unevenness(field.flat(bent)) < 0.2 * unevenness(bent)


@pytest.mark.parametrize(
    "quads",
    [
        page(),
        page() @ np.array([[1, 0.08], [0, 1]]),  # leans
        page() + np.stack([np.zeros((240, 4)), page()[..., 0] * page()[..., 1] / 8000], -1),  # seen aslant
        page(rows=3),
        dive(page(rows=3), 60),
        page() + np.random.default_rng(1).normal(0, 2, (240, 1, 2)),  # words that jump
        np.zeros((0, 4, 2)),
    ],
)
def test_straight_lines_and_few_are_left_alone(quads: Floats) -> None:
    assert found(quads) is None


@given(rise=st.floats(20, 80), x=st.floats(-100, 1200), y=st.floats(-100, 900), down=st.booleans())
def test_there_and_back(rise: float, x: float, y: float, down: bool) -> None:
    weights = np.array([[rise / 2, -rise / 5, rise / 20], [rise / 10, 0, 0]])
    field = Bend(down, np.array([40.0, 60.0]), np.array([960.0, 700.0]), weights)
    point = np.array([x, y])
    assert field.bent(field.flat(point)) == pytest.approx(point, abs=0.5)


@pytest.mark.parametrize("down", [False, True])
def test_sources_are_where_pixels_come_from(down: bool) -> None:
    field = Bend(down, np.array([10.0, 10.0]), np.array([90.0, 50.0]), np.array([[6.0, -2.0], [1.0, 0.5]]))
    x, y = field.sources(60, 100)
    assert x.shape == y.shape == ((60, 100 + 2 * field.margin) if down else (60 + 2 * field.margin, 100))
    at = np.array([[20, 30], [50, 12], [5, 55]])
    wanted = field.bent(at.astype(float))
    assert np.stack([x, y], -1)[at[:, 1], at[:, 0]] == pytest.approx(wanted, abs=1e-3)
