"""Region maps of known words and characters lead back to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decode.conftest import dense, together, word

from geulnun import geometry
from geulnun.decode import regions
from geulnun.decode.region_maps import neighbours
from geulnun.decode.regions import RegionOptions, decode, encode
from geulnun.decode.shapes import Shapes


def assert_same(wanted: Shapes, found: Shapes, words: float, chars: float) -> None:
    """All words and characters are found once, overlap the true ones by so much, and characters are in order."""
    assert len(found.words) == len(wanted.words)
    assert len(found.chars) == len(wanted.chars)
    match = geometry.iou(wanted.words, found.words)
    assert match.max(1).min(initial=1) > words
    for of, where in enumerate(match.argmax(1)):
        one, other = wanted.chars[wanted.word_of == of], found.chars[found.word_of == where]
        assert np.diag(geometry.iou(one, other)).min() > chars


def test_a_bell_stands_on_each_character_and_between_neighbours() -> None:
    maps, weights = encode(word(20, 20, [20, 20, 20], 20), 64, 128)
    assert maps.shape == (regions.CHANNELS, 32, 64)
    # Middles at x = 30, 50, 70 are corners of cells, half a cell each way from the middles of four.
    at = np.exp(-2 * (0.5 / (0.4 * 5)) ** 2 / 2)
    assert maps[0, 15, [15, 25, 35]] == pytest.approx(at)
    assert maps[1, 15, [20, 30]] == pytest.approx(np.exp(-((0.5 / 2) ** 2 + (0.5 / (0.4 * 10 / 3)) ** 2) / 2))
    assert maps[0, 15, 20] < 0.1
    assert maps[1, 15, 40:].max() < 0.03
    assert (weights == 1).all()


def test_a_bell_is_squeezed_into_its_quad() -> None:
    maps, _ = encode(word(60, 20, [20], 40, 30), 128, 128)
    middle = word(60, 20, [20], 40, 30).chars.mean(1)[0] / 2
    turn = np.radians(30)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    y, x = np.mgrid[:64, :64] + 0.5
    u = (x - middle[0]) * along[0] + (y - middle[1]) * along[1]
    v = (x - middle[0]) * across[0] + (y - middle[1]) * across[1]
    wanted = np.exp(-((u / (0.4 * 5)) ** 2 + (v / (0.4 * 10)) ** 2) / 2)
    assert np.abs(maps[0] - wanted).max() < 0.021


def test_bonds_of_a_column_of_upright_characters_run_down() -> None:
    chars = geometry.from_boxes([[20, 20 + 20 * at, 40, 40 + 20 * at] for at in range(3)])
    column = Shapes.of([[[40, 20], [40, 80], [20, 80], [20, 20]]], chars, [0, 0, 0])
    maps, _ = encode(column, 128, 64)
    assert maps[1, [19, 20], 15].min() > 0.85
    found = decode(maps)
    assert found.words[0] == pytest.approx(column.words[0], abs=1.5)
    assert found.chars.mean(1) == pytest.approx(column.chars.mean(1), abs=0.5)


@given(
    degrees=st.floats(-44, 134),
    high=st.floats(12, 60),
    count=st.integers(2, 6),
    at=st.tuples(st.floats(280, 360), st.floats(280, 360)),
)
def test_any_word_comes_back(degrees: float, high: float, count: int, at: tuple[float, float]) -> None:
    shapes = word(*at, [min(high, 250 / count)] * count, high, degrees)
    found = decode(encode(shapes, 640, 640)[0])
    assert_same(shapes, found, 0.85, 0.75)
    assert np.abs(found.words - shapes.words).max() < 0.1 * high + 2


# What stands out more is told apart better, and measured worse where a character is six cells high.
@pytest.mark.parametrize(("low", "words"), [(0.2, 0.75), (RegionOptions().low_text, 0.65)])
def test_a_dense_page_of_thousands_of_characters_comes_back_once(low: float, words: float) -> None:
    shapes = dense(rows=64, columns=66)
    assert len(shapes.chars) >= 4000
    height, width = (32 * np.ceil((shapes.words.max((0, 1)) + 20) / 32)).astype(int)[::-1]
    maps, _ = encode(shapes, int(height), int(width))
    assert_same(shapes, decode(maps, RegionOptions(low_text=low)), words, 0.6)


def test_noise_neither_splits_nor_joins() -> None:
    shapes = dense(rows=20, columns=40, size=16)
    maps, _ = encode(shapes, 544, 768)
    noise = np.random.default_rng(5).normal(0, 0.05, maps.shape).astype(np.float32)
    found = decode(maps * 0.93 + noise)
    assert len(found.words) == len(shapes.words)
    assert len(found.chars) == len(shapes.chars)
    assert (geometry.iou(shapes.words, found.words).max(1) > 0.6).all()


def test_a_faint_top_is_as_broad_as_a_bright_one() -> None:
    maps, _ = encode(word(100, 100, [40] * 3, 40), 256, 320)
    bright, faint = decode(maps), decode(maps * 0.75)
    assert faint.words == pytest.approx(bright.words, abs=1)
    assert faint.scores == pytest.approx(0.75 * bright.scores, abs=0.01)


def test_the_link_threshold_cuts_words_apart() -> None:
    maps, _ = encode(together([word(20, 20, [20] * 4, 20)]), 64, 128)
    maps[1] *= 0.5
    assert len(decode(maps).words) == 1
    assert len(decode(maps, RegionOptions(link_threshold=0.6)).words) == 4


def test_neighbouring_lines_are_not_joined() -> None:
    shapes = together([word(20, 20 + 13 * row, [12] * 10, 12) for row in range(10)])
    assert_same(shapes, decode(encode(shapes, 192, 192)[0]), 0.8, 0.7)


def test_a_single_character_stands_as_the_page_does() -> None:
    shapes = together([*[word(40, 20 + 40 * row, [24] * 8, 24, 5) for row in range(4)], word(60, 190, [24], 24, 5)])
    found = decode(encode(shapes, 320, 320)[0])
    assert geometry.angles(found.words) == pytest.approx(np.full(5, 5), abs=1)


def test_weak_words_are_dropped() -> None:
    maps, _ = encode(together([word(20, 20, [20] * 4, 20), word(20, 60, [20] * 4, 20)]), 128, 128)
    maps[0, 28:] *= 0.48
    assert len(decode(maps).words) == 1
    assert len(decode(maps, RegionOptions(text_threshold=0.4)).words) == 2


def test_what_is_not_known_is_not_learned_from() -> None:
    shapes = together([word(20, 20, [20] * 3, 20), word(20, 60, [20] * 3, 20), word(20, 100, [4] * 3, 4)])
    maps, weights = encode(replace(shapes, known=np.array([True, False, True])), 128, 128)
    assert maps[0, 28:].max() == 0
    assert weights[10:20].min() == 1
    assert weights[31:39, 11:39].max() == 0
    assert weights[50, 10:15].max() == 0


def test_characters_weigh_what_is_known_of_them() -> None:
    bare = Shapes.of(word(20, 20, [20] * 3, 20).words)
    assert encode(bare, 64, 128)[1][15, 11:39].max() == 0
    guessed = replace(word(20, 20, [20] * 3, 20), char_scores=np.array([0.5, 0.5, 0.8]))
    weights = encode(guessed, 64, 128)[1]
    assert weights[15, 11:39] == pytest.approx(0.6)
    assert weights[5].min() == 1


def test_neighbours_follow_each_other_in_their_words_only() -> None:
    first, second = neighbours(np.array([1, 0, 1, -1, 0, 1, -1]))
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == [(0, 2), (1, 4), (2, 5)]


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (300, 8)])
def test_empty_maps_hold_nothing(shape: tuple[int, int]) -> None:
    for level in (0.0, -3.0):
        found = decode(np.full((2, *shape), level, np.float32))
        assert found.words.shape == found.chars.shape == (0, 4, 2)


def test_hostile_maps_give_finite_shapes() -> None:
    rng = np.random.default_rng(3)
    noise = (rng.standard_normal((2, 60, 60)) * 50).astype(np.float32)
    broken = noise.copy()
    broken[:, ::7] = np.nan
    for maps in (noise, broken, np.full((2, 60, 60), 1e4, np.float32), np.ones((2, 60, 60), np.float32)):
        found = decode(maps)
        assert np.isfinite(found.words).all()
        assert ((found.scores >= 0) & (found.scores <= 1)).all()


@pytest.mark.parametrize("options", [{"low_text": 0.0}, {"link_threshold": 1.0}, {"least_height": 0.0}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        RegionOptions(**options)
