"""Validation: sets read by the network that is trained, and what is told of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from geulnun.charset import Charset
from geulnun.decode import ctc, positions
from geulnun.decode.steps import steps_of
from geulnun.errors import InputError
from geulnun.image import ops
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import cer, exact, ned_similarity
from geulnun.spec import LineSpec
from geulnun.synth.fonts import faces
from geulnun.synth.lines import CLEAN, WORN, LineRenderer
from geulnun.synth.text import TextSource
from geulnun.training.batches import Mix, Ready, prepared
from geulnun.training.losses import filled_steps, loss_for
from geulnun.training.options import LineTraining
from geulnun.training.sets import Line, LineSet, open_set

#: Lines that are read at a time, sorted by width, and how many of those make a batch.
WINDOW, BATCH = 256, 16
#: The slices that a run validates on where it names no sets: how lines are drawn, and what they say.
SLICES = {
    "clean": (CLEAN, "sentence"),
    "worn": (WORN, "sentence"),
    "syllables": (CLEAN, "syllables"),
    "figures": (CLEAN, "figures"),
    "latin": (CLEAN, "latin"),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A line of a validation set: its text, what was read, and the confidence 0..1 of that."""

    truth: str
    text: str
    confidence: float


@dataclass(frozen=True)
class Scores:
    """How well a set was read.

    Attributes:
        readings: the lines.
        accuracy: share of lines without any error, spaces counted, 0..1.
        norm_ed: mean of 1 - edits / the longer length, ICDAR 2019's 1-NED (`geulnun.metrics.text.ned_similarity`).
        cer: edits over the truth's characters.
        loss: mean per character, as in training.
    """

    readings: tuple[Reading, ...]
    accuracy: float
    norm_ed: float
    cer: ErrorRate
    loss: float

    @classmethod
    def of(cls, readings: Sequence[Reading], loss: float, sensitive: bool = True) -> Scores:
        """Score readings; without ``sensitive``, letters count alike in either case."""
        pairs = [(one.truth, one.text) for one in readings]
        if not sensitive:
            pairs = [(truth.lower(), text.lower()) for truth, text in pairs]
        count = max(1, len(pairs))
        return cls(
            tuple(readings),
            sum(exact(truth, text) for truth, text in pairs) / count,
            math.fsum(ned_similarity(truth, text) for truth, text in pairs) / count,
            sum((cer(truth, text) for truth, text in pairs), start=ErrorRate()),
            loss,
        )


#: Gives the lines of a set as the network takes them, again and again.
Lines = Callable[[], Iterator[Ready]]


def validation_sets(options: LineTraining, mix: Mix) -> dict[str, Lines]:
    """The sets a run validates on, by name: those it names, or `SLICES` of the held-out side.

    Raises:
        InputError: not one line of a set can be used.
    """
    if not options.validation:
        drawn = held_out(options.texts, options.validation_lines, mix.spec)
        return {name: _kept(name, lines, mix) for name, lines in drawn.items()}
    found: dict[str, Lines] = {}
    for choice in options.validation:
        lines = open_set(choice, mix.words, options.texts)
        count = choice.lines or (None if lines.size is not None else 256)
        if any(path.suffix in (".yaml", ".yml") for path in choice.paths):
            found[choice.title] = _kept(choice.title, list(_read(lines, count)), mix)
        else:
            # Stored images are read anew each time: they may be more than memory holds.
            found[choice.title] = lambda lines=lines, count=count: _prepared(_read(lines, count), mix)  # type: ignore[misc]
    return found


def _read(lines: LineSet, count: int | None, seed: int = 7) -> Iterator[Line]:
    most = lines.size if lines.size is not None else count
    for index in range(min(most or 0, count or most or 0)):
        try:
            line = lines.line(index, seed)
        except InputError:
            continue
        if line is not None:
            yield line


def _prepared(lines: Iterator[Line] | Sequence[Line], mix: Mix) -> Iterator[Ready]:
    for line in lines:
        ready = prepared(line, mix, False, (0,))
        if ready is not None:
            yield ready


def _kept(name: str, lines: Sequence[Line], mix: Mix) -> Lines:
    ready = list(_prepared(lines, mix))
    if not ready:
        raise InputError(f"{name}: not one line of this validation set can be read by the network; choose another")
    return lambda: iter(ready)


def held_out(texts: Path | None, count: int, spec: LineSpec, seed: int = 7) -> dict[str, list[Line]]:
    """Lines of `SLICES`, ``count`` each, and of ideographs for heads that write them; no trained font or text."""
    source = TextSource(texts, "held-out")
    pool = faces("held-out", ("sans", "serif", "mono"))
    slices = dict(SLICES)
    if isinstance(spec.classes, Charset) and spec.classes.ideographs:
        slices["ideographs"] = (CLEAN, "ideographs")
    out: dict[str, list[Line]] = {}
    for name, (options, kind) in slices.items():
        alphabet = spec.classes if name == "ideographs" else None
        drawer = LineRenderer(
            pool, replace(source, alphabet=alphabet), replace(options, direction=spec.direction), fallback=False
        )
        rng = np.random.default_rng(seed)
        drawn = [drawer.draw(rng, kind=kind) for _ in range(count)]
        out[name] = [Line(sample.image, sample.text) for sample in drawn]
    return out


