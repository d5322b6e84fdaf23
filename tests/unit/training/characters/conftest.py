"""Sets of drawn digits on disk, and a network that learns them in milliseconds."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

MakeGlyphs = Callable[..., Path]


def digit(text: str, seed: int = 0, side: int = 40) -> np.ndarray:
    """A digit, black on white, its place and weight drawn."""
    rng = np.random.default_rng(seed)
    image = np.full((side, side), 255, np.uint8)
    x, y = (int(value) for value in rng.integers(4, 14, 2))
    cv2.putText(image, text, (x, side - y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 0, int(rng.integers(1, 4)))
    return image


@pytest.fixture
def make_glyphs(tmp_path: Path) -> MakeGlyphs:
    """Writes a folder of images with labels.csv: ``count`` digits in turn."""

    def make(name: str, count: int = 20, characters: str = "0123456789") -> Path:
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rows = ["filename,words"]
        for at in range(count):
            text = characters[at % len(characters)]
            cv2.imwrite(str(folder / "images" / f"{at}.png"), digit(text if text.isascii() else "8", at))
            rows.append(f"{at}.png,{text}")
        (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
        return folder

    return make


@pytest.fixture
def make_pickles(tmp_path: Path) -> MakeGlyphs:
    """Writes KoOCR's pickles: ``files`` of each group, ``each`` digits in each."""

    def make(name: str, files: int = 2, each: int = 5, groups: tuple[str, ...] = ("printed", "handwritten")) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for group in groups:
            for number in range(files):
                labels = [str((number * each + at) % 10) for at in range(each)]
                images = np.stack([digit(label, number * 100 + at) for at, label in enumerate(labels)])
                content = {"image": images, "label": np.array(labels)}
                (folder / f"{group}_{number}.pickle").write_bytes(pickle.dumps(content))
        return folder

    return make
