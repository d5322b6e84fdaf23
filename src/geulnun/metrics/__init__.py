"""Metrics: how near a reading comes to the truth, for strings, quads and pages."""

from geulnun.metrics.counts import ErrorRate, Matches
from geulnun.metrics.pages import (
    page_cer,
    page_detection,
    page_end_to_end,
    page_eojeol_accuracy,
    page_eojeol_bag,
    page_spaces,
    page_wer,
)
from geulnun.metrics.quads import Pair, detection, end_to_end, pair
from geulnun.metrics.text import (
    cer,
    edit_distance,
    eojeol_accuracy,
    eojeol_bag,
    eojeols,
    exact,
    ned_similarity,
    spaces,
    wer,
)

__all__ = [
    "ErrorRate", "Matches", "Pair",
    "cer", "edit_distance", "eojeol_accuracy", "eojeol_bag", "eojeols", "exact", "ned_similarity", "spaces", "wer",
    "detection", "end_to_end", "pair",
    "page_cer", "page_detection", "page_end_to_end", "page_eojeol_accuracy", "page_eojeol_bag", "page_spaces",
    "page_wer",
]  # fmt: skip
