"""`geulnun train`: train the package's networks again, or on, from a recipe."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import Bar
from geulnun.cli.encoder import encoder
from geulnun.cli.runs import need_torch
from geulnun.cli.train_character import character
from geulnun.cli.train_detector import detector
from geulnun.cli.train_orientation import orientation

app = typer.Typer(help="Train the networks from recipes (needs the extra: train).", no_args_is_help=True)

Recipe = Annotated[Path, typer.Argument(help="YAML file of the recipes folder, or your own.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")]
Start = Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")]
Minutes = Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")]
Texts = Annotated[Path | None, typer.Option(file_okay=False, help="Folder of texts to draw, instead of the recipe's.")]


@app.command()
def recogniser(
    recipe: Recipe,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            file_okay=False,
            help="Folder of the run; one with a checkpoint is resumed. [runs/recogniser]",
        ),
    ] = None,
    device: Device = None,
    devices: Annotated[int, typer.Option(min=1, help="Devices, or processes on a CPU, of this machine.")] = 1,
    nodes: Annotated[int, typer.Option(min=1, help="Machines; start the command on each, or use torchrun.")] = 1,
    start: Start = None,
    minutes: Minutes = None,
    texts: Texts = None,
    precision: Annotated[
        str | None, typer.Option(help="Of the exported file: float32, float16, int8. [int8 of dense, else float16]")
    ] = None,
) -> None:
    """Train a line recogniser and write recogniser.onnx into the run's folder.

    The recipe is one of ours, or the config.yaml of train_easyocr or EasyOCR's trainer as it is.
    """
    need_torch()
    from geulnun.export.lines import export_lines
    from geulnun.training.easyocr_config import load
    from geulnun.training.fit import Devices, samples, train, trained

    # Lightning tells about itself and its makers' products at this level.
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    read = load(recipe, texts)
    options = replace(read.options, start=start) if start else read.options
    folder = out or Path("runs") / (read.name or "recogniser")
    with Bar() as bar:
        # Processes that Lightning or torchrun started beside the first one say it all again.
        for note in read.notes if os.environ.get("LOCAL_RANK", "0") == "0" else ():
            bar.say(note)
        checkpoint = train(
            options,
            folder,
            log=bar.say,
            tell=typer.echo,
            devices=Devices(device, devices, nodes),
            minutes=minutes,
            bar=bar,
        )
    if checkpoint is None:
        return
    made = trained(checkpoint, options)
    chosen = precision or ("int8" if options.net == "dense" else "float16")
    given = samples(made) if chosen == "int8" else ()
    typer.echo(export_lines(made.net, made.spec, folder / "recogniser.onnx", chosen, given))


app.command()(encoder)

app.command()(character)

app.command()(orientation)

app.command()(detector)
