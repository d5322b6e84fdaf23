"""Numbers and sentences that all forms of the report share."""

from __future__ import annotations

from geulnun.evaluate.resample import EXACT, Interval, PairedTest
from geulnun.evaluate.run import Compared, Evaluation

DIMENSION_TITLES = {
    "source": "Source", "style": "Style", "script": "Script of the character", "font": "Font",
    "size": "Height of the line", "wear": "Wear", "vertical": "Direction", "digits": "Digits in the line",
    "hanja": "Hanja in the line",
}  # fmt: skip
#: Slices shown of one dimension; JSON has all.
MOST_SLICES = 30
#: Of fewer documents percentile intervals are much too narrow.
FEW = 10


def percent(value: float | None) -> str:
    """A ratio as a percentage with two digits behind the point, a dash for None."""
    return "–" if value is None else f"{100 * value:.2f} %"


def between(interval: Interval | None) -> str:
    """Both ends of an interval of ratios, "" without one."""
    return "" if interval is None else f"{100 * interval.low:.2f} – {100 * interval.high:.2f}"


def signed(value: float) -> str:
    """A difference of two ratios in percentage points, with its sign."""
    return f"{100 * value:+.2f}".replace("-", "−") if round(abs(value), 6) else "0.00"


def signed_between(interval: Interval | None) -> str:
    """Both ends of an interval of differences, "" without one."""
    return "" if interval is None else f"{signed(interval.low)} to {signed(interval.high)}"


def p_value(p: float | None) -> str:
    """A p-value with as many digits as it bears."""
    if p is None:
        return "–"
    return "<\u00a00.001" if p < 0.001 else f"{p:.3f}"


def title(dimension: str) -> str:
    """The heading of a dimension; another fact has its own name."""
    return DIMENSION_TITLES.get(dimension, dimension)


def counted(number: int, noun: str) -> str:
    """``1 page``, ``2,000 pages``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def extent(evaluation: Evaluation) -> str:
    """How much was scored."""
    nouns = (
        (evaluation.pages, "page"), (evaluation.documents, "document"), (evaluation.lines, "line"),
        (evaluation.characters, "character"),
    )  # fmt: skip
    return ", ".join(counted(number, noun) for number, noun in nouns)


def unread_note(evaluation: Evaluation, run: int) -> str:
    """What became of the truth that a run did not read; "" where it read all."""
    missing = len(evaluation.unread[run])
    if not missing:
        return ""
    what = f"{counted(missing, 'page')} of the truth without a reading by {evaluation.runs[run].label}"
    if evaluation.options.unpaired == "miss":
        return f"{what}: counted as read empty."
    return f"{what}: left out of every figure. With --unpaired miss they count as read empty."


def few_documents(evaluation: Evaluation) -> str:
    """What to think of intervals of few documents; "" for many."""
    if evaluation.documents == 1:
        return "One document alone tells nothing of chance: there are no intervals."
    if evaluation.documents < FEW:
        return f"From {evaluation.documents} documents only: such intervals are too narrow, take them as hints."
    return ""


def verdict(evaluation: Evaluation) -> str:
    """What the paired test says of CER, in a sentence; "" without a second run."""
    found = next((row for row in evaluation.compared if row.name == "cer" and not row.dimension), None)
    if found is None:
        return ""
    first, second = (run.label for run in evaluation.runs)
    test = found.test
    if test.p >= 0.05:
        return (
            f"The test finds no difference in CER between {first} and {second}: {signed(test.difference)} percentage "
            f"points, p = {p_value(test.p)}."
        )
    word, by = "lower" if test.difference < 0 else "higher", signed(abs(test.difference)).lstrip("+")
    return f"The CER of {first} is {word} than that of {second} by {by} percentage points (p {_equals(test.p)})."


def _equals(p: float) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def is_better(row: Compared, lower_is_better: bool) -> bool | None:
    """Whether the first run is better, None where the two are equal."""
    if not row.test.difference:
        return None
    return (row.test.difference < 0) is lower_is_better


def how(test: PairedTest) -> str:
    """Whether a test tried all exchanges."""
    return "exact" if test.exact else "drawn"


def methods(evaluation: Evaluation) -> list[str]:
    """How the figures came about."""
    options = evaluation.options.resample
    out = [
        "Both sides are normalised alike before scoring: NFC, look-alike marks folded, white space to one space. A "
        "page's lines are joined in reading order, so a wrong order costs errors.",
        "A figure over several pages is the sum of its parts over the sum of its wholes, but for means of pages, which "
        "say so.",
    ]
    if options.rounds:
        out.append(
            f"Intervals hold the middle {options.confidence:.0%} of {options.rounds:,} bootstrap rounds (seed "
            f"{options.seed}) that draw whole documents with replacement; lines of one page err together. None stands "
            "where there is one document."
        )
    if evaluation.compared:
        out.append(
            "Runs are compared on the pages that both have. The test is a paired permutation test: for each document "
            "it is chance which run gave which reading, if both are equally good; p is the share of such exchanges "
            "with a difference at least as large. It needs no distribution and holds for few documents. With up to "
            f"{EXACT} documents that differ all exchanges are tried, else {options.permutations:,} are drawn. Slices' "
            "p-values are adjusted after Holm, as many are looked at at once; their intervals are not."
        )
    out += [
        "Of lines, slices take the errors that the alignment puts there; an added character counts to the one before "
        "it. Longer text between two lines is of neither, and counts to the whole page alone.",
        "A line of a page with errors in more than half of its characters is taken as missed or misplaced, and left "
        "out of the confusions: it says nothing of letters.",
    ]
    return out
