"""Losses of recognisers of characters.

``states`` (N, t, K) are the outputs that are supervised, each laid out as `geulnun.charset` says: t of them where a
head refines its answer, else one. All losses are means over images and, where there are several, over the t steps, as
all steps of iterative refinement are taught alike.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from geulnun import hangul
from geulnun.charset import HANGUL, Charset, Classes
from geulnun.training.losses import label_log_probs

#: A distribution of an output: where it begins and ends, the right place in it (N,), and which images have one (N,).
Block = tuple[int, int, Tensor, Tensor]


def recognition(states: Tensor, ids: Tensor, classes: Classes, double_softmax: bool = False) -> Tensor:
    """Cross-entropy of the class ids ``ids`` (N,), a scalar; of a factored head the sum over its distributions.

    With ``double_softmax`` the cross-entropy takes the probabilities for logits, as tfull/character_recognition has
    it: the loss of one flat distribution then never falls below log(1 + (K - 1) / e).
    """
    steps = states.shape[1]
    flat, repeated = states.float().flatten(0, 1), ids.repeat_interleave(steps)
    if double_softmax:
        return functional.cross_entropy(flat.softmax(-1), repeated)
    return -label_log_probs(flat, repeated, classes).mean()


def hybrid(states: Tensor, ids: Tensor, classes: Classes, rivals: int) -> Tensor:
    """How badly the right class is told from each of its most similar ones, a scalar.

    After Kim, Choi and Lee 2016, "Improving discrimination ability of convolutional neural networks by hybrid
    learning" (IJDAR 19), who train discriminators of pairs of classes within the recogniser, without sets of similar
    classes that are known beforehand. Here a pair's discriminator is the softmax over the two outputs, and an image's
    similar classes are the ``rivals`` wrong ones with the largest outputs now; of a factored head in each of the
    distributions that the label has.
    """
    steps = states.shape[1]
    flat, repeated = states.float().flatten(0, 1), ids.repeat_interleave(steps)
    total = flat.new_zeros(())
    for first, last, right, used in blocks(repeated, classes):
        outputs = flat[:, first:last]
        own = outputs.gather(1, right[:, None])
        wrong = outputs.scatter(1, right[:, None], -torch.inf).topk(min(rivals, last - first - 1), 1).values
        total = total + (functional.softplus(wrong - own).mean(1) * used).sum()
    return total / max(len(flat), 1)


def blocks(ids: Tensor, classes: Classes) -> list[Block]:
    """The distributions of an output and what the class ids (N,) say of each."""
    whole = torch.ones_like(ids, dtype=torch.bool)
    if not isinstance(classes, Charset):
        return [(0, classes.width, ids, whole)]
    base, first = classes.syllable_base, classes.ideograph_base
    is_syllable, is_ideograph = (ids >= base) & (ids < first), ids >= first
    code = (ids - base).clamp(0, hangul.COUNT - 1)
    rest, jong = code // hangul.N_JONG, code % hangul.N_JONG
    gate = torch.where(is_syllable, HANGUL, torch.where(is_ideograph, classes.ideograph, ids))
    at = [0, classes.gate_size, classes.gate_size + hangul.N_CHO, classes.core - hangul.N_JONG, classes.core]
    jamo = (rest // hangul.N_JUNG, rest % hangul.N_JUNG, jong)
    found = [(at[0], at[1], gate, whole)]
    found += [(at[place + 1], at[place + 2], one, is_syllable) for place, one in enumerate(jamo)]
    if classes.ideographs:
        found.append((classes.core, classes.width, (ids - first).clamp(min=0), is_ideograph))
    return found
