"""``geulnun bench detectors`` and ``geulnun bench orientation``: what finds text, and what tells which way up it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from geulnun.cli import options as opt
from geulnun.cli.console import complain, counted
from geulnun.errors import UsageError

Recipes = Annotated[
    Path, typer.Option(file_okay=False, help="Folder of pages.yaml, scenes.yaml and the lines' recipes.")
]
Texts = Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")]
Out = Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables and pictures.")]
Seed = Annotated[int, typer.Option(help="The same seed draws the same pages.")]


def detectors(
    detector: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=FILE", help="Another detector (.onnx) beside the package's; may be repeated."),
    ] = None,
    shipped: Annotated[bool, typer.Option(help="Whether the package's own detector takes part.")] = True,
    real: Annotated[Path | None, typer.Option(help="Folder of real images with an index.jsonl.")] = None,
    recipes: Recipes = Path("recipes/synth"),
    texts: Texts = None,
    pages: Annotated[int, typer.Option(min=0, help="Drawn pages, and as many scenes.")] = 40,
    read: Annotated[int, typer.Option(min=0, help="Of these, how many are read too.")] = 8,
    rivals: Annotated[bool, typer.Option(help="Whether Tesseract takes part.")] = True,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each network.")] = 2,
    repeats: Annotated[int, typer.Option(min=0, help="Runs of each detector on the timed pages; 0 times none.")] = 3,
    work: Annotated[Path, typer.Option(file_okay=False, help="Folder of what was measured; it is not done again.")] = (
        Path("runs/bench-detectors")
    ),
    out: Out = Path("docs/benchmarks"),
    seed: Seed = 20,
) -> None:
    """Compare detectors of text: lines, words, characters, what is read in them, time and size.

    Started again on the same folder it goes on where it was.
    """
    from geulnun.bench import detector_costs, finders, machine, report
    from geulnun.bench import detectors as bench
    from geulnun.bench import detectors_report as reports

    named = [entry.partition("=") for entry in detector or []]
    for name, _, file in named:
        if not name or not Path(file).is_file():
            raise UsageError(f"--detector {name}={file}: no such file; give a name and an ONNX file as NAME=FILE")
    files = [recipes / f"{name}.yaml" for name in ("pages", "scenes")] if pages else []
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file; run where the source tree is, or name --recipes")
    missing: list[str] = []
    chosen: list[finders.Finder] = [finders.Network("lines", None, threads)] if shipped else []
    chosen += [finders.Network(name, Path(file), threads) for name, _, file in named]
    chosen += finders.installed(missing) if rivals else []
    for reason in missing:
        complain(f"missing: {reason}")
    if not chosen:
        raise UsageError("no detector to measure; name one with --detector NAME=FILE, or leave --shipped on")
    sets = [bench.drawn(path.stem, path, pages, min(read, pages), seed, texts) for path in files]
    sets += bench.real_sets(real) if real is not None else []
    sets.append(bench.noise(seed))
    with Progress(*counted(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what[:60], completed=done, total=total)

        results = bench.measure(chosen, sets, work, tell)
        costs = detector_costs.costs(chosen, texts, seed, repeats, tell) if repeats else []
    # One mode of Tesseract is enough to look at.
    shown = [one for at, one in enumerate(chosen) if one.name not in [other.name for other in chosen[:at]]]
    picture = reports.pictures(shown, sets, out / "detectors.webp")
    meta = machine.describe(machine.arguments()) | {"missing": missing}
    text = reports.as_markdown(report.preamble(meta), results, costs, picture)
    report.write(out, "detectors", reports.as_json(meta, results, costs), text)
    sys.stdout.write(text)


def orientation(
    weights: Annotated[
        Path | None, typer.Option(metavar="ONNX", help="An orientation network of your own; the package's without it.")
    ] = None,
    detector: Annotated[
        Path | None, typer.Option(metavar="ONNX", help="Finds the lines of pages; the package's without it.")
    ] = None,
    recipes: Recipes = Path("recipes/synth"),
    texts: Texts = None,
    pages: Annotated[int, typer.Option(min=0, help="Drawn pages, each shown in four turns.")] = 500,
    lines: Annotated[int, typer.Option(min=0, help="Drawn lines, each shown both ways up; columns: a quarter.")] = 1000,
    threads: Annotated[int, typer.Option(min=1, help="Threads of each network.")] = 2,
    out: Out = Path("docs/benchmarks"),
    seed: Seed = 20,
) -> None:
    """Measure how often the turn of pages and the upper side of lines are told rightly."""
    from geulnun.bench import machine, report
    from geulnun.bench import orientation as bench
    from geulnun.runtime.detector import Detector
    from geulnun.runtime.orientation import Orientation
    from geulnun.synth.recipes import Plan, load

    def plan(name: str) -> Plan:
        path = recipes / f"{name}.yaml"
        if not path.is_file():
            raise UsageError(f"{path}: no such file; run where the source tree is, or name --recipes")
        return load(path, None, texts, "held-out")

    teller, result = Orientation(opt.existing(weights), threads), bench.Result()
    with Progress(*counted(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1)

        def tell(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        if lines:
            bench.lines(teller, plan("lines"), lines, seed, False, result, tell)
            bench.lines(teller, plan("columns"), max(1, lines // 4), seed, True, result, tell)
        if pages:
            detect = Detector(opt.existing(detector), threads).detect
            bench.pages(teller, detect, plan("pages"), pages, seed, result, tell)
    meta = machine.describe(machine.arguments())
    text = bench.as_markdown(report.preamble(meta), result)
    report.write(out, "orientation", bench.as_json(meta, result), text)
    sys.stdout.write(text)
