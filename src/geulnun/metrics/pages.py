"""The scores of the other files for pages: two `Page`s, or two sequences of as many, whose counts are pooled.

Texts are the pages' lines in their own order, joined by one space. What is compared by place are the lines, the words
or the characters (``level``); those without a quad take no part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, Protocol, Self, TypeVar, get_args

import numpy as np

from geulnun.charset import normalise
from geulnun.document import Char, Line, Page, Word
from geulnun.errors import InputError
from geulnun.geometry import Floats, as_quads
from geulnun.metrics import alignment, confidence, jamo, quads, ranking, text
from geulnun.metrics import character_level as cle
from geulnun.metrics.alignment import NOTHING, Confusions
from geulnun.metrics.confidence import Outcomes
from geulnun.metrics.counts import Accuracy, ErrorRate, Matches, Mean
from geulnun.metrics.detected import Detected, detected
from geulnun.metrics.jamo import JamoErrors

Pages = Page | Iterable[Page]
Level = Literal["line", "word", "char"]


class _Counts(Protocol):
    def __add__(self, other: Any, /) -> Self: ...


C = TypeVar("C", bound=_Counts)


def _pooled(nothing: C, truth: Pages, read: Pages, score: Callable[[Page, Page], C]) -> C:
    """The sum of a score over pairs of pages.

    Raises:
        InputError: there are more pages on one side.
    """
    if isinstance(truth, Page) and isinstance(read, Page):
        return score(truth, read)
    wanted, found = _several(truth), _several(read)
    if len(wanted) != len(found):
        raise InputError(f"{len(wanted)} true pages and {len(found)} read ones; expected as many, pair them first")
    total = nothing
    for one, other in zip(wanted, found, strict=True):
        total = total + score(one, other)
    return total


def _several(pages: Pages) -> list[Page]:
    return [pages] if isinstance(pages, Page) else list(pages)


def plain_text(page: Page) -> str:
    """The page's text in its reading order, lines joined by spaces."""
    return " ".join(line.text for line in page.lines)


def line_quads(page: Page) -> tuple[Floats, list[str]]:
    """Quads (n, 4, 2) and texts of the lines that have a quad."""
    return placed(page, "line")[:2]


def placed(page: Page, level: Level = "line") -> tuple[Floats, list[str], Floats]:
    """Quads (n, 4, 2), texts and confidences (n,) of the lines, words or characters that have a quad.

    Raises:
        ValueError: ``level`` is none of these.
    """
    if level not in get_args(Level):
        raise ValueError(f"a level of {level!r}; expected {', '.join(get_args(Level))}")
    parts: Sequence[Line | Word | Char] = page.lines if level == "line" else page.words
    if level == "char":
        parts = [char for word in page.words for char in word.chars]
    found = [(part.quad, part.text, part.confidence) for part in parts if part.quad is not None]
    confidences = np.array([confidence for _, _, confidence in found], np.float64)
    return as_quads([quad for quad, _, _ in found]), [content for _, content, _ in found], confidences


def page_cer(truth: Pages, read: Pages, spaces: bool = True) -> ErrorRate:
    """`text.cer` of the pages' texts; a wrong reading order costs as much as it moves."""
    return _pooled(ErrorRate(), truth, read, lambda t, r: text.cer(plain_text(t), plain_text(r), spaces))


def page_wer(truth: Pages, read: Pages, spaces: bool = True) -> ErrorRate:
    """`text.wer` of the pages' texts."""
    return _pooled(ErrorRate(), truth, read, lambda t, r: text.wer(plain_text(t), plain_text(r), spaces))


def page_eojeol_accuracy(truth: Pages, read: Pages) -> Matches:
    """`text.eojeol_accuracy` of the pages' texts."""
    return _pooled(Matches(), truth, read, lambda t, r: text.eojeol_accuracy(plain_text(t), plain_text(r)))


def page_eojeol_bag(truth: Pages, read: Pages) -> Matches:
    """`text.eojeol_bag` of the pages' texts: no reading order needed."""
    return _pooled(Matches(), truth, read, lambda t, r: text.eojeol_bag(plain_text(t), plain_text(r)))


def page_spaces(truth: Pages, read: Pages) -> Matches:
    """`text.spaces` of the pages' texts; the joints between lines count as spaces on both sides."""
    return _pooled(Matches(), truth, read, lambda t, r: text.spaces(plain_text(t), plain_text(r)))


