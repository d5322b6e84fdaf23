"""``geulnun bench characters``: networks, heads and methods for single characters, trained alike and compared."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import timed
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
    images: Annotated[int, typer.Option(min=100, help="Images each network learns from.")] = 100_000,
    tests: Annotated[int, typer.Option(min=1, help="Test images of each kind.")] = 1_000,
    factor: Annotated[float, typer.Option(help="Factor of the networks' channels.")] = 0.5,
    batch: Annotated[int, typer.Option(min=2, help="Images a step.")] = 64,
    rate: Annotated[float, typer.Option(help="Learning rate at its height, of AdamW.")] = 2e-3,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights and images.")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="Print the names of all rows and stop.")] = False,
) -> None:
    """Train every network, link, head and method alike on drawn characters, and compare accuracy, size and speed.

    Takes hours; started again on the same folder of runs it goes on where it was.
    """
    from geulnun.bench import characters as laboratory
    from geulnun.bench import characters_report, machine, report

    plan = laboratory.Plan(
        recipe, images=images, tests=tests, factor=factor, batch=batch, rate=rate, real=real, seed=seed
    )
    if listed:
        sys.stdout.writelines(f"{one.name}\n" for one in laboratory.variants(plan))
        return
    need_torch()
    if not recipe.is_file():
        raise UsageError(
            f"{recipe}: no such file; run where the source tree is, or name its recipes/synth/koocr_64.yaml"
        )
    results = laboratory.measure(rows or (), plan, work, device, timed)
    meta = machine.describe(machine.arguments())
    text = characters_report.as_markdown(report.preamble(meta), results, plan)
    report.write(out, name, characters_report.as_json(meta, results, plan), text)
    sys.stdout.write(text)
