"""The detector's way from a page to maps and back, with a network that sees black bars as text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.decode import heatmap
from geulnun.decode.heatmap import Maps
from geulnun.runtime.detector import DetectorOptions, Pixels, detect, vote


class Bars:
    """Draws the maps of black bars on white, and remembers how it was called."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def __call__(self, page: Pixels) -> Maps:
        assert page.dtype == np.uint8
        assert page.flags.c_contiguous
        assert page.shape[0] % 32 == page.shape[1] % 32 == 0
        self.shapes.append(page.shape)
        _, _, stats, _ = cv2.connectedComponentsWithStats((page[..., 0] < 128).astype(np.uint8))
        boxes = [[x, y, x + w, y + h] for x, y, w, h, _ in stats[1:]]
        maps, _ = heatmap.encode(geometry.from_boxes(boxes), page.shape[0], page.shape[1])
        maps[[0, 7]] = maps[[0, 7]] * 16 - 8
        return maps


def page_with(boxes: list[list[int]], height: int, width: int) -> Pixels:
    page = np.full((height, width, 3), 255, np.uint8)
    for x0, y0, x1, y1 in boxes:
        page[y0:y1, x0:x1] = 0
    return page


def test_quads_come_back_in_pixels_of_the_page_as_given() -> None:
    boxes = [[300, 300, 2000, 380], [300, 3300, 1200, 3380]]
    bars = Bars()
    found = detect(page_with(boxes, 3508, 2480), bars)
    assert np.abs(geometry.to_boxes(found.quads) - boxes).max() < 6
    assert (found.rotation, found.rotation_confidence) == (0, 1.0)
    assert min(bars.shapes[0][:2]) < 900


def test_small_text_is_looked_at_again_with_more_pixels() -> None:
    boxes = [[100, y, 1500, y + 16] for y in range(100, 3000, 60)]
    bars = Bars()
    found = detect(page_with(boxes, 3200, 2400), bars)
    assert len(bars.shapes) > 1
    assert bars.shapes[1][1] > 1.3 * bars.shapes[0][1]
    assert geometry.iou(geometry.from_boxes(boxes), found.quads).max(1).min() > 0.7


def test_a_second_look_respects_the_pixel_limit() -> None:
    boxes = [[100, y, 1500, y + 12] for y in range(100, 3000, 60)]
    bars = Bars()
    detect(page_with(boxes, 3200, 2400), bars, DetectorOptions(most_pixels=1_500_000))
    assert max(shape[0] * shape[1] for shape in bars.shapes) < 1_600_000


@pytest.mark.parametrize("tall", [True, False])
def test_long_pages_are_looked_at_in_strips_and_no_line_is_lost_or_doubled(tall: bool) -> None:
    boxes = [[100, at, 700, at + 30] if tall else [at, 100, at + 45, 130] for at in range(50, 19_900, 75)]
    bars = Bars()
    found = detect(page_with(boxes, *((20_000, 800) if tall else (800, 20_000))), bars)
    assert len(bars.shapes) > 5
    assert max(max(shape) for shape in bars.shapes) <= 2048 + 256
    assert len(found.quads) == len(boxes)
    assert geometry.iou(geometry.from_boxes(boxes), found.quads).max(1).min() > 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 20_000), (33, 31)])
def test_odd_sizes_are_blank_pages(shape: tuple[int, int]) -> None:
    found = detect(np.full((*shape, 3), 255, np.uint8), Bars())
    assert len(found.quads) == 0
    assert (found.rotation, found.rotation_confidence) == (0, 0.0)


def test_a_page_without_pixels_is_blank() -> None:
    assert len(detect(np.zeros((0, 5, 3), np.uint8), Bars()).quads) == 0


@pytest.mark.parametrize("page", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3))])
def test_other_arrays_are_refused(page: Pixels) -> None:
    with pytest.raises(ValueError, match="expected"):
        detect(page, Bars())


@pytest.mark.parametrize(("turn", "wanted"), [(0, 0), (90, 270), (180, 180), (270, 90)])
def test_the_vote_undoes_the_turn(turn: int, wanted: int) -> None:
    quads = geometry.from_boxes([[10, 10, 200, 30], [10, 50, 150, 70]])
    turned = geometry.transform(quads, geometry.turn_matrix(300, 400, turn))
    assert vote(turned, np.ones(2)) == (wanted, 1.0)


@pytest.mark.parametrize("options", [{"short_side": 8}, {"strip": 1000}, {"overlap": 2048}, {"overlap": 0}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        DetectorOptions(**options)  # type: ignore[arg-type]


def test_long_lines_outvote_short_ones() -> None:
    quads = geometry.from_boxes([[10, 10, 400, 30], *[[10, 50 + 40 * i, 30, 70 + 40 * i] for i in range(4)]])
    quads[1:] = np.roll(quads[1:], 2, axis=1)
    rotation, confidence = vote(quads, np.ones(5))
    assert rotation == 0
    assert 0.5 < confidence < 1
