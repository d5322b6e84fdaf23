"""The reader: the one place where inputs, detection, recognition and reading order meet."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, model_validator

from geulnun import geometry
from geulnun.analyse.doubles import without_doubles
from geulnun.analyse.order import arrange
from geulnun.decode.options import DecodeOptions
from geulnun.document import Block, Document, Line, Page
from geulnun.image.ops import crop_quad, line_quad, moved, to_grey
from geulnun.read import LoadOptions, PdfTextChoice, Raster, Source, open_source
from geulnun.read.raster import MAX_PIXELS
from geulnun.recipe import validated
from geulnun.runtime import weights
from geulnun.runtime.placing import bent_back, line_at

if TYPE_CHECKING:
    from geulnun.decode.bend import Bend
    from geulnun.decode.posture import PageTurn
    from geulnun.runtime.detector import Flat
    from geulnun.runtime.recogniser import LineReading

Pixels = NDArray[np.uint8]

# Line crops are a little larger than the detected quads, as the lines the recogniser learned from: detection is a few
# pixels off at times, and a cut stroke is a wrong letter. Fractions of the line's height, on each side.
GROW_ALONG = 0.15
GROW_ACROSS = 0.08

#: Pages whose median line is surer than this stand upright; of others, so many lines, the longest, are read from the
#: other end too, and the page is turned if that makes them surer by so much on average.
_SURE, _TRIED, _BETTER = 0.9, 8, 0.1

#: An image of one line so many times as high as wide may hold a column, or a line turned by a quarter.
_STANDS = 1.5

#: Rasters with a side below this, in pixels, hold no letter.
_LEAST_SIDE = 6


class ReaderOptions(BaseModel):
    """How a `Reader` reads. Frozen; a wrong value or a misspelt name raises `UsageError` with the remedy.

    Attributes:
        dpi: resolution at which PDF pages are drawn, see `geulnun.read.LoadOptions`.
        pages: page range such as ``1-3,7-``; None for all.
        password: opens encrypted PDFs.
        min_confidence: lines below it are dropped; 0..1. On rendered scenes and pages most lines read with less than
            a half were pictures, seals or dirt, and hardly any of their text was right.
        max_pixels: largest page accepted, in pixels.
        threads: threads of each network; None leaves the choice to the runtime.
        rotate: clockwise turn in degrees that makes the pages upright; "auto" decides for each page.
        decoding: how the recogniser's outputs become text: beam search, lexicon, language model, characters allowed.
        columns: whether columns of upright characters are looked for ("auto") or not ("never"). They are read by a
            network of their own; pages whose lines run across, as nearly all do, cost nothing more.
        pdf_text: what pages of a PDF become that hold text of their own, see `geulnun.read.LoadOptions`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dpi: float = 300.0
    pages: str | None = None
    password: str | None = None
    min_confidence: float = Field(default=0.5, ge=0.0, le=1.0)
    max_pixels: int = MAX_PIXELS
    threads: int | None = Field(default=None, ge=1, le=1024)
    rotate: Literal["auto", 0, 90, 180, 270] = "auto"
    decoding: DecodeOptions = DecodeOptions()
    columns: Literal["auto", "never"] = "auto"
    pdf_text: PdfTextChoice = "redo"

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        options = validated(handler, data, list(cls.model_fields))
        options.loading()
        return options

    def loading(self) -> LoadOptions:
        """The part that concerns inputs."""
        return LoadOptions(self.dpi, self.pages, self.password, self.max_pixels, self.pdf_text)


class Detected(Protocol):
    """What a detector finds."""

    @property
    def quads(self) -> NDArray[np.float64]:
        """Text lines (n, 4, 2), in pixels of the raster as given, clockwise from the text's start."""

    @property
    def rotation(self) -> int:
        """Clockwise turn in degrees that makes the page upright."""


class LineDetector(Protocol):
    """Finds the text lines of a page; safe to call from several threads."""

    def detect(self, rgb: Pixels, /) -> Detected:
        """Find the lines of a page, uint8 (h, w, 3)."""


