"""`geulnun train detector`: teach a network to find text."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import Bar
from geulnun.cli.runs import need_torch


def detector(
    recipe: Annotated[Path, typer.Argument(help="YAML file of the recipes folder, or your own.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            file_okay=False,
            help="Folder of the run; one with a checkpoint is resumed. [runs/detectors/RECIPE]",
        ),
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    start: Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")] = None,
    texts: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder of texts to draw, instead of the recipe's.")
    ] = None,
    precision: Annotated[str, typer.Option(help="Of the exported file: float32, float16, int8.")] = "float16",
) -> None:
    """Train a detector of words and characters, of the kind regions or points, and write DIR/detector.onnx."""
    need_torch()
    from geulnun import recipe as recipes
    from geulnun.export.detection import export_detection
    from geulnun.training.detection.fit import samples, spec_of, train, trained
    from geulnun.training.detection.options import DetectorTraining

    # Lightning tells about itself and its makers' products at this level.
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    options = recipes.load(recipe, DetectorTraining).beneath(recipe.parent)
    options = replace(options, start=start or options.start, texts=texts or options.texts)
    folder = out or Path("runs/detectors") / recipe.stem
    with Bar() as bar:
        checkpoint = train(
            options,
            folder,
            log=bar.say,
            tell=typer.echo,
            device=device,
            minutes=minutes,
            bar=bar,
        )
    given = samples(options) if precision == "int8" else ()
    net, spec = trained(checkpoint, options), spec_of(options)
    typer.echo(export_detection(net, spec, folder / "detector.onnx", precision, given))
