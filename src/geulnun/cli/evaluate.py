"""``geulnun evaluate``: any engine's readings against any truth, as tables, intervals, tests and a report."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli.console import Bar, complain, show
from geulnun.errors import UsageError

if TYPE_CHECKING:
    from geulnun.evaluate.cases import Case
    from geulnun.evaluate.pairing import Readings
    from geulnun.evaluate.run import Evaluation


class Unpaired(StrEnum):
    """What becomes of truth without a reading."""

    list = "list"
    miss = "miss"


class Level(StrEnum):
    """What an image holds."""

    auto = "auto"
    page = "page"
    line = "line"


def evaluate(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="Folder or file of the truth: labels.csv, JSON, ...")],
    reader: Annotated[bool, typer.Option("--reader", help="Read the truth's images with our own networks.")] = False,
    output: Annotated[Path | None, typer.Option(metavar="PATH", help="An engine's saved output to evaluate.")] = None,
    against: Annotated[Path | None, typer.Option(metavar="PATH", help="Saved output to compare it with.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write the report there: HTML, JSON, Markdown.")
    ] = None,
    unpaired: Annotated[Unpaired, typer.Option(help="Truth without a reading: listed, or scored as a miss.")] = (
        Unpaired.list
    ),
    slices: Annotated[
        str | None, typer.Option(metavar="LIST", help="Slices, joined by commas; also any fact of the truth by name.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What the run is called.")] = None,
    against_name: Annotated[str | None, typer.Option(help="What the run it is compared with is called.")] = None,
    kind: Annotated[
        str, typer.Option("--from", metavar="FORMAT", help="The truth's format, see geulnun data.")
    ] = "auto",
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst lines to show.")] = 24,
    rounds: Annotated[int, typer.Option(min=0, help="Bootstrap rounds; 0 leaves intervals out.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same intervals.")] = 20,
    level: Annotated[Level, typer.Option(help="With --reader: what the images hold.")] = Level.auto,
    detector: Annotated[Path | None, typer.Option(metavar="ONNX", help="With --reader: another detector.")] = None,
    recogniser: Annotated[Path | None, typer.Option(metavar="ONNX", help="With --reader: another recogniser.")] = None,
    threads: opt.Threads = None,
    min_confidence: opt.MinConfidence = 0.5,
) -> None:
    """Measure how near readings come to the truth, overall and in slices, with the worst lines as pictures.

    Files pair by name. The Markdown goes to stdout; -o adds a report that opens offline.
    """
    from geulnun.evaluate import pairing
    from geulnun.evaluate.cases import read_truth
    from geulnun.evaluate.resample import ResampleOptions
    from geulnun.evaluate.run import EvaluateOptions
    from geulnun.evaluate.run import evaluate as run
    from geulnun.evaluate.slices import DIMENSIONS

    if reader == (output is not None):
        raise UsageError("name what to evaluate: either --reader or --output PATH")
    if not reader and (detector or recogniser):
        raise UsageError("--detector and --recogniser are networks to read with; add --reader")
    wanted = DIMENSIONS if slices is None else tuple(part.strip() for part in slices.split(",") if part.strip())
    options = EvaluateOptions(unpaired.value, wanted, ResampleOptions(rounds=rounds, seed=seed), worst)
    other = None if against is None else pairing.saved(against, against_name or "")
    with Bar() as bar, _uncollected():
        bar("reading the truth", 0, 1)
        cases = read_truth(truth, kind)
        if output is not None:
            readings = pairing.saved(output, name or "")
        else:
            readings = _reader(cases, name, level, (detector, recogniser), threads, min_confidence, bar)
        evaluation = run(truth.resolve().name or str(truth), cases, readings, other, options, bar)
    _report(evaluation, out)


def _reader(
    cases: list[Case],
    name: str | None,
    level: Level,
    networks: tuple[Path | None, Path | None],
    threads: int | None,
    min_confidence: float,
    bar: Bar,
) -> Readings:
    from geulnun.evaluate import reader
    from geulnun.pipeline import Reader, ReaderOptions

    options = ReaderOptions(threads=threads, min_confidence=min_confidence)
    detector, recogniser = networks
    made = Reader(options, detector=opt.detector_file(detector), recogniser=opt.existing(recogniser))
    chosen = None if level is Level.auto else "page" if level is Level.page else "line"
    return reader.readings(cases, made, name or "Geulnun", chosen, bar)  # type: ignore[arg-type]


def _report(evaluation: Evaluation, out: Path | None) -> None:
    from geulnun.evaluate import plain, wording
    from geulnun.evaluate.cases import REPORT
    from geulnun.evaluate.html import as_html
    from geulnun.write import write_file

    for run, unknown in enumerate(evaluation.unknown):
        note = wording.unread_note(evaluation, run)
        if note:
            complain(f"{note} The first: {evaluation.unread[run][0]}")
        if unknown:
            label = evaluation.runs[run].label
            complain(f"{wording.counted(len(unknown), 'reading')} by {label} without a truth, such as {unknown[0]}")
    markdown = plain.as_markdown(evaluation, f"{REPORT}.html" if out else "").encode()
    if out is not None:
        write_file(out / f"{REPORT}.html", as_html(evaluation))
        write_file(out / f"{REPORT}.json", plain.as_json(evaluation))
        write_file(out / f"{REPORT}.md", markdown)
    show(markdown)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles: looking for them among millions of characters takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
