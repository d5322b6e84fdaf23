"""Metrics: how near a reading comes to the truth, for strings, shapes and pages. See docs/guides/metrics.md."""

from geulnun.metrics.alignment import NOTHING, Confusions, align, confusions
from geulnun.metrics.character_level import CharacterScore, CLEval, CLEvalOptions, cleval
from geulnun.metrics.confidence import Calibration, Outcomes, RejectCurve, outcomes, top_n
from geulnun.metrics.counts import Accuracy, ErrorRate, Matches, Mean
from geulnun.metrics.detected import Detected, detected
from geulnun.metrics.jamo import NO_FINAL, JamoErrors, jamo_error_rate, jamo_errors
from geulnun.metrics.pages import (
    Pages,
    page_best_giou,
    page_cer,
    page_cleval,
    page_confusions,
    page_detected,
    page_detection,
    page_end_to_end,
    page_end_to_end_ned,
    page_eojeol_accuracy,
    page_eojeol_bag,
    page_granularity,
    page_jamo_error_rate,
    page_jamo_errors,
    page_lines_exact,
    page_ned,
    page_outcomes,
    page_ranked_detection,
    page_spaces,
    page_top_n,
    page_wer,
)
from geulnun.metrics.polygons import as_polygons, giou, shared_areas
from geulnun.metrics.polygons import iou as polygon_iou
from geulnun.metrics.quads import Pair, detection, end_to_end, end_to_end_ned, pair
from geulnun.metrics.ranking import (
    THRESHOLDS,
    Granularity,
    Ranking,
    best_giou,
    granularity,
    ranked_detection,
    without_ignored,
)
from geulnun.metrics.text import (
    cer,
    edit_distance,
    eojeol_accuracy,
    eojeol_bag,
    eojeols,
    exact,
    lines_exact,
    ned,
    ned_similarity,
    spaces,
    wer,
)

__all__ = [
    "Accuracy", "ErrorRate", "Matches", "Mean", "Pair",
    "cer", "edit_distance", "eojeol_accuracy", "eojeol_bag", "eojeols", "exact", "lines_exact", "ned",
    "ned_similarity", "spaces", "wer",
    "NOTHING", "Confusions", "align", "confusions", "NO_FINAL", "JamoErrors", "jamo_error_rate", "jamo_errors",
    "Calibration", "Outcomes", "RejectCurve", "outcomes", "top_n",
    "as_polygons", "giou", "polygon_iou", "shared_areas",
    "Detected", "detected", "detection", "end_to_end", "end_to_end_ned", "pair",
    "THRESHOLDS", "Granularity", "Ranking", "best_giou", "granularity", "ranked_detection", "without_ignored",
    "CharacterScore", "CLEval", "CLEvalOptions", "cleval",
    "Pages", "page_best_giou", "page_cer", "page_cleval", "page_confusions", "page_detected", "page_detection",
    "page_end_to_end", "page_end_to_end_ned", "page_eojeol_accuracy", "page_eojeol_bag", "page_granularity",
    "page_jamo_error_rate", "page_jamo_errors", "page_lines_exact", "page_ned", "page_outcomes",
    "page_ranked_detection", "page_spaces", "page_top_n", "page_wer",
]  # fmt: skip
