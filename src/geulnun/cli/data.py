"""`geulnun data`: public data sets, looked into, converted, cut and split."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from geulnun.cli.console import Bar, complain, show

if TYPE_CHECKING:
    from geulnun.data import Problem
    from geulnun.data.convert import Report

app = typer.Typer(help="Look into public data sets, convert, cut and split them.", no_args_is_help=True)

#: Problems that are written out; the rest is counted.
_SHOWN = 20

Source = Annotated[Path, typer.Argument(help="Folder, zip archive or file of the set; archives are read as they are.")]
From = Annotated[str, typer.Option("--from", metavar="FORMAT", help="Format of the set; auto finds out.")]
To = Annotated[str, typer.Option("--to", metavar="FORMAT", help="Format to write.")]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder to write; must not exist, or be empty.")]
Level = Annotated[Literal["word", "line"], typer.Option(help="What a box is; sets of boxes have only lines.")]
Extension = Annotated[
    Literal["png", "jpg"] | None, typer.Option(help="Kind of image files; jpg where the set is JPEG, else png.")
]
Quality = Annotated[int, typer.Option(min=1, max=100, help="Of JPEG images that have to be encoded anew.")]
Join = Annotated[bool, typer.Option("--join", help="Put word boxes that stand side by side into lines.")]
By = Annotated[list[str] | None, typer.Option("--by", help="Fact by which images belong together; may be repeated.")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", dir_okay=False, help="Write counts and all problems there, as JSON.")
]


@app.command()
def inspect(
    source: Source,
    format: From = "auto",
    images: Annotated[bool, typer.Option("--images", help="Decode every image too, and compare sizes.")] = False,
    report: ReportFile = None,
) -> None:
    """Say what format a set has, count what is in it, and name what is wrong."""
    from geulnun.data import DataSet
    from geulnun.data.inspect import inspect as look

    with DataSet(source, format) as opened:
        with _bar() as (advance, _):
            contents = look(opened, images, lambda done: advance(opened.format, done, None))
        show(("\n".join(contents.lines()) + "\n").encode(errors="surrogateescape"))
        for problem in contents.problems[:_SHOWN]:
            complain(str(problem))
        facts = {fact: dict(values) for fact, values in contents.facts.items()}
        _end(contents.problems, report, {"format": contents.format, "counts": dict(contents.counts), "facts": facts})


@app.command()
def convert(
    source: Source,
    out: Out,
    to: To,
    format: From = "auto",
    level: Level = "line",
    extension: Extension = None,
    quality: Quality = 95,
    join: Join = False,
    report: ReportFile = None,
) -> None:
    """Write a set in another format.

    What cannot be read is named on stderr and left out; the exit code is then that of the first such error. The folder
    has its name only when all of it is written.
    """
    from geulnun.data import DataSet
    from geulnun.data.convert import ConvertOptions
    from geulnun.data.convert import convert as run
    from geulnun.write.sets import SetOptions

    options = ConvertOptions(to, SetOptions(extension=extension, quality=quality, level=level), join)
    with DataSet(source, format) as opened, _bar() as (advance, tell):
        done = run(opened, out, options, tell, lambda count: advance(opened.format, count, None))
        from_ = opened.format
    _say(f"{out}: {done.samples} samples, {from_} to {options.target}{_losses(done)}")
    _end(done.problems, report, {"from": from_, "to": options.target, "samples": done.samples, "recoded": done.recoded})


@app.command()
def crop(
    source: Source,
    out: Out,
    format: From = "auto",
    training: Annotated[
        int | None, typer.Option(min=0, help="Pages for training; all that are left without it.")
    ] = None,
    validation: Annotated[int, typer.Option(min=0, help="Pages for validation.")] = 0,
    evaluation: Annotated[int, typer.Option(min=0, help="Pages for evaluation, which stay whole.")] = 0,
    select_data: Annotated[str, typer.Option(help="Name of the folder of a part's crops.")] = "select_data",
    seed: Annotated[int, typer.Option(help="The same seed chooses the same pages.")] = 1111,
    level: Level = "line",
    straighten: Annotated[bool, typer.Option("--straighten", help="Cut turned boxes along their sides.")] = False,
    by: By = None,
    report: ReportFile = None,
) -> None:
    """Cut pages into crops as train_easyocr has them: NAME_x1-y1-x2-y2.png and labels.csv.

    Training, validation and evaluation pages are of different documents.
    """
    from geulnun.data import DataSet
    from geulnun.data.crop import CropOptions
    from geulnun.data.crop import crop as run

    together = tuple(by or ("document",))
    options = CropOptions(training, validation, evaluation, select_data, seed, level, together, straighten)
    with DataSet(source, format) as opened, _bar() as (advance, tell):
        done = run(opened, out, options, tell, lambda count, total: advance("cutting", count, total))
    pages = ", ".join(f"{part} {count}" for part, count in done.pages.items())
    _say(f"{out}: {done.samples} crops of {sum(done.pages.values())} pages ({pages}){_losses(done)}")
    counts = {"crops": done.samples, "pages": dict(done.pages), "same": done.same, "illegible": done.illegible}
    _end(done.problems, report, counts)


@app.command()
def split(
    source: Source,
    out: Out,
    format: From = "auto",
    parts: Annotated[str, typer.Option(help="Names and shares.")] = "train=0.8,validation=0.1,test=0.1",
    by: By = None,
    seed: Annotated[int, typer.Option(help="Another one splits otherwise.")] = 0,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FORMAT", help="Write the parts as sets too, not only as lists.")
    ] = None,
    level: Level = "line",
    report: ReportFile = None,
) -> None:
    """Split a set by document, writer or font, so that nothing of one group is on two sides.

    Writes split.csv and a list of names for each part, and with --to a set for each part.
    """
    from geulnun.data import DataSet
    from geulnun.data.split import SplitOptions, parse_parts
    from geulnun.data.splitsets import split_set

    options = SplitOptions(parse_parts(parts), tuple(by or ("document",)), seed)
    with DataSet(source, format) as opened, _bar() as (advance, tell):
        done = split_set(opened, out, options, to, level, tell, lambda count: advance("writing", count, None))
    counts = {name: done.parts[name] for name, _ in options.parts}
    _say(f"{out}: {', '.join(f'{name} {count}' for name, count in counts.items())} (by {', '.join(options.by)})")
    _end(done.problems, report, {"parts": counts, "by": list(options.by), "seed": seed})


@app.command()
def formats() -> None:
    """List the formats that are read and written."""
    from geulnun.data import FORMATS
    from geulnun.data.writers import TARGETS

    lines = [
        f"{name:<16}{'read, written' if name in TARGETS else 'read':<15}{one.title}" for name, one in FORMATS.items()
    ]
    show(("\n".join(lines) + "\n").encode())


def _losses(report: Report) -> str:
    parts = [f"{report.recoded} images encoded anew"] if report.recoded else []
    parts += [f"{len(report.problems)} problems, {report.unpaired} of them unpaired files"] if report.problems else []
    return "".join(f"; {part}" for part in parts)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _end(problems: list[Problem], report: Path | None, counts: dict[str, object]) -> None:
    """Write the report, say how many problems were not shown, and end with the first one's exit code."""
    from geulnun.write import write_file

    if report is not None:
        listed = [{"error": str(problem), "unpaired": problem.unpaired} for problem in problems]
        write_file(report, json.dumps(counts | {"problems": listed}, ensure_ascii=False, indent=1).encode() + b"\n")
    if len(problems) > _SHOWN:
        where = f"{report} lists all" if report else "--report FILE lists all"
        complain(f"{len(problems) - _SHOWN} more problems; {where}")
    if problems:
        raise typer.Exit(problems[0].error.exit_code)


@contextmanager
def _bar() -> Iterator[tuple[Bar, Callable[[Problem], None]]]:
    """A progress bar, and what writes a problem above it."""
    with Bar() as bar:
        shown = 0

        def tell(problem: Problem) -> None:
            nonlocal shown
            shown += 1
            if shown <= _SHOWN:
                bar.say(f"geulnun: {problem}")

        yield bar, tell
