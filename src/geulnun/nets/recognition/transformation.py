"""Straightening a line before it is read: a spatial transformer whose warp is a thin-plate spline.

Shi et al. 2016 (RARE, arXiv:1603.03915, section 3.1) and 2018 (ASTER): a small network looks at the line and says
where its upper and lower edge run, as fiducial points; the spline that takes them to two level rows of points is the
warp (Bookstein 1989). The localisation network is that of Baek et al. 2019 (arXiv:1904.01906, appendix C, table 4).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from geulnun.nets.blocks import conv_act

Floats = NDArray[np.float64]


class ThinPlateSpline(nn.Module):
    """(N, C, H, W) -> (N, C, height, width), the line straightened; any H and W come in.

    Args:
        localisation: images (N, C, H, W) -> fiducial points (N, F, 2), x and y in -1..1.
        height: rows of what comes out.
        width: columns of what comes out.
        fiducials: F, an even number; half of them along the upper edge, half along the lower.
    """

    basis: Tensor

    def __init__(self, localisation: nn.Module, height: int, width: int, fiducials: int = 20) -> None:
        super().__init__()
        self.localisation = localisation
        self.height, self.width = height, width
        basis = spline_basis(level_points(fiducials), pixel_centres(height, width))
        # It follows from the sizes: files need not hold it.
        self.register_buffer("basis", torch.from_numpy(basis.astype(np.float32)), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Sample ``x`` along the spline, bilinearly; outside the image its edge is repeated."""
        # Half precision would place columns of a wide line by a quarter of a pixel only.
        with torch.autocast(x.device.type, enabled=False):
            where = torch.matmul(self.basis, self.localisation(x.float()).float())
            grid = where.reshape(x.shape[0], self.height, self.width, 2)
            out = functional.grid_sample(x.float(), grid, padding_mode="border", align_corners=False)
        return out.to(x.dtype)


class Localisation(nn.Module):
    """(N, C, H, W) -> (N, F, 2): four convolutions, the mean over the image, two linear layers.

    A new one gives the level points whatever it sees, so that training begins with the image as it is.

    Args:
        cin: channels of the image.
        channels: of the last convolution; the published network has 512.
        fiducials: F.
    """

    def __init__(self, cin: int, channels: int = 512, fiducials: int = 20) -> None:
        super().__init__()
        widths = (cin, channels // 8, channels // 4, channels // 2, channels)
        layers: list[nn.Module] = []
        for index in range(4):
            layers.append(conv_act(widths[index], widths[index + 1], (3, 3)))
            layers.append(nn.MaxPool2d(2) if index < 3 else nn.AdaptiveAvgPool2d(1))
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.hidden = nn.Sequential(nn.Linear(channels, channels // 2), nn.ReLU(inplace=True))
        self.points = nn.Linear(channels // 2, 2 * fiducials)
        nn.init.zeros_(self.points.weight)
        with torch.no_grad():
            self.points.bias.copy_(torch.from_numpy(level_points(fiducials)).flatten())

    def forward(self, x: Tensor) -> Tensor:
        """Fiducial points (N, F, 2) of images (N, C, H, W)."""
        points: Tensor = self.points(self.hidden(self.features(x)))
        return points.reshape(x.shape[0], -1, 2)


def level_points(fiducials: int) -> Floats:
    """(F, 2): points along the upper edge of the square -1..1, then along the lower, both from left to right."""
    x = np.linspace(-1.0, 1.0, fiducials // 2)
    upper, lower = np.stack([x, -np.ones_like(x)], 1), np.stack([x, np.ones_like(x)], 1)
    return np.concatenate([upper, lower])


def pixel_centres(height: int, width: int) -> Floats:
    """(height * width, 2): x and y in -1..1 of the pixels' centres, row by row."""
    x, y = (np.arange(1 - size, size, 2) / size for size in (width, height))
    across, down = np.meshgrid(x, y)
    return np.stack([across.ravel(), down.ravel()], 1)


def spline_basis(points: Floats, places: Floats) -> Floats:
    """(P, F): what each of F control points adds to the spline's value at each of ``places`` (P, 2).

    The spline through values V (F, 2) at ``points`` (F, 2) is ``spline_basis(points, places) @ V``: RARE, equations
    2 to 5, the solving of the linear system taken out in front.
    """
    count = len(points)
    system = np.zeros((count + 3, count + 3))
    system[:count] = _terms(points, points)
    system[count:, 3:] = np.concatenate([np.ones((1, count)), points.T])
    return np.asarray(_terms(places, points) @ np.linalg.inv(system)[:, :count])


def _terms(places: Floats, points: Floats) -> Floats:
    """(P, 3 + F): 1, x, y and r^2 ln r to each of ``points``, at ``places`` (P, 2)."""
    squared = ((places[:, None] - points[None]) ** 2).sum(-1)
    radial = 0.5 * squared * np.log(np.where(squared > 0, squared, 1.0))
    return np.concatenate([np.ones((len(places), 1)), places, radial], 1)
