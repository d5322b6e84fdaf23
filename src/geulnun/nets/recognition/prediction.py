"""Columns of features to characters: one distribution a column for CTC, or one character after the other."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from geulnun.nets.recognition.heads import Best


class ColumnPrediction(nn.Module):
    """Logits at every column, for CTC (Graves et al. 2006): (N, T, cin) -> (N, T, width).

    Args:
        cin: features a column.
        width: of the head, ``classes.width``.
    """

    def __init__(self, cin: int, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(cin, width)

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits (N, T, width) of columns (N, T, cin); ``targets`` are not looked at."""
        logits: Tensor = self.linear(x)
        return logits


class AttentionDecoder(nn.Module):
    """An LSTM that writes a character a step, looking at the columns its attention chooses.

    Attention: Bahdanau et al. 2015 (arXiv:1409.0473, section 3.1), for reading lines Shi et al. 2016 (RARE,
    arXiv:1603.03915, section 3.2) and Cheng et al. 2017 (arXiv:1709.02054). The previous character enters the gates
    through ``embedding``, a row of four times ``hidden`` a class: that is the matrix by which the published cell
    multiplies a one-hot vector, without the multiplication. Class 0 is the end and, as what came before the first
    character, the beginning.

    Args:
        cin: features a column.
        hidden: cells.
        embedding: class ids (N,) -> (N, 4 * hidden).
        best: most probable classes of logits.
        width: of the head, ``classes.width``.
        most: characters written at most where no targets say how many.
    """

    def __init__(self, cin: int, hidden: int, embedding: nn.Module, best: Best, width: int, most: int) -> None:
        super().__init__()
        self.keys = nn.Linear(cin, hidden, bias=False)
        self.query = nn.Linear(hidden, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.context = nn.Linear(cin, 4 * hidden)
        self.recur = nn.Linear(hidden, 4 * hidden)
        self.embedding = embedding
        self.linear = nn.Linear(hidden, width)
        self.best, self.hidden, self.most = best, hidden, most

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits of columns (N, T, cin).

        Args:
            x: the columns.
            targets: class ids (N, L), int64, padded with 0: what was written before each step is taken from them.

        Returns:
            (N, L + 1, width), the end included; without targets (N, most + 1, width), each step fed with the last
            one's most probable class.
        """
        keys = self.keys(x)
        state = x.new_zeros(x.shape[0], self.hidden), x.new_zeros(x.shape[0], self.hidden)
        before = torch.zeros(x.shape[0], dtype=torch.int64, device=x.device)
        if targets is None:
            steps = []
            for _ in range(self.most + 1):
                state = self._step(x, keys, state, self.embedding(before))
                steps.append(self.linear(state[0]))
                before = self.best(steps[-1])
            return torch.stack(steps, 1)
        written = self.embedding(torch.cat([before[:, None], targets], 1))
        states = []
        for step in range(targets.shape[1] + 1):
            state = self._step(x, keys, state, written[:, step])
            states.append(state[0])
        logits: Tensor = self.linear(torch.stack(states, 1))
        return logits

    def _step(self, x: Tensor, keys: Tensor, state: tuple[Tensor, Tensor], before: Tensor) -> tuple[Tensor, Tensor]:
        """The LSTM's output and memory (N, hidden), from the last ones and the gates' share of what came before."""
        out, memory = state
        scores = self.score(torch.tanh(keys + self.query(out)[:, None]))
        context = (torch.softmax(scores, 1) * x).sum(1)
        gates = self.context(context) + self.recur(out) + before
        enter, forget, new, leave = gates.chunk(4, 1)
        memory = torch.sigmoid(forget) * memory + torch.sigmoid(enter) * torch.tanh(new)
        return torch.sigmoid(leave) * torch.tanh(memory), memory
