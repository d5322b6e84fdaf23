"""One run scored: every page laid against its truth, and the counts of measures and slices for each document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from geulnun import metrics
from geulnun.data import joined
from geulnun.document import Block, Line, Page
from geulnun.evaluate import slices
from geulnun.evaluate.alignment import Aligned, align
from geulnun.evaluate.measures import Columns, Unit, place_columns, text_columns
from geulnun.evaluate.pairing import Matched
from geulnun.evaluate.resample import Floats
from geulnun.evaluate.slices import Key, Table

#: Told what is being done, and the number of steps done and of all.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """A run on a truth.

    Attributes:
        label: what the run is called.
        pages: what was scored, without ink that nobody is asked to read.
        aligned: each page laid against its truth.
        documents: names of the documents that resampling draws.
        document_of: the number of each page's document.
        columns: (documents, c) sums of each measure that could be taken.
        tables: counts of each slice.
    """

    label: str
    pages: tuple[Matched, ...]
    aligned: tuple[Aligned, ...]
    documents: tuple[str, ...]
    document_of: tuple[int, ...]
    columns: Mapping[str, Floats]
    tables: Mapping[Key, Table]

    @property
    def has_confidences(self) -> bool:
        """Whether the reading says how sure it is."""
        return any(laid.confidence is not None for laid in self.aligned)


def score(
    label: str,
    matched: Sequence[Matched],
    dimensions: Sequence[str],
    progress: Progress = lambda *_: None,
    cut: Cut | None = None,
) -> Scored:
    """Score a run.

    Args:
        label: what it is called.
        matched: pages with their readings, one at least.
        dimensions: slices to count, see `geulnun.evaluate.slices.checked`.
        progress: told of every page.
        cut: how the pages of this run and of those it is compared with are cut up; None for lines.
    """
    cut = cut or Cut()
    boxes = [_legible(page) for page in matched]
    pages = tuple(_in_lines(page, cut.loose) for page in boxes)
    names = tuple(dict.fromkeys(page.case.group for page in pages))
    numbers = {name: at for at, name in enumerate(names)}
    document_of = tuple(numbers[page.case.group] for page in pages)
    units = _placed(boxes if cut.boxes else pages)
    sums: dict[str, Floats] = {}
    aligned = []
    for done, (page, loose, document) in enumerate(zip(pages, boxes, document_of, strict=True), 1):
        laid = align(page.truth, page.read)
        aligned.append(laid)
        columns = text_columns(page, laid)
        if units and page.case.level == "page" and any(line.quad is not None for line in page.truth.lines):
            columns |= place_columns(loose if cut.boxes else page, cut.level, units)
        _add(sums, columns, document, len(names))
        progress(f"scoring {label}", done, len(pages))
    tables = slices.tables(pages, aligned, document_of, dimensions)
    return Scored(label, pages, tuple(aligned), names, document_of, sums, tables)


@dataclass(frozen=True, slots=True)
class Cut:
    """How pages are cut up, alike for all runs, so that they can be compared.

    Attributes:
        boxes: whether places are those of loose boxes, in the truth and in every run.
        level: what CLEval compares: words where the truth and every run know the place of each.
        loose: whether this run's pages hold loose boxes.
    """

    boxes: bool = False
    level: Literal["word", "line"] = "line"
    loose: bool = False


def cuts(runs: Sequence[Sequence[Matched]], loose: Sequence[bool]) -> list[Cut]:
    """The cut of each run from its pages and from whether its boxes are loose."""
    pages = [page for matched in runs for page in matched]
    if all(loose) and all(page.case.loose for page in pages):
        return [Cut(boxes=True, loose=True) for _ in runs]
    words = (word for page in pages for side in (page.truth, page.read) for word in side.words)
    level: Literal["word", "line"] = "word" if all(word.quad is not None for word in words) else "line"
    return [Cut(level=level, loose=one) for one in loose]


def _placed(pages: Sequence[Matched]) -> list[Unit]:
    """What both the truth and the run tell the places of: lines, words, characters; nothing where the run tells none.

    Word by word and character by character engines differ in what they tell; a run that tells nothing of them has no
    figure there, and not a bad one.
    """
    if not any(line.quad is not None for page in pages for line in page.read.lines):
        return []
    out: list[Unit] = ["line"]
    finer: tuple[Unit, ...] = ("word", "char")
    for unit in finer:
        if any(_knows(page.truth, unit) for page in pages) and any(_knows(page.read, unit) for page in pages):
            out.append(unit)
    return out


def _knows(page: Page, unit: Unit) -> bool:
    if unit == "word":
        return any(word.quad is not None for word in page.words)
    return any(char.quad is not None for word in page.words for char in word.chars)


def _in_lines(page: Matched, loose: bool) -> Matched:
    """The page with loose boxes put into lines, in reading order."""
    truth = joined(page.truth) if page.case.loose else page.truth
    return replace(page, truth=truth, read=joined(page.read) if loose else page.read)


def _add(sums: dict[str, Floats], columns: Columns, document: int, documents: int) -> None:
    for name, numbers in columns.items():
        if name not in sums:
            sums[name] = np.zeros((documents, len(numbers)))
        sums[name][document] += numbers


def _legible(page: Matched) -> Matched:
    """The page without lines of confidence 0, which nobody is asked to read, and without what was read of them.

    Readings that tell no places keep all their lines: nothing says which were of such ink.
    """
    ignored = [line for line in page.truth.lines if line.confidence == 0]
    if not ignored:
        return page
    truth = _kept(page.truth, lambda line: line.confidence != 0)
    wanted = [(line.quad, line.confidence == 0) for line in page.truth.lines if line.quad is not None]
    placed = [(line.quad, line) for line in page.read.lines if line.quad is not None]
    if not placed or not any(flag for _, flag in wanted):
        return replace(page, truth=truth)
    _, keep = metrics.without_ignored(
        [quad for quad, _ in wanted], [flag for _, flag in wanted], [quad for quad, _ in placed]
    )
    dropped = {id(line) for (_, line), kept in zip(placed, keep, strict=True) if not kept}
    return replace(page, truth=truth, read=_kept(page.read, lambda line: id(line) not in dropped))


def _kept(page: Page, keep: Callable[[Line], bool]) -> Page:
    blocks = tuple(replace(block, lines=tuple(filter(keep, block.lines))) for block in page.blocks)
    return replace(page, blocks=tuple[Block, ...](block for block in blocks if block.lines))
