"""Characters stand where their part of the crop was cut out of the page."""

from __future__ import annotations

import numpy as np
import pytest

from geulnun import geometry
from geulnun.runtime.placing import line_at
from geulnun.runtime.recogniser import CharReading, LineReading


def reading(*extents: tuple[float, float]) -> LineReading:
    chars = tuple(CharReading("가", 0.9, start, end, ()) for start, end in extents)
    return LineReading(chars, 0.9)


def test_places_are_shares_of_what_was_cut() -> None:
    quad = geometry.from_boxes([[10, 10, 110, 30]])[0]
    crop = geometry.grow(quad, 10, 5)[0]
    (word,) = line_at(reading((1 / 12, 0.5), (0.5, 1)), quad, crop).words
    boxes = geometry.to_boxes(np.asarray([char.quad for char in word.chars]))
    assert boxes == pytest.approx(np.array([[10, 10, 60, 30], [60, 10, 120, 30]]))


def test_places_follow_the_perspective_of_the_crop() -> None:
    quad = np.array([[0, 0], [100, 20], [100, 40], [0, 60]], float)
    (word,) = line_at(reading((0, 0.5), (0.5, 1)), quad, quad).words
    # The far half of what is seen aslant is the shorter one.
    assert np.asarray(word.chars[0].quad)[:, 0] == pytest.approx([0, 75, 75, 0])
    assert np.asarray(word.quad) == pytest.approx(quad)


@pytest.mark.parametrize("quad", [[[5, 5]] * 4, [[0, 0], [50, 0], [50, 0], [0, 0]]])
def test_what_has_no_area_gives_finite_places(quad: list[list[float]]) -> None:
    line = line_at(reading((0, 0.5), (0.5, 1)), np.array(quad, float), np.array(quad, float))
    assert np.isfinite(np.asarray([char.quad for word in line.words for char in word.chars])).all()
