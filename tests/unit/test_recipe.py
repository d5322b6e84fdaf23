"""Recipes: what YAML becomes, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from geulnun.errors import MissingInputError, RecipeError, UsageError
from geulnun.recipe import load


@dataclass(frozen=True)
class Look:
    size: tuple[int, int] = (13, 60)
    worn: float = 0.5

    def __post_init__(self) -> None:
        if self.worn > 1:
            raise UsageError(f"worn is {self.worn}; expected 0..1")


@dataclass(frozen=True)
class Part:
    name: str
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True)
class Recipe:
    lines: int = 1
    texts: Path | None = None
    look: Look = field(default_factory=Look)
    extra: Look | None = None
    parts: tuple[Part, ...] = ()
    named: Mapping[str, Look] = field(default_factory=dict)
    pair: tuple[int, Look] | None = None


def written(folder: Path, text: str) -> Path:
    file = folder / "r.yaml"
    file.write_text(text, "utf-8")
    return file


def test_yaml_becomes_nested_dataclasses_and_the_command_line_wins(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "lines: 3\nlook: {size: [1, 2]}\nextra: {worn: 0.1}\nparts: [{name: a, looks: [{worn: 0.2}]}]\n"
        "named: {b: {worn: 0.3}}\npair: [4, {worn: 0.4}]\n",
    )
    recipe = load(file, Recipe, texts=Path("t"), lines=None)
    assert recipe == Recipe(
        3, Path("t"), Look((1, 2)), Look(worn=0.1), (Part("a", (Look(worn=0.2),)),), {"b": Look(worn=0.3)},
        (4, Look(worn=0.4)),
    )  # fmt: skip
    assert load(written(tmp_path, ""), Recipe) == Recipe()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lnies: 1", "unknown key lnies; did you mean 'lines'"),
        ("look: {sise: [1, 2]}", r"unknown key look\.sise; did you mean 'size'"),
        ("extra: {wurn: 1}", r"unknown key extra\.wurn; did you mean 'worn'"),
        ("parts: [{name: a}, {nam: b}]", r"unknown key parts\.1\.nam; did you mean 'name'"),
        ("parts: [{name: a, looks: [{sise: 1}]}]", r"unknown key parts\.0\.looks\.0\.sise"),
        ("named: {b: {wron: 1}}", r"unknown key named\.b\.wron; did you mean 'worn'"),
        ("pair: [4, {wron: 1}]", r"unknown key pair\.1\.wron; did you mean 'worn'"),
        ("zzzz: 1", "unknown key zzzz; there are lines, texts"),
        ("lines: many", "lines is 'many'"),
        ("parts: [{looks: []}]", r"parts\.0\.name"),
        ("look: {worn: 2}", "worn is 2.0; expected 0..1"),
        ("lines: [1", "not YAML"),
        ("- 1", "expected keys and values, found list"),
    ],
)
def test_wrong_recipes_say_what_is_wrong_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(RecipeError, match=message) as caught:
        load(file, Recipe)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"none\.yaml: no such recipe; the recipes that come"):
        load(tmp_path / "none.yaml", Recipe)
    for name in ("lines.yaml", "pages.yaml"):
        (tmp_path / name).touch()
    with pytest.raises(MissingInputError, match=r"did you mean .*lines\.yaml\?"):
        load(tmp_path / "line.yaml", Recipe)
    with pytest.raises(MissingInputError, match=r"holds lines\.yaml, pages\.yaml"):
        load(tmp_path / "zq", Recipe)
