"""The README's figures, taken from the reports: nobody types a figure, and a stale one fails a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from geulnun.bench.report import OURS, percent, table
from geulnun.bench.score import MEASURES, MeasureName
from geulnun.errors import DamagedInputError, MissingInputError

BEGIN, END = "<!-- figures of docs/benchmarks: `geulnun bench readme` writes them -->", "<!-- end of figures -->"

Json = dict[str, Any]


class _Shown(NamedTuple):
    """A row of the README: what it says, and which measure of which set it shows."""

    label: str
    group: str
    name: str
    measure: MeasureName


ROWS = (
    _Shown("sentences, clean: CER with spaces", "rendered lines", "sentences, clean", "cer"),
    _Shown("sentences, worn: CER with spaces", "rendered lines", "sentences, worn", "cer"),
    _Shown(
        "random syllables of all 11,172, clean: CER with spaces", "rendered lines", "random syllables, clean", "cer"
    ),
    _Shown("digits and punctuation, clean: CER with spaces", "rendered lines", "digits and punctuation, clean", "cer"),
    _Shown("Latin, clean: CER with spaces", "rendered lines", "Latin, clean", "cer"),
    _Shown("rendered pages, clean: line F1 at IoU 0.5", "rendered pages", "all pages, clean", "line_f1"),
    _Shown("rendered pages, clean: soft end-to-end F1", "rendered pages", "all pages, clean", "soft_f1"),
    _Shown("rendered pages, worn: line F1 at IoU 0.5", "rendered pages", "all pages, worn", "line_f1"),
    _Shown("rendered pages, worn: soft end-to-end F1", "rendered pages", "all pages, worn", "soft_f1"),
    _Shown("rendered pages, curled as books': soft end-to-end F1", "rendered pages", "all pages, curled", "soft_f1"),
    _Shown("real pages and scenes: eojeol bag F1", "real images", "all Korean pages", "eojeol_bag_f1"),
    _Shown("real lines, handwritten: CER, spaces ignored", "real images", "hand_lines, lines", "cer_without_spaces"),
    _Shown("a scanned book page: CER with spaces", "real images", "print_book_scan, pages", "cer"),
)


def figures(folder: Path) -> str:
    """The README's table and its words on speed, from ``accuracy.json`` and ``speed.json`` of a folder.

    Raises:
        MissingInputError: a report is not there.
        DamagedInputError: a report holds no such set or engine.
    """
    accuracy, speed = _report(folder / "accuracy.json"), _report(folder / "speed.json")
    rows = [[shown.label, *_compared(accuracy, shown, folder)] for shown in ROWS]
    versions = {row["identity"].split()[1] for row in speed["rows"] if row["name"] != OURS}
    head = ["held-out fonts, texts and images", OURS, f"Tesseract {', '.join(sorted(versions))}, its best setting"]
    days = " and ".join(sorted({report["date"][:10] for report in (accuracy, speed)}))
    machine = speed["machine"]
    measured = f"Measured on {days} on {machine['cores']} cores of an {machine['cpu']}."
    return "\n\n".join([measured, table(head, rows), _speed(speed)])


def update(readme: str, text: str) -> str:
    """The README with its figures replaced.

    Raises:
        DamagedInputError: it has not both marks, in their order.
    """
    before, mark, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (mark and end):
        raise DamagedInputError(f"README: expected {BEGIN!r} and then {END!r}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def _report(path: Path) -> Json:
    if not path.is_file():
        raise MissingInputError(f"{path}: not found; run `geulnun bench {path.stem}`")
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


def _compared(accuracy: Json, shown: _Shown, folder: Path) -> list[str]:
    """Our value, and the best rival's with the model that gave it."""
    sets = [*accuracy["slices"], *accuracy["pools"]]
    found = (one for one in sets if one["group"] == shown.group and one["name"].split(" (")[0] == shown.name)
    rows: list[Json] = next(found, {"rows": []})["rows"]
    known = [row for row in rows if row.get(shown.measure) is not None]
    ours = [row[shown.measure] for row in known if row["engine"] == OURS]
    rivals = [(row[shown.measure], row["engine"]) for row in known if row["engine"] != OURS]
    if not ours or not rivals:
        raise DamagedInputError(
            f"{folder / 'accuracy.json'}: no {shown.measure} of {shown.name!r}; run the whole bench"
        )
    better = min if MEASURES[shown.measure].is_error else max
    value, engine = better(rivals)
    return [percent(better(ours)), f"{percent(value)} ({engine.removeprefix('Tesseract ')})"]


def _speed(speed: Json) -> str:
    ours = next(row for row in speed["rows"] if row["name"] == OURS)
    # As in the report itself: `geulnun.bench.speed.fastest`.
    rivals = [row for row in speed["rows"] if row["name"] != OURS and row["reads"]]
    rival = min(rivals, key=lambda row: float(row["cold_wall_s"]))

    def less(part: str) -> str:
        return f"{rival[part] / ours[part]:.1f}"

    return (
        f"An A4 page at 300 dpi with 2,200 characters takes {ours['warm_wall_s']:.2f} s of wall time and "
        f"{ours['warm_cpu_s']:.2f} s of CPU time, {less('warm_wall_s')} and {less('warm_cpu_s')} times less than the "
        f"fastest setting of Tesseract that reads it ({rival['warm_wall_s']:.1f} s); with start and loading "
        f"{less('cold_wall_s')} and {less('cold_cpu_s')} times less. Peak memory {ours['peak_rss_mb']:.0f} MB, weights "
        f"{ours['weights_mb']:.1f} MB together."
    )
