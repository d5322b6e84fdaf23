"""geulnun finetune: lines in, a table and weights out."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

pytest.importorskip("lightning")

import torch
from tests.unit.cli.conftest import Run
from tests.unit.training.conftest import CHARACTERS, digits

from geulnun.charset import FlatCharset
from geulnun.decode.options import DecodeOptions
from geulnun.export import finetuned
from geulnun.export.lines import export_lines
from geulnun.nets.recognition.line import dense
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec
from geulnun.training import finetune


def test_lines_in_and_a_table_out(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "rehearsal", lambda *_: None)
    monkeypatch.setattr(finetuned, "Recogniser", Recogniser)
    torch.manual_seed(1)
    spec = LineSpec(classes=FlatCharset(tuple(CHARACTERS)))
    start = export_lines(dense(spec.classes, 0.125).eval(), spec, tmp_path / "start.onnx")
    (tmp_path / "lines").mkdir()
    rows = ["filename,words"]
    for at in range(12):
        cv2.imwrite(str(tmp_path / "lines" / f"{at}.png"), digits(str(at), 64))
        rows.append(f"{at}.png,{at}")
    (tmp_path / "lines" / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    result = run(
        "finetune", "lines", "-o", "out", "--steps", "2", "--threads", "1", "--recogniser", start, "--rate", "0.001"
    )
    assert result.code == 0, result.err
    assert "| your lines (2) |" in result.out
    assert result.out.endswith("out/recogniser.onnx\n")
    assert "10 lines to learn from, 2 to measure with" in result.err
    assert (
        Recogniser(tmp_path / "out" / "recogniser.onnx", 1, DecodeOptions(decoder="greedy")).spec.classes
        == spec.classes
    )


def test_errors_in_one_line(run: Run, tmp_path: Path) -> None:
    result = run("finetune", tmp_path / "nothing")
    assert result.code != 0
    assert "nothing" in result.err
    assert "Traceback" not in result.err
    assert len(result.err.strip().splitlines()) == 1
