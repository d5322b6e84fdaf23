"""`geulnun train detector`: teach a network to find text."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from geulnun.cli.console import Bar
from geulnun.cli.runs import Log, need_torch


def detector(
    recipe: Annotated[Path, typer.Argument(help="YAML file of the recipes folder, or your own.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            file_okay=False,
            help="Folder of the run; one with a checkpoint is resumed. [runs/detector, runs/detectors/RECIPE]",
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
    """Train a detector and write detector.onnx into the run's folder.

    Recipes of the kinds regions and points find words and characters; without a kind, or with lines, text lines.
    """
    need_torch()
    from geulnun import recipe as recipes

    content = recipes.read(recipe)
    if content.get("kind", "lines") == "lines":
        _lines(recipe, content, out or Path("runs/detector"), device, start, minutes, texts)
        return
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


def _lines(
    path: Path,
    content: dict[str, Any],
    out: Path,
    device: str | None,
    start: Path | None,
    minutes: float | None,
    texts: Path | None,
) -> None:
    """The detector of lines."""
    from geulnun.export.detector import export_detector
    from geulnun.recipe import parse
    from geulnun.training.detector import DetectorRecipe, train

    given = {key: value for key, value in content.items() if key != "kind"}
    options = parse(given | ({"texts": texts} if texts else {}), DetectorRecipe, str(path))
    checkpoint = train(options, out, device=device, begin=start, log=Log(out), minutes=minutes)
    export_detector(checkpoint, out / "detector.onnx")
    typer.echo(out / "detector.onnx")
