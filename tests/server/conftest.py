"""A server as it is run: the command, its processes, a socket."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A server that was started with ``geulnun serve``.

    Attributes:
        process: the command.
        port: where it listens.
        log: its lines so far.
    """

    process: subprocess.Popen[str]
    port: int = 0
    log: list[str] = field(default_factory=list)

    def follow(self) -> None:
        """Take its log in, until it ends."""
        self._reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr or ()), daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Let go of what was connected to it, once it has ended."""
        self._reader.join(30)
        assert self.process.stderr is not None
        self.process.stderr.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def occupied(self) -> int:
        """Bytes that it and its workers occupy together."""
        return sum(_resident(pid) for pid in (self.process.pid, *self.workers))

    @property
    def workers(self) -> list[int]:
        """Process ids of its workers."""
        task = Path(f"/proc/{self.process.pid}/task")
        return [int(child) for thread in task.iterdir() for child in (thread / "children").read_text().split()]


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def started(*options: str) -> Running:
    """Start a server at a free port and wait until it answers."""
    environment = os.environ | {"PYTHONPATH": str(_ROOT / "src"), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "geulnun", "serve", "--port", "0", "--threads", "1", *options],
        stderr=subprocess.PIPE, text=True, env=environment, cwd=_ROOT,
    )  # fmt: skip
    running = Running(process)
    assert process.stderr is not None
    for line in process.stderr:
        running.log.append(line)
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            running.port = int(found[1])
            break
    assert running.port, "".join(running.log)
    running.follow()
    return running


def stopped(running: Running) -> int:
    """Stop a server as systems do; its exit code."""
    running.process.send_signal(signal.SIGTERM)
    try:
        return running.process.wait(60)
    finally:
        running.process.kill()
        running.process.wait()
        running.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Starts servers that are stopped at the test's end."""
    _needs_proc()
    made: list[Running] = []

    def make(*options: str) -> Running:
        made.append(started(*options))
        return made[-1]

    yield make
    for running in made:
        stopped(running)


def _needs_proc() -> None:
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc, which tells what processes there are and what they occupy")


@pytest.fixture(scope="session")
def hostile() -> ModuleType:
    """The module of hostile uploads."""
    spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["hostile"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """A server with tight limits and one worker."""
    _needs_proc()
    running = started(
        "--workers", "1", "--max-mb", "2", "--max-pages", "5", "--max-pixels", "5000000", "--page-seconds", "20",
        "--body-seconds", "1",
    )  # fmt: skip
    yield running
    stopped(running)
