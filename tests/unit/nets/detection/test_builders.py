"""The networks of detectors: what they draw, in which order, and how large they are."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from geulnun.decode import point_maps, regions
from geulnun.nets.detection.builders import BUILDERS, point_network
from geulnun.nets.detection.points import PointNetwork
from geulnun.nets.detection.pyramid import Pyramid
from geulnun.nets.detection.regions import RegionNetwork
from geulnun.spec import DetectorKind

MAPS: dict[DetectorKind, tuple[int, int]] = {
    "regions": (regions.CHANNELS, regions.STRIDE),
    "points": (point_maps.CHANNELS, point_maps.STRIDE),
}


class Constant(nn.Module):
    """Draws numbers, a channel each, wherever there is a cell."""

    def __init__(self, values: list[float]) -> None:
        super().__init__()
        self.values = torch.tensor(values)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.values[None, :, None, None].expand(len(x), -1, *x.shape[2:])


@pytest.mark.parametrize("kind", MAPS)
def test_each_kind_draws_its_maps(kind: DetectorKind) -> None:
    channels, stride = MAPS[kind]
    net = BUILDERS[kind]()
    with torch.inference_mode():
        drawn = net.eval()(torch.rand(2, 3, 96, 64))
    assert drawn.shape == (2, channels, 96 // stride, 64 // stride)
    assert bool(torch.isfinite(drawn).all())


@pytest.mark.parametrize("kind", MAPS)
def test_networks_stay_small(kind: DetectorKind) -> None:
    """At most 8 MB on disk in half precision is 4 M parameters; on processors each multiplication counts as well."""
    multiplications = 0

    def count(module: nn.Module, inputs: object, output: torch.Tensor) -> None:
        nonlocal multiplications
        assert isinstance(module, nn.Conv2d)
        multiplications += output.shape[2] * output.shape[3] * module.weight.numel()

    net = BUILDERS[kind]()
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(count)
    net(torch.zeros(1, 3, 64, 64))
    assert sum(one.numel() for one in net.parameters()) < 1_200_000
    assert multiplications < 12_000 * 64 * 64


def test_a_pyramid_adds_the_wider_levels_to_the_finer_ones() -> None:
    halves = nn.ModuleList([nn.AvgPool2d(2) for _ in range(3)])
    image = torch.arange(64.0).reshape(1, 1, 8, 8)
    second = nn.functional.avg_pool2d(image, 4)
    third = nn.functional.avg_pool2d(image, 8)
    one = Pyramid(halves, nn.ModuleList([nn.Identity()]))(image)
    assert torch.equal(one, second + third.expand(1, 1, 2, 2))
    # Halved on the way to the finest level.
    two = Pyramid(halves, nn.ModuleList([nn.Identity(), nn.AvgPool2d(1)]))(image)
    wide = one.repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.equal(two, nn.functional.avg_pool2d(image, 2) + wide)


def test_a_pyramid_cannot_merge_more_levels_than_it_has() -> None:
    with pytest.raises(ValueError, match="2 laterals for 2 stages"):
        Pyramid(nn.ModuleList([nn.Identity()] * 2), nn.ModuleList([nn.Identity()] * 2))


def test_points_come_in_the_order_of_the_maps() -> None:
    words, chars = [float(at) for at in range(11)], [float(at) for at in range(100, 111)]
    net = PointNetwork(nn.Identity(), words=Constant(words), chars=Constant(chars))
    drawn = net(torch.rand(1, 3, 4, 4))[0, :, 0, 0].tolist()
    assert drawn[point_maps.WORD] == 0
    assert drawn[point_maps.WORD_QUAD] == words[1:9]
    assert drawn[point_maps.CHAR] == 100
    assert drawn[point_maps.CHAR_QUAD] == chars[1:9]
    assert drawn[point_maps.OWNER] == chars[9:]
    assert [drawn[point_maps.DOWN], drawn[point_maps.AGAINST]] == words[9:]


def centred(one: nn.Module) -> list[nn.Module]:
    """Both networks with a pyramid of a test's own."""
    nought = [0.0] * 11
    return [RegionNetwork(one, nn.Identity()), PointNetwork(one, Constant(nought), Constant(nought))]


def test_pixels_of_0_to_1_become_1_below_to_1_above_nought() -> None:
    seen: list[torch.Tensor] = []

    class Watch(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            seen.append(x)
            return x

    for net in centred(Watch()):
        net(torch.tensor([0.0, 0.5, 1.0]).reshape(1, 3, 1, 1))
    assert [one.flatten().tolist() for one in seen] == [[-1.0, 0.0, 1.0]] * 2


def test_a_new_network_of_points_sees_hardly_any_centre() -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        drawn = point_network().eval()(torch.rand(1, 3, 64, 64))[0]
    for channel in (point_maps.WORD, point_maps.CHAR):
        assert float(torch.sigmoid(drawn[channel]).mean()) < 0.1