def page_lines_exact(truth: Pages, read: Pages, threshold: float = 0.5) -> Accuracy:
    """Lines found (at this IoU) and read exactly, of those wanted; a page of one line without quads needs no place."""
    return _pooled(Accuracy(), truth, read, lambda t, r: _lines_exact(t, r, threshold))


def _lines_exact(truth: Page, read: Page, threshold: float) -> Accuracy:
    if len(truth.lines) == 1 and (truth.lines[0].quad is None or all(line.quad is None for line in read.lines)):
        return text.lines_exact([plain_text(truth)], [plain_text(read)])
    return Accuracy(int(page_end_to_end(truth, read, threshold, strict=True).hits), len(truth.lines))


def page_ned(truth: Pages, read: Pages) -> Mean:
    """`text.ned_similarity` of the pages' texts, each page weighing the same."""
    return _pooled(Mean(), truth, read, lambda t, r: text.ned([plain_text(t)], [plain_text(r)]))


def page_confusions(truth: Pages, read: Pages, spaces: bool = True) -> Confusions:
    """`alignment.confusions` of the pages' texts."""
    return _pooled(
        Confusions(), truth, read, lambda t, r: alignment.confusions(plain_text(t), plain_text(r), spaces)
    )  # fmt: skip


def page_jamo_error_rate(truth: Pages, read: Pages, spaces: bool = True) -> ErrorRate:
    """`jamo.jamo_error_rate` of the pages' texts."""
    return _pooled(ErrorRate(), truth, read, lambda t, r: jamo.jamo_error_rate(plain_text(t), plain_text(r), spaces))


def page_jamo_errors(truth: Pages, read: Pages) -> JamoErrors:
    """`jamo.jamo_errors` of the pages' texts."""
    return _pooled(JamoErrors(), truth, read, lambda t, r: jamo.jamo_errors(plain_text(t), plain_text(r)))


def page_top_n(truth: Pages, read: Pages, n: int = 5) -> Accuracy:
    """`confidence.top_n` of the truth's characters, spaces left out.

    Opposite each stand the character read there and its alternatives by falling probability, or none where it was lost.
    """
    return _pooled(Accuracy(), truth, read, lambda t, r: _top_n(t, r, n))


def _top_n(truth: Page, read: Page, n: int) -> Accuracy:
    pairs = [(wanted, char) for wanted, _, char in _opposite(truth, read) if wanted != NOTHING]
    return confidence.top_n([wanted for wanted, _ in pairs], [_candidates(char) for _, char in pairs], n)


def _candidates(char: Char | None) -> list[str]:
    if char is None:
        return []
    ranked = sorted(char.alternatives, key=lambda one: -one.probability)
    return list(dict.fromkeys([char.text, *(one.text for one in ranked)]))


def _opposite(truth: Page, read: Page) -> list[tuple[str, str, Char | None]]:
    """The truth's characters, what was read there and the `Char` it comes from, in order.

    `NOTHING` and None stand opposite a lost one, `NOTHING` opposite an added one.
    """
    chars = [
        (letter, char) for word in read.words for char in word.chars for letter in normalise(char.text) if letter != " "
    ]
    wanted = normalise(plain_text(truth)).replace(" ", "")
    given = iter(char for _, char in chars)
    pairs = alignment.align_plain(wanted, "".join(letter for letter, _ in chars))
    return [(one, other, next(given) if other != NOTHING else None) for one, other in pairs]


def page_outcomes(
    truth: Pages, read: Pages, unit: Literal["char", "line"] = "char", threshold: float = 0.5
) -> Outcomes:
    """What was read, with its confidence and whether it was right, for calibration and reject curves.

    Args:
        truth: True pages.
        read: Read ones.
        unit: "char": each character read, spaces left out, right if it is the truth's at that place of the alignment.
            "line": each line read that has a quad, with its edits against the true line it is paired with by IoU, and
            that one's length; all of its own characters are wrong where it is paired with none.
        threshold: Least IoU of such a pair.

    Raises:
        ValueError: ``unit`` is neither.
    """
    if unit not in ("char", "line"):
        raise ValueError(f"a unit of {unit!r}; expected char or line")
    if unit == "char":
        return _pooled(Outcomes(), truth, read, _char_outcomes)
    return _pooled(Outcomes(), truth, read, lambda t, r: _line_outcomes(t, r, threshold))


