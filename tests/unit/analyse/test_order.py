"""Layouts are written as boxes with labels in the order a person would read them."""

import numpy as np
import pytest

from geulnun import geometry
from geulnun.analyse.order import arrange, reading_order
from geulnun.document import Char, Line, Word

Box = tuple[float, float, float, float]
H = 20.0


def text_lines(x: float, y: float, count: int, width: float, pitch: float = 32.0, indent: float = 0.0) -> list[Box]:
    """A paragraph: its first line indented, its last one short."""
    boxes = []
    for i in range(count):
        left = x + (indent if i == 0 else 0)
        right = x + width * (0.4 if i == count - 1 and count > 1 else 1.0) - (7.0 * (i % 3))
        boxes.append((left, y + i * pitch, right, y + i * pitch + H))
    return boxes


def row(y: float, *cells: tuple[float, float]) -> list[Box]:
    return [(left, y, right, y + H) for left, right in cells]


def two_columns() -> list[Box]:
    return text_lines(100, 200, 12, 400) + text_lines(560, 200, 9, 400)


def title_over_columns() -> list[Box]:
    return [(200, 40, 860, 80), (420, 100, 640, 120), *two_columns(), (500, 700, 560, 720)]


def title_over_two_of_three_columns() -> list[Box]:
    return [(50, 40, 640, 80), *three_columns()]


def unaligned_columns() -> list[Box]:
    return text_lines(100, 200, 12, 400) + text_lines(560, 213, 11, 400, pitch=35)


def three_columns() -> list[Box]:
    return [box for x in (50, 400, 750) for box in text_lines(x, 100, 8, 300)]


def columns_cut_by_a_heading() -> list[Box]:
    lower = [(x0, y0 + 520, x1, y1 + 520) for x0, y0, x1, y1 in two_columns()]
    return [*two_columns(), (120, 640, 900, 670), *lower]


def table() -> list[Box]:
    return [box for i in range(6) for box in row(100 + 45 * i, (100, 180), (300, 420), (560, 600), (700, 790))]


def table_with_wrapped_cells() -> list[Box]:
    boxes: list[Box] = []
    for i in range(4):
        y = 100 + 110 * i
        boxes += [(100, y + 16, 180, y + 36), *text_lines(300, y, 2, 400)]
    return boxes


def table_with_a_merged_cell() -> list[Box]:
    rows = [box for i in range(3) for box in row(100 + 30 * i, (300, 420), (560, 600))]
    return [(100, 114, 180, 134), (100, 146, 180, 166), *rows]


def table_with_cells_wrapped_from_the_top() -> list[Box]:
    boxes: list[Box] = []
    for i, counts in enumerate([(1, 1, 1), (1, 2, 1), (1, 1, 3), (2, 1, 2), (1, 1, 1)]):
        y = 100 + (0, 45, 116, 213, 284)[i]
        boxes += [
            (left, y + 26 * k, left + 90 + 10 * k, y + 26 * k + H)
            for left, count in zip((100, 300, 560), counts, strict=True)
            for k in range(count)
        ]
    return boxes


def table_of_long_cells() -> list[Box]:
    widths = [(150, 200, 90), (180, 60, 210), (100, 215, 120), (170, 140, 80), (60, 210, 205)]
    return [
        box
        for i, row_widths in enumerate(widths)
        for box in row(100 + 34 * i, *((100 + 260 * k, 100 + 260 * k + width) for k, width in enumerate(row_widths)))
    ]


def aligned_columns() -> list[Box]:
    return text_lines(100, 200, 6, 400) + text_lines(560, 200, 6, 400)


def receipt() -> list[Box]:
    boxes: list[Box] = [(200, 20, 400, 60), *row(80, (180, 420)), *row(120, (60, 220), (400, 540))]
    for i in range(5):
        boxes += row(180 + 32 * i, (60, 160 + 23 * i), (330, 350), (460, 540))
    return [*boxes, (60, 360, 150, 390), (420, 360, 540, 390), *row(430, (150, 450))]


