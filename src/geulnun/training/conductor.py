"""What happens around the steps of a run: reports, checkpoints, validations, and when it ends."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from geulnun.training.journal import Journal, Place
from geulnun.training.module import LineModule, Tally, rate_at
from geulnun.training.options import LineTraining
from geulnun.training.validation import Lines, Reading, Scores, mean_scores, validate

#: Minutes between reports.
_REPORT = 0.5
#: Problems with data that are told one by one.
_TOLD = 10

Bar = Callable[[str, int, int], None]


@dataclass
class Best:
    """The best scores yet, and how many validations have passed since norm_ED was last better."""

    accuracy: float = -1.0
    norm_ed: float = -1.0
    stale: int = 0
    turns: int = 0


class Conductor(Callback):
    """Lightning's callback around every step.

    Args:
        folder: where checkpoints are kept: `last.pt`, `best_accuracy.pt`, `best_norm_ED.pt`.
        options: the run.
        sets: what is validated on.
        journal: what is written down.
        minutes: stop, saved, after so long.
        bar: told what is going on, how much is done, and of how much.
        saved: the checkpoint that the run goes on from.
    """

    def __init__(
        self,
        folder: Path,
        options: LineTraining,
        sets: Mapping[str, Lines],
        journal: Journal,
        minutes: float | None = None,
        bar: Bar | None = None,
        saved: Mapping[str, Any] | None = None,
    ) -> None:
        self.folder, self.options, self.sets, self.journal = folder, options, sets, journal
        self.minutes, self.bar = minutes, bar
        self.best = Best(**saved["best"]) if saved and "best" in saved else Best()
        self.stopped = False
        self._asked = False
        self._problems = 0
        self._judged_at: int | None = None
        self._began = self._said = self._saved = self._validated = time.monotonic()
        self._before: Any = None

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lightning's hook: from here on SIGTERM saves and ends the run."""
        self._began = self._said = self._saved = self._validated = time.monotonic()
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Lightning's hook: after every step."""
        module = pl_module
        assert isinstance(module, LineModule)
        save, judge, stop = self._decide(trainer, module)
        if self.bar and trainer.is_global_zero:
            self.bar(f"loss {module.tally.mean:.4f}", min(module.done, self.options.total), self.options.total)
        now = time.monotonic()
        if trainer.is_global_zero and (judge or stop or now - self._said > _REPORT * 60):
            self._report(module, now)
        if judge or stop:
            stop = self.judge(trainer, module) or stop
            self._validated = self._said = time.monotonic()
        if save or stop:
            self.keep(trainer, module, "last")
        if stop:
            self.stopped = True
            trainer.should_stop = True

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Lightning's hook."""
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    def _decide(self, trainer: Trainer, module: LineModule) -> tuple[bool, bool, bool]:
        """Whether to save, to validate, to stop; the first device's clock decides for all."""
        now, options = time.monotonic(), self.options
        over = self.minutes is not None and now - self._began >= self.minutes * 60
        by_steps = options.validate_steps
        judge = (
            module.steps % by_steps == 0
            if by_steps is not None
            else now - self._validated > options.validate_minutes * 60
        )
        found = (
            now - self._saved > options.save_minutes * 60,
            judge,
            module.done >= options.total or over or self._asked,
        )
        if trainer.world_size > 1:
            found = trainer.strategy.broadcast(found)
        return found

    def _report(self, module: LineModule, now: float) -> None:
        self.place = self._place(module, now)
        self.journal.progress(self.place)
        if module.extra is not None:
            self.journal.note(module.extra.told())
        for problem in module.problems[: max(0, _TOLD - self._problems)]:
            self.journal.note(f"left out: {problem}")
        self._problems += len(module.problems)
        module.problems.clear()
        module.tally = Tally()
        self._said = now

    def _place(self, module: LineModule, now: float) -> Place:
        speed = module.tally.lines / max(now - self._said, 1e-6)
        rate = rate_at(self.options, module.done)
        unit = "lines" if self.options.steps is None else "steps"
        return Place(module.steps, module.lines, module.done, self.options.total, unit, rate, speed, module.tally.mean)

    def judge(self, trainer: Trainer, module: LineModule) -> bool:
        """Validate, keep the weights if they are the best yet; whether the run's patience is over."""
        if self._judged_at == module.steps:
            return False
        self._judged_at = module.steps
        scores = {name: self._scores(trainer, module, lines) for name, lines in self.sets.items()}
        accuracy, norm_ed = mean_scores(scores)
        best = self.best
        better = accuracy > best.accuracy, norm_ed > best.norm_ed
        best.accuracy, best.norm_ed = max(best.accuracy, accuracy), max(best.norm_ed, norm_ed)
        best.stale = 0 if better[1] else best.stale + 1
        best.turns += 1
        if trainer.is_global_zero:
            at = getattr(self, "place", None) or self._place(module, time.monotonic())
            self.journal.judged(at, scores, (best.accuracy, best.norm_ed), best.turns - 1)
        for name, found in zip(("best_accuracy", "best_norm_ED"), better, strict=True):
            if found:
                self.keep(trainer, module, name)
        patience = self.options.patience
        return patience is not None and best.stale >= patience

    def _scores(self, trainer: Trainer, module: LineModule, lines: Lines) -> Scores:
        rank, world = trainer.global_rank, trainer.world_size
        readings, loss, count = validate(module.reader, module.spec, lines(), module.device, rank, world)
        if world > 1:
            parts: list[Any] = [None] * world
            torch.distributed.all_gather_object(parts, (readings, loss, count))
            merged: list[Reading | None] = [None] * sum(len(part[0]) for part in parts)
            for at, part in enumerate(parts):
                merged[at::world] = part[0]
            readings = [one for one in merged if one is not None]
            loss, count = sum(part[1] for part in parts), sum(part[2] for part in parts)
        return Scores.of(readings, loss / max(1, count), self.options.sensitive)

    def keep(self, trainer: Trainer, module: LineModule, name: str) -> None:
        """Write a checkpoint under another name and rename it, so that a kill leaves a whole one."""
        if trainer.is_global_zero:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary = self.folder / f"{name}.tmp"
            torch.save(module.state() | {"best": vars(self.best)}, temporary)
            temporary.replace(self.folder / f"{name}.pt")
        if name == "last":
            self._saved = time.monotonic()
