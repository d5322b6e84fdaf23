"""``geulnun bench doors``: searchable PDF taken apart again, and the server under load."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import Bar


class Part(StrEnum):
    """What can be measured."""

    pdf = "pdf"
    server = "server"


def doors(
    only: Annotated[Part | None, typer.Option(help="Measure this part only; the other keeps its figures.")] = None,
    pages: Annotated[int, typer.Option(min=10, help="Pages drawn.")] = 50,
    clients: Annotated[int, typer.Option(min=1, help="Clients of the server.")] = 8,
    texts: Annotated[Path | None, typer.Option(help="Folder of texts to draw; built-in grammars without it.")] = None,
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder for the tables.")] = Path("docs/benchmarks"),
    seed: Annotated[int, typer.Option(help="The same seed draws the same pages.")] = 8,
) -> None:
    """Measure whether a PDF's text is what was written, and what the server does for many clients."""
    from geulnun.bench import doors as bench
    from geulnun.bench import doors_report, doors_server, machine, report
    from geulnun.pipeline import Reader

    meta = machine.describe(machine.arguments())
    content = doors_report.before(out)
    if only is not Part.server:
        with Bar() as bar:
            score = bench.measure(
                bench.rendered(texts, pages, seed), Reader(), lambda name, done: bar(name, done, pages)
            )
        content["pdf"] = doors_report.pdf_json(meta, score)
    if only is not Part.pdf:
        files = [bench.png(sample) for sample in bench.rendered(texts, pages, seed)]
        content["server"] = doors_report.server_json(meta, doors_server.measure(files, clients))
    text = doors_report.as_markdown(content)
    report.write(out, "doors", content, text)
    sys.stdout.write(text)
