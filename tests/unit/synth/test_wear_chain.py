"""Chains of wear: options that are checked, lengths that follow the text, and the older chain kept byte for byte."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.errors import UsageError
from geulnun.synth import wear
from geulnun.synth.wear import Effect, WearOptions


def test_options_fill_in_from_the_preset() -> None:
    office = wear.preset("office")
    assert office.effects == {name: office.effects[name] for name in wear.EFFECTS if name in wear.PRESETS["office"]}
    own = WearOptions(preset="office", blur=Effect(1, 2, 3), jpeg=Effect(0, 50, 50))
    assert own.effects["blur"] == Effect(1, 2, 3)
    assert "jpeg" not in own.effects
    assert own.effects["weight"] == office.effects["weight"]
    assert not WearOptions().effects


def test_every_preset_names_effects_that_exist() -> None:
    assert {name for effects in wear.PRESETS.values() for name in effects} <= set(wear.EFFECTS)
    assert set(wear.PRESETS["harsh"]) == set(wear.EFFECTS) - {"vignette"}
    for name in wear.PRESETS:
        assert wear.preset(name).preset == name


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Effect(1.5, 0, 1), "chance 1.5; expected 0"),
        (lambda: Effect(0.5, 2, 1), "expected low <= high"),
        (lambda: WearOptions(preset="ofice"), "'ofice'; expected office"),
        (lambda: WearOptions(jpeg=Effect(1, 0, 50)), "wear jpeg from 0 to 50; expected 1 <= low"),
        (lambda: WearOptions(scale=-1), "wear scale -1"),
    ],
)
def test_wrong_options_are_refused(make: type[WearOptions], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make()


def test_chance_decides_and_none_leaves_the_image() -> None:
    image = np.full((20, 30), 200, np.uint8)
    same, move = wear.apply(image, np.random.default_rng(0), WearOptions())
    assert same is image
    assert move.still
    options = WearOptions(gamma=Effect(0.3, 2, 2))
    rng = np.random.default_rng(1)
    changed = [wear.apply(image, rng, options)[0].mean() < 199 for _ in range(600)]
    assert np.mean(changed) == pytest.approx(0.3, abs=0.06)


def test_lengths_follow_the_text() -> None:
    image = np.zeros((41, 41), np.uint8)
    image[20, 20] = 255
    options = WearOptions(blur=Effect(1, 1, 1), scale=32)

    def peak(em: float | None, chosen: WearOptions = options) -> int:
        return int(wear.apply(image, np.random.default_rng(0), chosen, em)[0].max())

    assert peak(16) > peak(32) > peak(64)
    assert peak(None) == peak(32)
    assert peak(64, WearOptions(blur=Effect(1, 1, 1), scale=0)) == peak(None)


def test_geometry_of_a_chain_moves_points() -> None:
    image = np.full((100, 160, 3), 250, np.uint8)
    image[40:45, 100:105] = 0
    options = WearOptions(
        rotate=Effect(1, 3, 6), perspective=Effect(1, 0.02, 0.08), wave=Effect(1, 2, 4), curl=Effect(1, 4, 9)
    )
    for seed in range(6):
        out, move = wear.apply(image, np.random.default_rng(seed), options, fill=250)
        depth = np.clip(200.0 - out[..., 0], 0, None) * (out[..., 0] < 150)
        ys, xs = np.mgrid[: out.shape[0], : out.shape[1]] + 0.5
        found = [float((depth * at).sum() / depth.sum()) for at in (xs, ys)]
        assert found == pytest.approx(move([102.5, 42.5]).tolist(), abs=1)


def test_another_page_shows_through() -> None:
    white, back = np.full((50, 90), 250, np.uint8), np.full((50, 90, 3), 250, np.uint8)
    back[:, :30] = 0
    options = WearOptions(show_through=Effect(1, 0.5, 0.5))
    out, _ = wear.apply(white, np.random.default_rng(0), options, back=back)
    assert out[:, 70:].mean() < 150
    assert out[:, :50].mean() > 245


#: What the chain gave when it was pinned: the mean of 40 images, the generator's next draw, and, with the OpenCV and
#: numpy it was measured with, their checksum.
PINNED = [
    ("grey", 0.3, 3028147625, 130.052, 1800011643),
    ("grey", 1.0, 3450595710, 121.795, 277978682),
    ("grey", 1.5, 3329177446, 124.977, 1862981912),
    ("colour", 0.3, 2079080466, 142.742, 1971284653),
    ("colour", 1.0, 3690390769, 133.038, 1075868054),
    ("colour", 1.5, 256539352, 136.495, 1862981912),
    ("page", 0.3, 152448053, 143.652, 1818951239),
    ("page", 1.0, 3191982506, 133.554, 1702585088),
    ("page", 1.5, 4145608072, 125.4, 1590686676),
]
MEASURED_WITH = cv2.__version__.startswith("5.0.0") and np.__version__.startswith("2.4")


def pinned_image(name: str) -> NDArray[np.uint8]:
    ys, xs = np.mgrid[0:37, 0:91]
    grey = (np.where((xs // 9 + ys // 7) % 2, 230, 30) + xs // 10).astype(np.uint8)
    colour = np.stack([grey, grey, grey // 2 + 100], -1)
    images: dict[str, NDArray[np.uint8]] = {"grey": grey, "colour": colour, "page": np.tile(colour, (7, 5, 1))}
    return images[name]


@pytest.mark.parametrize(("name", "strength", "checksum", "mean", "after"), PINNED)
def test_worn_stays_what_the_benches_are_defined_by(
    name: str, strength: float, checksum: int, mean: float, after: int
) -> None:
    image, rng, crc, means = pinned_image(name), np.random.default_rng(11), 0, []
    for _ in range(40):
        out = wear.worn(image, rng, strength)
        crc = zlib.crc32(out.tobytes(), crc)
        means.append(float(out.mean()))
    assert int(rng.integers(1 << 31)) == after
    assert float(np.mean(means)) == pytest.approx(mean, abs=0.1)
    if MEASURED_WITH:
        assert crc == checksum
