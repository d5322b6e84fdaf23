"""By how much a page leans, told from its lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geulnun import geometry
from geulnun.geometry import Floats

#: Lines within so many degrees of the page's lean agree with it.
_AGREES = 2.0
#: Lines shorter than this, in line heights, cannot tell their lean; longer ones than that tell no more.
_SHORTEST, _LONGEST = 2.0, 20.0


@dataclass(frozen=True, slots=True)
class Skew:
    """How a page leans.

    Attributes:
        angle: degrees clockwise, -45 up to 45, by which its lines lean to the page's nearest sides; turned against
            the clock by as much, the page is straight.
        confidence: share of the text, by length, that leans as the page does, 0..1; 0 where no line can tell.
    """

    angle: float
    confidence: float


def skew(quads: Floats) -> Skew:
    """The lean of a page with these lines (n, 4, 2): the median of theirs, long lines counting more.

    Lines across and columns down, read from either end, tell the same lean. The median stands firm where up to half of
    the text leans otherwise, as stamps and pictures do.
    """
    array = geometry.as_quads(quads)
    along, across = geometry.sizes(array)
    ratio = along / np.maximum(across, 1e-6)
    told = (ratio >= _SHORTEST) & (along > 0)
    if not told.any():
        return Skew(0.0, 0.0)
    # Four times the angle is the same for all four ways a line may run on a straight page.
    turned = np.radians(4 * geometry.angles(array[told]))
    weights = np.minimum(ratio[told], _LONGEST)
    middle = np.arctan2((weights * np.sin(turned)).sum(), (weights * np.cos(turned)).sum())
    away = _wrapped(turned - middle)
    # The mean only says where to cut the circle open; it is drawn aside by what leans otherwise, the median is not.
    order = np.argsort(away, kind="stable")
    half = np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)
    angle = float(np.degrees(_wrapped(middle + away[order[half]])) / 4)
    agrees = np.abs(np.degrees(_wrapped(turned - np.radians(4 * angle))) / 4) < _AGREES
    return Skew(angle, float(weights[agrees].sum() / weights.sum()))


def straightening(angle: float, width: int, height: int) -> tuple[Floats, tuple[int, int]]:
    """How to turn a page against the clock by ``angle`` degrees without cutting anything off.

    Returns:
        The affine matrix (2, 3) from the page to the straight one (`cv2.warpAffine`, `geulnun.geometry.transform`), and
        the width and height the straight one has.
    """
    turn = np.radians(angle)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    corners = geometry.transform(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64), matrix)
    low, size = corners.min(0), np.ceil(np.ptp(corners, axis=0) - 1e-6).astype(int)
    matrix[:, 2] = -low
    return matrix, (int(size[0]), int(size[1]))


def _wrapped(angles: Floats) -> Floats:
    """Radians in -pi..pi."""
    return np.asarray((angles + np.pi) % (2 * np.pi) - np.pi)