def form() -> list[Box]:
    return [
        (300, 30, 660, 70),
        *row(120, (100, 160), (220, 400), (520, 600), (660, 820)),
        *row(170, (100, 160), (220, 700)),
        *row(220, (100, 160), (220, 340), (520, 600), (660, 780)),
        *text_lines(100, 300, 4, 760),
        *row(470, (640, 840)),
    ]


def table_inside_a_column() -> list[Box]:
    left = text_lines(100, 100, 5, 400) + [
        box for i in range(4) for box in row(290 + 40 * i, (120, 200), (260, 330), (400, 480))
    ]
    return [*left, *text_lines(100, 480, 5, 400), *text_lines(560, 100, 17, 400)]


def side_by_side_letterhead() -> list[Box]:
    return [*text_lines(100, 100, 3, 200, 30), *row(104, (700, 860)), *text_lines(100, 300, 6, 760)]


LAYOUTS = [
    two_columns,
    title_over_columns,
    unaligned_columns,
    three_columns,
    title_over_two_of_three_columns,
    columns_cut_by_a_heading,
    table,
    table_with_wrapped_cells,
    table_with_a_merged_cell,
    table_with_cells_wrapped_from_the_top,
    table_of_long_cells,
    aligned_columns,
    receipt,
    form,
    table_inside_a_column,
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("degrees", [0, 3, -7, 90, 180, 270, 186])
@pytest.mark.parametrize("scale", [1.0, 0.31])
def test_layouts(layout: object, degrees: float, scale: float) -> None:
    assert callable(layout)
    boxes = layout()
    quads = turned(geometry.from_boxes(boxes) * scale, degrees)
    shuffle = np.random.default_rng(len(boxes)).permutation(len(boxes))
    assert shuffle[reading_order(quads[shuffle])].tolist() == list(range(len(boxes)))


def turned(quads: np.ndarray, degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    matrix = [[np.cos(radians), -np.sin(radians), 500], [np.sin(radians), np.cos(radians), 300]]
    return geometry.transform(quads, matrix)


def test_order_survives_noise_of_a_detector() -> None:
    rng = np.random.default_rng(3)
    boxes = title_over_columns()
    quads = turned(geometry.from_boxes(boxes), 4) + rng.normal(0, 1.2, (len(boxes), 4, 2))
    assert reading_order(quads) == list(range(len(boxes)))


def blocks_of(boxes: list[Box]) -> list[tuple[str, int]]:
    lines = [Line((Word((Char("가"),)),), geometry.to_tuple(geometry.from_boxes([box])[0])) for box in boxes]
    return [(block.kind, len(block.lines)) for block in arrange(lines)]


def test_paragraphs_part_at_space_size_and_indent() -> None:
    spaced = text_lines(100, 100, 4, 500) + text_lines(100, 100 + 4 * 32 + 20, 3, 500)
    assert blocks_of(spaced) == [("text", 4), ("text", 3)]
    indented = text_lines(100, 100, 4, 500, indent=25) + text_lines(100, 100 + 4 * 32, 3, 500, indent=25)
    assert blocks_of(indented) == [("text", 4), ("text", 3)]
    assert blocks_of([(100, 40, 400, 75), *text_lines(100, 90, 4, 500)]) == [("text", 1), ("text", 4)]
    centred: list[Box] = [(300 - w, 100.0 + 32 * i, 300 + w, 120.0 + 32 * i) for i, w in enumerate((200, 90, 240, 60))]
    assert blocks_of(centred) == [("text", 4)]


def test_tables_and_double_spaced_text_are_one_block() -> None:
    assert blocks_of(table()) == [("table", 24)]
    assert blocks_of([*table(), *text_lines(100, 400, 4, 500)]) == [("table", 24), ("text", 4)]
    assert blocks_of([*row(100, (100, 200)), *row(150, (100, 200), (400, 500))]) == [("text", 1), ("text", 2)]
    assert blocks_of(text_lines(100, 100, 6, 500, pitch=44)) == [("text", 6)]
    assert blocks_of(two_columns()) == [("text", 12), ("text", 9)]


def test_block_quad_runs_with_the_text() -> None:
    quads = turned(geometry.from_boxes([(0, 0, 100, 20), (0, 30, 80, 50)]), 180)
    (block,) = arrange([Line((), geometry.to_tuple(quad)) for quad in quads])
    np.testing.assert_allclose(
        np.asarray(block.quad), turned(geometry.from_boxes([(0, 0, 100, 50)]), 180)[0], atol=0.01
    )


def test_text_across_the_page_and_lines_without_place_come_last() -> None:
    boxes = geometry.from_boxes(text_lines(100, 100, 6, 500))
    upright = [Line((), geometry.to_tuple(quad)) for quad in boxes]
    side = Line((), geometry.to_tuple([(60, 50), (60, 450), (40, 450), (40, 50)]))
    lost = Line((Word((Char("?"),)),))
    blocks = arrange([lost, side, *upright])
    assert [line for block in blocks for line in block.lines] == [*upright, side, lost]


def test_nothing_gives_nothing() -> None:
    assert arrange([]) == ()
    assert reading_order([]) == []


def test_a_huge_false_line_does_not_hide_the_columns() -> None:
    boxes = [*two_columns(), (50.0, 190.0, 1000.0, 600.0)]
    order = [i for i in reading_order(geometry.from_boxes(boxes)) if i < 21]
    assert order == list(range(21))


def test_lines_found_across_a_gutter_do_not_hide_it_from_those_below() -> None:
    """What a detector makes of level lines in narrow columns: the first row in one piece, the second in two."""
    below = [(x, y + 64, x1, y1 + 64) for x, y, x1, y1 in three_columns()]
    boxes = [(50, 100, 1050, 120), (50, 132, 350, 152), *below[:8], (400, 132, 1050, 152), *below[8:]]
    # What lies over two columns is read with them.
    assert reading_order(geometry.from_boxes(boxes)) == list(range(len(boxes)))


def test_captions_over_some_of_the_columns_are_read_with_them() -> None:
    columns = [
        text_lines(x, 300 if at < 2 else 100, 8 if at < 2 else 14, 160) for at, x in enumerate(range(50, 1000, 190))
    ]
    title, caption = (50, 20, 600, 60), (50, 270, 400, 288)
    boxes = [title, caption, *(box for column in columns for box in column)]
    assert reading_order(geometry.from_boxes(boxes)) == list(range(len(boxes)))


def test_a_narrow_gutter_is_enough_where_text_runs_in_columns() -> None:
    boxes = text_lines(100, 200, 12, 400) + text_lines(506, 200, 12, 400)
    assert reading_order(geometry.from_boxes(boxes)) == list(range(24))


def ragged(x: float, count: int, width: float, least: float, seed: int) -> list[Box]:
    """Text that is not justified, in rows that all columns share."""
    ends = np.random.default_rng(seed).uniform(least * width, width, count)
    return [(x, 100 + 32 * i, x + end, 100 + 32 * i + H) for i, end in enumerate(ends)]


@pytest.mark.parametrize(("count", "width"), [(8, 320), (16, 230)])
def test_columns_of_text_that_ends_unevenly_are_read_one_by_one(count: int, width: float) -> None:
    columns = [ragged(x, count, width, 0.65, seed) for seed, x in enumerate((50, 450, 850))]
    order = reading_order(geometry.from_boxes([box for column in columns for box in column]))
    assert order == list(range(3 * count))


def test_cells_as_long_as_text_but_fewer_are_read_by_rows() -> None:
    columns = [ragged(x, 6, 320, 0.65, seed) for seed, x in enumerate((50, 450, 850))]
    order = reading_order(geometry.from_boxes([box for column in columns for box in column]))
    assert order == [row + 6 * column for row in range(6) for column in range(3)]


def test_a_mark_that_strayed_between_columns_does_not_make_them_a_table() -> None:
    columns = two_columns()
    order = reading_order(geometry.from_boxes([*columns, (520, 300, 535, 320)]))
    assert [i for i in order if i < len(columns)] == list(range(len(columns)))
