"""The committed recipes of the three systems hold what those systems' sets hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from geulnun.synth.recipes import Plan, load

pytest.importorskip("yaml")
RECIPES = Path(__file__).resolve().parents[3] / "recipes/synth"


def _plan(name: str) -> Plan:
    return load(RECIPES / f"{name}.yaml")


@pytest.mark.parametrize(
    ("name", "split", "counts", "option", "values"),
    [
        ("basic", "train", [9000], "skew", [0]),
        ("skew", "train", [4500, 4500], "skew", [5, 15]),
        ("dist", "held-out", [1000] * 3, "distortion_orientation", [0, 1, 2]),
        ("blur", "held-out", [1000] * 3, "blur", [1, 2, 4]),
        ("back", "held-out", [1000] * 3, "background", [0, 1, 2]),
    ],
)
def test_ocr_kor_types(name: str, split: str, counts: list[int], option: str, values: list[int]) -> None:
    parts = _plan(f"ocr_kor_{name}").parts
    assert [part.count for part in parts] == counts
    assert [part.recipe.options.count for part in parts] == counts
    assert [getattr(part.recipe.options, option) for part in parts] == values
    for part in parts:
        options = part.recipe.options
        assert (part.recipe.kind, part.recipe.split, options.words, options.height) == ("trdg", split, 10, 64)
        assert options.random_skew == (name == "skew")
        assert options.distortion == (3 if name == "dist" else 0)


@pytest.mark.parametrize("size", [64, 96, 128, 256])
def test_koocr_grids(size: int) -> None:
    plan = _plan(f"koocr_{size}")
    assert plan.format == "koocr"
    groups = [part.recipe.options.group for part in plan.parts]
    assert groups == ["printed", "handwriting-font", "handwritten"]
    assert {(part.recipe.options.image_size, part.count) for part in plan.parts} == {(size, None)}


def test_kana_grid() -> None:
    (part,) = _plan("kana").parts
    options = part.recipe.options
    assert (options.image_size, len(options.characters)) == (256, 169)
    assert options.rotations == (0, -4, 4, -8, 8)
