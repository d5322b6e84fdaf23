"""Slices: the parts of a truth that are scored apart, by what is known of a page and by what stands in a line.

Some follow from the facts of a whole file (source, style, font, wear and any other fact by its name), some from each
line (size, vertical, digits, hanja), and ``script`` from each character. The counts of a line's slice are those
that `geulnun.evaluate.alignment` gave that line.
"""

from __future__ import annotations

import difflib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.document import Line
from geulnun.errors import UsageError
from geulnun.evaluate.alignment import COLUMNS, SOLID, SOLID_ERRORS, Aligned
from geulnun.evaluate.cases import Case
from geulnun.evaluate.pairing import Matched
from geulnun.synth.statistics import script

#: Facts by which a file's slice is found, the first that it has.
FACTS: Mapping[str, tuple[str, ...]] = {
    "source": ("source", "set", "dataset"),
    "style": ("style",),
    "font": ("family", "font"),
    "wear": ("wear", "look", "worn"),
}
#: Where the classes of line height end, in pixels; the next begins there.
HEIGHTS = (12, 16, 24, 32, 48, 72)
_SIZES = (
    f"under {HEIGHTS[0]} px",
    *(f"{low} to {high} px" for low, high in pairwise(HEIGHTS)),
    f"{HEIGHTS[-1]} px and more",
)
DIMENSIONS = ("source", "style", "script", "font", "size", "wear", "vertical", "digits", "hanja")
#: What `geulnun.synth.statistics.script` calls the characters, and what the tables do.
SCRIPTS = {"syllables": "Hangul", "jamo": "lone jamo", "ideographs": "hanja", "kana": "kana"}

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The counts of one slice.

    Attributes:
        documents: (n,) which documents hold a part of it, each once, rising.
        columns: (n, `geulnun.evaluate.alignment.COLUMNS`) their counts; for scripts only the characters' two.
    """

    documents: NDArray[np.intp]
    columns: NDArray[np.float64]


def checked(names: Sequence[str], cases: Iterable[Case]) -> tuple[str, ...]:
    """The dimensions asked for.

    Raises:
        UsageError: one is neither of `DIMENSIONS` nor a fact of any file.
    """
    known = set(DIMENSIONS).union(*(case.facts for case in cases))
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(sorted(known))}"
            raise UsageError(f"slice {name!r}; {hint}")
    return tuple(dict.fromkeys(names))


def tables(
    matched: Sequence[Matched], aligned: Sequence[Aligned], documents: Sequence[int], names: Sequence[str]
) -> dict[Key, Table]:
    """The counts of every slice.

    Args:
        matched: pages with their readings.
        aligned: each laid against its truth.
        documents: number of the document that each belongs to, from 0.
        names: the dimensions.

    Returns:
        By dimension and value, dimensions in the order of ``names``, values by falling number of characters, but
        heights by height.
    """
    sums: dict[Key, dict[int, NDArray[np.float64]]] = {}
    for page, laid, number in zip(matched, aligned, documents, strict=True):
        for key, counts in _parts(page, laid, names):
            rows = sums.setdefault(key, {})
            rows[number] = rows[number] + counts if number in rows else counts.astype(np.float64)
    made = {key: _table(rows) for key, rows in sums.items()}
    places = {name: at for at, name in enumerate(names)}

    def rank(key: Key) -> tuple[int, float, str]:
        count = -float(made[key].columns[:, SOLID].sum())
        return places[key[0]], _SIZES.index(key[1]) if key[0] == "size" else count, key[1]

    return {key: made[key] for key in sorted(made, key=rank)}


def _table(rows: dict[int, NDArray[np.float64]]) -> Table:
    numbers = sorted(rows)
    return Table(np.array(numbers, np.intp), np.stack([rows[number] for number in numbers]))


def _parts(page: Matched, laid: Aligned, names: Sequence[str]) -> Iterator[tuple[Key, NDArray[np.int64]]]:
    lines = page.truth.lines
    for name in names:
        if name == "script":
            yield from _scripts(laid)
        elif name in _OF_LINES:
            values = [_OF_LINES[name](page.case, line) for line in lines]
            for value in dict.fromkeys(values):
                if value:
                    chosen = [at for at, other in enumerate(values) if other == value]
                    yield (name, value), laid.lines[chosen].sum(0)
        else:
            value = fact(page.case, name)
            if value:
                yield (name, value), laid.totals


def fact(case: Case, name: str) -> str:
    """The value of a file's slice, "" where nothing is known."""
    found = (case.facts[key] for key in FACTS.get(name, (name,)) if key in case.facts)
    return next((value for value in map(str, found) if value), "")


def _scripts(laid: Aligned) -> Iterator[tuple[Key, NDArray[np.int64]]]:
    """What is added to a line counts to the script of the character before it, so that scripts add up to the lines."""
    counts: dict[str, NDArray[np.int64]] = {}
    wrong = np.zeros(len(laid.wanted), np.int64)
    for at, _, _ in laid.faults():
        wrong[at] += 1
    for char, faults in zip(laid.wanted, wrong.tolist(), strict=True):
        name = script(char)
        row = counts.setdefault(SCRIPTS.get(name, name), np.zeros(COLUMNS, np.int64))
        row[SOLID] += 1
        row[SOLID_ERRORS] += faults
    for name, row in counts.items():
        yield ("script", name), row


def _size(case: Case, line: Line) -> str:
    """Class of the line's height, or of the em where the truth has no quad but states that; pixels."""
    if line.quad is not None:
        widths, heights = geometry.sizes(line.quad)
        height = float(widths[0] if line.vertical and widths[0] < heights[0] else heights[0])
    else:
        try:
            height = float(case.facts.get("size", ""))
        except ValueError:
            return ""
    return _SIZES[bisect_right(HEIGHTS, height)]


def _vertical(_: Case, line: Line) -> str:
    return "vertical" if line.vertical else "horizontal"


def _digits(_: Case, line: Line) -> str:
    return "with digits" if any(char.isdigit() for char in line.text) else "without digits"


def _hanja(_: Case, line: Line) -> str:
    return "with hanja" if any(script(char) == "ideographs" for char in line.text) else "without hanja"


_OF_LINES: Mapping[str, Callable[[Case, Line], str]] = {
    "size": _size, "vertical": _vertical, "digits": _digits, "hanja": _hanja,
}  # fmt: skip
