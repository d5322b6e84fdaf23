"""Preparing line crops: proportions, contrast, padding, and cutting quads out of pages."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.image import ops
from geulnun.spec import CharacterSpec


def checker(height: int, width: int) -> np.ndarray:
    ys, xs = np.mgrid[0:height, 0:width]
    return np.asarray(((xs // 8 + ys // 8) % 2) * 200 + 20, dtype=np.uint8)


def test_crop_of_an_upright_quad_is_the_slice() -> None:
    page = checker(120, 200)
    crop = ops.crop_quad(page, geometry.from_boxes([[16, 24, 96, 64]])[0])
    assert np.array_equal(crop, page[24:64, 16:96])


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_crop_follows_the_order_of_points(degrees: int) -> None:
    page = checker(60, 100)
    page[:30, :50] = 0
    quad = geometry.from_boxes([[10, 5, 90, 45]])[0]
    matrix = geometry.turn_matrix(100, 60, degrees)
    turned = np.ascontiguousarray(np.rot90(page, -degrees // 90))
    crop = ops.crop_quad(turned, geometry.transform(quad, matrix))
    assert np.abs(crop.astype(int) - page[5:45, 10:90]).max() <= 1


def test_crop_of_a_skewed_quad_straightens_it() -> None:
    page = np.full((200, 300), 255, np.uint8)
    turn = cv2.getRotationMatrix2D((150, 100), -12, 1.0)
    flat = geometry.from_boxes([[60, 80, 240, 120]])[0]
    quad = geometry.transform(flat, turn)
    cv2.fillPoly(page, [np.round(quad).astype(np.int32)], 0)
    crop = ops.crop_quad(page, quad, 40)
    assert crop.shape == (40, 180)
    assert (crop[3:-3, 3:-3] < 40).mean() > 0.98


def test_crop_beyond_the_page_repeats_the_edge() -> None:
    page = np.full((50, 50), 7, np.uint8)
    assert (ops.crop_quad(page, geometry.from_boxes([[-20, -20, 30, 30]])[0]) == 7).all()
    assert ops.crop_quad(page, geometry.from_boxes([[100, 100, 130, 110]])[0]).shape == (10, 30)


def test_strong_shrinking_keeps_thin_strokes() -> None:
    page = np.full((400, 4000), 255, np.uint8)
    page[:, ::40] = 0
    crop = ops.crop_quad(page, geometry.from_boxes([[0, 0, 4000, 400]])[0], 40)
    # Every tenth column's ink, spread over its neighbours: its mean stays what it was.
    assert crop.mean() == pytest.approx(page.mean(), abs=6)


def test_wide_margins_of_a_line_are_left_out() -> None:
    image = np.full((200, 900), 230, np.uint8)
    image[80:130, 100:700:7] = 20
    image[3, 5] = 0  # a speck
    assert geometry.to_boxes(ops.line_quad(image))[0].tolist() == [90, 75, 706, 135]
    assert geometry.to_boxes(ops.line_quad(255 - image))[0].tolist() == [90, 75, 706, 135]


@pytest.mark.parametrize("rows", [slice(0, 0), slice(100, 110), slice(30, 170)])
def test_no_ink_a_mere_mark_and_a_full_line_keep_the_whole_image(rows: slice) -> None:
    image = np.full((200, 900), 255, np.uint8)
    image[rows, 100:700:7] = 0
    assert geometry.to_boxes(ops.line_quad(image))[0].tolist() == [0, 0, 900, 200]


def test_line_input_keeps_proportions_and_stretches_contrast() -> None:
    faint = np.full((20, 100), 140, np.uint8)
    faint[5:15, 20:80:4] = 110
    line = ops.line_input(faint)
    assert line.shape == (ops.LINE_HEIGHT, 200)
    assert line.dtype == np.float32
    assert line.max() == pytest.approx(1.0, abs=0.1)
    assert line.min() == pytest.approx(-1.0, abs=0.3)


def test_flat_crop_is_not_amplified() -> None:
    rng = np.random.default_rng(0)
    flat = (200 + rng.integers(-2, 3, (40, 80))).astype(np.uint8)
    assert np.ptp(ops.line_input(flat)) < 1.0


def test_batch_pads_with_the_lines_own_paper() -> None:
    dark, light = np.full((40, 33), -1, np.float32), np.full((40, 90), 0.5, np.float32)
    batch = ops.line_batch([dark, light])
    assert batch.shape == (2, 1, 40, 96)
    assert (batch[0] == -1).all()
    assert (batch[1] == 0.5).all()


def test_grey_of_rgb_and_of_grey() -> None:
    rgb = np.zeros((2, 2, 3), np.uint8)
    rgb[..., 1] = 100
    assert ops.to_grey(rgb)[0, 0] == 59
    grey = rgb[..., 1]
    assert ops.to_grey(grey) is grey


@pytest.mark.parametrize("seed", range(20))
def test_contrast_is_stretched_between_the_percentiles(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, rng.integers(30, 257), (ops.LINE_HEIGHT, int(rng.integers(16, 300)))).astype(np.uint8)
    low, high = np.percentile(image, (1, 99))
    wanted = 2 * (image - low) / (high - low) - 1
    assert ops.line_input(image) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_ink_is_full_where_most_of_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # More than 2,000 pixels, one side's levels far from the paper, a few pixels farther still.
    paper, strokes = ((230, 60) if seed % 2 else (20, 180)) if seed < 16 else (128, 128 + 100 * (-1) ** seed)
    image = np.full((60, 50), paper, np.int64)
    image[20:40, 10:40] = strokes
    image = np.clip(image + rng.integers(-15, 16, image.shape), 0, 255).astype(np.uint8)
    border = np.concatenate([image[0], image[-1], image[1:-1, 0], image[1:-1, -1]])
    away = (image - np.median(border)) * (1 if strokes > paper else -1)
    full = max(np.percentile(away, 99.5), 0.6 * away.max())
    found = ops.character_input(image, CharacterSpec(size=60, framing="whole"))
    assert found is not None
    assert found[:, 5:55] == pytest.approx(np.clip(away / full, 0, 1), abs=1e-5)


@pytest.mark.parametrize("degrees", [-15, -4, 3, 12])
def test_a_leaning_line_is_found_as_it_leans(degrees: float) -> None:
    level = np.full((400, 1000), 255, np.uint8)
    level[185:215, 100:900:9] = 0
    level[185:215, 101:900:9] = 0
    turn = cv2.getRotationMatrix2D((500, 200), -degrees, 1)
    image = np.asarray(cv2.warpAffine(level, turn, (1000, 400), borderValue=255), np.uint8)
    quad = ops.line_quad(image)
    assert geometry.angles(quad[None])[0] == pytest.approx(degrees, abs=0.5)
    width, height = (float(size[0]) for size in geometry.sizes(quad[None]))
    assert (width, height) == pytest.approx((812, 36), abs=8)
    assert quad.mean(0) == pytest.approx((500, 200), abs=4)


def test_slanted_letters_do_not_make_a_line_lean() -> None:
    image = np.full((60, 900), 255, np.uint8)
    for x in range(20, 860, 12):
        for y in range(10, 50):
            image[y, x + (50 - y) // 3 : x + (50 - y) // 3 + 3] = 0
    assert geometry.to_boxes(ops.line_quad(image))[0].tolist() == [0, 0, 900, 60]


def _mark(size: tuple[int, int] = (60, 90), paper: int = 230, ink: int = 20) -> NDArray[np.uint8]:
    image = np.full(size, paper, np.uint8)
    image[20:40, 50:60] = ink
    return image


def test_a_character_is_cut_out_and_centred() -> None:
    found = ops.character_input(_mark(), CharacterSpec(size=40))
    assert found is not None
    assert found.shape == (40, 40)
    assert found.dtype == np.float32
    assert found.max() == 1
    # 20 x 10 of ink become 32 x 16, four pixels of margin above and below.
    rows, columns = np.flatnonzero(found.max(1) > 0.5), np.flatnonzero(found.max(0) > 0.5)
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (4, 35, 12, 27)


def test_a_character_may_be_of_any_colour() -> None:
    spec = CharacterSpec(size=40)
    images = (_mark(), _mark(paper=10, ink=250), _mark(paper=120, ink=60), np.repeat(_mark()[..., None], 3, 2))
    wanted, *others = [found for image in images if (found := ops.character_input(image, spec)) is not None]
    assert len(others) == 3
    for found in others:
        np.testing.assert_allclose(found, wanted, atol=0.01)


def test_a_whole_character_image_keeps_its_place() -> None:
    found = ops.character_input(_mark(), CharacterSpec(size=90, framing="whole"))
    assert found is not None
    rows, columns = np.flatnonzero(found.max(1) > 0.5), np.flatnonzero(found.max(0) > 0.5)
    # On a square of 90 the 60 rows begin at row 15.
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (35, 54, 50, 59)


@pytest.mark.parametrize("image", [np.full((30, 30), 200, np.uint8), np.zeros((1, 1), np.uint8), _mark(ink=225)])
def test_an_image_without_ink_holds_no_character(image: NDArray[np.uint8]) -> None:
    assert ops.character_input(image, CharacterSpec()) is None
