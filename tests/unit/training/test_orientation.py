"""Training of the orientation network: what it is shown, how it is judged, and that a killed run goes on."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from geulnun.decode.posture import COLUMN  # noqa: E402
from geulnun.errors import RecipeError  # noqa: E402
from geulnun.export.orientation import export_orientation  # noqa: E402
from geulnun.recipe import load  # noqa: E402
from geulnun.runtime.orientation import Orientation  # noqa: E402
from geulnun.training import orientation  # noqa: E402
from geulnun.training.orientation import HeldOut, Lines, OrientationRecipe, disturbed, judge, speaks  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def recipe(test_font: Path, tmp_path: Path) -> OrientationRecipe:
    """A recipe on the one test font, as small as can be."""
    (tmp_path / "fonts").mkdir()
    shutil.copy(test_font, tmp_path / "fonts")
    for name, direction in (("lines", "across"), ("columns", "down")):
        (tmp_path / f"{name}.yaml").write_text(
            f"kind: lines\nfonts: {{folder: {tmp_path / 'fonts'}}}\nmix: {{syllables: 1, figures: 1}}\n"
            f"options: {{direction: {direction}, length: [2, 5], size: [16, 20], worn: 0}}\n",
            "utf-8",
        )
    (tmp_path / "run.yaml").write_text(
        "lines: lines.yaml\ncolumns: columns.yaml\nshare: 0.5\nbatch: 4\nsteps: 2\ndecay: 1\nwarm_up: 1\nworkers: 0\n"
        "validation_lines: 2\n",
        "utf-8",
    )
    return load(tmp_path / "run.yaml", OrientationRecipe).beneath(tmp_path)


def test_a_batch_is_decided_by_its_number(recipe: OrientationRecipe) -> None:
    first, second, other = (next(iter(Lines(recipe, number))) for number in (5, 5, 6))
    for one, again in zip(first, second, strict=True):
        assert torch.equal(one, again)
    assert not torch.equal(first.postures, other.postures) or first.lines.shape != other.lines.shape


def test_lines_and_columns_come_both_ways_up(recipe: OrientationRecipe) -> None:
    many = replace(recipe, batch=40, others=0.25)
    batch = next(iter(Lines(many)))
    assert batch.lines.shape[:3] == (40, 1, 32)
    assert set(batch.postures.tolist()) == {0, 1, 2, 3}
    # Figures weigh less than syllables.
    assert set(batch.weights.tolist()) == {0.25, 1.0}
    assert not (next(iter(Lines(replace(many, share=0.0)))).postures >= COLUMN).any()


def test_hangul_speaks() -> None:
    assert speaks("가나 123")
    assert speaks("3층 가")
    assert not speaks("2026. 11. 22 일")
    assert not speaks("ABC")
    assert not speaks("")


def test_disturbed_crops_stay_lines() -> None:
    image = np.full((30, 80), 200, np.uint8)
    image[10:20, 20:60] = 0
    for seed in range(20):
        crop = disturbed(image, np.random.default_rng(seed))
        assert min(crop.shape) >= 4
        assert crop.min() < 40
        assert crop.max() == 200


class _Ink(nn.Module):
    """Knows a line's upper half by its ink; says the same of a column."""

    def forward(self, lines: Tensor) -> Tensor:
        top = -lines[:, 0, :16].mean((1, 2))
        bottom = -lines[:, 0, 16:].mean((1, 2))
        logits: Tensor = torch.stack([top, bottom, top - 1, bottom - 1], 1)
        return logits


def test_whoever_always_says_the_same_is_right_half_the_time() -> None:
    line = np.ones((32, 64), np.float32)
    line[4:12] = -1
    lines = [HeldOut(line, False, True), HeldOut(line, True, True), HeldOut(line, False, False)]
    rows = judge(_Ink(), lines, torch.device("cpu"))
    assert [rows[name].value for name in ("hangul", "columns", "others")] == [1.0, 1.0, 1.0]
    # It takes every column for a line.
    assert (rows["kind"].right, rows["kind"].total) == (2, 4)
    with torch.no_grad():
        same = nn.Linear(4, 4)
        same.weight.zero_()
        same.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
    assert judge(nn.Sequential(_Ink(), same), lines, torch.device("cpu"))["hangul"].value == 0.5


def test_a_run_goes_on_where_it_stopped(
    recipe: OrientationRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    whole = orientation.train(replace(recipe, steps=3), tmp_path / "whole", device="cpu", log=lines.append)
    counted = iter([0.0] * 5 + [1e9] * 9)
    with monkeypatch.context() as patch:
        # Time runs out after two steps.
        patch.setattr("geulnun.training.run.time", SimpleNamespace(monotonic=lambda: next(counted)))
        stopped = orientation.train(
            replace(recipe, steps=3), tmp_path / "parts", device="cpu", log=lines.append, minutes=1
        )
    assert torch.load(stopped, weights_only=True)["progress"]["steps"] == 2
    state = orientation.train(replace(recipe, steps=3), tmp_path / "parts", device="cpu", log=lines.append)
    first, second = (torch.load(one, weights_only=True) for one in (whole, state))
    assert first["progress"]["steps"] == second["progress"]["steps"] == 3
    for name, value in first["net"].items():
        torch.testing.assert_close(value, second["net"][name])
    assert "hangul" in lines[-1]
    export_orientation(state, tmp_path / "orientation.onnx")
    told = Orientation(tmp_path / "orientation.onnx", threads=1).postures([np.zeros((20, 60), np.uint8)])
    assert told.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("values", [{"batch": 1}, {"steps": 0}, {"share": 1.5}, {"others": -0.1}])
def test_impossible_recipes_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(RecipeError, match="expected"):
        OrientationRecipe(Path("a"), Path("b"), **values)  # type: ignore[arg-type]  # the point of the test


def test_only_recipes_of_lines_will_do(recipe: OrientationRecipe, tmp_path: Path) -> None:
    (tmp_path / "pages.yaml").write_text(f"kind: pages\nfonts: {{folder: {tmp_path / 'fonts'}}}\n", "utf-8")
    with pytest.raises(RecipeError, match="it draws pages; orientation is learnt from recipes of lines"):
        replace(recipe, columns=tmp_path / "pages.yaml").sources()


def test_the_shipped_recipe_loads() -> None:
    found = load(ROOT / "recipes/orientation.yaml", OrientationRecipe).beneath(ROOT / "recipes")
    assert found.lines.is_file()
    assert found.columns.is_file()
