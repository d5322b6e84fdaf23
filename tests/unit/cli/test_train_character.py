"""`geulnun train character`: from a recipe to a file that says what it reads."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("torch")

import onnxruntime

from geulnun.cli.train_character import character
from geulnun.spec import CharacterSpec

app = typer.Typer()
app.command()(character)

RECIPE = """\
data: [{path: set}]
validation: [{path: set, name: v}]
net: {name: dense, factor: 0.1, head: whole}
classes: {alphabets: [digits]}
input: {size: 32, reject: 0.25}
steps: 2
batch: 4
workers: 0
threads: 1
tensorboard: false
zipped: true
"""


def test_a_recipe_becomes_a_recogniser(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    rows = ["filename,words"]
    for at in range(4):
        image = np.full((40, 40), 255, np.uint8)
        cv2.putText(image, str(at), (8, 32), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 2)
        cv2.imwrite(str(tmp_path / "set" / f"{at}.png"), image)
        rows.append(f"{at}.png,{at}")
    (tmp_path / "set" / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    (tmp_path / "run.yaml").write_text(RECIPE, "utf-8")
    found = CliRunner().invoke(app, [str(tmp_path / "run.yaml"), "-o", str(tmp_path / "out"), "-q", "--device", "cpu"])
    assert found.exit_code == 0, found.output
    assert "2 of 2, v, printed: top-1" in found.stdout
    assert "rate" not in found.stdout + found.stderr
    target = tmp_path / "out" / "character.onnx"
    assert str(target) in found.stdout
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    spec = CharacterSpec.of_metadata(session.get_modelmeta().custom_metadata_map, "it")
    assert (spec.size, spec.reject, spec.classes.width) == (32, 0.25, 11)
    (logits,) = session.run(None, {"characters": np.zeros((3, 1, 32, 32), np.float32)})
    assert logits.shape == (3, 11)
    with zipfile.ZipFile(tmp_path / "out" / "character.zip") as archive:
        assert archive.namelist() == ["character.onnx"]
