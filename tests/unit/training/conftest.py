"""Little sets of lines on disk, and a network that trains on them in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

CHARACTERS = " 0123456789"
MakeSet = Callable[..., Path]


def digits(text: str, width: int, height: int = 32) -> np.ndarray:
    """A line of digits, black on white."""
    image = np.full((height, width), 255, np.uint8)
    cv2.putText(image, text, (4, height - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
    return image


@pytest.fixture
def make_set(tmp_path: Path) -> MakeSet:
    """Writes a folder of images with labels.csv: ``count`` lines of digits that begin with ``prefix``."""

    def make(name: str, count: int = 12, prefix: str = "", seed: int = 0, width: int | None = None) -> Path:
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rng = np.random.default_rng(seed)
        rows = ["filename,words"]
        for at in range(count):
            text = prefix + "".join(str(digit) for digit in rng.integers(0, 10, 1 + at % 5))
            cv2.imwrite(str(folder / "images" / f"{at}.png"), digits(text, width or 16 + 16 * len(text)))
            rows.append(f"{at}.png,{text}")
        (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
        return folder

    return make
