"""The report as one HTML file that opens offline: figures, slices, faults and confidences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from geulnun.evaluate import charts
from geulnun.evaluate import wording as say
from geulnun.evaluate.confusion import LETTERS
from geulnun.evaluate.html_cases import cases_section, changed_section, unpaired_section
from geulnun.evaluate.markup import Child, Element, document, korean, table, tag
from geulnun.evaluate.run import COMPARED, SLICE_MEASURES, Compared, Evaluation, Figure, RunReport, SliceRow
from geulnun.hangul import is_syllable, split

#: Figures on the cards, where they could be taken.
_CARDS = ("cer", "cer_without_spaces", "eojeol_accuracy", "space_f1", "soft_f1", "cleval_end_to_end")
_LISTED = 25
_SHORT = 10


def as_html(evaluation: Evaluation) -> bytes:
    """The whole report."""
    first = evaluation.runs[0]
    name = " against ".join(run.label for run in evaluation.runs)
    sections = [
        ("summary", "Summary", _summary(evaluation)),
        ("measures", "All measures", _measures(evaluation)),
        ("slices", "Slices", _slices(evaluation)),
        ("faults", "What goes wrong", [part for run in evaluation.runs for part in _faults(run, evaluation)]),
        ("jamo", "Jamo", _jamo(first)),
        ("confidence", "Confidence", [part for run in evaluation.runs for part in _reliability(run)]),
        ("worst", "Worst lines", cases_section(evaluation)),
        ("changed", "Where the runs differ", changed_section(evaluation)),
        ("unpaired", "Unpaired", unpaired_section(evaluation)),
        ("methods", "How this was measured", [tag("p", text) for text in say.methods(evaluation)]),
    ]
    shown = [(anchor, heading, content) for anchor, heading, content in sections if content]
    head = tag(
        "header",
        tag("h1", name),
        tag("p", f"Truth: {evaluation.truth}. {say.extent(evaluation)}.", class_="soft"),
    )
    links = tag("nav", [tag("a", heading, href=f"#{anchor}") for anchor, heading, _ in shown], aria_label="Sections")
    body = tag("main", [tag("section", tag("h2", heading), content, id=anchor) for anchor, heading, content in shown])
    foot = tag("footer", tag("p", f"Geulnun {evaluation.version}, {evaluation.date}"))
    return document(f"Evaluation: {name}", [head, links, body, foot])


def _summary(evaluation: Evaluation) -> list[Element]:
    out = []
    for run in range(len(evaluation.runs)):
        note = say.unread_note(evaluation, run)
        if note:
            out.append(tag("p", note, class_="note"))
    out.append(tag("div", list(_cards(evaluation)), class_="cards"))
    if evaluation.compared:
        out.append(tag("p", say.verdict(evaluation)))
    few = say.few_documents(evaluation)
    if few:
        out.append(tag("p", few, class_="note"))
    return out


def _cards(evaluation: Evaluation) -> Iterator[Element]:
    for figure in evaluation.runs[0].figures:
        if figure.measure.name in _CARDS:
            lines: list[Child] = [
                tag("div", figure.measure.title, class_="name", title=figure.measure.about),
                tag("div", say.percent(figure.value), class_="value"),
                tag("div", say.between(figure.interval) or "no interval", class_="between"),
            ]
            row = _row(evaluation.compared, figure.measure.name)
            if row is not None:
                better = say.is_better(row, figure.measure.lower_is_better)
                kind = "change" if better is None else "change better" if better else "change worse"
                lines.append(tag("div", f"{say.signed(row.test.difference)} points", class_=kind))
                lines.append(tag("div", f"p {say.p_value(row.test.p)}", class_="between"))
            yield tag("div", lines, class_="card")


def _row(rows: Sequence[Compared], name: str, dimension: str = "", value: str = "") -> Compared | None:
    wanted = (name, dimension, value)
    return next((row for row in rows if (row.name, row.dimension, row.value) == wanted), None)


def _measures(evaluation: Evaluation) -> list[Element]:
    confidence = f"{evaluation.options.resample.confidence:.0%} interval"
    head: list[Child] = ["Measure"]
    for run in evaluation.runs:
        head += [run.label, confidence]
    if evaluation.compared:
        head += ["Difference, points", confidence, "p"]
    rows: list[list[Child]] = []
    for figure in evaluation.runs[0].figures:
        cells: list[Child] = [tag("span", figure.measure.title, title=figure.measure.about)]
        for run in evaluation.runs:
            own = _figure(run, figure.measure.name)
            cells += [say.percent(own.value) if own else "–", _between(own)]
        if evaluation.compared:
            cells += _difference(_row(evaluation.compared, figure.measure.name), figure.measure.lower_is_better)
        rows.append(cells)
    known = [figure.measure for figure in evaluation.runs[0].figures]
    about = [part for one in known for part in (tag("dt", one.title), tag("dd", f"{one.about}."))]
    return [table(head, rows), tag("details", tag("summary", "What they mean"), tag("dl", about))]


def _figure(run: RunReport, name: str) -> Figure | None:
    return next((figure for figure in run.figures if figure.measure.name == name), None)


def _between(figure: Figure | None) -> Element:
    return tag("span", say.between(figure.interval) if figure else "", class_="between")


def _difference(row: Compared | None, lower_is_better: bool) -> list[Child]:
    if row is None:
        return ["–", "", ""]
    better = say.is_better(row, lower_is_better)
    kind = "" if better is None else "good" if better else "bad"
    p = row.test.p if row.adjusted is None else row.adjusted
    span = tag("span", say.signed_between(row.interval), class_="between")
    return [tag("span", say.signed(row.test.difference), class_=kind), span, say.p_value(p)]


def _slices(evaluation: Evaluation) -> list[Element]:
    out: list[Element] = []
    for dimension, group in groupby(evaluation.runs[0].slices, lambda row: row.dimension):
        rows = list(group)
        if len(rows) == 1:
            text = f"{say.title(dimension)}: all of it is {rows[0].value}."
            out.append(tag("p", text, class_="soft"))
            continue
        out += [tag("h3", say.title(dimension)), _slice_table(evaluation, dimension, rows[: say.MOST_SLICES])]
        if len(rows) > say.MOST_SLICES:
            left = f"{len(rows) - say.MOST_SLICES} smaller ones are in the JSON."
            out.append(tag("p", left, class_="soft"))
    return out


def _slice_table(evaluation: Evaluation, dimension: str, rows: Sequence[SliceRow]) -> Element:
    characters = dimension == "script"
    shown = COMPARED if characters else "cer"
    names = [name for name in SLICE_MEASURES if not characters or name == shown]
    titles = {figure.measure.name: figure.measure.title for row in rows for figure in row.figures.values()}
    limit = max([_end(row.figures[shown]) for row in rows], default=0.0)
    head: list[Child] = ["", "Docu\u00adments", "Lines", "Char\u00adacters", titles[shown], "Interval", ""]
    if evaluation.compared:
        head += ["Difference without spaces", "Interval", "p (Holm)"]
    head += [titles[name] for name in names if name != shown]
    body: list[list[Child]] = []
    for row in rows:
        figure = row.figures[shown]
        dot = charts.whisker(figure.value, figure.interval, limit) if figure.value is not None else None
        counts = [f"{row.documents:,}", f"{row.lines:,}" if not characters else "–", f"{row.characters:,}"]
        cells: list[Child] = [korean(row.value), *counts, say.percent(figure.value), _between(figure), dot]
        if evaluation.compared:
            cells += _difference(_row(evaluation.compared, COMPARED, dimension, row.value), True)
        cells += [say.percent(row.figures[name].value) for name in names if name != shown]
        body.append(cells)
    return table(head, body)


def _end(figure: Figure) -> float:
    high = figure.interval.high if figure.interval else figure.value
    return max(high or 0.0, figure.value or 0.0)


def _faults(run: RunReport, evaluation: Evaluation) -> list[Element]:
    found = run.confusions
    out = [tag("h3", run.label)] if len(evaluation.runs) > 1 else []
    kinds = list(found.kinds().items())
    if not found.errors:
        out.append(tag("p", "No error in any character."))
    else:
        legend = [tag("span", _key(at), f"{name}: {count:,}") for at, (name, count) in enumerate(kinds)]
        lines = (
            f"{say.counted(found.lines, 'line')}: {found.exact:,} without an error, {found.lost:,} missed or misplaced."
        )
        out += [
            tag("p", f"{say.counted(found.errors, 'error')}, spaces apart. {lines}"),
            charts.stack(kinds),
            tag("p", legend, class_="soft legend"),
        ]
    spaces = [
        _space_list("Spaces not read", run.spaces.missing.most_common(_SHORT), joined=True),
        _space_list("Spaces added", run.spaces.added.most_common(_SHORT), joined=False),
    ]
    lists = [
        _pairs("Syllables", found.worst(_LISTED, syllables=True), found.occurrences),
        _pairs("Signs, letters and digits", found.worst(_LISTED, syllables=False), found.occurrences),
        tag("div", spaces) if any(part is not None for part in spaces) else None,
    ]
    out.append(tag("div", lists, class_="columns"))
    return out


def _key(part: int) -> Element:
    return tag("span", class_=f"key part{part}")


def _pairs(heading: str, faults: Sequence[tuple[str, str, int]], occurrences: dict[str, int]) -> Element | None:
    if not faults:
        return None
    rows: list[list[Child]] = [
        [_sign(wanted), _sign(found), f"{count:,}", f"{occurrences[wanted]:,}" if wanted else "", _why(wanted, found)]
        for wanted, found, count in faults
    ]
    head = ["Truth", "Read", "Times", "Of", "Letters"]
    if all(row[-1] is None for row in rows):
        head, rows = head[:-1], [row[:-1] for row in rows]
    return tag("div", tag("h3", heading), table(head, rows, "pairs"))


def _sign(char: str) -> Element:
    return korean(char, "big") if char else tag("span", "(nothing)", class_="soft")


def _why(wanted: str, found: str) -> Element | None:
    """Which letters differ, of two syllables."""
    if not (is_syllable(wanted) and is_syllable(found)):
        return None
    pairs = zip(LETTERS.values(), split(wanted), split(found), strict=True)
    return korean(", ".join(f"{letters[a]}→{letters[b]}" for letters, a, b in pairs if a != b))


def _space_list(heading: str, places: Sequence[tuple[str, int]], joined: bool) -> Element | None:
    if not places:
        return None
    rows: list[list[Child]] = []
    for around, count in places:
        apart = " ".join(around) if len(around) == 2 else around
        truth, read = (apart, around) if joined else (around, apart)
        rows.append([korean(truth, "big"), korean(read, "big"), f"{count:,}"])
    return tag("div", tag("h3", heading), table(["Truth", "Read", "Times"], rows, "pairs"))


def _jamo(run: RunReport) -> list[Element]:
    titles = {"cho": "Initials (cho)", "jung": "Medials (jung)", "jong": "Finals (jong)"}
    if not any(run.confusions.letters(place, 1) for place in titles):
        return []
    out = [
        tag(
            "p",
            "Rows are the truth, columns the reading, of syllables read as syllables; a stronger colour is more often, "
            "the diagonal is framed. Point at a cell for its numbers.",
        )
    ]
    for place, heading in titles.items():
        matrix = run.confusions.jamo[place]
        wrong, total = int(matrix.sum() - matrix.trace()), int(matrix.sum())
        rate = say.percent(wrong / total if total else None)
        picture = tag("div", charts.heat_map(matrix, LETTERS[place], heading), class_="scroll", tabindex="0")
        rows: list[list[Child]] = [
            [korean(wanted, "big"), korean(found, "big"), f"{count:,}", say.percent(count / of)]
            for wanted, found, count, of in run.confusions.letters(place, _SHORT)
        ]
        beside = table(["Truth", "Read", "Times", "Share"], rows, "pairs") if rows else tag("p", "None was wrong.")
        out += [tag("h3", f"{heading}: {rate} wrong"), tag("div", picture, beside, class_="columns")]
    return out


def _reliability(run: RunReport) -> list[Element]:
    found = run.reliability
    if found is None:
        text = f"{run.label} states no confidences, so nothing can be said of them."
        return [tag("p", text, class_="soft")]
    curve = found.rejects
    notes = [
        f"Expected calibration error of characters: {say.percent(found.calibration.ece)}; the largest of a class: "
        f"{say.percent(found.calibration.mce)}.",
        f"Of all eojeols {say.percent(float(curve.error[-1]))} are wrong; of the surest half "
        f"{say.percent(float(curve.error_at(0.5)))}, of the surest nine in ten "
        f"{say.percent(float(curve.error_at(0.9)))}.",
    ]
    classes = found.calibration
    number = np.maximum(classes.counts, 1)
    pictures = [
        charts.calibration(classes.counts, classes.confidences / number, classes.right / number),
        charts.reject_curve(curve.coverage, curve.error),
    ]
    heading = f"{run.label}: {say.counted(found.characters, 'character')}, {say.counted(found.eojeols, 'eojeol')}"
    return [tag("h3", heading), *(tag("p", note) for note in notes), tag("div", pictures, class_="columns")]
