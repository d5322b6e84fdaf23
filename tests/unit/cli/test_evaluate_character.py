"""``geulnun evaluate character``: a report of a set, and the old command beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from PIL import Image
from typer.testing import CliRunner

from geulnun.cli.evaluate_character import app as evaluations

Draw = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


@pytest.fixture
def run(matcher: Matcher, glyph: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the group in a folder with a set of five images and a model of four characters."""
    app = typer.Typer()
    app.command("other")(lambda: None)
    app.add_typer(evaluations, name="evaluate")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "set").mkdir()
    rows = []
    for at, (truth, shown) in enumerate(map(tuple, ("가가", "각각", "나나", "나단", "AA"))):
        Image.fromarray(glyph(shown)).save(tmp_path / f"set/{at}.png")
        rows.append({"image": f"{at}.png", "text": truth, "style": "hand" if at < 2 else "print"})
    (tmp_path / "set/index.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    matcher("가각나단A").rename(tmp_path / "net.onnx")
    return lambda *arguments: CliRunner().invoke(app, ["evaluate", *arguments])


def test_a_report_is_written_and_told(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("character", "set", "--model", "net.onnx", "--threads", "1", "-o", "out", "--maps", "occlusion")
    assert done.exit_code == 0, done.output
    assert "# Characters: net.onnx" in done.stdout
    assert "| Printed | 3 | 66.67 % |" in done.stdout
    assert "| Handwritten | 2 | 100.00 % |" in done.stdout
    assert "| 나 | 단 | 1 | 2 |" in done.stdout
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == ["characters.html", "characters.json", "characters.md", "wrong.png"]
    assert (tmp_path / "out/characters.md").read_text("utf-8") == done.stdout
    assert "Where it looks" in (tmp_path / "out/characters.html").read_text("utf-8")


def test_a_part_of_the_set_is_read(run: Callable[..., Any]) -> None:
    done = run("character", "set", "--model", "net.onnx", "--threads", "1", "-n", "2", "--top", "1", "--by", "source")
    assert done.exit_code == 0, done.output
    assert "2 images" in done.stdout
    assert "Top-1 | Interval | Top-1" in done.stdout
    assert "| set | 2 |" in done.stdout


def test_lists_say_what_may_be_named(run: Callable[..., Any]) -> None:
    done = run("character", "set", "--model", "net.onnx", "--threads", "1", "--allow", "가-나", "--block", "각")
    assert done.exit_code == 0, done.output
    # 단 was taken for 나, A is no syllable, 각 is blocked.
    assert "| Printed | 3 | 66.67 % |" in done.stdout
    assert "| 각 | 가 | 1 | 1 |" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("character", "gone", "--model", "net.onnx"), "gone: no such file"),
        (("character", "set", "--model", "none.onnx"), r"none.onnx: no such file"),
    ],
)
def test_what_is_missing_is_told(run: Callable[..., Any], arguments: tuple[str, ...], message: str) -> None:
    assert message in str(run(*arguments).exception)


def test_without_a_command_pages_are_meant(run: Callable[..., Any]) -> None:
    assert "nothing: no such file or folder" in str(run("nothing", "--output", "gone").exception)
    assert "either --reader or --output" in str(run("--slices", "font", "set").exception)
    assert "character" in run("--help").stdout
