"""`geulnun synth`: from a recipe to a set on disk, on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from geulnun.cli.app import main

FONTS = Path(__file__).resolve().parents[2] / "fonts"


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["synth", *map(str, arguments)])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return go


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))
    file = tmp_path / "lines.yaml"
    file.write_text(
        f"kind: lines\nfonts: {{folder: {FONTS.as_posix()}}}\noptions: {{size: [20, 30]}}\nsave: {{level: line}}\n",
        "utf-8",
    )
    return file


def test_a_set_is_drawn_once(recipe: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    out = tmp_path / "set"
    code, said, _ = run("lines", recipe, "-n", 5, "-o", out, "--workers", 1)
    assert (code, said) == (0, f"{out}: 5 lines, 5 drawn now (folder, seed 0)\n")
    assert len(list(out.rglob("*.png"))) == 5
    code, said, _ = run("lines", recipe, "-n", 5, "-o", out, "--workers", 1)
    assert said.endswith("5 lines, 0 drawn now (folder, seed 0)\n")
    code, _, said = run("lines", recipe, "-n", 5, "-o", out, "--seed", 1, "--workers", 1)
    assert code == 2
    assert "another seed (0, now 1)" in said


def test_format_and_extension_are_taken(recipe: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    out = tmp_path / "set"
    arguments = ("-n", 3, "-o", out, "--workers", 1, "--format", "icdar", "--extension", "jpg")
    assert run("lines", recipe, *arguments)[0] == 0
    assert len(list(out.rglob("*.jpg"))) == len(list(out.rglob("*.txt"))) == 3
    code, _, said = run("lines", recipe, "-n", 3, "-o", tmp_path / "b", "--workers", 1, "--format", "foldr")
    assert code == 2
    assert "folder" in said


def test_what_is_missing_is_told(recipe: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    code, _, said = run("lines", recipe, "-o", tmp_path / "set")
    assert code == 2
    assert "has no end; say with -n how many lines" in said.replace("\n", " ")
    code, _, said = run("pages", recipe, "-n", 2, "-o", tmp_path / "set")
    assert code == 6
    assert "it draws lines, not pages; run geulnun synth lines" in said.replace("\n", " ")
    code, _, said = run("lines", recipe.with_name("line.yaml"), "-n", 2, "-o", tmp_path / "set")
    assert code == 3
    assert "lines.yaml?" in said
    assert not (tmp_path / "set").exists()


def test_a_contact_sheet_is_written(recipe: Path, tmp_path: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    out = tmp_path / "sheet.png"
    assert run("preview", recipe, "-o", out, "-n", 4, "--width", 700)[0] == 0
    with Image.open(out) as sheet:
        assert (sheet.width, sheet.mode) == (700, "P")


def test_statistics_are_printed(recipe: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    code, said, _ = run("describe", recipe, "-n", 30)
    assert code == 0
    assert "|" in said
    assert "30" in said
