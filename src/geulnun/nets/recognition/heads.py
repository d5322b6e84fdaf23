"""What both heads need of PyTorch: the class a step says, and vectors that stand for classes.

The layouts are those of `geulnun.charset`. Decoders get these passed in and know no head.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from geulnun import hangul
from geulnun.charset import HANGUL, Charset, Classes, FlatCharset

#: Logits (..., K) -> class ids (...) of the most probable classes, int64.
Best = Callable[[Tensor], Tensor]

#: Makes an entry that stands for many characters lose against any single one.
_NEVER = -1e4


def best_of(classes: Classes) -> Best:
    """How to find the most probable class of logits laid out as ``classes`` says; `decode.steps` in PyTorch."""
    if isinstance(classes, Charset):
        return partial(best_factored, charset=classes)
    if isinstance(classes, FlatCharset):
        return best_flat
    raise TypeError(f"classes of type {type(classes).__name__}; expected Charset or FlatCharset")


def best_flat(logits: Tensor) -> Tensor:
    """Class ids (...) of logits (..., K) of the flat head."""
    return logits.argmax(-1)


def best_factored(logits: Tensor, charset: Charset) -> Tensor:
    """Class ids (...) of logits (..., charset.width) of the factored head."""
    gate, *parts = (torch.log_softmax(block, -1) for block in split(logits.float(), charset))
    barred = torch.zeros(charset.gate_size, device=gate.device)
    barred[HANGUL] = _NEVER
    if charset.ideographs:
        barred[charset.ideograph] = _NEVER
    value, ids = (gate + barred).max(-1)
    (cho_p, cho), (jung_p, jung), (jong_p, jong) = (block.max(-1) for block in parts[:3])
    syllable_p = gate[..., HANGUL] + cho_p + jung_p + jong_p
    syllable = charset.syllable_base + (cho * hangul.N_JUNG + jung) * hangul.N_JONG + jong
    ids, value = torch.where(syllable_p > value, syllable, ids), torch.maximum(syllable_p, value)
    if charset.ideographs:
        found_p, found = parts[3].max(-1)
        ids = torch.where(gate[..., charset.ideograph] + found_p > value, charset.ideograph_base + found, ids)
    return ids


def split(logits: Tensor, charset: Charset) -> tuple[Tensor, ...]:
    """The blocks of logits (..., charset.width): gate, cho, jung, jong, and ideographs where there are any."""
    sizes = [charset.gate_size, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG]
    return torch.split(logits, sizes + [len(charset.ideographs)] * bool(charset.ideographs), dim=-1)


def embedding_of(classes: Classes, size: int, spread: float) -> nn.Module:
    """A module that turns class ids (...) into vectors (..., size); class 0 has one, too, for "nothing yet".

    New vectors are normal with the deviation ``spread``: small beside what they are added to, as PyTorch's are not.
    """
    if isinstance(classes, Charset):
        table: nn.Module = FactoredEmbedding(classes, size)
    elif isinstance(classes, FlatCharset):
        table = nn.Embedding(classes.width, size)
    else:
        raise TypeError(f"classes of type {type(classes).__name__}; expected Charset or FlatCharset")
    for weight in table.parameters():
        nn.init.normal_(weight, std=spread)
    return table


class FactoredEmbedding(nn.Module):
    """Class ids (...) of a factored head -> (..., size), a syllable's the sum of four vectors.

    They are the gate's for HANGUL and those of its cho, jung and jong: so 68 rows do for 11,172 syllables, and one
    never trained is told from others by parts that were. An ideograph's is the gate's and its own.
    """

    def __init__(self, charset: Charset, size: int) -> None:
        super().__init__()
        self.charset = charset
        self.gate = nn.Embedding(charset.gate_size, size)
        self.cho = nn.Embedding(hangul.N_CHO, size)
        self.jung = nn.Embedding(hangul.N_JUNG, size)
        self.jong = nn.Embedding(hangul.N_JONG, size)
        self.ideographs = nn.Embedding(len(charset.ideographs), size) if charset.ideographs else None

    def forward(self, ids: Tensor) -> Tensor:
        """Vectors (..., size) of class ids (...), int64."""
        base, first = self.charset.syllable_base, self.charset.ideograph_base
        is_syllable = (ids >= base) & (ids < first)
        code = (ids - base).clamp(0, hangul.COUNT - 1)
        rest = code // hangul.N_JONG
        parts = self.cho(rest // hangul.N_JUNG) + self.jung(rest % hangul.N_JUNG) + self.jong(code % hangul.N_JONG)
        at = torch.where(is_syllable, HANGUL, ids)
        if self.ideographs is None:
            found: Tensor = self.gate(at) + parts * is_syllable[..., None]
            return found
        is_ideograph = ids >= first
        at = torch.where(is_ideograph, self.charset.ideograph, at)
        own = self.ideographs((ids - first).clamp(min=0)) * is_ideograph[..., None]
        found = self.gate(at) + parts * is_syllable[..., None] + own
        return found
