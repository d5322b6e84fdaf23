"""Whether a reading's confidences can be believed: calibration of characters, and what it costs to read all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from geulnun.evaluate.alignment import Aligned
from geulnun.metrics import Calibration, Outcomes, RejectCurve, outcomes

BINS = 15


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """Confidences against the truth.

    Attributes:
        calibration: of characters, in `BINS` equal classes of confidence.
        rejects: of eojeols, each as sure as its least sure character: share of errors against share kept.
        characters: how many were judged.
        eojeols: how many were judged.
    """

    calibration: Calibration
    rejects: RejectCurve
    characters: int
    eojeols: int


def reliability(aligned: Iterable[Aligned]) -> Reliability | None:
    """Judge all characters of the readings that state confidences; None where none does."""
    characters: list[Outcomes] = []
    eojeols: list[Outcomes] = []
    for laid in aligned:
        if laid.confidence is not None and len(laid.found):
            characters.append(outcomes(laid.confidence, laid.right()))
            starts = np.cumsum(laid.words[:, 0]) - laid.words[:, 0]
            eojeols.append(outcomes(np.minimum.reduceat(laid.confidence, starts), laid.words[:, 1] > 0))
    if not characters:
        return None
    of_characters, of_eojeols = _joined(characters), _joined(eojeols)
    return Reliability(
        of_characters.calibration(BINS), of_eojeols.reject_curve(), len(of_characters.units), len(of_eojeols.units)
    )


def _joined(parts: Sequence[Outcomes]) -> Outcomes:
    """All outcomes as one, in one step: adding them one by one would copy the first thousands of times."""
    return Outcomes(
        np.concatenate([part.confidences for part in parts]),
        np.concatenate([part.errors for part in parts]),
        np.concatenate([part.units for part in parts]),
    )
