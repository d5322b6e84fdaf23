"""The workers of a server, and whose turn it is."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from geulnun.errors import ModelError
from geulnun.server.metrics import Metrics
from geulnun.server.options import ServerOptions
from geulnun.server.problems import ProblemError, of_kind
from geulnun.server.process import WorkerLostError, WorkerProcess
from geulnun.server.wire import Message

_log = logging.getLogger("geulnun.server")

#: Seconds between two tries to start a worker that does not start, and that one may take to end by itself.
_RETRY_SECONDS, _GRACE_SECONDS = 5.0, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """A file that tasks are about; it is sent to a worker once.

    Attributes:
        id: names it in tasks.
        name: what messages call it.
        content: its bytes.
        options: how it is read, fields of `geulnun.pipeline.ReaderOptions`.
    """

    id: str
    name: str
    content: bytes
    options: dict[str, Any]


class Workers(Protocol):
    """Does tasks, several at a time."""

    async def start(self) -> None:
        """Get ready; raises `ModelError` where that is impossible."""

    async def stop(self) -> None:
        """Let everything go."""

    @property
    def ready(self) -> bool:
        """Whether tasks are done now."""

    @property
    def count(self) -> int:
        """Tasks that are done at a time."""

    async def ask(self, task: Message, file: File | None = None, *, quick: bool = False) -> Message:
        """Do a task of `geulnun.server.tasks`.

        Args:
            task: what to do.
            file: what it is about.
            quick: whether it goes before the pages that wait.

        Returns:
            The answer; ``waited`` in its head is how long, in seconds, it had to wait for a worker.

        Raises:
            ProblemError: it cannot be done.
        """

    def drop(self, file: File) -> None:
        """Forget a file, now or after the task at hand."""


class Turns:
    """Workers that are free, and those who wait for one: quick tasks go first, else who came first."""

    def __init__(self) -> None:
        self.free: list[WorkerProcess] = []
        self._quick: deque[asyncio.Future[WorkerProcess]] = deque()
        self._slow: deque[asyncio.Future[WorkerProcess]] = deque()

    async def take(self, file: File | None, quick: bool) -> WorkerProcess:
        """A free worker, best one that holds the file already; waits for it."""
        if self.free:
            worker = next((one for one in self.free if file and file.id in one.holding), self.free[0])
            self.free.remove(worker)
            return worker
        turn: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        (self._quick if quick else self._slow).append(turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(turn.result())
            raise

    def give(self, worker: WorkerProcess) -> None:
        """Hand a worker to the next in line."""
        for line in (self._quick, self._slow):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_result(worker)
                    return
        self.free.append(worker)

    def fail(self, problem: ProblemError) -> None:
        """Send away all who wait."""
        for line in (self._quick, self._slow):
            while line:
                turn = line.popleft()
                if not turn.done():
                    turn.set_exception(problem)


class Pool:
    """`Workers` that are processes: started once, replaced where they end, take too long or have grown large."""

    def __init__(self, options: ServerOptions, metrics: Metrics) -> None:
        self._options, self._metrics = options, metrics
        self._turns = Turns()
        self._alive: set[WorkerProcess] = set()
        self._errands: set[asyncio.Task[Any]] = set()
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether a worker lives."""
        return bool(self._alive) and not self._stopping

    @property
    def count(self) -> int:
        """Processes."""
        return self._options.worker_count

    async def start(self) -> None:
        """Start all workers.

        Raises:
            ModelError: one cannot be started.
        """
        started = await asyncio.gather(*(self._started() for _ in range(self.count)), return_exceptions=True)
        for result in started:
            if isinstance(result, BaseException):
                await self.stop()
                raise result
        self._tell()

    async def stop(self) -> None:
        """End all workers; tasks at hand are given up."""
        self._stopping = True
        self._turns.fail(ProblemError("stopping", "the server is being stopped; ask again in a while"))
        errands = [task for task in self._errands if task is not asyncio.current_task()]
        for task in errands:
            task.cancel()
        await asyncio.gather(*errands, return_exceptions=True)
        await asyncio.gather(*(worker.end(_GRACE_SECONDS) for worker in self._alive))
        self._alive.clear()

    async def ask(self, task: Message, file: File | None = None, *, quick: bool = False) -> Message:
        """Wait for a worker and let it do a task; see `Workers.ask`."""
        if self._stopping:
            raise ProblemError("stopping", "the server is being stopped; ask again in a while")
        kind, since = str(task.head["task"]), time.perf_counter()
        worker = await self._turns.take(file, quick)
        while not worker.alive:  # it ended while it had nothing to do
            self._done(worker, "lost")
            worker = await self._turns.take(file, quick)
        waited = time.perf_counter() - since
        self._metrics.waits.labels(kind).observe(waited)
        self._tell()
        # Who asked may go away; the worker is still busy until it has answered.
        answer: Message = await asyncio.shield(self._errand(self._at_work(worker, task, file, kind)))
        if (error := answer.head.get("error")) is not None:
            raise of_kind(error["kind"], error["message"])
        answer.head["waited"] = waited
        return answer

    def drop(self, file: File) -> None:
        """Let all workers forget a file."""
        for worker in self._alive:
            worker.drop(file.id)

    async def _at_work(self, worker: WorkerProcess, task: Message, file: File | None, kind: str) -> Message:
        """Have a task done by a worker that is ours for now."""
        why, since = "lost", time.perf_counter()
        seconds = self._options.file_seconds if kind == "encode" else self._options.page_seconds
        try:
            async with asyncio.timeout(seconds):
                answer = await worker.ask(_with_file(worker, task, file))
            why = "memory" if worker.occupies > self._options.recycle * 2**20 else ""
            return answer
        except TimeoutError:
            why = "time"
            detail = f"{_name(file)}took longer than {seconds:g} s; ask for less at once"
            raise ProblemError("too-slow", detail) from None
        except WorkerLostError:
            raise ProblemError("worker-lost", f"{_name(file)}ended its reader, which has been replaced") from None
        except asyncio.CancelledError:
            why = "stopping"
            raise
        finally:
            self._metrics.tasks.labels(kind).observe(time.perf_counter() - since)
            self._done(worker, why)

    def _done(self, worker: WorkerProcess, why: str) -> None:
        """Take a worker back, or have it replaced."""
        if not why:
            self._turns.give(worker)
        elif not self._stopping:
            self._alive.discard(worker)
            self._metrics.replaced.labels(why).inc()
            _log.info("worker replaced (%s)", why)
            self._errand(self._replaced(worker))
        self._tell()

    async def _replaced(self, worker: WorkerProcess) -> None:
        await worker.end()
        while not self._stopping:
            try:
                await self._started()
            except ModelError as error:
                _log.error("no worker in place of one that ended: %s", error)
                if not self._alive:
                    self._turns.fail(ProblemError("model", "no reader can be started; the server's log tells more"))
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self._tell()
                return

    async def _started(self) -> None:
        options = self._options
        paths: Iterable[str] = ("detector", "recogniser", "characters")
        settings = {name: str(path) for name in paths if (path := getattr(options, name)) is not None}
        numbers = {name: getattr(options, name) for name in ("max_pixels", "preview_side", "worker_memory")}
        worker = await WorkerProcess.started(settings | numbers | {"threads": options.worker_threads})
        self._alive.add(worker)
        self._turns.give(worker)

    def _errand(self, work: Any) -> asyncio.Task[Any]:
        """Run in a task that is kept, and whose error is taken note of though nobody waits for it any more."""
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    def _tell(self) -> None:
        self._metrics.idle.set(len(self._turns.free))
        for at, worker in enumerate(sorted(self._alive, key=id)):
            self._metrics.occupied.labels(str(at)).set(worker.occupies)


def _with_file(worker: WorkerProcess, task: Message, file: File | None) -> Message:
    """The task, its file along with it where the worker does not hold it."""
    if file is None:
        return task
    head = task.head | {"id": file.id}
    if file.id in worker.holding:
        return Message(head, task.parts)
    worker.holding.add(file.id)
    return Message(head | {"hold": {"name": file.name, "options": file.options}}, [file.content, *task.parts])


def _name(file: File | None) -> str:
    return f"{file.name}: " if file else "this "
