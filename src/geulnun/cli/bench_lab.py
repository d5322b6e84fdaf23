"""``geulnun bench recognisers`` and ``geulnun bench heads``: line recognisers trained alike and compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import timed
from geulnun.errors import UsageError


def recognisers(
    nets: Annotated[
        list[str] | None, typer.Option("--net", metavar="NAME", help="Only this network; may be repeated.")
    ] = None,
    texts: Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables.")] = Path("docs/benchmarks"),
    work: Annotated[Path, typer.Option(file_okay=False, help="Folder of the runs; finished ones are kept.")] = Path(
        "runs/recognisers"
    ),
    recipes: Annotated[Path, typer.Option(file_okay=False, help="Folder of ocr_kor_*.yaml.")] = Path("recipes/synth"),
    lines: Annotated[int, typer.Option(min=100, help="Lines each network learns from.")] = 12_000,
    tests: Annotated[int, typer.Option(min=1, help="Test lines of each kind.")] = 250,
    width: Annotated[float, typer.Option(help="Factor of the networks' channels.")] = 0.25,
    batch: Annotated[int, typer.Option(min=1, help="Lines a step.")] = 8,
    minutes: Annotated[float | None, typer.Option(help="Most minutes of training a network.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights and lines.")] = 1,
    beside: Annotated[
        Path | None, typer.Option(help="recognisers.json of an earlier run: its rows stand in the tables too.")
    ] = None,
) -> None:
    """Train every line recogniser on ocr_kor's lines alike, and compare accuracy, size and speed.

    Takes hours; started again on the same folder of runs it goes on where it was. With --beside the networks can be
    measured in several runs: rows of networks that this one measures are not taken from the earlier one.
    """
    from geulnun.bench import laboratory, laboratory_report, machine, report
    from geulnun.nets.recognition.builders import BUILDERS

    if not recipes.is_dir():
        raise UsageError(f"{recipes}: no such folder; run where the source tree is, or name its recipes/synth")
    protocol = laboratory.Protocol(recipes, texts, lines, tests, width, batch, seed=seed)
    names = nets or [*(name for name in BUILDERS if name not in laboratory.SAME), laboratory.SHIPPED]
    earlier = laboratory_report.read_json(beside, protocol).without(set(names)) if beside else None
    results = laboratory.measure(names, protocol, work, minutes, timed)
    meta = machine.describe(machine.arguments())
    picture = laboratory_report.draw(results, out / "recognisers.svg", earlier)
    text = laboratory_report.as_markdown(report.preamble(meta), results, protocol, earlier, picture)
    report.write(out, "recognisers", laboratory_report.as_json(meta, results, protocol, earlier), text)
    sys.stdout.write(text)


def heads(
    nets: Annotated[
        list[str] | None, typer.Option("--net", metavar="NAME", help="Only this network; may be repeated.")
    ] = None,
    also: Annotated[
        list[str] | None, typer.Option(metavar="NAME=FILE", help="Also read with this ONNX file; may be repeated.")
    ] = None,
    texts: Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables.")] = Path("docs/benchmarks"),
    work: Annotated[Path, typer.Option(file_okay=False, help="Folder of the runs; finished ones are kept.")] = Path(
        "runs/heads"
    ),
    recipes: Annotated[Path, typer.Option(file_okay=False, help="Folder of recipes.")] = Path("recipes"),
    lines: Annotated[int, typer.Option(min=100, help="Lines each network learns from.")] = 24_000,
    tests: Annotated[int, typer.Option(min=2, help="Test lines of each kind.")] = 400,
    width: Annotated[float, typer.Option(help="Factor of the networks' channels.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Of weights and lines.")] = 1,
) -> None:
    """Compare the factored jamo head with a flat softmax, on syllables that no training line held too."""
    from geulnun.bench import heads, machine, report

    if not recipes.is_dir():
        raise UsageError(f"{recipes}: no such folder; run where the source tree is, or name its recipes")
    pairs = [entry.partition("=") for entry in also or []]
    for name, _, file in pairs:
        if not Path(file).is_file():
            raise UsageError(f"--also {name}={file}: no such file; give a name and an ONNX file as NAME=FILE")
    files = {name: Path(file) for name, _, file in pairs}
    recipe, unseen = recipes / "synth" / "syllables.yaml", recipes / "lines" / "unseen.txt"
    plan = heads.Plan(recipe, unseen, texts, lines, tests, width, seed=seed)
    results = heads.measure(plan, work, nets or heads.NETS.values(), files, timed)
    meta = machine.describe(machine.arguments())
    text = heads.as_markdown(report.preamble(meta), results, plan)
    report.write(out, "heads", heads.as_json(meta, results, plan), text)
    sys.stdout.write(text)
