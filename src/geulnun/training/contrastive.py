"""SeqCLR: what a line looks like, learnt by telling its parts from all others (Aberdam et al. 2021, arXiv:2012.10873).

Columns of features of two views become instances, a few for each line and in order (section 3.4); those at the same
place of the same line are alike, all others of the batch are not (section 3.5).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Columns (N, T, F) and how many of them each line fills (N,) -> weights (N, I, T) of columns in instances.
Mapping = Callable[[Tensor, int], Tensor]


class Columns(nn.Module):
    """Stands where a network's prediction stood and passes columns on."""

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """``x`` as it is."""
        return x


def all_to_instance(filled: Tensor, steps: int) -> Tensor:
    """One instance a line, the mean of its columns: weights (N, 1, ``steps``) of ``filled`` (N,) columns each."""
    return windows_to_instances(filled, steps, 1)


def windows_to_instances(filled: Tensor, steps: int, count: int) -> Tensor:
    """``count`` instances a line, each the mean of a window: adaptive average pooling over the columns it fills.

    Window i of L columns goes from floor(i L / count) to ceil((i + 1) L / count), so windows overlap by a column where
    L is no multiple of count, and lines of fewer columns than windows have columns in several.

    Args:
        filled: columns that each line fills (N,), int64, 1 at least.
        steps: columns that there are.
        count: windows.

    Returns:
        weights (N, count, steps), each row's sum 1.
    """
    at = torch.arange(count, device=filled.device)
    first = at * filled[:, None] // count
    last = -(-(at + 1) * filled[:, None] // count)
    column = torch.arange(steps, device=filled.device)
    inside = ((column >= first[..., None]) & (column < last[..., None])).float()
    return inside / inside.sum(-1, keepdim=True)


def frames_to_instances(filled: Tensor, steps: int) -> Tensor:
    """Every column an instance: weights (N, steps, steps); rows of columns beyond a line's end are nought."""
    column = torch.arange(steps, device=filled.device)
    return torch.eye(steps, device=filled.device) * (column < filled[:, None])[..., None]


class Shared(nn.Module):
    """A projection that sees each column alone, with one hidden layer: (N, T, cin) -> (N, T, size)."""

    def __init__(self, cin: int, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(cin, cin), nn.ReLU(inplace=True), nn.Linear(cin, size))

    def forward(self, x: Tensor, filled: Tensor) -> Tensor:
        """The columns, projected; ``filled`` is not looked at."""
        out: Tensor = self.layers(x)
        return out


class InContext(nn.Module):
    """A projection that sees a column's neighbours: one bidirectional LSTM. (N, T, cin) -> (N, T, size)."""

    def __init__(self, cin: int, size: int) -> None:
        super().__init__()
        self.rnn = nn.LSTM(cin, size, bidirectional=True, batch_first=True)
        self.linear = nn.Linear(2 * size, size)

    def forward(self, x: Tensor, filled: Tensor) -> Tensor:
        """The columns, projected; those beyond a line's ``filled`` (N,) first ones tell it nothing."""
        packed = nn.utils.rnn.pack_padded_sequence(x, filled.cpu(), batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True, total_length=x.shape[1])
        projected: Tensor = self.linear(out)
        return projected


class Unprojected(nn.Module):
    """No projection."""

    def forward(self, x: Tensor, filled: Tensor) -> Tensor:
        """``x`` as it is."""
        return x


class Contrast(nn.Module):
    """A recogniser's first stages and a projection: line inputs -> instances.

    Args:
        encoder: inputs (N, C, H, W) -> columns (N, T, F).
        projection: columns (N, T, F) and how many each line fills (N,) -> (N, T, D).
        mapping: how many columns each line fills, and how many there are -> weights (N, I, T).
        filled: columns of inputs that each line fills (N,), their width, T -> columns of features (N,).
    """

    def __init__(
        self,
        encoder: nn.Module,
        projection: nn.Module,
        mapping: Mapping,
        filled: Callable[[Tensor, int, int], Tensor],
    ) -> None:
        super().__init__()
        self.encoder, self.projection = encoder, projection
        self.mapping, self.filled = mapping, filled

    def forward(self, inputs: Tensor, widths: Tensor) -> tuple[Tensor, Tensor]:
        """Instances (N, I, D) of ``inputs`` (N, C, H, W), lines of ``widths`` (N,); and which of them are (N, I)."""
        columns = self.encoder(inputs).float()
        filled = self.filled(widths, inputs.shape[-1], columns.shape[1]).to(columns.device)
        projected = self.projection(columns, filled)
        weights = self.mapping(filled, columns.shape[1])
        return weights @ projected, weights.sum(-1) > 0


def nt_xent(first: Tensor, second: Tensor, temperature: float) -> Tensor:
    """The normalised temperature-scaled cross-entropy of pairs (Chen et al. 2020, arXiv:2002.05709, eq. 1), a scalar.

    Each of the 2 M instances has its partner of the other view to find among the 2 M - 1 others, by cosine.

    Args:
        first: instances (M, D) of one view, of any length.
        second: those of the other view (M, D) in the same order.
        temperature: divides the cosines.
    """
    similar = similarities(first, second) / temperature
    return functional.cross_entropy(similar, partners(len(first), similar.device))


def found(first: Tensor, second: Tensor) -> float:
    """Share of the instances (M, D) of two views that are nearest to their partner, 0..1."""
    nearest = similarities(first, second).argmax(-1)
    return float((nearest == partners(len(first), nearest.device)).float().mean())


def similarities(first: Tensor, second: Tensor) -> Tensor:
    """Cosines (2 M, 2 M) of all instances of two views (M, D); none is like itself."""
    both = functional.normalize(torch.cat([first, second]).float(), dim=-1)
    return (both @ both.T).fill_diagonal_(-torch.inf)


def partners(count: int, device: torch.device) -> Tensor:
    """Where the partner of each of two times ``count`` instances stands."""
    return torch.arange(2 * count, device=device).roll(count)


def chosen(both: Tensor, most: int) -> Tensor:
    """Indices of ``most`` at random, or of all, of the instances that are in both views: ``both`` (N I,), bool."""
    there = both.flatten().nonzero()[:, 0]
    if len(there) <= most:
        return there
    order = torch.randperm(len(there))[:most].sort().values
    return there[order.to(there.device)]
