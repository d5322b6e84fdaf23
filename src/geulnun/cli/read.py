"""``geulnun read``: files to text, and to all else that can be written of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from geulnun.cli import decoding as dec
from geulnun.cli import options as opt
from geulnun.cli import outputs
from geulnun.cli.console import Status, complain, explained, named, show
from geulnun.document import Block, Document, Page
from geulnun.errors import GeulnunError, ModelError, UsageError

if TYPE_CHECKING:
    from geulnun.pipeline import Reader
    from geulnun.read import PageStream, Raster
    from geulnun.write import Format, Writer

#: Formats of which several fit on stdout, each headed by its file's name, or a line each.
_IN_A_ROW = {"txt", "layout", "json", "tsv", "csv", "md"}

FORMAT_HELP = "Joined by commas: txt, layout, json, tsv, csv, md, html, hocr, alto, page, docx, pdf, svg, overlay."


def read(
    files: Annotated[list[str], typer.Argument(metavar="FILES...", help="Images, PDFs, folders, globs; - is stdin.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write files there; stdout without it.")
    ] = None,
    formats: Annotated[
        str, typer.Option("-f", "--format", metavar="LIST", help=FORMAT_HELP)
    ] = "txt",
    pages: opt.Pages = None, dpi: opt.Dpi = 300.0, password: opt.Password = None,
    min_confidence: opt.MinConfidence = 0.5, threads: opt.Threads = None, rotate: opt.Turn = opt.Rotate.auto,
    pdf_text: opt.OwnText = opt.PdfText.redo, pdf_a: opt.Archival = False,
    columns: opt.Columns = opt.Seek.auto, max_pixels: opt.MaxPixels = 150_000_000, font: opt.LabelFont = None,
    detector: opt.DetectorFile = None, recogniser: opt.RecogniserFile = None, line: opt.OneLine = False,
    decoder: dec.DecoderChoice = dec.Decoder.auto, beam: dec.Beam = 8,
    lm: dec.Lm = None, alpha: dec.Alpha = 0.4, beta: dec.Beta = 1.0,
    lexicon: dec.Lexicon = None, unknown: dec.Unknown = None,
    allow: dec.Allow = "", block: dec.Block = "", pattern: dec.Pattern = "",
    reject: dec.Reject = 0.0, doubt: dec.Doubt = 1.0,
) -> None:  # fmt: skip
    """Read images and PDFs: text in reading order, with its spaces.

    A file that cannot be read is reported on stderr and the others are read; the exit code is then that of the first
    such error. Several files on stdout are headed by their names, or with -f json stand one a line.
    """
    from geulnun.decode.options import DecodeOptions
    from geulnun.pipeline import Reader, ReaderOptions
    from geulnun.write import JsonWriter, OverlayWriter

    wanted = outputs.formats(formats, out)
    decoding = DecodeOptions(
        decoder.value, beam, lexicon, unknown, lm, alpha, beta, allow, block, pattern, reject, doubt=doubt
    )
    options = ReaderOptions(
        dpi=dpi,
        pages=pages,
        password=password,
        min_confidence=min_confidence,
        max_pixels=max_pixels,
        threads=threads,
        rotate=rotate.turn,
        columns=columns.value,
        pdf_text=pdf_text.value,
        decoding=decoding,
    )
    reader = Reader(options, detector=opt.detector_file(detector), recogniser=opt.existing(recogniser))
    jobs, failures = named(files)
    several = out is None and (len(files) > 1 or len(jobs) > 1)
    if several and not set(wanted) <= _IN_A_ROW:
        raise UsageError(f"format {formats!r} of several files cannot go to stdout; say where with -o DIR")
    own: dict[str, Writer] = {"json": JsonWriter(rows=not several), "overlay": OverlayWriter(font)}
    if "pdf" in wanted:
        own["pdf"] = outputs.pdf_writer(pdf_text, pdf_a, password)
    writers = {name: own[name] if name in own else format_.build() for name, format_ in wanted.items()}
    batch = _Batch(reader, wanted, writers, jobs, out, several, line)
    failures += batch.run()
    if failures:
        raise typer.Exit(failures[0].exit_code)


@dataclass(frozen=True)
class _AtHand:
    """The page just read as an original, so that it is not decoded again to be drawn on."""

    pages: PageStream
    raster: Raster

    def rgb(self, number: int) -> NDArray[np.uint8]:
        """The raster at hand, else the page decoded."""
        return self.raster.rgb if number == self.raster.number else self.pages.rgb(number)

    def place(self, number: int) -> tuple[Path | bytes, int] | None:
        """The file that holds the page."""
        return self.pages.place(number)


@dataclass(frozen=True)
class _Batch:
    """Reads files one after the other and writes what was asked for."""

    reader: Reader
    formats: Mapping[str, Format]
    writers: Mapping[str, Writer]
    jobs: Sequence[str]
    folder: Path | None
    several: bool
    line: bool

    def run(self) -> list[GeulnunError]:
        """Read all; the errors of those that could not be."""
        inputs = [Path("stdin" if job == "-" else job) for job in self.jobs]
        bases = outputs.plan(inputs, self.folder) if self.folder is not None else [None] * len(inputs)
        failures: list[GeulnunError] = []
        with Status(len(self.jobs)) as status:
            for job, base in zip(self.jobs, bases, strict=True):
                status.file(job)
                try:
                    self._one(job, base, inputs, status)
                except ModelError:
                    raise  # no other file would fare better
                except Exception as error:
                    failures.append(explained(error))
                    with status.aside():
                        complain(str(failures[-1]))
                status.finished()
        return failures

    def _line(self, raster: Raster) -> Page:
        """A page of the one line that an image holds."""
        line = self.reader.read_line(raster.rgb)
        height, width = raster.rgb.shape[:2]
        blocks = (Block((line,), line.quad),) if line.words else ()
        return Page(width, height, blocks, raster.number, dpi=raster.dpi)

    def _one(self, job: str, base: Path | None, inputs: Sequence[Path], status: Status) -> None:
        from geulnun.read import open_source

        target = outputs.Target(base, self.formats, self.writers, inputs)
        read_pages = []
        with open_source(job, self.reader.options.loading()) as rasters:
            for raster in rasters:
                page = self._line(raster) if self.line else self.reader.read_page(raster)
                read_pages.append(page)
                target.write_page(rasters.name, page, _AtHand(rasters, raster), len(rasters))
                status.page(len(read_pages), len(rasters))
            shown = target.write_whole(Document(tuple(read_pages), rasters.name), rasters)
        for name, content in shown.items():
            head = f"==> {rasters.name} <==\n" if self.several and name != "json" else ""
            with status.aside():
                show(head.encode(errors="surrogateescape") + content)
