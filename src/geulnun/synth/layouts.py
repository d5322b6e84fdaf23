"""The layouts a page may have, and the sizes each comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from geulnun.synth.papers import columns, dense, form, letter, receipt
from geulnun.synth.pen import Pen
from geulnun.synth.scenes import poster, scene, screen, sparse
from geulnun.synth.sheet import Sheet


@dataclass(frozen=True)
class Layout:
    """A way to fill a page, and the sizes it comes in.

    Attributes:
        draw: fills the sheet.
        width: least and greatest width of the sheet, in em.
        ratio: least and greatest height, in widths.
        leading: least and greatest distance between baselines, in em.
        dark: share of pages with light text on dark.
    """

    draw: Callable[[Sheet, Pen], None]
    width: tuple[float, float]
    ratio: tuple[float, float]
    leading: tuple[float, float] = (1.3, 2.0)
    dark: float = 0.03


LAYOUTS: dict[str, Layout] = {
    "letter": Layout(letter, (36, 60), (1.2, 1.45), (1.35, 2.1)),
    "two_columns": Layout(columns, (38, 64), (1.0, 1.45), (1.2, 1.8)),
    "dense": Layout(dense, (20, 52), (0.8, 1.5), (1.08, 1.7)),
    "form": Layout(form, (36, 60), (0.8, 1.45), (1.3, 1.9)),
    "receipt": Layout(receipt, (14, 28), (1.5, 3.5), (1.02, 1.6)),
    "poster": Layout(poster, (18, 45), (0.7, 1.5), (1.0, 1.7), dark=0.2),
    "screen": Layout(screen, (28, 60), (0.6, 1.4), (1.2, 1.7), dark=0.2),
    "sparse": Layout(sparse, (12, 50), (0.3, 1.4), dark=0.1),
    "scene": Layout(scene, (20, 45), (0.6, 1.4), (1.0, 1.4)),
}
