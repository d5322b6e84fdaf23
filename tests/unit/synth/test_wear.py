"""Wear: every effect is pure, takes any size, and does what it says."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.synth import wear
from geulnun.synth.wear.chain import Scene

Image = NDArray[np.uint8]
SCENE = Scene(0.8, None, None)
MOVING = {"curl", "wave", "elastic", "rotate", "perspective"}


def page(colour: bool = True) -> Image:
    """Dark marks on light paper, 120 x 200."""
    out = np.full((120, 200, 3), (240, 236, 228), np.uint8)
    for y in range(25, 120, 30):
        cv2.putText(out, "Wear 0123", (8, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (30, 25, 40), 2, cv2.LINE_AA)
    return out if colour else np.ascontiguousarray(out[..., 1])


def middle(name: str) -> float:
    """An amount that some preset draws."""
    found = [effects[name] for effects in wear.PRESETS.values() if name in effects]
    return 0.3 * found[-1].low + 0.7 * found[-1].high


def draw(name: str, image: Image, amount: float, seed: int = 6) -> tuple[Image, wear.Move]:
    done = wear.EFFECTS[name].draw(image, amount, np.random.default_rng(seed), SCENE)
    return done if isinstance(done, tuple) else (done, wear.Move())


@pytest.mark.parametrize("name", wear.EFFECTS)
@pytest.mark.parametrize("colour", [False, True])
def test_effects_are_pure(name: str, colour: bool) -> None:
    image = page(colour)
    image.setflags(write=False)
    before = image.copy()
    (first, move), (second, _) = (draw(name, image, middle(name)) for _ in range(2))
    assert np.array_equal(image, before)
    assert np.array_equal(first, second)
    assert first.dtype == np.uint8
    assert first.shape[2:] == image.shape[2:]
    assert move.still == (name not in MOVING)
    assert first.shape == image.shape or not move.still
    assert first.shape != image.shape or not np.array_equal(first, image)


@pytest.mark.parametrize("name", wear.EFFECTS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 1, 3), (3, 2000, 3), (2000, 3), (4, 1, 3)])
def test_effects_survive_any_size(name: str, shape: tuple[int, ...]) -> None:
    image = np.full(shape, 200, np.uint8)
    for amount in (wear.EFFECTS[name].limits[0], middle(name)):
        out, _ = draw(name, image, amount)
        assert out.dtype == np.uint8
        assert out.ndim == image.ndim
        assert min(out.shape[:2]) >= 1


@pytest.mark.parametrize("name", wear.PRESETS)
def test_presets_survive_any_size_and_repeat(name: str) -> None:
    for shape in ((1, 1), (1, 1, 3), (3, 2000, 3), (40, 90)):
        image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
        before = image.copy()
        for seed in range(4):
            (first, move), (second, _) = (
                wear.apply(image, np.random.default_rng(seed), wear.preset(name), em=20) for _ in range(2)
            )
            assert np.array_equal(first, second)
            assert first.shape == image.shape or not move.still
        assert np.array_equal(image, before)


def ink_of(image: Image) -> float:
    return float((255 - image.astype(float)).mean())


def edges_of(image: Image) -> float:
    return float(np.abs(np.diff(image.astype(float), axis=1)).mean())


@pytest.mark.parametrize(
    "soften",
    [
        lambda image: wear.blur(image, 1.2),
        lambda image: wear.defocus(image, 2.3),
        lambda image: wear.motion(image, 5, 0),
        lambda image: wear.low_resolution(image, 0.4),
        lambda image: wear.levels(image, 100, 200),
    ],
)
def test_optics_lower_the_gradient(soften: Callable[[Image], Image]) -> None:
    image = page(False)
    assert edges_of(soften(image)) < 0.9 * edges_of(image)


def test_weight_thickens_and_thins_by_parts_of_a_pixel() -> None:
    image = np.full((30, 30), 255, np.uint8)
    image[:, 12:18] = 0
    for amount in (-1.5, -0.5, 0.25, 1.0, 1.75):
        width = (255 - wear.weight(image, amount)[15].astype(float)).sum() / 255
        assert width == pytest.approx(6 + 2 * amount, abs=0.05)
        light = wear.weight(255 - image, amount, dark=False)[15].astype(float).sum() / 255
        assert light == pytest.approx(6 + 2 * amount, abs=0.05)


def test_ink_effects_change_the_ink_only() -> None:
    image, rng = page(), np.random.default_rng(1)
    bled = wear.bleed(image, 1.5, rng)
    assert (bled <= image).all()
    assert ink_of(bled) > 1.1 * ink_of(image)
    less = wear.broken(image, 0.3, rng)
    paper = ink_of(np.broadcast_to(np.array([240, 236, 228], np.uint8), image.shape))
    assert 0.4 * (ink_of(image) - paper) < ink_of(less) - paper < 0.9 * (ink_of(image) - paper)
    assert np.abs(less[:5].astype(int) - image[:5]).max() <= 2


def test_fax_and_copy_lose_colour_and_tones() -> None:
    faxed = wear.fax(page(), 0.5, np.random.default_rng(0))
    assert set(np.unique(faxed)) == {0, 255}
    copied = wear.copy(page(), 0.8, np.random.default_rng(0))
    for out in (faxed, copied):
        assert np.array_equal(out[..., 0], out[..., 2])
    assert np.median(copied) == 255


def test_halftone_keeps_the_mean_and_makes_dots() -> None:
    flat = np.full((200, 200), 128, np.uint8)
    dots = wear.halftone(flat, 8, 30)
    assert abs(float(dots.mean()) - 128) < 8
    assert dots.min() < 20
    assert dots.max() > 235
    spectrum = np.abs(np.fft.rfft2(dots - dots.mean()))
    peak = np.unravel_index(int(spectrum.argmax()), spectrum.shape)
    cycles = np.hypot(min(peak[0], 200 - peak[0]), peak[1]) / 200
    assert cycles == pytest.approx(1 / 8, rel=0.06)


def test_noise_has_the_strength_asked_for() -> None:
    rng = np.random.default_rng(2)
    for sigma in (3.0, 12.0):
        flat = np.full((300, 300, 3), 128, np.uint8)
        assert float(wear.noise(flat, sigma, rng).std()) == pytest.approx(sigma, rel=0.05)
        assert float(wear.texture(flat[..., 0], sigma, rng).std()) == pytest.approx(sigma, rel=0.35)
    dark, bright = (wear.sensor(np.full((300, 300, 3), level, np.uint8), 12, 3, rng) for level in (60, 180))
    assert float(dark.std()) == pytest.approx(np.sqrt(9 + 144 * 60 / 255), rel=0.08)
    assert float(bright.std()) == pytest.approx(np.sqrt(9 + 144 * 180 / 255), rel=0.08)
    channels = bright.reshape(-1, 3).T.astype(float)
    assert abs(np.corrcoef(channels)[0, 1]) < 0.05


def test_noise_does_not_repeat_from_row_to_row() -> None:
    rows = wear.noise(np.full((40, 400), 128, np.uint8), 10, np.random.default_rng(3)).astype(float)
    likeness = np.corrcoef(rows) - np.eye(40)
    assert np.abs(likeness).max() < 0.3


def test_files_lose_more_at_lower_quality() -> None:
    image = page()
    for through in (wear.jpeg, wear.webp):
        losses = [float(np.abs(through(image, quality).astype(float) - image).mean()) for quality in (95, 50, 10)]
        assert losses[0] < losses[1] < losses[2]


def test_light_and_colour() -> None:
    white, rng = np.full((80, 120, 3), 250, np.uint8), np.random.default_rng(4)
    for shade in (wear.uneven_light, wear.shadow, wear.crumple):
        out = shade(white, 0.5, rng)
        assert (out <= white).all()
        assert 100 < float(out.mean()) < 245
    grey = np.full((80, 120), 100, np.uint8)
    lit = wear.glare(grey, 0.9, rng)
    assert (lit >= grey - 1).all()
    assert lit.max() > 180
    corners = wear.vignette(white, 0.5)
    assert corners[40, 60, 0] > 240
    assert corners[0, 0, 0] < 160
    red, _, blue = wear.white_balance(white, 0.7).reshape(-1, 3).mean(0)
    assert red > blue + 50
    blue_first = wear.white_balance(white, -0.7).reshape(-1, 3).mean(0)
    assert blue_first[2] > blue_first[0] + 50
    assert wear.gamma(grey, 2).mean() < 100 < wear.gamma(grey, 0.5).mean()
    tinted = wear.background(white, (250, 200, 150), 0.1, rng).reshape(-1, 3).mean(0)
    assert tinted[0] > tinted[1] + 20 > tinted[2] + 40


def test_show_through_is_mirrored() -> None:
    white = np.full((60, 100), 250, np.uint8)
    back = np.full((60, 100), 255, np.uint8)
    back[20:40, 5:25] = 0
    seen = wear.show_through(white, back, 0.3)
    assert seen[30, 85] < 190
    assert seen[30, 15] == 250
    assert np.array_equal(seen, wear.show_through(white, np.stack([back] * 3, -1), 0.3))


@pytest.mark.parametrize("colour", [False, True])
def test_marks_stand_where_they_are_put(colour: bool) -> None:
    white, rng = np.full((100, 160, 3), 250, np.uint8), np.random.default_rng(5)
    if not colour:
        white = white[..., 0].copy()
    sealed = wear.stamp(white, (120, 50), 30, rng)
    signed = wear.signature(white, (80, 30), (70, 40), rng)
    struck = wear.strike(white, (80, 20), (150, 80), 3, (0, 0, 0))
    for out in (sealed, signed, struck):
        assert (out <= white).all()
        assert (out[:, :70] == white[:, :70]).all()
        assert float((out[:, 80:] < 200).mean()) > 0.005
    if colour:
        inked = sealed[sealed[..., 2] < 120].mean(0)
        assert inked[0] > inked[2] + 60
    for centre in ((-500.0, 50.0), (80.0, 400.0), (160.0, 100.0), (-10.0, -10.0)):
        assert wear.stamp(white, centre, 30, rng).shape == white.shape


def test_fold_and_stain_and_streaks_mark_the_sheet() -> None:
    grey, rng = np.full((100, 160), 200, np.uint8), np.random.default_rng(6)
    folded = wear.fold(grey, 0.5, 0.0, 0.8, rng, width=2)
    assert np.abs(folded[45:56].astype(int) - 200).max() > 60
    assert np.abs(folded[:5].astype(int) - 200).max() < 40
    assert ink_of(wear.stain(grey, 20, 0.8, rng)) > ink_of(grey) + 0.3
    lines = wear.streaks(grey, 1, rng, 20)
    assert (lines == lines[:1]).all()
    assert np.ptp(lines[0]) > 20


def dotted() -> tuple[Image, NDArray[np.float64]]:
    """A sheet with nine dots, and where their middles are."""
    image = np.full((180, 260), 250, np.uint8)
    middles = np.array([(x, y) for x in (30, 128, 226) for y in (24, 90, 156)])
    for x, y in middles:
        image[y - 2 : y + 3, x - 2 : x + 3] = 0
    return image, middles + 0.5


MOVES: dict[str, Callable[[Image], tuple[Image, wear.Move]]] = {
    "rotate": lambda image: wear.rotate(image, 7.3),
    "perspective": lambda image: wear.perspective(image, [[12, 3], [240, 14], [258, 171], [2, 160]]),
    "curl left": lambda image: wear.curl(image, 14, 60, left=True, shade=0.3),
    "curl right": lambda image: wear.curl(image, -14, 60, left=False),
    "wave": lambda image: wear.wave(image, 6, 150, 1.0),
    "elastic": lambda image: wear.elastic(image, 4, 40, np.random.default_rng(3)),
    "affine": lambda image: wear.homography(image, [[1.1, 0.1, 3], [0.05, 0.9, 2.5]], (320, 200)),
}


@pytest.mark.parametrize("name", MOVES)
def test_points_move_with_the_pixels(name: str) -> None:
    image, middles = dotted()
    out, move = MOVES[name](image)
    height, width = out.shape
    for x, y in move(middles):
        left, top = max(0, round(x) - 9), max(0, round(y) - 9)
        depth = 255.0 - out[top : round(y) + 9, left : round(x) + 9].astype(float)
        depth[depth < 90] = 0
        ys, xs = np.mgrid[top : top + depth.shape[0], left : left + depth.shape[1]] + 0.5
        assert (depth * xs).sum() / depth.sum() == pytest.approx(x, abs=0.5)
        assert (depth * ys).sum() / depth.sum() == pytest.approx(y, abs=0.5)
    corners = move(np.array([[[0, 0], [260, 0], [260, 180], [0, 180]]], float))
    assert corners.shape == (1, 4, 2)
    assert (corners >= -1).all()
    assert (corners <= np.array([width, height]) + 1).all()


def test_moves_join_and_fill() -> None:
    image, middles = dotted()
    turned, first = wear.rotate(image, 5, fill=40)
    _, second = wear.wave(turned, 5, 90)
    assert np.allclose(first.then(second)(middles), second(first(middles)))
    assert turned[0, -1] == turned[-1, 0] == 40
    colour, _ = wear.rotate(np.stack([image] * 3, -1), 5, fill=(1, 2, 3))
    assert colour[0, -1].tolist() == [1, 2, 3]
    assert wear.rotate(image, 5)[0][0, -1] > 240
    assert wear.Move().still
    with pytest.raises(ValueError, match="convex"):
        wear.perspective(image, [[0, 0], [0, 50], [50, 50], [50, 0]])
