"""Servers without processes: the tasks of a worker in a thread, or a script in their place."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from PIL import Image, ImageDraw, ImageFont

from geulnun.server.app import create_app
from geulnun.server.options import ServerOptions
from geulnun.server.pool import File, Workers
from geulnun.server.problems import of_kind
from geulnun.server.tasks import Tasks, WorkerOptions
from geulnun.server.wire import Message
from geulnun.server.worker import answered

Answers = Callable[[Message, File | None], Message]


class Inline:
    """`Workers` that answer from this process, one task at a time.

    Attributes:
        answers: called in a thread.
        asked: kinds of tasks, in the order in which they were begun.
        dropped: ids of files that were to be forgotten.
    """

    count = 2

    def __init__(self, answers: Answers, ready: bool = True) -> None:
        self.answers, self._ready = answers, ready
        self.asked: list[str] = []
        self.dropped: list[str] = []

    async def start(self) -> None:
        self._one = asyncio.Semaphore()

    async def stop(self) -> None:
        pass

    @property
    def ready(self) -> bool:
        return self._ready

    async def ask(self, task: Message, file: File | None = None, *, quick: bool = False) -> Message:
        async with self._one:
            self.asked.append(task.head["task"])
            answer = await asyncio.to_thread(self.answers, task, file)
        if (error := answer.head.get("error")) is not None:
            raise of_kind(error["kind"], error["message"])
        return answer

    def drop(self, file: File) -> None:
        self.dropped.append(file.id)


@pytest.fixture(scope="session")
def tasks() -> Tasks:
    """A worker's tasks with the shipped networks."""
    return Tasks(WorkerOptions(threads=1, max_pixels=4_000_000, preview_side=64))


@pytest.fixture
def inline(tasks: Tasks) -> Inline:
    """Workers that really read."""

    def answers(task: Message, file: File | None) -> Message:
        if file is None:
            return answered(tasks, task)
        head = task.head | {"id": file.id, "hold": {"name": file.name, "options": file.options}}
        answer = answered(tasks, Message(head, [file.content, *task.parts]))
        tasks.drop(file.id)
        return answer

    return Inline(answers)


@pytest.fixture
def workers() -> type[Inline]:
    """Makes workers of a function that answers."""
    return Inline


class Http:
    """A client of an application in this process."""

    def __init__(self, app: FastAPI, runner: asyncio.Runner) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://test", timeout=60
        )
        self._runner = runner

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request and wait for its answer."""
        return self._runner.run(self._client.request(method, path, **options))

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Send a GET request."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send a POST request."""
        return self.request("POST", path, **options)


@pytest.fixture
def client() -> Callable[..., AbstractContextManager[Http]]:
    """Makes a client of a server with such workers and options."""

    @contextmanager
    def make(workers: Workers, **options: Any) -> Iterator[Http]:
        app = create_app(ServerOptions(**options), workers)
        with asyncio.Runner() as runner:
            life = app.router.lifespan_context(app)
            runner.run(life.__aenter__())
            try:
                yield Http(app, runner)
            finally:
                runner.run(life.__aexit__(None, None, None))

    return make


@pytest.fixture(scope="session")
def picture(test_font: Path) -> Callable[..., bytes]:
    """Draws a line of text as a small PNG."""

    def draw(text: str = "한국 글자", size: int = 32) -> bytes:
        font = ImageFont.truetype(test_font, size)
        left, top, right, bottom = font.getbbox(text)
        image = Image.new("L", (round(right - left) + 40, round(bottom - top) + 40), 255)
        ImageDraw.Draw(image).text((20 - left, 20 - top), text, font=font, fill=0)
        stream = io.BytesIO()
        Image.fromarray(np.asarray(image)).save(stream, "PNG")
        return stream.getvalue()

    return draw
