"""Convolutions in two halves: fewer weights and multiplications for nearly the same answers."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

#: Convolutions of so few channels stay whole: they cost little, and lose most.
LEAST_CHANNELS = 8


class LowRank(nn.Module):
    """A k x l convolution as one of k x 1 and one of 1 x l, ``rank`` maps between: (N, C, H, W) -> (N, C', H', W').

    Xiao et al. 2017 (arXiv:1702.07975, section on global supervised low-rank expansion), after Jaderberg et al. 2014
    (arXiv:1405.3866, section 2.2). New halves are the best of their rank for the weights, by singular values; how well
    they do together is left to training with the whole network's loss.

    Args:
        conv: without groups.
        rank: maps between the halves; from ``conv`` no more than C * k or C' * l are of use.
    """

    def __init__(self, conv: nn.Conv2d, rank: int) -> None:
        super().__init__()
        high, wide = conv.kernel_size
        (down, right), (below, beside) = conv.stride, conv.dilation
        assert not isinstance(conv.padding, str)
        cin, cout, (top, left) = conv.in_channels, conv.out_channels, conv.padding
        self.upright = nn.Conv2d(cin, rank, (high, 1), (down, 1), (top, 0), (below, 1), bias=False)
        self.level = nn.Conv2d(rank, cout, (1, wide), (1, right), (0, left), (1, beside), bias=conv.bias is not None)
        self.rank = rank
        with torch.no_grad():
            upright, level = _halves(conv.weight, rank)
            self.upright.weight.copy_(upright)
            self.level.weight.copy_(level)
            if conv.bias is not None and self.level.bias is not None:
                self.level.bias.copy_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        """The second half of the first."""
        out: Tensor = self.level(self.upright(x))
        return out


def _halves(weight: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Weights (rank, C, k, 1) and (C', rank, 1, l) whose product is nearest to ``weight`` (C', C, k, l)."""
    cout, cin, high, wide = weight.shape
    matrix = weight.permute(1, 2, 0, 3).reshape(cin * high, cout * wide)
    left, values, right = torch.linalg.svd(matrix.double(), full_matrices=False)
    kept = min(rank, len(values))
    root = values[:kept].sqrt()
    upright, level = weight.new_zeros(rank, cin, high, 1), weight.new_zeros(cout, rank, 1, wide)
    upright[:kept] = (left[:, :kept] * root).T.reshape(kept, cin, high, 1).to(weight.dtype)
    level[:, :kept] = (root[:, None] * right[:kept]).reshape(kept, cout, 1, wide).permute(1, 0, 2, 3).to(weight.dtype)
    return upright, level


def expanded(net: nn.Module, share: float | Mapping[str, int]) -> nn.Module:
    """Put `LowRank` in place of convolutions of ``net.feature``, or of the whole of a net without such a stage.

    Args:
        net: changed in place.
        share: of a convolution's multiplications that its halves may need, above 0 and below 1, for all that are larger
            than 1 both ways, without groups, and of more than `LEAST_CHANNELS` channels; or the rank of each by its
            name in ``net``, as `ranks` gives them.

    Returns:
        ``net``.

    Raises:
        ValueError: the share is not above 0 and below 1, or a name is no convolution that could be halved.
    """
    found = {name: conv for name, conv in net.named_modules() if isinstance(conv, nn.Conv2d) and _splits(conv)}
    if isinstance(share, Mapping):
        wanted = dict(share)
        if unknown := sorted(set(wanted) - set(found)):
            raise ValueError(f"{unknown[0]} is no convolution that can be halved; there are {', '.join(found)}")
    elif 0 < share < 1:
        inside = "feature." if hasattr(net, "feature") else ""
        wanted = {
            name: rank_for(conv, share)
            for name, conv in found.items()
            if name.startswith(inside) and conv.in_channels > LEAST_CHANNELS
        }
    else:
        raise ValueError(f"share is {share}; expected more than 0 and less than 1")
    for name, rank in wanted.items():
        parent, _, own = name.rpartition(".")
        training = found[name].training
        setattr(
            net.get_submodule(parent), own, LowRank(found[name], rank).to(found[name].weight.device).train(training)
        )
    return net


def rank_for(conv: nn.Conv2d, share: float) -> int:
    """The largest rank, but at least 1, whose halves need no more than ``share`` of the multiplications of ``conv``.

    The first half runs over all columns, before the second takes every stride-th.
    """
    (high, wide), right = conv.kernel_size, conv.stride[1]
    whole = conv.in_channels * conv.out_channels * high * wide
    each = conv.in_channels * high * right + conv.out_channels * wide
    return max(1, int(share * whole / each))


def ranks(net: nn.Module) -> dict[str, int]:
    """Names and ranks of all `LowRank` in a net: with them `expanded` brings a new one to the same shape."""
    return {name: module.rank for name, module in net.named_modules() if isinstance(module, LowRank)}


def _splits(conv: nn.Conv2d) -> bool:
    plain = conv.groups == 1 and conv.padding_mode == "zeros" and not isinstance(conv.padding, str)
    return plain and min(conv.kernel_size) > 1
