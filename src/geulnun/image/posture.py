"""Line crops as the orientation network takes them, for training and reading alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geulnun.image import ops
from geulnun.spec import LineSpec

#: What an ONNX file of such a network has in its metadata.
KEY = "geulnun.orientation"
#: Grey lines of 32 rows, contrast stretched; widths are padded to multiples of 32.
SPEC = LineSpec(height=32, multiple=8)
#: Columns that are looked at, out of the middle of longer lines: a dozen characters tell as much as a hundred.
WIDEST = 384


def posture_input(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bring a line crop to the network's input.

    Args:
        crop: uint8 (h, w) or (h, w, 3), one line of text, any size.

    Returns:
        float32 (32, w'), w' at most `WIDEST`: dark ink on light paper, about -1..1, whatever the crop's colours.
    """
    height, width = crop.shape[:2]
    most = int(WIDEST * height / SPEC.height) + 1
    first = max(0, (width - most) // 2)
    line = ops.line_input(crop[:, first : first + most], SPEC)[:, :WIDEST]
    return np.ascontiguousarray(-line if np.median(line) < 0 else line)


def posture_batch(lines: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Stack inputs (32, w) to (n, 1, 32, W), W a multiple of 32, paper at their ends."""
    return ops.line_batch(lines, spec=SPEC)
