"""Connectionist temporal classification over the factored jamo head."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from geulnun import hangul
from geulnun.charset import HANGUL, Charset


def class_log_probs(logits: Tensor, classes: Tensor, charset: Charset) -> Tensor:
    """Log-probabilities (N, T, U) of the class ids ``classes`` (U,), from logits (N, T, charset.width).

    A syllable's is the sum of four log-softmaxes: the gate's HANGUL, its cho, jung and jong; an ideograph's of two: the
    gate's IDEOGRAPH and its own.
    """
    sizes = [charset.gate_size, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG]
    blocks = torch.split(logits[..., : charset.core].float(), sizes, dim=-1)
    gate, cho, jung, jong = (functional.log_softmax(block, dim=-1) for block in blocks)
    is_ideograph = classes >= charset.ideograph_base
    is_syllable = (classes >= charset.syllable_base) & ~is_ideograph
    entry = torch.where(is_syllable, HANGUL, torch.where(is_ideograph, charset.ideograph, classes))
    out = gate.index_select(-1, entry)
    if bool(is_syllable.any()):
        code = torch.where(is_syllable, classes - charset.syllable_base, 0)
        rest, jong_at = code // hangul.N_JONG, code % hangul.N_JONG
        parts = (
            cho.index_select(-1, rest // hangul.N_JUNG)
            + jung.index_select(-1, rest % hangul.N_JUNG)
            + jong.index_select(-1, jong_at)
        )
        out = out + parts * is_syllable
    # The ideographs' block is far the widest: it is looked at only where a label needs it.
    if bool(is_ideograph.any()):
        own = functional.log_softmax(logits[..., charset.core :].float(), dim=-1)
        out = out + own.index_select(-1, torch.where(is_ideograph, classes - charset.ideograph_base, 0)) * is_ideograph
    return out


def factored_ctc(logits: Tensor, steps: Tensor, labels: Sequence[Sequence[int]], charset: Charset) -> Tensor:
    """Mean CTC loss per character (Graves et al. 2006) of a batch, a scalar; lines that cannot fit count nothing.

    Only the columns of characters in the batch are built, blank first.

    Args:
        logits: (N, T, charset.width).
        steps: (N,) int64, how many of the T steps each line fills.
        labels: class ids of each line.
        charset: the characters of the head.
    """
    flat = torch.tensor([index for line in labels for index in line], dtype=torch.int64)
    lengths = torch.tensor([len(line) for line in labels], dtype=torch.int64)
    present, targets = torch.unique(flat, return_inverse=True)
    classes = torch.cat([torch.zeros(1, dtype=torch.int64), present]).to(logits.device)
    log_probs = class_log_probs(logits, classes, charset)
    losses = functional.ctc_loss(
        log_probs.transpose(0, 1), (targets + 1).to(logits.device), steps, lengths, reduction="none", zero_infinity=True
    )
    # PyTorch's gradient takes for granted that the columns sum to one, and adds the gradient of their
    # sum; here they are a part of all classes. Taking that sum off (its value cancels) mends it.
    inside = torch.arange(logits.shape[1], device=logits.device)[None] < steps.to(logits.device)[:, None]
    fits = (losses.detach() > 0).to(log_probs.dtype)
    mass = (log_probs.exp().sum(-1) * inside).sum(-1) * fits
    return (losses - mass + mass.detach()).sum() / lengths.sum()
