"""What of a sheet's writing can be read, and its document tree.

Characters that are cut off by the edge, covered by something opaque, or overprinted by other characters are no truth:
a person could not read them. What is left of their lines stays, in pieces where the middle went.

Order of points, for all that is written here. A line's or word's quad runs along the text: its first point is where
the text starts, first to second point is the reading direction, and second to third crosses the line. That holds for
vertical text too: its quad starts at the top right corner and first runs down, as does a level line that is turned
clockwise by 90 degrees; `Line.vertical` tells the two apart, for in vertical text the characters stand upright. So a
character's own quad starts at the top left corner of its glyph: in level text that is the line's order, in vertical
text it is not, save for signs that lie on their side there, such as brackets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geulnun.document import Block, BlockKind, Char, Line, Page, Quad, Word
from geulnun.geometry import Floats

#: Share of a character's box that may lie off the sheet, under a cover, or under another character.
OFF, COVERED, OVERPRINTED = 0.12, 0.2, 0.35
#: Pixels of the least ink height that a person reads.
LEAST = 4.0


@dataclass(slots=True)
class Run:
    """One written line: its words, the quad of each of their characters, and the line's own quad.

    Attributes:
        words: the text, cut at its spaces.
        chars: quads (n, 4, 2) of all characters in order.
        quad: quad (4, 2) of the line.
        block: number of the block it belongs to.
        vertical: True for upright characters one below the other.
        free: True where characters do not stand in one straight row: written by hand, or on a curled page.
    """

    words: tuple[str, ...]
    chars: Floats
    quad: Floats
    block: int
    vertical: bool = False
    free: bool = False


def boxes_of(quads: Floats) -> Floats:
    """Bounding boxes (n, 4) of quads (n, 4, 2), as x0, y0, x1, y1."""
    return np.concatenate([quads.min(1), quads.max(1)], 1)


def shares(boxes: Floats, others: Floats) -> Floats:
    """The share (n, m) of each of ``boxes`` (n, 4) that lies in each of ``others`` (m, 4)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    area = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-9)
    return np.asarray(np.clip(high - low, 0, None).prod(2) / area[:, None])


def uncovered(runs: Sequence[Run], box: tuple[float, float, float, float]) -> list[Run]:
    """What can be read of the runs once something opaque fills ``box`` (x0, y0, x1, y1)."""
    out: list[Run] = []
    cover = np.array([box], np.float64)
    for run in runs:
        if _apart(run.quad, box):
            out.append(run)
        else:
            out += pieces(run, shares(boxes_of(run.chars), cover)[:, 0] <= COVERED)
    return out


def legible(runs: Sequence[Run], width: int, height: int) -> list[Run]:
    """What can be read of the runs on a sheet of this size: neither cut off nor overprinted."""
    if not runs:
        return []
    sheet = np.array([[0, 0, width, height]], np.float64)
    keep = []
    for run in runs:
        boxes = boxes_of(run.chars)
        within = shares(boxes, sheet)[:, 0] >= 1 - OFF
        keep.append(within & ((boxes[:, 2:] - boxes[:, :2]).max(1) >= LEAST))
    bounds = np.stack([np.r_[run.quad.min(0), run.quad.max(0)] for run in runs])
    meets = (shares(bounds, bounds) > 0) | (shares(bounds, bounds) > 0).T
    for one, other in np.argwhere(np.triu(meets, 1)):
        clash = _clashes(runs[one].chars, runs[other].chars)
        if clash is not None:
            keep[one] &= ~clash.any(1)
            keep[other] &= ~clash.any(0)
    return [piece for run, kept in zip(runs, keep, strict=True) for piece in pieces(run, kept)]


