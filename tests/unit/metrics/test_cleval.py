"""CLEval against the reference package, and by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun.document import Block, Char, Line, Page, Word
from geulnun.geometry import Floats, from_boxes, to_tuples
from geulnun.metrics import CharacterScore, CLEval, CLEvalOptions, cleval, page_cleval
from geulnun.metrics.character_level import lcs

FOLDER = Path(__file__).parent / "cleval"


class Side(NamedTuple):
    """Shapes and texts of one file."""

    shapes: list[Floats]
    texts: list[str]


def read(name: str) -> Side:
    """A file in CLEval's format: coordinates and a text, which may hold commas and stand in quotes."""
    side = Side([], [])
    for row in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        numbers, text = re.fullmatch(r"((?:-?\d+,)+)(.*)", row).groups()  # type: ignore[union-attr]
        side.shapes.append(np.array(numbers.rstrip(",").split(","), dtype=float).reshape(-1, 2))
        quoted = re.fullmatch(r'"(.*)"', text)
        side.texts.append(quoted[1] if quoted else text)
    return side


def score(name: str) -> CLEval:
    wanted, found = read(f"{name}.truth.txt"), read(f"{name}.read.txt")
    return cleval(*wanted, *found)


#: What the functions `evaluation` of `cleval` 0.1.1 (PyPI; numpy 2.4.6, numba 0.68.1, Polygon3 3.0.9.1, Shapely 2.2.0)
#: found for these files with the default options of its command line and E2E: characters hit, found and wanted,
#: penalties for splits and merges, recall, precision, H; then splits, merges, overlapped and false characters. Polygons
#: cannot be evaluated as released: `POLY.pseudo_character_center` was given the second argument its caller passes, and
#: `POLY` the attribute `scale` (None) that its caller reads; nothing else was changed.
REFERENCE = {
    "words": (
        (27, 39, 35, 2.0, 1.0, 0.7142857142857143, 0.6666666666666666, 0.689655172413793),
        (26, 34, 35, 2.0, 1.0, 0.6857142857142857, 0.7352941176470589, 0.709639266706091),
        (2, 1, 1, 11),
    ),
    "ignored": (
        (4, 6, 6, 1.0, 0.0, 0.5, 0.6666666666666666, 0.5714285714285715),
        (3, 7, 6, 1.0, 0.0, 0.3333333333333333, 0.42857142857142855, 0.375),
        (1, 0, 1, 1),
    ),
    "crossed": (
        (11, 28, 12, 2.0, 2.0, 0.75, 0.32142857142857145, 0.45000000000000007),
        (10, 16, 12, 2.0, 2.0, 0.6666666666666666, 0.5, 0.5714285714285715),
        (2, 2, 5, 12),
    ),
    "empty": ((0, 11, 0, 0.0, 0.0, 0.0, 0.0, 0.0), (0, 6, 0, 0.0, 0.0, 0.0, 0.0, 0.0), (0, 0, 0, 11)),
    "curved": (
        (12, 13, 13, 1.0, 0.0, 0.8461538461538461, 0.9230769230769231, 0.8829431438127091),
        (12, 15, 13, 1.0, 0.0, 0.8461538461538461, 0.8, 0.8224299065420562),
        (1, 0, 0, 1),
    ),
}


def _numbers(one: CharacterScore) -> tuple[float, ...]:
    counts = (one.hits, one.found, one.wanted, one.split_penalty, one.merge_penalty)
    return (*counts, one.recall, one.precision, one.f1)


@pytest.mark.parametrize("name", REFERENCE)
def test_figures_are_those_of_the_reference_package(name: str) -> None:
    found = score(name)
    detection, end_to_end, counts = REFERENCE[name]
    assert _numbers(found.detection) == pytest.approx(detection, abs=1e-9)
    assert _numbers(found.end_to_end) == pytest.approx(end_to_end, abs=1e-9)
    assert (found.splits, found.merges, found.overlapped, found.false_characters) == counts


def test_pages_pool_as_the_reference_pools_them() -> None:
    # (27 + 4 + 11 + 0 - 2 - 1 - 2) of 53 characters, and (42 - 1 - 0 - 2) of 84 found, from the figures above.
    total = sum((score(name) for name in ("words", "ignored", "crossed", "empty")), CLEval())
    assert total.detection.recall == pytest.approx(37 / 53)
    assert total.detection.precision == pytest.approx(39 / 84)
    assert total.detection.f1 == pytest.approx(2 * (37 / 53) * (39 / 84) / (37 / 53 + 39 / 84))


WORD = from_boxes([[0, 0, 80, 20]])


