"""`geulnun train encoder`: the first stages of a recogniser, learnt from lines without labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli.runs import Log, need_torch


def encoder(
    recipe: Annotated[Path, typer.Argument(help="YAML file such as recipes/lines/seqclr.yaml.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", file_okay=False, help="Folder of the run; one with a checkpoint is resumed.")
    ] = Path("runs/encoder"),
    device: Annotated[str | None, typer.Option(help="cpu or cuda; what there is, without it.")] = None,
    start: Annotated[Path | None, typer.Option(help="Checkpoint whose weights a new run begins with.")] = None,
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop, saved, after so long.")] = None,
    texts: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder of texts to draw, instead of the recipe's.")
    ] = None,
) -> None:
    """Learn what lines look like without labels (SeqCLR), and write encoder.pt into the run's folder.

    A recipe of a recogniser begins with it: `start: encoder.pt` and `new_head: true`.
    """
    need_torch()
    from geulnun.recipe import load
    from geulnun.training.pretrain import Pretraining, pretrain

    options = load(recipe, Pretraining, texts=texts).beneath(recipe.parent)
    if start is not None:
        options = replace(options, start=start)
    typer.echo(pretrain(options, out, log=Log(out), device=device, minutes=minutes))
