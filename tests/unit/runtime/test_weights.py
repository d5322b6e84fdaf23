"""The manifest of weights: what it vouches for, and what happens when it cannot."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from geulnun.errors import ModelError
from geulnun.runtime import weights

FACTS: dict[str, Any] = {"recipe": "recipes/toy.yaml", "input": "float32 (n, 1, 40, w) in 0..1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an empty manifest and one file to register."""
    (tmp_path / "manifest.json").write_text('{"version": 1, "weights": []}', encoding="utf-8")
    (tmp_path / "toy.onnx").write_bytes(b"network")
    return tmp_path


def _rewrite(folder: Path, **changes: object) -> None:
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["weights"][0] |= changes
    manifest.write_text(json.dumps(content), encoding="utf-8")


def test_a_registered_weight_is_found(folder: Path) -> None:
    written = weights.register("toy", folder, **FACTS, data=("a corpus",), scores={"cer": 0.01})
    assert weights.entries(folder) == (written,)
    assert written.sha256 == hashlib.sha256(b"network").hexdigest()
    assert written.bytes == 7
    assert (written.file, written.card, written.licence, written.version) == ("toy.onnx", "toy.md", "Apache-2.0", 1)
    assert weights.path("toy", folder) == folder / "toy.onnx"


def test_registering_again_measures_the_file_and_keeps_the_rest(folder: Path) -> None:
    weights.register("toy", folder, **FACTS, scores={"cer": 0.01})
    (folder / "toy.onnx").write_bytes(b"a better network")
    again = weights.register("toy", folder, version=2)
    assert (again.bytes, again.version, again.scores, again.recipe) == (16, 2, {"cer": 0.01}, FACTS["recipe"])
    assert weights.path("toy", folder).is_file()
    assert len(weights.entries(folder)) == 1
    assert not list(folder.glob("*.part"))


def test_another_of_a_kind_is_chosen_by_its_word_and_all_else_by_its_path(folder: Path) -> None:
    (folder / "toy-wooden.onnx").write_bytes(b"another network")
    for name in ("toy", "toy-wooden"):
        weights.register(name, folder, **FACTS)
    assert weights.others("toy", folder) == ("wooden",)
    assert weights.choose("toy", None, folder) == folder / "toy.onnx"
    assert weights.choose("toy", "wooden", folder) == folder / "toy-wooden.onnx"
    assert weights.choose("toy", "wooden.onnx", folder) == Path("wooden.onnx")
    assert weights.choose("toy-wooden", "toy", folder) == Path("toy")


def test_the_command_line_registers_too(folder: Path) -> None:
    place = ["--directory", str(folder)]
    facts = ["--recipe", "r.yaml", "--input", "x", "--version", "3", "--data", "one", "--data", "two"]
    weights.main(["toy", *place, *facts, "--score", "cer=0.25", "--score", "f1=0.9"])
    (entry,) = weights.entries(folder)
    assert (entry.recipe, entry.version, entry.data) == ("r.yaml", 3, ("one", "two"))
    assert entry.scores == {"cer": 0.25, "f1": 0.9}


def test_a_damaged_file_is_not_used(folder: Path) -> None:
    weights.register("toy", folder, **FACTS)
    (folder / "toy.onnx").write_bytes(b"netw0rk")
    with pytest.raises(ModelError, match=r"toy\.onnx: damaged, .*install the package again"):
        weights.path("toy", folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    weights.register("toy", folder, **FACTS)
    (folder / "toy.onnx").unlink()
    with pytest.raises(ModelError, match=r"toy\.onnx: the weight 'toy' is missing; install"):
        weights.path("toy", folder)
    with pytest.raises(ModelError, match="export the network there first"):
        weights.register("toy", folder)


def test_an_unknown_name_gets_the_nearest_one(folder: Path) -> None:
    weights.register("toy", folder, **FACTS)
    with pytest.raises(ModelError, match="'toys'; did you mean 'toy'"):
        weights.path("toys", folder)
    with pytest.raises(ModelError, match="'xxxxx'; there are: toy"):
        weights.path("xxxxx", folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is missing"),
        ("{", "not a JSON file"),
        ("[]", "expected a manifest of version 1"),
        ('{"version": 2, "weights": []}', "expected a manifest of version 1"),
        ('{"version": 1, "weights": [3]}', "expected an object"),
    ],
)
def test_an_unusable_manifest_is_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=message) as raised:
        weights.entries(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"license": "MIT"}, "unknown field 'license'; expected licence"),
        ({"bytes": "7"}, "field 'bytes' is '7'; expected int"),
        ({"sha256": None}, "field 'sha256' is None; expected str"),
    ],
)
def test_wrong_fields_are_named(folder: Path, changes: dict[str, object], message: str) -> None:
    weights.register("toy", folder, **FACTS)
    _rewrite(folder, **changes)
    with pytest.raises(ModelError, match=message):
        weights.entries(folder)


def test_a_new_entry_must_say_where_it_comes_from(folder: Path) -> None:
    with pytest.raises(ModelError, match="field 'recipe' is None; expected str"):
        weights.register("toy", folder, input="x")
