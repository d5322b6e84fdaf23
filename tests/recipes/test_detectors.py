"""The recipes of detectors: read, their sets there and of pages."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from geulnun.recipe import load
from geulnun.synth import recipes
from geulnun.training.detection.options import DetectorTraining

FOLDER = Path(__file__).resolve().parents[2] / "recipes" / "detectors"
RECIPES = sorted(FOLDER.glob("*.yaml"))


def read(name: str) -> DetectorTraining:
    return load(FOLDER / f"{name}.yaml", DetectorTraining).beneath(FOLDER)


def test_there_is_one_of_each_kind() -> None:
    assert {file.stem: read(file.stem).kind for file in RECIPES} == {"points": "points", "regions": "regions"}


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_recipe_is_read_with_its_sets(file: Path) -> None:
    options = read(file.stem)
    assert f"geulnun train detector recipes/detectors/{file.name}" in file.read_text("utf-8")
    verbs = [recipes.load(one.path).verb for one in options.data]
    assert verbs == ["pages", "scenes"]
    assert all(one.split is None for one in options.data)
    assert [(one.title, one.split) for one in options.judged] == [("pages", "held-out"), ("scenes", "held-out")]
    assert all(part.recipe.split == "train" for one in options.data for part in recipes.load(one.path).parts)


def test_both_learn_from_the_same_crops() -> None:
    points, regions = read("points"), read("regions")
    assert (points.data, points.crops, points.steps, points.batch) == (
        regions.data, regions.crops, regions.steps, regions.batch,
    )  # fmt: skip
