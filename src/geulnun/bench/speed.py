"""The speed run: each engine reads the same A4 page in processes of its own, measured from outside, in the same way.

cold   one process that reads the page once: start-up, loading of weights and reading
warm   what each further page costs a process that reads the page several times
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geulnun.bench import page
from geulnun.bench.child import Usage, run_child
from geulnun.bench.engines import Engine
from geulnun.bench.samples import LINE_MEASURES, PAGE_MEASURES, Sample
from geulnun.bench.score import Score, score

#: An engine reads the page if its CER, spaces ignored, stays under this.
READS = 0.15


@dataclass(frozen=True)
class Timing:
    """What one engine in one setting costs and reaches on the page.

    Attributes:
        engine: The engine.
        cold: One process for one page: least wall and CPU time of all runs, largest peak memory.
        warm: Each further page: wall and CPU time, and the peak memory of the process that read several.
        score: Its measures on the page.
    """

    engine: Engine
    cold: Usage
    warm: Usage
    score: Score

    @property
    def reads(self) -> bool:
        """Whether it reads the page at all; a setting that does not may be as fast as it likes."""
        rate = self.score.value("cer_without_spaces")
        return rate is not None and rate < READS


@dataclass(frozen=True)
class LineTiming:
    """What one engine takes for a line alone, seconds, and how many of the lines it reads without an error."""

    engine: Engine
    wall: float
    exact: float
    lines: int


def lines(samples: Sequence[Sample], engines: Sequence[Engine], repeats: int = 3) -> list[LineTiming]:
    """Time single lines: a program that holds our reader, one line after the other; all in one process of a rival's.

    The median over the lines of the quickest of all repeats, of which the first only warms up.

    Raises:
        GeulnunError: an engine failed.
    """
    out = []
    for engine in engines:
        rounds = [engine.read([sample.image for sample in samples], "line") for _ in range(1 + repeats)]
        walls = [min(reading.wall for reading in found) for found in zip(*rounds[1:], strict=True)]
        truths = [score(s.truth, r.page, 0, 0, LINE_MEASURES) for s, r in zip(samples, rounds[-1], strict=True)]
        exact = sum(one.value("cer") == 0 for one in truths) / len(truths)
        out.append(LineTiming(engine, statistics.median(walls), exact, len(samples)))
    return out


def run(
    sample: Sample, engines: Sequence[Engine], repeats: int, further: int, progress: Callable[[Engine], None]
) -> list[Timing]:
    """Time each engine.

    Args:
        sample: The page.
        engines: Who reads it.
        repeats: Runs of each; the least time counts, as whatever else the machine does only adds to it.
        further: Pages read after the first in the warm run.
        progress: Called after each engine.

    Raises:
        GeulnunError: an engine failed.
    """
    out = []
    with tempfile.TemporaryDirectory(prefix="geulnun-bench-") as folder:
        path = Path(folder, "page.png")
        page.save(sample, path)
        for engine in engines:
            out.append(_time(engine, sample, path, repeats, further))
            progress(engine)
    return out


def _time(engine: Engine, sample: Sample, path: Path, repeats: int, further: int) -> Timing:
    cold = _least([run_child(*engine.command(path)) for _ in range(repeats)])
    several = _least([run_child(*engine.command(path, 1 + further)) for _ in range(repeats)])
    wall, cpu = max(0.0, several.wall - cold.wall), max(0.0, several.cpu - cold.cpu)
    warm = Usage(wall / further, cpu / further, several.rss)
    [reading] = engine.read([sample.image], "page")
    return Timing(engine, cold, warm, score(sample.truth, reading.page, reading.wall, reading.cpu, PAGE_MEASURES))


def _least(runs: Sequence[Usage]) -> Usage:
    return Usage(min(run.wall for run in runs), min(run.cpu for run in runs), max(run.rss for run in runs))


def fastest(timings: Sequence[Timing]) -> Timing | None:
    """The one of least cold wall time among those that read the page, None if none does."""
    return min((timing for timing in timings if timing.reads), key=lambda timing: timing.cold.wall, default=None)