def test_a_word_found_and_read() -> None:
    found = cleval(WORD, ["대한민국"], WORD, ["대한민국"])
    assert found == CLEval(CharacterScore(4, 4, 4), CharacterScore(4, 4, 4), matched_characters=4)
    assert (found.detection.f1, found.end_to_end.f1, found.recognition) == (1.0, 1.0, 1.0)


def test_one_wrong_character_costs_end_to_end_alone() -> None:
    found = cleval(WORD, ["대한민국"], WORD, ["대한만국"])
    assert found.detection.f1 == 1.0
    assert found.end_to_end == CharacterScore(3, 4, 4)
    assert found.recognition == 0.75


def test_a_split_costs_recall_one_character_for_each_further_part() -> None:
    parts = from_boxes([[0, 0, 20, 20], [20, 0, 40, 20], [40, 0, 80, 20]])
    found = cleval(WORD, ["대한민국"], parts, ["대", "한", "민국"])
    assert found.detection == CharacterScore(4, 4, 4, split_penalty=2.0)
    assert (found.detection.recall, found.detection.precision) == (0.5, 1.0)
    assert found.end_to_end == found.detection
    assert (found.splits, found.merges) == (1, 0)


def test_parts_are_read_in_the_order_of_the_characters_they_cover() -> None:
    parts = from_boxes([[40, 0, 80, 20], [0, 0, 40, 20]])
    assert cleval(WORD, ["대한민국"], parts, ["민국", "대한"]).end_to_end.hits == 4
    # One after the other they say 민국대한, of which two characters stand in order.
    assert cleval(WORD, ["대한민국"], parts, ["대한", "민국"]).end_to_end.hits == 2


def test_a_merge_costs_precision_one_character_for_each_further_word() -> None:
    words = from_boxes([[0, 0, 40, 20], [50, 0, 90, 20]])
    found = cleval(words, ["대한", "민국"], from_boxes([[0, 0, 90, 20]]), ["대한 민국"])
    assert found.detection == CharacterScore(4, 4, 4, merge_penalty=1.0)
    assert found.end_to_end == CharacterScore(4, 5, 4, merge_penalty=1.0)
    assert found.end_to_end.precision == 0.6
    assert (found.splits, found.merges) == (0, 1)


def test_penalties_weigh_as_they_are_set_and_never_make_a_ratio_negative() -> None:
    parts = from_boxes([[0, 0, 40, 20], [40, 0, 80, 20]])
    free = cleval(WORD, ["대한민국"], parts, ["대한", "민국"], CLEvalOptions(split_penalty=0))
    dear = cleval(WORD, ["대한민국"], parts, ["대한", "민국"], CLEvalOptions(split_penalty=9))
    assert (free.detection.recall, dear.detection.recall, dear.detection.f1) == (1.0, 0.0, 0.0)


def test_a_box_that_is_mostly_elsewhere_matches_nothing() -> None:
    # The word covers 80 x 20 of 80 x 100: an area precision of 0.2.
    found = cleval(WORD, ["대한민국"], from_boxes([[0, 0, 80, 100]]), ["대한민국"])
    assert found.detection.hits == found.end_to_end.hits == 0
    loose = cleval(WORD, ["대한민국"], from_boxes([[0, 0, 80, 100]]), ["대한민국"], CLEvalOptions(area_precision=0.2))
    assert loose.detection.hits == 4


@pytest.mark.parametrize(("size", "characters"), [((100, 20), 1), ((20, 20), 1), ((10, 52), 6), ((5, 500), 10)])
def test_what_stands_where_nothing_is_counts_by_its_height(size: tuple[int, int], characters: int) -> None:
    found = cleval(np.zeros((0, 4, 2)), [], from_boxes([[0, 0, *size]]), ["가나"])
    assert found.detection == CharacterScore(0, characters, 0)
    assert found.end_to_end == CharacterScore(0, 2, 0)


def test_duplicates_are_paid_for_in_precision() -> None:
    found = cleval(WORD, ["대한민국"], np.concatenate([WORD, WORD]), ["대한민국", "대한민국"])
    assert found.detection == CharacterScore(4, 8, 4, split_penalty=1.0)
    assert found.end_to_end == CharacterScore(4, 8, 4, split_penalty=1.0)
    assert found.overlapped == 4


def test_an_empty_side_gives_zeros_as_in_the_reference() -> None:
    none = np.zeros((0, 4, 2))
    for found in (cleval(none, [], none, []), cleval(WORD, ["가"], none, []), cleval(none, [], WORD, ["가"])):
        assert (found.detection.f1, found.end_to_end.f1, found.recognition) == (0.0, 0.0, 0.0)
    assert cleval(WORD, ["가"], none, []).detection == CharacterScore(0, 0, 1)


