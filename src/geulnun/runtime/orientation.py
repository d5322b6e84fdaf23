"""Which way up text stands: the orientation network over crops of lines, and the vote of a page's lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode import posture
from geulnun.decode.posture import PageTurn
from geulnun.errors import ModelError
from geulnun.geometry import Floats
from geulnun.image import posture as images
from geulnun.image.ops import crop_quad, to_grey
from geulnun.runtime import weights
from geulnun.runtime.session import open_session

Pixels = NDArray[np.uint8]

#: Lines of a page that vote. More change the vote of one page in thousands.
VOTERS = 12
#: Lines count as no longer than this, in line heights: what is longer is not looked at.
_LONGEST = images.WIDEST / images.SPEC.height
#: Lines count as no higher than this, in pixels: what is higher is shrunk.
_HIGHEST = 24.0
#: Crops with fewer rows or columns hold nothing that could stand.
_LEAST_ROWS, _LEAST_COLUMNS = 4, 3
#: Overhang of crops on each side, in line heights, along and across: that of the crops it learned from.
_ALONG, _ACROSS = 0.15, 0.08


class Orientation:
    """Tells which way up lines and pages stand; safe to share between threads.

    Args:
        path: ONNX file of `geulnun train orientation`; None for the package's own.
        threads: threads of one run; None for one a core.

    Raises:
        ModelError: the file is missing or is not such a network.
    """

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        file = path or weights.path("orientation")
        self._session = open_session(file, threads)
        if images.KEY not in self._session.get_modelmeta().custom_metadata_map:
            raise ModelError(f"{file}: does not tell orientations; give a file of geulnun train orientation")

    def postures(self, crops: Sequence[Pixels]) -> Floats:
        """Probabilities (n, 4) of the postures (`geulnun.decode.posture`) of line crops, cut along their quads.

        Args:
            crops: uint8 (h, w) or (h, w, 3), a line or a lying column each. Crops too small to hold a letter are as
                likely to stand in any way.
        """
        out = np.full((len(crops), len(posture.POSTURES)), 1 / len(posture.POSTURES))
        inputs = [
            (at, images.posture_input(crop))
            for at, crop in enumerate(crops)
            if crop.shape[0] >= _LEAST_ROWS and crop.shape[1] >= _LEAST_COLUMNS
        ]
        # Like widths together: a batch is as wide as its widest line.
        inputs.sort(key=lambda one: one[1].shape[1])
        for start in range(0, len(inputs), VOTERS):
            group = inputs[start : start + VOTERS]
            (logits,) = self._session.run(None, {"lines": images.posture_batch([line for _, line in group])})
            out[[at for at, _ in group]] = posture.probabilities(np.asarray(logits))
        return out

    def upside_down(self, crops: Sequence[Pixels]) -> Floats:
        """Probability (n,) that each line crop, uint8 (h, w) or (h, w, 3), stands on its head."""
        return posture.upside_down(self.postures(crops))

    def page(self, image: Pixels, quads: Floats, guess: int = 0, voters: int = VOTERS) -> PageTurn:
        """Which way up a page is, by the longest of its lines.

        Args:
            image: the page, uint8 (h, w) or (h, w, 3), in any of its four turns.
            quads: its lines (n, 4, 2) along their axes, from either end; columns along theirs.
            guess: the clockwise turn, 0, 90, 180 or 270 degrees, that a detector thinks makes the page upright.
            voters: how many lines are looked at, at most.
        """
        array = geometry.as_quads(quads)
        along, across = geometry.sizes(array)
        worth = np.minimum(along / np.maximum(across, 1e-6), _LONGEST) * np.minimum(across, _HIGHEST)
        chosen = array[np.argsort(-worth, kind="stable")[:voters]]
        grey = to_grey(image)
        return posture.page_turn(self.postures([line_crop(grey, quad) for quad in chosen]), chosen, guess)

    def begun(self, image: Pixels, quads: Floats, rotation: int) -> Floats:
        """The lines of a page, each from where its text begins.

        Level lines go by the page: on one page a line on its head is far oftener misjudged than true. Of lines across,
        each is looked at: columns and titles on spines run down, titles of axes run up.

        Args:
            image: the page, uint8 (h, w) or (h, w, 3), in any of its four turns.
            quads: its lines (n, 4, 2) along their axes, from either end.
            rotation: the clockwise turn, 0, 90, 180 or 270 degrees, that makes the page upright.
        """
        array = geometry.as_quads(quads)
        across = np.flatnonzero(~posture.level(array, rotation))
        over = np.zeros(len(array))
        if len(across):
            grey = to_grey(image)
            over[across] = self.upside_down([line_crop(grey, array[at]) for at in across])
        return posture.righted(array, rotation, over)


def line_crop(grey: Pixels, quad: Floats) -> Pixels:
    """The middle of a line with quad (4, 2), at the network's height; enough of it to tell how it stands."""
    wide, high = (float(size[0]) for size in geometry.sizes(quad))
    surplus = max(0.0, wide - _LONGEST * high) / 2
    (cut,) = geometry.grow(quad, _ALONG * high - surplus, _ACROSS * high)
    return crop_quad(grey, cut, images.SPEC.height)
