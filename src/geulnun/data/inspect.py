"""What is in a set: its format, counts, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from geulnun.data.formats import FORMATS, DataSet
from geulnun.data.sample import Problem, Sample
from geulnun.errors import DamagedInputError, InputError

#: Facts whose different values are counted.
_COUNTED = ("document", "writer", "font", "split", "style", "kind", "group", "source")
#: Values shown by name where there are no more.
_NAMED = 6


@dataclass(slots=True)
class Contents:
    """Counts over a set.

    Attributes:
        format: name of its format.
        counts: samples, images, lines, words, characters, vertical and illegible lines.
        facts: for each fact, how many samples have each value.
        widths: least and greatest width of pages in pixels; so ``heights``.
        heights: as ``widths``.
        problems: what is wrong, in order.
    """

    format: str
    counts: Counter[str] = field(default_factory=Counter)
    facts: dict[str, Counter[str]] = field(default_factory=dict)
    widths: tuple[int, int] = (0, 0)
    heights: tuple[int, int] = (0, 0)
    problems: list[Problem] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The counts as lines of text."""
        out = [f"format      {self.format}: {FORMATS[self.format].title}"]
        out += [f"{name:<12}{count:,}" for name, count in self.counts.items()]
        out.append(f"{'sizes':<12}{_range(self.widths)} x {_range(self.heights)} pixels")
        for fact, values in self.facts.items():
            named = ", ".join(f"{value} {count:,}" for value, count in values.most_common())
            out.append(f"{fact:<12}{named if len(values) <= _NAMED else f'{len(values):,} different'}")
        unpaired = sum(problem.unpaired for problem in self.problems)
        out.append(f"{'problems':<12}{len(self.problems):,}, {unpaired:,} of them unpaired files")
        return out


def _range(ends: tuple[int, int]) -> str:
    return str(ends[0]) if ends[0] == ends[1] else f"{ends[0]}-{ends[1]}"


def inspect(source: DataSet, images: bool = False, progress: Callable[[int], None] | None = None) -> Contents:
    """Read all truth of a set and count.

    Args:
        source: the set.
        images: whether every image is decoded too, and its size compared with the label's.
        progress: called with the number of samples read so far.
    """
    contents = Contents(source.format)
    counts = contents.counts
    counts.update(dict.fromkeys(("samples", "images", "lines", "words", "characters", "vertical", "illegible"), 0))
    for one in source:
        if isinstance(one, Problem):
            contents.problems.append(one)
            continue
        _count(one, contents)
        if images and one.image is not None:
            try:
                height, width = one.image.pixels().shape[:2]
                if (width, height) != (one.page.width, one.page.height):
                    raise DamagedInputError(
                        f"{one.image.place}: {width} x {height} pixels, but its label says "
                        f"{one.page.width} x {one.page.height}"
                    )
            except InputError as error:
                contents.problems.append(Problem(error))
        if progress:
            progress(counts["samples"])
    return contents


def _count(sample: Sample, contents: Contents) -> None:
    page, counts = sample.page, contents.counts
    first = not counts["samples"]
    contents.widths = _widened(contents.widths, page.width, first)
    contents.heights = _widened(contents.heights, page.height, first)
    counts["samples"] += 1
    counts["images"] += sample.image is not None
    for line in page.lines:
        counts["lines"] += 1
        counts["vertical"] += line.vertical
        counts["illegible"] += line.confidence <= 0
        counts["words"] += sum(1 for word in line.words if word.chars)
        counts["characters"] += sum(len(word.chars) for word in line.words)
    for fact in _COUNTED:
        if fact in sample.facts:
            contents.facts.setdefault(fact, Counter())[str(sample.facts[fact])] += 1


def _widened(ends: tuple[int, int], value: int, first: bool) -> tuple[int, int]:
    return (value, value) if first else (min(ends[0], value), max(ends[1], value))
