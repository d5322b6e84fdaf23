"""Where a batch writes: one name per input, never two inputs in one file, never over an input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from geulnun.errors import UsageError


def plan(inputs: Sequence[Path], folder: Path) -> list[Path]:
    """Output paths without their suffix, one for each input.

    An input's stem where no other has it, else its whole file name, else its folders too, joined by ``_``; the last
    resort is a number. Names that differ in case only count as one, as they are on some file systems.
    """
    choices = [
        [path.stem for path in inputs],
        [path.name for path in inputs],
        ["_".join(part for part in path.parts if part not in ("/", "..", ".")) for path in inputs],
    ]
    names: list[str | None] = [None] * len(inputs)
    taken: set[str] = set()
    for choice in choices:
        open_ = [i for i, name in enumerate(names) if name is None]
        counts = Counter(choice[i].casefold() for i in open_)
        for i in open_:
            key = choice[i].casefold()
            if counts[key] == 1 and key not in taken:
                names[i] = choice[i]
        taken |= {name.casefold() for name in names if name is not None}
    for i, path in enumerate(inputs):
        number = 2
        while names[i] is None:
            candidate = f"{path.stem}-{number}"
            if candidate.casefold() not in taken:
                names[i] = candidate
                taken.add(candidate.casefold())
            number += 1
    return [folder / str(name) for name in names]


def guard(output: Path, inputs: Sequence[Path]) -> None:
    """Refuse to write over an input.

    Raises:
        UsageError: ``output`` is one of ``inputs``.
    """
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UsageError(f"{output}: would overwrite an input; choose another folder with -o")


def page_path(base: Path, suffix: str, number: int, pages: int) -> Path:
    """The path of one page's file: numbered where there are several pages."""
    middle = f"-{number:04d}" if pages > 1 else ""
    return base.with_name(base.name + middle + suffix)
