"""`geulnun bench unlabelled`: what lines without labels are worth."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geulnun.cli.runs import need_torch
from geulnun.errors import UsageError


def unlabelled(
    labelled: Annotated[Path, typer.Argument(help="Lines with labels: a recipe of drawn lines, or a stored set.")],
    without: Annotated[Path, typer.Argument(help="Lines whose labels are not looked at, likewise.")],
    tests: Annotated[
        list[str],
        typer.Option("--test", metavar="NAME=SET", help="A set to read, of a recipe its held-out side; repeat."),
    ],
    start: Annotated[
        Path | None,
        typer.Option(help="Weights to begin with; without any, networks begin anew, and SeqCLR takes part."),
    ] = None,
    runs: Annotated[
        Path, typer.Option(file_okay=False, help="Folder of the runs; they go on where they stopped.")
    ] = Path("runs/unlabelled"),
    real: Annotated[
        Path | None, typer.Option(help="Folder of real images with an index.jsonl; read, not learnt.")
    ] = None,
    texts: Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the table.")] = Path("docs/benchmarks"),
    name: Annotated[str, typer.Option(help="Name of the table's files.")] = "unlabelled",
    width: Annotated[float, typer.Option(help="Factor of the default network's channels.")] = 1.0,
    steps: Annotated[int, typer.Option(min=1, help="Steps of labelled lines from the beginning.")] = 6_000,
    pretrain: Annotated[int, typer.Option(min=1, help="Steps of SeqCLR before them.")] = 3_000,
    more: Annotated[int, typer.Option(min=1, help="Steps of FixMatch after them.")] = 2_000,
    batch: Annotated[int, typer.Option(min=2, help="Lines in a step.")] = 64,
    rate: Annotated[float, typer.Option(help="Learning rate; what goes on has a third of it.")] = 2e-3,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Confidence that FixMatch asks for.")] = 0.9,
    threads: Annotated[int, typer.Option(min=0, help="PyTorch's threads; 0 leaves its default.")] = 0,
    seed: Annotated[int, typer.Option(help="Of weights and lines.")] = 1,
) -> None:
    """Compare labels alone with SeqCLR before them and with FixMatch beside them, at equal steps."""
    need_torch()
    from geulnun.bench import machine, report
    from geulnun.bench import unlabelled as run

    named = [one.partition("=") for one in tests]
    sets = {key: Path(path) for key, mark, path in named if mark}
    if len(sets) < len(tests):
        raise UsageError(f"--test {' --test '.join(tests)}; expected NAME=SET, each with a name of its own")
    if real is not None:
        sets["real"] = run.real_lines(real, runs / "real")
    options = run.Comparison(
        labelled=labelled, unlabelled=without, tests=sets, texts=texts, start=start, width=width, batch=batch,
        steps=steps, pretrain=pretrain, more=more, rate=rate, threshold=threshold, threads=threads, seed=seed,
    )  # fmt: skip
    console = Console(stderr=True)
    rows = []
    for row in run.compare(options, runs, lambda line: console.print(line, highlight=False, markup=False)):
        # Of a comparison that is stopped, what is known shall not be lost.
        console.print(f"{row.name}: " + ", ".join(f"{key} {cer:.2%}" for key, cer in row.cer.items()), highlight=False)
        rows.append(row)
    meta = machine.describe(machine.arguments())
    text = run.as_markdown(report.preamble(meta), options, rows)
    report.write(out, name, run.as_json(meta, rows), text)
    sys.stdout.write(text)
