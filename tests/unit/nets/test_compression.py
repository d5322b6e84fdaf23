"""Convolutions in halves: exact at full rank, the best at lower, cheaper by the share that was asked for."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from geulnun.charset import FlatCharset  # noqa: E402
from geulnun.nets.character.builders import BUILDERS  # noqa: E402
from geulnun.nets.compression import LowRank, expanded, rank_for, ranks  # noqa: E402

FLAT = FlatCharset(tuple("가나다"))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [(3, 3), (5, 3)])
def test_full_rank_changes_nothing(stride: int, kernel: tuple[int, int]) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(4, 6, kernel, stride, (kernel[0] // 2, 1))
    x = torch.randn(2, 4, 9, 11)
    assert torch.allclose(LowRank(conv, min(4 * kernel[0], 6 * kernel[1]))(x), conv(x), atol=1e-5)


def test_more_than_full_rank_changes_nothing() -> None:
    conv = nn.Conv2d(2, 6, 3, bias=False)
    x = torch.randn(1, 2, 5, 5)
    assert torch.allclose(LowRank(conv, 9)(x), conv(x), atol=1e-5)


def test_a_separable_kernel_needs_one_map() -> None:
    conv = nn.Conv2d(1, 1, 3, bias=False)
    with torch.no_grad():
        conv.weight.copy_(torch.outer(torch.tensor([1.0, 2.0, 1.0]), torch.tensor([-1.0, 0.0, 1.0])))
    x = torch.randn(1, 1, 6, 6)
    assert torch.allclose(LowRank(conv, 1)(x), conv(x), atol=1e-5)


def test_a_lower_rank_is_further_away() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(8, 8, 3, padding=1, bias=False)
    x = torch.randn(1, 8, 12, 12)
    with torch.no_grad():
        away = [(LowRank(conv, rank)(x) - conv(x)).norm().item() for rank in (2, 8, 16, 24)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 1e-4 < away[-2]


def test_ranks_keep_to_the_share() -> None:
    # 64 * 64 * 9 multiplications a place; a map between costs 64 * 3 before and after.
    assert rank_for(nn.Conv2d(64, 64, 3), 0.25) == 24
    # With stride 2 the first half runs over twice as many columns as the whole.
    assert rank_for(nn.Conv2d(64, 64, 3, 2), 0.25) == 16
    assert rank_for(nn.Conv2d(16, 16, 3), 0.001) == 1


def test_a_network_is_halved_and_built_again() -> None:
    torch.manual_seed(0)
    net = BUILDERS["dense"].build(FLAT, 32, 0.25).eval()
    whole = sum(p.numel() for p in net.feature.parameters())
    inputs = torch.rand(2, 1, 32, 32)
    before = net(inputs)
    assert expanded(net, 0.4) is net
    found = ranks(net)
    # The first convolution and two of the first block have 8 channels; all after are halved.
    assert len(found) == 3 * 5 - 1
    assert all(name.startswith("feature.") for name in found)
    assert sum(p.numel() for p in net.feature.parameters()) < 0.45 * whole
    assert not torch.allclose(net(inputs), before)
    again = expanded(BUILDERS["dense"].build(FLAT, 32, 0.25), found).eval()
    again.load_state_dict(net.state_dict())
    assert torch.equal(again(inputs), net(inputs))


def test_only_whole_kernels_are_halved() -> None:
    with torch.device("meta"):
        net = BUILDERS["mobilenet-v3-small"].build(FLAT)
    assert ranks(expanded(net, 0.5)) == {}


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share is"):
        expanded(nn.Conv2d(9, 9, 3), share)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="elsewhere is no convolution"):
        expanded(nn.Sequential(nn.Conv2d(9, 9, 3)), {"elsewhere": 2})
