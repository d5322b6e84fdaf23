"""`geulnun synth`: labelled images from fonts and texts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import Progress, TimeRemainingColumn

from geulnun.cli.console import counted, show
from geulnun.errors import UsageError

if TYPE_CHECKING:
    from geulnun.synth.recipes import Plan, Verb
    from geulnun.synth.sample import Source

app = typer.Typer(
    help="Draw labelled images from fonts and texts, after recipes (needs the extra: synth).", no_args_is_help=True
)

Recipe = Annotated[Path, typer.Argument(help="YAML file: of the folder recipes/synth, or your own.")]
Number = Annotated[int | None, typer.Option("-n", "--number", min=1, help="Samples; all of a recipe that has an end.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder of the set; one begun before is continued.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed draws the same samples.")]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Processes that draw; as many as there are cores, without it.")
]
Format = Annotated[str | None, typer.Option("--format", help="Format of the set; the recipe's own, or folder.")]
Extension = Annotated[Literal["png", "jpg"] | None, typer.Option(help="Kind of image files.")]
Split = Annotated[
    Literal["train", "held-out"] | None,
    typer.Option(help="Side of fonts and sentences, instead of the recipe's."),
]
Texts = Annotated[Path | None, typer.Option(help="Folder of texts to draw, instead of the recipe's.")]


@app.command()
def lines(
    recipe: Recipe, out: Out, number: Number = None, seed: Seed = 0, workers: Workers = None,
    format: Format = None, extension: Extension = None, texts: Texts = None, split: Split = None,
) -> None:  # fmt: skip
    """Draw lines of text."""
    _draw(_plan("lines", recipe, texts, split), out, number, seed, workers, format, extension)


@app.command()
def words(
    recipe: Recipe, out: Out, number: Number = None, seed: Seed = 0, workers: Workers = None,
    format: Format = None, extension: Extension = None, texts: Texts = None, split: Split = None,
) -> None:  # fmt: skip
    """Draw single words."""
    _draw(_plan("words", recipe, texts, split), out, number, seed, workers, format, extension)


@app.command()
def chars(
    recipe: Recipe, out: Out, number: Number = None, seed: Seed = 0, workers: Workers = None,
    format: Format = None, extension: Extension = None, texts: Texts = None, split: Split = None,
) -> None:  # fmt: skip
    """Draw single characters."""
    _draw(_plan("chars", recipe, texts, split), out, number, seed, workers, format, extension)


@app.command()
def pages(
    recipe: Recipe, out: Out, number: Number = None, seed: Seed = 0, workers: Workers = None,
    format: Format = None, extension: Extension = None, texts: Texts = None, split: Split = None,
) -> None:  # fmt: skip
    """Draw whole pages."""
    _draw(_plan("pages", recipe, texts, split), out, number, seed, workers, format, extension)


@app.command()
def scenes(
    recipe: Recipe, out: Out, number: Number = None, seed: Seed = 0, workers: Workers = None,
    format: Format = None, extension: Extension = None, texts: Texts = None, split: Split = None,
) -> None:  # fmt: skip
    """Draw photographs with text in them: signs, cards on a desk."""
    _draw(_plan("scenes", recipe, texts, split), out, number, seed, workers, format, extension)


@app.command()
def preview(
    recipe: Recipe,
    out: Annotated[Path, typer.Option("-o", "--out", dir_okay=False, help="Picture to write: png, jpg or webp.")],
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Samples on the sheet.")] = 24,
    seed: Seed = 0,
    boxes: Annotated[bool, typer.Option("--boxes", help="Draw the quads of characters and lines.")] = False,
    captions: Annotated[bool, typer.Option("--captions/--no-captions", help="Text and facts below each.")] = True,
    split: Split = None,
    width: Annotated[int, typer.Option(min=200, help="Width of the sheet in pixels.")] = 1200,
    cell: Annotated[tuple[int, int], typer.Option(help="Greatest width and height of a sample in pixels.")] = (
        585,
        420,
    ),
    texts: Texts = None,
) -> None:
    """Draw a contact sheet of a recipe's samples."""
    from geulnun.synth.preview import SheetOptions, caption_face, contact_sheet, encode_sheet
    from geulnun.synth.recipes import load
    from geulnun.write import write_file

    options = SheetOptions(width=width, cell=cell, boxes=boxes, captions=captions)
    plan = load(recipe, texts=texts, split=split)
    source = plan.source()
    samples = [source.sample(index, seed) for index in _spread(source, number)]
    sheet = contact_sheet(samples, options, caption_face(plan.faces()))
    write_file(out, encode_sheet(sheet, out.suffix))


@app.command()
def describe(
    recipe: Recipe,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Samples to draw and count.")] = 1000,
    seed: Seed = 0,
    texts: Texts = None,
    split: Split = None,
) -> None:
    """Print statistics of a recipe's samples: characters, words, fonts, sizes."""
    from geulnun.synth.recipes import load
    from geulnun.synth.statistics import describe as count

    source = load(recipe, texts=texts, split=split).source()
    show(count(source.sample(index, seed) for index in _spread(source, number)).text().encode() + b"\n")


def _plan(verb: Verb, recipe: Path, texts: Path | None, split: Literal["train", "held-out"] | None) -> Plan:
    from geulnun.synth.recipes import load

    return load(recipe, verb, texts, split)


def _draw(
    plan: Plan, out: Path, number: int | None, seed: int, workers: int | None,
    format: str | None, extension: Literal["png", "jpg"] | None,
) -> None:  # fmt: skip
    """What the five verbs do: draw the set, with a bar on stderr, and say on stdout what there is then."""
    from dataclasses import replace

    from geulnun.synth.produce import Order, Target, produce
    from geulnun.write import write_file

    save = plan.save if extension is None else replace(plan.save, extension=extension)
    order = Order(number or _all(plan), seed, workers or os.cpu_count() or 1)
    target = Target(out, format or plan.format, save)
    with Progress(*counted(), TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(plan.verb, total=order.count)
        drawn = produce(plan.source, order, target, plan.digest(), lambda done: bar.update(task, completed=done))
    for name, content in plan.extras().items() if drawn else ():
        write_file(out / name, content)
    sys.stdout.write(f"{out}: {order.count} {plan.verb}, {drawn} drawn now ({target.format}, seed {seed})\n")


def _all(plan: Plan) -> int:
    size = plan.source().size
    if size is None:
        raise UsageError(f"the recipe has no end; say with -n how many {plan.verb} to draw")
    return size


def _spread(source: Source, number: int) -> list[int]:
    """Indices to look at: the first ones, or where the source has an end, some spread over the whole of it."""
    if source.size is None or source.size <= number:
        return list(range(number if source.size is None else source.size))
    return [at * source.size // number for at in range(number)]
