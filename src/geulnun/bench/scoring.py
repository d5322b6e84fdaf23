"""How long scoring takes: CLEval and soft end-to-end F1 of pages of words, beside the reference package `cleval`.

Both score the same made pages in the same run, each in one process; that their counts agree is checked on the way. The
reference may live in another interpreter than ours, for it needs PyTorch and a compiler. Where it is missing that is
said, and nothing is fetched.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geulnun import metrics
from geulnun.bench import scoring_reference
from geulnun.bench.report import Json, table
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.geometry import Floats, to_tuples

#: Seconds that 1,000 pages of 100 words may take.
WANTED = 20.0
_COLUMNS, _CELL, _HEIGHT = 10, 220, 60
_LETTERS = (
    "가각간갈감강개거건검것게경계고관구국그기나남내너노는다단대더도동되된들등디라러로를리마만면무문미바받"
    "방법보부비사상서선성세소수스시신아안양어에여영오요용우원위유으은을음의이인일자작장전정제조주지진차체"
    "치카타터토통파판평포표하한할함해행화회후"
)


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        pages: Pages scored.
        words: Words of the truth on each.
        cleval: Seconds of CPU our CLEval took, detection and end to end.
        soft: Seconds of CPU our soft end-to-end F1 took.
        wall: Seconds on the clock for both of ours.
        score: Our CLEval of all pages.
        soft_f1: Our pooled soft F1 of all pages.
        reference: What the reference took and found, None where it is missing.
        missing: Why it is missing, empty where it is not.
    """

    pages: int
    words: int
    cleval: float
    soft: float
    wall: float
    score: metrics.CLEval
    soft_f1: float
    reference: Reference | None
    missing: str

    @property
    def ours(self) -> float:
        """Seconds of CPU for CLEval and soft F1 together."""
        return self.cleval + self.soft


@dataclass(frozen=True)
class Reference:
    """What the reference package reached on its pages.

    Attributes:
        version: Its version.
        pages: Pages it scored, the first ones of ours.
        cpu: Seconds of CPU, its boxes built and its compiler warm.
        wall: Seconds on the clock.
        difference: The largest distance of one of its six ratios from ours on the same pages.
    """

    version: str
    pages: int
    cpu: float
    wall: float
    difference: float


def run(
    pages: int = 1000, words: int = 100, seed: int = 20, python: str | None = None, reference_pages: int | None = None
) -> Result:
    """Make pages and score them.

    Args:
        pages: How many.
        words: True words on each.
        seed: The same seed makes the same pages.
        python: An interpreter in which `cleval` is installed; this one without it.
        reference_pages: How many of the pages the reference scores, which takes some twenty times as long; all if None.
    """
    made = [make_page(np.random.default_rng((seed, number)), words) for number in range(pages)]
    truth, read = [one for one, _ in made], [other for _, other in made]
    clock, start = time.perf_counter(), time.process_time()
    scores = [metrics.page_cleval(one, other) for one, other in made]
    middle = time.process_time()
    soft = metrics.page_end_to_end(truth, read, level="word")
    end, wall = time.process_time(), time.perf_counter() - clock
    few = made[: pages if reference_pages is None else reference_pages]
    reference, missing = _reference(few, sum(scores[: len(few)], metrics.CLEval()), python or sys.executable)
    total = sum(scores, metrics.CLEval())
    return Result(pages, words, middle - start, end - middle, wall, total, soft.f1, reference, missing)


def make_page(rng: np.random.Generator, words: int) -> tuple[Page, Page]:
    """A true page of slightly turned words in rows, and a reading of it: some lost, added, split, merged or misread."""
    quads, texts = [], []
    for index in range(words):
        left, top = index % _COLUMNS * _CELL + 20, index // _COLUMNS * _HEIGHT + 20
        text = "".join(rng.choice(list(_LETTERS), int(rng.integers(1, 8))))
        quads.append(_turned(rng, left, top, 14 + 26 * len(text)))
        texts.append(text)
    found: list[tuple[Floats, str]] = []
    at = 0
    while at < words:
        fate, quad, text = rng.random(), quads[at], texts[at]
        at += 1
        if fate < 0.03:
            continue
        if fate < 0.08 and len(text) > 1:
            cut = len(text) // 2
            middle = np.rint(quad[[0, 3]] + (quad[[1, 2]] - quad[[0, 3]]) * cut / len(text))
            found.append((np.stack([quad[0], middle[0], middle[1], quad[3]]), _misread(rng, text[:cut])))
            found.append((np.stack([middle[0], quad[1], quad[2], middle[1]]), _misread(rng, text[cut:])))
        elif fate < 0.13 and at < words and at % _COLUMNS:
            found.append((np.stack([quad[0], quads[at][1], quads[at][2], quad[3]]), _misread(rng, text + texts[at])))
            at += 1
        else:
            found.append((quad + rng.integers(-2, 3, (4, 2)), _misread(rng, text)))
    for _ in range(int(rng.integers(0, 4))):
        found.append((_turned(rng, int(rng.integers(0, 2000)), int(rng.integers(0, 600)), 80), "가"))
    return _page(np.array(quads), texts), _page(np.array([quad for quad, _ in found]), [text for _, text in found])


