"""Links: hand-computed pools, which are plain averages as long as nothing is learnt."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from geulnun.nets.character.links import LINKS, WeightedOutputPool, WeightedPool  # noqa: E402

MAPS = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 4.0], [0.0, 0.0]]]])


@pytest.mark.parametrize("name", ["gap", "gwap", "gwoap"])
def test_new_pools_average(name: str) -> None:
    link, width = LINKS[name](2, 2)
    assert width == 2
    assert link(MAPS).tolist() == [[3.0, 1.0]]


def test_flattening_keeps_all() -> None:
    link, width = LINKS["flatten"](2, 2)
    assert width == 8
    assert link(MAPS).tolist() == [MAPS.flatten().tolist()]


def test_each_place_of_each_map_has_its_weight() -> None:
    link, _ = LINKS["gwap"](2, 2)
    assert isinstance(link, WeightedPool)
    with torch.no_grad():
        link.weight.copy_(torch.tensor([[[1.0, 0.0], [0.0, -1.0]], [[0.0, 0.5], [7.0, 7.0]]]))
    assert link(MAPS).tolist() == [[1.0 - 6.0, 2.0]]


def test_each_average_has_its_weight() -> None:
    link, _ = LINKS["gwoap"](2, 2)
    assert isinstance(link, WeightedOutputPool)
    with torch.no_grad():
        link.weight.copy_(torch.tensor([2.0, -1.0]))
    assert link(MAPS).tolist() == [[6.0, -1.0]]
