"""What a run writes about itself: `log_train.txt`, a table of examples, TensorBoard."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from geulnun.training.validation import Reading, Scores, mean_scores

Log = Callable[[str], None]

#: Columns of a text in the table of examples.
_COLUMNS = 34


class Metrics(Protocol):
    """Where numbers go: a logger of Lightning's."""

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Keep numbers by name."""


@dataclass(frozen=True)
class Place:
    """Where a run is.

    Attributes:
        steps: done.
        lines: seen.
        done: of the unit that the run is measured in.
        total: of that unit, at the end.
        unit: "lines" or "steps".
        rate: the learning rate.
        speed: lines a second.
        loss: a character, since the last report.
    """

    steps: int
    lines: int
    done: int
    total: int
    unit: str
    rate: float
    speed: float
    loss: float


class Journal:
    """The record of a run in its folder.

    Args:
        folder: the run's.
        log: receives progress, a line at a time.
        tell: receives results: the lines of a validation.
        metrics: receives numbers; None where nobody wants them.
        show: examples in a table.
    """

    def __init__(self, folder: Path, log: Log, tell: Log, metrics: Metrics | None, show: int) -> None:
        self._file = folder / "log_train.txt"
        self._log, self._tell, self._metrics, self._show = log, tell, metrics, show
        self._began = time.monotonic()

    def progress(self, at: Place) -> None:
        """Say where the run is."""
        line = f"{at.done} of {at.total} {at.unit}: loss {at.loss:.4f} rate {at.rate:.2e} lines a second {at.speed:.1f}"
        self._log(line)
        self._write(line)
        if self._metrics is not None:
            numbers = {"train/loss": at.loss, "train/rate": at.rate, "train/lines_a_second": at.speed}
            self._metrics.log_metrics(numbers | {"train/lines": float(at.lines)}, at.steps)

    def note(self, text: str) -> None:
        """Say something else."""
        self._log(text)
        self._write(text)

    def judged(self, at: Place, scores: Mapping[str, Scores], best: tuple[float, float], turn: int) -> None:
        """Write what a validation found: losses, scores of all and of each set, examples."""
        accuracy, norm_ed = mean_scores(scores)
        lines = sum(len(one.readings) for one in scores.values())
        loss = sum(one.loss * len(one.readings) for one in scores.values()) / max(1, lines)
        elapsed = time.monotonic() - self._began
        rows = [
            f"[{at.done}/{at.total}] Train loss: {at.loss:.5f}, Valid loss: {loss:.5f}, Elapsed_time: {elapsed:.1f}",
            f"learning rate: {at.rate:.3e}, lines a second: {at.speed:.1f}, steps: {at.steps}, lines: {at.lines}",
            f"Current_accuracy : {accuracy * 100:.3f}, Current_norm_ED  : {norm_ed:.4f}",
            f"Best_accuracy    : {best[0] * 100:.3f}, Best_norm_ED     : {best[1]:.4f}",
            *(
                f"{name}: accuracy {one.accuracy * 100:.2f} %, norm_ED {one.norm_ed:.4f}, "
                f"CER {one.cer.value * 100:.2f} %, loss {one.loss:.4f}, {len(one.readings)} lines"
                for name, one in scores.items()
            ),
            *table([one for part in scores.values() for one in part.readings], self._show, turn),
        ]
        self._write("\n".join(rows))
        for row in rows:
            self._tell(row)
        self._log("CER in per cent: " + " ".join(f"{name} {one.cer.value * 100:.2f}" for name, one in scores.items()))
        if self._metrics is not None:
            numbers = {"valid/loss": loss, "valid/accuracy": accuracy, "valid/norm_ED": norm_ed}
            numbers |= {f"cer/{name}": one.cer.value for name, one in scores.items()}
            self._metrics.log_metrics(numbers, at.steps)

    def _write(self, text: str) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(text + "\n")


def table(readings: Sequence[Reading], count: int, turn: int) -> list[str]:
    """Lines of a table ``truth | prediction | confidence | T/F`` of ``count`` readings, others at every turn."""
    if not readings or not count:
        return []
    # Steps of a prime through the list: examples of all sets, and in time all lines.
    rows = [readings[(turn * count + at) * 7919 % len(readings)] for at in range(min(count, len(readings)))]
    dashes = "-" * (2 * _COLUMNS + 26)
    body = [
        f"{padded(one.truth)} | {padded(one.text)} | {one.confidence:.4f}     {'T' if one.text == one.truth else 'F'}"
        for one in rows
    ]
    return [dashes, f"{padded('truth')} | {padded('prediction')} | confidence T/F", dashes, *body, dashes]


def padded(text: str, columns: int = _COLUMNS) -> str:
    """A text filled with spaces, or cut, to so many columns of a terminal, where Hangul takes two."""
    out, used = "", 0
    for char in text:
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used + wide > columns:
            break
        out, used = out + char, used + wide
    return out + " " * (columns - used)