def _char_outcomes(truth: Page, read: Page) -> Outcomes:
    read_ones = [(wanted == found, char) for wanted, found, char in _opposite(truth, read) if char is not None]
    return confidence.outcomes([char.confidence for _, char in read_ones], [right for right, _ in read_ones])


def _line_outcomes(truth: Page, read: Page, threshold: float) -> Outcomes:
    wanted, wanted_texts, _ = placed(truth)
    found, found_texts, confidences = placed(read)
    rates = [ErrorRate(len(normalise(one)), len(normalise(one))) for one in found_texts]
    for match in quads.pair(wanted, found, threshold):
        rates[match.found] = text.cer(wanted_texts[match.wanted], found_texts[match.found])
    errors, units = [float(rate.errors) for rate in rates], [float(rate.length) for rate in rates]
    return Outcomes(confidences, np.array(errors), np.array(units))


def page_detection(truth: Pages, read: Pages, threshold: float = 0.5, level: Level = "line") -> Matches:
    """`quads.detection` of the pages' lines or words."""
    return _pooled(
        Matches(), truth, read, lambda t, r: quads.detection(placed(t, level)[0], placed(r, level)[0], threshold)
    )


def page_detected(truth: Pages, read: Pages, level: Level = "line") -> Detected:
    """`detected.detected` of the pages' lines, words or characters: F1 at IoU 0.5, 0.55 and so on up to 0.95."""
    return _pooled(Detected(), truth, read, lambda t, r: detected(placed(t, level)[0], placed(r, level)[0]))


def page_ranked_detection(truth: Pages, read: Pages, level: Level = "line") -> ranking.Ranking:
    """`ranking.ranked_detection` of the pages' lines or words, scored by their confidences."""

    def score(one: Page, other: Page) -> ranking.Ranking:
        found, _, scores = placed(other, level)
        return ranking.ranked_detection(placed(one, level)[0], found, scores)

    return _pooled(ranking.Ranking(), truth, read, score)


def page_best_giou(truth: Pages, read: Pages, level: Level = "line") -> Mean:
    """`ranking.best_giou` of the pages' lines or words."""
    return _pooled(
        Mean(), truth, read, lambda t, r: ranking.best_giou(placed(t, level)[0], placed(r, level)[0])
    )  # fmt: skip


def page_granularity(truth: Pages, read: Pages, cover: float = 0.5, level: Level = "line") -> ranking.Granularity:
    """`ranking.granularity` of the pages' lines or words."""
    return _pooled(
        ranking.Granularity(),
        truth,
        read,
        lambda t, r: ranking.granularity(placed(t, level)[0], placed(r, level)[0], cover),
    )


def page_end_to_end(
    truth: Pages, read: Pages, threshold: float = 0.5, strict: bool = False, level: Level = "line"
) -> Matches:
    """`quads.end_to_end` of the pages' lines or words.

    The ``recall`` of the strict one over lines is the share of lines read exactly. F1 is that of the pooled sums; the
    published figure is the mean of the pages' own.
    """

    def score(one: Page, other: Page) -> Matches:
        return quads.end_to_end(*placed(one, level)[:2], *placed(other, level)[:2], threshold, strict)

    return _pooled(Matches(), truth, read, score)


def page_end_to_end_ned(truth: Pages, read: Pages, threshold: float = 0.5, level: Level = "line") -> Mean:
    """`quads.end_to_end_ned` of the pages' lines or words."""

    def score(one: Page, other: Page) -> Mean:
        return quads.end_to_end_ned(*placed(one, level)[:2], *placed(other, level)[:2], threshold)

    return _pooled(Mean(), truth, read, score)


def page_cleval(
    truth: Pages, read: Pages, level: Level = "word", options: cle.CLEvalOptions | None = None
) -> cle.CLEval:
    """`character_level.cleval` of the pages' words or lines; the two sides may be cut differently."""

    def score(one: Page, other: Page) -> cle.CLEval:
        return cle.cleval(*placed(one, level)[:2], *placed(other, level)[:2], options)

    return _pooled(cle.CLEval(), truth, read, score)
