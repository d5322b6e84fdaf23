"""Named chains of wear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geulnun.errors import UsageError


@dataclass(frozen=True, slots=True)
class Effect:
    """How often an effect is drawn, and between which amounts, evenly.

    Attributes:
        chance: 0 never to 1 always.
        low: the least amount; what it measures is told beside each effect in `WearOptions`.
        high: the greatest amount.
    """

    chance: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.chance <= 1:
            raise UsageError(f"chance {self.chance}; expected 0 (never) to 1 (always)")
        if not self.low <= self.high:
            raise UsageError(f"from {self.low} to {self.high}; expected low <= high")


#: Effects of each named chain. What a chain does not name is not drawn.
PRESETS: Mapping[str, Mapping[str, Effect]] = {
    "none": {},
    # A good print, well scanned.
    "light": {
        "weight": Effect(0.3, -0.3, 0.5),
        "texture": Effect(0.15, 0.5, 3),
        "uneven_light": Effect(0.1, 0.02, 0.15),
        "blur": Effect(0.4, 0.3, 0.8),
        "low_resolution": Effect(0.15, 0.7, 1),
        "noise": Effect(0.25, 1, 5),
        "gamma": Effect(0.15, 0.8, 1.25),
        "jpeg": Effect(0.4, 55, 95),
    },
    # Paper that went through an office: printed, handled, stamped, scanned.
    "office": {
        "weight": Effect(0.35, -0.6, 0.9),
        "bleed": Effect(0.12, 0.4, 1.2),
        "broken": Effect(0.1, 0.02, 0.25),
        "halftone": Effect(0.02, 3, 7),
        "texture": Effect(0.25, 1, 6),
        "background": Effect(0.1, 0, 0.2),
        "show_through": Effect(0.1, 0.03, 0.2),
        "stain": Effect(0.03, 0.05, 0.4),
        "strike": Effect(0.03, 0.4, 1),
        "stamp": Effect(0.06, 24, 90),
        "signature": Effect(0.03, 30, 90),
        "fold": Effect(0.06, 0.1, 0.5),
        "crumple": Effect(0.02, 0.05, 0.25),
        "copy": Effect(0.1, 0.1, 0.6),
        "streaks": Effect(0.03, 0.1, 0.6),
        "speckle": Effect(0.04, 0.0005, 0.006),
        "rotate": Effect(0.15, -1.2, 1.2),
        "uneven_light": Effect(0.12, 0.05, 0.3),
        "blur": Effect(0.4, 0.3, 1.1),
        "low_resolution": Effect(0.25, 0.5, 0.95),
        "noise": Effect(0.3, 1, 8),
        "gamma": Effect(0.2, 0.65, 1.5),
        "contrast": Effect(0.1, 0.4, 0.95),
        "fax": Effect(0.03, 0.35, 0.65),
        "jpeg": Effect(0.4, 30, 92),
    },
    # A copy of a copy.
    "copy": {
        "weight": Effect(0.6, -0.7, 1.4),
        "bleed": Effect(0.3, 0.4, 1.5),
        "broken": Effect(0.35, 0.03, 0.3),
        "show_through": Effect(0.15, 0.03, 0.15),
        "fold": Effect(0.1, 0.1, 0.5),
        "copy": Effect(1, 0.4, 1),
        "streaks": Effect(0.25, 0.2, 1),
        "speckle": Effect(0.3, 0.0005, 0.01),
        "rotate": Effect(0.4, -2, 2),
        "blur": Effect(0.5, 0.3, 1.1),
        "noise": Effect(0.3, 1, 8),
        "jpeg": Effect(0.3, 30, 90),
    },
    # Two colours, 100 dots an inch, over a telephone line.
    "fax": {
        "weight": Effect(0.5, -0.5, 1),
        "broken": Effect(0.3, 0.02, 0.2),
        "streaks": Effect(0.2, 0.2, 1),
        "rotate": Effect(0.3, -1, 1),
        "blur": Effect(0.8, 0.5, 1.2),
        "low_resolution": Effect(0.7, 0.4, 0.8),
        "noise": Effect(0.4, 2, 12),
        "fax": Effect(1, 0.4, 0.65),
    },
    # A sheet or a book page under a telephone's camera.
    "photo": {
        "weight": Effect(0.2, -0.4, 0.6),
        "texture": Effect(0.3, 1, 6),
        "background": Effect(0.15, 0, 0.3),
        "show_through": Effect(0.08, 0.03, 0.15),
        "fold": Effect(0.12, 0.1, 0.7),
        "crumple": Effect(0.1, 0.05, 0.4),
        "curl": Effect(0.15, 4, 40),
        "wave": Effect(0.1, 1, 10),
        "rotate": Effect(0.4, -5, 5),
        "perspective": Effect(0.4, 0, 0.08),
        "uneven_light": Effect(0.6, 0.1, 0.5),
        "shadow": Effect(0.25, 0.1, 0.5),
        "glare": Effect(0.08, 0.2, 0.8),
        "vignette": Effect(0.2, 0.1, 0.5),
        "defocus": Effect(0.2, 0.5, 1.8),
        "blur": Effect(0.4, 0.3, 1.2),
        "motion": Effect(0.12, 2, 6),
        "moire": Effect(0.04, 0.05, 0.25),
        "low_resolution": Effect(0.2, 0.5, 0.95),
        "sensor": Effect(0.6, 1, 12),
        "gamma": Effect(0.3, 0.65, 1.5),
        "white_balance": Effect(0.4, -0.4, 0.55),
        "contrast": Effect(0.15, 0.4, 0.95),
        "jpeg": Effect(0.7, 25, 90),
        "webp": Effect(0.02, 20, 85),
    },
    # Whatever can happen, at once and strongly: the end of what people read.
    "harsh": {
        "weight": Effect(0.5, -1, 1.8),
        "bleed": Effect(0.25, 0.5, 2.5),
        "broken": Effect(0.25, 0.05, 0.4),
        "halftone": Effect(0.06, 3, 9),
        "texture": Effect(0.3, 2, 14),
        "background": Effect(0.25, 0, 0.5),
        "show_through": Effect(0.2, 0.05, 0.4),
        "stain": Effect(0.08, 0.1, 0.7),
        "strike": Effect(0.1, 0.4, 1),
        "stamp": Effect(0.12, 24, 110),
        "signature": Effect(0.08, 30, 120),
        "fold": Effect(0.15, 0.2, 0.9),
        "crumple": Effect(0.12, 0.1, 0.6),
        "copy": Effect(0.2, 0.3, 1),
        "streaks": Effect(0.1, 0.2, 1),
        "speckle": Effect(0.1, 0.001, 0.02),
        "curl": Effect(0.08, 4, 40),
        "wave": Effect(0.08, 1, 12),
        "elastic": Effect(0.08, 0.3, 1.5),
        "rotate": Effect(0.25, -5, 5),
        "perspective": Effect(0.2, 0, 0.1),
        "uneven_light": Effect(0.35, 0.1, 0.6),
        "shadow": Effect(0.15, 0.15, 0.65),
        "glare": Effect(0.08, 0.2, 0.95),
        "defocus": Effect(0.15, 0.5, 2.5),
        "blur": Effect(0.45, 0.4, 1.8),
        "motion": Effect(0.15, 2, 9),
        "moire": Effect(0.06, 0.05, 0.35),
        "low_resolution": Effect(0.35, 0.35, 0.95),
        "sensor": Effect(0.25, 4, 25),
        "noise": Effect(0.4, 2, 16),
        "gamma": Effect(0.3, 0.5, 2),
        "white_balance": Effect(0.2, -1, 1),
        "contrast": Effect(0.25, 0.2, 0.95),
        "fax": Effect(0.06, 0.35, 0.7),
        "jpeg": Effect(0.5, 12, 85),
        "webp": Effect(0.02, 10, 80),
    },
}
