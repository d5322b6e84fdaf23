"""The command line run in this process, on networks that need no weights."""

import io
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geulnun import geometry
from geulnun.cli.app import main
from geulnun.runtime.detector import Detection
from geulnun.runtime.recogniser import CharReading, LineReading


class OneLine:
    """Finds one line, all of the page, where the page is not blank."""

    def __init__(self, **_: object) -> None: ...

    def detect(self, rgb: NDArray[np.uint8], /) -> Detection:
        if rgb[0, 0, 0] == 13:
            raise RuntimeError("a bug\nof two lines")
        if rgb[0, 0, 0] == 14:
            raise KeyboardInterrupt
        if rgb[0, 0, 0] == 15:
            warnings.warn("odd metadata", stacklevel=1)
        count = int(rgb[0, 0, 0] < 255)
        quads = geometry.from_boxes([[0, 0, rgb.shape[1], rgb.shape[0]]] * count)
        return Detection(quads, np.ones(count), 0, 1.0)


class Value:
    """Writes the grey value in a crop's middle."""

    def __init__(self, *_: object) -> None: ...

    def read(self, crops: Sequence[NDArray[np.uint8]], /) -> list[LineReading]:
        texts = [f"값{crop[crop.shape[0] // 2, crop.shape[1] // 2]}" for crop in crops]
        return [
            LineReading(tuple(CharReading(c, 0.5, i / len(t), (i + 1) / len(t)) for i, c in enumerate(t)), 0.5)
            for t in texts
        ]


@dataclass
class Result:
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Callable[..., Result]:
    monkeypatch.setattr("geulnun.runtime.detector.Detector", OneLine)
    monkeypatch.setattr("geulnun.runtime.recogniser.Recogniser", Value)
    monkeypatch.delenv("GEULNUN_DEBUG", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as caught:
            main([str(argument) for argument in arguments])
        captured = capsysbinary.readouterr()
        return Result(int(caught.value.code or 0), captured.out.decode(), captured.err.decode())

    return call


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Makes an image file of the given grey values, one a page."""

    def make(name: str, *values: int) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frames = [Image.new("L", (60, 20), value) for value in values]
        if len(frames) > 1:
            frames[0].save(path, save_all=True, append_images=frames[1:])
        else:
            frames[0].save(path)
        return path

    return make
