"""The interface for programs: documents, lines and characters in, text and files out."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from geulnun.pipeline import ReaderOptions
from geulnun.read.raster import LEAST_DPI, MOST_DPI
from geulnun.server import descriptions as told
from geulnun.server.guard import DocumentJob, FileJob, Job, key_checked, query_checked
from geulnun.server.negotiation import STREAM, STREAM_TYPE, disposition, format_of
from geulnun.server.problems import ProblemError
from geulnun.server.reading import Kind, Reading, ReadPage, document, document_head, encoded
from geulnun.server.schemas import FormatEntry, Formats
from geulnun.server.wire import Message
from geulnun.write import WRITERS

router = APIRouter(
    prefix="/v1", tags=["reading"], dependencies=[Depends(key_checked), Depends(query_checked)], responses=told.PROBLEMS
)

Format = Annotated[str | None, Query(description="Name of a format, see `/v1/formats`; without it `Accept` tells.")]
Pages = Annotated[str | None, Query(description="Pages to read.", examples=["1-3,7-"], max_length=1000)]
Dpi = Annotated[float, Query(description="Resolution at which PDF pages are drawn.", ge=LEAST_DPI, le=MOST_DPI)]
MinConfidence = Annotated[float, Query(description="Lines read with less are dropped.", ge=0, le=1)]
Turn = Annotated[
    Literal["auto", "0", "90", "180", "270"], Query(description="Clockwise turn that makes pages upright.")
]
Columns = Annotated[Literal["auto", "never"], Query(description="Whether columns of upright characters are sought.")]
OwnText = Annotated[
    Literal["redo", "keep", "skip"], Query(description="What becomes of pages of a PDF that hold text of their own.")
]
Archival = Annotated[bool, Query(description="Write PDF/A-2b; pdf only.")]
Preview = Annotated[bool, Query(description="Add a small picture of each page; json and ndjson only.")]
Number = Annotated[int, Query(description="How many characters, and jamo of each place, to tell.", ge=1, le=100)]
Explain = Annotated[bool, Query(description="Add where the network looks for each jamo.")]
Allow = Annotated[
    str, Query(description="Characters and ranges that may be named.", examples=["가-힣"], max_length=500)
]
Block = Annotated[str, Query(description="Characters and ranges that may not.", max_length=500)]


@router.get("/formats")
async def formats() -> Formats:
    """The formats that answers may have."""
    return Formats(
        formats=[
            FormatEntry(
                name=name, suffix=one.suffix, media_type=one.media_type, title=one.title, picture=one.picture,
                single=one.single,
            )
            for name, one in WRITERS.items()
        ]
    )  # fmt: skip


@router.post("/read", openapi_extra=told.FILE_BODY, responses=told.READ, response_class=Response)
async def read(
    request: Request, job: FileJob, format: Format = None, pages: Pages = None, dpi: Dpi = 300.0,
    min_confidence: MinConfidence = 0.5, rotate: Turn = "auto", columns: Columns = "auto", preview: Preview = False,
    pdf_text: OwnText = "redo", pdf_a: Archival = False,
) -> Response:  # fmt: skip
    """Read an image or a PDF.

    With `format=ndjson` or `Accept: application/x-ndjson` pages are sent as they are read, one JSON object a line:
    first `{"file": {"name", "pages", "numbers"}, "document": {...}}`, then for each page `{"page": {...}, "seconds"}`
    or `{"error": {...}, "number"}`, last `{"done": {"pages", "failed", "seconds"}}`. `document` with the pages as its
    `pages` is what `/v1/convert` takes.
    """
    name = format_of(format, request.headers.get("accept"), stream=True)
    if preview and name not in ("json", STREAM):
        raise ProblemError("usage", f"preview goes with json and ndjson, not with {name}")
    choices: dict[str, Any] = {
        "dpi": dpi, "pages": pages, "min_confidence": min_confidence, "columns": columns, "password": job.password,
        "pdf_text": pdf_text, "rotate": rotate if rotate == "auto" else int(rotate),
    }  # fmt: skip
    ReaderOptions(**choices)  # checks them; the workers make their own
    file = job.held(job.upload.content, job.upload.name, choices)
    reading = Reading(job.server.workers, file, job.server.metrics, preview)
    await job.unless_gone(reading.open(job.server.options.max_pages))
    if name == STREAM:
        return StreamingResponse(_lines(reading), media_type=STREAM_TYPE)
    answer = _file(await job.unless_gone(_whole(reading, Kind(name, pdf_a), preview)), file.name, name)
    answer.headers["Server-Timing"] = f"queue;dur={1000 * reading.waited:.1f}"
    return answer


@router.post("/line", openapi_extra=told.IMAGE_BODY, responses=told.LINE, response_class=Response)
async def line(job: FileJob) -> Response:
    """Read an image that holds one line, printed or written by hand, and little else."""
    return await _quick(job, {"task": "line"})


@router.post("/char", openapi_extra=told.IMAGE_BODY, responses=told.CHARACTER, response_class=Response)
async def char(job: FileJob, n: Number = 5, explain: Explain = False, allow: Allow = "", block: Block = "") -> Response:
    """Tell what an image of one character may be: syllables, jamo, letters, digits, kana and signs."""
    return await _quick(job, {"task": "char", "n": n, "explain": explain, "allow": allow, "block": block})


@router.post("/convert", openapi_extra=told.DOCUMENT_BODY, responses=told.FILES, response_class=Response)
async def convert(
    request: Request, job: DocumentJob, format: Format = None, pdf_text: OwnText = "redo", pdf_a: Archival = False
) -> Response:
    """Write a document that was read here, and perhaps corrected since, in another format.

    Formats that show the pages take the file that was read as well, as the form's part `file`.
    """
    name = format_of(format, request.headers.get("accept"), stream=False)
    original = job.upload.fields.get("file")
    stem = job.upload.name
    file = job.held(original, "file", {"password": job.password, "pdf_text": pdf_text}) if original else None
    content = await job.unless_gone(encoded(job.server.workers, job.upload.content, Kind(name, pdf_a), file))
    return _file(content, stem, name)


async def _quick(job: Job, head: dict[str, Any]) -> Response:
    """A small image's answer, which does not wait for pages."""
    task = Message(head | {"name": job.upload.name}, [job.upload.content])
    answer = await job.unless_gone(job.server.workers.ask(task, quick=True))
    return Response(answer.parts[0], media_type="application/json")


