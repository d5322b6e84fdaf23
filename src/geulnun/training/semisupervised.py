"""FixMatch for sequences: what a reader is sure of in a weak view is the label of a strong one.

Sohn et al. 2020 (arXiv:2001.07685, section 2.2) for classes; for texts, the confidence is of a whole line, and the
reader that writes labels is the moving average of the one that learns (Zheng et al. 2022, "Pushing the Performance
Limit of Scene Text Recognizer without Human Annotation", CVPR 2022, section 3.3; Tarvainen and Valpola 2017,
arXiv:1703.01780).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from geulnun.decode import ctc, positions
from geulnun.decode.ctc import Decoded
from geulnun.decode.steps import steps_of
from geulnun.errors import RecipeError
from geulnun.spec import LineSpec
from geulnun.training.batches import Fit, Mix
from geulnun.training.losses import Loss, loss_for
from geulnun.training.module import LineModule
from geulnun.training.options import LineTraining
from geulnun.training.unlabelled import Pair, PairMix, Pairs, Views
from geulnun.training.unlabelled_options import UnlabelledChoice
from geulnun.training.validation import steps_filled, targets_of

#: The unlabelled sets' seed is the run's and so much, so that the same recipe on both sides draws other lines.
_APART = 104_729


@dataclass(frozen=True, slots=True)
class Guess:
    """What a reader makes of a line: class ids, and a confidence 0..1."""

    ids: tuple[int, ...]
    confidence: float


@dataclass
class Count:
    """Sums since they were last told: lines, those whose reading counted, confidences, and steps' losses."""

    lines: int = 0
    kept: int = 0
    confidence: float = 0.0
    losses: float = 0.0
    steps: int = 0


def confidence_of(decoded: Sequence[Decoded], kind: Literal["mean", "least"]) -> float:
    """The confidence of a reading from its characters': their geometric mean, or the least; 0 of an empty one."""
    if not decoded:
        return 0.0
    if kind == "least":
        return min(one.confidence for one in decoded)
    return math.exp(math.fsum(math.log(max(one.confidence, 1e-6)) for one in decoded) / len(decoded))


def guess(logits: NDArray[np.float32], spec: LineSpec, kind: Literal["mean", "least"]) -> Guess:
    """Read logits (T, K) of one line greedily. Space at the ends is not read; it is nothing to learn."""
    steps = steps_of(logits, spec.classes, spec.temperature)
    decoded = (ctc.greedy if spec.decoding == "ctc" else positions.greedy)(steps, spec.classes, alternatives=0)
    text = ctc.text_of(decoded)
    return Guess(tuple(spec.classes.encode(text)), confidence_of(decoded, kind))


def confident(guesses: Sequence[Guess], threshold: float, shortest: int = 1) -> list[int]:
    """Which guesses are as sure as ``threshold`` and have ``shortest`` characters, by their index."""
    return [at for at, one in enumerate(guesses) if one.confidence >= threshold and len(one.ids) >= shortest]


def weight_at(choice: UnlabelledChoice, step: int) -> float:
    """The weight of the loss at a step: nothing at first, then a straight rise."""
    if step < choice.wait:
        return 0.0
    return choice.weight * min(1.0, (step - choice.wait + 1) / max(choice.rise, 1))


class FixMatch:
    """The loss of lines without labels, step by step; what it draws follows from the step.

    Args:
        choice: what to do.
        mix: batches of weak and strong views, in this order.
        fit: steps that the network gives a line; None where it writes as many characters as it likes.
        workers: drawing processes.
        precision: of the forward pass.
    """

    def __init__(self, choice: UnlabelledChoice, mix: PairMix, fit: Fit | None, workers: int, precision: str) -> None:
        self.choice, self.mix, self.fit = choice, mix, fit
        self.workers, self.precision = workers, precision
        self.count = Count()
        self._batches: Iterator[Pair] | None = None
        self._loss: Loss = loss_for(mix.spec.decoding, mix.spec.classes)

    def __call__(self, module: LineModule) -> Tensor | None:
        """The weighted loss of the step that ``module`` is at; None where no reading counts."""
        weight = weight_at(self.choice, module.steps)
        if self._batches is None:
            mix = replace(self.mix, rank=module.global_rank, world=module.trainer.world_size)
            self._batches = iter(Pairs(mix, module.steps, self.workers))
        pair = next(self._batches)
        module.problems += pair.problems
        if not weight:
            return None
        assert module.average is not None
        guesses = self.read(module.average, pair.first, module.device)
        loss = self.of(module.net, pair.second, guesses, module.device)
        self.count.steps += 1
        self.count.losses += float(loss.detach()) if loss is not None else 0.0
        return None if loss is None else weight * loss

    @torch.no_grad()
    def read(self, reader: nn.Module, views: Views, device: torch.device) -> list[Guess]:
        """What the averaged network reads."""
        reader.eval()
        inputs = torch.from_numpy(views.inputs).to(device).float().to(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            logits = reader(inputs)
        steps = steps_filled(self.mix.spec, torch.from_numpy(views.widths), inputs.shape[-1], logits.shape[1])
        rows = logits.float().cpu().numpy()
        kind = self.choice.confidence
        return [guess(row[:seen], self.mix.spec, kind) for row, seen in zip(rows, steps.tolist(), strict=True)]

    def of(self, net: nn.Module, views: Views, guesses: Sequence[Guess], device: torch.device) -> Tensor | None:
        """The loss of strong views: the confident lines' mean per character, times their share of all lines."""
        rows = [
            row
            for row in confident(guesses, self.choice.threshold, self.choice.shortest)
            if self._holds(int(views.widths[row]), guesses[row].ids)
        ]
        self.count.lines += len(guesses)
        self.count.kept += len(rows)
        self.count.confidence += math.fsum(one.confidence for one in guesses)
        if not rows:
            return None
        spec, labels = self.mix.spec, [list(guesses[row].ids) for row in rows]
        inputs = torch.from_numpy(views.inputs[rows]).to(device).float().to(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            logits = net(inputs) if spec.decoding == "ctc" else net(inputs, targets_of(labels, device))
        widths = torch.from_numpy(views.widths[rows])
        steps = steps_filled(spec, widths, inputs.shape[-1], logits.shape[1])
        return self._loss(logits, steps, labels, spec.classes) * (len(rows) / len(guesses))

    def _holds(self, width: int, ids: Sequence[int]) -> bool:
        """Whether a view is wide enough for a text."""
        if self.fit is None:
            return True
        return self.fit.of(width) >= len(ids) + sum(a == b for a, b in itertools.pairwise(ids))

    def told(self) -> str:
        """What happened since this was last asked."""
        count, self.count = self.count, Count()
        if not count.lines:
            return "without labels: nothing read yet"
        return (
            f"without labels: {100 * count.kept / count.lines:.1f} % of {count.lines} lines read surely, "
            f"mean confidence {count.confidence / count.lines:.3f}, loss {count.losses / max(1, count.steps):.4f}"
        )


def extra(options: LineTraining, mix: Mix) -> FixMatch | None:
    """The loss of a run's lines without labels; None where it has none.

    Raises:
        RecipeError: the run has no moving average to read them.
    """
    choice = options.unlabelled
    if choice is None:
        return None
    if not options.average:
        raise RecipeError("unlabelled needs a moving average to write its labels; give average, such as 0.998")
    lines = max(1, round(mix.batch * choice.ratio))
    pairs = PairMix(
        choice.data, mix.spec, choice.weak, choice.strong, options.texts, options.seed + _APART, lines, mix.group
    )
    return FixMatch(choice, pairs, mix.fit, options.workers, options.precision)
