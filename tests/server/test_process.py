"""The command from its start to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


def test_a_stop_lets_what_runs_end_and_takes_nothing_new(start: Callable[..., Any], samples: Path) -> None:
    running = start("--workers", "1")
    content = (samples / "receipt.jpg").read_bytes()
    answers: list[httpx.Response] = []
    url = running.url + "/v1/read?format=txt"
    reading = threading.Thread(target=lambda: answers.append(httpx.post(url, content=content, timeout=60)))
    reading.start()
    while "geulnun_requests_admitted 1.0" not in httpx.get(running.url + "/metrics").text:
        time.sleep(0.02)
    workers = running.workers
    running.process.send_signal(signal.SIGTERM)
    reading.join()
    running.process.wait(30)
    assert answers[0].status_code == 200
    assert answers[0].text.startswith("달빛분식")
    with pytest.raises(httpx.ConnectError):
        httpx.get(running.url + "/healthz")
    assert len(workers) == 1
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert not [line for line in running.log if "Traceback" in line]


def test_workers_end_with_the_server_however_it_ends(start: Callable[..., Any]) -> None:
    running = start("--workers", "1")
    (worker,) = running.workers
    running.process.kill()
    running.process.wait(30)
    late = time.monotonic() + 30
    while Path(f"/proc/{worker}").exists() and time.monotonic() < late:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def test_a_worker_that_is_killed_is_replaced(server: Any, samples: Path) -> None:
    (worker,) = server.workers
    os.kill(worker, signal.SIGKILL)
    done = httpx.post(server.url + "/v1/read?format=txt", content=(samples / "receipt.jpg").read_bytes(), timeout=60)
    # It may have been given the task before it was known to have ended.
    assert done.status_code == 200 or done.json()["type"] == "urn:geulnun:worker-lost"
    again = httpx.post(server.url + "/v1/read?format=txt", content=(samples / "receipt.jpg").read_bytes(), timeout=60)
    assert again.text.startswith("달빛분식")
    assert server.workers != [worker]


def test_networks_that_cannot_be_loaded_are_told_in_one_line() -> None:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "geulnun", "serve", "--port", "0", "--workers", "1", "--recogniser", __file__]
    environment = os.environ | {"PYTHONPATH": str(root / "src")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment)
    assert done.returncode == 4
    complaints = [line for line in done.stderr.splitlines() if line.startswith("geulnun: ")]
    assert len(complaints) == 1, done.stderr
    assert "test_process.py: not a network" in complaints[0]
    assert "Traceback" not in done.stderr
