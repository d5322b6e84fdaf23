"""``geulnun fonts``: the list, what a file draws, what fetch would run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geulnun.cli.fonts import app
from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.synth import fonts

pytest.importorskip("fontTools")


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", ())
    fonts.forget()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def test_the_list_filters_and_counts() -> None:
    everything = json.loads(run("list", "--json").output)
    assert len(everything) == len(fonts.families())
    hands = json.loads(run("list", "--json", "--style", "hand", "--split", "held-out").output)
    assert {row["style"] for row in hands} == {"hand"}
    assert {row["split"] for row in hands} == {"held-out"}
    assert "Poor Story" in {row["name"] for row in hands}
    assert run("list", "--installed").output.splitlines()[-1].startswith("0 families")
    assert "Gaegu" in run("list").output


def test_coverage_of_a_file(test_font: Path) -> None:
    assert "hangul 403" in run("coverage", str(test_font)).output
    assert "draws all of it" in run("coverage", str(test_font), "한글 없었다").output
    assert "lacks か뛟" in run("coverage", str(test_font), "한か글뛟か").output


def test_coverage_of_what_is_no_font(tmp_path: Path) -> None:
    junk = tmp_path / "junk.ttf"
    junk.write_bytes(b"not a font")
    assert isinstance(run("coverage", str(junk)).exception, DamagedInputError)
    assert isinstance(run("coverage", str(tmp_path / "gone.ttf")).exception, MissingInputError)
    assert isinstance(run("coverage", "Nanum Gothik").exception, UsageError)


def test_fetch_shows_what_it_would_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    lines = run("fetch", "--dry-run", "Gaegu", "fonts-alee").output.splitlines()
    assert [line for line in lines if line.endswith("@fontsource/gaegu")]
    assert [line for line in lines if "apt-get install" in line and line.endswith(" fonts-alee")]
    assert isinstance(run("fetch", "--dry-run", "No Such Family").exception, UsageError)
