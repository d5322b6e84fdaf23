"""Readers kept by how they are set up, so that calls which differ in an argument share what is loaded."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from pathlib import Path

from geulnun.decode.options import DecodeOptions
from geulnun.errors import MissingInputError
from geulnun.pipeline import LineDetector, Reader, ReaderOptions

#: Readers kept at most; the one used longest ago goes first.
_KEPT = 8


class Readers:
    """Readers of one pair of networks. Safe to share between threads."""

    def __init__(self, detector: Path | None = None, recogniser: Path | None = None) -> None:
        """Take ONNX files of networks of one's own; None for the package's.

        Raises:
            MissingInputError: a file is not there.
        """
        for file in (detector, recogniser):
            if file is not None and not file.is_file():
                raise MissingInputError(f"{file}: no such file; check the path")
        self._recogniser, self._file = recogniser, detector
        self._detector: LineDetector | None = None
        self._kept: dict[ReaderOptions, Reader] = {}
        self._lock = threading.Lock()

    def detector(self) -> LineDetector:
        """What finds lines, loaded once."""
        from geulnun.runtime.detector import Detector  # here and not above: loading the runtime takes a while

        with self._lock:
            if self._detector is None:
                self._detector = Detector(self._file)
            return self._detector

    def get(self, decoding: DecodeOptions, min_confidence: float | None = None) -> Reader:
        """The reader that decodes so and drops lines below a confidence, 0.5 if None."""
        options = ReaderOptions(decoding=decoding)
        if min_confidence is not None:
            options = ReaderOptions(decoding=decoding, min_confidence=min_confidence)
        detector = self.detector()
        with self._lock:
            reader = self._kept.pop(options, None) or Reader(options, detector=detector, recogniser=self._recogniser)
            self._kept[options] = reader
            if len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
            return reader


def literal(chars: str | None) -> str:
    """Characters as `DecodeOptions` takes them in ``allow`` and ``block``, where some would mean a range."""
    return "".join(f"\\{char}" if char in "\\-^]" else char for char in dict.fromkeys(chars or ""))


def warn_unused(given: Mapping[str, object], usual: Mapping[str, object], where: str, depth: int = 4) -> None:
    """Warn of arguments that were set to something, though nothing here heeds them; ``depth`` frames up is the call."""
    for name, value in given.items():
        if value != usual[name]:
            warnings.warn(
                f"{where}: {name}={value!r} has no meaning here and is not heeded", UserWarning, stacklevel=depth
            )