def test_shapes_without_area_are_not_found_and_find_nothing() -> None:
    flat = from_boxes([[0, 10, 80, 10]])
    assert cleval(WORD, ["대한민국"], flat, ["대한민국"]).detection.hits == 0
    assert cleval(flat, ["대한민국"], WORD, ["대한민국"]).detection.hits == 0
    assert cleval(flat, ["대한민국"], flat, ["대한민국"]).detection.hits == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_coordinates_must_be_finite(bad: float) -> None:
    broken = WORD.copy()
    broken[0, 2, 1] = bad
    with pytest.raises(ValueError, match="NaN or infinity"):
        cleval(WORD, ["가"], broken, ["가"])
    with pytest.raises(ValueError, match="NaN or infinity"):
        cleval([broken[0], [(0, 0), (1, 0), (1, 1)]], ["가", "나"], WORD, ["가"])


def test_columns_begin_below_as_in_the_reference_unless_told_otherwise() -> None:
    column = from_boxes([[0, 0, 20, 80]])
    halves = from_boxes([[0, 0, 20, 40], [0, 40, 20, 80]])
    # From below the parts say 글씨세로, of which two characters stand in order.
    assert cleval(column, ["세로글씨"], halves, ["세로", "글씨"]).end_to_end.hits == 2
    down = CLEvalOptions(columns="down")
    assert cleval(column, ["세로글씨"], halves, ["세로", "글씨"], down).end_to_end.hits == 4
    # Taken for a row, all four centres lie on the border of the halves, which belongs to the lower one.
    across = cleval(column, ["세로글씨"], halves, ["세로", "글씨"], CLEvalOptions(vertical=0.1))
    assert across.detection.hits == 4
    assert across.splits == 0


def test_ignored_truth_takes_what_was_found_on_it_out_of_the_count() -> None:
    words = np.concatenate([WORD, WORD + [100, 0]])
    found = cleval(words, ["대한", "###"], words, ["대한", "아무거나"])
    assert found.detection == CharacterScore(2, 2, 2)
    assert found.end_to_end == CharacterScore(2, 2, 2)
    assert cleval(words, ["대한", "민국"], words, ["대한", "아무거나"], ignored=[False, True]) == found
    plain = cleval(words, ["대한", "###"], words, ["대한", "###"], CLEvalOptions(ignore=None))
    assert plain.end_to_end == CharacterScore(5, 5, 5)


def test_capitals_count_unless_told_otherwise() -> None:
    assert cleval(WORD, ["Abc"], WORD, ["aBC"]).end_to_end.hits == 0
    assert cleval(WORD, ["Abc"], WORD, ["aBC"], CLEvalOptions(case_sensitive=False)).end_to_end.hits == 3


def test_boxes_quads_and_lists_of_points_are_the_same() -> None:
    boxes = np.array([[0, 0, 80, 20], [100, 0, 140, 20.0]])
    texts = ["대한민국", "헌법"]
    quads = from_boxes(boxes)
    first = cleval(boxes, texts, quads, texts)
    assert first == cleval(quads, texts, [quad.tolist() for quad in quads], texts)
    assert first.detection == CharacterScore(6, 6, 6)


def test_a_polygon_does_not_own_its_outline_and_a_quad_owns_its_left_and_upper_sides() -> None:
    # The centre of the one character stands at (40, 10), on the left side of the found box.
    right = from_boxes([[40, 0, 80, 20]])
    assert cleval(WORD, ["가"], right, ["가"], CLEvalOptions(kind="quad")).detection.hits == 1
    assert cleval(WORD, ["가"], right, ["가"], CLEvalOptions(kind="polygon")).detection.hits == 0


def test_a_point_on_a_corner_or_an_inner_side_of_a_polygon() -> None:
    # The centre of the one character stands at (40, 10): on the tip of a thin notch, and on a side inside the shape.
    notched = [(0, 0), (80, 0), (80, 20), (41, 20), (40, 10), (39, 20), (0, 20)]
    assert cleval(WORD, ["가"], [notched], ["가"]).detection.hits == 0
    twice = [(0, 0), (80, 0), (80, 20), (0, 20), (0, 0), (40, 0), (40, 20), (0, 20)]
    assert cleval(WORD, ["가"], [twice], ["가"]).detection.hits == 1


