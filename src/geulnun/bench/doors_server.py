"""The server under load: clients that all send pages at once, against the library that reads them in a loop."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import numpy as np

from geulnun.errors import GeulnunError

#: Seconds that a server may take to start and to stop, and an answer to come.
_START_SECONDS, _STOP_SECONDS, _ANSWER_SECONDS = 120.0, 60.0, 300.0


@dataclass(frozen=True, slots=True)
class ServerScore:
    """What came of a run.

    Attributes:
        clients: how many sent pages at the same time.
        pages: how many each sent, one a request.
        errors: answers that were none, or another text than the library's.
        served: pages a second of the server, of all clients together.
        library: pages a second of `geulnun.Reader` in a loop, with all cores.
        wait_median: seconds that half the requests waited for a worker at most.
        wait_p99: seconds that 99 of 100 requests waited at most.
        wait_most: seconds that any waited at most.
    """

    clients: int
    pages: int
    errors: int
    served: float
    library: float
    wait_median: float
    wait_p99: float
    wait_most: float

    @property
    def share(self) -> float:
        """The server's throughput as a share of the library's."""
        return self.served / self.library


@dataclass(slots=True)
class _Client:
    """One client: what it waited for its answers' turns, in seconds, and how many were wrong."""

    waits: list[float] = field(default_factory=list)
    errors: int = 0

    def run(self, port: int, pages: Sequence[bytes], texts: Sequence[str], first: int) -> None:
        """Send all pages, beginning with the one at ``first``."""
        line = HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
        try:
            for at in range(first, first + len(pages)):
                self._send(line, pages[at % len(pages)], texts[at % len(pages)])
        finally:
            line.close()

    def _send(self, line: HTTPConnection, page: bytes, text: str) -> None:
        try:
            line.request("POST", "/v1/read?format=json", page, {"Content-Type": "application/octet-stream"})
            answer = line.getresponse()
            content = answer.read()
            found = "\f".join(one["text"] for one in json.loads(content)["pages"])
            self.errors += answer.status != 200 or found != text
            waited = re.search(r"queue;dur=([0-9.]+)", answer.headers.get("Server-Timing", ""))
            self.waits.append(float(waited[1]) / 1000 if waited else float("inf"))
        except (HTTPException, OSError, ValueError, KeyError):
            self.errors += 1
            line.close()  # and so opened again by the next request


def measure(pages: Sequence[bytes], clients: int = 8, workers: int | None = None) -> ServerScore:
    """Read pages with the library, then let clients send them to a server.

    Args:
        pages: files of one page each.
        clients: how many send all pages, each beginning with another one.
        workers: processes of the server; one a core if not given.

    Raises:
        GeulnunError: the server does not start.
    """
    seconds, texts = _with_library(pages)
    with _server(workers) as port:
        _Client().run(port, pages[:2], texts[:2], 0)  # a first page is slower
        each = [_Client() for _ in range(clients)]
        threads = [
            threading.Thread(target=client.run, args=(port, pages, texts, at * len(pages) // clients))
            for at, client in enumerate(each)
        ]
        since = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall = time.perf_counter() - since
    waits = np.array([wait for client in each for wait in client.waits] or [np.inf])
    return ServerScore(
        clients, len(pages), sum(client.errors for client in each), clients * len(pages) / wall, len(pages) / seconds,
        float(np.median(waits)), float(np.percentile(waits, 99, method="higher")), float(waits.max()),
    )  # fmt: skip


def _with_library(pages: Sequence[bytes]) -> tuple[float, list[str]]:
    """Seconds that reading all pages in a loop takes, and their texts."""
    from geulnun.pipeline import Reader

    reader = Reader()
    reader.read(pages[0])
    since = time.perf_counter()
    texts = [reader.read(page).text for page in pages]
    return time.perf_counter() - since, texts


@contextmanager
def _server(workers: int | None) -> Iterator[int]:
    """A server of its own; its port."""
    command = [sys.executable, "-m", "geulnun", "serve", "--port", "0"]
    command += ["--workers", str(workers)] if workers else []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            yield _port(process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    """Where it listens, once it does."""
    assert process.stderr is not None
    late = threading.Timer(_START_SECONDS, process.kill)
    late.start()
    last = "no message"
    try:
        for line in process.stderr:
            last = line.strip() or last
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                # What it says later must be taken, or it would wait for that.
                threading.Thread(target=process.stderr.read, daemon=True).start()
                return int(found[1])
    finally:
        late.cancel()
    raise GeulnunError(f"the server does not start: {last}")
