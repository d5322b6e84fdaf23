"""Measured child processes."""

from __future__ import annotations

import sys

import pytest

from geulnun.bench.child import run_child
from geulnun.errors import GeulnunError


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def test_wall_and_cpu_are_told_apart() -> None:
    idle = run_child(python("import time; time.sleep(0.3)"))
    assert idle.wall >= 0.3 > idle.cpu
    busy = run_child(python("import time\nwhile time.process_time() < 0.3: pass"))
    assert busy.cpu >= 0.28


def test_peak_memory_is_the_childs_and_not_ours() -> None:
    ballast = bytearray(b"x") * (200 << 20)
    small, large = run_child(python("pass")), run_child(python("held = bytearray(b'x') * (100 << 20)"))
    assert len(ballast) > small.rss
    assert 95e6 < large.rss - small.rss < 130e6


def test_variables_are_set_on_top() -> None:
    run_child(
        python("import os; assert os.environ['OMP_THREAD_LIMIT'] == '1' and os.environ['PATH']"),
        {"OMP_THREAD_LIMIT": "1"},
    )


def test_a_failure_says_the_last_line() -> None:
    with pytest.raises(GeulnunError, match="exit code 3: no such page"):
        run_child(python("import sys; sys.stderr.write('trying\\nno such page\\n'); sys.exit(3)"))


def test_a_program_that_does_not_end_is_stopped() -> None:
    with pytest.raises(GeulnunError, match="did not end within 1 s"):
        run_child(python("import time; time.sleep(60)"), timeout=1)
