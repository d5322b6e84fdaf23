"""`geulnun train encoder`: a recipe in, encoder.pt out."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from typer.testing import CliRunner

from geulnun.cli.app import app


def test_a_recipe_and_a_folder_of_images_give_an_encoder(tmp_path: Path) -> None:
    crops = tmp_path / "crops"
    crops.mkdir()
    rng = np.random.default_rng(1)
    for at in range(4):
        cv2.imwrite(str(crops / f"{at}.png"), rng.integers(0, 256, (32, 80), np.uint8))
    recipe = tmp_path / "seqclr.yaml"
    recipe.write_text("data: [{path: crops}]\nwidth: 0.06\nbatch: 2\nsteps: 1\nworkers: 0\nthreads: 1\n", "utf-8")
    result = CliRunner().invoke(app, ["train", "encoder", str(recipe), "-o", str(tmp_path / "run"), "--device", "cpu"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run" / "encoder.pt").is_file()
    assert result.stdout.strip().endswith("encoder.pt")
    assert "other views: " in (tmp_path / "run" / "log.txt").read_text("utf-8")
    recipe.write_text("data: [{path: crops}]\nwindow: 3\n", "utf-8")
    wrong = CliRunner().invoke(app, ["train", "encoder", str(recipe)])
    assert wrong.exception is not None
    assert "unknown key window; did you mean 'windows'?" in str(wrong.exception)
