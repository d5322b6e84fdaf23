"""What is told of a run: scores against hand-counted ones, the table, the lines of the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from geulnun.charset import FlatCharset
from geulnun.spec import LineSpec
from geulnun.training.batches import Fit, Mix, Ready
from geulnun.training.journal import Journal, Place, padded, table
from geulnun.training.options import LineTraining, SetChoice
from geulnun.training.sets import Words
from geulnun.training.validation import Reading, Scores, mean_scores, validate, validation_sets

MakeSet = Callable[..., Path]
CLASSES = FlatCharset(tuple("ab "))
SPEC = LineSpec(height=1, scaling="signed", classes=CLASSES, multiple=1)


class Columns(nn.Module):
    """Says at each column the class that its value is; sure of it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ids = x[:, 0, 0].round().long().clamp(0, 3)
        return 20 * torch.nn.functional.one_hot(ids, 4).float()


def line(columns: list[int], text: str) -> Ready:
    return Ready(np.array([columns], np.float32), text)


def test_scores_are_those_counted_by_hand() -> None:
    readings = [Reading("ab a", "ab a", 0.9), Reading("ab a", "aba", 0.8), Reading("AB", "ab", 0.7)]
    scores = Scores.of(readings, 0.5)
    # One of three exact; the second lacks a space (1 of 4), the third has two letters in the wrong case (2 of 2).
    assert scores.accuracy == pytest.approx(1 / 3)
    assert scores.norm_ed == pytest.approx((1 + 3 / 4 + 0) / 3)
    assert scores.cer.value == pytest.approx(3 / 10)
    loose = Scores.of(readings, 0.5, sensitive=False)
    assert loose.accuracy == pytest.approx(2 / 3)
    assert loose.norm_ed == pytest.approx((1 + 3 / 4 + 1) / 3)
    assert mean_scores({"a": scores, "b": loose}) == pytest.approx((0.5, 4.5 / 6))


def test_lines_are_read_in_their_order_and_padding_is_not_read() -> None:
    lines = [line([1, 0, 1, 3, 2], "aa b"), line([2], "b"), line([1, 1, 2], "ab")]
    readings, loss, count = validate(Columns(), SPEC, iter(lines), torch.device("cpu"))
    assert [one.text for one in readings] == ["aa b", "b", "ab"]
    assert [one.truth for one in readings] == ["aa b", "b", "ab"]
    assert all(one.confidence == pytest.approx(1, abs=1e-3) for one in readings)
    assert count == 7
    assert 0 <= loss < 0.1
    parts = [validate(Columns(), SPEC, iter(lines), torch.device("cpu"), rank, 2) for rank in (0, 1)]
    assert [one.text for one in parts[0][0]] == ["aa b", "ab"]
    assert [one.text for one in parts[1][0]] == ["b"]
    assert parts[0][2] + parts[1][2] == count


def test_validation_sets_are_read_again_and_again(make_set: MakeSet) -> None:
    classes = FlatCharset(tuple("0123456789"))
    spec = LineSpec(height=32, classes=classes)
    choice = SetChoice(make_set("a", 5), "held", lines=3)
    mix = Mix((choice,), Words(classes), spec, Fit())
    sets = validation_sets(LineTraining(data=(choice,), validation=(choice,)), mix)
    assert list(sets) == ["held"]
    texts = [one.text for one in sets["held"]()]
    assert len(texts) == 3
    assert [one.text for one in sets["held"]()] == texts


def test_the_table_aligns_hangul_and_marks_errors() -> None:
    assert padded("가a", 5) == "가a  "
    assert padded("가나다", 5) == "가나 "
    rows = table([Reading("가나", "가나", 0.5), Reading("a", "b", 0.25)], 5, 0)
    assert rows[1].startswith("truth")
    assert {row.rstrip()[-1] for row in rows[3:5]} == {"T", "F"}
    assert any("0.2500     F" in row for row in rows)
    assert table([], 5, 0) == table([Reading("a", "a", 1)], 0, 0) == []
    shown = {row.split(" |")[0].strip() for turn in range(10) for row in table(many(10), 1, turn)[3:4]}
    assert len(shown) == 10


def many(count: int) -> list[Reading]:
    return [Reading(f"t{at}", "", 0.0) for at in range(count)]


def test_a_journal_writes_tells_and_counts(tmp_path: Path) -> None:
    logged, told, numbers = list[str](), list[str](), list[dict[str, float]]()

    class Metrics:
        def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
            assert step == 3
            numbers.append(metrics)

    journal = Journal(tmp_path, logged.append, told.append, Metrics(), 1)
    at = Place(3, 48, 48, 100, "lines", 1e-3, 12.5, 0.25)
    journal.progress(at)
    scores = Scores.of([Reading("ab", "ab", 0.5), Reading("ab", "a", 0.5)], 2.0)
    journal.judged(at, {"x": scores}, (0.75, 0.9), 0)
    assert logged == [
        "48 of 100 lines: loss 0.2500 rate 1.00e-03 lines a second 12.5", "CER in per cent: x 25.00",
    ]  # fmt: skip
    assert told[0].startswith("[48/100] Train loss: 0.25000, Valid loss: 2.00000, Elapsed_time: ")
    assert "Current_accuracy : 50.000, Current_norm_ED  : 0.7500" in told
    assert "Best_accuracy    : 75.000, Best_norm_ED     : 0.9000" in told
    assert "x: accuracy 50.00 %, norm_ED 0.7500, CER 25.00 %, loss 2.0000, 2 lines" in told
    written = (tmp_path / "log_train.txt").read_text("utf-8").splitlines()
    assert [row for row in written if row in told] == told
    assert numbers[0]["train/loss"] == 0.25
    assert numbers[1] == {"valid/loss": 2.0, "valid/accuracy": 0.5, "valid/norm_ED": 0.75, "cer/x": 0.25}
