"""Where text is on a page, and which way up the page is: one way of looking for every kind of detector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.decode import bend, lines, points, regions
from geulnun.decode.bend import Bend
from geulnun.decode.lines import LineOptions
from geulnun.decode.points import PointOptions
from geulnun.decode.regions import RegionOptions
from geulnun.decode.shapes import Shapes
from geulnun.errors import ModelError
from geulnun.geometry import Floats
from geulnun.runtime import weights
from geulnun.runtime.session import open_session
from geulnun.spec import DetectorKind, DetectorSpec

Pixels = NDArray[np.uint8]
Maps = NDArray[np.float32]
#: RGB pixels (h, w, 3), h and w multiples of what the spec says -> maps (C, h / stride, w / stride).
Forward = Callable[[Pixels], Maps]
#: Maps of a whole look -> words and characters, in pixels of the page looked at.
Decode = Callable[[Maps], Shapes]


@dataclass(frozen=True, slots=True)
class Flat:
    """A page whose lines bend, laid flat.

    Attributes:
        bend: how it bends.
        quads: its text lines (n, 4, 2), in pixels of the flat page.
    """

    bend: Bend
    quads: Floats


@dataclass(frozen=True, slots=True)
class Detection:
    """What stands where on one page.

    Attributes:
        quads: text lines (n, 4, 2) in pixels of the raster as given, clockwise from the start of the text.
        scores: confidence (n,) of each, 0..1.
        rotation: the clockwise turn, 0, 90, 180 or 270 degrees, that makes the page upright.
        rotation_confidence: share of the text that agrees with it, 0..1; 0 where no text was found.
        shapes: words and characters, in the same pixels.
        flat: the same lines on the page laid flat, where they bend; then their quads here lie around their words.
    """

    quads: Floats
    scores: Floats
    rotation: int
    rotation_confidence: float
    shapes: Shapes = field(default_factory=Shapes.empty)
    flat: Flat | None = None


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """How a page is looked at.

    Attributes:
        short_side: a page's shorter side is shrunk to this many pixels; smaller pages stay as they are. None for what
            the network's file says.
        small: where the median word is lower than this many pixels after shrinking, the page is looked at again with
            more of them. None for what suits the kind of detector.
        wanted: the height the median word gets then; None likewise.
        most_pixels: a second look never has more pixels than this.
        strip: taller or wider pages are looked at in strips of this many pixels.
        overlap: what neighbouring strips share, a multiple of 64 pixels.
        regions: what counts as found in region maps.
        points: what counts as found at points.
        lines: how words become lines.
        bends: whether pages whose lines bend, as books' do, are laid flat.
    """

    short_side: int | None = None
    small: float | None = None
    wanted: float | None = None
    most_pixels: int = 6_000_000
    strip: int = 2048
    overlap: int = 256
    regions: RegionOptions = regions.DEFAULT
    points: PointOptions = points.DEFAULT
    lines: LineOptions = lines.DEFAULT
    bends: bool = True

    def __post_init__(self) -> None:
        if self.short_side is not None and not 32 <= self.short_side <= 8192:
            raise ValueError(f"short_side is {self.short_side}; expected 32 to 8192 pixels")
        if self.strip % 64 or self.overlap % 64 or not 0 < self.overlap < self.strip:
            raise ValueError(
                f"strips of {self.strip} pixels that share {self.overlap}; expected multiples of 64, the first larger"
            )


DEFAULT_OPTIONS = DetectorOptions()


@dataclass(frozen=True, slots=True)
class _Kind:
    """How many maps a kind of detector draws, what finds text in them, how high it should be (`DetectorOptions`)."""

    channels: int
    decode: Callable[[Maps, DetectorOptions], Shapes]
    small: float
    wanted: float


_KINDS: dict[DetectorKind, _Kind] = {
    "regions": _Kind(regions.CHANNELS, lambda maps, options: regions.decode(maps, options.regions), 17.0, 24.0),
    "points": _Kind(points.CHANNELS, lambda maps, options: points.decode(maps, options.points), 9.5, 14.0),
}


class Detector:
    """Finds the text of a page. Safe to share between threads.

    Args:
        path: another detector's ONNX file; the shipped one if not given.
        threads: threads of one run; None for one a core.
        options: how pages are looked at.

    Attributes:
        spec: what kind of detector it is.

    Raises:
        ModelError: the file is missing, is not a network, or is not a detector.
    """

    def __init__(
        self, path: Path | None = None, threads: int | None = None, options: DetectorOptions | None = None
    ) -> None:
        file = path or weights.path("detector")
        self._session = open_session(file, threads)
        self._options = options or DEFAULT_OPTIONS
        self.spec = DetectorSpec.of_metadata(self._session.get_modelmeta().custom_metadata_map, file.name)
        given, drawn = (
            [one.name for one in ends] for ends in (self._session.get_inputs(), self._session.get_outputs())
        )
        if given != ["page"] or drawn != ["maps"]:
            raise ModelError(
                f"{file.name}: not a detector: takes {', '.join(given)} and gives {', '.join(drawn)}, "
                "expected page and maps; give a file of geulnun train detector"
            )
        channels, wanted = self._session.get_outputs()[0].shape[0], _KINDS[self.spec.kind].channels
        if isinstance(channels, int) and channels != wanted:
            raise ModelError(
                f"{file.name}: {channels} maps, expected the {wanted} of a detector of {self.spec.kind}; "
                "export it again"
            )

    def detect(self, rgb: Pixels) -> Detection:
        """Find the text of an RGB page (h, w, 3), uint8, of any size."""
        return detect(rgb, self._forward, self.spec, self._options, self._decode)

    def _forward(self, page: Pixels) -> Maps:
        (maps,) = self._session.run(None, {"page": page})
        return np.asarray(maps, np.float32)

    def _decode(self, maps: Maps) -> Shapes:
        return _KINDS[self.spec.kind].decode(maps, self._options)


def detect(
    rgb: Pixels,
    forward: Forward,
    spec: DetectorSpec,
    options: DetectorOptions = DEFAULT_OPTIONS,
    decode: Decode | None = None,
) -> Detection:
    """Find text with any network: shrink, look, look again where the text is small, and vote on the rotation.

    Args:
        rgb: the page, uint8 (h, w, 3), of any size.
        forward: the network.
        spec: what the network draws.
        options: how the page is looked at.
        decode: finds words and characters in its maps; None for what suits the kind of detector.

    Raises:
        ValueError: ``rgb`` is not a uint8 array of shape (h, w, 3).
    """
    if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3:
        raise ValueError(f"a page of shape {rgb.shape} and {rgb.dtype}; expected (h, w, 3) and uint8")
    height, width = rgb.shape[:2]
    if not height or not width:
        return _detection(Shapes.empty(), options)
    kind = _KINDS[spec.kind]
    scale = min(1.0, (options.short_side or spec.short_side) / min(height, width))
    words = decode or (lambda maps: kind.decode(maps, options))
    look = partial(_look, rgb, forward=forward, decode=words, options=options, spec=spec)
    found = look(scale)
    if len(found.words):
        median = float(np.median(geometry.sizes(found.words)[1])) * scale
        larger = scale * (options.wanted or kind.wanted) / max(median, 3.0)
        larger = min(larger, 2.0, (options.most_pixels / (height * width)) ** 0.5)
        if median < (options.small or kind.small) and larger > 1.15 * scale:
            found = look(larger)
    return _detection(found, options)


def _detection(found: Shapes, options: DetectorOptions) -> Detection:
    """What was seen, words made into lines, on the page laid flat where that bends."""
    built = lines.build(found, options.lines)
    bent = bend.find(found, built) if options.bends else None
    if bent is None:
        rotation, confidence = vote(built.quads, built.scores)
        return Detection(built.quads, built.scores, rotation, confidence, found)
    flat = lines.build(replace(found, words=bent.flat(found.words), chars=bent.flat(found.chars)), options.lines)
    rotation, confidence = vote(flat.quads, flat.scores)
    ways = bent.bent(flat.quads[:, 1:3].mean(1)) - bent.bent(flat.quads[:, [0, 3]].mean(1))
    quads = [geometry.around(found.words[words], way) for words, way in zip(flat.words, ways, strict=True)]
    return Detection(np.stack(quads), flat.scores, rotation, confidence, found, Flat(bent, flat.quads))


def vote(quads: Floats, scores: Floats) -> tuple[int, float]:
    """The turn that makes most text upright, and the share of text (by length in line heights) that agrees."""
    if not len(quads):
        return 0, 0.0
    along, across = geometry.sizes(quads)
    quarter = np.round(geometry.angles(quads) / 90).astype(int) % 4
    votes = np.bincount(quarter, scores * np.clip(along / np.maximum(across, 1e-6), 0.5, 40), 4)
    best = int(votes.argmax())
    return (-best * 90) % 360, float(votes[best] / max(votes.sum(), 1e-9))


def _look(
    rgb: Pixels, scale: float, forward: Forward, decode: Decode, options: DetectorOptions, spec: DetectorSpec
) -> Shapes:
    """One look at a page shrunk or enlarged by ``scale``; what it saw, in pixels of the page as given."""
    height, width = rgb.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    page = rgb
    if size != (width, height):
        shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        page = np.asarray(cv2.resize(rgb, size, interpolation=shrinks), np.uint8)
    below, right = -size[1] % spec.multiple, -size[0] % spec.multiple
    if below or right:
        page = np.asarray(cv2.copyMakeBorder(page, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    found = decode(_maps(np.ascontiguousarray(page), forward, options, spec.stride))
    return found.scaled(np.array([width / size[0], height / size[1]]))


def _maps(page: Pixels, forward: Forward, options: DetectorOptions, stride: int) -> Maps:
    """The maps of a page, looked at in overlapping strips where it is long, so that memory stays bounded.

    What is found stays whole: the strips' maps are put together before anything is looked for in them.
    """
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
        low = 0 if start == 0 else half // stride
        high = maps.shape[axis + 1] - (0 if stop == length else half // stride)
        parts.append(maps[:, low:high] if axis == 0 else maps[:, :, low:high])
    return np.concatenate(parts, axis + 1)