def _turned(rng: np.random.Generator, left: int, top: int, width: int) -> Floats:
    drop = int(rng.integers(-4, 5))
    return np.array(
        [[left, top], [left + width, top + drop], [left + width, top + drop + 34], [left, top + 34]], float
    )  # fmt: skip


def _misread(rng: np.random.Generator, text: str) -> str:
    return "".join(str(rng.choice(list(_LETTERS))) if rng.random() < 0.05 else char for char in text)


def _page(quads: Floats, texts: list[str]) -> Page:
    words = tuple(
        Word(tuple(map(Char, text)), quad) for text, quad in zip(texts, to_tuples(quads), strict=True)
    )  # fmt: skip
    return Page(2400, 800, (Block((Line(words),)),))


def _reference(pages: list[tuple[Page, Page]], ours: metrics.CLEval, python: str) -> tuple[Reference | None, str]:
    data = json.dumps([[_plain(page) for page in pair] for pair in pages])
    command = [python, str(Path(scoring_reference.__file__))]
    try:
        done = subprocess.run(command, input=data, capture_output=True, text=True, encoding="utf-8", check=False)
    except OSError as error:
        return None, f"the reference cannot be run with {python}: {error.strerror}"
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return None, f"the package cleval does not run with {Path(python).name}: {last}"
    found = json.loads(done.stdout.splitlines()[-1])
    own = [
        ratio for side in (ours.detection, ours.end_to_end) for ratio in (side.recall, side.precision, side.f1)
    ]  # fmt: skip
    difference = max(abs(a - b) for a, b in zip(own, found["ratios"], strict=True))
    return Reference(found["version"], len(pages), found["cpu"], found["wall"], difference), ""


def _plain(page: Page) -> list[tuple[list[float], str]]:
    return [([number for point in word.quad or () for number in point], word.text) for word in page.words]


def as_json(meta: Json, result: Result) -> Json:
    """The run as JSON."""
    reference = result.reference
    return {
        **meta,
        "pages": result.pages, "words": result.words, "wanted_s": WANTED * result.pages * result.words / 100_000,
        "cleval_cpu_s": round(result.cleval, 3), "soft_f1_cpu_s": round(result.soft, 3),
        "wall_s": round(result.wall, 3),
        "detection_h": result.score.detection.f1, "end_to_end_h": result.score.end_to_end.f1,
        "recognition": result.score.recognition, "soft_f1": result.soft_f1,
        "reference": None if reference is None else vars(reference), "missing": result.missing,
    }  # fmt: skip


def as_markdown(preamble: str, result: Result) -> str:
    """The run as Markdown."""
    rows = [
        ["Geulnun: CLEval and soft F1", str(result.pages), f"{result.ours:.1f}", _each(result.ours, result.pages)],
        ["Geulnun: CLEval alone", str(result.pages), f"{result.cleval:.1f}", _each(result.cleval, result.pages)],
    ]
    note = f"The reference package is missing: {result.missing}."
    if (other := result.reference) is not None:
        name = f"cleval {other.version}: CLEval alone"
        rows.append([name, str(other.pages), f"{other.cpu:.1f}", _each(other.cpu, other.pages)])
        times = (other.cpu / max(other.pages, 1)) / max(result.cleval / max(result.pages, 1), 1e-9)
        note = (
            f"The reference takes {times:.1f} times as long. On the same pages its recall, precision and H, in "
            f"detection and end to end, differ from ours by {other.difference:.1g} at most."
        )
    wanted = WANTED * result.pages * result.words / 100_000
    text = (
        f"{result.pages:,} made pages of {result.words} words (some lost, added, split, merged, misread), in memory, "
        f"one process. Seconds are CPU time, the reference's compiler warm. Wanted: {wanted:g} s at most for ours."
    )
    return "\n\n".join(["# Scoring", preamble, text, table(["what", "pages", "s", "ms a page"], rows), note]) + "\n"


def _each(seconds: float, pages: int) -> str:
    return f"{1e3 * seconds / max(pages, 1):.1f}"
