"""Geulnun itself as an engine: a `Reader` in this process, and its command line to be measured from outside."""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import final

import geulnun
from geulnun import __version__
from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.bench.report import OURS
from geulnun.document import Block, Page
from geulnun.errors import ModelError
from geulnun.pipeline import Reader, ReaderOptions
from geulnun.runtime import weights

#: Parts of the package that have no say in what is read.
_NOT_READING = frozenset(
    {"bench", "cli", "data", "evaluate", "export", "metrics", "nets", "server", "synth", "training", "write"}
)


def code_digest() -> str:
    """Twelve hex digits that change with any code that has a say in what is read."""
    package = Path(geulnun.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.relative_to(package).parts[0] not in _NOT_READING:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _levels() -> frozenset[Level]:
    weights.path("recogniser")
    try:
        weights.path("detector")
    except ModelError:
        return frozenset({"line", "word"})
    return frozenset({"page", "line", "word"})


@final
class Geulnun(Engine):
    """The shipped reader. It takes part in lines and words with the recogniser alone, in pages with both weights.

    Args:
        threads: Threads of each network; None leaves the choice to the runtime.

    Raises:
        ModelError: the recogniser's weights are missing or damaged.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.name = OURS
        self.setting = "default" if threads is None else f"{threads} thread{'s' * (threads > 1)}"
        self.levels = _levels()
        self.threads = threads
        self._reader = Reader(ReaderOptions(threads=threads))

    @cached_property
    def identity(self) -> str:
        """Version, and digests of the weights and of the code that reads."""
        digests = " ".join(f"{entry.name} {entry.sha256[:12]}" for entry in weights.entries())
        return f"geulnun {__version__} code {code_digest()} {digests}"

    @property
    def weights_bytes(self) -> int:
        """Size of all shipped weights."""
        return sum(entry.bytes for entry in weights.entries())

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        """Read one after the other, as a program that holds a reader would."""
        out = []
        for image in images:
            wall, cpu = time.perf_counter(), time.process_time()
            page = self._reader.read(image).pages[0] if level == "page" else self._line(image)
            out.append(Reading(page, time.perf_counter() - wall, time.process_time() - cpu))
        return out

    def _line(self, image: Image) -> Page:
        line = self._reader.read_line(image)
        return Page(image.shape[1], image.shape[0], (Block((line,)),))

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """The command line's ``read``, given as many files; copies, as a file named twice might be read once."""
        paths = [image, *(image.with_name(f"{image.stem}-{index}{image.suffix}") for index in range(1, copies))]
        for path in paths[1:]:
            shutil.copyfile(image, path)
        threads = [] if self.threads is None else ["--threads", str(self.threads)]
        return [sys.executable, "-m", "geulnun", "read", *threads, *map(str, paths)], {}
