"""Where the errors of a page stand: every edit of its text, given to the line and the character of the truth.

Two alignments, both Levenshtein's with unit costs over the normalised texts in reading order. The one with spaces
gives CER its place, the one without spaces all else: which character was taken for which, and where spaces went
wrong. A wrong reading order is an error here, as in `geulnun.metrics.page_cer`; the sums over a page's lines are the
page's figures there, so that slices add up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import LCSseq, Levenshtein

from geulnun.charset import normalise
from geulnun.document import Page
from geulnun.metrics.alignment import align_plain

Ints = NDArray[np.int64]

#: Columns of `Aligned.lines`: truth, then what went wrong or right.
CHARS, ERRORS, SOLID, SOLID_ERRORS, EOJEOLS, EOJEOL_HITS, LINES, EXACT, GAPS, FOUND_GAPS, GAP_HITS = range(11)
COLUMNS = 11
#: A line of a page with more errors than this share of its characters was not read but missed or misplaced: what it
#: seems to confuse says nothing of letters.
LOST = 0.5
#: What is added between two lines of a page is of neither, if it is longer than so many characters and than `LOST` of
#: the line before: a paragraph read at the wrong place, or text that nobody wanted.
STRAY = 2


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """A reading laid against its truth, character by character, spaces apart.

    Attributes:
        text: the truth, normalised, lines joined by spaces.
        read_text: the reading, likewise.
        wanted: characters of the truth without spaces, normalised.
        found: those of the reading.
        line_of: (len(wanted),) which of the page's lines a character is of.
        partner: (len(wanted),) index in ``found`` of what stands in its place; -1 where it was left out.
        added: pairs (before, index): ``found[index]`` stands before ``wanted[before]`` and has no counterpart.
        stray: indices in ``found`` of what was added between lines and is of none of them, see `STRAY`.
        lines: (lines of the truth, `COLUMNS`) counts, see the constants of this module.
        lost: (lines of the truth,) whether a line was missed or misplaced, see `LOST`.
        confidence: (len(found),) 0..1; None where the reading states none.
        missing_spaces: for each space that was not read, the truth's characters around it.
        added_spaces: for each space that does not stand there, the truth's characters around it.
        words: (eojeols of the reading, 2) number of its characters, and whether it was read rightly.
        totals: (`COLUMNS`,) of the page: the sum of ``lines``, and what is of no line.
    """

    text: str
    read_text: str
    wanted: str
    found: str
    line_of: Ints
    partner: Ints
    added: tuple[tuple[int, int], ...]
    stray: frozenset[int]
    lines: Ints
    lost: NDArray[np.bool_]
    confidence: NDArray[np.float64] | None
    missing_spaces: tuple[str, ...]
    added_spaces: tuple[str, ...]
    words: Ints
    totals: Ints

    def right(self) -> NDArray[np.bool_]:
        """Which characters of the reading (len(found),) are the truth's."""
        out = np.zeros(len(self.found), bool)
        for index, other in enumerate(self.partner.tolist()):
            if other >= 0 and self.wanted[index] == self.found[other]:
                out[other] = True
        return out

    def faults(self) -> Iterator[tuple[int, str, str]]:
        """Every fault of a line: index in ``wanted`` near which it stands, the truth's character, the reading's.

        "" stands for no character on that side.
        """
        for index, other in enumerate(self.partner.tolist()):
            if other < 0:
                yield index, self.wanted[index], ""
            elif self.wanted[index] != self.found[other]:
                yield index, self.wanted[index], self.found[other]
        for before, index in self.added:
            if index not in self.stray:
                yield max(0, before - 1), "", self.found[index]


