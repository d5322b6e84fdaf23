"""Score pages with the reference package `cleval`: run as a script by an interpreter that has it.

Reads from standard input a JSON list of pages, each two lists of ``[[x1, y1, .. x4, y4], text]``, truth first, and
writes one line of JSON: ``version``, ``cpu`` and ``wall`` seconds, and the six ``ratios`` of all pages.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import sys
import time
import types
from collections.abc import Callable
from typing import Any


def _modules() -> tuple[Any, Any]:
    """Its boxes and its evaluation, without its package file, which would load PyTorch for a class not used here."""
    spec = importlib.util.find_spec("cleval")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("No module named 'cleval'")
    package = types.ModuleType("cleval")
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules["cleval"] = package
    return importlib.import_module("cleval.box_types"), importlib.import_module("cleval.eval_functions")


#: The defaults of its command line, with end-to-end evaluation.
OPTIONS = types.SimpleNamespace(
    CASE_SENSITIVE=True,
    VERTICAL_ASPECT_RATIO_THRESH=0.5,
    AREA_PRECISION_CONSTRAINT=0.3,
    RECALL_GRANULARITY_PENALTY_WEIGHT=1.0,
    PRECISION_GRANULARITY_PENALTY_WEIGHT=1.0,
    E2E=True,
    ORIENTATION=False,
    DUMP_SAMPLE_RESULT=False,
)


def main() -> None:
    """Score what standard input holds."""
    pages = json.loads(sys.stdin.read())
    boxes, functions = _modules()

    def score(page: Any) -> Any:
        sides = [[boxes.QUAD(points, transcription=text) for points, text in side] for side in page]
        return functions.evaluation(OPTIONS, *sides).stats

    for page in pages[:2]:  # compiles
        score(page)
    clock, start = time.perf_counter(), time.process_time()
    stats = [score(page) for page in pages]
    cpu, wall = time.process_time() - start, time.perf_counter() - clock
    ratios = [ratio for side in ("det", "e2e") for ratio in _ratios([getattr(one, side) for one in stats])]
    found = {"version": importlib.metadata.version("cleval"), "cpu": cpu, "wall": wall, "ratios": ratios}
    sys.stdout.write(json.dumps(found) + "\n")


def _ratios(stats: list[Any]) -> tuple[float, float, float]:
    """Recall, precision and their harmonic mean of pooled counts."""

    def total(of: Callable[[Any], float]) -> float:
        return sum(map(of, stats))

    recall = max(0.0, total(lambda s: s.num_char_tp_recall) - total(lambda s: s.gran_score_recall))
    precision = max(0.0, total(lambda s: s.num_char_tp_precision) - total(lambda s: s.gran_score_precision))
    recall /= max(total(lambda s: s.num_char_gt), 1)
    precision /= max(total(lambda s: s.num_char_det), 1)
    return recall, precision, 2 * recall * precision / (recall + precision) if recall + precision else 0.0


if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose files must not stand in for modules of the same name
    main()
