"""The bench of line recognisers: what is counted, what is kept, and what the page says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.bench import laboratory
from geulnun.bench.laboratory import SHIPPED, TESTED, Protocol, Result, Size
from geulnun.bench.laboratory_report import as_json, as_markdown, draw, read_json
from geulnun.errors import GeulnunError, UsageError


def line(value: int) -> NDArray[np.uint8]:
    return np.full((4, 9), value, np.uint8)


LINES = {kind: [(line(1), "가 나"), (line(2), "다라")] for kind in TESTED}


def read(image: NDArray[np.uint8]) -> str:
    return {1: "가나", 2: "다라"}[int(image[0, 0])]


def test_a_missing_space_makes_a_line_wrong() -> None:
    result = laboratory.score(read, LINES, Result("a", None, 10, 1.0, 0.1))
    assert result.mean_exact == 0.5
    # One of five characters is lost.
    assert result.mean_cer == pytest.approx(0.2)


def test_finished_networks_are_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def shipped() -> tuple[Result, laboratory.Read]:
        calls.append(SHIPPED)
        return Result(SHIPPED, None, 0, 0.0, 0.0), read

    monkeypatch.setattr(laboratory, "tests", lambda protocol: LINES)
    monkeypatch.setattr(laboratory, "draw", lambda protocol, work: {})
    monkeypatch.setattr(laboratory, "_shipped", shipped)
    first = laboratory.measure([SHIPPED], Protocol(), tmp_path, tell=lambda text: None)
    again = laboratory.measure([SHIPPED], Protocol(), tmp_path, tell=lambda text: None)
    assert calls == [SHIPPED]
    assert first == again


def test_an_unknown_network_is_named(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(Exception, match="no network is called 'vgg'"):
        laboratory.train("vgg", Protocol(), {}, tmp_path)


def test_half_a_run_makes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = pytest.importorskip("geulnun.training.fit")
    monkeypatch.setattr(fit, "train", lambda options, folder, **rest: folder / "last.pt")
    monkeypatch.setattr(fit, "read_run", lambda checkpoint: {"progress": {"lines": 999}})
    with pytest.raises(GeulnunError, match=r"stopped after 999 of 1,000 lines; start again"):
        laboratory.train("dense", Protocol(lines=1_000), dict.fromkeys(laboratory.TRAINED, tmp_path), tmp_path)


def test_sizes_are_those_of_whole_networks() -> None:
    pytest.importorskip("torch")
    found = laboratory.size("none-rcnn-none-ctc", threads=1)
    assert found.parameters == pytest.approx(2.35, rel=0.02)
    # Two bytes a parameter.
    assert found.megabytes == pytest.approx(4.7, rel=0.05)
    assert found.milliseconds > 0


def test_the_page_puts_the_best_first() -> None:
    pytest.importorskip("torch")
    from geulnun.export.parity import Parity

    rates = dict.fromkeys(TESTED, 0.25)
    worse = Result("worse", Size(2.35, 4.7, 3.0), 100, 2.0, 0.2, Parity(500, 499, 2e-4), rates, rates)
    better = Result("better", None, 0, 0.0, 0.0, None, dict.fromkeys(TESTED, 0.75), rates)
    page = as_markdown("- a day", [worse, better], Protocol(lines=100))
    assert page.index("| better |") < page.index("| worse |")
    assert "| worse | 2.35 | 4.7 | 3.0 | 0.20 | 25.0% | 25.0% | 25.0% | 25.0% | 25.0% | 25.00% |" in page
    assert "learned from 100 lines" in page
    assert "| worse | 100 | 2.0 | 25.00% | 25.00% | 25.00% | 25.00% | 499 of 500 | 2.0e-04 |" in page
    assert as_json({"date": "x"}, [worse], Protocol())["protocol"]["width"] == 0.25  # type: ignore[index]


def _row(name: str, rate: float) -> Result:
    rates = dict.fromkeys(TESTED, rate)
    return Result(name, Size(2.35, 4.7, 3.0), 100, 2.0, 0.2, None, rates, rates)


def _meta(day: str) -> dict[str, object]:
    return {"date": day, "commit": "c" + day[-2:], "command": "geulnun bench", "machine": {"cpu": "A CPU", "cores": 2}}


def test_rows_of_earlier_runs_stand_beside_with_where_they_are_from(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    file = tmp_path / "recognisers.json"
    file.write_text(json.dumps(as_json(_meta("2026-01-01"), [_row("a", 0.1), _row("b", 0.2)], Protocol())), "utf-8")
    first = read_json(file, Protocol()).without({"b"})
    assert [one.name for one in first.results] == ["a"]
    assert first.results[0] == _row("a", 0.1)
    second = as_json(_meta("2026-01-02"), [_row("b", 0.5)], Protocol(), first)
    file.write_text(json.dumps(second), "utf-8")
    both = read_json(file, Protocol())
    assert [(run["date"], run["networks"]) for run in both.runs] == [("2026-01-02", ["b"]), ("2026-01-01", ["a"])]
    picture = draw([_row("c", 0.9)], tmp_path / "out" / "bars.svg", both)
    drawn = (tmp_path / "out" / "bars.svg").read_text("utf-8")
    assert [drawn.index(f">{name}<") for name in "cba"] == sorted(drawn.index(f">{name}<") for name in "cba")
    assert ">10.0 %<" in drawn
    page = as_markdown("- a day", [_row("c", 0.9)], Protocol(), both, picture)
    assert "](bars.svg)" in page
    assert [page.index(f"| {name} |") for name in "cba"] == sorted(page.index(f"| {name} |") for name in "cba")
    assert "- 2026-01-01, commit c01, A CPU, 2 cores: a" in page
    # A network measured again takes its new row, and a run without rows is not named.
    assert read_json(file, Protocol()).without({"a"}).runs == both.runs[:1]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": [{"name": 1}]}', '{"results": 3}'])
def test_what_is_no_earlier_run_is_refused(tmp_path: Path, text: str) -> None:
    pytest.importorskip("torch")
    file = tmp_path / "some.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"some\.json: cannot be read as a run"):
        read_json(file, Protocol())
    with pytest.raises(UsageError, match=r"none\.json: cannot be read as a run"):
        read_json(tmp_path / "none.json", Protocol())


def test_an_earlier_run_of_another_protocol_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    file = tmp_path / "recognisers.json"
    file.write_text(json.dumps(as_json(_meta("2026-01-01"), [_row("a", 0.1)], Protocol())), "utf-8")
    with pytest.raises(UsageError, match="measured with lines 12000, not 500"):
        read_json(file, Protocol(lines=500))
