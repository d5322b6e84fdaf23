"""The whole way of a weight: a recipe, a short run, a kill, a resume, an export, a reader that opens it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from geulnun.export.recogniser import export_recogniser
from geulnun.runtime.recogniser import Recogniser
from geulnun.synth import recipes
from geulnun.synth.fonts import Face, Family
from geulnun.training import lines as training_lines
from geulnun.training.recogniser import RecogniserRecipe, train


@pytest.fixture(autouse=True)
def one_font(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw with the font of the tests, whatever is installed."""
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    monkeypatch.setattr("geulnun.training.lines.faces", lambda *_: (face,))


@pytest.fixture
def data(test_font: Path, tmp_path: Path) -> Path:
    """A recipe of short sentences in the font of the tests."""
    file = tmp_path / "lines.yaml"
    look = "options: {size: [20, 30], length: [1, 6]}"
    file.write_text(f"kind: lines\nmix: {{sentence: 1}}\nfonts: {{folder: {test_font.parent}}}\n{look}\n", "utf-8")
    return file


def recipe(data: Path, lines: int) -> RecogniserRecipe:
    return RecogniserRecipe(
        data, lines=lines, decay=10, columns=1_000, workers=0, threads=1, validation_lines=2, save_minutes=0
    )


def test_a_run_trains_resumes_exports_and_reads(data: Path, tmp_path: Path) -> None:
    said: list[str] = []
    folder = tmp_path / "run"
    train(recipe(data, 20), folder, device="cpu", log=said.append)
    assert "CER in per cent: clean" in said[-1]
    first = (folder / "last.pt").read_bytes()
    checkpoint = train(recipe(data, 40), folder, device="cpu", log=said.append)
    assert checkpoint.read_bytes() != first
    assert int(said[-1].split(" of ")[0]) >= 40
    assert not list(folder.glob("*.tmp"))
    target = export_recogniser(checkpoint, recipe(data, 40), tmp_path / "recogniser.onnx")
    assert target.stat().st_size < 4_000_000
    reading = Recogniser(target).read([np.full((30, 200), 255, np.uint8)])[0]
    assert 0 <= reading.confidence <= 1


def test_batches_are_alike_in_width_and_fit_their_text(data: Path) -> None:
    stream = iter(training_lines.LineStream(recipes.load(data, "lines"), seed=3, columns=4_000))
    for _ in range(6):
        batch = next(stream)
        count, channels, height, width = batch.inputs.shape
        assert (channels, height, width % training_lines.BUCKET) == (1, 40, 0)
        assert count * width <= 4_000
        assert int(batch.steps.max()) * 4 <= width + 3
        assert [len(label) for label in batch.labels] == [len(text) for text in batch.texts]
        assert all(len(text) <= int(steps) for text, steps in zip(batch.texts, batch.steps, strict=True))
