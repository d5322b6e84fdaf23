"""Maps of known words and characters lead back to them, once each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decode.conftest import dense, together, word

from geulnun import geometry
from geulnun.decode import points
from geulnun.decode.point_maps import AGAINST, CHAR, CHAR_QUAD, DOWN, OWNER, WORD, WORD_QUAD, lengthened, shortened
from geulnun.decode.points import PointOptions, decode, encode, perfect
from geulnun.decode.shapes import Shapes


def found_in(shapes: Shapes, height: int = 640, width: int = 640) -> Shapes:
    """What a perfect network's maps of a page lead to."""
    maps, _ = encode(shapes, height, width)
    return decode(perfect(maps))


def assert_same(wanted: Shapes, found: Shapes, least: float = 0.8) -> None:
    """All words and characters are found once, start where they should, and characters are in order in their words."""
    assert len(found.words) == len(wanted.words)
    assert len(found.chars) == len(wanted.chars)
    match = geometry.iou(wanted.words, found.words)
    assert match.max(1).min(initial=1) > least
    at = match.argmax(1)
    slack = 0.15 * np.minimum(*geometry.sizes(wanted.words)).max(initial=0) + 2
    assert np.abs(found.words[at] - wanted.words).max(initial=0) < slack
    for of, where in enumerate(at):
        chars, others = wanted.chars[wanted.word_of == of], found.chars[found.word_of == where]
        assert np.abs(chars.mean(1) - others.mean(1)).max(initial=0) < slack


def test_a_word_s_centre_is_the_cell_that_holds_it_and_its_corners_are_seen_from_there() -> None:
    shapes = word(100, 40, [16, 16, 16], 16)
    maps, weights = encode(shapes, 128, 256)
    rows, columns = np.nonzero(maps[WORD] == 1)
    assert (rows.tolist(), columns.tolist()) == ([12], [31])
    # The cell's middle is (126, 50); the word reaches from 100 to 148 and from 40 to 56.
    corners = lengthened(maps[WORD_QUAD, 12, 31]).reshape(4, 2)
    assert corners == pytest.approx(np.array([[-26, -10], [22, -10], [22, 6], [-26, 6]]), abs=1e-4)
    assert (maps[CHAR] == 1).sum() == 3
    assert maps[CHAR_QUAD, 12, 27] * 16 == pytest.approx([-10, -10, 6, -10, 6, 6, -10, 6])
    assert lengthened(maps[OWNER, 12, 27]) == pytest.approx([14, -2], abs=1e-4)
    assert (weights == 1).all()


@pytest.mark.parametrize(("degrees", "down", "against"), [(0, 0, 0), (90, 1, 0), (180, 0, 1), (-90, 1, 1), (30, 0, 0)])
def test_corners_start_at_the_page_s_upper_left_and_two_bits_tell_the_direction(
    degrees: float, down: int, against: int
) -> None:
    maps, _ = encode(word(128, 128, [20, 20, 20], 20, degrees), 256, 256)
    at = maps[WORD] == 1
    assert maps[DOWN][at] == down
    assert maps[AGAINST][at] == against
    corners = maps[WORD_QUAD][:, at].reshape(4, 2)
    assert corners.sum(1).argmin() == 0


def test_lengths_are_shortened_and_come_back() -> None:
    pixels = np.array([-900.0, -16, 0, 3, 16, 4000])
    assert shortened(np.array([16.0])) == pytest.approx(np.log(2))
    assert lengthened(shortened(pixels)) == pytest.approx(pixels)


@given(
    degrees=st.floats(-180, 180),
    high=st.floats(10, 60),
    count=st.integers(2, 6),
    at=st.tuples(st.floats(280, 360), st.floats(280, 360)),
)
def test_any_word_comes_back(degrees: float, high: float, count: int, at: tuple[float, float]) -> None:
    shapes = word(*at, [min(high, 250 / count)] * count, high, degrees)
    # A narrow word of few characters is higher than long: its axis is what the two bits say.
    assert_same(shapes, found_in(shapes), 0.9)


