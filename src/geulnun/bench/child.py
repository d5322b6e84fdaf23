"""Run a program as a child process and measure it: wall time, CPU time, peak resident memory.

Linux counts into a process's peak memory what its parent held when it was started, so a program started from a process
that has models loaded would be charged for them. Each program is therefore started by a small Python of its own
(about 10 MB), which measures it and reports. POSIX only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geulnun.errors import GeulnunError, MissingDependencyError

#: Starts argv[2:], waits, and writes [exit status, wall s, CPU s, peak memory in ru_maxrss's unit] to argv[1].
_MEASURE = """
import json, os, sys, time
start = time.perf_counter()
pid = os.fork()
if not pid:
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    finally:
        os._exit(127)
_, status, use = os.wait4(pid, 0)
wall = time.perf_counter() - start
with open(sys.argv[1], "w") as file:
    json.dump([os.waitstatus_to_exitcode(status), wall, use.ru_utime + use.ru_stime, use.ru_maxrss], file)
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a program cost: wall and CPU time in seconds, peak resident memory in bytes (0 where not measured)."""

    wall: float
    cpu: float
    rss: int = 0


def run_child(command: Sequence[str], environment: Mapping[str, str] | None = None, timeout: float = 900.0) -> Usage:
    """Run ``command`` to its end and return its usage; its output is thrown away.

    Args:
        command: Program and arguments.
        environment: Variables set on top of this process's own.
        timeout: Seconds after which it is killed.

    Raises:
        MissingDependencyError: this system cannot measure child processes.
        GeulnunError: the program failed or took too long; the message ends with its last line of errors.
    """
    if not hasattr(os, "wait4"):
        raise MissingDependencyError(f"{sys.platform} cannot measure child processes; run the bench on Linux or macOS")
    with tempfile.TemporaryDirectory(prefix="geulnun-bench-") as folder:
        result, log = Path(folder, "usage.json"), Path(folder, "errors")
        with log.open("wb") as errors:
            watcher = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _MEASURE, str(result), *command],
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
            )
            try:
                watcher.wait(timeout)
            except subprocess.TimeoutExpired:
                raise GeulnunError(f"{command[0]} did not end within {timeout:.0f} s; give it less to do") from None
            finally:
                if watcher.poll() is None:
                    os.killpg(watcher.pid, 9)
                    watcher.wait()
        code, wall, cpu, peak = json.loads(result.read_text())
        if code:
            lines = log.read_text("utf-8", "replace").strip().splitlines()
            raise GeulnunError(
                f"{' '.join(command[:6])} ended with exit code {code}: {lines[-1] if lines else 'no message'}"
            )
    unit = 1 if sys.platform == "darwin" else 1024
    return Usage(wall, cpu, peak * unit)
