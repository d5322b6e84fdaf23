"""The bench of detectors as JSON, Markdown and a picture of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from geulnun.bench.detector_costs import Cost
from geulnun.bench.detectors import READ, PageSet, Result
from geulnun.bench.engines import Image
from geulnun.bench.finders import Finder, Found
from geulnun.bench.report import Json, percent, table
from geulnun.evaluate.measures import MEASURES
from geulnun.evaluate.wording import counted
from geulnun.geometry import Floats
from geulnun.write.files import write_file

#: Measures of places in the order of the columns, and their short headings.
_PLACES = {
    "word_f1": "word F1",
    "word_f1_mean": "0.5:0.95",
    "char_f1": "char F1",
    "char_f1_mean": "0.5:0.95",
    "line_f1": "line F1",
    "line_f1_mean": "0.5:0.95",
    "cleval_detection": "CLEval H",
    "word_splits": "words split",
    "word_merges": "words merged",
    "line_splits": "lines split",
    "line_merges": "lines merged",
}
_READ = {"eojeol_bag_f1": "eojeol bag F1", "soft_f1": "soft F1", "cer_without_spaces": "CER, spaces ignored"}
#: Size of a picture's panel.
_WIDE, _HIGH, _HEAD = 460, 620, 26
#: Pages of each set of which the one with most words is shown.
_LOOKED_AT = 8
_COLOURS = {"lines": (20, 130, 40), "words": (20, 60, 220), "chars": (225, 110, 10)}


def _title(finder: Finder) -> str:
    return finder.name if finder.setting.endswith("threads") else f"{finder.name}, {finder.setting}"


def pooled(results: Sequence[Result]) -> list[Result]:
    """The sets of real images together, for each finder."""
    out = []
    for finder in dict.fromkeys(one.finder for one in results):
        mine = [one for one in results if one.finder is finder and one.set.kind == "real"]
        if len(mine) > 1:
            names = dict.fromkeys(name for one in mine for name in one.sums)
            sums = {
                name: np.sum([one.sums[name] for one in mine if name in one.sums], axis=0).tolist() for name in names
            }
            together = PageSet("all Korean pages", "real", sum(one.pages for one in mine), mine[0].set.samples)
            out.append(Result(finder, together, together.size, sums))
    return out


def as_json(meta: Json, results: Sequence[Result], costs: Sequence[Cost]) -> Json:
    """The run as JSON."""
    rows = [_row(one) for one in [*results, *pooled(results)]]
    timed = [
        {
            "detector": one.finder.name, "setting": one.finder.setting, "page": one.page,
            "scaling_ms": round(1e3 * one.scaling, 1), "network_ms": round(1e3 * one.network, 1),
            "rest_ms": round(1e3 * one.rest, 1), "rest_share": round(one.share, 4),
            "decoding_ms": round(1e3 * one.decoding, 1),
            "lines": one.lines, "words": one.words, "characters": one.chars,
        }
        for one in costs
    ]  # fmt: skip
    finders = [
        {"name": one.name, "setting": one.setting, "identity": one.identity, "megabytes": round(one.megabytes, 3)}
        for one in dict.fromkeys(result.finder for result in results)
    ]
    return {**meta, "detectors": finders, "rows": rows, "costs": timed}


def _row(result: Result) -> Json:
    scaling, network, rest = result.milliseconds
    row: Json = {"set": result.set.name, "kind": result.set.kind, "pages": result.pages}
    row |= {"detector": result.finder.name, "setting": result.finder.setting}
    row |= {"scaling_ms": round(scaling, 1), "network_ms": round(network, 1), "rest_ms": round(rest, 1)}
    if result.set.kind == "noise":
        return row | {"most_false_lines": result.false_lines}
    names = [*MEASURES, *(f"{who}:{name}" for who in ("read", "own") for name in READ)]
    return row | {name: round(value, 5) for name in names if (value := result.value(name)) is not None}


def as_markdown(preamble: str, results: Sequence[Result], costs: Sequence[Cost], picture: str) -> str:
    """The run as Markdown; ``picture`` is the file that `pictures` was written to, "" for none."""
    parts = ["# Detectors", preamble, _notes()]
    everything = [*results, *pooled(results)]
    for chosen in {one.set.name: one.set for one in everything}.values():
        rows = [one for one in everything if one.set.name == chosen.name]
        if chosen.kind != "noise":
            parts += [
                f"## {chosen.name[:1].upper()}{chosen.name[1:]}, {counted(chosen.size, 'image')}",
                _set_table(rows),
            ]
    if costs:
        parts += ["## Costs", _costs_note(), _costs_table(costs)]
    quiet = [one for one in results if one.set.kind == "noise"]
    if quiet:
        parts += [
            "## Nothing to find",
            "Noise of several kinds, black, white, one pixel high, 20,000 pixels long: lines found where most were.",
            table(["detector", "false lines"], [[_title(one.finder), f"{one.false_lines:.0f}"] for one in quiet]),
        ]  # fmt: skip
    if picture:
        parts += [
            "## What is found",
            "Drawn pages in held-out fonts: lines green, words blue, characters orange.",
            f"![What each detector finds on drawn pages]({picture})",
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _notes() -> str:
    return (
        "Drawn pages and scenes are in fonts and sentences that no training saw; curved words and what lies on them "
        "are left out. F1 pairs quads one to one by falling IoU, at 0.5 and as the mean over 0.5, 0.55 … 0.95. CLEval "
        "H (detection) compares lines, and forgives other cuts of the same text for a price. Split: found in several "
        "parts; merged: found as one of several; shares of the true and of the found ones. A dash: the detector does "
        "not tell it, or the truth does not. What is read is read by the default reader in the lines of each detector, "
        "on as many of the pages as the heading of its columns says; below it, what Tesseract itself reads. Times are "
        "the means of a page on this machine, before and after the network's end; of Tesseract, those of reading it."
    )


def _set_table(rows: Sequence[Result]) -> str:
    """Rows by finder; measures that no finder has are left out."""
    places = [name for name in _PLACES if any(one.value(name) is not None for one in rows)]
    read = [name for name in _READ if any(one.value(f"read:{name}") is not None for one in rows)]
    count = f", {counted(rows[0].set.read, 'image')}" if 0 < rows[0].set.read < rows[0].set.size else ""
    head = ["detector", *(_PLACES[name] for name in places), *(f"{_READ[name]}{count}" for name in read), "ms"]
    out = []
    for one in rows:
        scaling, network, rest = one.milliseconds
        cells = [_percent(one.value(name)) for name in places]
        cells += [_percent(one.value(f"read:{name}")) for name in read]
        out.append([_title(one.finder), *cells, f"{scaling + network:.0f} + {rest:.0f}" if network else f"{rest:.0f}"])
        own = [one.value(f"own:{name}") for name in read]
        if any(value is not None for value in own):
            out.append([f"{_title(one.finder)}, read by itself", *("" for _ in places), *map(_percent, own), ""])
    return table(head, out)


def _percent(value: float | None) -> str:
    return percent(value)


def _costs_note() -> str:
    return (
        "The least of several runs, milliseconds: bringing the page to size, the network, and what follows it until "
        "lines are found, with its share of the whole; of this, words: from its maps to words and characters, without "
        "looking again and making lines, which are alike for all. Of Tesseract the whole page is timed, reading "
        "included, as finding alone cannot be had of it."
    )


def _costs_table(costs: Sequence[Cost]) -> str:
    slowest: dict[str, float] = {}
    for one in costs:
        if not one.network:
            # The quickest of its modes: what ours is held against.
            slowest[one.page] = min(slowest.get(one.page, np.inf), one.rest)
    rows = []
    for one in costs:
        beside = f"{one.seconds / slowest[one.page]:.3f}" if one.network and one.page in slowest else ""
        share = percent(one.share) if one.network else ""
        before = [f"{1e3 * one.scaling:.0f}", f"{1e3 * one.network:.0f}"] if one.network else ["", ""]
        after = [f"{1e3 * one.rest:.1f}", share, f"{1e3 * one.decoding:.1f}" if one.network else "", beside]
        found = [f"{one.lines:,}", f"{one.words or '–'}", f"{one.chars or '–'}"]
        rows.append([one.page, _title(one.finder), f"{one.finder.megabytes:.2f}", *before, *after, *found])
    head = [
        "page",
        "detector",
        "MB",
        "scaling",
        "network",
        "after",
        "share",
        "words",
        "of Tesseract's",
        "lines",
        "words",
        "chars",
    ]
    return table(head, rows)


def pictures(finders: Sequence[Finder], sets: Sequence[PageSet], file: Path) -> str:
    """Draw what each finder finds on a page of each drawn set, one full of words; the file's name, "" without any."""
    shown = [one for one in sets if one.kind == "drawn"]
    if not shown:
        return ""
    rows = []
    for chosen in shown:
        sample = max(islice(chosen.samples(), _LOOKED_AT), key=lambda one: len(one.truth.words))
        rows.append(np.concatenate([_panel(sample.image, finder) for finder in finders], 1))
    _, content = cv2.imencode(".webp", np.concatenate(rows)[..., ::-1].copy(), [cv2.IMWRITE_WEBP_QUALITY, 60])
    write_file(file, content.tobytes())
    return file.name


def _panel(image: Image, finder: Finder) -> Image:
    scale = min(_WIDE / image.shape[1], _HIGH / image.shape[0])
    size = max(1, int(image.shape[1] * scale)), max(1, int(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    out = np.full((size[1] + _HEAD, _WIDE + 6, 3), 255, np.uint8)
    # Paler than it is, so that outlines stand out.
    out[_HEAD : _HEAD + size[1], : size[0]] = np.asarray(small * 0.6 + 102, np.uint8)
    cv2.putText(out, _title(finder), (6, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    found = finder.find(image)
    for name, thick in (("lines", 2), ("words", 1), ("chars", 1)):
        _outline(out[_HEAD:], _quads(found, name), scale, _COLOURS[name], thick)
    return out


def _quads(found: Found, name: str) -> Floats:
    quads: Floats | None = getattr(found, name)
    return np.zeros((0, 4, 2)) if quads is None else quads


def _outline(canvas: Image, quads: Floats, scale: float, colour: tuple[int, int, int], thick: int) -> None:
    points = np.round(quads * scale * 8).astype(np.int32)
    cv2.polylines(canvas, list(points), True, colour, thick, cv2.LINE_AA, 3)
