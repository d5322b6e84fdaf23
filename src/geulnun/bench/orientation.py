"""Which way up pages and lines stand, told for drawn ones that no training saw, each shown in every turn.

Pages go through the detector as they would in reading: its lines are what the orientation network looks at, and its
own vote, from shapes alone, stands beside. Lines are cut as they are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.bench.report import Json, percent, table
from geulnun.decode.posture import COLUMN, HEAD_DOWN, TURNS, UPRIGHT, PageTurn
from geulnun.geometry import Floats
from geulnun.metrics.counts import Accuracy
from geulnun.synth import recipes

Pixels = NDArray[np.uint8]
Progress = Callable[[str, int, int], None]

#: Syllables from which a line counts as short, middling and long.
_LENGTHS = ((1, 2), (3, 5), (6, 10_000))
#: Probability above which an answer is sure.
SURE = 0.9


class Detected(Protocol):
    """What a detector tells: lines (n, 4, 2) and its own idea of the page's turn."""

    @property
    def quads(self) -> Floats:
        """The lines."""

    @property
    def rotation(self) -> int:
        """The clockwise turn in degrees that makes the page upright."""


class Teller(Protocol):
    """What is measured: `geulnun.runtime.orientation.Orientation`."""

    def postures(self, crops: Sequence[Pixels], /) -> Floats:
        """Probabilities (n, 4) of line crops."""

    def page(self, image: Pixels, quads: Floats, guess: int, /) -> PageTurn:
        """A page's turn by its lines, ``guess`` being what the detector thinks."""


@dataclass
class Row:
    """Answers on one kind of sample.

    Attributes:
        right: how many were right of all.
        sure: of those that were sure, how many were right.
        rival: how many the detector's own vote had right, of pages.
    """

    right: Accuracy = field(default_factory=Accuracy)
    sure: Accuracy = field(default_factory=Accuracy)
    rival: Accuracy = field(default_factory=Accuracy)

    def add(self, right: bool, confidence: float, rival: bool | None = None) -> None:
        """Count an answer."""
        self.right += Accuracy(int(right), 1)
        if confidence >= SURE:
            self.sure += Accuracy(int(right), 1)
        if rival is not None:
            self.rival += Accuracy(int(rival), 1)

    @property
    def share_sure(self) -> float:
        """Share of answers that were sure."""
        return self.sure.total / max(self.right.total, 1)


@dataclass
class Result:
    """Rows by the name of what was shown, of pages and of lines, and milliseconds for a page and a line."""

    pages: dict[str, Row] = field(default_factory=dict)
    lines: dict[str, Row] = field(default_factory=dict)
    page_ms: float = 0.0
    line_ms: float = 0.0


