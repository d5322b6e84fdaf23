"""The measures of the tables: for two pages, ratios that can be pooled over a slice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from geulnun import metrics
from geulnun.document import Page
from geulnun.metrics import ErrorRate, Matches
from geulnun.metrics.pages import plain_text

MeasureName = Literal[
    "cer", "cer_without_spaces", "eojeol_accuracy", "space_f1", "line_exact", "eojeol_bag_f1", "eojeol_bag_mean",
    "line_f1", "soft_f1", "strict_f1", "ned",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ratio:
    """A pooled ratio: sums of numerators and denominators."""

    part: float = 0.0
    whole: float = 0.0

    @property
    def value(self) -> float | None:
        """part / whole, None before anything was counted."""
        return self.part / self.whole if self.whole else None

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Measure:
    """One column of the tables.

    Attributes:
        title: Its heading.
        is_error: True where 0 is perfect, False where 1 is.
        compute: Its ratio for a true page and a read one.
    """

    title: str
    is_error: bool
    compute: Callable[[Page, Page], Ratio]

    def error(self, value: float) -> float:
        """What is missing to perfection, 0 and up: the figure in which two engines are compared."""
        return value if self.is_error else 1.0 - value


def _rate(rate: ErrorRate) -> Ratio:
    return Ratio(rate.errors, rate.length)


def _pooled_f1(matches: Matches) -> Ratio:
    return Ratio(2 * matches.hits, matches.found + matches.wanted)


def _mean(value: float) -> Ratio:
    return Ratio(value, 1)


MEASURES: Mapping[MeasureName, Measure] = {
    "cer": Measure("CER", True, lambda t, r: _rate(metrics.page_cer(t, r))),
    "cer_without_spaces": Measure(
        "CER, spaces ignored", True, lambda t, r: _rate(metrics.page_cer(t, r, spaces=False))
    ),
    "eojeol_accuracy": Measure("eojeol accuracy", False, lambda t, r: _recall(metrics.page_eojeol_accuracy(t, r))),
    "space_f1": Measure("space F1", False, lambda t, r: _pooled_f1(metrics.page_spaces(t, r))),
    "line_exact": Measure("line exact", False, lambda t, r: _line_exact(t, r)),
    "eojeol_bag_f1": Measure("eojeol bag F1", False, lambda t, r: _pooled_f1(metrics.page_eojeol_bag(t, r))),
    "eojeol_bag_mean": Measure(
        "eojeol bag F1, mean of images", False, lambda t, r: _mean(metrics.page_eojeol_bag(t, r).f1)
    ),
    "line_f1": Measure("line F1 @ IoU 0.5", False, lambda t, r: _pooled_f1(metrics.page_detection(t, r))),
    "soft_f1": Measure("soft end-to-end F1", False, lambda t, r: _mean(metrics.page_end_to_end(t, r).f1)),
    "strict_f1": Measure("strict end-to-end F1", False, lambda t, r: _mean(_strict(t, r).f1)),
    "ned": Measure("1-NED", False, lambda t, r: _mean(metrics.ned_similarity(plain_text(t), plain_text(r)))),
}


def _recall(matches: Matches) -> Ratio:
    return Ratio(matches.hits, matches.wanted)


def _strict(truth: Page, read: Page) -> Matches:
    return metrics.page_end_to_end(truth, read, strict=True)


def _line_exact(truth: Page, read: Page) -> Ratio:
    """Of a single line, whether its text is exact; of a page, the share of its lines found and read exactly."""
    if len(truth.lines) == 1:
        return _mean(float(metrics.exact(plain_text(truth), plain_text(read))))
    return _recall(_strict(truth, read))


@dataclass(frozen=True, slots=True)
class Score:
    """Pooled measures and costs of one engine on some images."""

    images: int = 0
    lines: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    ratios: Mapping[MeasureName, Ratio] = field(default_factory=dict)

    def __add__(self, other: Score) -> Score:
        names = self.ratios.keys() | other.ratios.keys()
        joined = {name: self.ratios.get(name, Ratio()) + other.ratios.get(name, Ratio()) for name in names}
        return Score(
            self.images + other.images, self.lines + other.lines, self.wall + other.wall, self.cpu + other.cpu, joined
        )

    def value(self, name: MeasureName) -> float | None:
        """The measure's value, None where it was not taken or nothing was counted."""
        return self.ratios.get(name, Ratio()).value


def score(truth: Page, read: Page, wall: float, cpu: float, names: Iterable[MeasureName]) -> Score:
    """Score one image."""
    ratios = {name: MEASURES[name].compute(truth, read) for name in names}
    return Score(1, len(truth.lines), wall, cpu, ratios)
