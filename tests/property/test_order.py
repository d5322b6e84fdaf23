"""Whatever the lines are, each comes out once, and scale, place and order of input change nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geulnun import geometry
from geulnun.analyse.order import arrange, reading_order
from geulnun.document import Line

value = st.floats(0, 1000)
side = st.floats(0, 400)
box = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), value, value, side, side)
boxes = st.lists(box, max_size=25)
angle = st.floats(-180, 180)


def place(items: list[tuple[float, ...]], degrees: float) -> np.ndarray:
    radians = np.radians(degrees)
    matrix = [[np.cos(radians), -np.sin(radians), 9], [np.sin(radians), np.cos(radians), -5]]
    return geometry.transform(geometry.from_boxes(items), matrix)


@given(boxes, angle)
def test_every_line_comes_out_once(items: list[tuple[float, ...]], degrees: float) -> None:
    quads = place(items, degrees)
    assert sorted(reading_order(quads)) == list(range(len(items)))
    lines = [Line((), geometry.to_tuple(quad), confidence=i / 100) for i, quad in enumerate(quads)]
    out = [line for block in arrange(lines) for line in block.lines]
    assert sorted(line.confidence for line in out) == [line.confidence for line in lines]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 12)), unique=True, min_size=1), st.randoms())
def test_cells_of_a_grid_are_read_row_by_row_in_any_input_order(cells: list[tuple[int, int]], random: object) -> None:
    shuffled = list(cells)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    items = [(120.0 * x, 40.0 * y, 120.0 * x + 60, 40.0 * y + 20) for x, y in shuffled]
    order = [shuffled[i] for i in reading_order(geometry.from_boxes(items))]
    assert order == sorted(cells, key=lambda cell: (cell[1], cell[0]))
