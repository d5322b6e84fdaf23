"""Scores by hand, and the way from a page to shapes: shrunk, padded, decoded, brought back."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from torch import Tensor, nn

from geulnun import geometry
from geulnun.decode import point_maps
from geulnun.decode.shapes import Shapes
from geulnun.spec import DetectorKind, DetectorSpec
from geulnun.training.detection.kinds import KINDS
from geulnun.training.detection.sets import Shown
from geulnun.training.detection.validation import Counts, Scores, finder, judged, overall, score

WORDS = geometry.from_boxes([[10, 10, 70, 30], [10, 50, 50, 70], [10, 90, 90, 110]])
CHARS = geometry.from_boxes([[10 + 20 * at, 10, 30 + 20 * at, 30] for at in range(3)] + [[10, 50, 30, 70]])
TRUTH = Shapes.of(WORDS, CHARS, [0, 0, 0, 1])


def test_a_perfect_detector_scores_one_and_a_blind_one_nought() -> None:
    page = Shown(np.zeros((120, 120, 3), np.uint8), TRUTH)
    perfect = judged(lambda _: TRUTH, [page, page])
    assert (perfect.words.f1, perfect.chars.f1, perfect.pages) == (1, 1, 2)
    assert perfect.right == 6
    blind = judged(lambda _: Shapes.empty(), [page])
    assert (blind.words.f1, blind.chars.f1) == (0, 0)
    assert overall([perfect, blind]) == 0.5


def test_pairs_are_counted_against_what_is_wanted_and_found() -> None:
    found = Shapes.of(
        np.concatenate([WORDS[:1], WORDS[1:2] + 200, WORDS[1:2] + 300]), np.concatenate([CHARS[:2], CHARS[:1] + 200])
    )
    one = score(TRUTH, found)
    assert one.words == Counts(1, 3, 3)
    assert one.words.f1 == pytest.approx(1 / 3)
    # The third word has no boxed characters; four are wanted, three found, two of them right.
    assert one.chars == Counts(2, 4, 3)
    assert one.chars.f1 == pytest.approx(4 / 7)


def test_what_is_found_where_nobody_asks_counts_for_nothing() -> None:
    unknown = replace(TRUTH, known=np.array([True, False, True]))
    one = score(unknown, TRUTH)
    assert (one.words, one.chars) == (Counts(2, 2, 2), Counts(3, 3, 3))
    lone = Shapes.of((), geometry.from_boxes([[12, 92, 30, 108]]))
    assert score(TRUTH, lone).chars == Counts(0, 4, 0)


def test_a_word_read_from_its_end_is_paired_but_not_right() -> None:
    turned = replace(TRUTH, words=np.roll(TRUTH.words, 2, axis=1))
    one = score(TRUTH, turned)
    assert (one.words.pairs, one.right) == (3, 0)
    leaning = replace(TRUTH, words=geometry.transform(WORDS, geometry.turn_matrix(0, 0, 0)))
    assert score(TRUTH, leaning).right == 3


def test_an_empty_page_where_nothing_is_found_is_right() -> None:
    assert score(Shapes.empty(), Shapes.empty()).words.f1 == 1
    assert "word F1 1.0000" in str(Scores())


class Knowing(nn.Module):
    """Draws the maps of known shapes, and remembers the sizes of the pages."""

    def __init__(self, kind: str, shapes: Shapes) -> None:
        super().__init__()
        self.kind, self.shapes = kind, shapes
        self.sizes: list[tuple[int, int]] = []

    def forward(self, pages: Tensor) -> Tensor:
        height, width = pages.shape[2:]
        self.sizes.append((height, width))
        maps, _ = KINDS[self.kind].encode(self.shapes, height, width)
        drawn = point_maps.perfect(maps) if self.kind == "points" else maps
        return torch.from_numpy(drawn)[None]


@pytest.mark.parametrize("kind", ["regions", "points"])
def test_a_large_page_is_shrunk_and_what_is_found_brought_back(kind: DetectorKind) -> None:
    small = Shapes.of(WORDS[:1], CHARS[:3], [0, 0, 0])
    net = Knowing(kind, small)
    spec = DetectorSpec(kind, stride=KINDS[kind].stride, short_side=120)
    find = finder(net, spec, torch.device("cpu"))
    found = find(np.zeros((240, 250, 3), np.uint8))
    # 240 x 250 becomes 120 x 125, and is padded to multiples of 32.
    assert net.sizes == [(128, 128)]
    one = score(small.scaled(2), found)
    assert (one.words.f1, one.chars.f1) == (1, 1)
    find(np.zeros((1, 40, 3), np.uint8))
    assert net.sizes[-1] == (32, 64)