def _file(content: bytes, source: str, name: str) -> Response:
    """A file in the format ``name``, to be saved under the name of what it came from."""
    kind = WRITERS[name]
    heads = {"Content-Disposition": disposition(source, kind.suffix), "Cache-Control": "no-store"}
    return Response(content, headers=heads, media_type=kind.media_type)


async def _whole(reading: Reading, kind: Kind, preview: bool) -> bytes:
    """All pages, then the file made of them; the first page that cannot be read ends it."""
    if WRITERS[kind.name].single and len(reading.numbers) > 1:
        raise ProblemError(
            "usage", f"a file of format {kind.name} holds one page; ask for one, as pages={reading.numbers[0]}"
        )
    pages: list[ReadPage] = []
    async with aclosing(reading.pages()) as found:
        async for page in found:
            if not isinstance(page, ReadPage):
                raise page[1]
            pages.append(page)
    if kind.name != "json":
        return await reading.encode(pages, kind)
    whole = document(reading.file.name, pages)
    if not preview:
        return whole
    pictures = b",".join(page.preview for page in pages)
    return b'{"document":' + whole.rstrip() + b',"previews":[' + pictures + b"]}\n"


async def _lines(reading: Reading) -> AsyncIterator[bytes]:
    """What is read as it is read, one JSON object a line."""
    since, done, failed = time.perf_counter(), 0, 0
    file = {"name": reading.file.name, "pages": len(reading.numbers), "numbers": reading.numbers}
    yield _row({"file": file, "document": document_head(reading.file.name)})
    async with aclosing(reading.pages()) as found:
        async for page in found:
            if isinstance(page, ReadPage):
                done += 1
                preview = b',"preview":' + page.preview if page.preview else b""
                seconds = f"{page.seconds:.3f}".encode()
                yield b'{"page":' + page.content + preview + b',"seconds":' + seconds + b"}\n"
            else:
                failed += 1
                number, problem = page
                yield _row({"error": problem.plain, "number": number})
    yield _row({"done": {"pages": done, "failed": failed, "seconds": round(time.perf_counter() - since, 3)}})


def _row(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
