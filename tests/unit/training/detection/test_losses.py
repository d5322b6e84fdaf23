"""What detectors learn by: nothing to lose in the truth, every channel counts, the worst background and no other."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
from torch import Tensor

from geulnun import geometry
from geulnun.decode import point_maps
from geulnun.decode.shapes import Shapes
from geulnun.training.detection.losses import WORST, point_losses, region_losses

SHAPES = Shapes.of(
    geometry.from_boxes([[8, 10, 72, 30], [20, 60, 40, 80]]),
    geometry.from_boxes([[8 + 16 * at, 10, 24 + 16 * at, 30] for at in range(4)] + [[20, 60, 40, 80]]),
    [0, 0, 0, 0, 1],
)


def drawn() -> tuple[Tensor, Tensor, Tensor]:
    """Maps as a network that learned them would draw them, the true ones, weights; of a page and an empty one."""
    pairs = [point_maps.encode(shapes, 96, 96) for shapes in (SHAPES, Shapes.empty())]
    maps, weights = (torch.from_numpy(np.stack([pair[at] for pair in pairs])) for at in range(2))
    perfect = maps.clone()
    for channel in (point_maps.WORD, point_maps.CHAR, point_maps.DOWN, point_maps.AGAINST):
        perfect[:, channel] = torch.logit(maps[:, channel], 1e-6)
    return perfect, maps, weights


def test_the_loss_of_points_is_nought_for_the_true_maps() -> None:
    assert all(float(part) < 1e-4 for part in point_losses(*drawn()).values())


@pytest.mark.parametrize(
    ("channel", "part"),
    [(0, "words"), (1, "word_corners"), (8, "word_corners"), (9, "chars"), (10, "char_corners"), (17, "char_corners"),
     (18, "owners"), (19, "owners"), (20, "directions"), (21, "directions")],
)  # fmt: skip
def test_each_channel_of_points_counts_in_its_part_alone(channel: int, part: str) -> None:
    perfect, maps, weights = drawn()
    worse = perfect.clone()
    worse[:, channel] = 1 - worse[:, channel]
    for name, value in point_losses(worse, maps, weights).items():
        assert (float(value) > 0.05) == (name == part), name


def test_corners_of_characters_are_told_in_their_heights() -> None:
    """A pixel is more to a small character: 1/16 unit of a height of 20 or 40 pixels, four times the mean."""
    for high in (20, 40):
        box = geometry.from_boxes([[10, 10, 30, 10 + high]])
        maps, weights = (torch.from_numpy(one)[None] for one in point_maps.encode(Shapes.of(box, box, [0]), 96, 96))
        worse = maps.clone()
        worse[:, point_maps.CHAR_QUAD] += 1 / point_maps.UNIT
        assert float(point_losses(worse, maps, weights)["char_corners"]) == pytest.approx(4 / high, rel=1e-4)


def test_large_boxes_count_as_the_root_of_their_cells() -> None:
    """Of two characters the one is wrong by its whole height: what share of the loss that is, by the sides of both."""
    small, large = [16, 16, 32, 32], [128, 96, 192, 160]
    boxes = geometry.from_boxes([small, large])
    maps, weights = (
        torch.from_numpy(one)[None] for one in point_maps.encode(Shapes.of(boxes, boxes, [0, 1]), 256, 256)
    )
    bell = maps[0, point_maps.CHAR]
    total = {}
    for name, side, window in (("small", 16, bell[:12, :12]), ("large", 64, bell[20:, 20:])):
        total[name] = float(window.sum()) / (1 + side * side / 32) ** 0.5
    worse = maps.clone()
    worse[:, point_maps.CHAR_QUAD, :12, :12] += 16 / point_maps.UNIT
    share = total["small"] / (total["small"] + total["large"])
    assert 0.1 < share < 0.5
    assert float(point_losses(worse, maps, weights)["char_corners"]) == pytest.approx(4 * share, rel=1e-3)


def test_cells_of_weight_nought_teach_nothing() -> None:
    perfect, maps, weights = drawn()
    weights = weights.clone()
    weights[:, 1] = 0
    worse = perfect.clone()
    worse[:, 9:20] = 3.0
    parts = point_losses(worse, maps, weights)
    assert float(parts["chars"]) == float(parts["char_corners"]) == float(parts["owners"]) == 0


def test_only_the_worst_background_of_points_counts() -> None:
    """One cell of text lets three others count: the loss is the mean of the three worst."""
    maps = torch.zeros(1, 22, 8, 8)
    maps[0, 0, 4, 4] = 1
    logits = torch.full((1, 22, 8, 8), -30.0)
    logits[0, 0, 4, 4] = 30
    logits[0, 0, 0, :5] = torch.tensor([4.0, 3.0, 2.0, 1.0, 0.5])
    wanted = torch.nn.functional.softplus(torch.tensor([4.0, 3.0, 2.0])).mean()
    found = point_losses(logits, maps, torch.ones(1, 2, 8, 8))
    assert float(found["words"]) == pytest.approx(float(wanted), rel=1e-5)
    assert float(found["chars"]) == pytest.approx(0, abs=1e-9)


def test_a_centre_that_is_not_seen_costs_more_than_its_neighbour() -> None:
    """Of cells of 1 and 0.25 the one that says nothing (a half) is lost by its value: 0.8 and 0.2 of the loss."""
    maps = torch.zeros(1, 22, 8, 8)
    maps[0, 0, 4, 4:6] = torch.tensor([1.0, 0.25])
    losses = []
    for blind in (4, 5):
        logits = torch.full((1, 22, 8, 8), -30.0)
        logits[0, 0, 4, 4:6] = torch.logit(torch.tensor([1 - 1e-7, 0.25]))
        logits[0, 0, 4, blind] = 0
        losses.append(float(point_losses(logits, maps, torch.ones(1, 2, 8, 8))["words"]))
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert losses == pytest.approx([0.8 * np.log(2), 0.2 * (np.log(2) - entropy)], rel=1e-4)


def test_region_maps_are_learnt_by_their_text_and_three_times_the_worst_background() -> None:
    maps, wrong = torch.zeros(2, 2, 40, 40), torch.zeros(2, 2, 40, 40)
    maps[0, 0, 0, :2] = 1.0
    wrong[0, 0, 0, :2] = torch.tensor([0.5, 0.7])
    # Text: (0.25 + 0.09) / 2; background: the six worst of ten.
    wrong[0, 0, 1, :10] = torch.tensor([0.8] * 3 + [0.4] * 3 + [0.1] * 4)
    first = 0.17 + (3 * 0.64 + 3 * 0.16) / 6
    # A page without text in a map takes its 500 worst.
    wrong[1, 0, :, :20] = 0.2
    second = 0.04
    found = region_losses(wrong, maps, torch.ones(2, 40, 40))
    assert float(found["regions"]) == pytest.approx((first + second) / 2, rel=1e-5)
    assert float(found["affinities"]) == 0
    wrong[1, 0] = 0
    wrong[1, 0, 0, :5] = 0.2
    found = region_losses(wrong, maps, torch.ones(2, 40, 40))
    assert float(found["regions"]) == pytest.approx((first + 5 * 0.04 / WORST) / 2, rel=1e-5)


def test_a_page_full_of_text_has_all_its_background_counted() -> None:
    maps = torch.ones(1, 2, 4, 4)
    maps[0, :, 0, 0] = 0
    wrong = maps.clone()
    wrong[0, 0, 0, 0] = 1
    # One cell of background where 45 are asked for; 16 cells is all there is.
    found = region_losses(wrong, maps, torch.ones(1, 4, 4))
    assert float(found["regions"]) == pytest.approx(1 / 16)


def test_guessed_characters_count_as_far_as_they_are_trusted() -> None:
    maps = torch.zeros(1, 2, 8, 8)
    maps[0, 0, 2, 2] = 1.0
    weights = torch.ones(1, 8, 8)
    weights[0, 2, 2] = 0.5
    blank = torch.zeros(1, 2, 8, 8)
    assert float(region_losses(blank, maps, weights)["regions"]) == pytest.approx(0.5)
    weights[0, 2, 2] = 0
    assert float(region_losses(blank, maps, weights)["regions"]) == 0
