"""What happens around the steps of a run: reports, checkpoints, validations, and when it ends."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from geulnun.training.detection.module import DetectorModule, Tally
from geulnun.training.detection.options import DetectorTraining
from geulnun.training.detection.sets import Shown
from geulnun.training.detection.validation import Scores, finder, judged, overall
from geulnun.training.journal import Metrics
from geulnun.training.run import Log

#: Minutes between reports, and problems with data that are told one by one.
_REPORT, _TOLD = 0.5, 10

Bar = Callable[[str, int, int], None]


class Conductor(Callback):
    """Lightning's callback around every step.

    Args:
        folder: where `last.pt`, `best.pt` and `scores.jsonl` are kept.
        options: the run.
        sets: pages to validate on, by the sets' titles.
        log: receives lines of progress.
        tell: receives the lines of each validation.
        metrics: receives numbers; None where nobody wants them.
        minutes: stop, saved, after so long.
        bar: told how much is done.
        saved: the checkpoint that the run goes on from.
    """

    def __init__(
        self,
        folder: Path,
        options: DetectorTraining,
        sets: Mapping[str, Sequence[Shown]],
        log: Log,
        tell: Log,
        metrics: Metrics | None = None,
        minutes: float | None = None,
        bar: Bar | None = None,
        saved: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder, self.options, self.sets = folder, options, sets
        # Lightning gives every callback a ``log`` of its own.
        self._log, self._tell, self._metrics = log, tell, metrics
        self.minutes, self.bar = minutes, bar
        self.best: float = saved["best"] if saved else -1.0
        self._asked = False
        self._problems = 0
        self._judged_at: int | None = None
        self._before: Any = None
        self._began = self._said = self._saved = self._validated = time.monotonic()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lightning's hook: from here on SIGTERM saves and ends the run."""
        self._began = self._said = self._saved = self._validated = time.monotonic()
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._ask)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lightning's hook."""
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Lightning's hook: after every step."""
        module, options, now = pl_module, self.options, time.monotonic()
        assert isinstance(module, DetectorModule)
        if self.bar:
            self.bar(f"loss {module.tally.mean:.4f}", module.steps, options.steps)
        over = self.minutes is not None and now - self._began >= self.minutes * 60
        stop = module.steps >= options.steps or over or self._asked
        by_steps, late = options.validate_steps, now - self._validated > options.validate_minutes * 60
        judge = stop or (module.steps % by_steps == 0 if by_steps is not None else late)
        if judge or now - self._said > _REPORT * 60:
            self._report(module)
        # Whoever ends the run may not wait for a validation.
        if judge and not self._asked:
            self._judge(module)
        if stop or now - self._saved > options.save_minutes * 60:
            self._keep(module, "last")
        trainer.should_stop = stop

    def _report(self, module: DetectorModule) -> None:
        now, tally = time.monotonic(), module.tally
        speed = tally.batches / max(now - self._said, 1e-6)
        rate = module.schedule.at(module.steps)
        self._say(f"{module.steps} of {self.options.steps}: {tally} rate {rate:.2e} steps a second {speed:.2f}")
        for problem in module.problems[: max(0, _TOLD - self._problems)]:
            self._say(f"left out: {problem}")
        self._problems += len(module.problems)
        module.problems.clear()
        count = max(1, tally.batches)
        numbers = {f"train/{name}": value / count for name, value in tally.parts.items()}
        self._count(numbers | {"train/rate": rate, "train/steps_a_second": speed}, module.steps)
        module.tally, self._said = Tally(), now

    def _judge(self, module: DetectorModule) -> None:
        """Validate, and keep the weights if they are the best yet."""
        if self._judged_at == module.steps:
            return
        self._judged_at = module.steps
        find = finder(module.average, module.spec, module.device)
        scores: dict[str, Scores] = {name: judged(find, pages) for name, pages in self.sets.items()}
        for name, one in scores.items():
            self._tell(f"{module.steps} of {self.options.steps}, {name}: {one}")
            self._write("log_train.txt", f"{module.steps} of {self.options.steps}, {name}: {one}")
        rows = {"steps": module.steps, "sets": {name: one.numbers for name, one in scores.items()}}
        self._write("scores.jsonl", json.dumps(rows, ensure_ascii=False))
        numbers = {f"{kind}/{name}": value for name, one in scores.items() for kind, value in one.numbers.items()}
        self._count(numbers, module.steps)
        if scores and overall(scores) > self.best:
            self.best = overall(scores)
            self._keep(module, "best")
        self._validated = self._said = time.monotonic()

    def _keep(self, module: DetectorModule, name: str) -> None:
        """Write a checkpoint under another name and rename it, so that a kill leaves a whole one."""
        temporary = self.folder / f"{name}.tmp"
        torch.save(module.state() | {"best": self.best}, temporary)
        temporary.replace(self.folder / f"{name}.pt")
        if name == "last":
            self._saved = time.monotonic()

    def _count(self, numbers: dict[str, float], step: int) -> None:
        if self._metrics is not None:
            self._metrics.log_metrics(numbers, step)

    def _say(self, line: str) -> None:
        self._log(line)
        self._write("log_train.txt", line)

    def _write(self, name: str, line: str) -> None:
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")
