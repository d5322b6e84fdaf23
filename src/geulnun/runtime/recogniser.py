"""The line recogniser at work: crops of lines in, characters with places and confidences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import Charset
from geulnun.decode.options import DecodeOptions, build
from geulnun.decode.steps import Rare, steps_of
from geulnun.errors import ModelError
from geulnun.image import ops
from geulnun.runtime import weights
from geulnun.runtime.session import open_session
from geulnun.spec import LineSpec

Floats = NDArray[np.float32]

#: Lines wider than this are run in pieces, so that memory does not grow with a line's length.
PIECE = 4096
#: What a step of the default network sees to either side, rounded up: pieces overlap by it, and their joint is exact.
SIGHT = 160
#: Total width of a batch; more brings no speed and costs memory.
BATCH_COLUMNS = 8192
#: Weights of the package's language model, chosen on lines of training fonts (`geulnun bench decoding`), and the
#: confidence below which a character makes a line be read with it: about one in five worn lines.
ALPHA, BETA, DOUBT = 0.35, 2.0, 0.9
#: Crops with fewer rows or columns hold nothing that could be read.
LEAST_ROWS, LEAST_COLUMNS = 6, 3


@dataclass(frozen=True, slots=True)
class CharReading:
    """One character read: its text (a space too), confidence 0..1, extent as fractions of the crop's width."""

    text: str
    confidence: float
    start: float
    end: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class LineReading:
    """A line read; ``confidence`` is the geometric mean of its characters', 0 for an empty line."""

    chars: tuple[CharReading, ...]
    confidence: float

    @property
    def text(self) -> str:
        """The characters as a string."""
        return "".join(char.text for char in self.chars)


@dataclass(frozen=True)
class Raw:
    """Logits (T, K) of a line, and those of ideographs where the network keeps them apart."""

    logits: Floats
    rare: Rare | None

    def cut(self, first: int, stop: int) -> Raw:
        """The steps from ``first`` to before ``stop``."""
        if self.rare is None:
            return Raw(self.logits[first:stop], None)
        inside = (self.rare.steps >= first) & (self.rare.steps < stop)
        return Raw(self.logits[first:stop], Rare(self.rare.steps[inside] - first, self.rare.logits[inside]))

    @classmethod
    def joined(cls, pieces: Sequence[Raw]) -> Raw:
        """The steps of all pieces, one after the other."""
        starts = np.cumsum([0, *(len(piece.logits) for piece in pieces[:-1])]).tolist()
        rare = [
            Rare(piece.rare.steps + start, piece.rare.logits)
            for piece, start in zip(pieces, starts, strict=True)
            if piece.rare is not None
        ]
        logits = np.concatenate([piece.logits for piece in pieces])
        if not rare:
            return cls(logits, None)
        return cls(logits, Rare(np.concatenate([r.steps for r in rare]), np.concatenate([r.logits for r in rare])))


