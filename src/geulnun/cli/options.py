"""Options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, cast

import typer


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


class Decoder(StrEnum):
    """How network outputs become text."""

    greedy = "greedy"
    beam = "beam"


Pages = Annotated[str | None, typer.Option(metavar="RANGE", help="Pages to read, such as 1-3,7-.")]
Dpi = Annotated[float, typer.Option(help="Resolution at which PDF pages are drawn.")]
Password = Annotated[str | None, typer.Option(envvar="GEULNUN_PASSWORD", help="Opens encrypted PDFs.")]
MinConfidence = Annotated[float, typer.Option(help="Drop lines read with less confidence, 0 to 1.")]
MaxPixels = Annotated[int, typer.Option(help="Largest page accepted, in pixels.")]
Threads = Annotated[int | None, typer.Option(help="Threads of each network; all cores without it.")]
Turn = Annotated[Rotate, typer.Option("--rotate", help="Clockwise turn that makes the pages upright.")]
DecoderChoice = Annotated[Decoder, typer.Option("--decoder", help="beam is slower and a little surer on hard lines.")]
LabelFont = Annotated[
    Path | None, typer.Option("--font", help="A font with Hangul: overlays show the text read instead of numbers.")
]
