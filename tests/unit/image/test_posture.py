"""Crops for the orientation network: whatever their colours and length."""

from __future__ import annotations

import numpy as np
import pytest

from geulnun.image import posture


def _line(width: int, height: int = 32) -> np.ndarray:
    image = np.full((height, width), 240, np.uint8)
    image[height // 4 : height // 2, 4 : width - 4 : 6] = 20
    return image


def test_light_on_dark_is_seen_as_dark_on_light() -> None:
    light, dark = posture.posture_input(255 - _line(90)), posture.posture_input(_line(90))
    assert light.shape == (32, 90)
    np.testing.assert_allclose(light, dark, atol=1e-5)
    assert np.median(dark) > 0.9
    assert dark[10, 4] < -0.9


def test_colours_and_heights_come_to_grey_lines() -> None:
    small = posture.posture_input(np.repeat(_line(45, 16)[..., None], 3, 2))
    assert small.shape == (32, 90)
    assert small.dtype == np.float32


@pytest.mark.parametrize("height", [32, 64])
def test_long_lines_are_seen_in_their_middle(height: int) -> None:
    width = height * 40
    image = np.tile(_line(height), (1, 40))[:height, :width]
    image[:, : width // 4] = image[:, -width // 4 :] = 130
    found = posture.posture_input(image)
    assert found.shape == (32, posture.WIDEST)
    # Of 40 heights only the middle twelve are seen; nothing of the grey ends.
    assert np.median(found) > 0.9


def test_batches_are_padded_with_paper() -> None:
    batch = posture.posture_batch([posture.posture_input(_line(width)) for width in (40, 90)])
    assert batch.shape == (2, 1, 32, 96)
    assert (batch[0, 0, :, 40:] > 0.9).all()
