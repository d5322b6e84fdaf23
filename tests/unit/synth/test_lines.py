"""Drawn lines: determinism, truth that fits the picture, fonts that claim more than they draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun.synth import fonts, wear
from geulnun.synth.fonts import Face, Family
from geulnun.synth.lines import CLEAN, WORN, LineOptions, LineRenderer
from geulnun.synth.text import TextSource

pytest.importorskip("fontTools")


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    fonts._coverage.cache_clear()
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


def test_face_draws_what_its_glyphs_hold(face: Face) -> None:
    assert len(face.syllables) == 403
    assert face.covers("한글 없었다 123")
    assert not face.draws("뛟")
    assert not face.draws("か")


def test_coverage_is_kept_for_the_next_start(face: Face, tmp_path: Path) -> None:
    first = face.syllables
    assert (tmp_path / "coverage.json").is_file()
    fonts._coverage.cache_clear()
    assert Face(face.family, face.path).syllables == first


def test_same_seed_same_lines(face: Face) -> None:
    streams = [LineRenderer([face], TextSource(), LineOptions()).stream(seed) for seed in (4, 4, 5)]
    drawn = [[next(stream) for _ in range(25)] for stream in streams]
    assert [line.text for line in drawn[0]] == [line.text for line in drawn[1]]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(drawn[0], drawn[1], strict=True))
    assert [line.text for line in drawn[0]] != [line.text for line in drawn[2]]


def test_text_holds_only_what_was_drawn(face: Face) -> None:
    renderer = LineRenderer([face], TextSource(), LineOptions())
    rng = np.random.default_rng(0)
    lines = [renderer.draw(rng) for _ in range(150)]
    assert all(face.covers(line.text) and line.text == " ".join(line.text.split()) for line in lines)
    assert all(line.image.dtype == np.uint8 and line.image.ndim == 2 and np.ptp(line.image) > 0 for line in lines)


def test_longer_text_is_a_wider_line(face: Face) -> None:
    renderer = LineRenderer([face], TextSource(), LineOptions(size=(30, 30), worn=0, tidy=True))
    rng = np.random.default_rng(0)
    short, long = (renderer.draw(rng, text=text, face=face).image for text in ("한글", "한글 한글 한글"))
    assert short.shape[0] == long.shape[0]
    assert long.shape[1] > 2.5 * short.shape[1]


def test_clean_lines_are_ink_on_paper(face: Face) -> None:
    renderer = LineRenderer([face], TextSource(), CLEAN)
    image = renderer.draw(np.random.default_rng(1), text="가나다", face=face).image
    assert image[0].min() == 255
    assert image.min() < 30


def test_undrawable_text_is_refused(face: Face) -> None:
    renderer = LineRenderer([face], TextSource(), WORN)
    with pytest.raises(ValueError, match="draws nothing of"):
        renderer.draw(np.random.default_rng(1), text="뛟", face=face)


def test_catalogue_keeps_both_sides_apart() -> None:
    listed = fonts.families()
    names = [family.name for family in listed]
    assert len(set(names)) == len(names)
    assert all((family.debian is None) != (family.npm is None) for family in listed)
    sides = {
        side: {f for family in listed if family.split == side for f in family.files if "*" not in f}
        for side in ("train", "held-out")
    }
    assert not sides["train"] & sides["held-out"]
    packages = {
        side: {family.npm for family in listed if family.split == side and family.npm} for side in ("train", "held-out")
    }
    assert not packages["train"] & packages["held-out"]
    held = [family for family in listed if family.split == "held-out" and family.style in ("sans", "serif", "mono")]
    assert len(held) >= 10


WEARS = {
    "blur": lambda image, rng: wear.blur(image, 1.2),
    "motion": lambda image, rng: wear.motion(image, 4, 30),
    "noise": lambda image, rng: wear.noise(image, 9, rng),
    "speckle": lambda image, rng: wear.speckle(image, 0.02, rng),
    "jpeg": lambda image, rng: wear.jpeg(image, 25),
    "low_resolution": lambda image, rng: wear.low_resolution(image, 0.5),
    "uneven_light": lambda image, rng: wear.uneven_light(image, 0.5, rng),
    "shadow": lambda image, rng: wear.shadow(image, 0.4, rng),
    "ink": lambda image, rng: wear.ink(image, 2),
    "broken": lambda image, rng: wear.broken(image, 0.3, rng),
    "fax": lambda image, rng: wear.fax(image, 0.5, rng),
    "texture": lambda image, rng: wear.texture(image, 8, rng),
    "levels": lambda image, rng: wear.levels(image, 60, 220),
    "gamma": lambda image, rng: wear.gamma(image, 0.6),
    "moire": lambda image, rng: wear.moire(image, 5, 0.3, 20),
    "worn": lambda image, rng: wear.worn(image, rng, 1.5),
}


@pytest.mark.parametrize("name", sorted(WEARS))
@pytest.mark.parametrize("colour", [False, True])
def test_wear_is_pure_and_keeps_shape(name: str, colour: bool) -> None:
    ys, xs = np.mgrid[0:37, 0:91]
    grey = (np.where((xs // 9 + ys // 7) % 2, 230, 30) + xs // 10).astype(np.uint8)
    image = np.stack([grey, grey, grey // 2 + 100], -1) if colour else grey
    before = image.copy()
    first, second = (WEARS[name](image, np.random.default_rng(6)) for _ in range(2))
    assert np.array_equal(image, before)
    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert name == "worn" or not np.array_equal(first, image)


def test_ink_thickens_and_thins() -> None:
    image = np.full((30, 30), 255, np.uint8)
    image[:, 14:17] = 0
    dark = [float((255 - wear.ink(image, amount)).mean()) for amount in (-2, 0, 2)]
    assert dark[0] < dark[1] < dark[2]
    light = [float(wear.ink(255 - image, amount, dark=False).mean()) for amount in (-2, 0, 2)]
    assert light[0] < light[1] < light[2]
