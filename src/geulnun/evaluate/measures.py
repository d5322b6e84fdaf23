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
from geulnun.evaluate.resample import Combine, Floats, harmonic, mean_ratio, ratio

#: Numbers of one page, by measure.
Columns = dict[str, tuple[float, ...]]
#: What places may be known of.
Unit = Literal["line", "word", "char"]


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
    Measure("line_f1_mean", "Line F1, 0.5 to 0.95", "Mean of line F1 at ten IoU thresholds", combine=mean_ratio),
    Measure("line_splits", "Lines split", "Of the lines that are there, the share found in several parts", True),
    Measure("line_merges", "Lines merged", "Of the lines found, the share that holds several", True),
    Measure("word_f1", "Word F1", "Words found, by pairs of quads with an IoU of 0.5 and more"),
    Measure("word_f1_mean", "Word F1, 0.5 to 0.95", "Mean of word F1 at ten IoU thresholds", combine=mean_ratio),
    Measure("word_splits", "Words split", "Of the words that are there, the share found in several parts", True),
    Measure("word_merges", "Words merged", "Of the words found, the share that holds several", True),
    Measure("char_f1", "Character F1", "Characters found, by pairs of quads with an IoU of 0.5 and more"),
    Measure(
        "char_f1_mean", "Character F1, 0.5 to 0.95", "Mean of character F1 at ten IoU thresholds", combine=mean_ratio
    ),
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


def place_columns(page: Matched, level: Literal["word", "line"], units: Sequence[Unit] = ("line",)) -> Columns:
    """The numbers of one page for `PLACES`.

    Args:
        page: truth and reading.
        level: what CLEval compares.
        units: whose places both sides know, lines among them; readings are compared end to end by lines.
    """
    cover = metrics.page_cleval(page.truth, page.read, level=level)
    out: Columns = {}
    for unit in units:
        out |= _found(page, unit)
    for name, strict in (("soft_f1", False), ("strict_f1", True)):
        out[name] = metrics.page_end_to_end(page.truth, page.read, strict=strict).f1, 1.0
    for name, score in (("cleval_detection", cover.detection), ("cleval_end_to_end", cover.end_to_end)):
        right = score.hits - score.merge_penalty, score.hits - score.split_penalty
        out[name] = right[0], score.found, right[1], score.wanted
    return out


def _found(page: Matched, unit: Unit) -> Columns:
    """What was found of lines, words or characters, and how lines and words were cut."""
    found = metrics.page_detected(page.truth, page.read, unit)
    first, both = found.at(0.5), found.found + found.wanted
    out: Columns = {
        f"{unit}_f1": (2 * first.hits, both),
        f"{unit}_f1_mean": (*(2.0 * hits for hits in found.hits), both),
    }
    if unit == "line":
        out |= {"line_precision": (first.hits, first.found), "line_recall": (first.hits, first.wanted)}
    if unit != "char":
        cut = metrics.page_granularity(page.truth, page.read, level=unit)
        out |= {f"{unit}_splits": (cut.splits, cut.wanted), f"{unit}_merges": (cut.merges, cut.found)}
    return out
