"""What the data engine does: how fast it draws, whether what is drawn is what the label says, and to the same bytes.

Speed is samples a second of CPU time of this one process (`time.process_time`), so that other programs on the machine
do not count; images are not encoded. Fonts that were opened stay open, as they do in a long run: some samples are drawn
before the clock starts. As machines differ, a plain loop is timed beside.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun import hangul
from geulnun.bench.report import Json, table
from geulnun.document import Page
from geulnun.synth import outlines
from geulnun.synth.fonts import Face, faces
from geulnun.synth.lines import LineOptions
from geulnun.synth.outlines import Survey
from geulnun.synth.page_source import PAPER_MIX, SCENE_MIX, PageSource, PageSourceOptions
from geulnun.synth.pages import PageOptions
from geulnun.synth.produce import STATE, Order, Target, produce
from geulnun.synth.sample import Sample, Source
from geulnun.synth.sources import LineSource, WordOptions, WordSource
from geulnun.synth.text import TextSource
from geulnun.synth.wear import WearOptions

#: An em of 36 px gives lines about 48 px high. Print is not hinted.
LINES = LineOptions(size=(36, 36), length=(20, 20), worn=1.0, wear=WearOptions(preset="office"), hinting=0.0)
A4 = PageOptions(paper="a4", dpi=150, mixed=True, skew=2.0, look=WearOptions(preset="office"))
#: How many faces the check of drawn characters takes.
FACES = 24
#: What is wanted, in samples a second of CPU time.
WANTED = {"lines": 800.0, "pages": 2.0}
#: Where the wanted lines a second were set, a plain loop drew 1,900.
WANTED_SHARE = 800 / 1900


@dataclass(frozen=True)
class Workload:
    """Something to time.

    Attributes:
        group: which of them are pooled.
        name: its row's name.
        source: what draws the samples.
        warm: samples before the clock starts.
        count: samples under the clock.
        truth: whether the places of characters are measured too; training lines wants their text alone.
    """

    group: str
    name: str
    source: Source
    warm: int
    count: int
    truth: bool = True


@dataclass(frozen=True)
class Rate:
    """What was measured of a workload: samples, seconds of CPU time, and means over the samples."""

    workload: Workload
    seconds: float
    width: float
    height: float
    characters: float
    boxed: float

    @property
    def per_second(self) -> float:
        """Samples a second of CPU time."""
        return self.workload.count / max(self.seconds, 1e-9)


def workloads(texts: Path | None, quick: bool = False) -> list[Workload]:
    """Everything that is timed.

    Args:
        texts: folder of texts; None for the built-in grammars.
        quick: a few samples of each, to see that all works.
    """
    pool, words = faces("train"), TextSource(texts, "train")
    clean = replace(LINES, worn=0.0)
    out = [
        Workload("lines", "worn lines, 48 px, 20 characters", LineSource(LINES, pool, words), 1000, 2000, truth=False),
        Workload("lines", "the same with places of characters", LineSource(LINES, pool, words), 1000, 2000),
        Workload("lines", "the same with places, without wear", LineSource(clean, pool, words), 300, 800),
        Workload("words", "worn words", WordSource(WordOptions(), pool, words), 300, 800),
    ]
    out += [
        Workload("pages", f"A4 at 150 dpi, worn: {kind}", _pages({kind: 1.0}, A4, pool, words), 1, 3)
        for kind in PAPER_MIX
    ]
    out.append(Workload("plain loop", "a plain loop, 40 px, 20 characters", PlainLoop(pool), 100, 2000, truth=False))
    out.append(Workload("scenes", "scenes", _pages(SCENE_MIX, PageOptions(mixed=True), pool, words), 2, 8))
    share = 50 if quick else 1
    return [replace(one, warm=max(one.warm // share, 1), count=max(one.count // share, 1)) for one in out]


def _pages(kinds: Mapping[str, float], page: PageOptions, pool: Sequence[Face], texts: TextSource) -> Source:
    return PageSource(PageSourceOptions(dict(kinds), page), pool, texts)


class PlainLoop:
    """The least that a generator of worn lines can do: random syllables in one font, blurred, with noise."""

    size: int | None = None

    def __init__(self, pool: Sequence[Face]) -> None:
        face = next(face for face in pool if face.syllables)
        self._font, self._syllables = face.at(32), face.syllables

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one line."""
        rng = np.random.default_rng((seed, index))
        text = "".join(self._syllables[at] for at in rng.integers(len(self._syllables), size=18))
        text = f"{text[:5]} {text[5:11]} {text[11:]}"
        image = PilImage.new("L", (700, 40), 255)
        ImageDraw.Draw(image).text((4, 2), text, font=self._font, fill=0)
        soft = cv2.GaussianBlur(np.asarray(image), (3, 3), 0.8).astype(np.float32)
        noisy = soft + rng.standard_normal(soft.shape, dtype=np.float32) * np.float32(6)
        pixels = np.clip(noisy, 0, 255).astype(np.uint8)
        return Sample(pixels, Page(700, 40, ()), label=text)


