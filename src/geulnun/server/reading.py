"""A document on its way through the workers: opened, read page by page, written."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from geulnun.server.metrics import Metrics
from geulnun.server.pool import File, Workers
from geulnun.server.problems import ProblemError
from geulnun.server.wire import Message
from geulnun.write import WRITERS
from geulnun.write.json import FORMAT, VERSION


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that was read.

    Attributes:
        number: its number in the file, from 1.
        content: it as JSON.
        preview: its picture as JSON, or empty.
        seconds: what reading it took, waiting not included.
    """

    number: int
    content: bytes
    preview: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Kind:
    """What is made of a document: the name of a format, and whether a PDF is to be PDF/A."""

    name: str
    archival: bool = False


@contextmanager
def held(workers: Workers, content: bytes, name: str, options: dict[str, Any]) -> Iterator[File]:
    """A file that tasks may be about, forgotten by all workers at the end."""
    file = File(token_hex(8), name, content, options)
    try:
        yield file
    finally:
        workers.drop(file)


class Reading:
    """Reads one file.

    Attributes:
        file: the file.
        numbers: of the pages to read, once it is opened.
        waited: seconds that its tasks waited for workers so far, added up.
    """

    def __init__(self, workers: Workers, file: File, metrics: Metrics, preview: bool) -> None:
        self._workers, self._metrics, self._preview = workers, metrics, preview
        self.file = file
        self.numbers: list[int] = []
        self.waited = 0.0

    async def open(self, most: int) -> None:
        """Find out which pages there are.

        Raises:
            ProblemError: the file cannot be opened, or more pages are asked for than ``most``.
        """
        answer = await self._ask(Message({"task": "open"}))
        self.numbers = answer.head["numbers"]
        if len(self.numbers) > most:
            found = f"{self.file.name}: {len(self.numbers)} pages"
            raise ProblemError("too-large", f"{found}, over the limit of {most}; ask for some, as pages=1-{most}")

    async def pages(self) -> AsyncGenerator[ReadPage | tuple[int, ProblemError]]:
        """The pages in order, or the number of one that cannot be read and why.

        As many are read at a time as there are workers, and none much earlier than the one before it is taken.
        """
        ahead: deque[asyncio.Task[ReadPage | tuple[int, ProblemError]]] = deque()
        left = iter(self.numbers)
        try:
            while True:
                while len(ahead) < self._workers.count and (number := next(left, None)) is not None:
                    ahead.append(asyncio.create_task(self._page(number)))
                if not ahead:
                    return
                yield await ahead[0]
                ahead.popleft()
        finally:
            for task in ahead:
                task.cancel()

    async def _page(self, number: int) -> ReadPage | tuple[int, ProblemError]:
        task = Message({"task": "page", "number": number, "preview": self._preview})
        try:
            answer = await self._ask(task)
        except ProblemError as problem:
            return number, problem
        self._metrics.pages.inc()
        return ReadPage(number, answer.parts[0], answer.parts[1], answer.head["seconds"])

    async def _ask(self, task: Message) -> Message:
        answer = await self._workers.ask(task, self.file)
        self.waited += answer.head.get("waited", 0.0)
        return answer

    async def encode(self, pages: list[ReadPage], kind: Kind) -> bytes:
        """What was read, in another format."""
        file = self.file if WRITERS[kind.name].picture != "none" else None
        return await encoded(self._workers, document(self.file.name, pages), kind, file)


async def encoded(workers: Workers, content: bytes, kind: Kind, file: File | None) -> bytes:
    """A document's JSON in another format, with the pictures of ``file``; without one it goes before pages."""
    task = Message({"task": "encode", "format": kind.name, "archival": kind.archival}, [content])
    return (await workers.ask(task, file, quick=file is None)).parts[0]


def document_head(source: str) -> dict[str, Any]:
    """A document's JSON but for its pages."""
    return {"format": FORMAT, "version": VERSION, "source": source}


def document(source: str, pages: list[ReadPage]) -> bytes:
    """A document's JSON, of its pages'."""
    head = json.dumps(document_head(source), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return head[:-1] + b',"pages":[' + b",".join(page.content for page in pages) + b"]}\n"
