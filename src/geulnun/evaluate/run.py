"""An evaluation: a truth, one run or two, and every figure of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np

from geulnun import __version__
from geulnun.errors import MissingInputError, UsageError
from geulnun.evaluate import slices
from geulnun.evaluate.alignment import CHARS, LINES, SOLID
from geulnun.evaluate.cases import Case
from geulnun.evaluate.confusion import Confusions, Spaces, confusions, spaces
from geulnun.evaluate.measures import MEASURES, Measure, of_counts
from geulnun.evaluate.pairing import Matched, Pairing, Readings, Unpaired, pair
from geulnun.evaluate.reliability import Reliability, reliability
from geulnun.evaluate.resample import Bootstrap, Floats, Interval, PairedTest, ResampleOptions, holm, permutation_test
from geulnun.evaluate.scoring import Progress, Scored, cuts, score
from geulnun.evaluate.slices import DIMENSIONS, Key
from geulnun.evaluate.worst import WorstCase, changed_cases, worst_cases

#: What each slice is told by; scripts have the second alone.
SLICE_MEASURES = ("cer", "cer_without_spaces", "eojeol_accuracy", "line_exact", "space_f1")
#: The measure in which slices of two runs are compared: every slice has it.
COMPARED = "cer_without_spaces"


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """How an evaluation is made.

    Attributes:
        unpaired: what becomes of a truth without a reading: "list" leaves it out of all scores, "miss" scores it as
            read empty.
        slices: dimensions, see `geulnun.evaluate.slices`.
        resample: rounds and seed of intervals and tests.
        worst: how many of the worst lines are shown.
    """

    unpaired: Unpaired = "list"
    slices: tuple[str, ...] = DIMENSIONS
    resample: ResampleOptions = field(default_factory=ResampleOptions)
    worst: int = 24

    def __post_init__(self) -> None:
        if self.unpaired not in ("list", "miss"):
            raise UsageError(f"unpaired {self.unpaired!r}; expected list or miss")
        if self.worst < 0:
            raise UsageError(f"{self.worst} worst cases; expected 0 or more")


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a measure, None where nothing was counted, and its interval where there is one."""

    measure: Measure
    value: float | None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class SliceRow:
    """A slice: how much it holds, and its figures by measure (for a script the characters' alone)."""

    dimension: str
    value: str
    documents: int
    lines: int
    characters: int
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True, eq=False)
class RunReport:
    """One run: its overall figures, slices, faults, spaces and confidences."""

    label: str
    figures: tuple[Figure, ...]
    slices: tuple[SliceRow, ...]
    confusions: Confusions
    spaces: Spaces
    reliability: Reliability | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of both runs: the first's less the second's, its interval, and the test.

    Attributes:
        name: the measure.
        dimension: of the slice; "" for the whole.
        value: of the slice.
        test: the paired permutation test.
        interval: of the difference, by paired bootstrap.
        adjusted: the p-value after Holm among the slices; None for the whole.
    """

    name: str
    dimension: str
    value: str
    test: PairedTest
    interval: Interval | None
    adjusted: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything a report tells.

    Attributes:
        truth: what the truth is called.
        date: when, ISO 8601.
        version: of this package.
        options: how.
        pages: how many were scored, in how many documents, with how many lines and characters.
        runs: the run, and the one it is compared with, if any.
        compared: the measures of both, then the slices'.
        worst: worst cases of the first run.
        better: lines that the first run read better than the second.
        worse: lines that it read worse.
        unread: truth without a reading, by run.
        unknown: readings without a truth, by run.
    """

    truth: str
    date: str
    version: str
    options: EvaluateOptions
    pages: int
    documents: int
    lines: int
    characters: int
    runs: tuple[RunReport, ...]
    compared: tuple[Compared, ...]
    worst: tuple[WorstCase, ...]
    better: tuple[WorstCase, ...]
    worse: tuple[WorstCase, ...]
    unread: tuple[tuple[str, ...], ...]
    unknown: tuple[tuple[str, ...], ...]


