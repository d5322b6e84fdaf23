"""``geulnun serve``: the interface for programs and the page for people, over HTTP."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from geulnun.cli import options as opt
from geulnun.errors import MissingDependencyError, MissingInputError

#: Where keys may stand beside the file, so that none need be on a command line, which others can see.
_KEY_VARIABLE = "GEULNUN_API_KEY"

Host = Annotated[str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines in.")]
Port = Annotated[int, typer.Option(help="Port to listen at.", min=0, max=65535)]
Workers = Annotated[int | None, typer.Option(help="Processes that read, about 300 MB each; one a core without it.")]
KeyFile = Annotated[
    Path | None,
    typer.Option("--api-key-file", metavar="FILE", help=f"Keys that open /v1, one a line; or {_KEY_VARIABLE}."),
]
MaxMegabytes = Annotated[float, typer.Option("--max-mb", help="Largest file, in MiB.", min=0.01, max=4096)]
MaxPages = Annotated[int, typer.Option(help="Most pages of one request.")]
Queue = Annotated[int, typer.Option(help="Requests read or waiting at a time; more are refused with 429.")]
PageSeconds = Annotated[float, typer.Option(help="Seconds a page may take.")]
FileSeconds = Annotated[float, typer.Option(help="Seconds that writing a file, such as a long PDF, may take.")]
BodySeconds = Annotated[float, typer.Option(help="Seconds an upload may take to arrive.")]
StopSeconds = Annotated[int, typer.Option(help="Seconds that requests at hand may take when it is stopped.", min=0)]
CharacterFile = Annotated[
    Path | None, typer.Option("--char-model", metavar="ONNX", help="A recogniser of characters of your own.")
]


def serve(
    host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = None, threads: opt.Threads = None,
    detector: opt.DetectorFile = None, recogniser: opt.RecogniserFile = None, characters: CharacterFile = None,
    api_key_file: KeyFile = None, max_mb: MaxMegabytes = 50.0, max_pixels: opt.MaxPixels = 60_000_000,
    max_pages: MaxPages = 500, queue: Queue = 32, page_seconds: PageSeconds = 60.0,
    file_seconds: FileSeconds = 180.0, body_seconds: BodySeconds = 60.0, stop_seconds: StopSeconds = 60,
) -> None:  # fmt: skip
    """Serve a page and an HTTP interface that read images and PDFs; http://127.0.0.1:8000 without options.

    Nothing that is sent is kept. The interface is described at /openapi.json. SIGTERM lets requests at hand end.
    """
    try:
        from geulnun.server.app import create_app
        from geulnun.server.listening import listen
        from geulnun.server.options import ServerOptions
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{error.name} is not installed; the server needs the extra: pip install geulnun[serve]"
        ) from error
    largest = round(max_mb * 2**20)
    options = ServerOptions(
        workers=workers, threads=threads, detector=opt.detector_file(detector), recogniser=opt.existing(recogniser),
        characters=opt.existing(characters), api_keys=_keys(api_key_file), max_bytes=largest,
        max_held=8 * largest, max_pixels=max_pixels, max_pages=max_pages, queue=queue,
        page_seconds=page_seconds, file_seconds=file_seconds, body_seconds=body_seconds,
    )  # fmt: skip
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    listen(create_app(options), host, port, stop_seconds=stop_seconds, head_seconds=min(10.0, body_seconds))


def _keys(file: Path | None) -> tuple[str, ...]:
    """Keys of a file, one a line, and of the environment."""
    text = os.environ.get(_KEY_VARIABLE, "")
    if file is not None:
        try:
            text += "\n" + file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise MissingInputError(f"{file}: cannot be read ({error}); put one key on each line") from error
    keys = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if file is not None and not keys:
        raise MissingInputError(f"{file}: holds no key; put one on each line")
    return keys
