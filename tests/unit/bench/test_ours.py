"""Our own engine, with networks made for the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun import pipeline
from geulnun.bench import ours
from geulnun.decode.posture import PageTurn
from geulnun.errors import ModelError
from geulnun.geometry import from_boxes
from geulnun.runtime import weights
from geulnun.runtime.recogniser import CharReading, LineReading


@dataclass(frozen=True)
class Found:
    quads: NDArray[np.float64]
    rotation: int = 0


class Detector:
    def detect(self, rgb: NDArray[np.uint8], /) -> Found:
        return Found(from_boxes([[2, 2, 60, 18]]))


class Recogniser:
    def read(self, crops: Sequence[NDArray[np.uint8]], /) -> list[LineReading]:
        chars = tuple(CharReading(char, 0.9, index / 4, (index + 1) / 4) for index, char in enumerate("가 나다"))
        return [LineReading(chars, 0.9) for _ in crops]


class Upright:
    def page(self, image: NDArray[np.uint8], quads: NDArray[np.float64], guess: int, /) -> PageTurn:
        return PageTurn(guess, 1.0, 0.0)

    def begun(self, image: NDArray[np.uint8], quads: NDArray[np.float64], rotation: int, /) -> NDArray[np.float64]:
        return quads


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ours.Geulnun:
    monkeypatch.setattr(weights, "path", lambda name, *_: Path(name))
    reader = partial(pipeline.Reader, detector=Detector(), recogniser=Recogniser(), orientation=Upright())
    monkeypatch.setattr(ours, "Reader", reader)
    return ours.Geulnun(threads=2)


def test_pages_and_lines(engine: ours.Geulnun) -> None:
    image = np.full((40, 80, 3), 255, np.uint8)
    [page, _] = engine.read([image, image], "page")
    assert [line.text for line in page.page.lines] == ["가 나다"]
    assert page.page.lines[0].quad == ((2.0, 2.0), (60.0, 2.0), (60.0, 18.0), (2.0, 18.0))
    [line] = engine.read([image[:20]], "line")
    assert (line.page.text, line.page.height) == ("가 나다", 20)
    assert line.wall > 0


def test_the_command_line_reads_a_file_for_each_copy(engine: ours.Geulnun, tmp_path: Path) -> None:
    image = tmp_path / "page.png"
    image.write_bytes(b"pixels")
    arguments, _ = engine.command(image, 3)
    files = [Path(argument) for argument in arguments if argument.endswith(".png")]
    assert len(set(files)) == 3
    assert {file.read_bytes() for file in files} == {b"pixels"}
    assert arguments[arguments.index("--threads") + 1] == "2"


def test_its_identity_tells_of_code_and_weights(engine: ours.Geulnun) -> None:
    assert engine.identity.startswith("geulnun ")
    assert ours.code_digest() in engine.identity
    assert len(ours.code_digest()) == 12


def test_without_a_detector_it_reads_lines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def path(name: str) -> Path:
        if name == "detector":
            raise ModelError("no weight is called 'detector'")
        return Path(name)

    monkeypatch.setattr(weights, "path", path)
    assert ours.Geulnun().levels == {"line", "word"}


def test_without_a_recogniser_there_is_nothing_to_measure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "path", partial(weights.path, directory=tmp_path))
    with pytest.raises(ModelError):
        ours.Geulnun()
