"""Steps that look at their neighbours: recurrent layers over a line's columns."""

from __future__ import annotations

from torch import Tensor, nn


class BidirectionalLSTM(nn.Module):
    """One bidirectional LSTM (Graves et al. 2009) and a linear layer: (N, T, cin) -> (N, T, cout).

    Args:
        cin: features a step.
        hidden: cells in each direction.
        cout: features a step that come out.
    """

    def __init__(self, cin: int, hidden: int, cout: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(cin, hidden, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * hidden, cout)

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, T, cout) of steps (N, T, cin)."""
        out: Tensor = self.linear(self.rnn(x)[0])
        return out


def bilstm(cin: int, hidden: int = 256) -> nn.Sequential:
    """CRNN's two layers (Shi et al. 2015, arXiv:1507.05717, section 2.2): (N, T, cin) -> (N, T, hidden)."""
    return nn.Sequential(BidirectionalLSTM(cin, hidden, hidden), BidirectionalLSTM(hidden, hidden, hidden))