def measure(workload: Workload, seed: int) -> Rate:
    """Time one workload on one core."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for index in range(workload.warm):
            workload.source.sample(index, seed)
        shapes, counts = [], []
        start = process_time()
        for index in range(workload.warm, workload.warm + workload.count):
            sample = workload.source.sample(index, seed)
            shapes.append(sample.image.shape[:2])
            if workload.truth:
                chars = [char for word in sample.page.words for char in word.chars]
                counts.append((len(chars), sum(char.quad is not None for char in chars)))
            else:
                counts.append((len(sample.text.replace(" ", "")), 0))
        seconds = process_time() - start
    finally:
        cv2.setNumThreads(threads)
    height, width = np.mean(shapes, 0)
    characters, boxed = np.mean(counts, 0)
    return Rate(workload, seconds, float(width), float(height), float(characters), float(boxed))


@dataclass(frozen=True)
class Agreement:
    """A set drawn by one process and by several: files, bytes, and how many files differ."""

    name: str
    files: int
    bytes: int
    differing: int


def sets(texts: Path | None, quick: bool = False) -> dict[str, tuple[Callable[[], Source], int]]:
    """What is drawn by several processes: what builds each source, and how many samples."""
    return {
        "lines": (partial(_line_source, texts), 40 if quick else 1000),
        "pages": (partial(_page_source, texts), 2 if quick else 24),
    }


def compare_workers(
    sets: Mapping[str, tuple[Callable[[], Source], int]], seed: int, workers: int = 4
) -> list[Agreement]:
    """Draw sets with one process and with ``workers``, and compare every file."""
    out = []
    for name, (make, count) in sets.items():
        with tempfile.TemporaryDirectory(prefix="geulnun-bench-") as folder:
            digests = []
            for number in (1, workers):
                target = Target(Path(folder, str(number)))
                produce(make, Order(count, seed, number), target, "bench")
                digests.append(_digests(target.folder))
            one, other = digests
            differing = sum(one.get(path) != other.get(path) for path in one.keys() | other.keys())
            size = sum(path.stat().st_size for path in Path(folder, "1").rglob("*") if path.is_file())
            out.append(Agreement(f"{count} {name}, 1 process and {workers}", len(one), size, differing))
    return out


def _line_source(texts: Path | None) -> Source:
    return LineSource(LineOptions(), faces("train"), TextSource(texts, "train"))


def _page_source(texts: Path | None) -> Source:
    options = PageSourceOptions(page=PageOptions(em=(9, 16), mixed=True))
    return PageSource(options, faces("train"), TextSource(texts, "train"))


def check_labels(seed: int, count: int) -> Survey:
    """Draw characters in some faces of both sides, and hold each against the font's outline, filled by other code.

    Opening a font's outlines takes seconds, so `FACES` are drawn at random of all; another seed checks others.
    """
    alphabet = [*hangul.syllables(), *map(chr, range(33, 127))]
    # Faces without Hangul are compared in ASCII, those without both in nothing.
    pool = [face for face in (*faces("train"), *faces("held-out")) if face.count("hangul") or face.count("ascii")]
    rng = np.random.default_rng(seed)
    chosen = [pool[at] for at in sorted(rng.permutation(len(pool))[:FACES])]
    return outlines.survey(chosen, rng, count, alphabet)


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != STATE)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@dataclass(frozen=True)
class Result:
    """A whole run."""

    rates: list[Rate] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    survey: Survey | None = None

    def pooled(self, group: str) -> float:
        """Samples a second over all workloads of a group: its first for lines, all kinds alike for pages."""
        rates = [rate for rate in self.rates if rate.workload.group == group]
        if group != "pages":
            return rates[0].per_second
        return sum(rate.workload.count for rate in rates) / max(sum(rate.seconds for rate in rates), 1e-9)

    @property
    def share(self) -> float:
        """Lines a second beside those of the plain loop."""
        return self.pooled("lines") / self.pooled("plain loop")


def as_json(meta: Json, result: Result) -> Json:
    """The run as JSON."""
    return {
        **meta,
        "speed": [
            {
                "group": rate.workload.group, "name": rate.workload.name, "samples": rate.workload.count,
                "per_cpu_second": round(rate.per_second, 2), "width": round(rate.width), "height": round(rate.height),
                "characters": round(rate.characters, 1), "characters_with_box": round(rate.boxed, 1),
            }
            for rate in result.rates
        ],
        "pooled": {group: round(result.pooled(group), 2) for group in WANTED},
        "wanted": dict(WANTED),
        "lines_beside_plain_loop": {"wanted": round(WANTED_SHARE, 3), "measured": round(result.share, 3)},
        "same_bytes": [vars(one) for one in result.agreements],
        "outlines": asdict(result.survey) if result.survey is not None else None,
    }  # fmt: skip


def as_markdown(preamble: str, result: Result) -> str:
    """The run as Markdown."""
    summary = [
        [f"worn {group} a second and core", f"≥ {wanted:g}", _figure(result.pooled(group))]
        for group, wanted in WANTED.items()
    ]
    summary.insert(1, ["the same beside a plain loop", f"≥ {WANTED_SHARE:.2f}", f"{result.share:.2f}"])
    summary += [[f"files that differ: {one.name}", "0", str(one.differing)] for one in result.agreements]
    if result.survey is not None:
        kind = f"of {result.survey.checked:,} characters drawn in {FACES} faces, those unlike the font's outline"
        summary.append([kind, "0", str(len(result.survey.differing))])
    head = ["workload", "samples", "per second and core", "mean size", "characters", "of these with a box"]
    rows = [
        [
            rate.workload.name, str(rate.workload.count), _figure(rate.per_second),
            f"{rate.width:.0f} × {rate.height:.0f}", f"{rate.characters:.1f}",
            f"{rate.boxed:.1f}" if rate.workload.truth else "not asked for",
        ]
        for rate in result.rates
    ]  # fmt: skip
    note = (
        "A second is one of CPU time of one process, images in memory and not encoded. Pages: all kinds pooled, each "
        "as often as the others. The plain loop is Pillow and NumPy with one font, blur and noise, nothing else: where "
        "800 lines a second were set as the mark, it drew 1,900."
    )
    parts = ["# Data engine", preamble, table(["what", "wanted", "measured"], summary), note, table(head, rows)]
    if result.survey is not None and result.survey.differing:
        found = [[face, char, f"{by:.3f}"] for face, char, by in result.survey.differing]
        parts += ["Characters that differ:", table(["face", "character", "distance"], found)]
    return "\n\n".join(parts) + "\n"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
