"""The report of characters as JSON for programs and as Markdown for repositories.

JSON, version 1: ``{"format": "geulnun-characters", "version": 1, ...}``. Shares are 0..1, not rounded. Later versions
add keys; one that changes the meaning of a key has another number.
"""

from __future__ import annotations

import json

from geulnun.evaluate.characters.run import CharacterEvaluation, Score, interval
from geulnun.evaluate.characters.words import TITLES, between, methods, notes
from geulnun.evaluate.confusion import LETTERS
from geulnun.evaluate.markup import clean
from geulnun.evaluate.plain import table
from geulnun.evaluate.wording import counted, percent, title

FORMAT, VERSION = "geulnun-characters", 1
_LISTED, _MOST = 20, 30

Json = dict[str, object]


def as_json(found: CharacterEvaluation) -> bytes:
    """The whole evaluation, but for the pictures."""
    faults = sorted(found.confusions.faults.items(), key=lambda item: (-item[1], item[0]))
    tree: Json = {
        "format": FORMAT, "version": VERSION, "program": found.version, "date": found.date, "set": found.title,
        "model": found.model, "n": found.options.n, "milliseconds": found.milliseconds, "all": _score(found.whole),
        "groups": {name: _score(score) for name, score in found.groups.items()},
        "facts": {
            name: {value: _score(score) for value, score in values.items()} for name, values in found.facts.items()
        },
        "jamo": {
            place: {"letters": list(LETTERS[place]), "counts": matrix.tolist()}
            for place, matrix in found.confusions.jamo.items()
        },
        "faults": [[wanted, read, count] for (wanted, read), count in faults],
        "outside": dict(found.outside),
        "wrong": [
            {"name": one.glyph.name, "truth": one.glyph.truth, "read": one.guess.text,
             "confidence": one.guess.confidence, "alternatives": [list(pair) for pair in one.guess.alternatives]}
            for one in found.wrong
        ],
        "left_out": list(found.left_out),
    }  # fmt: skip
    return (json.dumps(tree, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8", "replace")


def _score(score: Score) -> Json:
    return {
        "images": score.images, "top1": score.top1, "topn": score.topn, "unnamed": score.unnamed,
        "top1_interval": list(interval(score.first, score.images)),
        "topn_interval": list(interval(score.among, score.images)),
    }  # fmt: skip


def as_markdown(found: CharacterEvaluation, pictures: str = "") -> str:
    """The figures and the most frequent faults; ``pictures`` names the file that shows examples."""
    extent = f"Set: {found.title}. {counted(found.whole.images, 'image')}, {found.milliseconds:.2f} ms each."
    parts = [f"# Characters: {found.model}", extent, *notes(found)]
    groups = {TITLES.get(name, name): score for name, score in found.groups.items()}
    parts.append(_table({**groups, "All": found.whole} if len(groups) > 1 else groups, found.options.n))
    for name, values in found.facts.items():
        worst = dict(sorted(values.items(), key=lambda item: (item[1].top1, item[0]))[:_MOST])
        parts += [f"## {title(name)}", _table(worst, found.options.n)]
    parts += [_jamo(found), _faults(found)]
    if pictures and found.whole.first < found.whole.images:
        parts.append(f"Pictures are in {pictures}.")
    parts += ["## How this was measured", "\n".join(f"- {text}" for text in methods(found))]
    parts.append(f"Geulnun {found.version}, {found.date}")
    return clean("\n\n".join(part for part in parts if part)) + "\n"


def _table(scores: dict[str, Score], n: int) -> str:
    rows = []
    for name, score in scores.items():
        first, among = (
            [percent(right / max(score.images, 1)), between(interval(right, score.images))]
            for right in (score.first, score.among)
        )
        rows.append([name, f"{score.images:,}", *first, *among, f"{score.unnamed:,}"])
    return table(["", "Images", "Top-1", "Interval", f"Top-{n}", "Interval", "Not named"], rows)


def _jamo(found: CharacterEvaluation) -> str:
    rows = []
    for place, matrix in found.confusions.jamo.items():
        total = int(matrix.sum())
        pairs = found.confusions.letters(place, 5)
        if total:
            worst = ", ".join(f"{wanted}→{read} {count:,}" for wanted, read, count, _ in pairs)
            rows.append([place, percent(1 - int(matrix.trace()) / total), worst or "–"])
    return f"## Jamo\n\n{table(['Place', 'Wrong', 'Most often'], rows)}" if rows else ""


def _faults(found: CharacterEvaluation) -> str:
    faults = found.confusions.worst(_LISTED, True) + found.confusions.worst(_LISTED // 2, False)
    rows = [
        [wanted, read or "(none)", f"{count:,}", f"{found.confusions.occurrences[wanted]:,}"]
        for wanted, read, count in faults
    ]
    return f"## Most confused\n\n{table(['Truth', 'Read', 'Times', 'Of'], rows)}" if rows else ""