def _clashes(first: Floats, second: Floats) -> NDArray[np.bool_] | None:
    """Which characters (n, m) of two lines stand on one another; None where the lines are far apart."""
    a, b = boxes_of(first), boxes_of(second)
    # Turned lines have boxes much larger than themselves: the overlap of tilted quads is counted on their own axes.
    along = first[-1].mean(0) - first[0].mean(0) if len(first) > 1 else first[0, 1] - first[0, 0]
    length = float(np.hypot(*along))
    if length > 0 and min(abs(along)) > 0.01 * length:
        cosine, sine = along / length
        turn = np.array([[cosine, -sine], [sine, cosine]])
        a, b = boxes_of(first @ turn), boxes_of(second @ turn)
    common = np.maximum(shares(a, b), shares(b, a).T)
    return common > OVERPRINTED if (common > OVERPRINTED).any() else None


def _apart(quad: Floats, box: tuple[float, float, float, float]) -> bool:
    low, high = quad.min(0), quad.max(0)
    return bool(low[0] >= box[2] or high[0] <= box[0] or low[1] >= box[3] or high[1] <= box[1])


def pieces(run: Run, keep: NDArray[np.bool_]) -> Iterator[Run]:
    """The run without the characters that are not kept; two or more where one was lost between others."""
    if keep.all():
        yield run
        return
    word_of = np.repeat(np.arange(len(run.words)), [len(word) for word in run.words])
    text = "".join(run.words)
    edges = np.flatnonzero(np.diff(np.r_[False, keep, False].astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        cuts = [start, *(np.flatnonzero(np.diff(word_of[start:end])) + start + 1), end]
        words = tuple(text[a:b] for a, b in pairwise(cuts))
        chars = run.chars[start:end]
        yield Run(words, chars, span(chars, run.vertical), run.block, run.vertical, run.free)


def span(chars: Floats, vertical: bool = False) -> Floats:
    """The rectangle (4, 2) around characters (n, 4, 2) along their direction, by the order of points told above."""
    quads = np.roll(chars, -1, axis=1) if vertical else chars
    start, end = (quads[0, 0] + quads[0, 3]) / 2, (quads[-1, 1] + quads[-1, 2]) / 2
    along = end - start
    length = float(np.hypot(*along))
    along = along / length if length > 0 else np.array([1.0, 0.0])
    across = np.array([-along[1], along[0]])
    points = quads.reshape(-1, 2) - start
    u, v = points @ along, points @ across
    corners = np.array([[u.min(), v.min()], [u.max(), v.min()], [u.max(), v.max()], [u.min(), v.max()]])
    return np.asarray(start + corners @ np.stack([along, across]))


def page_of(
    runs: Sequence[Run], kinds: Mapping[int, BlockKind], width: int, height: int, rotation: int, dpi: float | None
) -> Page:
    """The document tree of runs: a block for each number, in the order of their first lines."""
    blocks: dict[int, list[Run]] = {}
    for run in runs:
        blocks.setdefault(run.block, []).append(run)
    tree = tuple(
        Block(tuple(_line(run) for run in held), _around(held), kinds.get(number, "text"))
        for number, held in blocks.items()
    )
    return Page(width=width, height=height, blocks=tree, rotation=rotation, dpi=dpi)


def _around(runs: Sequence[Run]) -> Quad:
    """A block's quad: upright around its lines."""
    points = np.concatenate([run.quad for run in runs])
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def _line(run: Run) -> Line:
    quads: list[Quad] = [_quad(quad) for quad in run.chars.tolist()]
    words, start = [], 0
    for word in run.words:
        end = start + len(word)
        chars = tuple(Char(char, quad) for char, quad in zip(word, quads[start:end], strict=True))
        if run.free:
            whole = _quad(span(run.chars[start:end], run.vertical).tolist())
        elif run.vertical:
            # Where the line's quad starts is not where its characters' quads do.
            first, last = (np.roll(run.chars[at], -1, 0).tolist() for at in (start, end - 1))
            whole = _quad([first[0], last[1], last[2], first[3]])
        else:
            whole = quads[start][0], quads[end - 1][1], quads[end - 1][2], quads[start][3]
        words.append(Word(chars, whole))
        start = end
    return Line(tuple(words), _quad(run.quad.tolist()), vertical=run.vertical)


def _quad(points: list[list[float]]) -> Quad:
    (a, b), (c, d), (e, f), (g, h) = points
    return (a, b), (c, d), (e, f), (g, h)