def test_fractions_are_kept_unless_they_are_to_be_cut() -> None:
    # The found box begins at 40.9, right of the centre at 40.5, and at 40 when cut.
    wanted, found = from_boxes([[0.5, 0, 80.5, 20]]), from_boxes([[40.9, 0, 80.5, 20]])
    assert cleval(wanted, ["가"], found, ["가"]).detection.hits == 0
    assert cleval(wanted, ["가"], found, ["가"], CLEvalOptions(whole_pixels=True)).detection.hits == 1


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 texts for 1 shapes"):
        cleval(WORD, ["가", "나"], WORD, ["가"])
    with pytest.raises(ValueError, match="0 marks for 1"):
        cleval(WORD, ["가"], WORD, ["가"], ignored=[])
    with pytest.raises(ValueError, match="four points"):
        cleval([[(0, 0), (9, 0), (9, 9)]], ["가"], WORD, ["가"], CLEvalOptions(kind="quad"))
    with pytest.raises(ValueError, match="area precision"):
        CLEvalOptions(area_precision=0)
    with pytest.raises(ValueError, match="penalty"):
        CLEvalOptions(merge_penalty=-1)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("", "가", ""),
        ("가나다", "가나다", "가나다"),
        ("가나다", "나가다", "나다"),
        ("가나", "나가", "나"),
        ("abcd", "xbyd", "bd"),
    ],
)
def test_a_longest_common_subsequence(first: str, second: str, expected: str) -> None:
    assert lcs(first, second) == expected


def test_pages_give_words_or_lines() -> None:
    quads = to_tuples(from_boxes([[0, 0, 40, 20], [50, 0, 90, 20], [0, 0, 90, 20]]))
    words = tuple(Word(tuple(map(Char, text)), quad) for text, quad in zip(["대한", "민국"], quads[:2], strict=True))
    page = Page(100, 20, (Block((Line(words, quads[2]),)),))
    assert page_cleval(page, page).detection == CharacterScore(4, 4, 4)
    assert page_cleval(page, page, level="line").end_to_end == CharacterScore(5, 5, 5)
    assert page_cleval([page, page], [page, page]).detection == CharacterScore(8, 8, 8)


TEXTS = st.text("가나다a ", min_size=1, max_size=6)


@st.composite
def pages(draw: st.DrawFn) -> tuple[Floats, list[str]]:
    side = st.integers(0, 60)
    size = st.integers(0, 40)
    corners = draw(st.lists(st.tuples(side, side, size, size), max_size=6))
    boxes = from_boxes([[x, y, x + w, y + h] for x, y, w, h in corners])
    lean = draw(st.lists(st.integers(-9, 9), min_size=8 * len(boxes), max_size=8 * len(boxes)))
    texts = draw(st.lists(TEXTS | st.just("###"), min_size=len(boxes), max_size=len(boxes)))
    return boxes + np.reshape(lean, (-1, 4, 2)), texts


@given(pages(), pages(), st.sampled_from(["quad", "polygon"]))
def test_axioms(truth: tuple[Floats, list[str]], read: tuple[Floats, list[str]], kind: str) -> None:
    options = CLEvalOptions(kind=kind)  # type: ignore[arg-type]
    found = cleval(*truth, *read, options)
    for one in (found.detection, found.end_to_end):
        low, high = sorted((one.recall, one.precision))
        assert 0 <= low <= one.f1 + 1e-12 <= high + 2e-12 <= 1 + 2e-12
        assert one.hits <= min(one.found, one.wanted)
    assert 0 <= found.recognition <= 1
    assert found.detection.wanted == sum(len(text) for text in truth[1] if text != "###")
    assert found.detection.found == found.detection.hits + found.overlapped + found.false_characters
    assert found.end_to_end.hits <= found.matched_characters <= found.end_to_end.found
    assert found + CLEval() == found


@given(st.lists(TEXTS, max_size=8), st.integers(0, 7))
def test_a_page_read_as_it_is_has_nothing_to_lose(texts: list[str], lost: int) -> None:
    boxes = from_boxes([[100 * index, 0, 100 * index + 90, 20] for index in range(len(texts))])
    found = cleval(boxes, texts, boxes, texts)
    characters = sum(map(len, texts))
    assert found.detection == found.end_to_end == CharacterScore(characters, characters, characters)
    keep = np.arange(len(texts)) != lost
    fewer = cleval(boxes, texts, boxes[keep], [text for index, text in enumerate(texts) if index != lost])
    assert fewer.detection.hits == characters - sum(len(text) for text in texts[lost : lost + 1])
    assert not fewer.detection.hits or fewer.detection.precision == 1.0
