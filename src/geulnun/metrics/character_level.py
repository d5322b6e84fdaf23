"""CLEval: detection and end-to-end scores counted in characters, which do not mind how words are cut.

Source: Baek et al., "CLEval: Character-Level Evaluation for Text Detection and Recognition Tasks", 2020, sections 3 and
4. Each true shape gets a pseudo-character centre for each character of its text. A found shape owns the centres that
lie in it; shapes are matched one to one, one to many (a split) and many to one (a merge) by the centres they own and
by area precision, the share of the found shape's area that the true one covers. A split or merge into k costs k - 1
characters. End to end, the texts of what was matched are compared by their longest common subsequence.

Where the paper leaves a choice, this does what the reference package does (`cleval` 0.1.1), so that figures agree; the
guide lists what is surprising in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geulnun.metrics import polygons as poly
from geulnun.metrics.centres import Outline, outlines
from geulnun.metrics.polygons import Bools, Shapes

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CLEvalOptions:
    """How CLEval is scored; the defaults are the reference's.

    Attributes:
        area_precision: Least share of a found shape's area within a true one, in 0..1, for the two to match.
        split_penalty: Characters that each found shape beyond the first of a true one costs recall.
        merge_penalty: Characters that each true shape beyond the first of a found one costs precision.
        vertical: A quad whose width is less than so many times its height is a column of characters.
        columns: Where a column begins. The reference counts from below ("up"), which matters only to the order of the
            parts into which a column was split; "down" is how columns are read.
        case_sensitive: False compares capitals as small letters are.
        ignore: The text that marks a true shape as one nobody has to find; None for none.
        kind: What the shapes are: "quad" (boxes too) or "polygon", which the reference treats differently; "auto" takes
            a page for quads where every shape on it has four points.
        whole_pixels: Cut the coordinates of quads to whole pixels before areas and insides are measured, as the
            reference does when it is given fractions. Its files hold whole numbers only, so there it changes nothing.
    """

    area_precision: float = 0.3
    split_penalty: float = 1.0
    merge_penalty: float = 1.0
    vertical: float = 0.5
    columns: Literal["up", "down"] = "up"
    case_sensitive: bool = True
    ignore: str | None = "###"
    kind: Literal["auto", "quad", "polygon"] = "auto"
    whole_pixels: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.area_precision <= 1:
            raise ValueError(f"an area precision of {self.area_precision}; expected more than 0 and at most 1")
        if min(self.split_penalty, self.merge_penalty) < 0:
            raise ValueError("a penalty below 0; expected 0 or more characters")
        if self.columns not in ("up", "down"):
            raise ValueError(f"columns that go {self.columns!r}; expected up or down")
        if self.kind not in ("auto", "quad", "polygon"):
            raise ValueError(f"shapes of kind {self.kind!r}; expected auto, quad or polygon")


@dataclass(frozen=True, slots=True)
class CharacterScore:
    """Characters hit, found and wanted, and what cuts cost; add two to pool them.

    Attributes:
        hits: Characters of the truth that were hit, each once.
        found: Characters of the reading.
        wanted: Characters of the truth.
        split_penalty: Characters taken from recall for splits.
        merge_penalty: Characters taken from precision for merges.

    All ratios lie in 0..1. A ratio to nothing is 0.0, as in the reference, even where the other side is empty too.
    """

    hits: int = 0
    found: int = 0
    wanted: int = 0
    split_penalty: float = 0.0
    merge_penalty: float = 0.0

    @property
    def recall(self) -> float:
        """(hits - split_penalty) / wanted, never below 0."""
        return max(0.0, self.hits - self.split_penalty) / self.wanted if self.wanted else 0.0

    @property
    def precision(self) -> float:
        """(hits - merge_penalty) / found, never below 0."""
        return max(0.0, self.hits - self.merge_penalty) / self.found if self.found else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision: the paper's H."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0

    def __add__(self, other: CharacterScore) -> CharacterScore:
        return CharacterScore(
            self.hits + other.hits,
            self.found + other.found,
            self.wanted + other.wanted,
            self.split_penalty + other.split_penalty,
            self.merge_penalty + other.merge_penalty,
        )


@dataclass(frozen=True, slots=True)
class CLEval:
    """The scores of a page or of several; add two to pool them.

    Attributes:
        detection: Pseudo-character centres owned by matched shapes.
        end_to_end: Characters read rightly in matched shapes.
        splits: True shapes matched by more than one found one.
        merges: Found shapes matched by more than one true one.
        overlapped: Centres owned more than once, beyond the first time.
        false_characters: Characters counted for found shapes that match nothing; part of ``detection.found``.
        matched_characters: Characters of the texts of matched found shapes.
    """

    detection: CharacterScore = CharacterScore()
    end_to_end: CharacterScore = CharacterScore()
    splits: int = 0
    merges: int = 0
    overlapped: int = 0
    false_characters: int = 0
    matched_characters: int = 0

    @property
    def recognition(self) -> float:
        """Share of the matched shapes' characters read rightly (the paper's RS), 0.0 where nothing matched."""
        return self.end_to_end.hits / self.matched_characters if self.matched_characters else 0.0

    def __add__(self, other: CLEval) -> CLEval:
        return CLEval(
            self.detection + other.detection,
            self.end_to_end + other.end_to_end,
            self.splits + other.splits,
            self.merges + other.merges,
            self.overlapped + other.overlapped,
            self.false_characters + other.false_characters,
            self.matched_characters + other.matched_characters,
        )


class _Side(NamedTuple):
    """One side of the comparison: shapes, texts, and which of them count."""

    outline: Outline
    texts: list[str]
    counts: Bools

    @property
    def visited(self) -> list[int]:
        """Indices of what counts, in the order of a set of them, in which the reference goes through them.

        It matters only where a found shape is matched by several true ones and several LCS are equally long.
        """
        return list(set(range(len(self.texts))) - set(np.nonzero(~self.counts)[0].tolist()))


class _Owned(NamedTuple):
    """Which centres lie in which found shapes: (p, m) for p centres, and the true shape (p,) of each centre."""

    inside: Bools
    shape: Ints

    def per_shape(self, count: int) -> Ints:
        """Centres of each of ``count`` true shapes in each found one, (n, m)."""
        out = np.zeros((count, self.inside.shape[1]), np.int64)
        centre, found = np.nonzero(self.inside)
        np.add.at(out, (self.shape[centre], found), 1)
        return out


def cleval(
    wanted: Shapes,
    wanted_texts: Sequence[str],
    found: Shapes,
    found_texts: Sequence[str],
    options: CLEvalOptions | None = None,
    ignored: Sequence[bool] | None = None,
) -> CLEval:
    """Score what was found on one page.

    Texts are compared as they are, code point by code point, spaces included.

    Args:
        wanted: n true shapes: boxes (n, 4), quads (n, 4, 2) or polygons, clockwise from the start of the text.
        wanted_texts: Their texts.
        found: m found shapes.
        found_texts: Their texts; empty strings where only detection is of interest.
        options: How to score; the reference's way without it.
        ignored: For each true shape whether nobody has to find it, in place of the ``ignore`` text.

    Raises:
        ValueError: texts or ``ignored`` are not as many as their shapes, or a shape is none (see `as_polygons`).
    """
    chosen = options or CLEvalOptions()
    kind = _kind(chosen, wanted, found)
    true = _side(outlines(wanted, kind, chosen.whole_pixels), wanted_texts, chosen)
    read = _side(outlines(found, kind, chosen.whole_pixels), found_texts, chosen)
    if ignored is not None:
        if len(ignored) != len(wanted_texts):
            raise ValueError(f"{len(ignored)} marks for {len(wanted_texts)} true shapes; expected one each")
        true = true._replace(counts=~np.asarray(ignored, dtype=bool))
    centres, shape = true.outline.centres([len(text) for text in true.texts], chosen.vertical, chosen.columns)
    owned = _Owned(read.outline.contains(centres), shape)
    covered = _area_precision(true, read)
    read = read._replace(counts=_to_count(owned.per_shape(len(true.texts)), covered, true.counts, chosen))
    matched = _match(owned.per_shape(len(true.texts)), covered, true.counts, read.counts, chosen)
    return _score(true, read, owned._replace(inside=owned.inside & matched[shape]), matched, chosen)


def _kind(options: CLEvalOptions, wanted: Shapes, found: Shapes) -> Literal["quad", "polygon"]:
    if options.kind != "auto":
        return options.kind
    return "quad" if poly.all_quads(wanted) and poly.all_quads(found) else "polygon"


def _side(outline: Outline, texts: Sequence[str], options: CLEvalOptions) -> _Side:
    if len(outline.points) != len(texts):
        raise ValueError(f"{len(texts)} texts for {len(outline.points)} shapes; expected one each")
    marked = np.array([options.ignore is not None and text == options.ignore for text in texts], dtype=bool)
    out = [text if options.case_sensitive else text.upper() for text in texts]
    if marked.any():
        lengths = outline.ignored_lengths()
        for index in np.nonzero(marked)[0].tolist():
            out[index] = "#" * lengths[index]
    return _Side(outline, out, ~marked)


def _area_precision(true: _Side, read: _Side) -> NDArray[np.float32]:
    """Share (n, m) of each found shape's area within each true one.

    Ignored true shapes first lose what others cover of them. Single precision, as the reference compares it.
    """
    a, b = true.outline, read.outline
    rows, columns = poly.near(a.solid, b.solid)
    shared = np.zeros((len(a.solid), len(b.solid)))
    plain = true.counts[rows] | ~_overlaid(true)[rows]
    at = rows[plain], columns[plain]
    shared[at] = poly.slab_areas([a.solid[at[0]], b.solid[at[1]]], lambda inside: inside[0] & inside[1], a.fill)
    for row, column in zip(rows[~plain].tolist(), columns[~plain].tolist(), strict=True):
        over = [a.solid[one : one + 1] for one in _over(true, row)]
        group = [a.solid[row : row + 1], b.solid[column : column + 1], *over]
        shared[row, column] = poly.slab_areas(group, _rest, a.fill)[0]
    whole = b.areas()
    return np.where(whole > 0, shared / np.where(whole > 0, whole, 1.0), 0.0).astype(np.float32)


def _rest(inside: list[Bools]) -> Bools:
    """What lies in the first two and in none of the others."""
    out = inside[0] & inside[1]
    for other in inside[2:]:
        out &= ~other
    return out


def _overlaid(true: _Side) -> Bools:
    """Ignored true shapes (n,) near which others lie."""
    out = np.zeros(len(true.texts), dtype=bool)
    if not true.counts.all():
        out[[row for row in np.nonzero(~true.counts)[0].tolist() if _over(true, row)]] = True
    return out


def _over(true: _Side, row: int) -> list[int]:
    solid = true.outline.solid
    _, columns = poly.near(solid[row : row + 1], solid)
    return [column for column in columns.tolist() if true.counts[column]]


def _to_count(centres: Ints, covered: NDArray[np.float32], counts: Bools, options: CLEvalOptions) -> Bools:
    """Which found shapes (m,) count: those that do not lie in ignored true ones."""
    least = np.float32(options.area_precision)
    share, owning = covered[~counts], centres[~counts] > 0
    if not len(share):
        return np.ones(covered.shape[1], dtype=bool)
    together = np.where(owning, share, np.float32(0)).sum(0, dtype=np.float32)
    return np.asarray(~((share >= least).any(0) | (together >= least)))


def _match(
    centres: Ints, covered: NDArray[np.float32], true_counts: Bools, read_counts: Bools, options: CLEvalOptions
) -> Bools:
    """Which true and found shapes match, (n, m)."""
    valid = true_counts[:, None] & read_counts
    owning = centres > 0
    good = owning & (covered >= np.float32(options.area_precision))
    matched = valid & good & (good.sum(1) == 1)[:, None] & (good.sum(0) == 1)
    split = valid & good
    matched |= split & (split.sum(1) >= 2)[:, None]
    merged = valid & owning
    enough = np.where(merged, covered, 0).sum(0, dtype=np.float64) >= options.area_precision
    return np.asarray(matched | (merged & ((merged.sum(0) >= 2) & enough)))


def _score(true: _Side, read: _Side, owned: _Owned, matched: Bools, options: CLEvalOptions) -> CLEval:
    splits, merges = np.maximum(matched.sum(1) - 1, 0), np.maximum(matched.sum(0) - 1, 0)
    penalties = float(splits.sum() * options.split_penalty), float(merges.sum() * options.merge_penalty)
    times, once = int(owned.inside.sum()), int(owned.inside.any(1).sum())
    alone = read.counts & ~matched.any(0)
    false = sum(read.outline.false_lengths()[index] for index in np.nonzero(alone)[0].tolist())
    wanted = sum(len(true.texts[index]) for index in np.nonzero(true.counts)[0].tolist())
    found = sum(len(read.texts[index]) for index in np.nonzero(read.counts)[0].tolist())
    left = _unread(true, read, owned, matched)
    right = sum(len(text) - len(rest) for text, rest in zip(read.texts, left, strict=True))
    return CLEval(
        CharacterScore(once, times + false, wanted, *penalties),
        CharacterScore(right, found, wanted, *penalties),
        int((splits > 0).sum()),
        int((merges > 0).sum()),
        times - once,
        false,
        sum(len(read.texts[index]) for index in np.nonzero(matched.any(0))[0].tolist()),
    )


def _unread(true: _Side, read: _Side, owned: _Owned, matched: Bools) -> list[str]:
    """What is left of each found text once the true texts have taken what they share with it."""
    left = list(read.texts)
    partners: list[list[int]] = [[] for _ in true.texts]
    for row, column in zip(*(part.tolist() for part in np.nonzero(matched)), strict=True):
        partners[row].append(column)
    for row in true.visited:
        columns = partners[row]
        if len(columns) == 1:
            column = columns[0]
            if left[column] == true.texts[row]:
                left[column] = ""
                continue
        elif columns:
            columns = _in_order(owned.inside[owned.shape == row], columns)
        for char in lcs(true.texts[row], "".join(left[column] for column in columns)):
            column = next(column for column in columns if char in left[column])
            left[column] = left[column].replace(char, "", 1)
    return left


def _in_order(inside: Bools, columns: list[int]) -> list[int]:
    """Found shapes in the order in which they own the centres (p, m) of a true one, one a centre.

    With more shapes than centres only one of those that came too late is kept, as in the reference.
    """
    open_, out = list(columns), []
    for row in inside:
        if len(open_) == 1:
            break
        owner = next((column for column in open_ if row[column]), None)
        if owner is not None:
            open_.remove(owner)
            out.append(owner)
    return [*out, open_[0]]


def lcs(first: str, second: str) -> str:
    """A longest common subsequence; of several, the one that follows the first string in ties.

    Lengths of all prefixes are kept as the bits of one integer a row (Hyyrö 2004), a 0 where the length grows.
    """
    rows = [full := (1 << len(second)) - 1]
    places: dict[str, int] = {}
    for index, char in enumerate(second):
        places[char] = places.get(char, 0) | 1 << index
    for char in first:
        row = rows[-1]
        hit = row & places.get(char, 0)
        rows.append(((row + hit) | (row - hit)) & full)
    i, j, out = len(first), len(second), ""
    while i and j:
        if first[i - 1] == second[j - 1]:
            i, j, out = i - 1, j - 1, first[i - 1] + out
            continue
        # Common length of first[:i - 1], second[:j] against that of first[:i], second[:j - 1].
        up = j - (rows[i - 1] & ((1 << j) - 1)).bit_count()
        left = j - 1 - (rows[i] & ((1 << (j - 1)) - 1)).bit_count()
        i, j = (i - 1, j) if up > left else (i, j - 1)
    return out
