"""``geulnun bench recognisers``: every line recogniser on one protocol."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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
) -> None:
    """Train every line recogniser on ocr_kor's lines alike, and compare accuracy, size and speed.

    Takes hours; started again on the same folder of runs it goes on where it was.
    """
    from geulnun.bench import laboratory, laboratory_report, machine, report
    from geulnun.nets.recognition.builders import BUILDERS

    if not recipes.is_dir():
        raise UsageError(f"{recipes}: no such folder; run where the source tree is, or name its recipes/synth")
    protocol = laboratory.Protocol(recipes, texts, lines, tests, width, batch, seed=seed)
    console = Console(stderr=True)

    def tell(line: str) -> None:
        console.print(time.strftime("%H:%M:%S"), line, highlight=False, soft_wrap=True)

    names = nets or [*(name for name in BUILDERS if name not in laboratory.SAME), laboratory.SHIPPED]
    results = laboratory.measure(names, protocol, work, minutes, tell)
    meta = machine.describe(machine.arguments())
    text = laboratory_report.as_markdown(report.preamble(meta), results, protocol)
    report.write(out, "recognisers", laboratory_report.as_json(meta, results, protocol), text)
    sys.stdout.write(text)
