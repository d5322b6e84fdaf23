"""Words as straight strokes with a height: where they start, where they end, and which way they run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geulnun import geometry
from geulnun.geometry import Floats


class Spans(NamedTuple):
    """Starts and ends (n, 2), unit axes (n, 2), lengths and heights (n,) of words, in pixels."""

    start: Floats
    end: Floats
    axis: Floats
    length: Floats
    high: Floats


def of_quads(quads: Floats) -> Spans:
    """The strokes of quads (n, 4, 2), clockwise from the start of the text."""
    start, end = (quads[:, 0] + quads[:, 3]) / 2, (quads[:, 1] + quads[:, 2]) / 2
    length, high = np.linalg.norm(end - start, axis=1), np.maximum(geometry.sizes(quads)[1], 1e-6)
    # What has no length has no direction either: it reads along the page.
    axis = np.where(length[:, None] > 0, (end - start) / np.maximum(length, 1e-9)[:, None], (1.0, 0.0))
    return Spans(start, end, axis, length, high)


def across(axis: Floats, way: Floats) -> Floats:
    """How far ways (n, 2) lead to the right of unit axes (n, 2), on a page whose y points down; (n,)."""
    return np.asarray(axis[:, 0] * way[:, 1] - axis[:, 1] * way[:, 0])
