"""`geulnun export`: recognisers to files of other kinds: ONNX, and EasyOCR's user networks."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from geulnun.cli.runs import need_torch
from geulnun.errors import MissingInputError, UsageError

app = typer.Typer(help="Write recognisers for other readers (needs the extra: train).", no_args_is_help=True)


class Precision(StrEnum):
    """How weights are stored."""

    float32 = "float32"
    float16 = "float16"


Characters = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Characters of a .pth that does not say them: a text file, or a .yaml with character_list or character.",
    ),
]


@app.command()
def easyocr(
    checkpoint: Annotated[
        Path | None,
        typer.Argument(help="Checkpoint (.pt, .pth) or ONNX file of convolutions; the package's own without it."),
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", file_okay=False, help="Folder for the files.")] = Path("easyocr"),
    name: Annotated[str, typer.Option(help="What recog_network will be.")] = "geulnun",
    install: Annotated[
        bool, typer.Option("--install", help="Write into EasyOCR's own folder: EASYOCR_MODULE_PATH or ~/.EasyOCR.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    characters: Characters = None,
    only: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Text file of the characters to write; all without it.")
    ] = None,
) -> None:
    """Write model/NAME.pth, user_network/NAME.py and NAME.yaml: easyocr.Reader(['ko'], recog_network='NAME')."""
    need_torch()
    from geulnun.export.easyocr import installed_in, user_files
    from geulnun.runtime import weights
    from geulnun.training.finetune_start import of_file

    start = of_file(checkpoint or weights.path("recogniser"), _characters(characters))
    files = user_files(start, name, _characters(only))
    for file in files.write(installed_in() if install else out, force):
        sys.stdout.write(f"{file}\n")


@app.command()
def onnx(
    checkpoint: Annotated[Path, typer.Argument(help="Checkpoint of ours (.pt), or EasyOCR's or train_easyocr's .pth.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", dir_okay=False, help="File to write; CHECKPOINT's name with .onnx.")
    ] = None,
    characters: Characters = None,
    precision: Annotated[Precision, typer.Option(help="How weights are stored.")] = Precision.float16,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a checkpoint as the file that `geulnun read --recogniser` and Reader(recogniser=...) read."""
    need_torch()
    from geulnun.export.lines import export_lines
    from geulnun.training.finetune_start import of_file

    target = out or Path(checkpoint.name).with_suffix(".onnx")
    if target.exists() and not force:
        raise UsageError(f"{target}: is there already; choose another file with -o, or replace it with --force")
    start = of_file(checkpoint, _characters(characters))
    target.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.write(f"{export_lines(start.net, start.spec, target, precision.value)}\n")


def _characters(file: Path | None) -> str | None:
    """The characters in a file: of a text its lines joined, of a YAML what EasyOCR and train_easyocr keep there."""
    if file is None:
        return None
    if not file.is_file():
        raise MissingInputError(f"{file}: no such file of characters; name a UTF-8 text file or a .yaml")
    if file.suffix in (".yaml", ".yml"):
        from geulnun.recipe import read

        content: dict[str, Any] = read(file)
        parts = [content.get(key) for key in ("number", "symbol", "lang_char")]
        for found in (
            content.get("character_list"),
            content.get("character"),
            "".join(str(one or "") for one in parts),
        ):
            if found:
                return str(found)
        raise UsageError(f"{file}: holds neither character_list nor character; name the network's own .yaml")
    return "".join(file.read_text("utf-8").splitlines())
