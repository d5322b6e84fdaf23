"""Blocks: what a network may rely on when one is put into it."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from geulnun.nets.blocks import Residual  # noqa: E402


@pytest.mark.parametrize(("kernel", "dilation"), [((3, 3), 1), ((1, 5), 4)])
def test_a_new_residual_block_passes_on_what_it_gets(kernel: tuple[int, int], dilation: int) -> None:
    features = torch.rand(2, 8, 5, 20)
    block = Residual(8, kernel, dilation)
    assert torch.equal(block(features), features)
    norm = block.second[1]
    assert isinstance(norm, torch.nn.BatchNorm2d)
    torch.nn.init.ones_(norm.weight)
    assert not torch.allclose(block(features), features)
