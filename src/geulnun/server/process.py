"""A worker's process, seen from the server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

from geulnun.errors import ModelError
from geulnun.server.wire import Message, packed, receive_async

#: Bytes of an answer that the server holds before it is taken.
_BUFFER = 2**20
#: Seconds a worker may take to load its networks, on a machine that is busy.
_START_SECONDS = 300.0


class WorkerLostError(Exception):
    """The process ended before it answered."""


class WorkerProcess:
    """One `geulnun.server.worker`; make it with `started`. One task at a time.

    Attributes:
        holding: ids of the documents whose files it holds.
        occupies: bytes of memory after its last task, the files that it holds not counted.
    """

    def __init__(self, process: Process) -> None:
        self._process = process
        self.holding: set[str] = set()
        self.occupies = 0

    @classmethod
    async def started(cls, settings: dict[str, Any]) -> WorkerProcess:
        """Start a process and wait until its networks are loaded.

        Args:
            settings: the fields of `geulnun.server.tasks.WorkerOptions`, and ``worker_memory``.

        Raises:
            ModelError: they cannot be loaded, or the process ends.
        """
        # A session of its own: an interrupt at the terminal is the server's to handle. -P: no module of the folder
        # that the server was started in is taken for one of Python's.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "geulnun.server.worker",
            stdin=PIPE, stdout=PIPE, limit=_BUFFER, start_new_session=True,
        )  # fmt: skip
        worker = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                answer = await worker.ask(Message(settings))
        except (WorkerLostError, TimeoutError) as error:
            await worker.end()
            raise ModelError("a worker could not be started; its messages stand above") from error
        except BaseException:
            await worker.end()
            raise
        if "error" in answer.head:
            await worker.end()
            raise ModelError(answer.head["error"]["message"])
        return worker

    @property
    def alive(self) -> bool:
        """Whether the process runs, as far as is known."""
        return self._process.returncode is None

    async def ask(self, message: Message) -> Message:
        """Send a task and wait for its answer.

        Raises:
            WorkerLostError: the process has ended.
        """
        assert self._process.stdout is not None
        try:
            self._write(message)
            assert self._process.stdin is not None
            await self._process.stdin.drain()
            answer = await receive_async(self._process.stdout)
        except (asyncio.IncompleteReadError, ConnectionError, RuntimeError) as error:
            raise WorkerLostError(f"worker {self._process.pid} ended") from error
        self.occupies = int(answer.head.get("occupies", 0))
        return answer

    def drop(self, document: str) -> None:
        """Let it forget a document; it does so after what it is at."""
        if document in self.holding:
            self.holding.discard(document)
            with contextlib.suppress(ConnectionError, RuntimeError):
                self._write(Message({"task": "drop", "id": document}))

    def _write(self, message: Message) -> None:
        assert self._process.stdin is not None
        # Nothing is awaited in between, so that messages never mix.
        self._process.stdin.writelines(packed(message))

    async def end(self, grace: float = 0.0) -> None:
        """End the process, after ``grace`` seconds to do so by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
