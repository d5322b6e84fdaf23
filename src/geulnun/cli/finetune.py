"""`geulnun finetune`: teach the recogniser one's own documents, in minutes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geulnun.cli.runs import need_torch


def finetune(
    folder: Annotated[
        Path,
        typer.Argument(help="Line images with labels.csv (filename,words) or gt.txt, or any set of `geulnun data`."),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", file_okay=False, help="Folder for recogniser.onnx and the report.")
    ] = Path("finetuned"),
    minutes: Annotated[float, typer.Option(min=0.01, help="Time to learn, at most.")] = 10.0,
    recogniser: Annotated[
        Path | None, typer.Option(help="Recogniser to begin with (.onnx of convolutions, .pt); the package's own.")
    ] = None,
    texts: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder of texts for the lines of other styles.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads to learn with; all cores without it.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate at its height.", show_default=False)] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Batches to learn from, at most.")] = None,
    seed: Annotated[int, typer.Option(help="Another one parts and draws lines otherwise.")] = 1,
) -> None:
    """Fine-tune on your lines; a table of before and after on stdout, weights for `read --recogniser` in OUT."""
    need_torch()
    from geulnun.export.finetuned import as_markdown, finetuned
    from geulnun.training.finetune import FinetuneOptions

    given = {"steps": steps, "rate": rate, "threads": threads}
    chosen = {name: value for name, value in given.items() if value is not None}
    options = FinetuneOptions(minutes=minutes, texts=texts, seed=seed, **chosen)  # type: ignore[arg-type]
    console = Console(stderr=True, soft_wrap=True)
    report = finetuned(
        folder, out, options, lambda line: console.print(line, markup=False, highlight=False), recogniser
    )
    sys.stdout.write(as_markdown(report))
    sys.stdout.write(f"{report.file}\n")