def pages(
    teller: Teller,
    detect: Callable[[Pixels], Detected],
    plan: recipes.Plan,
    count: int,
    seed: int,
    result: Result,
    progress: Progress = lambda *_: None,
) -> None:
    """Show ``count`` drawn pages in all four turns; pages without a line of text are passed over.

    Args:
        teller: what is measured.
        detect: finds lines.
        plan: a recipe of pages of the held-out side.
        count: pages.
        seed: the same seed draws the same pages.
        result: is added to, by kind of page and over all.
        progress: told of each page.
    """
    source, seconds, shown, at = plan.source(), 0.0, 0, 0
    rows = result.pages
    while shown < count:
        sample = source.sample(at, seed)
        at += 1
        if not any(line.quad is not None for line in sample.page.lines):
            continue
        progress("pages", shown, count)
        shown += 1
        for turn in TURNS:
            # What was turned by so much clockwise needs the rest of a full turn.
            image = np.ascontiguousarray(np.rot90(sample.image, -turn // 90))
            wanted = (sample.page.rotation - turn) % 360
            found = detect(image)
            began = time.perf_counter()
            told = teller.page(image, found.quads, found.rotation)
            seconds += time.perf_counter() - began
            for name in ("all pages", str(sample.facts.get("kind", "other"))):
                row = rows.setdefault(name, Row())
                row.add(told.rotation == wanted, told.confidence, found.rotation == wanted)
    result.page_ms = 1e3 * seconds / max(len(TURNS) * shown, 1)


def lines(
    teller: Teller,
    plan: recipes.Plan,
    count: int,
    seed: int,
    columns: bool,
    result: Result,
    progress: Progress = lambda *_: None,
) -> None:
    """Show ``count`` drawn lines, or columns, both ways up.

    Args:
        teller: what is measured.
        plan: a recipe of lines of the held-out side.
        count: lines.
        seed: the same seed draws the same lines.
        columns: whether the recipe draws columns of upright characters.
        result: is added to.
        progress: told of each line.
    """
    source, seconds, rows = plan.source(), 0.0, result.lines
    for at in range(count):
        progress("columns" if columns else "lines", at, count)
        sample = source.sample(at, seed)
        crop = np.ascontiguousarray(np.rot90(sample.image)) if columns else sample.image
        for over in (False, True):
            shown = np.ascontiguousarray(crop[::-1, ::-1]) if over else crop
            began = time.perf_counter()
            (chances,) = teller.postures([shown])
            seconds += time.perf_counter() - began
            down = float(chances[HEAD_DOWN] + chances[COLUMN + 1])
            kind = float(chances[COLUMN] + chances[COLUMN + 1]) if columns else float(chances[UPRIGHT] + chances[1])
            for name in _groups(sample.text, columns):
                rows.setdefault(name, Row()).add((down > 0.5) == over, max(down, 1 - down))
            rows.setdefault("lines told from columns", Row()).add(kind > 0.5, max(kind, 1 - kind))
    result.line_ms = 1e3 * seconds / max(2 * count, 1)


def _groups(text: str, columns: bool) -> list[str]:
    """The rows a line belongs to."""
    if columns:
        return ["columns"]
    syllables, solid = sum(map(hangul.is_syllable, text)), len(text.replace(" ", ""))
    if syllables < 0.3 * solid:
        return ["lines with little or no Hangul"]
    length = next(f"{low} to {high}" for low, high in _LENGTHS if syllables <= high)
    length = length if syllables < _LENGTHS[-1][0] else f"{_LENGTHS[-1][0]} and more"
    return ["lines of Hangul", f"lines of Hangul, {length} syllables"]


def as_json(meta: Json, result: Result) -> Json:
    """The run as JSON."""
    rows = [
        {
            "of": of, "name": name, "samples": row.right.total, "right": round(row.right.value, 5),
            "sure": round(row.share_sure, 5), "right_where_sure": round(row.sure.value, 5),
            **({"detector": round(row.rival.value, 5)} if row.rival.total else {}),
        }
        for of, group in (("pages", result.pages), ("lines", result.lines))
        for name, row in sorted(group.items())
    ]  # fmt: skip
    return {**meta, "rows": rows, "page_ms": round(result.page_ms, 2), "line_ms": round(result.line_ms, 2)}


def as_markdown(preamble: str, result: Result) -> str:
    """The run as Markdown."""
    notes = (
        "Drawn in fonts and sentences that no training saw. Each page is shown in all four turns, found lines and all; "
        "the detector's own vote, from shapes alone, is the guess it begins with. Each line is shown standing and on "
        f"its head. Sure: answers with a probability of {SURE:g} and more. A page takes {result.page_ms:.0f} ms beside "
        f"the detector's time, a line alone {result.line_ms:.1f} ms."
    )
    head = ["pages", "samples", "right", "sure", "right where sure", "detector's vote"]
    by_page = [[*_cells(name, row), percent(row.rival.value)] for name, row in sorted(result.pages.items())]
    by_line = [_cells(name, row) for name, row in sorted(result.lines.items())]
    parts = ["# Orientation", preamble, notes]
    parts += ["## Pages", table(head, by_page)] if by_page else []
    parts += ["## Lines", table(["lines", *head[1:-1]], by_line)] if by_line else []
    return "\n\n".join(parts) + "\n"


def _cells(name: str, row: Row) -> list[str]:
    return [name, f"{row.right.total:,}", percent(row.right.value), percent(row.share_sure), percent(row.sure.value)]