def validate(
    net: nn.Module, spec: LineSpec, lines: Iterator[Ready], device: torch.device, rank: int = 0, world: int = 1
) -> tuple[list[Reading], float, int]:
    """Read lines greedily in float32.

    Args:
        net: the network; left in evaluation mode.
        spec: what it takes and gives.
        lines: the lines of a set.
        device: where it is.
        rank: which device this is: it reads every ``world``-th line.
        world: how many there are.

    Returns:
        the readings in order, and the sum and number of characters that the mean loss is made of.
    """
    net.eval()
    readings: list[Reading] = []
    loss, count = 0.0, 0
    for window in _windows((line for at, line in enumerate(lines) if at % world == rank), WINDOW):
        order = sorted(range(len(window)), key=lambda at: window[at].input.shape[-1])
        found: dict[int, Reading] = {}
        for first in range(0, len(order), BATCH):
            part = order[first : first + BATCH]
            texts, added, characters = _batch(net, spec, [window[at] for at in part], device)
            found |= dict(zip(part, texts, strict=True))
            loss, count = loss + added, count + characters
        readings += [found[at] for at in range(len(window))]
    return readings, loss, count


@torch.no_grad()
def _batch(
    net: nn.Module, spec: LineSpec, lines: list[Ready], device: torch.device
) -> tuple[list[Reading], float, int]:
    batch = ops.line_batch([line.input for line in lines], spec=spec)
    inputs = torch.from_numpy(batch).to(device)
    widths = torch.tensor([line.input.shape[-1] for line in lines])
    labels = [spec.classes.encode(line.text) for line in lines]
    logits = net(inputs).float()
    steps = steps_filled(spec, widths, batch.shape[-1], logits.shape[1])
    taught = logits if spec.decoding == "ctc" else net(inputs, targets_of(labels, device)).float()
    room = steps if spec.decoding == "ctc" else torch.full_like(steps, taught.shape[1])
    loss = loss_for(spec.decoding, spec.classes)(taught, room, labels, spec.classes)
    count = counted(labels, spec)
    rows = logits.cpu().numpy()
    readings = [
        read_row(row[:seen], spec, line.text) for row, seen, line in zip(rows, steps.tolist(), lines, strict=True)
    ]
    # A line that cannot be aligned has no loss; it is in the accuracy.
    value = float(loss)
    return readings, value * count if math.isfinite(value) else 0.0, count


def read_row(logits: np.ndarray, spec: LineSpec, truth: str) -> Reading:
    """Decode logits (T, K) of one line greedily; the confidence is the geometric mean of its characters'."""
    steps = steps_of(logits, spec.classes, spec.temperature)
    decoded = (ctc.greedy if spec.decoding == "ctc" else positions.greedy)(steps, spec.classes, alternatives=0)
    mean = math.exp(math.fsum(math.log(max(one.confidence, 1e-6)) for one in decoded) / max(1, len(decoded)))
    return Reading(truth, ctc.text_of(decoded), mean if decoded else 0.0)


def steps_filled(spec: LineSpec, widths: torch.Tensor, width: int, steps: int) -> torch.Tensor:
    """How many of a network's ``steps`` (N,) lines use: those they fill where any width may be read, else all."""
    if spec.width is None and spec.decoding == "ctc":
        return filled_steps(widths, width, steps)
    return torch.full((len(widths),), steps, dtype=torch.int64)


def targets_of(labels: list[list[int]], device: torch.device) -> torch.Tensor:
    """Class ids (N, L) of lines, padded with 0."""
    return pad_sequence([torch.tensor(line, dtype=torch.int64) for line in labels], batch_first=True).to(device)


def counted(labels: list[list[int]], spec: LineSpec) -> int:
    """What the mean of the loss is over: characters, and where a line's end is written, the ends."""
    return sum(map(len, labels)) + (0 if spec.decoding == "ctc" else len(labels))


def _windows(lines: Iterator[Ready], size: int) -> Iterator[list[Ready]]:
    window: list[Ready] = []
    for line in lines:
        window.append(line)
        if len(window) == size:
            yield window
            window = []
    if window:
        yield window


def mean_scores(scores: Mapping[str, Scores]) -> tuple[float, float]:
    """Accuracy and norm_ED over all lines of all sets."""
    count = max(1, sum(len(one.readings) for one in scores.values()))
    accuracy = math.fsum(one.accuracy * len(one.readings) for one in scores.values()) / count
    return accuracy, math.fsum(one.norm_ed * len(one.readings) for one in scores.values()) / count
