"""`geulnun train orientation`: teach the network that tells which way up text stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.runs import Log, need_torch


def orientation(
    recipe: Annotated[Path, typer.Argument(help="YAML file such as recipes/orientation.yaml.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", file_okay=False, help="Folder of the run; one with a checkpoint is resumed.")
    ] = Path("runs/orientation"),
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    start: Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")] = None,
    texts: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder of texts to draw, instead of the recipe's.")
    ] = None,
) -> None:
    """Train the network that tells which way up lines stand and write orientation.onnx into the run's folder."""
    need_torch()
    from geulnun.export.orientation import export_orientation
    from geulnun.recipe import load
    from geulnun.training.orientation import OrientationRecipe, train

    options = load(recipe, OrientationRecipe, texts=texts).beneath(recipe.parent)
    checkpoint = train(options, out, device=device, begin=start, log=Log(out), minutes=minutes)
    export_orientation(checkpoint, out / "orientation.onnx")
    typer.echo(out / "orientation.onnx")
