"""Where text lines are on a page, and which way up the page is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode import heatmap
from geulnun.decode.heatmap import Maps
from geulnun.geometry import Floats
from geulnun.runtime import weights
from geulnun.runtime.session import open_session

Pixels = NDArray[np.uint8]
#: RGB pixels (h, w, 3), h and w multiples of `GRID` -> maps (8, h/4, w/4).
Forward = Callable[[Pixels], Maps]

#: The network halves its input five times.
GRID = 32


@dataclass(frozen=True, slots=True)
class Detection:
    """What stands where on one page.

    Attributes:
        quads: text lines (n, 4, 2) in pixels of the raster as given, clockwise from the start of the text.
        scores: confidence (n,) of each, 0..1.
        rotation: the clockwise turn, 0, 90, 180 or 270 degrees, that makes the page upright.
        rotation_confidence: share of the text that agrees with it, 0..1; 0 where no text was found.
    """

    quads: Floats
    scores: Floats
    rotation: int
    rotation_confidence: float


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """How a page is looked at.

    Attributes:
        short_side: a page's shorter side is shrunk to this many pixels; smaller pages stay as they are.
        small_line: where the median line is lower than this many pixels after shrinking, the page is looked at again
            with more of them.
        wanted_line: the height the median line gets then.
        most_pixels: a second look never has more pixels than this.
        strip: taller or wider pages are looked at in strips of this many pixels.
        overlap: what neighbouring strips share.
    """

    short_side: int = 832
    small_line: float = 9.5
    wanted_line: float = 14.0
    most_pixels: int = 6_000_000
    strip: int = 2048
    overlap: int = 256


DEFAULT_OPTIONS = DetectorOptions()


class Detector:
    """Finds the text lines of a page. Safe to share between threads.

    Args:
        path: another detector's ONNX file; the shipped one if not given.
        threads: threads of one run; None for one a core.

    Raises:
        ModelError: the file is missing or is not a network.
    """

    def __init__(self, path: Path | None = None, threads: int | None = None) -> None:
        self._session = open_session(path or weights.path("detector"), threads)

    def detect(self, rgb: Pixels) -> Detection:
        """Find the text lines of an RGB page (h, w, 3), uint8, of any size."""
        return detect(rgb, self._forward)

    def _forward(self, page: Pixels) -> Maps:
        (maps,) = self._session.run(None, {"page": page})
        return np.asarray(maps, np.float32)


def detect(rgb: Pixels, forward: Forward, options: DetectorOptions = DEFAULT_OPTIONS) -> Detection:
    """Find lines with any network: shrink, look, look again where the text is small, and vote on the rotation.

    Raises:
        ValueError: ``rgb`` is not a uint8 array of shape (h, w, 3).
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"a page of shape {rgb.shape} and {rgb.dtype}; expected (h, w, 3) and uint8")
    height, width = rgb.shape[:2]
    if not height or not width:
        return Detection(np.zeros((0, 4, 2)), np.zeros(0), 0, 0.0)
    scale = min(1.0, options.short_side / min(height, width))
    found = _look(rgb, scale, forward, options)
    if len(found.quads):
        median = float(np.median(geometry.sizes(found.quads)[1])) * scale
        larger = scale * options.wanted_line / max(median, 3.0)
        larger = min(larger, 2.0, (options.most_pixels / (height * width)) ** 0.5)
        if median < options.small_line and larger > 1.15 * scale:
            found = _look(rgb, larger, forward, options)
    rotation, confidence = vote(found.quads, found.scores)
    return Detection(found.quads, found.scores, rotation, confidence)


def vote(quads: Floats, scores: Floats) -> tuple[int, float]:
    """The turn that makes most text upright, and the share of text (by length in line heights) that agrees."""
    if not len(quads):
        return 0, 0.0
    along, across = geometry.sizes(quads)
    quarter = np.round(geometry.angles(quads) / 90).astype(int) % 4
    votes = np.bincount(quarter, scores * np.clip(along / np.maximum(across, 1e-6), 0.5, 40), 4)
    best = int(votes.argmax())
    return (-best * 90) % 360, float(votes[best] / max(votes.sum(), 1e-9))


def _look(rgb: Pixels, scale: float, forward: Forward, options: DetectorOptions) -> heatmap.Found:
    """One look at a page shrunk or enlarged by ``scale``; quads in pixels of the page as given."""
    height, width = rgb.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    page = rgb
    if size != (width, height):
        shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        page = np.asarray(cv2.resize(rgb, size, interpolation=shrinks), np.uint8)
    below, right = -size[1] % GRID, -size[0] % GRID
    if below or right:
        page = np.asarray(cv2.copyMakeBorder(page, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    found = heatmap.decode(_maps(np.ascontiguousarray(page), forward, options))
    factors = np.array([width / size[0], height / size[1]])
    return heatmap.Found(found.quads * factors, found.scores)


def _maps(page: Pixels, forward: Forward, options: DetectorOptions) -> Maps:
    """The maps of a page, looked at in overlapping strips where it is long, so that memory stays bounded."""
    axis = int(page.shape[1] > page.shape[0])
    length = page.shape[axis]
    if length <= options.strip + options.overlap:
        return forward(page)
    step, half = options.strip - options.overlap, options.overlap // 2
    parts: list[Maps] = []
    for start in range(0, length - options.overlap, step):
        stop = min(start + options.strip, length)
        part = page[start:stop] if axis == 0 else np.ascontiguousarray(page[:, start:stop])
        maps = forward(part)
        # Each strip gives its middle; the first and last also their outer margins.
        low = 0 if start == 0 else half // heatmap.STRIDE
        high = maps.shape[axis + 1] - (0 if stop == length else half // heatmap.STRIDE)
        parts.append(maps[:, low:high] if axis == 0 else maps[:, :, low:high])
    return np.concatenate(parts, axis + 1)
