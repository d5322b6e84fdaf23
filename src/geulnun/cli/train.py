"""`geulnun train`: train the package's networks again, or on, from a recipe."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from geulnun.errors import MissingDependencyError

app = typer.Typer(help="Train the networks from recipes (needs the extra: train).", no_args_is_help=True)

Recipe = Annotated[Path, typer.Argument(help="YAML file of the recipes folder, or your own.")]
Out = Annotated[
    Path, typer.Option("-o", "--out", file_okay=False, help="Folder of the run; one with a checkpoint is resumed.")
]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")]
Start = Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")]
Minutes = Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")]
Texts = Annotated[Path | None, typer.Option(file_okay=False, help="Folder of texts to draw, instead of the recipe's.")]


@app.command()
def recogniser(
    recipe: Recipe,
    out: Out = Path("runs/recogniser"),
    device: Device = None,
    start: Start = None,
    minutes: Minutes = None,
    texts: Texts = None,
) -> None:
    """Train the line recogniser and write recogniser.onnx into the run's folder."""
    _need_torch()
    from geulnun.export.recogniser import export_recogniser
    from geulnun.recipe import load
    from geulnun.training.recogniser import RecogniserRecipe, train

    options = load(recipe, RecogniserRecipe, texts=texts)
    options = replace(options, data=recipe.parent / options.data)
    checkpoint = train(options, out, device=device, begin=start, log=_Log(out), minutes=minutes)
    typer.echo(export_recogniser(checkpoint, options, out / "recogniser.onnx"))


@app.command()
def detector(
    recipe: Recipe,
    out: Out = Path("runs/detector"),
    device: Device = None,
    start: Start = None,
    minutes: Minutes = None,
    texts: Texts = None,
) -> None:
    """Train the line detector and write detector.onnx into the run's folder."""
    _need_torch()
    from geulnun.export.detector import export_detector
    from geulnun.recipe import load
    from geulnun.training.detector import DetectorRecipe, train

    options = load(recipe, DetectorRecipe, texts=texts)
    checkpoint = train(options, out, device=device, begin=start, log=_Log(out), minutes=minutes)
    export_detector(checkpoint, out / "detector.onnx")
    typer.echo(out / "detector.onnx")


def _need_torch() -> None:
    if find_spec("torch") is None:
        raise MissingDependencyError("training needs PyTorch; install it with: pip install 'geulnun[train]'")


class _Log:
    """Progress to stderr and, with the time of day, to log.txt in the run's folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "log.txt"
        self.console = Console(stderr=True)

    def __call__(self, line: str) -> None:
        self.console.print(line, highlight=False, soft_wrap=True)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")
