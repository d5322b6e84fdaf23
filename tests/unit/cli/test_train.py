"""geulnun train recogniser: a file of ours or of train_easyocr in, weights that read out, results on stdout."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("lightning")

from tests.unit.cli.conftest import Run

from geulnun.runtime.recogniser import Recogniser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight lines of digits with their list."""
    made = tmp_path / "lines"
    (made / "images").mkdir(parents=True)
    rows = ["filename,words"]
    for at in range(8):
        image = np.full((32, 80), 255, np.uint8)
        cv2.putText(image, str(at * 11), (4, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
        cv2.imwrite(str(made / "images" / f"{at}.png"), image)
        rows.append(f"{at}.png,{at * 11}")
    (made / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return made


def test_a_recipe_of_ours(run: Run, folder: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "run.yaml"
    recipe.write_text(
        "net: none-vgg-none-ctc\nwidth: 0.05\nclasses: {head: flat}\ndata: [{path: lines}]\n"
        "validation: [{path: lines}]\nsteps: 2\nrise: 0\ndecay: 1\nbatch: 4\nworkers: 0\nthreads: 1\nshow: 2\n",
        "utf-8",
    )
    result = run("train", "recogniser", recipe, "-o", tmp_path / "out", "--device", "cpu")
    assert result.code == 0, result.err
    assert "Current_norm_ED" in result.out
    assert result.out.rstrip().endswith("recogniser.onnx")
    assert "2 of 2 steps" in result.err
    reader = Recogniser(tmp_path / "out" / "recogniser.onnx")
    assert reader.spec.classes.missing("0123456") == []
    assert "8" in reader.spec.classes.missing("8")


def test_a_config_of_train_easyocr(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = tmp_path / "config.yaml"
    config.write_text(
        f"experiment_name: phase4\ncharacter: '0123456789'\ntrain_data: {folder}\nval_data: {folder}\nworkers: 0\n"
        "select_data: /\nbatch_size: 4\nn_iter: 1\nval_period: 1\nimg_height: 32\nimg_width: 96\noutput_channel: 16\n"
        "hidden_size: 16\nFeatureExtraction: VGG\nPrediction: CTC\ndecode: greedy\nshow_number: 2\n",
        "utf-8",
    )
    result = run("train", "recogniser", config, "--device", "cpu")
    assert result.code == 0, result.err
    assert "decode: of no meaning here" in result.err
    spec = Recogniser(tmp_path / "runs" / "phase4" / "recogniser.onnx").spec
    assert (spec.height, spec.width, spec.padding) == (32, 96, "edge")


def test_a_misspelt_key_is_an_error_of_one_line(run: Run, tmp_path: Path) -> None:
    recipe = tmp_path / "run.yaml"
    recipe.write_text("nett: crnn\n", "utf-8")
    result = run("train", "recogniser", recipe)
    assert result.code == 6
    assert "did you mean 'net'" in result.err
    assert result.err.count("\n") == 1
