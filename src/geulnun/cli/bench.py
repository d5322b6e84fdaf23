"""`geulnun bench`: our reader and its rivals on the same images in the same run."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from geulnun.cli.bench_characters import character_reader, characters
from geulnun.cli.bench_detectors import detectors, orientation
from geulnun.cli.bench_doors import doors
from geulnun.cli.bench_lab import heads, recognisers
from geulnun.cli.console import counted
from geulnun.cli.unlabelled import unlabelled
from geulnun.errors import GeulnunError, MissingDependencyError, UsageError

if TYPE_CHECKING:
    from geulnun.bench.engines import Engine
    from geulnun.bench.samples import Slice
    from geulnun.bench.speed import Timing

app = typer.Typer(
    help="Measure accuracy and speed beside Tesseract 5, and write tables and charts.", no_args_is_help=True
)

app.command()(recognisers)

app.command()(heads)

app.command()(characters)

app.command()(character_reader)

app.command()(detectors)

app.command()(orientation)

app.command()(doors)

app.command()(unlabelled)

#: Modes of Tesseract for a page of running text; its sparse mode finds the words in no order.
_PAGE_MODES = (3, 4, 6)
#: Its mode for a single line.
_LINE_MODE = 7


class Group(StrEnum):
    """The groups of images."""

    lines = "lines"
    pages = "pages"
    real = "real"


Out = Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables (Markdown, JSON) and charts (SVG).")]
Quick = Annotated[bool, typer.Option("--quick", help="A few images of each kind, to see that all works.")]
Threads = Annotated[int | None, typer.Option(min=1, help="Threads of each of our networks.")]
Rivals = Annotated[
    bool, typer.Option("--rivals/--no-rivals", help="Run Tesseract and the OCR libraries that are there.")
]
Groups = Annotated[list[Group] | None, typer.Option("--only", help="Only this group; may be repeated.")]
Real = Annotated[Path | None, typer.Option(help="Folder of real images with an index.jsonl.")]
Texts = Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")]
Lines = Annotated[int, typer.Option(min=1, help="Lines of each kind in each held-out font family.")]
Pages = Annotated[int, typer.Option(min=1, help="Rendered pages of each kind and look.")]
Seed = Annotated[int, typer.Option(help="The same seed draws the same images.")]


@app.command()
def accuracy(
    groups: Groups = None,
    real: Real = None,
    texts: Texts = None,
    out: Out = Path("docs/benchmarks"),
    readings: Annotated[Path, typer.Option(file_okay=False, help="Folder for what the engines read.")] = Path(
        "bench-readings"
    ),
    reuse: Annotated[bool, typer.Option("--reuse", help="Score saved readings of the same pixels again.")] = False,
    lines: Lines = 20,
    pages: Pages = 6,
    costs: Annotated[bool, typer.Option("--costs/--no-costs", help="Also time an A4 page, as `speed` does.")] = True,
    seed: Seed = 20,
    threads: Threads = None,
    rivals: Rivals = True,
    saved: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=DIR", help="Output of another engine, see `bench images`; may be repeated."),
    ] = None,
    quick: Quick = False,
) -> None:
    """Compare what is read with what stands there, on rendered lines and pages and on real images."""
    from geulnun.bench import accuracy as run
    from geulnun.bench import machine, report
    from geulnun.bench.saved import parse
    from geulnun.bench.store import Store

    slices = _slices(groups, real, texts, (2, 1) if quick else (lines, pages), seed, 2 if quick else None)
    engines, missing = _engines(threads, rivals)
    engines += map(parse, saved or ())
    store = Store(readings, reuse)
    total = sum(part.size * sum(run.takes_part(engine, part) for engine in engines) for part in slices)
    with _progress(total) as advance:
        results = run.run(
            slices, engines, store, lambda part, engine, n: advance(f"{part.name}: {engine.name} {engine.setting}", n)
        )
    timings = _timings(_engines(threads, rivals, _PAGE_MODES)[0], repeats=1, further=1) if costs else []
    meta = {**machine.describe(machine.arguments()), "seed": seed, "missing": missing, "reused": store.reused}
    text = report.accuracy_markdown(meta, results, timings)
    report.write(out, "accuracy", report.accuracy_json(meta, results, timings), text)
    report.accuracy_charts(out, results)
    sys.stdout.write(text)


@app.command()
def speed(
    out: Out = Path("docs/benchmarks"),
    threads: Threads = 2,
    rivals: Rivals = True,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of each setting; the least time counts.")] = 2,
    further: Annotated[int, typer.Option(min=1, help="Pages after the first in the warm run.")] = 3,
    quick: Quick = False,
) -> None:
    """Time an A4 page of 2,200 characters (wall and CPU time, start, peak memory, size of the weights), and lines."""
    from geulnun.bench import machine, report, tesseract
    from geulnun.bench import speed as run
    from geulnun.bench.page import a4_page, text_lines

    engines, missing = _engines(threads, rivals, _PAGE_MODES)
    if rivals and not quick:
        # With threads of its own choice it is slower: one language is enough to show it.
        engines += tesseract.installed([], _PAGE_MODES, threads=None)[: len(_PAGE_MODES)]
    timings = _timings(engines, *(1, 1) if quick else (repeats, further))
    readers = [engine for engine in _engines(threads, rivals, (_LINE_MODE,))[0] if "line" in engine.levels]
    lines = run.lines(text_lines(), readers)
    meta = {**machine.describe(machine.arguments()), "page": a4_page().name, "missing": missing}
    text = report.speed_markdown(meta, timings, lines)
    report.write(out, "speed", report.speed_json(meta, timings, lines), text)
    report.speed_chart(out / "speed.svg", timings)
    sys.stdout.write(text)


@app.command()
def synth(
    texts: Texts = None,
    out: Out = Path("docs/benchmarks"),
    seed: Seed = 20,
    quick: Quick = False,
) -> None:
    """Measure the data engine: samples a second and core, labels that differ from what is drawn, equal bytes."""
    from geulnun.bench import machine, report
    from geulnun.bench import synth as run

    loads = run.workloads(texts, quick)
    rates = []
    with _progress(len(loads) + 2) as advance:
        for load in loads:
            advance(load.name, 0)
            rates.append(run.measure(load, seed))
            advance(load.name, 1)
        advance("1 process and 4", 0)
        agreements = run.compare_workers(run.sets(texts, quick), seed)
        advance("characters against outlines", 1)
        result = run.Result(rates, agreements, run.check_labels(seed, 100 if quick else 10_000))
    meta = machine.describe(machine.arguments())
    text = run.as_markdown(report.preamble(meta), result)
    report.write(out, "synth", run.as_json(meta, result), text)
    sys.stdout.write(text)


@app.command()
def scoring(
    python: Annotated[
        str | None, typer.Option(metavar="FILE", help="A Python that has `cleval`; this one without it.")
    ] = None,
    out: Out = Path("docs/benchmarks"),
    pages: Annotated[int, typer.Option(min=1, help="Pages of 100 words to score.")] = 1000,
    reference: Annotated[int, typer.Option(min=1, help="Pages of these that the reference scores.")] = 1000,
    seed: Seed = 20,
) -> None:
    """Time CLEval and soft F1 on made pages, beside the reference package `cleval` where it is installed."""
    from geulnun.bench import machine, report
    from geulnun.bench import scoring as run

    result = run.run(pages, seed=seed, python=python, reference_pages=min(reference, pages))
    meta = machine.describe(machine.arguments())
    text = run.as_markdown(report.preamble(meta), result)
    report.write(out, "scoring", run.as_json(meta, result), text)
    sys.stdout.write(text)


@app.command()
def decoding(
    texts: Annotated[Path, typer.Option(help="Folder of texts to draw and to learn the language model from.")],
    weights: Annotated[
        Path | None, typer.Option(dir_okay=False, help="A recogniser; the package's own without.")
    ] = None,
    real: Real = None,
    out: Out = Path("docs/benchmarks"),
    lines: Annotated[int, typer.Option(min=1, help="Lines of each set.")] = 400,
    seed: Seed = 20,
) -> None:
    """Compare decoders on the same network: greedy, beam, language model, lexicon, patterns; and calibrate it."""
    from geulnun.bench import decoding as run
    from geulnun.bench import decoding_report, machine, report

    with _progress(1) as advance:
        result = run.run(texts, lines, seed, weights, real, lambda name: advance(name, 0))
    meta = machine.describe(machine.arguments())
    text = decoding_report.as_markdown(report.preamble(meta), result)
    report.write(out, "decoding", decoding_report.as_json(meta, result), text)
    sys.stdout.write(text)


@app.command()
def finetune(
    texts: Texts = None,
    out: Out = Path("docs/benchmarks"),
    family: Annotated[str, typer.Option(help="Font family of the held-out side to learn.")] = "Un Pilgia",
    lines: Annotated[int, typer.Option(min=10, help="Lines to learn from.")] = 500,
    minutes: Annotated[float, typer.Option(min=0.01, help="Time to learn.")] = 10.0,
    threads: Annotated[int, typer.Option(min=1, help="Threads to learn with.")] = 1,
    seed: Seed = 20,
    quick: Quick = False,
) -> None:
    """Fine-tune on lines in a font kept out, and read others in it and in all other styles, before and after."""
    import tempfile

    from geulnun.bench import finetune as run
    from geulnun.bench import machine, report

    tested, minutes = (20, 0.01) if quick else (run.TESTED, minutes)
    with tempfile.TemporaryDirectory() as folder, _progress(1) as advance:
        result = run.run(
            Path(folder), texts, lambda text: advance(text, 0), family=family, lines=lines, tested=tested,
            minutes=minutes, threads=threads, seed=seed,
        )  # fmt: skip
    meta = {**machine.describe(machine.arguments()), "seed": seed}
    text = run.as_markdown(report.preamble(meta), result)
    report.write(out, "finetune", run.as_json(meta, result), text)
    sys.stdout.write(text)


@app.command()
def images(
    out: Annotated[Path, typer.Argument(file_okay=False, help="Folder for the images and their truth.")],
    groups: Groups = None,
    real: Real = None,
    texts: Texts = None,
    lines: Lines = 20,
    pages: Pages = 6,
    seed: Seed = 20,
) -> None:
    """Write the images of `accuracy` with their truth beside them, for engines elsewhere and for `geulnun evaluate`."""
    from geulnun.bench.samples import export

    slices = _slices(groups, real, texts, (lines, pages), seed, None)
    with _progress(sum(part.size for part in slices)) as advance:
        for part in slices:
            for sample in part.samples():
                export(sample, part, out)
                advance(part.name, 1)


@app.command()
def readme(
    file: Annotated[Path, typer.Argument(dir_okay=False, exists=True, help="The README to write.")] = Path("README.md"),
    out: Out = Path("docs/benchmarks"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 where figures are stale.")] = False,
) -> None:
    """Put the figures of the reports into the README."""
    from geulnun.bench.readme import figures, update
    from geulnun.write.files import write_file

    old = file.read_text(encoding="utf-8")
    new = update(old, figures(out))
    if check and new != old:
        typer.echo(f"{file}: its figures are not those of {out}; run `geulnun bench readme`", err=True)
        raise typer.Exit(1)
    if not check:
        write_file(file, new.encode())


def _slices(
    groups: list[Group] | None,
    real: Path | None,
    texts: Path | None,
    sizes: tuple[int, int],
    seed: int,
    limit: int | None,
) -> list[Slice]:
    from geulnun.bench import real as real_images
    from geulnun.bench import rendered

    wanted = groups or [group for group in Group if group is not Group.real or real is not None]
    if Group.real in wanted and real is None:
        raise UsageError("real images were asked for without a folder; add --real FOLDER")
    out: list[Slice] = []
    if Group.lines in wanted:
        out += rendered.line_slices(texts, sizes[0], seed)
    if Group.pages in wanted:
        out += rendered.page_slices(texts, sizes[1], seed)
    if Group.real in wanted and real is not None:
        out += real_images.slices(real, limit)
    return out


def _engines(threads: int | None, rivals: bool, modes: Iterable[int] | None = None) -> tuple[list[Engine], list[str]]:
    """Ours and the rivals that are there, the latter in the given modes, and a line for each that is not.

    Raises:
        MissingDependencyError: there is not one.
    """
    from geulnun.bench import tesseract
    from geulnun.bench.ours import Geulnun

    missing: list[str] = []
    engines: list[Engine] = []
    try:
        engines.append(Geulnun(threads))
    except GeulnunError as error:
        missing.append(f"Geulnun: {error}")
    if rivals:
        engines += [*tesseract.installed(missing, modes), *_libraries(missing)]
    if not engines:
        raise MissingDependencyError(f"no engine to measure; {'; '.join(missing)}")
    for reason in missing:
        Console(stderr=True).print(f"missing: {reason}", style="yellow")
    return engines, missing


def _libraries(missing: list[str]) -> list[Engine]:
    """The OCR libraries that are there, and a line in ``missing`` for each that is not."""
    from geulnun.bench.libraries import LIBRARIES

    out: list[Engine] = []
    for library in LIBRARIES:
        try:
            out.append(library())
        except MissingDependencyError as error:
            missing.append(f"{library.title}: {error}")
    return out


def _timings(engines: list[Engine], repeats: int, further: int) -> list[Timing]:
    from geulnun.bench import speed as run
    from geulnun.bench.page import a4_page

    sample = a4_page()
    engines = [engine for engine in engines if "page" in engine.levels]
    with _progress(len(engines)) as advance:
        return run.run(sample, engines, repeats, further, lambda engine: advance(f"{engine.name} {engine.setting}", 1))


@contextmanager
def _progress(total: int) -> Iterator[_Advance]:
    with Progress(*counted(), console=Console(stderr=True), transient=True) as bar:
        yield _Advance(bar, total)


class _Advance:
    """Moves a progress bar and says what is done."""

    def __init__(self, bar: Progress, total: int) -> None:
        self.bar = bar
        self.task = bar.add_task("starting", total=total)

    def __call__(self, what: str, steps: int) -> None:
        self.bar.update(self.task, description=what[:60], advance=steps)
