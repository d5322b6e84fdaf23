"""What goes to the terminal: results to stdout as bytes, complaints and a progress bar to stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn

from geulnun.errors import GeulnunError


def complain(message: str) -> None:
    """Write one line to stderr."""
    Console(stderr=True, soft_wrap=True).print(f"geulnun: {message}", markup=False, highlight=False)


def explained(error: Exception) -> GeulnunError:
    """An error to report in one line: itself, or for one that nobody foresaw, what a report of it needs.

    With GEULNUN_DEBUG=1 in the environment it is raised instead, so that its traceback shows.
    """
    if os.environ.get("GEULNUN_DEBUG") == "1":
        raise error
    if isinstance(error, GeulnunError):
        return error
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return GeulnunError(f"internal error, {text}; GEULNUN_DEBUG=1 shows where, please report it")


def show(content: bytes) -> None:
    """Write a result to stdout, UTF-8 whatever the locale says."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def counted() -> tuple[ProgressColumn, ...]:
    """Columns of a bar over things that are counted: what is done, how many of how many, since when."""
    return TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()


class Bar:
    """A progress bar over what is done now, with lines above it, on stderr; no bar where that is no terminal."""

    def __init__(self, silent: bool = False) -> None:
        """Prepare; with ``silent`` there is no bar on a terminal either."""
        self._console = Console(stderr=True)
        self._bar = Progress(*counted(), console=self._console, transient=True, redirect_stdout=False)
        self._bar.disable = silent or not self._console.is_terminal
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> Self:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away."""
        self._bar.stop()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Show what is being done, and how much of it is; None where nobody knows how much there is."""
        self._bar.update(self._task, description=what[-60:], completed=done, total=total)

    def say(self, line: str) -> None:
        """Write a line above the bar."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)


class Status:
    """A progress bar over files and their pages; silent where stderr is no terminal."""

    def __init__(self, files: int) -> None:
        """Prepare for so many files."""
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[place]}"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
        )
        self._bar.disable = not self._bar.console.is_terminal
        self._files = files
        self._done = 0
        self._task = self._bar.add_task("", total=files, place="")

    def __enter__(self) -> Status:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def file(self, name: str) -> None:
        """Say which file is read now."""
        place = f"file {self._done + 1}/{self._files}" if self._files > 1 else ""
        self._bar.update(self._task, description=name[-50:], completed=self._done, place=place)

    def page(self, done: int, pages: int) -> None:
        """Say that ``done`` of the file's pages have been read."""
        place = f"page {done}/{pages}" + (f", file {self._done + 1}/{self._files}" if self._files > 1 else "")
        self._bar.update(self._task, completed=self._done + done / max(pages, 1), place=place)

    def finished(self) -> None:
        """Say that the file is done with, read or not."""
        self._done += 1
        self._bar.update(self._task, completed=self._done)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is written."""
        self._bar.stop()
        yield
        self._bar.start()


def named(files: Sequence[str]) -> tuple[list[str], list[GeulnunError]]:
    """The files that the arguments name, each once, in order; arguments that name none are reported."""
    from geulnun.read import expand

    found: dict[str, None] = {}
    failures: list[GeulnunError] = []
    for name in files:
        try:
            found |= dict.fromkeys([name] if name == "-" else map(str, expand(name)))
        except GeulnunError as error:
            complain(str(error))
            failures.append(error)
    return list(found), failures


def timed(line: str) -> None:
    """A line of a long run on stderr, with the time of day."""
    Console(stderr=True).print(time.strftime("%H:%M:%S"), line, highlight=False, markup=False, soft_wrap=True)
