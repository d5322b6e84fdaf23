"""The bench of characters as JSON and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from geulnun.bench.characters import REAL, Plan, Result, mean
from geulnun.bench.report import Json, table
from geulnun.evaluate.characters.sets import FONT, HAND, PRINTED

#: Kinds of tests in the order of the columns.
_KINDS = (PRINTED, FONT, HAND, REAL)
_TITLES = {
    PRINTED: "printed",
    FONT: "handwriting fonts",
    HAND: "handwritten (hand model)",
    REAL: "handwritten (people)",
}


def as_json(meta: Json, results: Sequence[Result], plan: Plan) -> Json:
    """The run as JSON."""
    plain = {name: value for name, value in asdict(plan).items() if name not in ("recipe", "real")}
    return {**meta, "plan": plain, "results": [asdict(one) for one in results]}


def as_markdown(preamble: str, results: Sequence[Result], plan: Plan) -> str:
    """The run as Markdown, the best row first."""
    kinds = [kind for kind in _KINDS if any(kind in one.top1 for one in results)]
    seen = sorted({one.images for one in results})
    budget = f"{seen[0]:,}" if len(seen) == 1 else f"{seen[0]:,} to {seen[-1]:,}" if seen else "no"
    notes = (
        f"Each network saw {budget} images of {plan.size} pixels, of {plan.drawn:,} that were drawn once "
        f"(batches of {plan.batch}, channels "
        f"times {plan.factor:g}): print, handwriting fonts and writing of the hand model, of the syllables of KS X "
        f"1001. Then its exported file read {plan.tests:,} images of each kind in fonts and hands that it never "
        "learned from. M, MB and milliseconds are those of this very file: half precision, dropped weights packed away "
        "in 8-bit integers; two threads, preparation of the image included. Where no method is named it is AdamW "
        "without augmentation."
    )
    heads = ["network", "link", "head", "method", "M", "MB", "ms alone", "ms in batches of 64"]
    for kind in kinds:
        heads += [f"{_TITLES[kind]}, top-1", "top-5"]
    rows = [
        [*_told(one), *(f"{share:.2%}" for kind in kinds for share in (one.top1[kind], one.top5[kind]))]
        for one in sorted(results, key=lambda one: -mean(one))
    ]
    more = [[one.name, f"{one.images:,}", f"{one.minutes:.1f}", f"{mean(one):.2%}"] for one in results]
    details = table(["row", "images", "CPU minutes", "mean top-1"], more)
    return "\n\n".join(["# Characters: networks, heads, methods", preamble, notes, table(heads, rows), details]) + "\n"


def _told(one: Result) -> list[str]:
    costs = f"{one.parameters:.2f}", f"{one.megabytes:.2f}", f"{one.alone:.2f}", f"{one.batched:.2f}"
    return [one.net, one.link, one.head, one.method, *costs]
