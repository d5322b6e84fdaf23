"""What another engine read elsewhere, as an engine: a folder of its output, a file for each image."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import final

from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.document import Page
from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.evaluate.documents import SUFFIXES, read_document


@final
class Saved(Engine):
    """Saved output: for the image ``set/name.png`` a file ``set/name.json``, ``.xml``, ``.hocr``, ``.tsv`` or ``.txt``.

    `geulnun.evaluate.documents` says what they hold. An image without a file counts as one of which nothing was read.
    Rendered images have names too, and `geulnun bench images` writes them for others to read.

    Args:
        name: what the tables call it.
        folder: where its files lie.

    Raises:
        MissingInputError: there is no such folder.
    """

    def __init__(self, name: str, folder: Path) -> None:
        if not folder.is_dir():
            raise MissingInputError(f"{folder}: no such folder; name the one that holds the output of {name}")
        self.name = name
        self.folder = folder
        self.setting = "saved"
        self.levels = frozenset({"page", "line", "word"})

    @cached_property
    def identity(self) -> str:
        """Its name and a digest of all its files."""
        digest = hashlib.sha256()
        for path in sorted(path for path in self.folder.rglob("*") if path.suffix in SUFFIXES):
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0" + path.read_bytes())
        return f"saved {self.name} {digest.hexdigest()[:12]}"

    @property
    def weights_bytes(self) -> int:
        """0: nobody knows."""
        return 0

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        """Look the files up; no time is known.

        Raises:
            DamagedInputError: a file is not what its suffix says, or holds several pages.
        """
        return [
            Reading(self._page(name, image.shape[1], image.shape[0]), 0.0, 0.0)
            for name, image in zip(names, images, strict=True)
        ]

    def _page(self, name: str, width: int, height: int) -> Page:
        base = self.folder / name
        file = next((file for suffix in SUFFIXES if (file := base.with_suffix(suffix)).is_file()), None)
        if file is None:
            return Page(width, height, ())
        pages = read_document(file).pages
        if len(pages) > 1:
            raise DamagedInputError(f"{file}: holds {len(pages)} pages; expected the one of the image")
        return pages[0] if pages else Page(width, height, ())

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """There is none.

        Raises:
            UsageError: always.
        """
        raise UsageError(f"{self.name}: saved output cannot be timed; leave it out of `geulnun bench speed`")


def parse(argument: str) -> Saved:
    """An engine from ``NAME=FOLDER``.

    Raises:
        UsageError: the argument has not this form.
        MissingInputError: there is no such folder.
    """
    name, equals, folder = argument.partition("=")
    if not (name and equals and folder):
        raise UsageError(f"{argument!r}: expected NAME=FOLDER, for example 'CLOVA=out/clova'")
    return Saved(name, Path(folder))
