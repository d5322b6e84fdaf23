"""``geulnun char``: every way to write guesses, and what cannot be read."""

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

from geulnun.cli.char import char
from geulnun.errors import UsageError

Glyph = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


@pytest.fixture
def run(matcher: Matcher, glyph: Glyph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Runs the command on a model of a few characters, in a folder of their images."""
    app = typer.Typer()
    app.command()(char)
    monkeypatch.chdir(tmp_path)
    for name, text in (("a", "각"), ("b", "A")):
        Image.fromarray(glyph(text)).save(f"{name}.png")
    Image.new("L", (30, 30), 255).save("blank.png")
    model = matcher("가각나A")
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--model", str(model), "--threads", "1"])


def test_text_names_the_best_first(run: Callable[..., Any]) -> None:
    done = run("a.png", "b.png", "blank.png", "-n", "2")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert [line[:8] for line in lines[:2]] == ["a.png: 각", "b.png: A"]
    assert len(lines[0].split("  ")) == 2
    assert lines[2] == "blank.png: (no character)"


def test_lists_say_what_may_be_named(run: Callable[..., Any]) -> None:
    done = run("a.png", "--allow", "나-힣")
    assert done.exit_code == 0
    assert done.stdout.startswith("a.png: 나 ")
    assert "각" not in done.stdout
    # The command's own failures are told by the program around it.
    assert isinstance(run("a.png", "--allow", "가", "--block", "가").exception, UsageError)


def test_jamo_stand_below(run: Callable[..., Any]) -> None:
    lines = run("a.png", "-n", "1", "--jamo").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["cho:", "ㄱ"], ["jung:", "ㅏ"], ["jong:", "ㄱ"]]


def test_json_is_one_object_a_line(run: Callable[..., Any]) -> None:
    first, last = map(json.loads, run("a.png", "blank.png", "-f", "json", "--jamo").stdout.splitlines())
    assert (first["file"], first["page"], first["text"]) == ("a.png", 1, "각")
    assert first["characters"][0] == ["각", first["confidence"]]
    assert first["jong"][0][0] == "ㄱ"
    assert (last["text"], last["characters"], last["confidence"], last["cho"]) == ("", [], 0.0, [])


def test_tsv_is_one_candidate_a_row(run: Callable[..., Any]) -> None:
    rows = [line.split("\t") for line in run("a.png", "-n", "2", "-f", "tsv").stdout.splitlines()]
    assert rows[0] == ["file", "page", "place", "rank", "character", "probability"]
    assert [row[:5] for row in rows[1:2]] == [["a.png", "1", "character", "1", "각"]]
    assert [row[3] for row in rows[1:]] == ["1", "2"]
    assert float(rows[1][5]) > float(rows[2][5])


def test_what_cannot_be_read_costs_only_itself(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    done = run("broken.png", "gone.png", "a.png")
    assert done.exit_code == 3
    assert "a.png: 각" in done.stdout
    assert "broken.png" in done.stderr
    assert "gone.png" in done.stderr
