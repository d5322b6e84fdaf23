"""Fine-tune a recogniser on a user's own lines, in minutes and on a CPU, without losing what it reads already.

Half of every batch are lines such as the reader first learnt from (rehearsal: Robins 1995, "Catastrophic forgetting,
rehearsal and pseudorehearsal"), of which it shall say what it said before (distillation: Li and Hoiem 2016,
arXiv:1606.09282, section 3); statistics of normalisations stay as they are, and weights are drawn back to where they
began (L2-SP: Li et al. 2018, arXiv:1802.01483, section 3), strongly where there are no fonts to rehearse with. Of the
states on the way the best is kept, by lines that are not trained on; at the end it is tried whether weights between
the first and these are better still (WiSE-FT: Wortsman et al. 2022, arXiv:2109.01903, section 3).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from geulnun.charset import HANGUL, Charset, Classes
from geulnun.errors import InputError, UsageError
from geulnun.nets.recognition.heads import split
from geulnun.spec import LineSpec
from geulnun.training import networks
from geulnun.training.batches import GROUP, LineBatch, Mix, Ready, prepared
from geulnun.training.finetune_data import Feed, Parts, parted, rehearsal, some
from geulnun.training.finetune_start import Start
from geulnun.training.losses import loss_for
from geulnun.training.module import optimiser
from geulnun.training.options import LineTraining
from geulnun.training.sets import Line, LineSet, Words
from geulnun.training.validation import Scores, steps_filled, targets_of, validate

Log = Callable[[str], None]

#: How often weights are validated on the way.
_TURNS = 6
#: Share of the run over which the rate rises.
_RISE = 0.1
#: Errors on the user's lines that one more error on other styles is worth, as rates.
_DEAR = 5.0
#: Shares of the way from the first weights to the last that are tried.
_BETWEEN = (0.75, 0.5, 0.3)


@dataclass(frozen=True)
class FinetuneOptions:
    """How a recogniser is fine-tuned.

    Attributes:
        minutes: how long at most, the measuring not counted.
        clock: what minutes are: of the "wall", or what the "cpu" worked, shared by the threads, which is the same on a
            machine that does nothing else.
        steps: stop after so many steps, too; the rate falls towards whichever comes first.
        rate: AdamW's learning rate at its height.
        columns: pixels of width in a batch.
        rehearsal: share of rehearsed lines in each batch, 0..1.
        others: rehearsed lines, in fonts kept out, on which "other styles" are measured.
        anchor: pull back to the weights at the start, a share of the distance a step at the height of the rate.
        average: decay a step of the moving average that is validated and kept.
        validation: share of the user's lines that is kept for validation.
        patience: validations without a better result after which to stop.
        texts: folder of texts that rehearsed lines are drawn from; None for the built-in grammars.
        threads: PyTorch's threads; 0 leaves its default.
        seed: of the parts and of everything drawn.
    """

    minutes: float = 10.0
    clock: Literal["wall", "cpu"] = "wall"
    steps: int | None = None
    rate: float = 2e-4
    columns: int = 8_000
    rehearsal: float = 0.5
    others: int = 200
    anchor: float = 1e-4
    average: float = 0.99
    validation: float = 0.15
    patience: int = 3
    texts: Path | None = None
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("minutes", "rate", "columns"):
            if not getattr(self, name) > 0:
                raise UsageError(f"{name} is {getattr(self, name)}; expected a number above 0")
        for name in ("rehearsal", "anchor", "average"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; expected 0 to below 1")
        if not 0 < self.validation < 1:
            raise UsageError(f"validation is {self.validation}; expected a share between 0 and 1")
        if self.patience < 1 or (self.steps is not None and self.steps < 1):
            raise UsageError(f"patience is {self.patience} and steps {self.steps}; expected 1 or more")


@dataclass(frozen=True)
class Material:
    """What a run learns from and is measured on.

    Attributes:
        parts: the user's lines.
        rehearsed: lines of other styles; None without fonts.
        yours: the user's lines for validation.
        others: lines of other styles for validation; none without fonts.
        mix: what is known of the network's input.
    """

    parts: Parts
    rehearsed: LineSet | None
    yours: tuple[Line, ...]
    others: tuple[Line, ...]
    mix: Mix


@dataclass(frozen=True)
class Turn:
    """A validation on the way: steps and lines seen, and the scores on either part."""

    steps: int
    lines: int
    yours: Scores
    others: Scores | None

    def cost(self, first: Turn) -> tuple[float, float]:
        """What is to be small: errors on the user's lines and, dearer, what others lost since ``first``; the loss."""
        lost = self.others.cer.value - first.others.cer.value if self.others and first.others else 0.0
        return self.yours.cer.value + _DEAR * max(0.0, lost), self.yours.loss


