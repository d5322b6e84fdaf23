"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from geulnun.errors import MissingInputError
from geulnun.runtime import weights


class Rotate(StrEnum):
    """Which way pages are turned before they are read."""

    auto = "auto"
    none = "0"
    right = "90"
    over = "180"
    left = "270"

    @property
    def turn(self) -> Literal["auto", 0, 90, 180, 270]:
        """The value `ReaderOptions` takes."""
        return "auto" if self is Rotate.auto else cast(Literal[0, 90, 180, 270], int(self.value))


class Seek(StrEnum):
    """Whether something is looked for."""

    auto = "auto"
    never = "never"


class PdfText(StrEnum):
    """What becomes of PDF pages that hold text of their own."""

    redo = "redo"
    keep = "keep"
    skip = "skip"


Pages = Annotated[str | None, typer.Option(metavar="RANGE", help="Pages to read, such as 1-3,7-.")]
Dpi = Annotated[float, typer.Option(help="Resolution at which PDF pages are drawn.")]
Password = Annotated[str | None, typer.Option(envvar="GEULNUN_PASSWORD", help="Opens encrypted PDFs.")]
MinConfidence = Annotated[float, typer.Option(help="Drop lines read with less confidence, 0 to 1.")]
MaxPixels = Annotated[int, typer.Option(help="Largest page accepted, in pixels.")]
OwnText = Annotated[
    PdfText,
    typer.Option(
        "--pdf-text", help="PDF pages with text of their own: redo reads them, keep takes that text, skip leaves them."
    ),
]
Archival = Annotated[bool, typer.Option("--pdf-a", help="With -f pdf, of images: write PDF/A-2b.")]
Threads = Annotated[int | None, typer.Option(help="Threads of each network; all cores without it.")]
Turn = Annotated[Rotate, typer.Option("--rotate", help="Clockwise turn that makes the pages upright.")]
Columns = Annotated[Seek, typer.Option("--columns", help="Whether columns of upright characters are looked for.")]
RecogniserFile = Annotated[
    Path | None, typer.Option("--recogniser", help="A recogniser of your own (.onnx), as geulnun finetune writes.")
]
DetectorFile = Annotated[
    Path | None,
    typer.Option("--detector", help="points, or a detector of your own (.onnx), as geulnun train detector writes."),
]
OneLine = Annotated[bool, typer.Option("--line", help="Each image holds one line: read it without detection.")]
LabelFont = Annotated[
    Path | None, typer.Option("--font", help="A font with Hangul: overlays show the text read instead of numbers.")
]


def detector_file(given: Path | None) -> Path | None:
    """The file of a detector: one of one's own, or one that the package has beside its default, by its word.

    Raises:
        MissingInputError: there is no such file.
    """
    return None if given is None else existing(weights.choose("detector", given))


def existing(path: Path | None) -> Path | None:
    """The path, which must be a file's where it is given.

    Raises:
        MissingInputError: there is no such file.
    """
    if path is not None and not path.is_file():
        raise MissingInputError(f"{path}: no such file; name an exported network (.onnx)")
    return path
