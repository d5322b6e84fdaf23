"""A fine-tuning from lines on disk to a file that reads, and its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("lightning")

import torch
from tests.unit.training.conftest import CHARACTERS, digits

from geulnun.charset import FlatCharset
from geulnun.decode.options import DecodeOptions
from geulnun.errors import UsageError
from geulnun.export.finetuned import Figures, Report, as_markdown, finetuned, measured
from geulnun.export.lines import export_lines
from geulnun.nets.recognition.line import dense
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec
from geulnun.training import finetune
from geulnun.training.finetune import FinetuneOptions
from geulnun.training.finetune_start import of_file
from geulnun.training.sets import Line

SPEC = LineSpec(classes=FlatCharset(tuple(CHARACTERS)))


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """Sixteen lines of digits with a gt.txt."""
    import cv2

    folder = tmp_path / "lines"
    folder.mkdir()
    rows = []
    for at in range(16):
        cv2.imwrite(str(folder / f"{at}.png"), digits(str(at), 64))
        rows.append(f"{at}.png\t{at}\n")
    (folder / "gt.txt").write_text("".join(rows), "utf-8")
    return folder


@pytest.fixture
def recogniser(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    return export_lines(dense(SPEC.classes, 0.125).eval(), SPEC, tmp_path / "start.onnx")


def test_what_a_run_leaves(lines: Path, recogniser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "rehearsal", lambda *_: None)
    said: list[str] = []
    options = FinetuneOptions(steps=6, columns=1500, rate=2e-3, threads=1)
    out = tmp_path / "out"
    report = finetuned(lines, out, options, said.append, recogniser)
    assert sorted(path.name for path in out.iterdir()) == [
        "recogniser.onnx", "recogniser.pt", "report.json", "report.md",
    ]  # fmt: skip
    assert report.file == out / "recogniser.onnx"
    assert (report.trained, report.kept_together, report.left_out) == (14, "image", 0)
    assert report.before["your lines"].lines == report.after["your lines"].lines == 2
    assert any("no fonts" in line for line in said)
    spec = Recogniser(report.file, 1, DecodeOptions(decoder="greedy")).spec
    assert spec == LineSpec(classes=SPEC.classes, temperature=spec.temperature)
    assert report.temperature == pytest.approx(spec.temperature, abs=1e-4)
    saved = json.loads((out / "report.json").read_text("utf-8"))
    assert saved["after"]["your lines"]["cer"] == report.after["your lines"].cer
    assert (out / "report.md").read_text("utf-8") == as_markdown(report)
    # The float weights read alike, and another run can begin with them.
    assert of_file(out / "recogniser.pt").spec == spec


def test_columns_of_characters_are_refused(lines: Path, tmp_path: Path) -> None:
    spec = LineSpec(direction="down", classes=SPEC.classes)
    file = export_lines(dense(SPEC.classes, 0.125).eval(), spec, tmp_path / "down.onnx")
    with pytest.raises(UsageError, match="columns of characters"):
        finetuned(lines, tmp_path / "out", FinetuneOptions(), lambda _: None, file)


def test_figures_by_hand(tmp_path: Path) -> None:
    # A network whose bias alone speaks: the blank everywhere, so every line is read as nothing.
    net = dense(SPEC.classes, 0.125).eval()
    assert isinstance(net.prediction, torch.nn.Conv2d)
    with torch.no_grad():
        net.prediction.weight.zero_()
        assert net.prediction.bias is not None
        net.prediction.bias.copy_(torch.tensor([5.0] + [0.0] * len(CHARACTERS)))
    file = export_lines(net, SPEC, tmp_path / "blank.onnx")
    lines = [Line(digits("12 3", 80), "12 3"), Line(digits("4", 40), "4")]
    assert measured(file, lines) == Figures(2, 1.0, 0.0, 0.0)


def test_the_report_says_where_nothing_was_gained() -> None:
    figures = {"your lines": Figures(20, 0.1, 0.5, 0.25)}
    same = Report(Path("r.onnx"), figures, figures, 80, "line", 3, 0, 0.0, 60.0, 1.0)
    text = as_markdown(same)
    assert "| your lines (20) | 10.00 % | 10.00 % | 50.00 % | 50.00 % | 25.00 % | 25.00 % |" in text
    assert "none were better" in text
    better = {"your lines": Figures(20, 0.05, 0.75, 0.5)}
    text = as_markdown(Report(Path("r.onnx"), figures, better, 80, "line", 3, 40, 0.5, 90.0, 1.0))
    assert "10.00 % | 5.00 %" in text
    assert "after 40 steps, 50% of the way" in text
    assert "80 lines in 1.5 minutes" in text
