"""The line recogniser at work: crops of lines in, characters with places and confidences out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import DEFAULT
from geulnun.decode import ctc
from geulnun.errors import ModelError
from geulnun.image import ops
from geulnun.runtime import weights
from geulnun.runtime.session import open_session

#: Pixels of width that one step of the network stands for.
STEP = 4
#: Lines wider than this are run in pieces, so that memory does not grow with a line's length.
PIECE = 4096
#: What a step sees to either side, rounded up to whole steps: pieces overlap by it, and their joint is exact.
SIGHT = 128
#: Total width of a batch; more brings no speed and costs memory.
BATCH_COLUMNS = 8192
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


class Recogniser:
    """Reads line crops with one network; safe to share between threads.

    Args:
        path: ONNX file; None for the package's own.
        threads: threads of one run; None for one a core.
        decoder: "greedy", or "beam" for prefix beam search, slower and a little surer on hard lines.
        alternatives: at most so many other readings a character.

    Raises:
        ModelError: the file is missing or is not such a network.
    """

    def __init__(
        self,
        path: Path | None = None,
        threads: int | None = None,
        decoder: Literal["greedy", "beam"] = "greedy",
        alternatives: int = 4,
    ) -> None:
        file = path or weights.path("recogniser")
        self._session = open_session(file, threads)
        self._input = self._session.get_inputs()[0].name
        width = self._session.get_outputs()[0].shape[-1]
        if width != DEFAULT.width:
            raise ModelError(f"{file}: writes {width} outputs a step; the character set needs {DEFAULT.width}")
        self._decode = ctc.greedy if decoder == "greedy" else ctc.beam
        self._alternatives = alternatives

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[LineReading]:
        """Read crops, uint8 (h, w) or (h, w, 3), of one line each; the readings in the same order."""
        inputs = {
            at: ops.line_input(crop)
            for at, crop in enumerate(crops)
            if crop.shape[0] >= LEAST_ROWS and crop.shape[1] >= LEAST_COLUMNS
        }
        readings = [LineReading((), 0.0)] * len(crops)
        for group in _groups({at: line.shape[1] for at, line in inputs.items()}):
            for at, logits in zip(group, self._logits([inputs[at] for at in group]), strict=True):
                readings[at] = self._reading(logits, inputs[at].shape[1])
        return readings

    def _logits(self, lines: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Logits (T, K) of each line, cut to the steps it fills."""
        if len(lines) == 1 and lines[0].shape[1] > PIECE:
            return [self._long(lines[0])]
        out = self._run(ops.line_batch(lines))
        return [row[: -(-line.shape[1] // STEP)] for row, line in zip(out, lines, strict=True)]

    def _long(self, line: NDArray[np.float32]) -> NDArray[np.float32]:
        pieces = []
        for start in range(0, line.shape[1], PIECE):
            first = max(0, start - SIGHT)
            last = min(line.shape[1], start + PIECE + SIGHT)
            logits = self._run(ops.line_batch([line[:, first:last]]))[0]
            stop = min(start + PIECE, line.shape[1])
            pieces.append(logits[(start - first) // STEP : -(-(stop - first) // STEP)])
        return np.concatenate(pieces)

    def _run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self._session.run(None, {self._input: batch})[0], np.float32)

    def _reading(self, logits: NDArray[np.float32], width: int) -> LineReading:
        decoded = self._decode(logits, DEFAULT, alternatives=self._alternatives)
        chars = [
            CharReading(
                c.text, c.confidence, min(c.start * STEP / width, 1.0), min(c.end * STEP / width, 1.0), c.alternatives
            )
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
