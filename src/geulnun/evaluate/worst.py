"""The lines with the most errors: what stood there, what was read, and a picture of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from geulnun import geometry
from geulnun.charset import normalise
from geulnun.document import Line, Page
from geulnun.errors import GeulnunError
from geulnun.evaluate.alignment import CHARS, ERRORS, LINES, Aligned
from geulnun.evaluate.cases import Case
from geulnun.evaluate.pairing import Matched
from geulnun.image.ops import crop_quad
from geulnun.read import open_source

#: At most so many cases of one document, so that one bad scan does not fill the list.
PER_DOCUMENT = 3
#: Greatest width and height of a picture in pixels, of a line and of a whole page.
_LINE_SIZE, _PAGE_SIZE = (1000, 240), (360, 480)
_QUALITY = 72
_GROW = 0.2

#: What became of a run of characters: "equal", "replace", "delete" (of the truth) or "insert" (by the reading), the
#: truth's part and the reading's.
Piece = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class WorstCase:
    """One line.

    Attributes:
        name: its file and, where there are several, its page and line.
        truth: its text, normalised.
        read: what stands in its place; "" where nothing does.
        pieces: both laid against each other, spaces counted.
        errors: of the line, spaces counted.
        length: characters of the truth, spaces counted.
        lost: whether the line was missed or misplaced.
        picture: a small JPEG; None where there is no image.
        other_read: what a second run read there; None without one.
        other_errors: its errors.
    """

    name: str
    truth: str
    read: str
    pieces: tuple[Piece, ...]
    errors: int
    length: int
    lost: bool
    picture: bytes | None = None
    other_read: str | None = None
    other_errors: int | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A line of the truth: index of its page and of the line, and what orders it."""

    page: int
    line: int
    rank: tuple[float, ...]