def align(truth: Page, read: Page) -> Aligned:
    """Lay the reading of a page against its truth."""
    texts = [normalise(line.text) for line in truth.lines]
    text, read_text = " ".join(filter(None, texts)), _plain(read)
    solid = [text.replace(" ", "") for text in texts]
    wanted, found = "".join(solid), read_text.replace(" ", "")
    line_of = np.repeat(np.arange(len(texts)), [len(text) for text in solid])
    partner, added = _partners(wanted, found)
    lines = np.zeros((len(texts), COLUMNS), np.int64)
    lines[:, LINES] = [bool(text) for text in texts]
    lines[:, SOLID] = [len(text) for text in solid]
    outside = np.zeros(COLUMNS, np.int64)
    stray = _stray(line_of, added)
    if wanted:
        _count_solid(lines, wanted, found, line_of, partner, [before for before, index in added if index not in stray])
        outside[ERRORS] = _count_all(lines, texts, read_text)
        outside[SOLID_ERRORS] = len(stray)
    words = _count_eojeols(lines, texts, read_text)
    missing, extra = _count_gaps(lines, texts, read_text, (wanted, line_of, partner)) if wanted else ((), ())
    lines[:, EXACT] = (lines[:, ERRORS] == 0) & (lines[:, LINES] > 0)
    if int(lines[:, LINES].sum()) > 1:
        lost = lines[:, SOLID_ERRORS] > LOST * lines[:, SOLID]
    else:
        # The image of a line has one place only: whatever was read there is a reading of it.
        lost = np.full(len(texts), not found)
    if not wanted:
        outside[ERRORS], outside[SOLID_ERRORS], outside[FOUND_GAPS] = len(read_text), len(found), read_text.count(" ")
    totals = lines.sum(0) + outside
    sure, gaps = _confidences(read, found), (missing, extra)
    return Aligned(
        text, read_text, wanted, found, line_of, partner, added, stray, lines, lost, sure, *gaps, words, totals
    )


def _plain(page: Page) -> str:
    return " ".join(filter(None, (normalise(line.text) for line in page.lines)))


def _partners(wanted: str, found: str) -> tuple[Ints, tuple[tuple[int, int], ...]]:
    partner: list[int] = []
    added: list[tuple[int, int]] = []
    at = 0
    for char, other in align_plain(wanted, found):
        if not char:
            added.append((len(partner), at))
        else:
            partner.append(at if other else -1)
        at += bool(other)
    return np.array(partner, np.int64), tuple(added)


def _stray(line_of: Ints, added: tuple[tuple[int, int], ...]) -> frozenset[int]:
    out: set[int] = set()
    if not len(line_of):
        return frozenset(index for _, index in added)
    if line_of[0] == line_of[-1]:
        return frozenset()
    for before, run in groupby(added, lambda one: one[0]):
        indices = [index for _, index in run]
        inside = 0 < before < len(line_of) and line_of[before - 1] == line_of[before]
        length = int((line_of == line_of[max(0, before - 1)]).sum())
        if not inside and _is_stray(len(indices), length):
            out.update(indices)
    return frozenset(out)


def _is_stray(added: int, line: int) -> bool:
    return added > max(STRAY, LOST * line)


def _count_solid(lines: Ints, wanted: str, found: str, line_of: Ints, partner: Ints, added: Sequence[int]) -> None:
    a, b = _codes(wanted), _codes(found)
    wrong = partner < 0
    wrong[~wrong] = a[~wrong] != b[partner[~wrong]]
    lines[:, SOLID_ERRORS] += np.bincount(line_of[wrong], minlength=len(lines))
    for before in added:
        lines[line_of[max(0, before - 1)], SOLID_ERRORS] += 1


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _count_all(lines: Ints, texts: list[str], read_text: str) -> int:
    """CER with spaces; the space between two lines counts to the first of them. Returns the errors of no line."""
    full = [index for index, text in enumerate(texts) if text]
    lengths = [len(texts[index]) + 1 for index in full]
    lengths[-1] -= 1
    lines[full, CHARS] = lengths
    line_of = np.repeat(full, lengths)
    # What is added before or behind the space between two lines stands between them.
    ends = np.cumsum(lengths)
    between = {int(end) - back: int(index) for end, index in zip(ends[:-1], full, strict=False) for back in (0, 1)}
    if len(full) > 1:
        between |= {0: full[0], int(ends[-1]): full[-1]}
    added: Counter[int] = Counter()
    for step in Levenshtein.editops(" ".join(filter(None, texts)), read_text):
        if step.tag == "insert" and step.src_pos in between:
            added[between[step.src_pos]] += 1
        else:
            # What is added within a line stands behind the character before it.
            place = step.src_pos - 1 if step.tag == "insert" else step.src_pos
            lines[line_of[max(0, place)], ERRORS] += 1
    stray = 0
    for index, count in added.items():
        # A space comes with what is added.
        if _is_stray(count - 1, len(texts[index])):
            stray += count
        else:
            lines[index, ERRORS] += count
    return stray


