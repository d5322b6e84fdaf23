"""The recipes of characters: read, their sets there and of characters, their networks as they say."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from geulnun.recipe import load
from geulnun.spec import CharacterSpec
from geulnun.synth import recipes
from geulnun.training.characters import networks
from geulnun.training.characters.options import CharacterTraining

FOLDER = Path(__file__).resolve().parents[2] / "recipes" / "characters"
#: Recipes on the old protocol of kana, which shows the same fonts on both sides.
PROTOCOL = ("kana_original", "kana_mended", "kana_ours")
RECIPES = sorted(FOLDER.glob("*.yaml"))


def read(name: str) -> CharacterTraining:
    return load(FOLDER / f"{name}.yaml", CharacterTraining).beneath(FOLDER)


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: file.stem)
def test_a_recipe_is_read_with_its_sets_and_builds_its_network(file: Path) -> None:
    options = read(file.stem)
    assert f"geulnun train character recipes/characters/{file.name}" in file.read_text("utf-8")
    for choice in (*options.data, *options.validation):
        for path in choice.paths:
            assert recipes.load(path).verb == "chars"
    classes = options.classes.classes(options.net.head == "whole", str)
    spec = CharacterSpec(options.input.size, options.input.framing, classes)
    with torch.device("meta"):  # shapes without numbers
        net = networks.build(options, spec, {})
        assert net(torch.zeros(2, 1, spec.size, spec.size)).shape == (2, classes.width)


def test_validation_is_on_fonts_that_are_not_trained_on_but_for_the_old_protocol() -> None:
    for file in RECIPES:
        options = read(file.stem)
        same = [one.title for one in options.validation if one.split != "held-out"]
        assert same == (["protocol"] if file.stem in PROTOCOL else []), file
        assert all(one.split != "held-out" for one in options.data)


def test_the_kana_protocol_parts_its_grid_and_differs_in_its_loss_alone() -> None:
    original, mended = read("kana_original"), read("kana_mended")
    assert (original.double_softmax, mended.double_softmax) == (True, False)
    assert original.data == mended.data
    assert (original.data[0].share, original.validation[0].share) == ((0, 0.95), (0.95, 1))
    assert (original.net, original.rate, original.batch, original.epochs) == (mended.net, 1e-3, 100, 2)
    assert original.classes.classes(True, str).classes == 170


def test_the_default_knows_what_the_package_knows() -> None:
    classes = read("default").classes.classes(False, str)
    assert all(char in classes for char in "한뷁ㄱㅏ1aZ?あン…")
    assert " " not in classes
