"""One worker: ``python -m geulnun.server.worker``, started by the server, which it speaks with over stdin and stdout.

Files of strangers are opened here and nowhere else. A worker may be ended at any time, by the server or by the file
that it reads, and that costs no more than the page it was at. It ends when its input does.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO

from geulnun.errors import GeulnunError
from geulnun.server.tasks import Tasks, WorkerOptions
from geulnun.server.wire import Message, packed, receive

_log = logging.getLogger("geulnun.server.worker")


def main() -> None:
    """Answer tasks until the input ends; the first message holds the options."""
    # Libraries in C write to descriptor 1 as they please; the way to the server is kept apart from it.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    first = receive(sys.stdin.buffer)
    if first is None:
        return
    _limit_memory(int(first.head.pop("worker_memory")))
    tasks = Tasks(WorkerOptions(**first.head))
    try:
        tasks.warm()
    except GeulnunError as error:
        _send(answers, _failure(error))
        return
    trim = _trimmer()
    trim()
    _send(answers, Message({"occupies": occupied()}))
    while (asked := receive(sys.stdin.buffer)) is not None:
        if asked.head["task"] == "drop":
            tasks.drop(asked.head["id"])
            continue
        answer = answered(tasks, asked)
        trim()
        answer.head["occupies"] = occupied() - tasks.held_bytes
        _send(answers, answer)


def answered(tasks: Tasks, asked: Message) -> Message:
    """Do a task; what it raises becomes an answer with ``error``: the name of its kind and its message."""
    try:
        return tasks.do(asked)
    except MemoryError:
        return Message(
            {"error": {"kind": "TooLargeError", "message": "needs more memory than there is; scale it down"}}
        )
    except GeulnunError as error:
        return _failure(error)
    except Exception:
        _log.exception("task %s", asked.head.get("task"))
        return Message({"error": {"kind": "internal", "message": "an error that nobody foresaw; the log tells more"}})


def occupied() -> int:
    """Bytes of memory that this process occupies; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _failure(error: GeulnunError) -> Message:
    return Message({"error": {"kind": type(error).__name__, "message": str(error)}})


def _send(stream: IO[bytes], message: Message) -> None:
    for piece in packed(message):
        stream.write(piece)
    stream.flush()


def _limit_memory(mebibytes: int) -> None:
    """Bound this process's data, where the system can: a file that unpacks without end ends its worker only."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (mebibytes * 2**20, resource.RLIM_INFINITY))


def _trimmer() -> Callable[[], object]:
    """Gives memory that a page has left behind back to the system, where the C library can (glibc)."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda: None
    return lambda: trim(0)


if __name__ == "__main__":
    main()
