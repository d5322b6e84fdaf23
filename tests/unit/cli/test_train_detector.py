"""`geulnun train detector`: recipes of every kind become files that say what they are."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

pytest.importorskip("torch")

import onnxruntime

from geulnun import geometry
from geulnun.cli.train_detector import detector
from geulnun.document import Block, Char, Document, Line, Page, Word
from geulnun.errors import RecipeError
from geulnun.spec import DetectorSpec
from geulnun.write import JsonWriter

app = typer.Typer()
app.command()(detector)

RECIPE = """\
kind: {kind}
data: [{{path: set}}]
validation: [{{path: set, name: v}}]
crops: {{size: [64, 64]}}
steps: 1
batch: 1
workers: 0
threads: 1
tensorboard: false
"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A page with a word of one character."""
    quad = geometry.to_tuple(geometry.from_boxes([[20, 20, 40, 40]])[0])
    page = Page(64, 64, (Block((Line((Word((Char("가", quad),), quad),), quad),)),))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "0.json").write_bytes(JsonWriter().encode(Document((page,), "0.png")))
    image = np.full((64, 64, 3), 255, np.uint8)
    image[20:40, 20:40] = 0
    cv2.imwrite(str(tmp_path / "set" / "0.png"), image)
    return tmp_path


@pytest.mark.parametrize(("kind", "precision"), [("regions", "float16"), ("points", "int8")])
def test_a_recipe_becomes_a_detector(pages: Path, kind: str, precision: str) -> None:
    (pages / "run.yaml").write_text(RECIPE.format(kind=kind), "utf-8")
    out = pages / "out"
    arguments = [str(pages / "run.yaml"), "-o", str(out), "--device", "cpu", "--precision", precision]
    found = CliRunner().invoke(app, arguments)
    assert found.exit_code == 0, found.output
    assert "1 of 1, v: word F1" in found.stdout
    assert found.stdout.rstrip().endswith(str(out / "detector.onnx"))
    session = onnxruntime.InferenceSession(str(out / "detector.onnx"), providers=["CPUExecutionProvider"])
    assert DetectorSpec.of_metadata(session.get_modelmeta().custom_metadata_map, "it").kind == kind
    (maps,) = session.run(None, {"page": np.zeros((32, 64, 3), np.uint8)})
    assert maps.ndim == 3


def test_a_misspelt_key_and_a_kind_that_is_none_are_errors(tmp_path: Path) -> None:
    recipe = tmp_path / "run.yaml"
    recipe.write_text("kind: points\ndata: [{path: set}]\nstep: 1\n", "utf-8")
    with pytest.raises(RecipeError, match="did you mean 'steps'"):
        CliRunner().invoke(app, [str(recipe)], catch_exceptions=False)
    recipe.write_text("kind: dots\ndata: [{path: set}]\n", "utf-8")
    with pytest.raises(RecipeError, match="kind is 'dots'"):
        CliRunner().invoke(app, [str(recipe)], catch_exceptions=False)
