"""Whose turn it is, and what becomes of workers that end, hang or grow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from geulnun.errors import ModelError
from geulnun.server.metrics import Metrics
from geulnun.server.options import ServerOptions
from geulnun.server.pool import File, Pool
from geulnun.server.problems import ProblemError
from geulnun.server.process import WorkerLostError, WorkerProcess
from geulnun.server.wire import Message


class FakeProcess:
    """A worker that answers as its task says: at once, when `go` is set, not at all, or by ending."""

    made: list[FakeProcess]

    def __init__(self) -> None:
        self.holding: set[str] = set()
        self.occupies = 0
        self.alive = True
        self.log: list[Message] = []
        self.go = asyncio.Event()

    async def ask(self, message: Message) -> Message:
        self.log.append(message)
        if message.head["task"] == "wait":
            await self.go.wait()
        if message.head["task"] == "end":
            self.alive = False
            raise WorkerLostError
        if message.head["task"] == "grow":
            self.occupies = 10**12
        if message.head["task"] == "fail":
            return Message({"error": {"kind": "DamagedInputError", "message": "a.png: damaged"}})
        return Message({"by": FakeProcess.made.index(self)})

    def drop(self, document: str) -> None:
        self.holding.discard(document)

    async def end(self, grace: float = 0.0) -> None:
        self.alive = False


Run = Callable[..., None]


@pytest.fixture
def with_pool(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test's coroutine with a pool of such workers."""
    FakeProcess.made = []

    async def started(settings: dict[str, Any]) -> FakeProcess:
        FakeProcess.made.append(FakeProcess())
        return FakeProcess.made[-1]

    monkeypatch.setattr(WorkerProcess, "started", started)

    def run(test: Callable[[Pool, Metrics], Awaitable[None]], **options: Any) -> None:
        async def main() -> None:
            metrics = Metrics()
            pool = Pool(ServerOptions(workers=1, **options), metrics)
            await pool.start()
            try:
                await test(pool, metrics)
            finally:
                await pool.stop()

        asyncio.run(main())

    return run


def task(kind: str) -> Message:
    return Message({"task": kind})


def test_quick_tasks_go_before_pages_and_pages_in_turn(with_pool: Run) -> None:
    async def test(pool: Pool, metrics: Metrics) -> None:
        running = asyncio.create_task(pool.ask(task("wait")))
        await asyncio.sleep(0)
        others = [asyncio.create_task(pool.ask(task(name), quick=name == "char")) for name in ("a", "b", "char")]
        await asyncio.sleep(0)
        FakeProcess.made[0].go.set()
        await asyncio.gather(running, *others)
        assert [one.head["task"] for one in FakeProcess.made[0].log] == ["wait", "char", "a", "b"]
        assert b'geulnun_queue_wait_seconds_count{task="char"} 1.0' in metrics.written()

    with_pool(test)


def test_a_file_is_sent_once_to_a_worker(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        file = File("id", "a.png", b"content", {"dpi": 300})
        await pool.ask(task("open"), file)
        await pool.ask(task("page"), file)
        pool.drop(file)
        await pool.ask(task("page"), file)
        first, second, third = FakeProcess.made[0].log
        assert (first.head["id"], first.head["hold"]) == ("id", {"name": "a.png", "options": {"dpi": 300}})
        assert [list(one.parts) for one in (first, second, third)] == [[b"content"], [], [b"content"]]
        assert "hold" not in second.head

    with_pool(test)


@pytest.mark.parametrize(("kind", "problem"), [("end", "worker-lost"), ("wait", "too-slow")])
def test_a_worker_that_ends_or_hangs_is_replaced_and_costs_one_task(with_pool: Run, kind: str, problem: str) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        with pytest.raises(ProblemError) as caught:
            await pool.ask(task(kind), File("id", "a.pdf", b"", {}))
        assert (caught.value.kind, caught.value.status) == (problem, 503)
        assert caught.value.detail.startswith("a.pdf: ")
        assert (await pool.ask(task("page"))).head["by"] == 1
        assert not FakeProcess.made[0].alive

    with_pool(test, page_seconds=0.05)


def test_a_worker_that_ended_while_idle_costs_nothing(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        FakeProcess.made[0].alive = False
        assert (await pool.ask(task("page"))).head["by"] == 1

    with_pool(test)


def test_a_worker_that_has_grown_answers_and_is_then_replaced(with_pool: Run) -> None:
    async def test(pool: Pool, metrics: Metrics) -> None:
        assert (await pool.ask(task("grow"))).head["by"] == 0
        assert (await pool.ask(task("page"))).head["by"] == 1
        assert b'geulnun_workers_replaced_total{why="memory"} 1.0' in metrics.written()

    with_pool(test)


def test_errors_of_a_task_are_told_and_the_worker_goes_on(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        with pytest.raises(ProblemError, match=r"a\.png: damaged") as caught:
            await pool.ask(task("fail"))
        assert caught.value.status == 422
        assert (await pool.ask(task("page"))).head["by"] == 0

    with_pool(test)


def test_who_goes_away_while_waiting_leaves_the_turn_to_others(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        running = asyncio.create_task(pool.ask(task("wait")))
        await asyncio.sleep(0)
        leaving = asyncio.create_task(pool.ask(task("never")))
        staying = asyncio.create_task(pool.ask(task("page")))
        await asyncio.sleep(0)
        leaving.cancel()
        FakeProcess.made[0].go.set()
        await asyncio.gather(running, staying)
        assert [one.head["task"] for one in FakeProcess.made[0].log] == ["wait", "page"]

    with_pool(test)


def test_who_goes_away_while_read_leaves_the_worker_whole(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        leaving = asyncio.create_task(pool.ask(task("wait")))
        await asyncio.sleep(0.01)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        next_ = asyncio.create_task(pool.ask(task("page")))
        await asyncio.sleep(0.01)
        # Its answer belongs to nobody, but must be waited for.
        assert [one.head["task"] for one in FakeProcess.made[0].log] == ["wait"]
        FakeProcess.made[0].go.set()
        assert (await next_).head["by"] == 0

    with_pool(test)


def test_a_turn_given_to_one_who_is_gone_goes_on_to_the_next(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        running = asyncio.create_task(pool.ask(task("wait")))
        await asyncio.sleep(0)
        leaving = asyncio.create_task(pool.ask(task("never")))
        await asyncio.sleep(0)
        FakeProcess.made[0].go.set()
        await running
        leaving.cancel()  # its turn has come, but it has not run since
        await asyncio.gather(leaving, return_exceptions=True)
        assert (await pool.ask(task("page"))).head["by"] == 0

    with_pool(test)


def test_stopping_gives_tasks_up_and_takes_no_more(with_pool: Run) -> None:
    async def test(pool: Pool, _: Metrics) -> None:
        running = asyncio.create_task(pool.ask(task("wait")))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(pool.ask(task("page")))
        await asyncio.sleep(0)
        await pool.stop()
        results = await asyncio.gather(running, waiting, pool.ask(task("page")), return_exceptions=True)
        assert isinstance(results[0], asyncio.CancelledError)
        assert [getattr(one, "kind", "") for one in results[1:]] == ["stopping", "stopping"]
        assert not pool.ready

    with_pool(test)


def test_workers_that_cannot_start_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def started(settings: dict[str, Any]) -> FakeProcess:
        raise ModelError("detector.onnx: damaged")

    monkeypatch.setattr(WorkerProcess, "started", started)

    async def main() -> None:
        await Pool(ServerOptions(workers=2), Metrics()).start()

    with pytest.raises(ModelError, match="detector"):
        asyncio.run(main())
