"""`geulnun train character`: teach a recogniser of single characters."""

from __future__ import annotations

import logging
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.console import Bar
from geulnun.cli.runs import need_torch


def character(
    recipe: Annotated[Path, typer.Argument(help="YAML file such as recipes/characters/default.yaml.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            file_okay=False,
            help="Folder of the run; one with a checkpoint is resumed. [runs/characters/RECIPE]",
        ),
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    start: Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")] = None,
    precision: Annotated[str, typer.Option(help="Of the exported file: float32, float16, int8, packed.")] = "float16",
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Tell results only.")] = False,
) -> None:
    """Train a recogniser of single characters and write character.onnx into the run's folder."""
    need_torch()
    from geulnun.export.characters import export_characters
    from geulnun.recipe import load
    from geulnun.training.characters.fit import samples, train, trained
    from geulnun.training.characters.options import CharacterTraining

    # Lightning's loggers tell about themselves at this level.
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    options = load(recipe, CharacterTraining).beneath(recipe.parent)
    options = replace(options, start=start or options.start, silent=quiet or options.silent)
    folder = out or Path("runs/characters") / recipe.stem
    with Bar(options.silent) as bar:
        checkpoint = train(
            options,
            folder,
            log=bar.say,
            tell=typer.echo,
            device=device,
            minutes=minutes,
            bar=bar,
        )
    made = trained(checkpoint, options)
    target = folder / "character.onnx"
    export_characters(made.net, made.spec, target, precision, samples(made) if precision == "int8" else ())
    typer.echo(target)
    if options.zipped:
        with zipfile.ZipFile(target.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.write(target, target.name)
        typer.echo(target.with_suffix(".zip"))
