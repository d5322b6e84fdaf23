"""Crops: words move with their pixels whatever is done to a page, and what is not known stays so."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

import cv2
import numpy as np

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.errors import RecipeError
from geulnun.training.detection.crops import crop, nothing
from geulnun.training.detection.options import CropChoice
from geulnun.training.detection.sets import Shown

STILL = CropChoice(size=(192, 256), scale=(1, 1), turned=0, tilted=0, spun=0, inverted=0, grey=0, worn=0, nothing=0)


def shown(size: tuple[int, int] = (300, 400)) -> Shown:
    """A light page with three dark words of two characters, whose first half is darker."""
    page = np.full((*size, 3), 230, np.uint8)
    boxes = np.array([[40, 30, 120, 60], [200, 120, 240, 140], [60, 200, 160, 250]])
    for x0, y0, x1, y1 in boxes:
        page[y0:y1, x0:x1] = 90
        page[y0:y1, x0 : (x0 + x1) // 2] = 20
    halves = [[x0 + half * (x1 - x0) / 2, y0, x0 + (half + 1) * (x1 - x0) / 2, y1]
              for x0, y0, x1, y1 in boxes for half in range(2)]  # fmt: skip
    return Shown(page, Shapes.of(geometry.from_boxes(boxes), geometry.from_boxes(halves), [0, 0, 1, 1, 2, 2]), "made")


def tone(pixels: np.ndarray, quad: np.ndarray) -> float:
    """Mean grey level of the inner part of a quad, NaN where none of it is seen."""
    inner = quad.mean(0) + 0.6 * (quad - quad.mean(0))
    mask = cv2.fillConvexPoly(np.zeros(pixels.shape[:2], np.uint8), np.round(inner - 0.5).astype(np.int32), 1)
    return float(pixels[..., 0][mask > 0].mean()) if mask.any() else float("nan")


@pytest.mark.parametrize(
    "look",
    [
        STILL,
        replace(STILL, scale=(0.6, 0.6)),
        replace(STILL, scale=(1.5, 1.5)),
        replace(STILL, short_side=150),
        replace(STILL, turned=1),
        replace(STILL, tilted=1, tilt=20),
        replace(STILL, spun=1, turned=1, scale=(0.7, 1.4)),
    ],
    ids=["still", "small", "large", "shrunk", "turned", "tilted", "all"],
)
def test_words_move_with_their_pixels(look: CropChoice) -> None:
    seen = 0
    for seed in range(12):
        made = crop(shown(), 192, 256, look, np.random.default_rng(seed))
        assert made.pixels.shape == (192, 256, 3)
        for word, owner in enumerate(made.shapes.words):
            first, second = made.shapes.chars[made.shapes.word_of == word]
            inside = (owner > 2).all() and (owner < (254, 190)).all()
            if inside:
                seen += 1
                # Which half is the first follows the turn of the page.
                assert tone(made.pixels, first) == pytest.approx(20, abs=14)
                assert tone(made.pixels, second) == pytest.approx(90, abs=14)
    assert seen > 4


def test_a_page_is_shrunk_as_it_is_where_it_is_read() -> None:
    made = crop(shown(), 192, 256, replace(STILL, short_side=150), np.random.default_rng(0))
    wide = geometry.sizes(made.shapes.words)[0]
    assert sorted(wide) == pytest.approx(sorted(np.array([80, 40, 100]) / 2), rel=0.02)


def test_a_crop_shows_some_word_and_leaves_out_what_lies_beyond_it() -> None:
    look = replace(STILL, size=(64, 64))
    for seed in range(20):
        made = crop(shown(), 64, 64, look, np.random.default_rng(seed))
        assert len(made.shapes.words)
        low, top = made.shapes.words.min(1), made.shapes.words.max(1)
        assert (top > 0).all()
        assert (low < 64).all()


def test_the_generator_decides_everything() -> None:
    look = CropChoice(size=(64, 96))
    first, second = (crop(shown(), 64, 96, look, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(first.shapes.words, second.shapes.words)
    assert not np.array_equal(first.pixels, crop(shown(), 64, 96, look, np.random.default_rng(6)).pixels)


def test_a_negative_and_a_grey_crop() -> None:
    page = shown()
    page.pixels[..., 2] = 0
    plain = crop(page, 192, 256, STILL, np.random.default_rng(1)).pixels
    inverted = crop(page, 192, 256, replace(STILL, inverted=1), np.random.default_rng(1)).pixels
    assert np.array_equal(plain, 255 - inverted)
    grey = crop(page, 192, 256, replace(STILL, grey=1), np.random.default_rng(1)).pixels
    assert (grey == grey[..., :1]).all()
    assert not (plain == plain[..., :1]).all()


def test_crops_of_nothing_differ_and_hold_no_words() -> None:
    made = [nothing(32, 64, np.random.default_rng(seed)) for seed in range(20)]
    assert all(one.pixels.shape == (32, 64, 3) and one.pixels.dtype == np.uint8 for one in made)
    assert not any(len(one.shapes.words) for one in made)
    flat = [one.pixels.std((0, 1)).max() < 1e-6 for one in made]
    assert 0 < sum(flat) < 20


@pytest.mark.parametrize(
    "values",
    [{"size": (100, 64)}, {"size": (32, 64)}, {"turned": 1.2}, {"scale": (2, 1)}, {"cuts": 0}, {"tilt": 90}],
)
def test_impossible_crops_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match="expected"):
        CropChoice(**values)  # type: ignore[arg-type]  # the point of the test
