"""``geulnun bench characters`` and ``character-reader``: what can be trained compared, and what is shipped measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli.console import Bar, complain, timed
from geulnun.cli.runs import need_torch
from geulnun.errors import UsageError


def characters(
    rows: Annotated[
        list[str] | None, typer.Option("--row", metavar="NAME", help="Only this row; may be repeated.")
    ] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables.")] = Path("docs/benchmarks"),
    name: Annotated[str, typer.Option(help="Name of the tables' files.")] = "character_laboratory",
    work: Annotated[Path, typer.Option(file_okay=False, help="Folder of the runs; finished ones are kept.")] = Path(
        "runs/characters"
    ),
    recipe: Annotated[Path, typer.Option(dir_okay=False, help="Recipe of the drawn images.")] = Path(
        "recipes/synth/koocr_64.yaml"
    ),
    real: Annotated[
        Path | None, typer.Option(help="Folder of people's writing with an index.jsonl; read, not learnt.")
    ] = None,
    drawn: Annotated[int, typer.Option(min=10, help="Images that are drawn to learn from.")] = 30_000,
    images: Annotated[int, typer.Option(min=100, help="Images each network sees; drawn ones come again.")] = 60_000,
    tests: Annotated[int, typer.Option(min=1, help="Test images of each kind.")] = 1_000,
    factor: Annotated[float, typer.Option(help="Factor of the networks' channels.")] = 0.5,
    batch: Annotated[int, typer.Option(min=2, help="Images a step.")] = 64,
    rate: Annotated[float, typer.Option(help="Learning rate at its height, of AdamW.")] = 2e-3,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights and images.")] = 1,
    times: Annotated[bool, typer.Option("--times", help="Time all rows again, in one go at the end.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Print the names of all rows and stop.")] = False,
) -> None:
    """Train every network, link, head and method alike on drawn characters, and compare accuracy, size and speed.

    Takes hours; started again on the same folder of runs it goes on where it was.
    """
    from geulnun.bench import characters as laboratory
    from geulnun.bench import characters_report, machine, report

    plan = laboratory.Plan(
        recipe, drawn=drawn, images=images, tests=tests, factor=factor, batch=batch, rate=rate, real=real, seed=seed
    )
    if listed:
        sys.stdout.writelines(f"{one.name}\n" for one in laboratory.variants(plan))
        return
    need_torch()
    if not recipe.is_file():
        raise UsageError(
            f"{recipe}: no such file; run where the source tree is, or name its recipes/synth/koocr_64.yaml"
        )
    results = laboratory.measure(rows or (), plan, work, device, timed, times)
    meta = machine.describe(machine.arguments())
    text = characters_report.as_markdown(report.preamble(meta), results, plan)
    report.write(out, name, characters_report.as_json(meta, results, plan), text)
    sys.stdout.write(text)


def character_reader(
    model: Annotated[
        Path | None, typer.Option(metavar="ONNX", help="A recogniser of your own; the package's without it.")
    ] = None,
    recipes: Annotated[
        list[Path] | None,
        typer.Option("--recipe", dir_okay=False, help="Drawn tests, a part each; may be repeated. [sets/tests_*.yaml]"),
    ] = None,
    real: Annotated[
        Path | None, typer.Option(help="Folder of people's writing with an index.jsonl; read, not learnt.")
    ] = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option("--run", file_okay=False, help="Finished run to tell the validation of; may be repeated."),
    ] = None,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Images of each test at most.")] = 20_000,
    beside: Annotated[int, typer.Option(min=1, help="Images of each test that Tesseract reads too.")] = 200,
    rivals: Annotated[bool, typer.Option(help="Whether Tesseract reads them.")] = True,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the report.")] = Path("docs/benchmarks"),
    seed: Annotated[int, typer.Option(help="Of drawn images.")] = 20,
) -> None:
    """Measure the reader of single characters beside Tesseract, on held-out fonts and people's writing."""
    from geulnun.bench import character_reader as bench
    from geulnun.bench import character_reader_report as reports
    from geulnun.bench import chart, machine, report, tesseract
    from geulnun.runtime import weights
    from geulnun.runtime.characters import CharacterRecogniser

    file = opt.existing(model) or weights.path("character")
    chosen = tuple(recipes or bench.RECIPES)
    for path in chosen:
        if not path.is_file():
            raise UsageError(f"{path}: no such file; run where the source tree is, or name drawn tests with --recipe")
    told = [bench.run(folder) for folder in runs or ()]
    missing: list[str] = []
    engines = [one for one in tesseract.installed(missing) if "char" in one.levels] if rivals else []
    for reason in missing:
        complain(f"missing: {reason}")
    reader = CharacterRecogniser(file, 2)
    with Bar() as bar:
        rows = bench.measure(
            bench.trials(chosen, real, seed), reader, engines, number, beside,
            lambda allow: CharacterRecogniser(file, 2, allow=allow),
            lambda name, total, done: bar(name, done, total),
        )  # fmt: skip
    times, megabytes = bench.costs(reader, rows), file.stat().st_size / 1e6
    explained = bench.shown(rows, reader, file)
    picture = "characters-maps.svg" if explained else ""
    meta = machine.describe(machine.arguments()) | {"missing": missing}
    text = reports.as_markdown(report.preamble(meta), rows, told, megabytes, times, picture)
    report.write(out, "characters", reports.as_json(meta, rows, told, megabytes, times), text)
    if explained:
        chart.write(reports.maps(explained), out / picture)
    sys.stdout.write(text)
