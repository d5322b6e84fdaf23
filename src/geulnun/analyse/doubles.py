"""Lines that were found twice: as they are, and once more as a part of another line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geulnun import geometry
from geulnun.document import Line

#: A line lies in another with at least this share of its area.
_WITHIN = 0.75
#: Lines whose overlaps are looked at in one go.
_ROWS = 256


def without_doubles(lines: Sequence[Line]) -> list[Line]:
    """The lines without those that lie in another line and whose text that line has, too.

    Detectors find such parts in seals and in ornaments, where strokes lie at odd distances. Of two that lie in each
    other with the same text the surer stays. Lines without quads stay; the order is kept.
    """
    placed = [line for line in lines if line.quad is not None]
    quads = geometry.as_quads([line.quad for line in placed if line.quad is not None])
    areas, texts = geometry.areas(quads), ["".join(line.text.split()) for line in placed]
    dropped: set[int] = set()
    for first in range(0, len(placed), _ROWS):
        share = geometry.iou(quads[first : first + _ROWS], quads)
        shared = share * (areas[first : first + _ROWS, None] + areas) / (1 + share)
        inner, outer = np.nonzero((share > 0) & (shared >= _WITHIN * areas[first : first + _ROWS, None]))
        for a, b in zip((inner + first).tolist(), outer.tolist(), strict=True):
            if a == b or texts[a] not in texts[b] or b in dropped:
                continue
            if len(texts[a]) < len(texts[b]) or placed[a].confidence < placed[b].confidence or a > b:
                dropped.add(a)
    doubles = {id(placed[at]) for at in dropped}
    return [line for line in lines if id(line) not in doubles]