def test_a_dense_page_of_thousands_of_characters_comes_back_once() -> None:
    shapes = dense(rows=64, columns=66)
    assert len(shapes.chars) >= 4000
    height, width = (32 * np.ceil((shapes.words.max((0, 1)) + 20) / 32)).astype(int)[::-1]
    assert_same(shapes, found_in(shapes, int(height), int(width)))


def test_noise_neither_doubles_nor_loses_words() -> None:
    shapes = dense(rows=20, columns=40)
    maps = perfect(encode(shapes, 448, 640)[0])
    rng = np.random.default_rng(5)
    maps[[WORD, CHAR]] += rng.normal(0, 0.6, maps[[WORD, CHAR]].shape).astype(np.float32)
    maps[WORD_QUAD] += rng.normal(0, 0.03, maps[WORD_QUAD].shape).astype(np.float32)
    maps[CHAR_QUAD] += rng.normal(0, 0.05, maps[CHAR_QUAD].shape).astype(np.float32)
    maps[OWNER] += rng.normal(0, 0.08, maps[OWNER].shape).astype(np.float32)
    found = decode(maps)
    assert len(found.words) == len(shapes.words)
    assert len(found.chars) == len(shapes.chars)
    assert (geometry.iou(shapes.words, found.words).max(1) > 0.5).all()


def test_two_peaks_of_one_long_word_are_one_word() -> None:
    shapes = word(60, 100, [30] * 16, 30)
    maps = perfect(encode(shapes, 256, 640)[0])
    row, column = np.argwhere(maps[WORD] >= 8)[0]
    maps[WORD, row, column - 1 : column + 2] = -3
    assert len(decode(maps).words) == 1
    assert_same(shapes, decode(maps), 0.9)


def test_a_long_word_takes_its_ends_from_its_characters() -> None:
    shapes = word(60, 100, [30] * 16, 30)
    maps = perfect(encode(shapes, 256, 640)[0])
    maps[WORD_QUAD] *= 0.93
    found = decode(maps)
    assert geometry.to_boxes(found.words)[0, [0, 2]] == pytest.approx([60, 540], abs=1.5)


def test_a_word_whose_centre_was_not_seen_is_made_of_its_characters() -> None:
    shapes = together([word(60, 100, [20] * 4, 20), word(150, 100, [20] * 3, 20), word(60, 140, [20] * 5, 20)])
    maps = perfect(encode(shapes, 256, 320)[0])
    maps[WORD, :, 35:] = -8
    assert_same(shapes, decode(maps), 0.9)


def test_a_missed_last_character_leaves_the_word_its_own_end() -> None:
    shapes = word(60, 100, [20] * 5, 20)
    maps = perfect(encode(shapes, 256, 320)[0])
    maps[CHAR, :, 35:] = -8
    found = decode(maps)
    assert len(found.chars) == 4
    assert geometry.to_boxes(found.words)[0, 2] == pytest.approx(160, abs=1)


def test_words_without_characters_must_be_sure() -> None:
    maps = perfect(encode(word(60, 100, [20] * 5, 20), 256, 320)[0])
    maps[CHAR] = -8
    assert len(decode(maps).words) == 1
    maps[WORD] = np.minimum(maps[WORD], 0.7)  # a probability of 0.67
    assert len(decode(maps).words) == 0
    assert len(decode(maps, PointOptions(lone_threshold=0.62)).words) == 1


def test_a_doubtful_word_reads_as_the_page_does() -> None:
    shapes = together([word(20, 30 + 40 * row, [20] * 8, 20) for row in range(5)])
    maps = perfect(encode(shapes, 256, 320)[0])
    maps[AGAINST, 40:] = 1.5
    assert np.abs(geometry.angles(decode(maps).words)).max() < 1


