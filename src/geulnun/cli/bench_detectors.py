"""``geulnun bench detectors`` and ``geulnun bench orientation``: what finds text, and what tells which way up it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli.console import Bar, complain
from geulnun.errors import UsageError

if TYPE_CHECKING:
    from geulnun.bench.finders import Finder

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
    shipped: Annotated[bool, typer.Option(help="Whether the package's own detectors take part.")] = True,
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

    Started again on the same folder it goes on where it was, as long as neither the code that reads nor a weight has
    changed; what has is measured anew.
    """
    from geulnun.bench import detector_costs, machine, report
    from geulnun.bench import detectors as bench
    from geulnun.bench import detectors_report as reports

    files = [_recipe(recipes, name) for name in ("pages", "scenes")] if pages else []
    missing: list[str] = []
    chosen = _finders(detector or [], shipped, rivals, threads, missing)
    sets = [bench.drawn(path.stem, path, pages, min(read, pages), seed, texts) for path in files]
    sets += bench.real_sets(real) if real is not None else []
    sets.append(bench.noise(seed))
    with Bar() as tell:
        results = bench.measure(chosen, sets, work, tell)
        costs = detector_costs.costs(chosen, texts, seed, repeats, tell) if repeats else []
    # One mode of Tesseract is enough to look at.
    shown = list({one.name: one for one in reversed(chosen)}.values())[::-1]
    picture = reports.pictures(shown, sets, out / "detectors.webp")
    meta = machine.describe(machine.arguments()) | {"missing": missing}
    text = reports.as_markdown(report.preamble(meta), results, costs, picture)
    report.write(out, "detectors", reports.as_json(meta, results, costs), text)
    sys.stdout.write(text)


def _finders(named: list[str], shipped: bool, rivals: bool, threads: int, missing: list[str]) -> list[Finder]:
    """The detectors that take part, and a line in ``missing`` for each rival that is not there.

    Raises:
        UsageError: a detector has no name or no file, or none takes part.
    """
    from geulnun.bench import finders
    from geulnun.runtime import weights

    pairs = [entry.partition("=") for entry in named]
    for name, _, file in pairs:
        if not name or not Path(file).is_file():
            raise UsageError(f"--detector {name}={file}: no such file; give a name and an ONNX file as NAME=FILE")
    own = [weights.path("detector"), *(weights.choose("detector", word) for word in weights.others("detector"))]
    chosen: list[Finder] = [finders.Network(file, threads) for file in own] if shipped else []
    chosen += [finders.Network(Path(file), threads, name) for name, _, file in pairs]
    chosen += finders.installed(missing) if rivals else []
    for reason in missing:
        complain(f"missing: {reason}")
    if not chosen:
        raise UsageError("no detector to measure; name one with --detector NAME=FILE, or leave --shipped on")
    return chosen


def _recipe(folder: Path, name: str) -> Path:
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise UsageError(f"{path}: no such file; run where the source tree is, or name --recipes")
    return path


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
        return load(_recipe(recipes, name), None, texts, "held-out")

    teller, result = Orientation(opt.existing(weights), threads), bench.Result()
    with Bar() as tell:
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
