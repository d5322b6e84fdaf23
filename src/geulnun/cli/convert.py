"""``geulnun convert``: stored documents to any format, and ``geulnun schema``: what such a document looks like."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli import outputs
from geulnun.cli.console import complain, explained, show
from geulnun.document import Document
from geulnun.errors import GeulnunError, MissingInputError, UsageError


def convert(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Documents written with -f json.")],
    formats: Annotated[
        str, typer.Option("-f", "--format", metavar="LIST", help="As for geulnun read, joined by commas.")
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="DIR", help="Write files there; stdout without it.")
    ] = None,
    original: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The image or PDF that was read, for formats that show it; of one document."),
    ] = None,
    password: opt.Password = None,
    pdf_text: opt.OwnText = opt.PdfText.redo,
    pdf_a: opt.Archival = False,
    max_pixels: opt.MaxPixels = 150_000_000,
) -> None:
    """Write documents stored as JSON in other formats, without reading their images again.

    A document that cannot be converted is reported on stderr and the others are; the exit code is then that of the
    first such error.
    """
    wanted = outputs.formats(formats, out)
    if original is not None and len(files) > 1:
        raise UsageError(f"--original with {len(files)} documents; give one document at a time")
    if out is None and len(files) > 1:
        raise UsageError(f"{len(files)} documents cannot go to stdout; say where with -o DIR")
    writers = {
        name: outputs.pdf_writer(pdf_text, pdf_a, password) if name == "pdf" else format_.build()
        for name, format_ in wanted.items()
    }
    bases = outputs.plan(files, out) if out is not None else [None] * len(files)
    guarded = [*files, *([Path(original)] if original is not None else [])]
    failures: list[GeulnunError] = []
    for file, base in zip(files, bases, strict=True):
        try:
            document = _document(file)
            target = outputs.Target(base, wanted, writers, guarded)
            for content in _written(document, target, original, password, max_pixels).values():
                show(content)
        except Exception as error:
            failures.append(explained(error))
            complain(str(failures[-1]))
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _document(file: Path) -> Document:
    from geulnun.write import read_json

    try:
        content = file.read_bytes()
    except OSError as error:
        raise MissingInputError(f"{file}: cannot be opened ({error.strerror}); check the path") from error
    return read_json(content, str(file))


def _written(
    document: Document, target: outputs.Target, original: str | None, password: str | None, max_pixels: int
) -> dict[str, bytes]:
    """Write the document's files; returns what goes to stdout, by format."""
    from geulnun.read import LoadOptions, drawn_at, open_source

    if original is None:
        return target.write(document, None)
    dpi = drawn_at(document)
    options = LoadOptions(password=password, max_pixels=max_pixels)
    with open_source(original, options if dpi is None else replace(options, dpi=dpi)) as pages:
        return target.write(document, pages)


def schema() -> None:
    """Print the JSON Schema of the documents that ``geulnun read -f json`` writes."""
    from geulnun.write.json import schema as document_schema

    show((json.dumps(document_schema(), ensure_ascii=False, indent=2) + "\n").encode())
