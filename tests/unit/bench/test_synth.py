"""The data engine's bench: what is timed, what is compared, and what the table says of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from geulnun.bench import synth
from geulnun.bench.synth import Agreement, Rate, Result, Workload
from geulnun.document import Block, Page, line_from_text
from geulnun.synth.fonts import Face, Family
from geulnun.synth.lines import LineOptions
from geulnun.synth.sample import Sample
from geulnun.synth.sources import LineSource
from geulnun.synth.text import TextSource


class Counted:
    """A source that notes what is asked of it."""

    size: int | None = None

    def __init__(self) -> None:
        self.asked: list[int] = []

    def sample(self, index: int, seed: int) -> Sample:
        self.asked.append(index)
        return Sample(np.zeros((10, 20 + index), np.uint8), Page(20 + index, 10, (Block((line_from_text("한글"),)),)))


def test_samples_before_the_clock_are_not_those_under_it() -> None:
    source = Counted()
    rate = synth.measure(Workload("lines", "x", source, 2, 3), seed=0)
    assert source.asked == [0, 1, 2, 3, 4]
    assert (rate.width, rate.height, rate.characters, rate.boxed) == (23, 10, 2, 0)
    assert rate.seconds > 0


def test_places_are_measured_only_where_asked_for() -> None:
    def refuse() -> Page:
        raise AssertionError("the truth was measured")

    class Lazy(Counted):
        def sample(self, index: int, seed: int) -> Sample:
            return Sample(np.zeros((10, 20), np.uint8), refuse, label="한글 둘")

    rate = synth.measure(Workload("lines", "x", Lazy(), 0, 2, truth=False), seed=0)
    assert (rate.characters, rate.boxed) == (3, 0)
    with pytest.raises(AssertionError, match="measured"):
        synth.measure(Workload("lines", "x", Lazy(), 0, 2), seed=0)


def test_the_plain_loop_draws_lines(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    sample = synth.PlainLoop([face]).sample(3, 1)
    assert sample.image.shape == (40, 700)
    assert np.ptp(sample.image) > 150
    assert len(sample.text.replace(" ", "")) == 18


def test_pages_are_pooled_by_time_and_lines_are_the_first() -> None:
    def rate(group: str, count: int, seconds: float) -> Rate:
        return Rate(Workload(group, f"{group} {count}", Counted(), 0, count), seconds, 1, 1, 1, 1)

    rates = [rate("lines", 100, 0.1), rate("lines", 50, 0.5), rate("pages", 4, 1), rate("pages", 4, 3)]
    rates.append(rate("plain loop", 100, 0.05))
    result = Result(rates, [Agreement("lines", 3, 9, 1)])
    assert (result.pooled("lines"), result.pooled("pages")) == (1000, 2)
    text = synth.as_markdown("- preamble", result)
    assert "| worn lines a second and core | ≥ 800 | 1,000 |" in text
    assert "| the same beside a plain loop | ≥ 0.42 | 0.50 |" in text
    assert "| files that differ: lines | 0 | 1 |" in text
    assert synth.as_json({}, result)["pooled"] == {"lines": 1000, "pages": 2}


def test_workers_are_compared_by_every_file(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    make = partial(LineSource, LineOptions(), (face,), TextSource())
    (found,) = synth.compare_workers({"lines": (make, 9)}, 3, workers=2)
    assert (found.name, found.files, found.differing) == ("9 lines, 1 process and 2", 10, 0)
    assert found.bytes > 1000