def worst_cases(
    pages: Sequence[Matched], aligned: Sequence[Aligned], count: int, other: Sequence[Aligned] | None = None
) -> list[WorstCase]:
    """The worst lines that were read, then the longest that were lost: half of each, where there are so many.

    Args:
        pages: the pages of a run.
        aligned: each laid against its truth.
        count: how many cases at most; pictures are made for these only.
        other: the same pages of a second run, whose reading is told beside.
    """
    read = _ranked(pages, aligned, lost=False)
    lost = _ranked(pages, aligned, lost=True)
    kept_lost = min(len(lost), max(count // 2, count - len(read)))
    chosen = read[: count - kept_lost] + lost[:kept_lost]
    return [_case(place, pages, aligned, other) for place in chosen]


def changed_cases(
    pages: Sequence[Matched], aligned: Sequence[Aligned], other: Sequence[Aligned], count: int
) -> tuple[list[WorstCase], list[WorstCase]]:
    """Lines that the second run read better than the first, and those it read worse, by the change in errors."""
    better: list[_Place] = []
    worse: list[_Place] = []
    for at, (laid, than) in enumerate(zip(aligned, other, strict=True)):
        change = laid.lines[:, ERRORS] - than.lines[:, ERRORS]
        for line in np.flatnonzero(change).tolist():
            rank = (-abs(int(change[line])), int(laid.lost[line] or than.lost[line]))
            (better if change[line] > 0 else worse).append(_Place(at, line, rank))
    made = [_spread(sorted(places, key=lambda place: place.rank), pages)[:count] for places in (better, worse)]
    first, second = ([_case(place, pages, aligned, other) for place in places] for places in made)
    return first, second


def _ranked(pages: Sequence[Matched], aligned: Sequence[Aligned], lost: bool) -> list[_Place]:
    places = []
    for at, laid in enumerate(aligned):
        chosen = (laid.lost if lost else ~laid.lost) & (laid.lines[:, ERRORS] > 0) & (laid.lines[:, LINES] > 0)
        for line in np.flatnonzero(chosen).tolist():
            errors, length = int(laid.lines[line, ERRORS]), int(laid.lines[line, CHARS])
            places.append(_Place(at, line, (-errors, -errors / max(length, 1))))
    return _spread(sorted(places, key=lambda place: place.rank), pages)


def _spread(places: Iterable[_Place], pages: Sequence[Matched]) -> list[_Place]:
    """Without those beyond `PER_DOCUMENT` of one document."""
    seen: Counter[str] = Counter()
    out = []
    for place in places:
        group = pages[place.page].case.group
        seen[group] += 1
        if seen[group] <= PER_DOCUMENT:
            out.append(place)
    return out


def _case(
    place: _Place, pages: Sequence[Matched], aligned: Sequence[Aligned], other: Sequence[Aligned] | None
) -> WorstCase:
    page, laid = pages[place.page], aligned[place.page]
    line = page.truth.lines[place.line]
    truth, read = normalise(line.text), line_reading(laid, place.line)
    pieces = tuple(
        (step.tag, truth[step.src_start : step.src_end], read[step.dest_start : step.dest_end])
        for step in Levenshtein.opcodes(truth, read)
    )
    name = page.case.name
    if len(page.case.pages) > 1:
        name += f", page {page.truth.number}"
    if len(page.truth.lines) > 1:
        name += f", line {place.line + 1}"
    counts = laid.lines[place.line]
    picture = line_picture(page.case, page.truth, line)
    errors, length = int(counts[ERRORS]), int(counts[CHARS])
    case = WorstCase(name, truth, read, pieces, errors, length, bool(laid.lost[place.line]), picture)
    if other is None:
        return case
    than = other[place.page]
    errors = int(than.lines[place.line, ERRORS])
    return replace(case, other_read=line_reading(than, place.line), other_errors=errors)


def line_reading(laid: Aligned, line: int) -> str:
    """What was read in the place of a line, with its spaces: from the first to the last character that is of it."""
    own = [other for other in laid.partner[laid.line_of == line].tolist() if other >= 0]
    own += [
        index for before, index in laid.added if index not in laid.stray and laid.line_of[max(0, before - 1)] == line
    ]
    if not own:
        return ""
    solid = np.flatnonzero([char != " " for char in laid.read_text])
    return laid.read_text[int(solid[min(own)]) : int(solid[max(own)]) + 1]


def line_picture(case: Case, page: Page, line: Line) -> bytes | None:
    """A small JPEG of a line, or of the whole page where its place is not known; None without a readable image."""
    if case.image is None:
        return None
    try:
        with open_source(case.image()) as rasters:
            at = next((index for index, one in enumerate(case.pages) if one.number == page.number), 0)
            if at >= len(rasters):
                return None
            rgb = next(raster for index, raster in enumerate(rasters) if index == at).rgb
    except GeulnunError:
        # The figures do not need it; a report with one picture less is better than none.
        return None
    if line.quad is None or case.level == "line":
        alone = case.level == "line" or len(page.lines) == 1
        return _jpeg(rgb, _LINE_SIZE if alone else _PAGE_SIZE)
    quad = geometry.as_quads(line.quad)
    if page.width and page.height:
        quad = quad * (rgb.shape[1] / page.width, rgb.shape[0] / page.height)
    margin = _GROW * min(float(size[0]) for size in geometry.sizes(quad))
    return _jpeg(crop_quad(rgb, geometry.grow(quad, margin, margin)[0]), _LINE_SIZE)


def _jpeg(rgb: NDArray[np.uint8], size: tuple[int, int]) -> bytes:
    height, width = rgb.shape[:2]
    scale = min(1.0, size[0] / width, size[1] / height)
    if scale < 1:
        shape = max(1, round(width * scale)), max(1, round(height * scale))
        rgb = np.asarray(cv2.resize(rgb, shape, interpolation=cv2.INTER_AREA), np.uint8)
    _, content = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return content.tobytes()
