"""What may know what. import-linter holds the layers; these hold what it cannot say."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "geulnun"
#: Rooms that belong to the `train` extra; nothing else may need what it installs.
TRAINING_ROOMS = {"nets", "training", "export"}
HEAVY = {"torch", "onnx", "lightning"}


class Import(NamedTuple):
    """One import statement's target and where it stands."""

    source: Path
    line: int
    target: str
    nested: bool

    @property
    def room(self) -> str:
        """First name below the package: `cli` for geulnun/cli/app.py, `charset` for geulnun/charset.py."""
        return self.source.relative_to(PACKAGE).parts[0].removesuffix(".py")

    def __str__(self) -> str:
        return f"{self.source.relative_to(ROOT)}:{self.line} imports {self.target}"


def imports(file: Path) -> Iterator[Import]:
    """Every import of a file, those inside functions and under TYPE_CHECKING included."""
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    top = set(tree.body)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from geulnun import cli` may name a module as well as an attribute.
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (Import(file, node.lineno, target, node not in top) for target in targets)


ALL = [one for file in sorted(PACKAGE.rglob("*.py")) for one in imports(file)]


def _layers() -> list[set[str]]:
    """The layers of pyproject.toml, highest first."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    contracts = settings["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [{name.strip("() ") for name in layer.split("|")} for layer in layers]


def test_no_import_climbs_the_layers_hidden_in_a_function_or_not() -> None:
    level = {room: height for height, layer in enumerate(_layers()) for room in layer}
    climbing = []
    for one in ALL:
        parts = one.target.split(".")
        if parts[0] != "geulnun" or len(parts) < 2 or parts[1] not in level or one.room not in level:
            continue
        if parts[1] != one.room and level[parts[1]] <= level[one.room]:
            climbing.append(str(one))
    assert not climbing


def test_every_room_has_a_layer() -> None:
    rooms = {
        path.name.removesuffix(".py") for path in PACKAGE.iterdir() if path.suffix == ".py" or any(path.glob("*.py"))
    }
    assert rooms - set().union(*_layers()) == {"__init__"} | (rooms & {"__main__"})


def test_only_the_training_rooms_know_torch() -> None:
    assert not [str(one) for one in ALL if one.target.split(".")[0] in HEAVY and one.room not in TRAINING_ROOMS]


def test_training_rooms_are_entered_only_from_inside_functions() -> None:
    """Else the command line could not start without the `train` extra."""
    entered = [
        str(one)
        for one in ALL
        if one.target.startswith(tuple(f"geulnun.{room}" for room in TRAINING_ROOMS))
        and one.room not in TRAINING_ROOMS
        and not one.nested
    ]
    assert not entered


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import geulnun", ("torch", "onnx", "onnxruntime", "fontTools", "yaml")),
        ("import geulnun.pipeline", ("torch", "onnx", "fontTools", "yaml", "typer", "rich")),
        ("import geulnun.cli.app", ("torch", "onnx", "onnxruntime", "fontTools", "yaml")),
    ],
)
def test_importing_loads_nothing_heavy(statement: str, unwanted: tuple[str, ...]) -> None:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert set(unwanted) & set(done.stdout.split()) == set()
