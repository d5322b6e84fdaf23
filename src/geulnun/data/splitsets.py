"""A split on disk: lists of names, and a set for each part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from geulnun.data.convert import ConvertOptions, Names, Report, extension_of, write
from geulnun.data.folders import whole_folder
from geulnun.data.formats import DataSet
from geulnun.data.sample import Problem, Sample
from geulnun.data.split import SplitOptions, split
from geulnun.data.writers import TARGETS, Writer
from geulnun.document import Page
from geulnun.write.sets import Level, SetOptions
from geulnun.write.sets.base import put
from geulnun.write.sets.growing import csv_row

_PEEKED = 50


@dataclass(slots=True)
class SplitReport:
    """What came of it.

    Attributes:
        parts: samples of each part.
        problems: all that could not be read or written.
    """

    parts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)


def split_set(
    source: DataSet,
    out: Path,
    options: SplitOptions,
    to: str | None = None,
    level: Level = "line",
    note: Callable[[Problem], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> SplitReport:
    """Split a set; ``out`` gets its name when all is there.

    ``split.csv`` has the columns name, group, part, and ``<part>.txt`` a name a line, in the set's order.

    Args:
        source: what is read; with ``to`` twice, first without its images.
        out: the folder to write; must not exist, or be empty.
        options: how.
        to: format in which ``<part>/`` gets the part's samples; None writes lists only.
        level: what a box of these is.
        note: called with each problem as it comes.
        progress: called with the number of samples written so far.

    Raises:
        UsageError: see `geulnun.data.split.groups` and `assign`; or ``out`` holds something.
    """
    report = SplitReport()

    def tell(problem: Problem) -> None:
        report.problems.append(problem)
        if note:
            note(problem)

    names = Names()
    listed = [Sample(names.of(one), Page(1, 1), None, dict(one.facts)) for one in source.samples(tell)]
    sides = split(listed, options)
    report.parts.update(part for _, part in sides)
    with whole_folder(out) as folder:
        rows = [csv_row("name", "group", "part")]
        rows += [csv_row(one.name, group, part) for one, (group, part) in zip(listed, sides, strict=True)]
        put(folder / "split.csv", b"".join(rows))
        for wanted, _ in options.parts:
            mine = [one.name for one, (_, part) in zip(listed, sides, strict=True) if part == wanted]
            put(folder / f"{wanted}.txt", "".join(f"{name}\n" for name in mine).encode())
        if to is not None:
            sets = _Sets(folder, source, ConvertOptions(to, SetOptions(level=level)))
            sets.write([part for _, part in sides], tell, progress)
    return report


class _Sets:
    """The sets of all parts, which are written side by side."""

    def __init__(self, folder: Path, source: DataSet, options: ConvertOptions) -> None:
        self._folder = folder
        self._source = source
        self._options = options
        self._save = SetOptions(
            extension=extension_of(islice(source.samples(_ignore), _PEEKED)), level=options.save.level
        )
        self._writers: dict[str, Writer] = {}

    def write(self, parts: list[str], tell: Callable[[Problem], None], progress: Callable[[int], None] | None) -> None:
        """Write every sample into the set of its part; the problems of reading are known already."""
        names, counts = Names(), Report()
        try:
            for sample, part in zip(self._source.samples(_ignore), parts, strict=True):
                if part not in self._writers:
                    self._writers[part] = TARGETS[self._options.target](self._folder / part, self._save)
                if write(sample, names, self._writers[part], self._options, counts, tell) and progress:
                    progress(counts.samples)
            for writer in self._writers.values():
                writer.close()
        except BaseException:
            for writer in self._writers.values():
                writer.abort()
            raise


def _ignore(problem: Problem) -> None:
    pass
