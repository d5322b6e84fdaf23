"""The parts of the HTML report that show single lines and files."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from geulnun.evaluate import wording as say
from geulnun.evaluate.markup import Child, Element, tag
from geulnun.evaluate.run import Evaluation
from geulnun.evaluate.worst import Piece, WorstCase

#: Names listed of each kind; JSON has all.
_NAMES = 200


def cases_section(evaluation: Evaluation) -> list[Element]:
    """The worst lines of the first run: those read badly, then those missed or misplaced."""
    other = evaluation.runs[1].label if len(evaluation.runs) > 1 else ""
    out: list[Element] = []
    for lost, heading in ((False, "Read with the most errors"), (True, "Missed or misplaced")):
        chosen = [case for case in evaluation.worst if case.lost is lost]
        if chosen:
            out += [tag("h3", heading), _grid(chosen, other)]
    if out:
        note = "Struck out: not read. Underlined: added. Dotted: read as something else. At most three of a document."
        out.insert(0, tag("p", note, class_="soft"))
    return out


def changed_section(evaluation: Evaluation) -> list[Element]:
    """Lines that one of two runs read better than the other."""
    if len(evaluation.runs) < 2:
        return []
    first, second = (run.label for run in evaluation.runs)
    out: list[Element] = []
    for cases, word in ((evaluation.worse, "worse"), (evaluation.better, "better")):
        if cases:
            out += [tag("h3", f"{first} reads {word} than {second}"), _grid(cases, second)]
    return out


def _grid(cases: Iterable[WorstCase], other: str) -> Element:
    return tag("div", [_figure(case, other) for case in cases], class_="cases")


def _figure(case: WorstCase, other: str) -> Element:
    parts: list[Child] = []
    if case.picture is not None:
        data = base64.b64encode(case.picture).decode()
        parts.append(tag("img", src=f"data:image/jpeg;base64,{data}", alt=f"Picture of: {case.truth}", loading="lazy"))
    rows: list[Child] = [tag("dt", "truth"), tag("dd", _marked(case.pieces, 1), lang="ko")]
    read = tag("dd", _marked(case.pieces, 2), lang="ko") if case.read else tag("dd", "(nothing)", class_="soft")
    rows += [tag("dt", "read"), read]
    if case.other_read is not None:
        beside = case.other_read or "(nothing)"
        rows += [tag("dt", other), tag("dd", beside, lang="ko", class_="soft" if not case.other_read else "")]
    parts.append(tag("dl", rows, class_="lines"))
    text = f"{say.counted(case.errors, 'error')} in {say.counted(case.length, 'character')}"
    if case.other_errors is not None:
        text += f", {other}: {case.other_errors}"
    parts.append(tag("figcaption", f"{text} · {case.name}"))
    return tag("figure", parts)


def _marked(pieces: Sequence[Piece], side: int) -> list[Child]:
    """The truth (1) or the reading (2) with what differs marked."""
    kinds = {"replace": "mark", "delete": "del", "insert": "ins"}
    return [
        piece[side] if piece[0] == "equal" else tag(kinds[piece[0]], piece[side]) for piece in pieces if piece[side]
    ]


def unpaired_section(evaluation: Evaluation) -> list[Element]:
    """Truth without a reading, and readings without a truth."""
    out: list[Element] = []
    for at, run in enumerate(evaluation.runs):
        for names, what in (
            (evaluation.unread[at], f"Truth without a reading by {run.label}"),
            (evaluation.unknown[at], f"Readings by {run.label} without a truth"),
        ):
            if names:
                items = [tag("li", name) for name in names[:_NAMES]]
                if len(names) > _NAMES:
                    items.append(tag("li", f"and {len(names) - _NAMES} more, in the JSON"))
                summary = tag("summary", f"{what}: {len(names):,}")
                out.append(tag("details", summary, tag("ul", items, class_="names")))
    return out