def _count_eojeols(lines: Ints, texts: list[str], read_text: str) -> Ints:
    wanted = [(word, index) for index, text in enumerate(texts) for word in text.split()]
    found = read_text.split()
    words = np.array([(len(word), 0) for word in found], np.int64).reshape(-1, 2)
    for _, index in wanted:
        lines[index, EOJEOLS] += 1
    for step in LCSseq.opcodes([word for word, _ in wanted], found):
        if step.tag == "equal":
            words[step.dest_start : step.dest_end, 1] = 1
            for _, index in wanted[step.src_start : step.src_end]:
                lines[index, EOJEOL_HITS] += 1
    return words


def _count_gaps(
    lines: Ints, texts: list[str], read_text: str, laid: tuple[str, Ints, Ints]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Spaces, each at the number of characters before it; those that agree stand at one place of the alignment."""
    wanted, line_of, partner = laid
    gaps, found_gaps = _gaps(" ".join(filter(None, texts))), _gaps(read_text)
    # The reading's gaps by their place in the truth; several where something was added.
    at = _places(partner, found_gaps)
    open_wanted, hits = set(gaps), set()
    for gap, (low, high) in zip(found_gaps, at, strict=True):
        place = next((i for i in range(low, high + 1) if i in open_wanted), None)
        if place is not None:
            open_wanted.remove(place)
            hits.add(gap)
    for i in gaps:
        index = _line_before(line_of, i)
        lines[index, GAPS] += 1
        lines[index, GAP_HITS] += i not in open_wanted
    extra = []
    for gap, (low, _) in zip(found_gaps, at, strict=True):
        lines[_line_before(line_of, low), FOUND_GAPS] += 1
        if gap not in hits:
            extra.append(wanted[max(0, low - 1) : low + 1])
    return tuple(wanted[max(0, i - 1) : i + 1] for i in gaps if i in open_wanted), tuple(extra)


def _line_before(line_of: Ints, place: int) -> int:
    return int(line_of[max(0, place - 1)])


def _gaps(text: str) -> list[int]:
    """For each space, the number of other characters before it."""
    return [place - count for count, place in enumerate(i for i, char in enumerate(text) if char == " ")]


def _places(partner: Ints, gaps: list[int]) -> list[tuple[int, int]]:
    """For each gap of the reading, the least and the greatest number of true characters that the path has there."""
    known = np.flatnonzero(partner >= 0)
    ends = partner[known]
    out = []
    for gap in gaps:
        # Characters of the reading before the gap have partners up to here, those behind it from here on.
        here = int(np.searchsorted(ends, gap))
        low = int(known[here - 1]) + 1 if here else 0
        high = int(known[here]) if here < len(known) else len(partner)
        out.append((low, high))
    return out


@lru_cache(maxsize=8192)
def _solid_char(text: str) -> str:
    return normalise(text).replace(" ", "")


def _confidences(read: Page, found: str) -> NDArray[np.float64] | None:
    """The confidence of each character, or of its line where only that is stated; None where all are 1, the default."""
    texts: list[str] = []
    values: list[float] = []
    for line in read.lines:
        chars = [char for word in line.words for char in word.chars]
        stated = any(char.confidence != 1.0 for char in chars)
        for char in chars:
            text = _solid_char(char.text)
            texts.append(text)
            values += [char.confidence if stated else line.confidence] * len(text)
    if all(value == 1.0 for value in values) or "".join(texts) != found:
        return None
    return np.asarray(values, np.float64)
