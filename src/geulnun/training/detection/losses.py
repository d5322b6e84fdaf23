"""What detectors learn by: region maps by their squared errors, points by whether they are centres and what they say.

Background is nearly all of a page. Of it only the cells that are worst count, three for each cell of text (online hard
example mining, Shrivastava et al. 2016, arXiv:1604.03540, in the ratio of Liu et al. 2016, SSD, arXiv:1512.02325,
section 2.2).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from geulnun.decode import point_maps as points

Parts = dict[str, Tensor]

#: Background cells for each cell of text, and how many there are without any.
RATIO, WORST = 3, 500
#: Truth of region maps above which a cell counts as text.
TEXT = 0.1
#: Nothing is smaller than this, in the unit of the maps' corners: errors are told in heights.
_LEAST = 0.25
#: Pixels of a box for each cell of its centre's bell.
_CELLS = 32.0


def region_losses(drawn: Tensor, maps: Tensor, weights: Tensor) -> Parts:
    """Squared errors of each map (CRAFT, Baek et al. 2019, arXiv:1904.01941, section 3.2.2, equation 3).

    Of every page and map: the mean over its cells of text, and over the background cells that are worst; of a page
    without text in a map, its `WORST` worst.

    Args:
        drawn: the network's maps (n, 2, h, w).
        maps: the true ones, 0..1.
        weights: what each cell counts (n, h, w), 0..1.
    """
    errors = (drawn.float() - maps).square() * weights[:, None]
    return {"regions": _mined(errors[:, 0], maps[:, 0]), "affinities": _mined(errors[:, 1], maps[:, 1])}


def _mined(errors: Tensor, truth: Tensor) -> Tensor:
    """Mean over pages of the errors (n, h, w) of text and of the worst background."""
    errors, text = errors.flatten(1), truth.flatten(1) > TEXT
    count = text.sum(1)
    near = (errors * text).sum(1) / count.clamp(min=1)
    wanted = torch.where(count > 0, RATIO * count, WORST).clamp(max=errors.shape[1])
    background, _ = (errors * ~text).sort(1, descending=True)
    # A page full of text has less background than that: what is missing counts as right.
    far = background.cumsum(1).gather(1, wanted[:, None] - 1)[:, 0] / wanted
    return (near + far).mean()


def point_losses(drawn: Tensor, maps: Tensor, weights: Tensor) -> Parts:
    """The parts of the loss of the channels of `geulnun.decode.point_maps`, each a scalar.

    Centres by their logistic loss; corners and offsets by their distance (L1), the more the nearer to the centre, as
    cells there are the ones that are asked (FCOS, Tian et al. 2019, arXiv:1904.01355, section 3.2); directions by their
    logistic loss. Lengths of words are logarithms, so that their errors are shares of them; those of characters are
    told in heights of the character. Large boxes count more than small ones, but not by as much as they have cells.

    Args:
        drawn: the network's maps (n, 22, h, w).
        maps: the true ones: centres and directions 0..1, distances as the network gives them.
        weights: what each cell counts (n, 2, h, w), for words and for characters.
    """
    drawn = drawn.float()
    sides = _sides(_lengthened(maps[:, points.WORD_QUAD])), _sides(maps[:, points.CHAR_QUAD] * points.UNIT)
    weights = torch.stack([weights[:, at] * _shares(*pair) for at, pair in enumerate(sides)], 1)
    word, char = maps[:, points.WORD] * weights[:, 0], maps[:, points.CHAR] * weights[:, 1]
    away = (drawn - maps).abs()
    high = (sides[1][1] / points.UNIT).clamp(min=_LEAST)
    turns = [points.DOWN, points.AGAINST]
    wrong = functional.binary_cross_entropy_with_logits(drawn[:, turns], maps[:, turns], reduction="none").sum(1)
    return {
        "words": _centres(drawn[:, points.WORD], maps[:, points.WORD], weights[:, 0]),
        "word_corners": 4 * _mean(away[:, points.WORD_QUAD].mean(1), word),
        "chars": _centres(drawn[:, points.CHAR], maps[:, points.CHAR], weights[:, 1]),
        "char_corners": 4 * _mean(away[:, points.CHAR_QUAD].mean(1) / high, char),
        "owners": 2 * _mean(away[:, points.OWNER].mean(1), char),
        "directions": 0.5 * _mean(wrong, torch.maximum(word, char)),
    }


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1.0)


def _centres(logits: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
    """Logistic loss of the cells of text and of the worst background in the batch (n, h, w)."""
    single = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    # A right answer to half a centre costs something too: only what is above that counts.
    single = single - functional.binary_cross_entropy(truth, truth, reduction="none")
    text = (truth > 0) & (weights > 0)
    count = int(text.sum())
    background = (single * weights * ~text).flatten()
    worst = min(background.numel(), RATIO * count if count else WORST * len(logits))
    # What counts is that the centre is seen: its neighbours, which know the corners as well, may be seen too.
    return _mean(single, weights * truth) + background.topk(worst).values.mean()


def _lengthened(values: Tensor) -> Tensor:
    """The pixels that `geulnun.decode.point_maps.shortened` took."""
    return values.sign() * torch.expm1(values.abs()) * points.UNIT


def _sides(corners: Tensor) -> tuple[Tensor, Tensor]:
    """Mean lengths (n, h, w) across and down of quads whose corners (n, 8, h, w) are seen from a point."""
    x, y = corners[:, 0::2], corners[:, 1::2]

    def between(one: int, other: int) -> Tensor:
        return torch.hypot(x[:, one] - x[:, other], y[:, one] - y[:, other])

    return (between(0, 1) + between(3, 2)) / 2, (between(0, 3) + between(1, 2)) / 2


def _shares(wide: Tensor, high: Tensor) -> Tensor:
    """What a cell of boxes of these sides in pixels counts: the root of what it would if all boxes counted the same.

    A headline's centre is drawn over a hundred cells, that of small print over nine.
    """
    return (1 + wide * high / _CELLS).rsqrt()
