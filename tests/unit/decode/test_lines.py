"""Words become lines, whichever way they are turned and in whatever order they come."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decode.conftest import dense

from geulnun import geometry
from geulnun.decode.lines import LineOptions, Lines, build
from geulnun.decode.shapes import Shapes
from geulnun.geometry import Floats


def boxes(*corners: tuple[float, float, float, float]) -> Shapes:
    return Shapes.of(geometry.from_boxes(corners))


def groups(lines: Lines) -> list[list[int]]:
    return [words.tolist() for words in lines.words]


def turned(quads: Floats, degrees: float, about: tuple[float, float] = (300, 300)) -> Floats:
    turn = np.radians(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray((quads - about) @ matrix.T + about)


def test_words_on_one_line_are_in_reading_order() -> None:
    lines = build(boxes((120, 10, 200, 30), (10, 11, 100, 31), (215, 9, 260, 29), (10, 50, 90, 70)))
    assert groups(lines) == [[1, 0, 2], [3]]
    assert geometry.to_boxes(lines.quads) == pytest.approx(np.array([[10, 10, 260, 30], [10, 50, 90, 70]]), abs=1.5)
    assert not lines.vertical.any()
    assert lines.scores == pytest.approx([1, 1])


def text(columns: int, gap: float, rows: int = 9, words: int = 3, space: float = 8) -> tuple[Floats, list[list[int]]]:
    """Justified columns of words of uneven length, 20 px high, and which words are lines."""
    rng = np.random.default_rng(7)
    lines: list[list[int]] = []
    quads: list[tuple[float, float, float, float]] = []
    for row in range(rows):
        for column in range(columns):
            left, room = 10 + column * (300 + gap), 300 - space * (words - 1)
            cuts = np.sort(rng.choice(np.arange(40, room - 40, 5), words - 1, replace=False))
            edges = np.concatenate([[0], cuts, [room]])
            lines.append(list(range(len(quads), len(quads) + words)))
            for at, (start, end) in enumerate(pairwise(edges)):
                x = left + at * space
                quads.append((x + start, 10 + 30 * row, x + end, 30 + 30 * row))
    return geometry.from_boxes(quads), lines


def test_wide_gaps_part_lines() -> None:
    row = boxes((10, 10, 100, 30), (110, 10, 200, 30), (260, 10, 350, 30), (360, 10, 400, 30))
    assert groups(build(row)) == [[0, 1], [2, 3]]
    assert groups(build(row, LineOptions(gap=4))) == [[0, 1, 2, 3]]


@pytest.mark.parametrize("degrees", [0, 3, 30, 90, -135])
@pytest.mark.parametrize("gap", [13, 15, 20, 30, 60])
def test_white_that_goes_on_is_a_gutter_though_it_is_narrow(gap: float, degrees: float) -> None:
    quads, wanted = text(columns=3, gap=gap)
    assert sorted(groups(build(Shapes.of(turned(quads, degrees))))) == wanted
    across = [[word for line in wanted[at : at + 3] for word in line] for at in range(0, len(wanted), 3)]
    assert sorted(groups(build(Shapes.of(quads), LineOptions(gap=4, gutters=False)))) == across


@pytest.mark.parametrize("degrees", [0, 3, 30, 90, -135])
def test_spaces_wider_than_a_gutter_that_other_rows_close_are_spaces(degrees: float) -> None:
    rows = [((0, 120), (152, 300)), ((0, 60), (92, 200), (232, 300))] * 4
    wanted: list[list[int]] = []
    quads: list[tuple[float, float, float, float]] = []
    for row, words in enumerate(rows):
        for left in (10, 330):
            wanted.append([len(quads) + at for at in range(len(words))])
            quads += [(left + start, 30 * row, left + end, 30 * row + 20) for start, end in words]
    shapes = Shapes.of(turned(geometry.from_boxes(quads), degrees))
    assert sorted(groups(build(shapes))) == wanted
    # By the width of the gaps alone only columns join.
    assert wanted[0] not in groups(build(shapes, LineOptions(gutters=False)))


def test_cells_are_parted_where_their_white_goes_on_beyond_a_few_rows() -> None:
    rows = [(x, 10 + 24 * row, x + 90, 30 + 24 * row) for row in range(9) for x in (10, 115, 220)]
    title = (10, -62, 310, -42)
    assert len(build(boxes(*rows, title)).quads) == 28
    few = [(x, 10 + 24 * row, x + 90, 30 + 24 * row) for row in range(2) for x in (10, 115)]
    assert len(build(boxes(*few)).quads) == 2


def test_marks_of_a_list_stay_with_their_items() -> None:
    marks = [(10, 10 + 30 * row, 35, 30 + 30 * row) for row in range(9)]
    items = [(50, 10 + 30 * row, 300 - 9 * row, 30 + 30 * row) for row in range(9)]
    assert groups(build(boxes(*marks, *items))) == [[at, at + 9] for at in range(9)]


def test_the_spaces_of_wide_set_characters_are_wide_too() -> None:
    chars = [(10 + 30 * at, 10, 30 + 30 * at, 30) for at in (0, 1, 2, 3.7, 4.7, 5.7)]
    words = geometry.from_boxes([(10, 10, 90, 30), (120, 10, 220, 30)])
    assert len(build(Shapes.of(words)).quads) == 2
    assert groups(build(Shapes.of(words, geometry.from_boxes(chars), [0, 0, 0, 1, 1, 1]))) == [[0, 1]]


def test_close_lines_stay_apart_and_large_print_beside_small() -> None:
    tight = [(10 + 60 * at, 10 + 13 * row, 64 + 60 * at, 22 + 13 * row) for row in range(8) for at in range(4)]
    assert len(build(boxes(*tight)).quads) == 8
    assert groups(build(boxes((10, 10, 100, 60), (110, 20, 200, 40)))) == [[0], [1]]


def test_a_line_leans_with_its_words_though_each_stands_level() -> None:
    lean = 0.08
    words = [(10.0 + 60 * at, 10 + 60 * at * lean, 60.0 + 60 * at, 30 + 60 * at * lean) for at in range(6)]
    lines = build(boxes(*words))
    assert len(lines.quads) == 1
    assert geometry.angles(lines.quads)[0] == pytest.approx(np.degrees(np.arctan(lean)), abs=0.5)


def test_the_score_is_the_mean_of_the_words_by_length() -> None:
    words = geometry.from_boxes([[10, 10, 110, 30], [120, 10, 145, 30]])
    shapes = replace(Shapes.of(words), scores=np.array([1, 0.5]))
    assert build(shapes).scores == pytest.approx([0.9])


@given(degrees=st.floats(-180, 180), seed=st.integers(0, 2**32 - 1))
def test_turning_the_page_turns_the_lines(degrees: float, seed: int) -> None:
    shapes = dense(rows=5, columns=30, seed=seed)
    straight, lines = build(shapes), build(Shapes.of(turned(shapes.words, degrees)))
    assert {tuple(words) for words in groups(lines)} == {tuple(words) for words in groups(straight)}
    back = turned(lines.quads, -degrees)
    order = [groups(lines).index(words) for words in groups(straight)]
    assert np.abs(back[order] - straight.quads).max() < 1e-6


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_words_does_not_matter(seed: int) -> None:
    shapes = dense(rows=5, columns=30, seed=seed % 1000)
    shuffled = np.random.default_rng(seed).permutation(len(shapes.words))
    one, other = build(shapes), build(shapes.kept(shuffled))
    assert [shuffled[words].tolist() for words in other.words] == groups(one)
    assert other.quads == pytest.approx(one.quads)


def test_single_characters_join_lines() -> None:
    assert groups(build(boxes((10, 10, 30, 30), (38, 10, 58, 30), (66, 10, 140, 30)))) == [[0, 1, 2]]


def test_single_characters_close_below_one_another_are_a_column() -> None:
    lines = build(boxes(*[(100, 50 + 24 * at, 120, 70 + 24 * at) for at in (2, 0, 1, 3)]))
    assert groups(lines) == [[1, 2, 0, 3]]
    assert lines.vertical.tolist() == [True]
    assert lines.quads[0] == pytest.approx(np.array([[120, 50], [120, 142], [100, 142], [100, 50]]))


def test_digits_in_the_rows_of_a_table_are_no_column() -> None:
    assert len(build(boxes(*[(100, 50 + 32 * at, 115, 70 + 32 * at) for at in range(5)])).quads) == 5
    beside = [(100, 50 + 24 * at, 120, 70 + 24 * at) for at in range(4)]
    named = [(130, 50 + 24 * at, 200, 70 + 24 * at) for at in range(4)]
    assert all(len(words) == 2 for words in build(boxes(*beside, *named)).words)


def test_words_that_run_down_make_lines_that_run_down() -> None:
    lines = build(Shapes.of(turned(geometry.from_boxes([[10, 10, 100, 30], [110, 10, 200, 30]]), 90)))
    assert groups(lines) == [[0, 1]]
    assert lines.vertical.tolist() == [True]


def test_no_words_are_no_lines() -> None:
    lines = build(Shapes.empty())
    assert lines.quads.shape == (0, 4, 2)
    assert lines.words == ()


def test_words_without_extent_stay_finite() -> None:
    lines = build(boxes((5, 5, 5, 5), (10, 10, 10, 30), (12, 10, 40, 30), (12, 10, 40, 30)))
    assert np.isfinite(lines.quads).all()
    assert sorted(word for words in groups(lines) for word in words) == [0, 1, 2, 3]


@pytest.mark.parametrize("options", [{"gap": 0.0}, {"offset": 1e9}, {"wide": -1.0}])
def test_options_out_of_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        LineOptions(**options)
