"""From an image's features to logits (N, t, K), laid out as `geulnun.charset` says.

A head takes what the link gives it and class ids (N,) or None; see `geulnun.nets.character.network`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun import hangul
from geulnun.charset import Charset, Classes
from geulnun.nets.character.plain import SLOPE


def blocks_of(classes: Classes) -> tuple[int, ...]:
    """Widths of the distributions that one step consists of: one of the flat head, four or five of the factored."""
    if not isinstance(classes, Charset):
        return (classes.width,)
    parts = (classes.gate_size, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG)
    return (*parts, len(classes.ideographs)) if classes.ideographs else parts


def wide_layers(cin: int, widths: tuple[int, ...], dropout: float = 0.5) -> tuple[nn.Module, int]:
    """Dropout, then fully connected layers, normalised; and how many numbers come out."""
    layers: list[nn.Module] = [nn.Dropout(dropout)]
    for width in widths:
        layers += [nn.Linear(cin, width, bias=False), nn.BatchNorm1d(width), nn.LeakyReLU(SLOPE, inplace=True)]
        cin = width
    return nn.Sequential(*layers), cin


def kana_layers(cin: int, widths: tuple[int, ...]) -> tuple[nn.Module, int]:
    """Fully connected layers, normalised, with dropout of 0.3 after each; and how many numbers come out."""
    layers: list[nn.Module] = []
    for width in widths:
        layers += [nn.Linear(cin, width), nn.BatchNorm1d(width), nn.ReLU(inplace=True), nn.Dropout(0.3)]
        cin = width
    return nn.Sequential(*layers), cin


class VectorHead(nn.Module):
    """Vectors (N, D) -> logits (N, 1, K): whole syllables of a flat charset, or split into jamo by a factored one.

    Args:
        layers: (N, D) -> (N, D').
        cin: D'.
        width: K.
    """

    def __init__(self, layers: nn.Module, cin: int, width: int) -> None:
        super().__init__()
        self.layers = layers
        self.linear = nn.Linear(cin, width)

    def forward(self, x: Tensor, ids: Tensor | None = None) -> Tensor:
        """Logits of vectors (N, D); ``ids`` are not looked at."""
        logits: Tensor = self.linear(self.layers(x))
        return logits[:, None]


class GatedCell(nn.Module):
    """A gated recurrent unit (Cho et al. 2014, arXiv:1406.1078, section 2.3): (N, cin), (N, H) -> (N, H).

    Written out, as PyTorch's own has no counterpart in ONNX for single steps.
    """

    def __init__(self, cin: int, hidden: int) -> None:
        super().__init__()
        self.enter = nn.Linear(cin, 3 * hidden)
        self.recur = nn.Linear(hidden, 3 * hidden)

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        """The next state."""
        new_reset, new_keep, new = self.enter(x).chunk(3, 1)
        old_reset, old_keep, old = self.recur(state).chunk(3, 1)
        keep = torch.sigmoid(new_keep + old_keep)
        made = torch.tanh(new + torch.sigmoid(new_reset + old_reset) * old)
        return keep * state + (1 - keep) * made


class Looking(nn.Module):
    """Additive attention over places (Bahdanau et al. 2015, arXiv:1409.0473, section 3.1)."""

    def __init__(self, cin: int, hidden: int) -> None:
        super().__init__()
        self.keys = nn.Linear(cin, hidden, bias=False)
        self.query = nn.Linear(hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, keys: Tensor, state: Tensor) -> Tensor:
        """How much of each place to take: (N, L, 1), of ``keys`` (N, L, hidden) for a state (N, hidden)."""
        return torch.softmax(self.score(torch.tanh(keys + self.query(state)[:, None])), 1)


class Refiner(nn.Module):
    """What `Refinement` has for each distribution: attention, a state, and an answer.

    Args:
        cin: features a place.
        said: how many numbers the last answer has.
        hidden: of the state.
        width: of the distribution.
    """

    def __init__(self, cin: int, said: int, hidden: int, width: int) -> None:
        super().__init__()
        self.begin = nn.Linear(cin, hidden)
        self.looking = Looking(cin, hidden)
        self.cell = GatedCell(cin + said, hidden)
        self.answer = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(hidden, width))

    def forward(self, places: Tensor, keys: Tensor, said: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, width) and the next state (N, hidden)."""
        seen = (self.looking(keys, state) * places).sum(1)
        state = self.cell(torch.cat([seen, said], 1), state)
        return self.answer(state), state


class Refinement(nn.Module):
    """Maps (N, C, h, w) -> logits (N, t, K): t answers, each made after another look, with the last answer known.

    Yang et al. 2017 ("Improving offline handwritten Chinese character recognition by iterative refinement", ICDAR,
    section on the refinement module). Each distribution has its own attention and state; every one of them is told
    the probabilities that all gave before, so that a final is looked for with the medial in mind. Before the first
    look nothing is said, and the states come from the maps' averages.

    Args:
        cin: C.
        blocks: widths of the distributions, as `blocks_of` gives them.
        steps: t.
        hidden: of each state.
    """

    def __init__(self, cin: int, blocks: tuple[int, ...], steps: int = 4, hidden: int = 512) -> None:
        super().__init__()
        told = min(hidden, sum(blocks))
        self.told = nn.Linear(sum(blocks), told)
        self.refiners = nn.ModuleList(Refiner(cin, told, hidden, width) for width in blocks)
        self.steps = steps

    def forward(self, x: Tensor, ids: Tensor | None = None) -> Tensor:
        """Logits of maps (N, C, h, w); ``ids`` are not looked at."""
        places = x.flatten(2).transpose(1, 2)
        mean = places.mean(1)
        refiners = [refiner for refiner in self.refiners if isinstance(refiner, Refiner)]
        keys = [refiner.looking.keys(places) for refiner in refiners]
        states = [torch.tanh(refiner.begin(mean)) for refiner in refiners]
        said = x.new_zeros(x.shape[0], self.told.out_features)
        answers = []
        for _ in range(self.steps):
            each = [
                refiner(places, key, said, state) for refiner, key, state in zip(refiners, keys, states, strict=True)
            ]
            states = [state for _, state in each]
            answers.append(torch.cat([logits for logits, _ in each], 1))
            said = self.told(torch.cat([torch.softmax(logits, 1) for logits, _ in each], 1))
        return torch.stack(answers, 1)
