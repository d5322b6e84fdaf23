"""Scores of found shapes against true ones: detection, and end to end with their texts.

Shapes are boxes (n, 4), quads (n, 4, 2) or polygons of any number of points (see `polygons.as_polygons`).

The end-to-end score is the one by which Korean EasyOCR fine-tunings are compared ("soft end-to-end F1"): pairs with
IoU >= 0.5 are taken one-to-one by falling IoU, each is worth 1 - CER, precision is the summed worth over the quads
found, recall over the quads wanted. Here the worth is clamped to 0..1 and every ratio guarded against zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geulnun.metrics.counts import Matches, Mean
from geulnun.metrics.polygons import Shapes, as_polygons, iou
from geulnun.metrics.text import cer, ned_similarity


class Pair(NamedTuple):
    """A true shape, the found one it is paired with, and their IoU in 0..1."""

    wanted: int
    found: int
    iou: float


def pair(wanted: Shapes, found: Shapes, threshold: float = 0.5) -> list[Pair]:
    """Pair shapes n and m one-to-one, greedily by falling IoU, down to ``threshold``.

    Pairs of equal IoU are taken in the order of their indices. A shape without area pairs with nothing.

    Raises:
        ValueError: ``threshold`` is not in 0..1 (0 excluded), or a shape is none.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"an IoU threshold of {threshold}; expected more than 0 and at most 1")
    # Two shapes of IoU 1 must pair at a threshold of 1 in spite of rounding.
    overlap = np.where((overlap := iou(wanted, found)) > 1 - 1e-12, 1.0, overlap)
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


def detection(wanted: Shapes, found: Shapes, threshold: float = 0.5) -> Matches:
    """Shapes found: precision, recall and F1 of the pairs at an IoU of ``threshold`` and more."""
    a, b = as_polygons(wanted), as_polygons(found)
    return Matches(len(pair(a, b, threshold)), len(b), len(a))


def end_to_end(
    wanted: Shapes,
    wanted_texts: Sequence[str],
    found: Shapes,
    found_texts: Sequence[str],
    threshold: float = 0.5,
    strict: bool = False,
) -> Matches:
    """Soft end-to-end score: each pair is worth 1 - CER (spaces counted, clamped to 0..1).

    Args:
        wanted: True shapes, n of them.
        wanted_texts: Their n texts.
        found: Found shapes, m of them.
        found_texts: Their m texts.
        threshold: Least IoU of a pair.
        strict: Count only pairs whose texts are equal (CER = 0), each as 1.

    Raises:
        ValueError: a list of texts is not as long as its shapes.
    """
    a, b = as_polygons(wanted), as_polygons(found)
    _check_texts(len(a), wanted_texts, len(b), found_texts)
    worth = 0.0
    for match in pair(a, b, threshold):
        rate = cer(wanted_texts[match.wanted], found_texts[match.found])
        worth += float(rate.errors == 0) if strict else max(0.0, 1.0 - rate.value)
    return Matches(worth, len(b), len(a))


def end_to_end_ned(
    wanted: Shapes,
    wanted_texts: Sequence[str],
    found: Shapes,
    found_texts: Sequence[str],
    threshold: float = 0.5,
) -> Mean:
    """1-NED end to end: the mean over pairs and over whatever is left alone, which stands opposite an empty text.

    Source: Chng et al., "ICDAR2019 Robust Reading Challenge on Arbitrary-Shaped Text", 2019, section 4.2, and Sun et
    al. (LSVT), 2019. Arguments and errors are those of `end_to_end`.
    """
    a, b = as_polygons(wanted), as_polygons(found)
    _check_texts(len(a), wanted_texts, len(b), found_texts)
    pairs = pair(a, b, threshold)
    total = sum(ned_similarity(wanted_texts[match.wanted], found_texts[match.found]) for match in pairs)
    alone = {match.wanted for match in pairs}, {match.found for match in pairs}
    rest = [text for index, text in enumerate(wanted_texts) if index not in alone[0]]
    rest += [text for index, text in enumerate(found_texts) if index not in alone[1]]
    return Mean(total + sum(ned_similarity(text, "") for text in rest), len(pairs) + len(rest))


def _check_texts(wanted: int, wanted_texts: Sequence[str], found: int, found_texts: Sequence[str]) -> None:
    if wanted != len(wanted_texts) or found != len(found_texts):
        raise ValueError(
            f"{len(wanted_texts)} and {len(found_texts)} texts for {wanted} and {found} shapes; expected one each"
        )