def evaluate(
    truth: str,
    cases: Sequence[Case],
    readings: Readings,
    against: Readings | None = None,
    options: EvaluateOptions | None = None,
    progress: Progress = lambda *_: None,
) -> Evaluation:
    """Evaluate one run, or two on the pages that both have read.

    Args:
        truth: what the report calls the truth.
        cases: its files.
        readings: the run.
        against: the run to compare it with.
        options: how.
        progress: told of each page.

    Raises:
        MissingInputError: the truth is empty, nothing pairs, or the runs have no page in common.
        DamagedInputError: a reading is broken.
        UsageError: a slice is not known.
    """
    options = options or EvaluateOptions()
    if not cases:
        raise MissingInputError(f"{truth}: the truth is empty; name a set with labels")
    dimensions = slices.checked(options.slices, cases)
    sides = [readings]
    if against is not None:
        sides.append(replace(against, label=f"{against.label} (2)") if against.label == readings.label else against)
    pairings = [pair(cases, side, options.unpaired) for side in sides]
    matched = _common(truth, pairings)
    cut = cuts(matched, [side.loose for side in sides])
    scored = [
        score(side.label, pages, dimensions, progress, how)
        for side, pages, how in zip(sides, matched, cut, strict=True)
    ]
    progress("resampling", 0, 1)
    bootstrap = Bootstrap(len(scored[0].documents), options.resample)
    runs, draws = zip(*(_run(one, bootstrap) for one in scored), strict=True)
    first, second = scored[0], scored[-1]
    other = second.aligned if len(scored) > 1 else None
    worst = worst_cases(first.pages, first.aligned, options.worst, other)
    worse, better = ([], []) if other is None else _changed(first, second, options.worst // 2)
    counts = np.stack([laid.lines.sum(0) for laid in first.aligned]).sum(0)
    return Evaluation(
        truth, datetime.now(UTC).isoformat(timespec="seconds"), __version__, options,
        len(first.pages), len(first.documents), int(counts[LINES]), int(counts[CHARS]),
        runs, _compare(scored, draws, bootstrap) if other is not None else (),
        tuple(worst), tuple(better), tuple(worse),
        tuple(one.unread for one in pairings), tuple(one.unknown for one in pairings),
    )  # fmt: skip


def _changed(first: Scored, second: Scored, count: int) -> tuple[list[WorstCase], list[WorstCase]]:
    """Lines that the first run read worse than the second, and better."""
    worse, better = changed_cases(first.pages, first.aligned, second.aligned, count)
    return worse, better


def _common(truth: str, pairings: Sequence[Pairing]) -> list[list[Matched]]:
    """The pages that every run has, in one order."""
    keyed = [{(page.case.name, id(page.truth)): page for page in one.matched} for one in pairings]
    shared = [key for key in keyed[0] if all(key in other for other in keyed[1:])]
    if not shared:
        raise MissingInputError(f"{truth}: no page was read by both runs; --unpaired miss counts what one lacks")
    return [[pages[key] for key in shared] for pages in keyed]


#: Bootstrap values of a run: of each measure, and of each measure of each slice.
_Draws = tuple[dict[str, Floats], dict[tuple[Key, str], Floats]]


def _run(scored: Scored, bootstrap: Bootstrap) -> tuple[RunReport, _Draws]:
    everything = np.arange(len(scored.documents), dtype=np.intp)
    keys = list(scored.tables)
    tables = [(everything, columns) for columns in scored.columns.values()]
    tables += [(scored.tables[key].documents, scored.tables[key].columns) for key in keys]
    sums = bootstrap.sums(tables)
    values = {
        name: MEASURES[name].combine(drawn) for name, drawn in zip(scored.columns, sums, strict=False)
    }  # fmt: skip
    figures = tuple(
        _figure(MEASURES[name], scored.columns[name], values[name], bootstrap)
        for name in MEASURES
        if name in scored.columns
    )
    rows, drawn_slices = [], {}
    for key, drawn in zip(keys, sums[len(scored.columns) :], strict=True):
        table = scored.tables[key]
        row: dict[str, Figure] = {}
        for name in _measures_of(key):
            drawn_slices[key, name] = MEASURES[name].combine(of_counts(name, drawn))
            row[name] = _figure(MEASURES[name], of_counts(name, table.columns), drawn_slices[key, name], bootstrap)
        counts = table.columns.sum(0)
        rows.append(SliceRow(*key, len(table.documents), int(counts[LINES]), int(counts[SOLID]), row))
    report = RunReport(
        scored.label, figures, tuple(rows), confusions(scored.aligned), spaces(scored.aligned),
        reliability(scored.aligned) if scored.has_confidences else None,
    )  # fmt: skip
    return report, (values, drawn_slices)


def _measures_of(key: Key) -> tuple[str, ...]:
    return (COMPARED,) if key[0] == "script" else SLICE_MEASURES


def _figure(measure: Measure, columns: Floats, drawn: Floats, bootstrap: Bootstrap) -> Figure:
    value = float(measure.combine(columns.sum(0)))
    return Figure(measure, value if np.isfinite(value) else None, bootstrap.interval(drawn, _holding(columns)))


def _holding(columns: Floats) -> int:
    """How many documents hold something of what is measured."""
    return int(columns.any(1).sum())


def _compare(scored: Sequence[Scored], draws: Sequence[_Draws], bootstrap: Bootstrap) -> tuple[Compared, ...]:
    """The first run less the second: over all in each measure, and in each slice in `COMPARED`."""
    first, second = scored
    out = []
    for name, measure in MEASURES.items():
        if name in first.columns and name in second.columns:
            test = permutation_test(
                second.columns[name], first.columns[name], measure.combine, bootstrap.options
            )  # fmt: skip
            if test is not None:
                drawn = draws[0][0][name] - draws[1][0][name]
                interval = bootstrap.interval(drawn, _holding(first.columns[name]))
                out.append(Compared(name, "", "", test, interval))
    rows = []
    for key, table in first.tables.items():
        other = second.tables[key]
        test = permutation_test(
            of_counts(COMPARED, other.columns), of_counts(COMPARED, table.columns), MEASURES[COMPARED].combine,
            bootstrap.options,
        )  # fmt: skip
        if test is not None:
            drawn = draws[0][1][key, COMPARED] - draws[1][1][key, COMPARED]
            rows.append(Compared(COMPARED, *key, test, bootstrap.interval(drawn, len(table.documents))))
    adjusted = holm([row.test.p for row in rows])
    return (*out, *(_with(row, p) for row, p in zip(rows, adjusted, strict=True)))


def _with(row: Compared, adjusted: float | None) -> Compared:
    return Compared(row.name, row.dimension, row.value, row.test, row.interval, adjusted)