class Recogniser:
    """Reads line crops with one network; safe to share between threads.

    Any network that `geulnun.export` writes will do: its file says what it takes and gives (`geulnun.spec`).

    Args:
        path: ONNX file; None for the package's own.
        threads: threads of one run; None for one a core.
        decoding: how its outputs become text. Running text, for which nothing is asked, is read greedily, and lines
            that hold a doubtful character once more with the package's language model; ``decoder="greedy"`` does
            without.

    Attributes:
        spec: what the network takes and gives.

    Raises:
        ModelError: the file is missing or is not such a network.
        MissingInputError, DamagedInputError: a lexicon or language model cannot be read.
    """

    def __init__(
        self,
        path: Path | None = None,
        threads: int | None = None,
        decoding: DecodeOptions | None = None,
    ) -> None:
        file = path or weights.path("recogniser")
        self._session = open_session(file, threads)
        self.spec = LineSpec.of_metadata(self._session.get_modelmeta().custom_metadata_map, str(file))
        self._input = self._session.get_inputs()[0].name
        _check_outputs(self._session.get_outputs(), self.spec, file)
        self._decode = build(_chosen(decoding, self.spec), self.spec.classes, self.spec.decoding)

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[LineReading]:
        """Read crops, uint8 (h, w) or (h, w, 3), of one line each; the readings in the same order."""
        inputs = {
            at: ops.line_input(crop, self.spec)
            for at, crop in enumerate(crops)
            if crop.shape[0] >= LEAST_ROWS and crop.shape[1] >= LEAST_COLUMNS
        }
        readings = [LineReading((), 0.0)] * len(crops)
        for group in _groups({at: line.shape[-1] for at, line in inputs.items()}):
            for at, (raw, seen) in zip(group, self.logits([inputs[at] for at in group]), strict=True):
                readings[at] = self._reading(raw, seen)
        return readings

    def logits(self, lines: list[Floats]) -> list[tuple[Raw, float]]:
        """Run prepared lines (`geulnun.image.ops.line_input`) as one batch.

        Returns:
            the logits of each line, and how many steps the line itself fills, without its padding. Those of a network
            of any width are cut there; one of fixed width has learned what padding looks like.
        """
        anywhere = self.spec.width is None and self.spec.decoding == "ctc"
        if len(lines) == 1 and lines[0].shape[-1] > PIECE and anywhere:
            whole = self._long(lines[0])
            return [(whole, float(len(whole.logits)))]
        batch = ops.line_batch(lines, spec=self.spec)
        out = []
        for line, raw in zip(lines, self._run(batch), strict=True):
            seen = len(raw.logits) * line.shape[-1] / batch.shape[-1]
            out.append((raw.cut(0, _whole(seen)) if anywhere else raw, seen))
        return out

    def _long(self, line: Floats) -> Raw:
        pieces = []
        total = line.shape[-1]
        for start in range(0, total, PIECE):
            first, last = max(0, start - SIGHT), min(total, start + PIECE + SIGHT)
            batch = ops.line_batch([line[..., first:last]], spec=self.spec)
            (raw,) = self._run(batch)
            rate = len(raw.logits) / batch.shape[-1]
            stop = min(start + PIECE, total)
            pieces.append(raw.cut(round((start - first) * rate), _whole((stop - first) * rate)))
        return Raw.joined(pieces)

    def _run(self, batch: Floats) -> list[Raw]:
        logits, *more = self._session.run(None, {self._input: batch})
        if not more:
            return [Raw(np.asarray(row, np.float32), None) for row in logits]
        places, found = more
        return [
            Raw(np.asarray(row, np.float32), Rare(places[places[:, 0] == at, 1], found[places[:, 0] == at]))
            for at, row in enumerate(logits)
        ]

    def _reading(self, raw: Raw, seen: float) -> LineReading:
        steps = steps_of(raw.logits, self.spec.classes, self.spec.temperature, raw.rare)
        decoded = self._decode(steps)
        if decoded and self.spec.decoding != "ctc":
            seen = decoded[-1].end
        chars = [
            CharReading(c.text, c.confidence, min(c.start / seen, 1.0), min(c.end / seen, 1.0), c.alternatives)
            for c in decoded
        ]
        kept = _trim(chars)
        if not kept:
            return LineReading((), 0.0)
        mean = float(np.exp(np.mean(np.log([max(char.confidence, 1e-6) for char in kept]))))
        return LineReading(tuple(kept), mean)


def _trim(chars: list[CharReading]) -> list[CharReading]:
    """Drop spaces at the ends and all but the first of several in a row."""
    kept: list[CharReading] = []
    for char in chars:
        if char.text != " " or (kept and kept[-1].text != " "):
            kept.append(char)
    if kept and kept[-1].text == " ":
        kept.pop()
    return kept


def _groups(widths: dict[int, int]) -> list[list[int]]:
    """Cut lines into batches of like widths: little padding, bounded total width."""
    groups: list[list[int]] = []
    least = 0
    for at in sorted(widths, key=lambda index: widths[index]):
        width = widths[at]
        fits = groups and width <= least * 1.15 + ops.WIDTH_STEP and (len(groups[-1]) + 1) * width <= BATCH_COLUMNS
        if fits:
            groups[-1].append(at)
        else:
            groups.append([at])
            least = width
    return groups


def _chosen(decoding: DecodeOptions | None, spec: LineSpec) -> DecodeOptions:
    asked = decoding or DecodeOptions()
    if not asked.plain or spec.decoding != "ctc":
        return asked
    return replace(asked, lm=weights.path("language"), alpha=ALPHA, beta=BETA, doubt=DOUBT)


def _whole(steps: float) -> int:
    """The steps that a line touches; what is off by rounding touches none."""
    return int(np.ceil(steps - 1e-6))


def _check_outputs(outputs: Sequence[Any], spec: LineSpec, file: Path) -> None:
    wide = outputs[0].shape[-1]
    classes = spec.classes
    expected = classes.core if isinstance(classes, Charset) and len(outputs) > 1 else classes.width
    if wide != expected:
        raise ModelError(f"{file}: writes {wide} outputs a step; the character set needs {expected}")
