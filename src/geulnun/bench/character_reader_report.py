"""The bench of the package's reader of characters as JSON, Markdown and a picture of where it looks."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from xml.etree import ElementTree as ET

import cv2
import numpy as np

from geulnun.bench.character_reader import METHODS, Row, Run
from geulnun.bench.chart import canvas, write_text
from geulnun.bench.report import Json, engine_json, percent, table
from geulnun.evaluate.characters.maps import Explained
from geulnun.evaluate.characters.pictures import blended, shrunk
from geulnun.evaluate.characters.run import Score, interval
from geulnun.evaluate.confusion import LETTERS

#: Side of a picture, the space between two, and the width of the words before them.
_SIDE, _STEP, _WORDS, _TOP = 84, 90, 200, 72


def as_json(meta: Json, rows: Sequence[Row], runs: Sequence[Run], megabytes: float, times: tuple[float, float]) -> Json:
    """The run as JSON."""
    alone, batched = (round(one, 3) for one in times)
    reader = {"megabytes": round(megabytes, 3), "ms_alone": alone, "ms_in_batches_of_64": batched}
    return {**meta, "reader": reader, "tests": [_row(one) for one in rows], "runs": [asdict(one) for one in runs]}


def _row(row: Row) -> Json:
    whole = row.found.whole
    found: Json = {"name": row.name, "images": whole.images, "top1": whole.top1, "top5": whole.topn}
    if row.bound is not None:
        found |= {"alphabet": row.alphabet, "top1_alphabet_known": row.bound}
    found |= {"unnamed": whole.unnamed, "jamo": dict(zip(LETTERS, row.jamo, strict=True))}
    if row.rival is not None:
        rival = row.rival
        shares = {"top1": rival.right / rival.images, "ours_top1": rival.ours / rival.images}
        found["rival"] = {**engine_json(rival.engine), "images": rival.images, **shares, "ms": rival.milliseconds}
    return found


def as_markdown(
    preamble: str, rows: Sequence[Row], runs: Sequence[Run], megabytes: float, times: tuple[float, float], picture: str
) -> str:  # fmt: skip
    """The run as Markdown; ``picture`` is the file that `maps` was written to, "" for none."""
    notes = (
        "Every drawn image is in fonts, and by hands, that no training image is of; people's writing was never learnt "
        "from. Top-1: the best character is the truth; top-5: it is among the five best; the interval is Wilson's of "
        "95 %. An image for which no character is named counts as wrong. Where all characters of a test are of one "
        "alphabet, it is also read by a reader that was told so (`allow`): ㅡ is then no underscore. Initials, "
        "medials and finals: of syllables read as syllables. Tesseract reads some of the same images (for each test "
        "the best of its models for Korean and its modes 7, 8, 10 and 13); beside it stands what ours has right of "
        "just these."
    )
    parts = ["# Reading single characters", preamble, notes, _accuracy(rows), _costs(rows, megabytes, times)]
    if picture:
        parts += [
            "## Where it looks",
            "Each row is a drawn character in a held-out font and what it was read as. Red speaks for the jamo that "
            "was read, blue against it: class activation maps (Zhou et al. 2016) on the left, Grad-CAM (Selvaraju et "
            "al. 2017) on the right, made from the shipped file. `geulnun evaluate character SET -o report` does so "
            "for images of one's own.",
            f"![Maps of where the reader looks for initial, medial and final]({picture})",
        ]  # fmt: skip
    families = _families(rows)
    if families:
        parts += ["## By family of fonts, top-1", families]
    parts += ["## Most taken for one another", _confused(rows)]
    if runs:
        parts += ["## Recipes that were run", *_runs(runs)]
    parts.append("Networks, heads and methods at an equal budget: [character_laboratory.md](character_laboratory.md).")
    return "\n\n".join(parts) + "\n"


def _accuracy(rows: Sequence[Row]) -> str:
    head = [
        "test",
        "images",
        "top-1",
        "95 %",
        "top-5",
        "top-1, alphabet known",
        "initial",
        "medial",
        "final",
        "Tesseract",
        "ours of these",
    ]
    out = []
    for row in rows:
        whole, rival = row.found.whole, row.rival
        low, high = interval(whole.first, whole.images)
        cells = [row.name, f"{whole.images:,}", percent(whole.top1), f"{low:.2%} to {high:.2%}", percent(whole.topn)]
        cells.append("–" if row.bound is None else f"{percent(row.bound)} ({row.alphabet})")
        cells += [percent(share) for share in row.jamo]
        if rival is None:
            cells += ["–", "–"]
        else:
            model = f"{rival.engine.name.removeprefix('Tesseract ')}, {rival.engine.setting}"
            cells += [f"{percent(rival.right / rival.images)} of {rival.images} ({model})"]
            cells += [percent(rival.ours / rival.images)]
        out.append(cells)
    return table(head, out)


def _costs(rows: Sequence[Row], megabytes: float, times: tuple[float, float]) -> str:
    text = (
        f"The file has {megabytes:.2f} MB. An image takes {times[0]:.2f} ms alone and {times[1]:.2f} ms in batches of "
        "64, preparation included, on two threads (medians)."
    )
    rivals = [row.rival for row in rows if row.rival is not None]
    if rivals:
        slow = float(np.median([one.milliseconds for one in rivals]))
        text += f" Tesseract took {slow:.0f} ms an image, {slow / times[1]:.0f} times as long."
    return text


def _families(rows: Sequence[Row]) -> str:
    """Top-1 of each family of fonts in each test that has several."""
    shown = [row for row in rows if len(row.found.facts.get("family", {})) > 1]
    names = sorted({family for row in shown for family in row.found.facts["family"]})
    cells = [[name, *(_share(row.found.facts["family"].get(name)) for row in shown)] for name in names]
    return table(["family", *(row.name for row in shown)], cells) if shown else ""


def _share(score: Score | None) -> str:
    return "–" if score is None else f"{percent(score.top1)} of {score.images:,}"


def _confused(rows: Sequence[Row]) -> str:
    out = []
    for row in rows:
        pairs = ", ".join(f"{a} as {b or 'nothing'} {n}" for (a, b), n in row.found.confusions.faults.most_common(8))
        out.append([row.name, pairs or "none"])
    return table(["test", "truth as reading, how often"], out)


def _runs(runs: Sequence[Run]) -> list[str]:
    rows = [
        [one.name, f"{one.images:,}", f"{one.megabytes:.2f}", name, f"{images:,}", percent(top1), percent(top5)]
        for one in runs
        for name, (top1, top5, images) in one.scores.items()
    ]
    parts = [
        "Each validated on its own recipe's sets (`geulnun train character recipes/characters/NAME.yaml`).",
        table(["recipe", "images seen", "MB", "validated on", "images", "top-1", "top-5"], rows),
    ]
    for one in runs:
        if one.curve:
            parts += [
                f"Size and accuracy while `{one.name}` was compressed:",
                table(list(one.curve[0]), map(_cells, one.curve)),
            ]
    return parts


def _cells(row: dict[str, str]) -> list[str]:
    return list(row.values())


def maps(explained: Sequence[Explained]) -> ET.Element:
    """Where the reader looks: a row of pictures for each example, its words before it, as one SVG."""
    wide = _WORDS + (1 + 3 * len(METHODS)) * _STEP + 8
    root = canvas("Where the reader of characters looks", wide, _TOP + len(explained) * _STEP + 8)
    write_text(root, 12, 24, "Where the reader of characters looks", 16, "start", weight="bold")
    heads = ["image", *("initial", "medial", "final") * len(METHODS)]
    for at, head in enumerate(heads):
        write_text(root, _WORDS + at * _STEP + _SIDE / 2, _TOP - 8, head, 11, "middle")
    for at, name in enumerate(("CAM", "Grad-CAM")):
        write_text(root, _WORDS + (2 + 3 * at) * _STEP + _SIDE / 2, _TOP - 24, name, 12, "middle", weight="bold")
    for line, one in enumerate(explained):
        top = _TOP + line * _STEP
        guess, glyph = one.example.guess, one.example.glyph
        words = f"{glyph.truth} read as {guess.text}, {guess.confidence:.0%}"
        write_text(root, 12, top + _SIDE / 2 - 4, words, 15, "start", fill="#111" if one.example.right else "#ca0020")
        write_text(root, 12, top + _SIDE / 2 + 14, glyph.facts.get("family", glyph.group), 11, "start", fill="#555")
        image = shrunk(one.example.image)
        pictures = [image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)]
        pictures += [blended(one.ink, found) for method in METHODS for found in one.maps.get(method, {}).values()]
        for at, picture in enumerate(pictures):
            place = {"x": str(_WORDS + at * _STEP), "y": str(top), "width": str(_SIDE), "height": str(_SIDE)}
            ET.SubElement(root, "image", {**place, "href": _embedded(picture)})
    return root


def _embedded(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    _, content = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 82])
    return "data:image/jpeg;base64," + base64.b64encode(content.tobytes()).decode()
