"""Every detector's network by the kind of maps it draws; every width is written here.

Parameters and multiplications a pixel of the page: regions 1.12 M and 10.7 k, points 1.15 M and 11.0 k.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from torch import nn

from geulnun.nets.blocks import Residual, conv_act
from geulnun.nets.detection.points import PointNetwork
from geulnun.nets.detection.pyramid import Pyramid
from geulnun.nets.detection.regions import RegionNetwork
from geulnun.spec import DetectorKind

_THREE, _TWO = (3, 3), (2, 2)
#: Probability of a centre that a new network sees everywhere (Lin et al. 2017, arXiv:1708.02002, section 4.1): without
#: it the first steps are spent on background.
_PRIOR = 0.02


def region_network() -> RegionNetwork:
    """Region maps at stride 2."""
    stages = _stages()
    laterals = [*_laterals(), nn.Sequential(Residual(32), conv_act(32, 16, _THREE)), Residual(16)]
    head = nn.Sequential(conv_act(16, 16, _THREE), nn.Conv2d(16, 2, 1))
    return RegionNetwork(Pyramid(stages, nn.ModuleList(laterals)), head)


def point_network() -> PointNetwork:
    """Centres, corners and directions at stride 4."""
    laterals = [*_laterals(), conv_act(32, 48, _THREE)]
    return PointNetwork(Pyramid(_stages(), nn.ModuleList(laterals)), words=_branch(), chars=_branch())


def _stages() -> nn.ModuleList:
    """Features at strides 2, 4, 8, 16 and 32."""
    return nn.ModuleList(
        [
            conv_act(3, 16, _THREE, _TWO),
            nn.Sequential(conv_act(16, 32, _THREE, _TWO), Residual(32)),
            nn.Sequential(conv_act(32, 64, _THREE, _TWO), Residual(64), Residual(64), Residual(64)),
            nn.Sequential(conv_act(64, 96, _THREE, _TWO), Residual(96), Residual(96)),
            nn.Sequential(conv_act(96, 96, _THREE, _TWO), Residual(96), Residual(96)),
        ]
    )


def _laterals() -> list[nn.Module]:
    """Merges at strides 16 and 8."""
    return [conv_act(96, 64, (1, 1)), conv_act(64, 32, _THREE)]


def _branch() -> nn.Module:
    last = nn.Conv2d(48, 11, 1)
    assert last.bias is not None
    nn.init.zeros_(last.bias)
    nn.init.constant_(last.bias[:1], math.log(_PRIOR / (1 - _PRIOR)))
    return nn.Sequential(conv_act(48, 48, _THREE), last)


#: What builds the network of each kind.
BUILDERS: dict[DetectorKind, Callable[[], nn.Module]] = {
    "regions": region_network,
    "points": point_network,
}
