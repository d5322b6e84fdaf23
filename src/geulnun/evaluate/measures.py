"""The measures of a report: for each page, numbers to be summed; for their sums, a value.

What `geulnun.metrics` returns are sums already; here they lie in columns, so that a thousand bootstrap rounds are one
product of matrices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geulnun import metrics
from geulnun.evaluate import alignment as al
from geulnun.evaluate.alignment import Aligned
from geulnun.evaluate.pairing import Matched
from geulnun.evaluate.resample import Combine, Floats, harmonic, ratio

#: Numbers of one page, by measure.
Columns = dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure.

    Attributes:
        name: its key in JSON.
        title: its heading.
        about: what it is, in one sentence.
        lower_is_better: True where 0 is perfect, False where 1 is.
        combine: the value of the summed columns.
    """

    name: str
    title: str
    about: str
    lower_is_better: bool = False
    combine: Combine = ratio


#: Measures that every slice has, from the counts of its lines: what is summed for the ratio's two parts.
LINE_PARTS: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "cer": ((al.ERRORS,), (al.CHARS,)),
    "cer_without_spaces": ((al.SOLID_ERRORS,), (al.SOLID,)),
    "eojeol_accuracy": ((al.EOJEOL_HITS,), (al.EOJEOLS,)),
    "line_exact": ((al.EXACT,), (al.LINES,)),
    "space_f1": ((al.GAP_HITS, al.GAP_HITS), (al.GAPS, al.FOUND_GAPS)),
    "space_precision": ((al.GAP_HITS,), (al.FOUND_GAPS,)),
    "space_recall": ((al.GAP_HITS,), (al.GAPS,)),
}

#: Measures of texts, and those that need to know where lines stand.
TEXT: Sequence[Measure] = (
    Measure("cer", "CER", "Wrong, missing and added characters over the truth's, spaces and order counted", True),
    Measure("cer_without_spaces", "CER without spaces", "The same with all spaces taken out of both sides", True),
    Measure("jamo_error_rate", "Jamo error rate", "The same with every syllable written as its jamo", True),
    Measure("wer", "WER", "Wrong, missing and added eojeols over those of the truth", True),
    Measure("eojeol_accuracy", "Eojeol accuracy", "Eojeols of the truth that were read exactly and in order"),
    Measure("line_exact", "Lines exact", "Lines of the truth without a single error, spaces counted"),
    Measure("ned", "1-NED", "1 less the edits over the longer length, mean of pages"),
    Measure("space_f1", "Space F1", "Spaces put where the truth has them"),
    Measure("space_precision", "Space precision", "Of the spaces read, the share that stands there"),
    Measure("space_recall", "Space recall", "Of the spaces that stand there, the share read"),
)
PLACES: Sequence[Measure] = (
    Measure("line_f1", "Line F1", "Lines found, by pairs of quads with an IoU of 0.5 and more"),
    Measure("line_precision", "Line precision", "Of the lines found, the share that is there"),
    Measure("line_recall", "Line recall", "Of the lines that are there, the share found"),
    Measure("soft_f1", "Soft end-to-end F1", "Each such pair is worth 1 less its CER, mean of pages"),
    Measure("strict_f1", "Strict end-to-end F1", "Only pairs read exactly count, mean of pages"),
    Measure("cleval_detection", "CLEval detection H", "Characters covered, less splits and merges", combine=harmonic),
    Measure("cleval_end_to_end", "CLEval end-to-end H", "The same for characters read", combine=harmonic),
)
MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in (*TEXT, *PLACES)}


def of_counts(name: str, counts: Floats) -> Floats:
    """Part and whole (n, 2) of a measure of `LINE_PARTS` from counts (n, `alignment.COLUMNS`)."""
    part, whole = LINE_PARTS[name]
    return np.stack([counts[:, list(part)].sum(1), counts[:, list(whole)].sum(1)], 1)


def text_columns(page: Matched, laid: Aligned) -> Columns:
    """The numbers of one page for `TEXT`."""
    counts = laid.totals[None].astype(np.float64)
    out: Columns = {name: tuple(of_counts(name, counts)[0].tolist()) for name in LINE_PARTS}
    words = metrics.page_wer(page.truth, page.read)
    jamo = metrics.jamo_error_rate(laid.text, laid.read_text)
    out["wer"] = words.errors, words.length
    out["jamo_error_rate"] = jamo.errors, jamo.length
    out["ned"] = metrics.ned_similarity(laid.text, laid.read_text), 1.0
    return out


def place_columns(page: Matched, level: Literal["word", "line"]) -> Columns:
    """The numbers of one page for `PLACES`; ``level`` is what CLEval compares, all else is of lines."""
    found = metrics.page_detection(page.truth, page.read)
    cover = metrics.page_cleval(page.truth, page.read, level=level)
    out: Columns = {
        "line_f1": (2 * found.hits, found.found + found.wanted),
        "line_precision": (found.hits, found.found),
        "line_recall": (found.hits, found.wanted),
    }
    for name, strict in (("soft_f1", False), ("strict_f1", True)):
        out[name] = metrics.page_end_to_end(page.truth, page.read, strict=strict).f1, 1.0
    for name, score in (("cleval_detection", cover.detection), ("cleval_end_to_end", cover.end_to_end)):
        right = score.hits - score.merge_penalty, score.hits - score.split_penalty
        out[name] = right[0], score.found, right[1], score.wanted
    return out
