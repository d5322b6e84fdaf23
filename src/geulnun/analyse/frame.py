"""The upright frame of a page: lines as axis-aligned boxes once skew and rotation are taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun import geometry
from geulnun.geometry import Floats

Ids = Sequence[int]


@dataclass(frozen=True)
class Frame:
    """Lines in a frame whose x axis is the page's reading direction.

    Attributes:
        angle: that direction in the raster, degrees clockwise from its x axis.
        left, right, top, bottom: each line's box, float (n,), in raster pixels but turned by ``-angle``.
        along: bool (n,), whether a line runs along the frame's x axis, and not across or against it.
    """

    angle: float
    left: Floats
    right: Floats
    top: Floats
    bottom: Floats
    along: NDArray[np.bool_]

    def heights(self, ids: Ids) -> Floats:
        """Heights of lines."""
        index = list(ids)
        return self.bottom[index] - self.top[index]

    def box(self, ids: Ids) -> tuple[float, float, float, float]:
        """The least box around lines: left, top, right, bottom."""
        index = list(ids)
        return (
            float(self.left[index].min()),
            float(self.top[index].min()),
            float(self.right[index].max()),
            float(self.bottom[index].max()),
        )

    def quad(self, ids: Ids) -> Floats:
        """The least rectangle (4, 2) around lines in the raster, clockwise from the text's start."""
        return geometry.transform(geometry.from_boxes([self.box(ids)])[0], _rotation(self.angle))


def frame_of(quads: ArrayLike) -> Frame:
    """Find the reading direction that most text has, and put the lines in its frame.

    The direction is the median over the lines, weighted by their length: long lines tell their angle best, and a
    median is deaf to a stamp or a slanted logo.

    Args:
        quads: (n, 4, 2), clockwise from the text's start, in raster pixels; n at least 1.
    """
    array = geometry.as_quads(quads)
    widths, heights = geometry.sizes(array)
    angles = geometry.angles(array)
    weights = np.maximum(widths - 0.5 * heights, 1e-3)
    quarters = np.rint(angles / 90).astype(int) % 4
    main = int(np.argmax(np.bincount(quarters, weights, minlength=4)))
    along = quarters == main
    # Wrapped to -180..180 around the main quarter, so that 179 and -179 are neighbours.
    residues = (angles - 90 * main + 180) % 360 - 180
    angle = 90 * main + _weighted_median(residues[along], weights[along])
    centres = geometry.transform(array.mean(1), _rotation(-angle))
    # A line that does not run along the frame takes its box as turned; one that does keeps its own length and height,
    # which its slight slant against the others would inflate.
    turned = geometry.to_boxes(geometry.transform(array, _rotation(-angle)))
    half_x = np.where(along, widths, turned[:, 2] - turned[:, 0]) / 2
    half_y = np.where(along, heights, turned[:, 3] - turned[:, 1]) / 2
    x, y = centres.T
    return Frame(float(angle), x - half_x, x + half_x, y - half_y, y + half_y, along)


def _rotation(degrees: float) -> Floats:
    radians = np.radians(degrees)
    cosine, sine = np.cos(radians), np.sin(radians)
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0]])


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
