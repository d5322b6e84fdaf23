"""A small image: the title and two rows of a letter's head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image


@pytest.fixture(scope="session")
def head(samples: Path) -> NDArray[np.uint8]:
    """The head of the sample letter, RGB."""
    with Image.open(samples / "letter.png") as page:
        picture = page.convert("RGB").crop((0, 150, 1150, 440))
    rgb = np.asarray(picture)
    # On paper of one colour that is no grey, so that a mix-up of the channels would show.
    tint = np.array([255, 250, 200], np.uint8)
    tinted: NDArray[np.uint8] = np.minimum(rgb, tint)
    return tinted
