"""Losses of line recognisers, one signature for all: ``(logits, steps, labels, classes) -> scalar``.

logits (N, T, classes.width) as the network gives them, steps (N,) int64, how many of the T steps each line may use,
labels the class ids of each line, without the end. All are means per character, so that they compare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from geulnun import hangul
from geulnun.charset import HANGUL, Charset, Classes
from geulnun.nets.recognition.heads import split
from geulnun.spec import Decoding
from geulnun.training.ctc import factored_ctc

Labels = Sequence[Sequence[int]]
Loss = Callable[[Tensor, Tensor, Labels, Classes], Tensor]


def loss_for(decoding: Decoding, classes: Classes) -> Loss:
    """The loss that trains a network of this decoding with this head."""
    if decoding != "ctc":
        return cross_entropy
    return _jamo_ctc if isinstance(classes, Charset) else flat_ctc


def filled_steps(widths: Tensor, width: int, steps: int) -> Tensor:
    """How many of ``steps`` steps lines fill that fill ``widths`` (N,) of ``width`` pixels: (N,) int64, at least 1."""
    return (-(-widths.to(torch.int64) * steps // width)).clamp(1, steps)


def flat_ctc(logits: Tensor, steps: Tensor, labels: Labels, classes: Classes) -> Tensor:
    """CTC (Graves et al. 2006) over one distribution a step; lines that cannot fit count nothing."""
    flat = torch.tensor([index for line in labels for index in line], dtype=torch.int64)
    lengths = torch.tensor([len(line) for line in labels], dtype=torch.int64)
    log_probs = functional.log_softmax(logits.float(), -1).transpose(0, 1)
    # Tensors of lengths on the CPU keep to PyTorch's own kernel, which knows zero_infinity on every device.
    losses = functional.ctc_loss(
        log_probs, flat.to(logits.device), steps.cpu(), lengths, reduction="none", zero_infinity=True
    )
    return losses.sum() / lengths.sum().clamp(min=1)


def _jamo_ctc(logits: Tensor, steps: Tensor, labels: Labels, classes: Classes) -> Tensor:
    assert isinstance(classes, Charset)
    return factored_ctc(logits, steps, labels, classes)


def cross_entropy(logits: Tensor, steps: Tensor, labels: Labels, classes: Classes) -> Tensor:
    """Negative log-likelihood of each line's characters and its end (class 0), a step each.

    Steps after the end count nothing, nor do lines that have not a step for each. The mean is over characters and ends.
    """
    room = steps.tolist()
    fitting = [row for row, line in enumerate(labels) if len(line) < min(room[row], logits.shape[1])]
    rows = [row for row in fitting for _ in range(len(labels[row]) + 1)]
    places = [step for row in fitting for step in range(len(labels[row]) + 1)]
    ids = [index for row in fitting for index in (*labels[row], 0)]
    at = [torch.tensor(each, dtype=torch.int64, device=logits.device) for each in (rows, places, ids)]
    picked = label_log_probs(logits[at[0], at[1]], at[2], classes)
    return -picked.sum() / max(len(ids), 1)


def label_log_probs(logits: Tensor, ids: Tensor, classes: Classes) -> Tensor:
    """Log-probabilities (M,) of the class ids ``ids`` (M,), one for each row of logits (M, classes.width)."""
    if not isinstance(classes, Charset):
        return _pick(logits, ids)
    gate, *parts = split(logits, classes)
    base, first = classes.syllable_base, classes.ideograph_base
    is_syllable = (ids >= base) & (ids < first)
    code = (ids - base).clamp(0, hangul.COUNT - 1)
    rest = code // hangul.N_JONG
    jamo = (rest // hangul.N_JUNG, rest % hangul.N_JUNG, code % hangul.N_JONG)
    cho, jung, jong = (_pick(block, at) for block, at in zip(parts[:3], jamo, strict=True))
    syllable = (cho + jung + jong) * is_syllable
    at = torch.where(is_syllable, HANGUL, ids)
    if not classes.ideographs:
        return _pick(gate, at) + syllable
    is_ideograph = ids >= first
    ideograph = _pick(parts[3], (ids - first).clamp(min=0)) * is_ideograph
    return _pick(gate, torch.where(is_ideograph, classes.ideograph, at)) + syllable + ideograph


def _pick(logits: Tensor, ids: Tensor) -> Tensor:
    """Log-softmax (M,) of logits (M, K) at one id (M,) a row."""
    return functional.log_softmax(logits.float(), -1).gather(-1, ids[:, None])[:, 0]