@dataclass(frozen=True)
class Tuned:
    """What came of a run.

    Attributes:
        net: the best weights, in evaluation mode.
        turns: the validations, from the start on.
        best: that of the best weights.
        way: how far they are on the way from the first weights to those trained, 0..1.
        seconds: of training.
    """

    net: nn.Module
    turns: tuple[Turn, ...]
    best: Turn
    way: float
    seconds: float


def gather(folder: Path, start: Start, options: FinetuneOptions) -> Material:
    """Read and part the user's lines and prepare the rehearsal.

    Raises:
        InputError: nothing to learn from.
    """
    words = Words(start.spec.classes)
    parts = parted(folder, words, options.validation, options.seed)
    fit = networks.fit(start.net, start.spec)
    mix = Mix((), words, start.spec, fit, seed=options.seed, group=GROUP)
    yours = some(parts.validation, None)
    if not yours or not parts.train.size:
        raise InputError(f"{folder}: no image of the lines for {'training' if yours else 'validation'} can be read")
    rehearsed = rehearsal(words, options.texts)
    held_out = rehearsal(words, options.texts, "held-out")
    others = some(held_out, options.others) if held_out is not None else []
    return Material(parts, rehearsed, tuple(yours), tuple(others), mix)


def tune(start: Start, material: Material, options: FinetuneOptions, log: Log) -> Tuned:
    """Train on the user's lines.

    Args:
        start: the network to begin with; it is left as it was.
        material: what to train and validate on.
        options: how.
        log: receives a line at each validation.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    judge = _Judge(start.spec, material)
    run = _Run(start, material, options)
    turns = [judge(start.net, 0, 0)]
    log(told(turns[0]))
    due, stale, best, kept = 1, 0, turns[0], start.net
    while run.share < 1 and stale < options.patience:
        run.step()
        if run.share >= due / _TURNS:
            due += 1
            turns.append(judge(run.average, run.steps, run.lines))
            log(told(turns[-1]))
            stale += 1
            # The first state learnt stands for all of them: with weights between, it may still be better than none.
            if len(turns) == 2 or turns[-1].cost(turns[0]) < best.cost(turns[0]):
                best, kept, stale = turns[-1], copy.deepcopy(run.average), 0
    found = [(best, kept, 1.0), (turns[0], start.net, 0.0)]
    for way in _BETWEEN if best.steps else ():
        net = between(start.net, kept, way)
        found.append((judge(net, best.steps, best.lines), net, way))
        log(f"{way:.0%} of the way: {told(found[-1][0])}")
    best, kept, way = min(found, key=lambda one: one[0].cost(turns[0]))
    return Tuned(copy.deepcopy(kept).eval().float(), tuple(turns), best, way, run.seconds)


@torch.no_grad()
def between(first: nn.Module, last: nn.Module, way: float) -> nn.Module:
    """A network whose weights lie between two networks': ``way`` 0 is the first, 1 the last."""
    net = copy.deepcopy(last)
    torch._foreach_lerp_([one.data for one in net.parameters()], [one.data for one in first.parameters()], 1 - way)
    return net


