"""``geulnun overlay``: a picture of what is read where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli import outputs
from geulnun.cli.console import Status, show


def overlay(
    image: Annotated[str, typer.Argument(metavar="IMAGE", help="An image, PDF, folder or glob; - is stdin.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="The PNG to write; beside the input without it.")
    ] = None,
    font: opt.LabelFont = None,
    pages: opt.Pages = None,
    dpi: opt.Dpi = 300.0,
    password: opt.Password = None,
    min_confidence: opt.MinConfidence = 0.5,
    threads: opt.Threads = None,
    rotate: opt.Turn = opt.Rotate.auto,
    max_pixels: opt.MaxPixels = 150_000_000,
) -> None:
    """Draw the lines found over the page, red where the reading is unsure, numbered in reading order.

    The paths written are printed. Several pages are numbered: NAME-0001.overlay.png.
    """
    from geulnun.pipeline import Reader, ReaderOptions
    from geulnun.read import open_source
    from geulnun.write import WRITERS, OverlayWriter, write_file

    writer, usual = OverlayWriter(font), WRITERS["overlay"].suffix
    reader = Reader(
        ReaderOptions(
            dpi=dpi,
            pages=pages,
            password=password,
            min_confidence=min_confidence,
            max_pixels=max_pixels,
            threads=threads,
            rotate=rotate.turn,
        )
    )
    with open_source(image, reader.options.loading()) as rasters, Status(1) as status:
        status.file(image)
        for done, raster in enumerate(rasters, 1):
            source = Path(raster.source)
            base, suffix = (out.with_suffix(""), out.suffix or ".png") if out else (source.with_suffix(""), usual)
            path = outputs.page_path(base, suffix, raster.number, len(rasters))
            outputs.guard(path, [source])
            write_file(path, writer.encode_page(reader.read_page(raster), raster.rgb))
            status.page(done, len(rasters))
            with status.aside():
                show(f"{path}\n".encode(errors="surrogateescape"))
