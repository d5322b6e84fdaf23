"""``geulnun evaluate character``: how often a recogniser of characters is right, and where it looks."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from geulnun.cli import options as opt
from geulnun.cli.char import Allow, Block, ModelFile, Reject
from geulnun.cli.console import Bar, complain, show
from geulnun.cli.evaluate import evaluate

if TYPE_CHECKING:
    from geulnun.evaluate.characters.maps import Explained
    from geulnun.evaluate.characters.run import CharacterEvaluation

#: The command that is meant where none is named.
_DEFAULT = "pages"
#: What the files of a report are called.
_REPORT = "characters"
#: Names of images left out that are told one by one.
_TOLD = 5


class Evaluations(TyperGroup):
    """``geulnun evaluate TRUTH`` without a command means pages and lines."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # which package the context is of, typer changed
        """Put the command in where it is left out."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=Evaluations,
    help="Measure readings against a truth: `evaluate TRUTH` of pages and lines, `evaluate character SET` of single "
    "characters.",
    no_args_is_help=True,
)
app.command(_DEFAULT)(evaluate)


class Maps(StrEnum):
    """Ways to tell where a recogniser looks."""

    cam = "cam"
    grad_cam = "grad-cam"
    occlusion = "occlusion"


@app.command()
def character(
    path: Annotated[
        Path, typer.Argument(metavar="SET", help="Data set, folder with an index.jsonl, or recipe of drawn characters.")
    ],
    model: ModelFile = None,
    number: Annotated[
        int | None, typer.Option("-n", "--number", min=1, help="At most so many images, spread over the set.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Also count the truth among so many best.")] = 5,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write the report there: HTML, JSON, Markdown.")
    ] = None,
    by: Annotated[
        list[str] | None, typer.Option(metavar="FACT", help="Rows for each value of it, such as font; may be repeated.")
    ] = None,
    wrong: Annotated[int, typer.Option(min=0, help="How many wrong readings to show.")] = 100,
    examples: Annotated[int, typer.Option(min=0, help="Of how many images to show where it looks.")] = 10,
    maps: Annotated[list[Maps] | None, typer.Option(help="How that is found; may be repeated. [cam, grad-cam]")] = None,
    kind: Annotated[str, typer.Option("--from", metavar="FORMAT", help="The set's format, see geulnun data.")] = "auto",
    split: Annotated[Literal["train", "held-out"], typer.Option(help="Side of fonts a recipe draws with.")] = (
        "held-out"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Of drawn images and of the examples.")] = 20,
    reject: Reject = None,
    allow: Allow = "",
    block: Block = "",
    threads: opt.Threads = None,
) -> None:  # fmt: skip
    """Measure a recogniser of single characters: top-1 and top-n of printed and handwritten ones apart.

    The report shows the confusions of initials, medials and finals, the most confused characters, wrong readings, and
    where the recogniser looks for each jamo.
    """
    from geulnun.evaluate.characters import maps as explaining
    from geulnun.evaluate.characters import run
    from geulnun.evaluate.characters.sets import SetOptions, read_set
    from geulnun.runtime.characters import CharacterRecogniser

    file = opt.existing(model)
    options = run.RunOptions(top, wrong, examples - examples // 2, tuple(by or ()), seed)
    left_out: list[str] = []
    glyphs = read_set(path, SetOptions(kind, number, split, seed), left_out.append)
    reader = CharacterRecogniser(file, threads, reject, allow, block)
    title, name = path.resolve().name, file.name if file else "Geulnun"
    with Bar() as bar:
        found = run.evaluate(title, name, reader, glyphs, options, lambda done: bar("reading", done, number))
    chosen = [*found.right, *found.wrong[: examples // 2]] if out is not None else []
    wanted = [one.value for one in maps or (Maps.cam, Maps.grad_cam)]
    explained, remarks = explaining.explain(chosen, reader, file, wanted) if chosen else ([], [])
    for line in [*left_out, *found.left_out][:_TOLD]:
        complain(line)
    if len(left_out) > _TOLD:
        complain(f"and {len(left_out) - _TOLD:,} more that are left out")
    _report(found, explained, remarks, out)


def _report(
    found: CharacterEvaluation, explained: list[Explained], remarks: list[str], out: Path | None
) -> None:  # fmt: skip
    from geulnun.evaluate.characters import pictures, plain
    from geulnun.evaluate.characters.html import as_html
    from geulnun.write import write_file

    markdown = plain.as_markdown(found, f"{_REPORT}.html" if out else "").encode()
    if out is not None:
        write_file(out / f"{_REPORT}.html", as_html(found, explained, remarks))
        write_file(out / f"{_REPORT}.json", plain.as_json(found))
        write_file(out / f"{_REPORT}.md", markdown)
        sheet = pictures.sheet(found.wrong)
        if sheet is not None:
            write_file(out / "wrong.png", sheet)
    show(markdown)