class PageOrientation(Protocol):
    """Tells which way up pages stand and at which end lines begin; safe to call from several threads."""

    def page(self, image: Pixels, quads: NDArray[np.float64], guess: int, /) -> PageTurn:
        """Which way up a page, grey uint8 (h, w), is by its lines (n, 4, 2); ``guess`` is the detector's rotation."""

    def begun(self, image: Pixels, quads: NDArray[np.float64], rotation: int, /) -> NDArray[np.float64]:
        """The same lines, each from where its text begins on a page that needs a turn of ``rotation`` degrees."""


class LineRecogniser(Protocol):
    """Reads line crops, grey uint8 (h, w); safe to call from several threads."""

    def read(self, crops: Sequence[Pixels], /) -> Sequence[LineReading]:
        """Read each crop; one reading a crop, in their order."""


@dataclass(frozen=True)
class _Standing:
    """Lines of a page as they stand: quads (n, 4, 2), the page's turn, readings, and which are columns (n,)."""

    quads: NDArray[np.float64]
    rotation: int
    readings: Sequence[LineReading]
    vertical: NDArray[np.bool_]


class Reader:
    """Reads documents. One reader may serve many threads; its networks are loaded when first needed, once."""

    def __init__(
        self,
        options: ReaderOptions | None = None,
        *,
        detector: LineDetector | Path | str | None = None,
        recogniser: LineRecogniser | Path | str | None = None,
        columns: LineRecogniser | Path | str | None = None,
        orientation: PageOrientation | Path | str | None = None,
    ) -> None:
        """Take options and, instead of the shipped networks, other ones.

        Args:
            options: how to read.
            detector: finds lines, or the path of an ONNX file that does; "points" is the package's other one.
            recogniser: reads lines, or the path of an ONNX file that does (`geulnun finetune`, `geulnun train`).
            columns: reads columns of upright characters, or the path of such a file; with a recogniser of one's own
                and without this, columns are not looked for.
            orientation: tells which way up text stands, or the path of an ONNX file (`geulnun train orientation`).
        """
        self.options = options or ReaderOptions()
        self._detector = detector
        self._recogniser = recogniser
        self._columns = columns
        self._orientation = orientation
        self._seeks_columns = self.options.columns == "auto" and (recogniser is None or columns is not None)
        self._lock = threading.Lock()

    def read(self, source: Source) -> Document:
        """Read a whole source.

        Args:
            source: a file's path, a folder or glob (one document), ``-`` for stdin, bytes, an open binary file, an
                image array (see `geulnun.read.array_to_rgb`; RGB, not OpenCV's BGR) or a PIL image.

        Returns:
            Its selected pages in order. A blank page has no blocks.

        Raises:
            InputError: the source cannot be read; the message names it and the remedy.
            ModelError: the networks cannot be loaded.
        """
        with open_source(source, self.options.loading()) as rasters:
            return Document(tuple(self.read_page(raster) for raster in rasters), rasters.name)

    def iter_pages(self, source: Source) -> Iterator[Page]:
        """Yield the pages of ``source`` as they are read; only one is in memory as pixels at a time."""
        with open_source(source, self.options.loading()) as rasters:
            for raster in rasters:
                yield self.read_page(raster)

    def read_page(self, raster: Raster) -> Page:
        """Read one page raster, as `geulnun.read.open_source` yields them."""
        if raster.own is not None:
            return replace(raster.own, blocks=arrange(raster.own.lines))
        height, width = raster.rgb.shape[:2]
        blocks: tuple[Block, ...] = ()
        rotation = 0
        if min(width, height) >= _LEAST_SIDE:
            grey, quads, rotation, bend = self._detect(raster.rgb, to_grey(raster.rgb))
            page = self._stand(grey, quads, rotation, self._readings(grey, quads))
            if self._seeks_columns and not page.vertical.any():
                # Single columns stand beside lines, across their direction.
                page = self._with_columns(grey, page, all_lines=False)
            blocks, rotation = arrange(self._lines(page.quads, page.readings, page.vertical)), page.rotation
            blocks = blocks if bend is None else tuple(bent_back(block, bend) for block in blocks)
        return Page(width, height, blocks, raster.number, rotation, raster.dpi)

    def read_line(self, image: Source) -> Line:
        """Read an image that holds one line of text and little else, without detection.

        Returns:
            The line, its quad the image without wide margins, leaning as the line does; without words where nothing was
            read.
        """
        with open_source(image, self.options.loading()) as rasters:
            grey = to_grey(next(iter(rasters)).rgb)
        quad = line_quad(grey)
        crop = crop_quad(grey, quad)
        reading = self._loaded_recogniser().read([crop])[0]
        if not self._seeks_columns or crop.shape[0] < _STANDS * crop.shape[1]:
            return line_at(reading, quad, quad)
        # Down: as a column, or a line turned with the clock; up: one turned against it.
        down, up = np.roll(quad, -1, axis=0), np.roll(quad, 1, axis=0)
        turned = self._loaded_recogniser().read([np.rot90(crop), np.rot90(crop, -1)])
        (column,) = self._loaded_columns().read([crop])
        choices = [(column, down, True), (reading, quad, False), (turned[0], down, False), (turned[1], up, False)]
        best, where, vertical = max(choices, key=lambda choice: choice[0].confidence)
        return line_at(best, where, where, vertical)

    def _detect(self, rgb: Pixels, grey: Pixels) -> tuple[Pixels, NDArray[np.float64], int, Bend | None]:
        """Quads in pixels of a grey page, and the turn that makes it upright.

        The page is ``grey``, the same as ``rgb``, or where its lines bend, it laid flat, and how it bent.
        """
        detector, given = self._loaded_detector(), self.options.rotate
        bend: Bend | None = None
        if given == "auto":
            found = detector.detect(rgb)
            quads, turn = geometry.as_quads(found.quads), found.rotation
            # Detectors of one's own need not tell how a page bends.
            flat: Flat | None = getattr(found, "flat", None)
            if flat is not None:
                bend, quads = flat.bend, flat.quads
                grey = moved(grey, *bend.sources(*grey.shape))
        else:
            upright = np.ascontiguousarray(np.rot90(rgb, -given // 90))
            back = geometry.turn_matrix(upright.shape[1], upright.shape[0], -given % 360)
            quads, turn = geometry.transform(geometry.as_quads(detector.detect(upright).quads), back), int(given)
        if not len(quads):
            return grey, quads, turn, None
        orientation = self._loaded_orientation()
        turn = orientation.page(grey, quads, turn).rotation if given == "auto" else turn
        return grey, orientation.begun(grey, quads, turn), turn, bend

    def _readings(self, grey: Pixels, quads: NDArray[np.float64], *, columns: bool = False) -> Sequence[LineReading]:
        """Read what stands in each quad of a grey page, as lines or as columns."""
        if not len(quads):
            return []
        crops = [crop_quad(grey, quad) for quad in _cut(quads)]
        if columns:
            # A quad begins where its text does, so that its crop lies on its side; columns are read standing.
            return self._loaded_columns().read([np.ascontiguousarray(np.rot90(crop, -1)) for crop in crops])
        return self._loaded_recogniser().read(crops)

    def _stand(
        self, grey: Pixels, quads: NDArray[np.float64], rotation: int, readings: Sequence[LineReading]
    ) -> _Standing:
        """Turn a page's lines around, or take them for columns, if they read far better so.

        Lines are found from their shapes. A page that stands on its head has nearly the same ones, and a page of
        columns looks like one of lines that was turned by a quarter; only reading tells. Only a page read with doubt,
        or one whose lines run down, is looked at again: others cost nothing.
        """
        as_found = _Standing(quads, rotation, readings, np.zeros(len(quads), bool))
        if not len(quads):
            return as_found
        confidences = _confidences(readings)
        doubtful = np.median(confidences) <= _SURE
        ways = [(quads, rotation, True)] if self._seeks_columns and (doubtful or rotation == 270) else []
        if doubtful and self.options.rotate == "auto":
            around = np.roll(quads, 2, axis=1), (rotation + 180) % 360
            ways += [(*around, columns) for columns in ((False, True) if self._seeks_columns else (False,))]
        tried = _longest(quads)
        found = [self._readings(grey, other[tried], columns=columns) for other, _, columns in ways]
        means = [float(_confidences(some).mean()) for some in found]
        if not ways or max(means) - confidences[tried].mean() <= _BETTER:
            return as_found
        other, turn, columns = ways[int(np.argmax(means))]
        page = _Standing(other, turn, readings if other is quads else self._readings(grey, other), as_found.vertical)
        if not columns:
            return page
        # That all its lines ran down was no turn of the page.
        return self._with_columns(grey, replace(page, rotation=(turn + 90) % 360), all_lines=True)

    def _with_columns(self, grey: Pixels, page: _Standing, *, all_lines: bool) -> _Standing:
        """Read as columns of upright characters the lines that run down, or all, and keep what is surer so."""
        beside = (geometry.angles(page.quads) + page.rotation - 90 + 180) % 360 - 180
        candidates = np.flatnonzero(all_lines | (np.abs(beside) < 45))
        out, vertical = list(page.readings), page.vertical.copy()
        columns = self._readings(grey, page.quads[candidates], columns=True)
        for at, reading in zip(candidates, columns, strict=True):
            if reading.confidence > out[at].confidence:
                out[at], vertical[at] = reading, True
        return replace(page, readings=out, vertical=vertical)

    def _lines(
        self, quads: NDArray[np.float64], readings: Sequence[LineReading], vertical: NDArray[np.bool_]
    ) -> list[Line]:
        """Lines of their quads and readings; those without text, unsure ones, and those found twice are dropped."""
        lines = [
            line_at(reading, quad, crop, bool(column))
            for reading, quad, crop, column in zip(readings, quads, _cut(quads), vertical, strict=True)
            if reading.confidence >= self.options.min_confidence
        ]
        return without_doubles([line for line in lines if line.words])

    def _loaded_detector(self) -> LineDetector:
        with self._lock:
            if self._detector is None or isinstance(self._detector, (str, Path)):
                # Here and not above: loading the runtime takes longer than telling that a file is missing.
                from geulnun.runtime.detector import Detector

                file = weights.choose("detector", self._detector)
                self._detector = Detector(path=file, threads=self.options.threads)
            return self._detector

    def _loaded_orientation(self) -> PageOrientation:
        with self._lock:
            if self._orientation is None or isinstance(self._orientation, (str, Path)):
                from geulnun.runtime.orientation import Orientation

                self._orientation = Orientation(weights.choose("orientation", self._orientation), self.options.threads)
            return self._orientation

    def _loaded_recogniser(self) -> LineRecogniser:
        with self._lock:
            self._recogniser = self._opened(self._recogniser, "recogniser")
            return self._recogniser

    def _loaded_columns(self) -> LineRecogniser:
        with self._lock:
            self._columns = self._opened(self._columns, "columns")
            return self._columns

    def _opened(self, given: LineRecogniser | Path | str | None, name: str) -> LineRecogniser:
        """The recogniser given, or that of a file, the package's where none is named."""
        if given is not None and not isinstance(given, (str, Path)):
            return given
        from geulnun.runtime.recogniser import Recogniser

        return Recogniser(weights.choose(name, given), self.options.threads, self.options.decoding)


def _cut(quads: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is cut out of a page for lines (n, 4, 2)."""
    heights = geometry.sizes(quads)[1]
    return geometry.grow(quads, GROW_ALONG * heights, GROW_ACROSS * heights)


def _confidences(readings: Sequence[LineReading]) -> NDArray[np.float64]:
    return np.array([reading.confidence for reading in readings])


def _longest(quads: NDArray[np.float64]) -> NDArray[np.int64]:
    """The few lines of a page that tell most by being read another way."""
    widths, heights = geometry.sizes(quads)
    return np.argsort(-widths / np.maximum(heights, 1e-6), kind="stable")[:_TRIED]
