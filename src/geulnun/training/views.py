"""Views of a line that keep its order: what stands left of what stays so, and nothing is mirrored.

SeqCLR (Aberdam et al. 2021, arXiv:2012.10873, section 3.1) compares parts of two views place by place, so its views
may blur, fade and cut rows off, and move columns by very little. FixMatch's views only have to stay readable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.image import ops
from geulnun.spec import LineSpec
from geulnun.synth import wear
from geulnun.training.unlabelled_options import ViewChoice

Image = NDArray[np.uint8]
Rng = np.random.Generator


@dataclass(frozen=True)
class Placement:
    """Where a view puts what stood at (x, y) of its line: pixels of an image ``width`` x ``height``.

    Attributes:
        width: columns.
        height: rows.
        above: rows of the line cut off at the top; negative where paper was added.
        below: the same at the bottom.
        shear: columns that the top row moves to the right, and the bottom one to the left.
        slope: rows that the right end moves down, and the left one up.
        shift: columns that everything moves to the right.
        stretch: how much wider everything becomes, about the middle; 1 for as it was.
    """

    width: int
    height: int
    above: float = 0.0
    below: float = 0.0
    shear: float = 0.0
    slope: float = 0.0
    shift: float = 0.0
    stretch: float = 1.0

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The affine map (2, 3) of places (x, y, 1)."""
        middle_x, middle_y = (self.width - 1) / 2, (self.height - 1) / 2
        tall = self.height / (self.height - self.above - self.below)
        half_x, half_y = max(middle_x, 0.5), max(middle_y, 0.5)
        # About the middle: x' = stretch x - shear y / half + shift, y' = tall (y + slope x / half).
        across = (self.stretch, -self.shear / half_y, self.shift)
        down = (tall * self.slope / half_x, tall, tall * (self.below - self.above) / 2)
        rows = []
        for (a, b, c), centre in ((across, middle_x), (down, middle_y)):
            rows.append((a, b, c + centre - a * middle_x - b * middle_y))
        return np.array(rows)

    def columns(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where columns (n,) go on the middle row: ascending wherever ``x`` is."""
        at = np.stack([x, np.full_like(x, (self.height - 1) / 2), np.ones_like(x)])
        return np.asarray(self.matrix[0] @ at)


def placement(width: int, height: int, rng: Rng, choice: ViewChoice) -> Placement:
    """Draw where a view puts things."""
    above, below, shear, slope, shift, stretch = rng.uniform(-1, 1, 6).tolist()
    return Placement(
        width,
        height,
        above * choice.crop * height,
        below * choice.crop * height,
        shear * choice.shear * height,
        slope * choice.slope * height,
        shift * choice.shift * height,
        math.exp(stretch * choice.stretch),
    )


def view(image: Image, rng: Rng, choice: ViewChoice, spec: LineSpec) -> tuple[Image, Placement]:
    """Draw a view of a line.

    Args:
        image: uint8, grey (h, w) or RGB (h, w, 3).
        rng: decides everything.
        choice: how far the view may go.
        spec: what the network takes: the view has its height, so that amounts mean the same for every line.

    Returns:
        uint8 of ``spec.height`` rows, as wide as the line was in proportion (wear may have made it wider), and where
        things of that width went; grey where ``spec`` says so.
    """
    # Wear has its own two draws whether it comes or not.
    roll, seed = rng.random(), int(rng.integers(1 << 62))
    if roll < choice.worn:
        image, _ = wear.apply(image, np.random.default_rng(seed), choice.wear, em=0.7 * image.shape[0])
    if spec.channels == 1:
        image = ops.to_grey(image)
    sized = _sized(image, spec.height)
    height, width = sized.shape[:2]
    placed = placement(width, height, rng, choice)
    moved = cv2.warpAffine(
        sized, placed.matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return _toned(np.asarray(moved, np.uint8), rng, choice), placed


def _sized(image: Image, height: int) -> Image:
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    how = cv2.INTER_AREA if image.shape[0] > height else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, (width, height), interpolation=how), np.uint8)


def _toned(image: Image, rng: Rng, choice: ViewChoice) -> Image:
    """Blur, patches, tone and noise; the same draws whatever is left out."""
    height, width = image.shape[:2]
    blur, contrast, black, noise, patches = rng.random(5).tolist()
    exponent = math.exp(rng.uniform(-1, 1) * choice.gamma)
    own = np.random.default_rng(int(rng.integers(1 << 62)))
    out: NDArray[np.float32] = image.astype(np.float32)
    sigma = blur * choice.blur * height
    if sigma > 0.15:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), sigma), np.float32)
    if choice.patches:
        out = _patched(out, own, round(patches * choice.patches * width / height))
    if choice.gamma:
        out = np.float32(255) * (out / np.float32(255)) ** np.float32(exponent)
    kept = 1 - contrast * choice.contrast
    out = out * np.float32(kept) + np.float32(black * (1 - kept) * 255)
    if choice.noise:
        out = out + own.normal(0, max(noise * choice.noise, 1e-3), out.shape).astype(np.float32)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def _patched(image: NDArray[np.float32], rng: Rng, count: int) -> NDArray[np.float32]:
    """Lay rectangles over an image, each a quarter of its height at most: less than a character."""
    height, width = image.shape[:2]
    paper = np.median(image, axis=(0, 1))
    for _ in range(count):
        high, wide = rng.uniform(0.08, 0.25, 2) * height
        top, left = rng.uniform(0, height), rng.uniform(0, width)
        image[int(top) : int(top + high) + 1, int(left) : int(left + wide) + 1] = paper
    return image
