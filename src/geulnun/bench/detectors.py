"""Detectors side by side: what they find on pages, scenes and real images, what is read there, and what they cost.

Truth and finders are compared by lines, words and characters, each in what it tells. Curved words, and lines nobody
can read, need not be found, nor what lies on them. What is measured of a page is kept at once, so that a run that was
stopped goes on where it was.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np

from geulnun import geometry, metrics
from geulnun.bench import real
from geulnun.bench.engines import Image
from geulnun.bench.finders import Finder, Found
from geulnun.bench.ours import code_digest
from geulnun.bench.samples import Sample
from geulnun.bench.score import MEASURES as READ_MEASURES
from geulnun.bench.score import MeasureName
from geulnun.document import Block, Line, Page
from geulnun.errors import MissingDependencyError
from geulnun.evaluate.cases import Case
from geulnun.evaluate.measures import MEASURES, place_columns
from geulnun.evaluate.pairing import Matched
from geulnun.geometry import Floats
from geulnun.pipeline import Reader, ReaderOptions
from geulnun.runtime import weights
from geulnun.synth import recipes

#: Told what is being done, and how many steps of how many are.
Progress = Callable[[str, int, int], None]
Kind = Literal["drawn", "real", "noise"]
#: Numbers of a page by measure; they are summed over pages.
Sums = dict[str, list[float]]

#: Characters of a line that lean by so many degrees to each other stand on a curve.
_CURVED = 12.0
#: What is read is compared in these; only drawn pages have the places and the one order that the others need.
READ: tuple[MeasureName, ...] = ("eojeol_bag_f1", "soft_f1", "cer_without_spaces")


@dataclass(frozen=True)
class PageSet:
    """Pages that are measured together.

    Attributes:
        name: its heading.
        kind: "drawn" pages have truth down to characters and may be shown, "real" ones lines at most; on "noise" there
            is nothing to find.
        size: how many.
        samples: makes them, the same each time.
        read: how many of them, from the first on, are read too.
    """

    name: str
    kind: Kind
    size: int
    samples: Callable[[], Iterator[Sample]]
    read: int = 0


def drawn(name: str, recipe: Path, size: int, read: int, seed: int, texts: Path | None = None) -> PageSet:
    """A set of a recipe of pages or scenes, in held-out fonts and sentences.

    Raises:
        RecipeError, MissingDependencyError: of the recipe and its fonts, when samples are asked for.
    """

    def samples() -> Iterator[Sample]:
        try:
            source = recipes.load(recipe, None, texts, "held-out").source()
        except ImportError as error:
            raise MissingDependencyError(f"drawing needs {error.name}; install geulnun[train]") from None
        for at in range(size):
            made = source.sample(at, seed)
            yield Sample(f"{name}/{at}", np.asarray(made.image), made.page)

    return PageSet(name, "drawn", size, samples, read)


def real_sets(folder: Path) -> list[PageSet]:
    """The Korean pages of a folder of real images: those with boxes for places, all of them to be read."""
    found = [one for one in real.slices(folder) if one.level == "page" and one.pool]
    return [PageSet(one.name, "real", one.size, one.samples, one.size) for one in found]


def noise(seed: int, side: int = 1000) -> PageSet:
    """Pages without text: noise of several kinds, black, white, one pixel high, and a long empty receipt."""

    def samples() -> Iterator[Sample]:
        rng = np.random.default_rng(seed)
        grain = rng.integers(0, 256, (side, side, 3), np.uint8)
        pages: dict[str, Image] = {
            "noise of colours": grain,
            "noise of greys": np.repeat(grain[..., :1], 3, 2),
            "salt and pepper": np.repeat(np.where(rng.random((side, side, 1)) < 0.05, 0, 255).astype(np.uint8), 3, 2),
            "weak noise": np.clip(rng.normal(200, 12, (side, side, 3)), 0, 255).astype(np.uint8),
            "coarse noise": np.kron(rng.integers(0, 256, (side // 8, side // 8, 3), np.uint8), np.ones((8, 8, 1))),
            "black": np.zeros((side, side, 3), np.uint8),
            "white": np.full((side, side, 3), 255, np.uint8),
            "one pixel high": rng.integers(0, 256, (1, side, 3), np.uint8),
            "20,000 pixels long": np.full((20_000, 300, 3), 245, np.uint8),
        }
        for name, image in pages.items():
            pixels = np.asarray(image, np.uint8)
            yield Sample(f"noise/{name}", pixels, Page(pixels.shape[1], pixels.shape[0]))

    return PageSet("pages without text", "noise", 9, samples)


@dataclass(frozen=True)
class Result:
    """What a finder reaches on a set: the sums of each measure."""

    finder: Finder
    set: PageSet
    pages: int
    sums: Sums

    def value(self, name: str) -> float | None:
        """A measure by its name in `geulnun.evaluate.measures`, or in `READ` after ``read:``; None if not taken."""
        if name not in self.sums:
            return None
        numbers = np.asarray(self.sums[name])
        value = float(MEASURES[name].combine(numbers)) if name in MEASURES else _ratio(numbers)
        return value if np.isfinite(value) else None

    @property
    def milliseconds(self) -> tuple[float, float, float]:
        """Mean of a page: of scaling it, of the network, and of what follows."""
        scaling, network, rest = (1e3 * one / max(self.pages, 1) for one in self.sums.get("seconds", [0.0] * 3))
        return scaling, network, rest

    @property
    def false_lines(self) -> float:
        """Lines found on the page, of those without text, where most were."""
        return max(self.sums.get("false lines", [0.0]))


def _ratio(numbers: Floats) -> float:
    return float(numbers[0] / numbers[1]) if numbers[1] else float("nan")


class Kept:
    """What was measured, a JSON line a page in a file for each finder."""

    def __init__(self, folder: Path, finder: Finder) -> None:
        self.file = folder / f"{''.join(char if char.isalnum() else '-' for char in finder.identity)}.jsonl"
        lines = self.file.read_text("utf-8").splitlines() if self.file.is_file() else []
        self.pages: dict[str, Sums] = {}
        for line in lines:
            # A run that was killed may leave half a line.
            if line.endswith("}]"):
                name, sums = json.loads(line)
                self.pages[name] = sums

    def add(self, name: str, sums: Sums) -> None:
        """Keep a page."""
        self.pages[name] = sums
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps([name, sums], ensure_ascii=False))


def measure(finders: Sequence[Finder], sets: Sequence[PageSet], work: Path, progress: Progress) -> list[Result]:
    """Let every finder look at every set.

    Args:
        finders: who looks.
        sets: at what.
        work: folder of what was measured; pages that are there are not looked at again.
        progress: told of each page.
    """
    reader, state = _Reads(), _state()
    kept = [Kept(work, finder) for finder in finders]
    sums: dict[tuple[int, int], Sums] = {}
    for number, chosen in enumerate(sets):
        for at, sample in enumerate(islice(chosen.samples(), chosen.size)):
            for who, finder in enumerate(finders):
                progress(f"{chosen.name}: {finder.name} {finder.setting}", at, chosen.size)
                # What was read too is another result than what was only found.
                how = "read" if at < chosen.read else "found"
                name = f"{sample.name} {how} {_fingerprint(sample.image)} {state}"
                if name not in kept[who].pages:
                    kept[who].add(name, _of_page(finder, sample, chosen.kind, at < chosen.read, reader))
                sums[who, number] = _summed([sums.get((who, number), {}), kept[who].pages[name]])
    return [
        Result(finder, chosen, chosen.size, sums.get((who, number), {}))
        for number, chosen in enumerate(sets)
        for who, finder in enumerate(finders)
    ]


def _state() -> str:
    """What decides what is found and read beside the finders: the code, and the weights of the default reader."""
    entries = "".join(entry.sha256 for entry in weights.entries() if entry.name != "detector")
    return f"{code_digest()}-{zlib.crc32(entries.encode()):08x}"


def _fingerprint(image: Image) -> str:
    """Tells drawn pages apart when recipes change, cheaply."""
    thin = image[:: max(1, image.shape[0] // 97), :: max(1, image.shape[1] // 89)]
    return f"{image.shape[1]}x{image.shape[0]}:{int(thin.astype(np.int64).sum())}"


def _summed(pages: Iterable[Mapping[str, list[float]]]) -> Sums:
    out: Sums = {}
    for page in pages:
        for name, numbers in page.items():
            if name == "false lines":
                out[name] = [*out.get(name, []), *numbers]
            else:
                out[name] = (np.asarray(out.get(name, [0.0] * len(numbers))) + numbers).tolist()
    return out


def _of_page(finder: Finder, sample: Sample, kind: Kind, reads: bool, reader: _Reads) -> Sums:
    found = finder.find(sample.image)
    sums: Sums = {"seconds": [found.scaling, found.network, found.rest]}
    if kind == "noise":
        return sums | {"false lines": [float(len(found.lines))]}
    # A drawn page without a line has all its truth; a real one's may just not say where lines are.
    if kind == "drawn" or any(line.quad is not None for line in sample.truth.lines):
        truth, shapes = without_curved(sample.truth, found)
        page = shapes.page(sample.truth.width, sample.truth.height)
        # Real boxes are of lines, or of parts of them; only drawn truth knows words and characters.
        units = found.units if kind == "drawn" else ("line",)
        columns = place_columns(Matched(Case(sample.name, (truth,)), truth, page), "line", units)
        for name in ("soft_f1", "strict_f1", "cleval_end_to_end"):
            columns.pop(name, None)
        sums |= {name: [float(number) for number in numbers] for name, numbers in columns.items()}
    if reads:
        placed = any(line.quad is not None for line in sample.truth.lines)
        names = READ if kind == "drawn" else READ[: 1 + placed]
        sums |= _read(sample.truth, reader.page(sample.image, found), names, "read")
        if found.read is not None:
            sums |= _read(sample.truth, found.read, names, "own")
    return sums


def _read(truth: Page, page: Page, names: Sequence[MeasureName], prefix: str) -> Sums:
    ratios = {name: READ_MEASURES[name].compute(truth, page) for name in names}
    return {f"{prefix}:{name}": [ratio.part, ratio.whole] for name, ratio in ratios.items()}


class _Reads:
    """The default reader with lines that were found already."""

    def __init__(self) -> None:
        self._found = Found(np.zeros((0, 4, 2)))
        self._reader = Reader(ReaderOptions(threads=2), detector=self)

    def detect(self, rgb: Image, /) -> Found:
        """What was found, for the reader to ask."""
        return self._found

    def page(self, image: Image, found: Found) -> Page:
        """Read a page where something was found."""
        self._found = found
        return self._reader.read(image).pages[0]


def without_curved(truth: Page, found: Found) -> tuple[Page, Found]:
    """Truth without lines that are curved or that nobody can read, and what was found without what lies on them."""
    skipped = [line for line in truth.lines if line.confidence == 0 or curved(line)]
    if not skipped:
        return truth, found
    gone = set(map(id, skipped))
    blocks = tuple(Block(tuple(line for line in block.lines if id(line) not in gone)) for block in truth.blocks)
    quads = geometry.as_quads([line.quad for line in skipped if line.quad is not None])

    def left(shapes: Floats | None) -> Floats | None:
        if shapes is None:
            return None
        return shapes[metrics.without_ignored(quads, [True] * len(quads), shapes)[1]]

    lines = left(found.lines)
    assert lines is not None
    return replace(truth, blocks=blocks), replace(found, lines=lines, words=left(found.words), chars=left(found.chars))


def curved(line: Line) -> bool:
    """Whether a line's characters lean by more than a little to each other."""
    quads = [char.quad for word in line.words for char in word.chars if char.quad is not None]
    if len(quads) < 2:
        return False
    lean = np.radians(geometry.angles(quads))
    middle = np.arctan2(np.sin(lean).mean(), np.cos(lean).mean())
    away = np.degrees((lean - middle + np.pi) % (2 * np.pi) - np.pi)
    return bool(away.max() - away.min() > _CURVED)
