"""`geulnun bench` from end to end, with an engine that knows the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from geulnun.bench import page
from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.bench.report import OURS
from geulnun.bench.samples import page_of_lines
from geulnun.cli import bench
from geulnun.errors import MissingDependencyError, UsageError
from geulnun.evaluate.cases import read_truth

TEXT = "나는 학교에 간다"


@final
class Oracle(Engine):
    name, setting, identity, weights_bytes = OURS, "default", "oracle", 1_000_000
    levels = frozenset({"page", "line", "word"})

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        return [Reading(page_of_lines(image.shape[1], image.shape[0], [(TEXT, None)]), 0.1, 0.1) for image in images]

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        return ["true"], {}


@pytest.fixture
def real(tmp_path: Path) -> Path:
    PillowImage.new("L", (50, 20), 255).save(tmp_path / "a.png")
    row = {"image": "a.png", "level": "line", "script": "ko", "style": "print", "text": TEXT}
    (tmp_path / "index.jsonl").write_text(json.dumps(row), "utf-8")
    return tmp_path


def test_accuracy_writes_table_figures_and_chart(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_engines", lambda *_: ([Oracle()], ["Tesseract: no tesseract on PATH"]))
    out = real / "out"
    done = CliRunner().invoke(
        bench.app,
        [
            "accuracy",
            "--only",
            "real",
            "--real",
            str(real),
            "--no-costs",
            "--out",
            str(out),
            "--readings",
            str(real / "r"),
        ],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    figures = json.loads((out / "accuracy.json").read_text("utf-8"))
    assert figures["slices"][0]["rows"][0]["cer"] == 0.0
    assert figures["missing"] == ["Tesseract: no tesseract on PATH"]
    assert (out / "accuracy.md").read_text("utf-8") == done.stdout
    assert (out / "accuracy-real-images.svg").is_file()
    assert (real / "r" / "oracle.json").is_file()


def test_speed_writes_table_figures_and_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, test_font: Path) -> None:
    sample = page.a4_page(test_font)
    single = page.text_lines(3, font=test_font)
    monkeypatch.setattr(page, "a4_page", lambda: sample)
    monkeypatch.setattr(page, "text_lines", lambda: single)
    monkeypatch.setattr(bench, "_engines", lambda *_: ([Oracle()], []))
    done = CliRunner().invoke(
        bench.app, ["speed", "--no-rivals", "--quick", "--out", str(tmp_path)], catch_exceptions=False
    )
    assert done.exit_code == 0
    figures = json.loads((tmp_path / "speed.json").read_text("utf-8"))
    assert figures["page"].startswith("A4 at 300 dpi")
    assert figures["rows"][0]["reads"] is False
    assert 0 < figures["rows"][0]["cold_wall_s"] < 5
    assert figures["ratios"] is None
    assert figures["lines"][0]["engine"] == OURS
    assert figures["lines"][0]["seconds"] < 1
    assert (tmp_path / "speed.md").read_text("utf-8") == done.stdout
    assert (tmp_path / "speed.svg").is_file()


def test_real_images_need_a_folder() -> None:
    with pytest.raises(UsageError, match="--real FOLDER"):
        CliRunner().invoke(bench.app, ["accuracy", "--only", "real"], catch_exceptions=False)


def test_no_engine_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("geulnun.bench.ours.Geulnun", _missing)
    with pytest.raises(MissingDependencyError, match="no engine to measure"):
        bench._engines(None, rivals=True)


def test_a_missing_rival_is_told_and_ours_still_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("geulnun.bench.ours.Geulnun", lambda threads: Oracle())
    monkeypatch.setattr("geulnun.bench.libraries.find_spec", lambda _: None)
    engines, missing = bench._engines(None, rivals=True)
    assert [engine.name for engine in engines] == [OURS]
    assert [reason.split(":")[0] for reason in missing] == ["Tesseract", "EasyOCR", "RapidOCR", "PaddleOCR"]
    assert missing[0].startswith("Tesseract: no tesseract on PATH")


def _missing(threads: int | None) -> Engine:
    raise MissingDependencyError("no weights")


def test_scoring_is_timed_and_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        bench.app,
        ["scoring", "--pages", "2", "--python", "no-such-python", "--out", str(tmp_path)],
        catch_exceptions=False,
    )
    assert result.exit_code == 0
    assert "# Scoring" in result.stdout
    assert json.loads((tmp_path / "scoring.json").read_text("utf-8"))["pages"] == 2


def test_images_are_written_with_a_truth_that_evaluation_reads(real: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    asked = ["images", str(out), "--only", "real", "--real", str(real)]
    assert CliRunner().invoke(bench.app, asked, catch_exceptions=False).exit_code == 0
    [case] = read_truth(out)
    assert (case.name, case.level, case.pages[0].text) == ("a.png/a", "line", TEXT)
    assert case.facts["group"] == "real images"
