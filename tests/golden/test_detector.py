"""The shipped detectors on the sample pages and on pages meant to trip it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from geulnun import Reader, geometry
from geulnun.metrics import eojeol_bag
from geulnun.runtime import weights
from geulnun.runtime.detector import Detector
from geulnun.synth.sheet import Pixels


@pytest.fixture(scope="module", params=[None, "points"])
def detector(request: pytest.FixtureRequest) -> Detector:
    return Detector(weights.choose("detector", request.param), threads=2)


@pytest.fixture(scope="module")
def letter(samples: Path) -> Pixels:
    return np.array(Image.open(samples / "letter.png").convert("RGB"))


def test_the_letter_s_lines_are_found(detector: Detector, letter: Pixels, samples: Path) -> None:
    found = detector.detect(letter)
    written = len([line for line in (samples / "letter.txt").read_text("utf-8").splitlines() if line.strip()])
    # Cells of one row are lines of their own here.
    assert written <= len(found.quads) <= 2.5 * written
    assert (found.rotation, found.rotation_confidence) == (0, 1.0)
    assert np.abs(geometry.angles(found.quads)).max() < 5
    assert found.scores.min() >= 0.6


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_letter_has_the_same_lines(detector: Detector, letter: Pixels, turn: int) -> None:
    height, width = letter.shape[:2]
    upright = detector.detect(letter).quads
    turned = detector.detect(np.ascontiguousarray(np.rot90(letter, -turn // 90)))
    wanted = geometry.transform(upright, geometry.turn_matrix(width, height, turn))
    assert abs(len(turned.quads) - len(upright)) <= 3
    assert (geometry.iou(wanted, turned.quads).max(1) > 0.5).mean() > 0.9
    # They tell the axis of text; which end of it is up, a network of its own does.
    assert turned.rotation % 180 == (360 - turn) % 180


def test_a_leaning_letter_has_the_same_lines(detector: Detector, letter: Pixels) -> None:
    height, width = letter.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 0.8)
    leaning = cv2.warpAffine(letter, matrix, (width, height), borderValue=(255, 255, 255))
    wanted = geometry.transform(detector.detect(letter).quads, matrix)
    found = detector.detect(np.asarray(leaning, np.uint8)).quads
    # By length: the cells of the table stand as far apart as words of a line may, and some are cut otherwise.
    same = geometry.iou(wanted, found).max(1) > 0.5
    assert np.average(same, weights=geometry.sizes(wanted)[0]) > 0.9
    assert abs(len(found) - len(wanted)) <= 3


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1200, 900), (1, 5000), (5000, 1), (20_000, 64), (7, 7)])
def test_blank_pages_of_any_size_hold_nothing(detector: Detector, level: int, shape: tuple[int, int]) -> None:
    found = detector.detect(np.full((*shape, 3), level, np.uint8))
    assert len(found.quads) == 0
    assert (found.rotation, found.rotation_confidence) == (0, 0.0)


@pytest.mark.parametrize("channels", [1, 3])
def test_noise_holds_next_to_nothing(detector: Detector, channels: int) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1200, 900, channels), np.uint8)
    found = detector.detect(np.ascontiguousarray(np.broadcast_to(noise, (1200, 900, 3))))
    assert len(found.quads) <= 40
    assert np.isfinite(found.quads).all()


def test_a_negative_has_the_same_lines(detector: Detector, letter: Pixels) -> None:
    wanted, found = detector.detect(letter).quads, detector.detect(255 - letter).quads
    assert (geometry.iou(wanted, found).max(1) > 0.5).mean() > 0.9


@pytest.mark.parametrize("name", ["letter.png", "receipt.jpg"])
def test_words_and_characters_of_a_page_are_found(detector: Detector, samples: Path, name: str) -> None:
    text = (samples / name).with_suffix(".txt").read_text("utf-8")
    shapes = detector.detect(np.array(Image.open(samples / name).convert("RGB"))).shapes
    assert len(shapes.words) == pytest.approx(len(text.split()), rel=0.06)
    assert len(shapes.chars) == pytest.approx(len("".join(text.split())), rel=0.06)


@pytest.mark.parametrize("name", ["letter.png", "receipt.jpg"])
def test_pages_are_read_by_points_too(samples: Path, name: str) -> None:
    text = (samples / name).with_suffix(".txt").read_text("utf-8")
    assert eojeol_bag(text, Reader(detector="points").read(samples / name).text).f1 >= 0.97
