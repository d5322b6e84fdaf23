"""The report as JSON for programs and as Markdown for repositories.

JSON, version 1: ``{"format": "geulnun-evaluation", "version": 1, ...}``. Ratios are 0..1, not rounded; an interval is
``[low, high]`` or null; differences are the first run's value less the second's. Later versions add keys; one that
changes the meaning of a key has another number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TypeVar

from geulnun.evaluate import wording as say
from geulnun.evaluate.confusion import LETTERS
from geulnun.evaluate.markup import clean
from geulnun.evaluate.resample import Interval
from geulnun.evaluate.run import SLICE_MEASURES, Compared, Evaluation, Figure, RunReport, SliceRow
from geulnun.evaluate.worst import WorstCase

FORMAT = "geulnun-evaluation"
VERSION = 1
_LISTED = 20
_CASES = 10

Json = dict[str, object]
_T = TypeVar("_T")


def as_json(evaluation: Evaluation) -> bytes:
    """The whole evaluation, but for the pictures."""
    tree: Json = {
        "format": FORMAT, "version": VERSION, "program": evaluation.version, "date": evaluation.date,
        "truth": evaluation.truth, "pages": evaluation.pages, "documents": evaluation.documents,
        "lines": evaluation.lines, "characters": evaluation.characters, "options": asdict(evaluation.options),
        "runs": [_run(run) for run in evaluation.runs],
        "comparison": [_compared(row) for row in evaluation.compared],
        "worst": [_case(case) for case in evaluation.worst],
        "better": [_case(case) for case in evaluation.better],
        "worse": [_case(case) for case in evaluation.worse],
        "unread": [list(names) for names in evaluation.unread],
        "unknown": [list(names) for names in evaluation.unknown],
    }  # fmt: skip
    text = json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False)
    return clean(text).encode() + b"\n"


def _run(run: RunReport) -> Json:
    faults, sure = run.confusions, run.reliability
    out: Json = {
        "label": run.label,
        "measures": {figure.measure.name: _value(figure) for figure in run.figures},
        "slices": [_slice(row) for row in run.slices],
        "lines": {"all": faults.lines, "exact": faults.exact, "lost": faults.lost},
        "errors": {"all": faults.errors, **faults.kinds()},
        "faults": [[wanted, found, count] for (wanted, found), count in _falling(faults.faults)],
        "jamo": {
            place: [list(row) for row in faults.letters(place, len(letters) ** 2)] for place, letters in LETTERS.items()
        },
        "spaces": {
            "missing": [list(pair) for pair in _falling(run.spaces.missing)],
            "added": [list(pair) for pair in _falling(run.spaces.added)],
        },
        "confidence": None,
    }
    if sure is not None:
        curve = sure.rejects
        out["confidence"] = {
            "characters": sure.characters, "eojeols": sure.eojeols,
            "expected_calibration_error": float(sure.calibration.ece),
            "bins": {
                "counts": sure.calibration.counts.tolist(),
                "summed_confidence": sure.calibration.confidences.tolist(),
                "right": sure.calibration.right.tolist(),
            },
            "reject": {
                f"{share:.2f}": float(curve.error_at(share)) for share in (0.5, 0.8, 0.9, 0.95, 0.99, 1.0)
            },
        }  # fmt: skip
    return out


def _falling(counts: Mapping[_T, int]) -> list[tuple[_T, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))


def _interval(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _value(figure: Figure) -> Json:
    return {"value": figure.value, "interval": _interval(figure.interval)}


def _slice(row: SliceRow) -> Json:
    return {
        "dimension": row.dimension, "value": row.value, "documents": row.documents, "lines": row.lines,
        "characters": row.characters, "measures": {name: _value(figure) for name, figure in row.figures.items()},
    }  # fmt: skip


def _compared(row: Compared) -> Json:
    return {
        "measure": row.name, "dimension": row.dimension, "value": row.value, "difference": row.test.difference,
        "interval": _interval(row.interval), "p": row.test.p, "p_holm": row.adjusted, "exact": row.test.exact,
        "documents_that_differ": row.test.documents,
    }  # fmt: skip


def _case(case: WorstCase) -> Json:
    out = {key: value for key, value in asdict(case).items() if key not in ("picture", "pieces")}
    return out if case.other_read is not None else {k: v for k, v in out.items() if not k.startswith("other")}


def as_markdown(evaluation: Evaluation, pictures: str = "") -> str:
    """The figures, slices, most frequent faults and worst lines; ``pictures`` names the file that shows them."""
    name = " against ".join(run.label for run in evaluation.runs)
    parts = [f"# Evaluation: {name}", f"Truth: {evaluation.truth}. {say.extent(evaluation)}."]
    parts += [note for run in range(len(evaluation.runs)) if (note := say.unread_note(evaluation, run))]
    parts += [say.verdict(evaluation), say.few_documents(evaluation), _measures(evaluation)]
    for dimension, group in groupby(evaluation.runs[0].slices, lambda row: row.dimension):
        rows = list(group)
        if len(rows) > 1:
            parts += [f"## {say.title(dimension)}", _slice_table(evaluation, rows[: say.MOST_SLICES])]
    for run in evaluation.runs:
        parts += [f"## Faults of {run.label}", _faults(run)]
    if evaluation.worst:
        where = f" Pictures are in {pictures}." if pictures else ""
        parts += ["## Worst lines", f"The first {min(_CASES, len(evaluation.worst))}.{where}", _cases(evaluation)]
    parts += ["## How this was measured", "\n".join(f"- {text}" for text in say.methods(evaluation))]
    parts.append(f"Geulnun {evaluation.version}, {evaluation.date}")
    return clean("\n\n".join(part for part in parts if part)) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; what would be markup in a cell is escaped."""
    lines = [list(head), ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(text: str) -> str:
    """Text of an image may hold anything: no HTML, no new column, no emphasis."""
    # A "<" before a space opens nothing, and "p < 0.001" stays readable.
    text = re.sub("<(?![ \u00a0])", "&lt;", " ".join(text.split()).replace("&", "&amp;"))
    for sign in "\\|`*_[]":
        text = text.replace(sign, f"\\{sign}")
    return text


def _measures(evaluation: Evaluation) -> str:
    head = ["Measure"]
    for run in evaluation.runs:
        head += [_cell(run.label), f"{evaluation.options.resample.confidence:.0%} interval"]
    head += ["Difference", "Interval", "p"] if evaluation.compared else []
    tests = {row.name: row for row in evaluation.compared if not row.dimension}
    rows = []
    for figure in evaluation.runs[0].figures:
        cells = [figure.measure.title]
        for run in evaluation.runs:
            own = next((one for one in run.figures if one.measure.name == figure.measure.name), None)
            cells += [say.percent(own.value) if own else "–", say.between(own.interval) if own else ""]
        if evaluation.compared:
            cells += _difference(tests.get(figure.measure.name))
        rows.append(cells)
    return table(head, rows)


def _difference(row: Compared | None) -> list[str]:
    if row is None:
        return ["–", "", ""]
    p = row.test.p if row.adjusted is None else row.adjusted
    return [say.signed(row.test.difference), say.signed_between(row.interval), say.p_value(p)]


def _slice_table(evaluation: Evaluation, rows: Sequence[SliceRow]) -> str:
    names = [name for name in SLICE_MEASURES if name in rows[0].figures]
    head = ["", "Documents", "Characters"]
    for name in names:
        head += [rows[0].figures[name].measure.title]
        head += ["Interval"] if name == names[0] else []
    head += ["Difference without spaces", "Interval", "p (Holm)"] if evaluation.compared else []
    tests = {(row.dimension, row.value): row for row in evaluation.compared if row.dimension}
    body = []
    for row in rows:
        cells = [row.value, f"{row.documents:,}", f"{row.characters:,}"]
        for name in names:
            cells += [say.percent(row.figures[name].value)]
            cells += [say.between(row.figures[name].interval)] if name == names[0] else []
        cells += _difference(tests.get((row.dimension, row.value))) if evaluation.compared else []
        body.append(cells)
    return table(head, body)


def _faults(run: RunReport) -> str:
    found = run.confusions
    parts = [f"{name}: {count:,}" for name, count in found.kinds().items()]
    lines = f"{say.counted(found.lines, 'line')}, {found.exact:,} exact, {found.lost:,} missed or misplaced."
    spaces = f"Spaces not read: {run.spaces.missing.total():,}; added: {run.spaces.added.total():,}."
    text = f"{say.counted(found.errors, 'error')} without spaces ({', '.join(parts)}). {lines} {spaces}"
    if run.reliability is not None:
        text += f" Expected calibration error: {say.percent(float(run.reliability.calibration.ece))}."
    faults = found.worst(_LISTED, syllables=True) + found.worst(_LISTED // 2, syllables=False)
    if not faults:
        return text
    rows = [[wanted or "(nothing)", read or "(nothing)", f"{count:,}"] for wanted, read, count in faults]
    return f"{text}\n\n{table(['Truth', 'Read', 'Times'], rows)}"


def _cases(evaluation: Evaluation) -> str:
    head = ["Line", "Truth", "Read", "Errors"]
    rows = [[case.name, case.truth, case.read, f"{case.errors:,}"] for case in evaluation.worst[:_CASES]]
    return table(head, rows)