class _Run:
    """A network in training, its average, and how far the run is; what is measured between steps takes no time."""

    def __init__(self, start: Start, material: Material, options: FinetuneOptions) -> None:
        self.spec, self.options = start.spec, options
        self.net = copy.deepcopy(start.net).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)
        self._first = copy.deepcopy(self.average)
        self._begin = [one.detach().clone() for one in self.net.parameters()]
        recipe = LineTraining(optimiser="adamw", rate=options.rate, weight_decay=0.0)
        self._optimiser = optimiser(recipe, self.net)
        self._loss = loss_for(start.spec.decoding, start.spec.classes)
        width = start.spec.width or _mean_width(material)
        mix = material.mix
        batch = max(2, round(options.columns / width))
        made = Mix((), mix.words, mix.spec, mix.fit, seed=mix.seed, batch=batch, group=mix.group)
        self._feed = iter(Feed(material.parts.train, material.rehearsed, options.rehearsal, made))
        # Without other styles to look at, nothing but the weights themselves tells what they were.
        self._anchor = options.anchor if material.rehearsed is not None else min(0.5, 30 * options.anchor)
        self.steps = self.lines = 0
        self.seconds = 0.0

    @property
    def share(self) -> float:
        """How much of the run is done, 0..1 and more."""
        by_time = self.seconds / (60 * self.options.minutes)
        return max(by_time, self.steps / self.options.steps if self.options.steps else 0.0)

    def step(self) -> None:
        """Train on one batch."""
        began = self._clock()
        share = self.share
        height = min(1.0, (share + 0.02) / _RISE) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * min(1.0, share)))
        for group in self._optimiser.param_groups:
            group["lr"] = self.options.rate * height
        _learning(self.net)
        batch, own = next(self._feed)
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._forward(batch, own)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        if bool(torch.isfinite(norm)):
            self._optimiser.step()
            self._pull(self._anchor * height)
        self.steps += 1
        self.lines += len(batch.labels)
        self.seconds += self._clock() - began

    def _clock(self) -> float:
        return time.monotonic() if self.options.clock == "wall" else time.process_time() / torch.get_num_threads()

    def _forward(self, batch: LineBatch, own: NDArray[np.bool_]) -> Tensor:
        """The loss of the user's lines, and how far rehearsed ones are from what the first network says of them."""
        inputs = torch.from_numpy(batch.inputs).to(memory_format=torch.channels_last).float()
        with torch.autocast("cpu", torch.bfloat16):
            logits = self._logits(self.net, inputs, batch.labels)
        steps = steps_filled(self.spec, torch.from_numpy(batch.widths), inputs.shape[-1], logits.shape[1])
        loss = logits.new_zeros((), dtype=torch.float32)
        mine, rest = (torch.from_numpy(part.nonzero()[0]) for part in (own, ~own))
        if len(mine):
            labels = [batch.labels[at] for at in mine.tolist()]
            loss = loss + self._loss(logits[mine], steps[mine], labels, self.spec.classes)
        if len(rest):
            labels = [batch.labels[at] for at in rest.tolist()]
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                before = self._logits(self._first, inputs[rest], labels)
            now = logits[rest, : before.shape[1]]
            inside = torch.arange(now.shape[1])[None] < steps[rest][:, None]
            characters = max(1, sum(map(len, labels)))
            loss = loss + (divergence(before, now, self.spec.classes) * inside).sum() / characters
        return loss

    def _logits(self, net: nn.Module, inputs: Tensor, labels: list[list[int]]) -> Tensor:
        if self.spec.decoding == "ctc":
            found: Tensor = net(inputs)
            return found
        found = net(inputs, targets_of(labels, inputs.device))
        return found

    @torch.no_grad()
    def _pull(self, anchor: float) -> None:
        """Draw the weights back to where they began, and the average on to the weights."""
        parameters = list(self.net.parameters())
        torch._foreach_lerp_([one.data for one in parameters], self._begin, anchor)
        # Early weights are soon worthless: the average starts short and grows to its full length.
        keep = min(self.options.average, (1 + self.steps) / (20 + self.steps))
        averaged = [one.data for one in self.average.parameters()]
        torch._foreach_lerp_(averaged, [one.data for one in parameters], 1 - keep)


def divergence(before: Tensor, now: Tensor, classes: Classes) -> Tensor:
    """How far distributions are from earlier ones at each step: Kullback-Leibler divergence in nats.

    Args:
        before: logits (N, T, classes.width).
        now: likewise.
        classes: the head's layout. Of the factored head, jamo count as much as the step is Hangul, and ideographs as
            much as it is one: that is the divergence over all characters.

    Returns:
        (N, T), float32.
    """
    if not isinstance(classes, Charset):
        return _divergence(before, now)
    first, second = split(before, classes), split(now, classes)
    gate = torch.softmax(first[0].float(), -1)
    out = _divergence(first[0], second[0])
    for at in (1, 2, 3):
        out = out + gate[..., HANGUL] * _divergence(first[at], second[at])
    if classes.ideographs:
        out = out + gate[..., classes.ideograph] * _divergence(first[4], second[4])
    return out


def _divergence(before: Tensor, now: Tensor) -> Tensor:
    first, second = (functional.log_softmax(logits.float(), -1) for logits in (before, now))
    return functional.kl_div(second, first, reduction="none", log_target=True).sum(-1)


class _Judge:
    """Reads both validation sets with a network."""

    def __init__(self, spec: LineSpec, material: Material) -> None:
        self._spec = spec
        self._yours, self._others = (
            [one for one in (prepared(line, material.mix, False, (0,)) for line in part) if one is not None]
            for part in (material.yours, material.others)
        )
        if not self._yours:
            raise InputError("no line of the user's for validation fits the network; give lines, not pages")

    def __call__(self, net: nn.Module, steps: int, lines: int) -> Turn:
        others = self._scores(net, self._others) if self._others else None
        return Turn(steps, lines, self._scores(net, self._yours), others)

    def _scores(self, net: nn.Module, lines: Sequence[Ready]) -> Scores:
        readings, loss, count = validate(net, self._spec, iter(lines), torch.device("cpu"))
        return Scores.of(readings, loss / max(1, count))


def _learning(net: nn.Module) -> None:
    """Training mode, but for the statistics of normalisations: a few lines of one style would spoil them."""
    net.train()
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.eval()


def _mean_width(material: Material) -> float:
    height = material.mix.spec.height
    widths = [float(height * line.image.shape[1] / line.image.shape[0]) for line in material.yours]
    return max(16.0, math.fsum(widths) / len(widths))


def told(turn: Turn) -> str:
    """A validation in a line."""
    others = f", other styles {turn.others.cer.value * 100:.2f} %" if turn.others else ""
    return f"{turn.steps} steps, {turn.lines} lines: CER {turn.yours.cer.value * 100:.2f} %{others}"
