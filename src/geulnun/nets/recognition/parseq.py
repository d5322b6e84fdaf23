"""Our reader of places: every character asks for itself what stands at its place, and may ask again.

After PARSeq (Bautista and Atienza 2022, arXiv:2207.06966): one decoder layer is trained to write the characters in any
order, knowing any part of them; so it can write all at once, knowing none, and then again, knowing all the others
(section 3). The embedding of what is known is the factored one, and so is the head.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.nets.blocks import conv_act
from geulnun.nets.recognition.grid import GridNet, scaled
from geulnun.nets.recognition.heads import Best, best_of, embedding_of
from geulnun.nets.recognition.svtr import HEIGHT, trunk
from geulnun.nets.recognition.transformer import HEAD, Attention, Mixing, Neighbours, alone

#: Shares of a batch's lines trained to know no other character, and all others; of the rest, half are trained to know
#: those before and half those before in a random order. Reading begins with the first and goes on with the second.
NONE, OTHERS = 0.4, 0.2

#: Deviation of new vectors of places and characters: neither drowns the other.
SPREAD = 0.02


class PermutedDecoder(nn.Module):
    """Columns (N, T, size) to characters, all in one pass and so often again.

    Place 0 of what is known is the beginning, class 0; place j + 1 is character j.

    Args:
        size: features a column.
        embedding: class ids (...) -> (..., size).
        best: most probable classes of logits.
        width: of the head, ``classes.width``.
        most: characters written at most.
        again: passes after the first.
    """

    def __init__(self, size: int, embedding: nn.Module, best: Best, width: int, most: int, again: int) -> None:
        super().__init__()
        self.places = nn.Parameter(nn.init.trunc_normal_(torch.empty(most + 1, size), std=SPREAD))
        self.embedding = embedding
        self.query_norm, self.known_norm, self.middle_norm = (nn.LayerNorm(size) for _ in range(3))
        self.known, self.seen = Attention(size), Attention(size)
        self.alone = alone(size)
        self.linear = nn.Sequential(nn.LayerNorm(size), nn.Linear(size, width))
        self.best, self.most, self.again = best, most, again

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits of columns (N, T, size).

        Args:
            x: the columns.
            targets: class ids (N, L), int64, padded with 0; looked at in training only.

        Returns:
            (N, L + 1, width) in training with targets, the end included, no more than ``most + 1`` steps; else
            (N, most + 1, width).
        """
        if self.training and targets is not None:
            known = targets[:, : self.most]
            return self._pass(x, known, training_mask(known))
        nothing = torch.zeros(x.shape[0], self.most, dtype=torch.int64, device=x.device)
        first = torch.arange(self.most + 1, device=x.device) == 0
        logits = self._pass(x, nothing, first.expand(x.shape[0], self.most + 1, -1))
        for _ in range(self.again):
            known = self.best(logits)[:, :-1]
            logits = self._pass(x, known, others_mask(known))
        return logits

    def _pass(self, x: Tensor, known: Tensor, allowed: Tensor) -> Tensor:
        """Logits (N, L + 1, width), knowing of ``known`` (N, L) what ``allowed`` (N, L + 1, L + 1) says."""
        count, length = known.shape
        queries = self.places[: length + 1].expand(count, -1, -1)
        begin = self.embedding(known.new_zeros(count, 1))
        context = torch.cat([begin, self.embedding(known) + self.places[:length]], 1)
        y = queries + self.known(self.query_norm(queries), self.known_norm(context), allowed)
        y = y + self.seen(self.middle_norm(y), x)
        logits: Tensor = self.linear(y + self.alone(y))
        return logits


def written(known: Tensor) -> Tensor:
    """Which places (N, L + 1), bool, hold the beginning or a character before the first end of ``known`` (N, L)."""
    before_end = (known == 0).long().cumsum(1) == 0
    return torch.cat([before_end.new_ones(known.shape[0], 1), before_end], 1)


def others_mask(known: Tensor) -> Tensor:
    """Each of L + 1 steps may know every character but its own: (N, L + 1, L + 1), bool."""
    place = torch.arange(known.shape[1] + 1, device=known.device)
    own = place[None, :] == place[:, None] + 1
    return written(known)[:, None] & ~own[None]


def training_mask(known: Tensor) -> Tensor:
    """What each line's steps may know, a way of reading drawn for each line: (N, L + 1, L + 1), bool."""
    count, steps = known.shape[0], known.shape[1] + 1
    place = torch.arange(steps, device=known.device)
    draw = torch.rand(count, 1, 1, device=known.device)
    # Characters are written in the order of their ranks; the beginning comes before all.
    in_turn = draw < (1 + NONE + OTHERS) / 2
    rank = torch.where(in_turn[:, 0], place.float(), torch.rand(count, steps, device=known.device) * steps)
    begin = torch.full((count, 1), -1.0, device=known.device)
    earlier = torch.cat([begin, rank[:, :-1]], 1)[:, None] < rank[:, :, None]
    nothing = (place == 0).expand(steps, -1)
    allowed = torch.where(draw < NONE, nothing, earlier & written(known)[:, None])
    return torch.where((draw >= NONE) & (draw < NONE + OTHERS), others_mask(known), allowed)


def parseq_jamo(classes: Classes, factor: float = 1.0, most: int = 50) -> GridNet:
    """Any width, a column every eight pixels, two passes more; 5.1 M parameters with the default characters."""
    layers, channels = trunk(factor)
    size = scaled(256, factor, HEAD)
    feature = nn.Sequential(*layers, conv_act(channels, size, (HEIGHT // 8, 3), (1, 2), (0, 1)))
    sequence = nn.Sequential(Neighbours(size), *(Mixing(size) for _ in range(3)), nn.LayerNorm(size))
    embedding = embedding_of(classes, size, SPREAD)
    decoder = PermutedDecoder(size, embedding, best_of(classes), classes.width, most, again=2)
    return GridNet(nn.Identity(), feature, sequence, decoder)
