"""Scores of found line quads against true ones: detection, and end to end with their texts.

The end-to-end score is the one by which Korean EasyOCR fine-tunings are compared ("soft end-to-end F1"): pairs with
IoU >= 0.5 are taken one-to-one by falling IoU, each is worth 1 - CER, precision is the summed worth over the quads
found, recall over the quads wanted. Here the worth is clamped to 0..1 and every ratio guarded against zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geulnun import geometry
from geulnun.metrics.counts import Matches
from geulnun.metrics.text import cer


class Pair(NamedTuple):
    """A true quad, the found quad it is paired with, and their IoU in 0..1."""

    wanted: int
    found: int
    iou: float


def pair(wanted: ArrayLike, found: ArrayLike, threshold: float = 0.5) -> list[Pair]:
    """Pair quads (n, 4, 2) and (m, 4, 2) one-to-one, greedily by falling IoU, down to ``threshold``.

    Pairs of equal IoU are taken in the order of their indices. A quad without area pairs with nothing.

    Raises:
        ValueError: ``threshold`` is not in 0..1 (0 excluded), or an array does not hold quads.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"an IoU threshold of {threshold}; expected more than 0 and at most 1")
    overlap = geometry.iou(wanted, found)
    rows, columns = np.nonzero(overlap >= threshold)
    order = np.argsort(-overlap[rows, columns], kind="stable")
    out: list[Pair] = []
    free_wanted, free_found = set(range(overlap.shape[0])), set(range(overlap.shape[1]))
    for i, j in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if i in free_wanted and j in free_found:
            free_wanted.remove(i)
            free_found.remove(j)
            out.append(Pair(i, j, float(overlap[i, j])))
    return out


def detection(wanted: ArrayLike, found: ArrayLike, threshold: float = 0.5) -> Matches:
    """Quads found: precision, recall and F1 of the pairs at an IoU of ``threshold`` and more."""
    a, b = geometry.as_quads(wanted), geometry.as_quads(found)
    return Matches(len(pair(a, b, threshold)), len(b), len(a))


def end_to_end(
    wanted: ArrayLike,
    wanted_texts: Sequence[str],
    found: ArrayLike,
    found_texts: Sequence[str],
    threshold: float = 0.5,
    strict: bool = False,
) -> Matches:
    """Soft end-to-end score: each pair is worth 1 - CER (spaces counted, clamped to 0..1).

    Args:
        wanted: True quads (n, 4, 2).
        wanted_texts: Their n texts.
        found: Found quads (m, 4, 2).
        found_texts: Their m texts.
        threshold: Least IoU of a pair.
        strict: Count only pairs whose texts are equal (CER = 0), each as 1.

    Raises:
        ValueError: a list of texts is not as long as its quads.
    """
    a, b = geometry.as_quads(wanted), geometry.as_quads(found)
    if len(a) != len(wanted_texts) or len(b) != len(found_texts):
        raise ValueError(
            f"{len(wanted_texts)} and {len(found_texts)} texts for {len(a)} and {len(b)} quads; expected one each"
        )
    worth = 0.0
    for match in pair(a, b, threshold):
        rate = cer(wanted_texts[match.wanted], found_texts[match.found])
        worth += float(rate.errors == 0) if strict else max(0.0, 1.0 - rate.value)
    return Matches(worth, len(b), len(a))
