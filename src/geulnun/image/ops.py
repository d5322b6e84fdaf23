"""Array operations shared by training and reading, so that what is trained is what runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image as PilImage

from geulnun import geometry
from geulnun.spec import CharacterSpec, LineSpec

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

DEFAULT_SPEC = LineSpec()
#: Height in pixels of the default recogniser's input.
LINE_HEIGHT = DEFAULT_SPEC.height
#: How much a line may lean in an image of its own, degrees.
STEEPEST = 20
#: Pixels of ink below which nothing leans, and how many are enough to tell.
_LEAST_INK, _MOST_INK = 50, 8_000
#: Grey levels between paper and ink below which an image holds no character.
_LEAST_CONTRAST = 24
#: Widths are padded to a multiple of this, so that few shapes reach the runtime.
WIDTH_STEP = 32
#: Narrowest input: the network needs a few columns even for one thin letter.
LEAST_WIDTH = 32


def to_grey(image: Image) -> Image:
    """RGB (h, w, 3) to grey (h, w), both uint8; grey passes through."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def moved(image: Image, x: NDArray[np.float32], y: NDArray[np.float32]) -> Image:
    """An image (h, w, ...) whose pixels are those of ``image`` at x and y (h, w); outside it the edge is repeated."""
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def crop_quad(image: Image, quad: ArrayLike, height: int | None = None) -> Image:
    """Cut the upright rectangle out of ``image`` that ``quad`` (4, 2) covers.

    Args:
        image: uint8 (h, w) or (h, w, 3).
        quad: four points clockwise from the text's start; outside the image the edge is repeated.
        height: rows of the result; None for the quad's own height in pixels.

    Returns:
        uint8 of ``height`` rows (or the quad's own), width in proportion, 1 at least.
    """
    points = geometry.as_quads(quad)
    wide, high = (float(size[0]) for size in geometry.sizes(points))
    rows = max(1, round(high)) if height is None else height
    columns = max(1, round(wide * rows / max(high, 1e-6)))
    # The part of the image around the quad is enough, and the warp below is far quicker on it.
    pad = 2
    x0, y0, x1, y1 = geometry.to_boxes(points)[0]
    left, top = max(0, int(x0) - pad), max(0, int(y0) - pad)
    right, bottom = min(image.shape[1], int(np.ceil(x1)) + pad), min(image.shape[0], int(np.ceil(y1)) + pad)
    if right <= left or bottom <= top:
        return np.full((rows, columns, *image.shape[2:]), 255, np.uint8)
    part = image[top:bottom, left:right]
    scale = rows / max(high, 1e-6)
    if scale < 0.5:
        # Warping samples four pixels only: shrink by area first, or thin strokes are lost.
        shrink = max(scale * 1.5, 1e-3)
        size = max(1, round(part.shape[1] * shrink)), max(1, round(part.shape[0] * shrink))
        fx, fy = size[0] / part.shape[1], size[1] / part.shape[0]
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    else:
        fx = fy = 1.0
    source = ((points[0] - (left, top)) * (fx, fy) - 0.5).astype(np.float32)
    target = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(source, target)
    warped = cv2.warpPerspective(part, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def line_quad(grey: Image) -> Floats:
    """Where the line stands in an image (h, w) of one line: a quad (4, 2), clockwise from its upper left.

    A line that leans against the image's rows, as it stands in a box around a skewed line, is found as it leans, up to
    `STEEPEST` degrees. Of others wide empty margins are left out, but for as much as line crops have. The whole image,
    if its ink fills it, if it holds none, or if what it holds is so low that it may be a mark without letters.
    """
    height, width = grey.shape
    strong = _strong(grey)
    slope = _slope(strong) if width > 2 * height else 0.0
    if slope:
        return _leaning(strong, slope)
    x0, y0, x1, y1 = _line_box(strong)
    return np.asarray(geometry.from_boxes([[x0, y0, x1, y1]])[0])


def _strong(grey: Image) -> NDArray[np.bool_]:
    """Where the ink is: what differs from the image's border."""
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    away = np.abs(grey.astype(np.int16) - np.int16(np.median(border)))
    return np.asarray(away > max(24, 0.4 * float(away.max())))


def _line_box(strong: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    height, width = strong.shape
    whole = (0, 0, width, height)
    # Specks are no ink: a row or column counts from two pixels on.
    rows, columns = np.flatnonzero(strong.sum(1) > 1), np.flatnonzero(strong.sum(0) > 1)
    if not len(rows) or not len(columns):
        return whole
    high = int(rows[-1] - rows[0]) + 1
    if not 0.2 * height < high < 0.6 * height:
        return whole
    across, along = round(0.1 * high), round(0.2 * high)
    left, right = max(0, int(columns[0]) - along), min(width, int(columns[-1]) + 1 + along)
    return left, max(0, int(rows[0]) - across), right, min(height, int(rows[-1]) + 1 + across)


def _slope(strong: NDArray[np.bool_]) -> float:
    """How much the ink's line falls a pixel of width; 0 where no leaning gathers it clearly better in few rows."""
    ys, xs = np.nonzero(strong)
    if len(xs) < _LEAST_INK:
        return 0.0
    step = -(-len(xs) // _MOST_INK)
    ys, xs = ys[::step], xs[::step]
    extent = int(xs.max() - xs.min())
    # A line that fell by more than its ink is high would not be in there.
    steepest = min(STEEPEST, math.degrees(math.atan2(int(ys.max() - ys.min()), max(extent, 1))))
    level = _gathered(xs, ys, 0.0)
    coarse = np.arange(-math.floor(steepest), steepest)
    near = float(max(coarse, key=lambda degrees: _gathered(xs, ys, _tangent(degrees))))
    fine = near + np.arange(-0.75, 1.0, 0.25)
    best = _tangent(max(fine, key=lambda degrees: _gathered(xs, ys, _tangent(degrees))))
    # What a line leans by within its own strokes is none of our business; the recogniser has seen it.
    clear = _gathered(xs, ys, best) > 1.1 * level and abs(best) * extent > 0.1 * strong.shape[0]
    return best if clear else 0.0


def _tangent(degrees: float) -> float:
    return math.tan(math.radians(degrees))


def _gathered(xs: NDArray[np.int64], ys: NDArray[np.int64], slope: float) -> float:
    """How few rows hold the ink once it is laid level: the sum over rows of its squared amount."""
    rows = np.rint(ys - slope * xs).astype(np.int64)
    return float((np.bincount(rows - rows.min()).astype(np.float64) ** 2).sum())


def _leaning(strong: NDArray[np.bool_], slope: float) -> Floats:
    """The rectangle (4, 2) around ink that leans by ``slope``, with the margins that line crops have."""
    ys, xs = np.nonzero(strong)
    along = np.array([1.0, slope]) / np.hypot(1.0, slope)
    across = np.array([-along[1], along[0]])
    points = np.stack([xs, ys], 1) + 0.5
    # Specks are no ink: a few of a thousand pixels may lie outside.
    (u0, u1), (v0, v1) = (np.percentile(points @ axis, (0.1, 99.9)) for axis in (along, across))
    high = v1 - v0
    corners = np.array([[u0, v0], [u1, v0], [u1, v1], [u0, v1]])
    margins = np.array([[-0.2, -0.1], [0.2, -0.1], [0.2, 0.1], [-0.2, 0.1]]) * high
    return np.asarray((corners + margins) @ np.stack([along, across]))


def line_input(crop: Image, spec: LineSpec = DEFAULT_SPEC) -> NDArray[np.float32]:
    """Bring a line crop to a recogniser's input.

    Args:
        crop: uint8 (h, w) or (h, w, 3), one line of text, any size.
        spec: what the recogniser takes.

    Returns:
        float32 (spec.height, w') of grey lines, (3, spec.height, w') of coloured ones, about -1..1, the proportions
        kept unless the line is too wide for the network. "stretched" contrast puts the 1st and 99th percentile at the
        ends, so that grey paper and faded ink look alike to the network.
    """
    pixels = to_grey(crop) if spec.channels == 1 else _to_rgb(crop)
    if spec.direction == "down":
        pixels = np.asarray(np.rot90(pixels), np.uint8)
    height, width = pixels.shape[:2]
    exact = width * spec.height / max(height, 1)
    columns = max(LEAST_WIDTH // 2, round(exact) if spec.scaling == "stretched" else int(np.ceil(exact)))
    if spec.width is not None:
        columns = min(columns, spec.width)
    if spec.scaling == "signed":
        # As those do who trained for this scaling.
        sized = PilImage.fromarray(pixels).resize((columns, spec.height), PilImage.Resampling.BICUBIC)
        out = np.asarray(sized, np.float32) / np.float32(127.5) - np.float32(1)
    else:
        shrinks = height > spec.height
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        resized = cv2.resize(pixels, (columns, spec.height), interpolation=how)
        low, high = _percentiles(np.asarray(resized, np.uint8), 0.01, 0.99)
        spread = max(high - low, 16.0)
        out = (np.float32(2) * (resized.astype(np.float32) - np.float32(low)) / np.float32(spread)) - np.float32(1)
    return out if out.ndim == 2 else np.ascontiguousarray(out.transpose(2, 0, 1))


def line_batch(
    inputs: Sequence[NDArray[np.float32]], width: int | None = None, spec: LineSpec = DEFAULT_SPEC
) -> NDArray[np.float32]:
    """Stack line inputs (..., spec.height, w) to (n, spec.channels, spec.height, W), padded at the end.

    ``W`` is ``width``, or the network's own if it has one, or the widest input rounded up to a multiple of WIDTH_STEP
    and of ``spec.multiple``.
    """
    step = int(np.lcm(WIDTH_STEP, spec.multiple))
    widest = max(line.shape[-1] for line in inputs)
    total = width or spec.width or max(LEAST_WIDTH, -(-widest // step) * step)
    batch = np.empty((len(inputs), spec.channels, spec.height, total), np.float32)
    for row, line in zip(batch, inputs, strict=True):
        filled = line.shape[-1]
        row[..., :filled] = line
        # The median is the paper, be it light or dark; a constant keeps the padding free of false strokes.
        row[..., filled:] = np.median(line[..., -8:]) if spec.padding == "median" else line[..., -1:]
    return batch


def character_input(image: Image, spec: CharacterSpec) -> NDArray[np.float32] | None:
    """Bring an image of one character to a recogniser's input.

    Args:
        image: uint8 (h, w) or (h, w, 3), any size; dark on light or light on dark, which its border tells.
        spec: what the recogniser takes.

    Returns:
        float32 (spec.size, spec.size) of ink in 0..1, 1 where it is fullest; None for an image without ink.
    """
    ink = _inked(image)
    if ink is None:
        return None
    if spec.framing == "ink":
        top, bottom, left, right = _ink_box(ink)
        ink = ink[top:bottom, left:right]
    return _framed(ink, spec.size, _margin(spec))


def character_square(image: Image, spec: CharacterSpec) -> tuple[float, float, float, float] | None:
    """The square of an image that `character_input` shows of it: left, top, right, bottom, in pixels of the image.

    It may reach over the image's edges; None for an image without ink.
    """
    ink = _inked(image)
    if ink is None:
        return None
    top, bottom, left, right = _ink_box(ink) if spec.framing == "ink" else (0, len(ink), 0, ink.shape[1])
    half = max(bottom - top, right - left) / (1 - 2 * _margin(spec)) / 2
    x, y = (left + right) / 2, (top + bottom) / 2
    return x - half, y - half, x + half, y + half


def _margin(spec: CharacterSpec) -> float:
    """The empty part of a character's input on each side, as a share of it."""
    return 0.1 if spec.framing == "ink" else 0.0


def _ink_box(ink: NDArray[np.float32]) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of what is clearly ink, the ends not included."""
    rows, columns = np.flatnonzero(ink.max(1) > 0.35), np.flatnonzero(ink.max(0) > 0.35)
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _inked(image: Image) -> NDArray[np.float32] | None:
    """How far each pixel of an image (h, w) is from paper to ink, 0..1; None without ink."""
    grey = to_grey(image)
    if min(grey.shape) < 2:
        return None
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    (paper,) = _percentiles(border[None], 0.5)
    low, high, *_ = cv2.minMaxLoc(grey)
    # Letters are where most differs from the paper; light ones on dark paper are as good.
    light = high - paper > paper - low
    most = high - paper if light else paper - low
    full = most
    if grey.size > 2_000:
        (near,) = _percentiles(grey, 0.995 if light else 0.005)
        full = max(near - paper if light else paper - near, 0.6 * most)
    if full < _LEAST_CONTRAST:
        return None
    away = np.arange(256, dtype=np.float32) - np.float32(paper)
    # A table of all levels: a third of the time that arithmetic with every pixel takes.
    return np.asarray(cv2.LUT(grey, np.clip((away if light else -away) / np.float32(full), 0, 1)), np.float32)


def _framed(ink: NDArray[np.float32], size: int, margin: float) -> NDArray[np.float32]:
    """``ink`` (h, w) in the middle of a square of ``size``, its longer side all but the margins."""
    room = size * (1 - 2 * margin)
    scale = room / max(ink.shape)
    shape = [max(1, round(side * scale)) for side in ink.shape]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    out = np.zeros((size, size), np.float32)
    top, left = (size - shape[0]) // 2, (size - shape[1]) // 2
    out[top : top + shape[0], left : left + shape[1]] = cv2.resize(ink, (shape[1], shape[0]), interpolation=how)
    return out


def _percentiles(image: Image, *shares: float) -> list[float]:
    """What `numpy.percentile` gives, from the histogram: a tenth of the time, which a short line's reading feels."""
    counts = cv2.calcHist([image], [0], None, [256], [0, 256]).ravel().cumsum()
    out = []
    for share in shares:
        place = share * (image.size - 1)
        below = int(place)
        first, second = counts.searchsorted((below, below + 1), side="right").tolist()
        out.append(first + (min(second, 255) - first) * (place - below))
    return out


def _to_rgb(image: Image) -> Image:
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
