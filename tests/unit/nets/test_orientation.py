"""The orientation network: a line's two ends speak against each other in the same measure."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from geulnun.nets.orientation import AttentionPool, orientation_network  # noqa: E402


def test_a_line_turned_upside_down_has_its_logits_exchanged() -> None:
    torch.manual_seed(2)
    net = orientation_network().eval()
    lines = torch.randn(3, 1, 32, 96)
    with torch.inference_mode():
        given, around = net(lines), net(lines.flip((2, 3)))
    assert given.shape == (3, 4)
    torch.testing.assert_close(around, given[:, [1, 0, 3, 2]])
    assert sum(part.numel() for part in net.parameters()) < 300_000


def test_places_without_worth_do_not_count() -> None:
    pool = AttentionPool(2)
    with torch.no_grad():
        pool.worth.weight.copy_(torch.tensor([0.0, 30.0])[None, :, None, None])
        pool.worth.bias.zero_()  # type: ignore[union-attr]  # it has one
    # The second channel says what a place is worth: the last one's is nothing.
    x = torch.tensor([[[[2.0, 4.0, 9.0]], [[1.0, 1.0, -1.0]]]])
    torch.testing.assert_close(pool(x), torch.tensor([[3.0, 1.0]]))
    torch.testing.assert_close(pool(torch.cat([x, x[..., 2:]], 3)), pool(x))
