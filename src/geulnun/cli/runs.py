"""What all verbs that train have in common."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from geulnun.errors import MissingDependencyError


def need_torch() -> None:
    """Say how to install PyTorch where it is not.

    Raises:
        MissingDependencyError: it is not there.
    """
    if find_spec("torch") is None:
        raise MissingDependencyError("training needs PyTorch; install it with: pip install 'geulnun[train]'")


class Log:
    """Progress to stderr and, with the time of day, to log.txt in the run's folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "log.txt"
        self.console = Console(stderr=True)

    def __call__(self, line: str) -> None:
        """Write a line."""
        self.console.print(line, highlight=False, soft_wrap=True)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {line}\n")
