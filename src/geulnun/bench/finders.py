"""What finds text in the bench of detectors: ours, from their files, and Tesseract's layout analysis."""

from __future__ import annotations

import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from PIL import Image as PillowImage

from geulnun import geometry
from geulnun.bench import tesseract
from geulnun.bench.child import run_child
from geulnun.bench.engines import Image
from geulnun.decode.shapes import Shapes
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.errors import MissingDependencyError
from geulnun.evaluate.measures import Unit
from geulnun.geometry import Floats
from geulnun.runtime import weights
from geulnun.runtime.detector import Detector, Maps

#: Page segmentation modes whose boxes are looked at: automatic, one block, sparse text.
MODES = (3, 6, 11)
#: What stands for a character of which only the place is known.
_FILLER = "·"


@dataclass(frozen=True)
class Found:
    """What was found on a page, and what it took.

    Attributes:
        lines: quads (k, 4, 2) in pixels of the page.
        words: quads (n, 4, 2); None where words are not told.
        chars: quads (m, 4, 2); None where characters are not told.
        rotation: the clockwise turn in degrees that makes the page upright.
        scaling: seconds until the network first runs: bringing the page to its size.
        network: seconds of the network.
        rest: seconds of what follows it: finding text in its maps, and a second page for small text. Of an engine that
            cannot be looked into, all seconds.
        decoding: of these, seconds from the network's maps to words and characters.
        read: the page as read by the finder itself, where it reads; the default reader has no part in it.
    """

    lines: Floats
    words: Floats | None = None
    chars: Floats | None = None
    rotation: int = 0
    scaling: float = 0.0
    network: float = 0.0
    rest: float = 0.0
    decoding: float = 0.0
    read: Page | None = None

    @property
    def quads(self) -> Floats:
        """The lines, as a reader asks for them."""
        return self.lines

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.scaling + self.network + self.rest

    @property
    def units(self) -> tuple[Unit, ...]:
        """What it tells the places of."""
        out: list[Unit] = ["line"]
        out += ["word"] if self.words is not None else []
        out += ["char"] if self.chars is not None else []
        return tuple(out)

    def page(self, width: int, height: int) -> Page:
        """The places as a page: lines without words, then all words and characters in a line without a place."""
        none = np.zeros((0, 4, 2))
        lines = [Line((), quad) for quad in geometry.to_tuples(self.lines)]
        words = [Word((), quad) for quad in geometry.to_tuples(none if self.words is None else self.words)]
        chars = geometry.to_tuples(none if self.chars is None else self.chars)
        loose = Line((*words, Word(tuple(Char(_FILLER, quad) for quad in chars))))
        return Page(width, height, (Block((*lines, loose)),))


class Finder(ABC):
    """Finds text.

    Attributes:
        name: what tables call it.
        setting: what was set; the best setting of a name is the one compared.
        megabytes: size of its file, in 10^6 bytes.
        identity: what decides its output: the key of saved results.
    """

    name: str
    setting: str
    megabytes: float
    identity: str

    @abstractmethod
    def find(self, image: Image) -> Found:
        """Find what stands on a page, RGB uint8 (h, w, 3)."""


@final
class Network(Finder):
    """A detector of ours.

    Args:
        file: its ONNX file.
        threads: threads of a run.
        name: what tables call it; its kind if not given.
    """

    def __init__(self, file: Path, threads: int = 2, name: str | None = None) -> None:
        self.detector = Detector(file, threads)
        self.name, self.setting = name or self.detector.spec.kind, f"{threads} threads"
        self.megabytes = file.stat().st_size / 1e6
        self.identity = f"{self.name} {weights.digest(file)[:12]} {threads}"
        self._clock = _Clock(self.detector._session)
        self.detector._session = self._clock
        self._decode, self._decoding = self.detector._decode, 0.0
        self.detector._decode = self._timed  # type: ignore[method-assign]

    def find(self, image: Image) -> Found:
        """Find lines, words and characters."""
        began = time.perf_counter()
        self._clock.reset()
        self._decoding = 0.0
        detection = self.detector.detect(image)
        ended = time.perf_counter()
        network, scaling = self._clock.seconds, (self._clock.first or ended) - began
        shapes, rest = detection.shapes, ended - began - network - scaling
        return Found(
            detection.quads, shapes.words, shapes.chars, detection.rotation, scaling, network, rest, self._decoding
        )

    def _timed(self, maps: Maps) -> Shapes:
        began = time.perf_counter()
        found = self._decode(maps)
        self._decoding += time.perf_counter() - began
        return found


class _Clock:
    """A session that counts the seconds it runs, and tells when it first ran."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.seconds, self.first = 0.0, 0.0

    def run(self, *arguments: Any) -> Any:
        """Run the session."""
        began = time.perf_counter()
        self.first = self.first or began
        out = self._session.run(*arguments)
        self.seconds += time.perf_counter() - began
        return out

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@final
class TesseractBoxes(Finder):
    """The boxes of lines and words that Tesseract finds, and what it reads in them.

    Its time is that of reading the page; finding alone cannot be had of it. It tells no characters' boxes in one pass
    with the words'.
    """

    def __init__(self, engine: tesseract.Tesseract) -> None:
        self.engine = engine
        self.name, self.setting = "Tesseract", engine.setting
        self.megabytes = engine.weights_bytes / 1e6
        self.identity = engine.identity

    def find(self, image: Image) -> Found:
        """Run it on a page in a process of its own."""
        height, width = image.shape[:2]
        with tempfile.TemporaryDirectory(prefix="geulnun-bench-") as folder:
            path = Path(folder, "page.png")
            PillowImage.fromarray(image).save(path, compress_level=1)
            command, environment = self.engine.command(path)
            usage = run_child(command, environment)
            tsv, text = (path.with_suffix(f".out.{kind}").read_text("utf-8") for kind in ("tsv", "txt"))
        (page,) = tesseract.parse(tsv, text, [(width, height)], [0])
        lines = geometry.as_quads([line.quad for line in page.lines if line.quad is not None])
        return Found(lines, words_of(tsv), rest=usage.wall, read=page)


def words_of(tsv: str) -> Floats:
    """Quads (n, 4, 2) of the words (level 5) with text in Tesseract's TSV of one page."""
    rows = [row.split("\t", 11) for row in tsv.splitlines()[1:]]
    boxes = [list(map(float, row[6:10])) for row in rows if row[0] == "5" and row[11].strip()]
    left, top, wide, high = np.asarray(boxes, np.float64).reshape(-1, 4).T
    return geometry.from_boxes(np.stack([left, top, left + wide, top + high], 1))


def installed(missing: list[str], modes: Sequence[int] = MODES) -> list[Finder]:
    """Tesseract's Korean model in each mode; nothing, and a line in ``missing``, where there is no Tesseract."""
    try:
        there = tesseract.find()
    except MissingDependencyError as error:
        missing.append(f"Tesseract: {error}")
        return []
    language = next((name for name in there.languages if name not in tesseract.VERTICAL), "kor")
    return [TesseractBoxes(tesseract.Tesseract(there, language, mode)) for mode in modes]
