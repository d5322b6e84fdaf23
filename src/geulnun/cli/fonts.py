"""``geulnun fonts``: the families that the renderers draw with, what each draws, and how to get them."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geulnun import hangul
from geulnun.cli.console import complain, show
from geulnun.errors import MissingDependencyError

app = typer.Typer(help="List, examine and install the fonts that samples are drawn with.", no_args_is_help=True)


class Style(StrEnum):
    """Styles of families."""

    SANS = "sans"
    SERIF = "serif"
    MONO = "mono"
    HAND = "hand"
    BRUSH = "brush"
    DISPLAY = "display"


class Split(StrEnum):
    """Sides of the split."""

    TRAIN = "train"
    HELD_OUT = "held-out"


@app.command("list")
def list_(
    style: Annotated[Style | None, typer.Option(help="Only families of this style.")] = None,
    split: Annotated[Split | None, typer.Option(help="Only this side of the split.")] = None,
    installed: Annotated[bool, typer.Option("--installed", help="Only families with a file installed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """Show families with style, split, licence, package, faces, and how many characters each truly draws.

    Counts are those of the face that draws most; the first time, every face is drawn through once, which takes minutes.
    """
    from geulnun.synth import fonts

    rows = []
    for family in fonts.families():
        if (style and family.style != style.value) or (split and family.split != split.value):
            continue
        found = fonts.locate(family)
        if found or not installed:
            rows.append(_row(family, found))
    show((json.dumps(rows, ensure_ascii=False, indent=1) + "\n" if as_json else _table(rows)).encode())


def _row(family: Any, found: list[Any]) -> dict[str, Any]:
    row = {name: getattr(family, name) for name in ("name", "style", "split", "licence", "package")}
    row["faces"] = len(found)
    for script in ("hangul", "kana", "hanja"):
        row[script] = max((face.count(script) for face in found), default=None)
    return row


def _table(rows: list[dict[str, Any]]) -> str:
    heads = ("name", "style", "split", "licence", "package", "faces", "hangul", "kana", "hanja")
    cells = [heads, *(tuple("-" if row[head] is None else str(row[head]) for head in heads) for row in rows)]
    widths = [max(len(row[at]) for row in cells) for at in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    there = sum(1 for row in rows if row["faces"])
    korean = sum(1 for row in rows if row["hangul"])
    return "\n".join([*lines, f"{len(rows)} families, {there} installed, {korean} of these draw Hangul"]) + "\n"


@app.command()
def coverage(
    font: Annotated[str, typer.Argument(metavar="FONT|FAMILY", help="A font file, or a family of the list.")],
    text: Annotated[str | None, typer.Argument(help="A text to look for; without it, counts by script.")] = None,
) -> None:
    """Tell which characters a font truly draws: in its cmap, not blank, and not a stand-in box."""
    out = []
    for face in _faces(font):
        if text is None:
            counts = ", ".join(f"{script} {face.count(script):,}" for script in ("hangul", "kana", "hanja", "ascii"))
            out.append(f"{face.name}: {counts}; {hangul.COUNT - face.count('hangul'):,} syllables lack")
        else:
            lacking = "".join(dict.fromkeys(char for char in text if not char.isspace() and not face.draws(char)))
            out.append(f"{face.name}: " + (f"lacks {lacking}" if lacking else "draws all of it"))
    show(("\n".join(out) + "\n").encode())


def _faces(font: str) -> list[Any]:
    from geulnun.synth import fonts

    if Path(font).exists():
        return list(fonts.own(Path(font), korean=False))
    if Path(font).suffix.lower() in fonts.SUFFIXES:
        return list(fonts.own(Path(font)))  # says that it is absent
    family = fonts.named(font)
    found = fonts.locate(family)
    if not found:
        name = json.dumps(family.name)
        raise MissingDependencyError(f"{family.name}: not installed; run `geulnun fonts fetch {name}`")
    return found


@app.command()
def fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Families or packages; all where none is named.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show the commands.")] = False,
) -> None:
    """Install the packages of families by apt-get and npm; what is there already is left alone."""
    from geulnun.synth import fonts, packages

    wanted = [family for family in fonts.families() if not names or family.package in names]
    wanted += [fonts.named(name) for name in names or () if name not in {family.package for family in wanted}]
    runs, left = packages.commands(packages.plan(wanted))
    for line in left:
        complain(line)
    for command in runs:
        if dry_run:
            sys.stdout.write(" ".join(command) + "\n")
        else:
            packages.run(command)
    lacking = [family.name for family in wanted if not fonts.locate(family)]
    if lacking and not dry_run:
        raise MissingDependencyError(f"still lacking: {', '.join(lacking)}; `geulnun fonts list` names their packages")
    if not dry_run:
        show(f"{len(wanted)} families are installed\n".encode())
