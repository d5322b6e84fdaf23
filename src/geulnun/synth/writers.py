"""Writers: the habits of one hand and the tool it holds.

A writer is drawn once for a line or a page, so that a page is one hand. Sizes are in em of the text, so a hand looks
the same at any resolution.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np

Rng = np.random.Generator
Tool = Literal["ballpoint", "gel", "pencil", "felt", "fountain", "brush"]
TOOLS: tuple[Tool, ...] = get_args(Tool)

#: How often each tool is met on paper.
_SHARE: dict[Tool, float] = {
    "ballpoint": 0.36,
    "gel": 0.2,
    "pencil": 0.18,
    "felt": 0.12,
    "fountain": 0.08,
    "brush": 0.06,
}
#: Stroke width of a tool in em, least and most.
_WIDTH: dict[Tool, tuple[float, float]] = {
    "ballpoint": (0.03, 0.065),
    "gel": (0.035, 0.075),
    "pencil": (0.03, 0.08),
    "felt": (0.07, 0.13),
    "fountain": (0.04, 0.085),
    "brush": (0.07, 0.15),
}


@dataclass(frozen=True)
class Writer:
    """One person's habits.

    Attributes:
        tool: what is written with; it decides the texture of the ink.
        width: stroke width, em.
        pressure: how much the stroke width varies along the line, as a share of it (0 even, 1 very).
        taper: how much thinner strokes end where the pen is lifted, as a share of the width; less than 0 for tools
            that leave a blob there.
        nib: how much wider strokes across the nib are than along it, as a share of the width.
        nib_angle: direction of the nib's edge, degrees from the x axis.
        dryness: share (0..1) of skips, grain or streaks the tool leaves.
        slant: mean lean of the strokes, as x over height; more than 0 leans right.
        slant_spread: how much that differs between characters (standard deviation).
        turn: rotation of characters, degrees (standard deviation).
        size_spread: share by which the size of characters differs (standard deviation).
        aspect: width over height of the hand's letters, against the font's.
        jump: how far characters stand from the baseline, em (standard deviation).
        drift: how far the baseline wanders, em.
        climb: rise of the baseline along the line, as y over x; more than 0 sinks.
        elastic: how far strokes are bent, em (standard deviation).
        jamo: how far the jamo of a syllable stray, em (standard deviation).
        jamo_size: share by which their sizes differ (standard deviation).
        huddle: how far jamo are moved towards the middle of their syllable (0 not, 1 all onto one point); less than 0
            writes them apart.
        join: share of neighbouring jamo that a stroke of the unlifted pen joins.
        tracking: distance added between characters, em; less than 0 lets neighbours overlap.
        tracking_spread: its standard deviation, em.
        even: 0 spaces characters by their ink, 1 by the font's advances.
        space: width of a word space, em.
        space_spread: share by which it differs (standard deviation).
    """

    tool: Tool = "ballpoint"
    width: float = 0.05
    pressure: float = 0.25
    taper: float = 0.3
    nib: float = 0.0
    nib_angle: float = 40.0
    dryness: float = 0.1
    slant: float = 0.0
    slant_spread: float = 0.03
    turn: float = 1.5
    size_spread: float = 0.05
    aspect: float = 1.0
    jump: float = 0.02
    drift: float = 0.03
    climb: float = 0.0
    elastic: float = 0.015
    jamo: float = 0.015
    jamo_size: float = 0.05
    huddle: float = 0.0
    join: float = 0.0
    tracking: float = 0.0
    tracking_spread: float = 0.03
    even: float = 0.5
    space: float = 0.45
    space_spread: float = 0.2

    def __post_init__(self) -> None:
        if self.tool not in TOOLS:
            raise ValueError(f"tool is {self.tool!r}; expected one of {', '.join(TOOLS)}")
        for name, (low, high) in _RANGES.items():
            value = float(getattr(self, name))
            if not low <= value <= high:
                raise ValueError(f"{name} of a writer is {value:g}; expected {low:g} to {high:g}")


#: What a habit may be; the rest may be 0 to 1.
_RANGES: dict[str, tuple[float, float]] = {
    "width": (0.005, 0.3),
    "taper": (-1, 1),
    "nib_angle": (-180, 180),
    "slant": (-0.6, 0.6),
    "turn": (0, 20),
    "size_spread": (0, 0.3),
    "aspect": (0.5, 2),
    "jump": (0, 0.3),
    "drift": (0, 0.5),
    "climb": (-0.2, 0.2),
    "elastic": (0, 0.08),
    "jamo": (0, 0.15),
    "jamo_size": (0, 0.4),
    "huddle": (-0.3, 0.4),
    "tracking": (-0.4, 1),
    "space": (0.1, 2),
    "space_spread": (0, 0.5),
}
_RANGES |= {field.name: (0.0, 1.0) for field in fields(Writer) if field.name not in _RANGES and field.name != "tool"}


def draw_writer(rng: Rng, care: float | None = None, tool: Tool | None = None) -> Writer:
    """Draw a person's habits.

    Args:
        rng: source of every choice.
        care: from 0, a scrawl, to 1, a neat hand that keeps near its font; drawn at random if not given.
        tool: what is written with; drawn at random if not given.
    """
    care = float(rng.beta(2.0, 2.0)) if care is None else float(np.clip(care, 0, 1))
    wild = 1 - care
    tool = tool or TOOLS[int(rng.choice(len(TOOLS), p=list(_SHARE.values())))]

    def some(low: float, high: float) -> float:
        """A spread that grows with wildness, differently for each habit."""
        return float(low + (high - low) * wild * rng.uniform(0.3, 1.0))

    soft = tool in ("brush", "fountain")
    return Writer(
        tool=tool,
        width=float(rng.uniform(*_WIDTH[tool])),
        pressure=float(rng.uniform(0.1, 0.35)) + (0.25 if soft else 0.0),
        taper=float(
            rng.uniform(0.3, 0.7) if soft else rng.uniform(-0.2, 0.1) if tool == "felt" else rng.uniform(0, 0.5)
        ),
        nib=float(rng.uniform(0.15, 0.5)) if soft else 0.0,
        nib_angle=float(rng.uniform(20, 60)),
        dryness=float(rng.uniform(0, 0.45)) if rng.random() < 0.6 else 0.0,
        slant=float(np.clip(rng.normal(0.03, 0.1), -0.3, 0.4)),
        slant_spread=some(0.01, 0.09),
        turn=some(0.3, 4.5),
        size_spread=some(0.015, 0.13),
        aspect=float(np.exp(np.clip(rng.normal(0, 0.12), -0.35, 0.35))),
        jump=some(0.005, 0.07),
        drift=some(0.005, 0.12),
        climb=float(rng.normal(0, 0.006)),
        elastic=some(0.006, 0.032),
        jamo=some(0.005, 0.05),
        jamo_size=some(0.02, 0.15),
        huddle=float(np.clip(rng.normal(0.02, 0.07), -0.12, 0.2)),
        join=float(rng.uniform(0.1, 0.7)) * wild if rng.random() < 0.4 else 0.0,
        tracking=float(np.clip(rng.normal(0.02, 0.08), -0.12, 0.35)),
        tracking_spread=some(0.01, 0.09),
        even=float(rng.uniform(0, 1)),
        space=float(np.clip(rng.gamma(9, 0.06), 0.25, 1.4)),
        space_spread=some(0.05, 0.3),
    )