def test_a_page_on_its_head_is_found_so() -> None:
    shapes = dense(rows=8, columns=20).transformed(geometry.turn_matrix(320, 320, 180))
    assert_same(shapes, found_in(shapes, 320, 320))


def test_a_word_cut_by_the_edge_ends_there() -> None:
    maps, weights = encode(word(-90, 100, [20] * 10, 20), 256, 320)
    found = decode(perfect(maps))
    assert geometry.to_boxes(found.words)[0] == pytest.approx([0, 100, 110, 120], abs=0.5)
    assert geometry.to_boxes(found.chars)[0] == pytest.approx([0, 100, 10, 120], abs=0.5)
    assert len(found.chars) == 6
    assert weights.min() == 1
    # Less than half a character is neither one nor background.
    maps, weights = encode(word(-14, 100, [20] * 3, 20), 256, 320)
    assert (maps[CHAR] == 1).sum() == 2
    assert weights[1, 27, 0] == 0


def test_what_is_not_known_is_not_learned_from() -> None:
    shapes = together([word(20, 20, [20] * 3, 20), word(20, 60, [20] * 3, 20), word(20, 100, [4] * 3, 4)])
    shapes = replace(shapes, known=np.array([True, False, True]))
    maps, weights = encode(shapes, 128, 128)
    assert (maps[WORD] == 1).sum() == 1
    assert weights[:, 5:10].min() == 1
    assert weights[:, 16:19, 6:19].max() == 0
    assert weights[:, 25, 5:7].max() == 0


def test_characters_weigh_what_is_known_of_them() -> None:
    bare = Shapes.of(word(20, 20, [20] * 3, 20).words)
    _, weights = encode(bare, 128, 128)
    assert weights[1, 7, 6:19].max() == 0
    assert weights[0].min() == 1
    guessed = replace(word(20, 20, [20] * 3, 20), char_scores=np.array([0.5, 0.5, 0.8]))
    _, weights = encode(guessed, 128, 128)
    assert weights[1, 7, 7] == pytest.approx(0.5)
    assert weights[1, 7, 17] == pytest.approx(0.8)
    assert weights[1, 5, 9] == pytest.approx(0.6)


def test_close_narrow_characters_stay_two() -> None:
    shapes = word(40, 40, [7, 4, 7, 4, 4, 7, 12], 12)
    assert_same(shapes, found_in(shapes, 128, 128))


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (300, 8)])
def test_empty_maps_hold_nothing(shape: tuple[int, int]) -> None:
    found = decode(np.full((22, *shape), -8, np.float32))
    assert found.words.shape == found.chars.shape == (0, 4, 2)


def test_hostile_maps_give_finite_shapes() -> None:
    rng = np.random.default_rng(3)
    noise = (rng.standard_normal((22, 60, 60)) * 50).astype(np.float32)
    broken = noise.copy()
    broken[:, ::7] = np.nan
    for maps in (noise, broken, np.full((22, 60, 60), 1e4, np.float32), np.zeros((22, 60, 60), np.float32)):
        found = decode(maps)
        assert np.isfinite(found.words).all()
        assert ((found.scores >= 0) & (found.scores <= 1)).all()


def test_the_order_in_which_words_are_drawn_does_not_matter() -> None:
    shapes = dense(rows=6, columns=20)
    first, second = found_in(shapes, 320, 320), found_in(shapes.kept(np.arange(len(shapes.words))[::-1]), 320, 320)
    assert np.array_equal(first.words, second.words)
    assert np.array_equal(first.chars, second.chars)


@pytest.mark.parametrize("options", [{"word_threshold": 0.0}, {"char_threshold": 1.0}, {"reach": 0.0}])
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        PointOptions(**options)


def test_the_maps_have_as_many_channels_as_said() -> None:
    assert encode(Shapes.empty(), 64, 96)[0].shape == (points.CHANNELS, 16, 24)
