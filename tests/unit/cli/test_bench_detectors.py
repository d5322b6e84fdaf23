"""`geulnun bench detectors`, `bench orientation` and `train orientation` on one font, as little of each as can be."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("yaml")

from geulnun.bench import detectors
from geulnun.bench.detectors import noise
from geulnun.cli import bench, train
from geulnun.errors import UsageError
from geulnun.runtime import weights


def _run(app: typer.Typer, *command: object) -> str:
    """Standard output of a verb that must go well."""
    result = CliRunner().invoke(app, list(map(str, command)), catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def recipes(test_font: Path, tmp_path: Path) -> Path:
    """A folder of recipes as recipes/synth is, that draw with one font."""
    folder = tmp_path / "synth"
    (folder / "fonts").mkdir(parents=True)
    shutil.copy(test_font, folder / "fonts")
    fonts = f"fonts: {{folder: {folder / 'fonts'}}}\n"
    for name, kinds in (("pages", "{sparse: 1}"), ("scenes", "{sign: 1}")):
        look = "page: {em: [12, 13], longest: 300, wear: 0, skew: 0, perspective: 0, extras: 0}"
        (folder / f"{name}.yaml").write_text(f"kind: {name}\n{fonts}options: {{kinds: {kinds}, {look}}}\n", "utf-8")
    for name, direction in (("lines", "across"), ("columns", "down")):
        (folder / f"{name}.yaml").write_text(
            f"kind: lines\n{fonts}mix: {{syllables: 1}}\n"
            f"options: {{direction: {direction}, length: [2, 4], worn: 0}}\n",
            "utf-8",
        )
    return folder


def test_detectors_side_by_side(recipes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Small pages, and without the long one.
    monkeypatch.setattr(detectors, "noise", lambda seed: replace(noise(seed, side=64), size=8))
    other = f"again={weights.path('detector')}"
    command = ["detectors", "--detector", other, "--recipes", recipes, "--pages", 1, "--read", 0]
    command += ["--no-rivals", "--repeats", 0, "--threads", 1, "--work", tmp_path / "work", "--out", tmp_path / "out"]
    out = _run(bench.app, *command)
    content = json.loads((tmp_path / "out/detectors.json").read_text("utf-8"))
    rows = {(row["set"], row["detector"]): row for row in content["rows"]}
    assert rows.keys() == {
        (of, name) for of in ("pages", "scenes", "pages without text") for name in ("regions", "points", "again")
    }
    # The same network finds the same.
    timed = ("scaling_ms", "network_ms", "rest_ms", "detector")
    for of in ("pages", "scenes"):
        one, two = ({k: v for k, v in rows[of, name].items() if k not in timed} for name in ("regions", "again"))
        assert one == two
    assert "![What each detector finds on drawn pages](detectors.webp)" in out
    assert out == (tmp_path / "out/detectors.md").read_text("utf-8")


@pytest.mark.parametrize("named", ["points", "points=nowhere.onnx", "=detector.onnx"])
def test_a_detector_needs_a_name_and_a_file(named: str) -> None:
    with pytest.raises(UsageError, match="give a name and an ONNX file as NAME=FILE"):
        _run(bench.app, "detectors", "--detector", named)


def test_recipes_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"pages\.yaml: no such file"):
        _run(bench.app, "detectors", "--no-rivals", "--recipes", tmp_path)


def test_orientation_is_trained_and_measured(recipes: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    recipe = recipes.parent / "orientation.yaml"
    recipe.write_text(
        "lines: synth/lines.yaml\ncolumns: synth/columns.yaml\nbatch: 2\nsteps: 1\nworkers: 0\nthreads: 1\n"
        "validation_lines: 1\n",
        "utf-8",
    )
    trained = _run(train.app, "orientation", recipe, "-o", tmp_path / "run", "--device", "cpu")
    assert trained == f"{tmp_path / 'run/orientation.onnx'}\n"
    command = ["orientation", "--weights", tmp_path / "run/orientation.onnx", "--recipes", recipes]
    out = _run(bench.app, *command, "--pages", 1, "--lines", 4, "--threads", 1, "--out", tmp_path / "out")
    rows = json.loads((tmp_path / "out/orientation.json").read_text("utf-8"))["rows"]
    samples = {row["name"]: row["samples"] for row in rows}
    assert (samples["all pages"], samples["lines of Hangul"], samples["columns"]) == (4, 8, 2)
    assert "## Lines" in out
