"""The runs, with engines made for the test: scores, best settings, saved readings, tables and charts."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import final
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from geulnun.bench import accuracy, chart, machine, report, speed
from geulnun.bench.child import Usage
from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.bench.samples import LINE_MEASURES, Sample, Slice, page_of_lines
from geulnun.bench.score import Score, score
from geulnun.bench.store import Store
from geulnun.document import Page

TRUTHS = ["나는 학교에 간다", "값이 올랐다", "하늘이 푸르다"]


@final
class Fake(Engine):
    """Reads the line whose number is the image's grey level, with every ``wrong``-th character replaced."""

    def __init__(self, name: str, setting: str, wrong: int = 0, level: Level = "line") -> None:
        self.name, self.setting, self.wrong = name, setting, wrong
        self.levels = frozenset({level})
        self.read_images = 0

    @property
    def identity(self) -> str:
        return f"{self.name} 1 {self.setting}"

    @property
    def weights_bytes(self) -> int:
        return 2_000_000

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        self.read_images += len(images)
        return [Reading(self._page(image), 0.25, 0.5) for image in images]

    def _page(self, image: Image) -> Page:
        text = TRUTHS[int(image[0, 0, 0])]
        spoilt = "".join("X" if self.wrong and index % self.wrong == 0 else char for index, char in enumerate(text))
        return page_of_lines(image.shape[1], image.shape[0], [(spoilt, None)])

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        return [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({0.1 * copies})"], {}


def samples() -> Iterator[Sample]:
    for number, text in enumerate(TRUTHS):
        image = np.full((4, 6, 3), number, np.uint8)
        yield Sample(str(number), image, page_of_lines(6, 4, [(text, None)]))


def lines(name: str = "sentences", pool: str = "") -> Slice:
    return Slice("rendered lines", name, "line", LINE_MEASURES, "cer", len(TRUTHS), samples, pool)


def run(engines: Sequence[Engine], store: Store, *slices: Slice) -> list[accuracy.Result]:
    return accuracy.run(slices or [lines()], engines, store, lambda part, engine, count: None)


def test_the_best_setting_of_each_name_is_marked(tmp_path: Path) -> None:
    engines = [Fake(report.OURS, "default"), Fake("Rival", "rough", 2), Fake("Rival", "fine", 5)]
    [result] = run([*engines, Fake("Rival", "pages", level="page")], Store(tmp_path, reuse=False))
    assert [(row.engine.setting, row.best) for row in result.rows] == [
        ("default", True),
        ("rough", False),
        ("fine", True),
    ]
    ours, _, fine = (row.score for row in result.rows)
    assert (ours.value("cer"), ours.value("line_exact"), ours.images) == (0.0, 1.0, 3)
    length = sum(map(len, TRUTHS))
    assert fine.value("cer") == pytest.approx(sum(-(-len(text) // 5) for text in TRUTHS) / length)
    assert fine.wall == pytest.approx(0.75)


def test_saved_readings_are_scored_again_without_reading(tmp_path: Path) -> None:
    first, second, other = Fake("Rival", "fine", 5), Fake("Rival", "fine", 5), Fake("Rival", "rough", 2)
    before = run([first], Store(tmp_path, reuse=True))
    store = Store(tmp_path, reuse=True)
    after = run([second, other], store)
    assert (first.read_images, second.read_images, other.read_images, store.reused) == (3, 0, 3, 3)
    assert before[0].rows[0].score == after[0].rows[0].score
    assert (tmp_path / ".gitignore").read_text() == "*\n"
    fresh = Fake("Rival", "fine", 5)
    run([fresh], Store(tmp_path, reuse=False))
    assert fresh.read_images == 3


def test_pools_take_each_slice_in_its_best_setting(tmp_path: Path) -> None:
    engines = [Fake("Rival", "rough", 2), Fake("Rival", "fine", 5)]
    results = run(engines, Store(tmp_path, reuse=False), lines("a", "all"), lines("b", "all"), lines("alone"))
    [pool] = accuracy.pools(results)
    assert (pool.name, pool.primary, pool.scores["Rival"].images) == ("all", "cer", 6)
    assert pool.scores["Rival"].value("cer") == results[0].rows[1].score.value("cer")


def test_accuracy_report(tmp_path: Path) -> None:
    engines = [Fake(report.OURS, "default", 12), Fake("Rival", "rough", 2), Fake("Rival", "fine", 5)]
    results = run(engines, Store(tmp_path / "readings", reuse=False), lines("a", "all"), lines("b", "all"))
    meta = {**machine.describe(["bench", "accuracy"]), "missing": ["Other: not on PATH"], "reused": 0}
    text = report.accuracy_markdown(meta, results, [])
    assert "- missing: Other: not on PATH" in text
    assert "`geulnun bench accuracy`" in text
    ours, rival = results[0].rows[0].score.value("cer"), results[0].rows[2].score.value("cer")
    assert ours is not None
    assert rival is not None
    assert f"| a | CER | {100 * ours:.2f} % | {100 * rival:.2f} % | Rival fine | {rival / ours:.1f} × |" in text
    content = report.accuracy_json(meta, results, [])
    report.write(tmp_path, "accuracy", content, text)
    again = json.loads((tmp_path / "accuracy.json").read_text("utf-8"))
    assert again["slices"][0]["rows"][2]["cer"] == pytest.approx(rival, abs=1e-5)
    assert not list(tmp_path.glob("*.part"))
    report.accuracy_charts(tmp_path, results)
    assert "(accuracy-rendered-lines.svg)" in text
    picture = ET.parse(tmp_path / "accuracy-rendered-lines.svg").getroot()
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 1 + 2 + 3 * 2  # ground, legend, bars


def test_parts_of_a_slice_have_a_table_of_their_own(tmp_path: Path) -> None:
    def parted() -> Iterator[Sample]:
        return (replace(sample, part="serif" if sample.name == "0" else "sans") for sample in samples())

    engines = [Fake(report.OURS, "default"), Fake("Rival", "fine", 5)]
    results = run(engines, Store(tmp_path, reuse=False), replace(lines(), samples=parted))
    rival = results[0].rows[1]
    assert {name: part.images for name, part in rival.parts.items()} == {"serif": 1, "sans": 2}
    assert rival.score.images == 3
    value = rival.parts["serif"].value("cer")
    assert f"| serif | 0.00 % / {report.percent(value)} |" in report.accuracy_markdown(
        machine.describe([]), results, []
    )


def timing(name: str, wall: float, cpu: float, text: str) -> speed.Timing:
    truth = page_of_lines(9, 9, [(TRUTHS[0], None)])
    reached = score(truth, page_of_lines(9, 9, [(text, None)]), wall, cpu, ("cer", "cer_without_spaces"))
    return speed.Timing(
        Fake(name, "s", level="page"), Usage(2 * wall, 2 * cpu, 10**8), Usage(wall, cpu, 10**8), reached
    )


def test_speed_is_compared_with_the_fastest_that_reads() -> None:
    good, bad = TRUTHS[0], "엉뚱한 글"
    timings = [timing(report.OURS, 0.5, 1.0, good), timing("Blind", 0.1, 0.1, bad), timing("Slow", 9, 9, good)]
    timings.append(timing("Rival", 4.0, 4.0, good))
    assert report.ratios(timings) == {
        "rival": "Rival s", "ours": "s", "cold_wall": 8.0, "cold_cpu": 4.0, "warm_wall": 8.0, "warm_cpu": 4.0,
    }  # fmt: skip
    text = report.speed_markdown(machine.describe([]), timings)
    assert "s (does not read it)" in text
    assert "8.0 × less wall time" in text
    assert report.ratios(timings[1:]) is None


def test_warm_pages_are_what_each_further_page_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    usages = iter((Usage(0.12, 0.2, 5), Usage(0.15, 0.3, 6), Usage(0.45, 0.9, 9), Usage(0.42, 0.8, 8)))
    monkeypatch.setattr(speed, "run_child", lambda command, environment: next(usages))
    sample = Sample("a4", np.zeros((4, 6, 3), np.uint8), page_of_lines(6, 4, [(TRUTHS[0], None)]))
    [found] = speed.run(sample, [Fake("Rival", "s", level="page")], 2, 3, lambda engine: None)
    assert found.reads
    assert found.cold == Usage(0.12, 0.2, 6)
    assert (found.warm.wall, found.warm.cpu, found.warm.rss) == pytest.approx((0.1, 0.2, 9))


def test_scores_pool_what_was_measured() -> None:
    truth, read = page_of_lines(9, 9, [("가나다라", None)]), page_of_lines(9, 9, [("가나다마", None)])
    total = score(truth, read, 1, 1, ("cer",)) + score(truth, truth, 1, 1, ("cer", "ned")) + Score()
    assert (total.value("cer"), total.value("ned"), total.value("soft_f1")) == (0.125, 1.0, None)
    assert (total.images, total.lines, total.wall) == (2, 2, 2)


def test_bars_are_in_proportion() -> None:
    root = chart.bars("t", "n", ["a", "b"], [chart.Group("g", (1.0, 4.0)), chart.Group("h", (None, 2.0))], str)
    wide = [float(bar.attrib["width"]) for bar in root.findall("rect")[3:]]
    assert wide == pytest.approx([wide[1] / 4, wide[1], wide[1] / 2], abs=0.1)


def test_private_paths_do_not_enter_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sys, "argv", ["geulnun", "bench", "accuracy", "--real", "/srv/someone/data/real", "--seed", "3"]
    )
    described = machine.describe(machine.arguments())
    assert described["command"] == "geulnun bench accuracy --real .../data/real --seed 3"
