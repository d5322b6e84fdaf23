"""A detector scored on whole pages, by the very code that finds words and characters in reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.geometry import Floats
from geulnun.metrics import quads as quad_metrics
from geulnun.runtime.detector import DEFAULT_OPTIONS, DetectorOptions, Maps, detect
from geulnun.spec import DetectorSpec
from geulnun.training.detection.options import DetectorTraining
from geulnun.training.detection.sets import Pixels, Shown, open_set, without_curves

Find = Callable[[Pixels], Shapes]

#: Pages are drawn with a seed of their own.
_SEED = 77
#: Share of a found shape that lies in what nobody is asked to find, from which on it counts for nothing.
_EXCUSED = 0.5


@dataclass(frozen=True)
class Counts:
    """Pairs at an IoU of 0.5 and more, shapes wanted and shapes found."""

    pairs: int = 0
    wanted: int = 0
    found: int = 0

    @property
    def f1(self) -> float:
        """2 * pairs / (wanted + found); 1 where there is nothing to find and nothing is found."""
        whole = self.wanted + self.found
        return 2 * self.pairs / whole if whole else 1.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.pairs + other.pairs, self.wanted + other.wanted, self.found + other.found)


@dataclass(frozen=True)
class Scores:
    """How a detector does on pages.

    Attributes:
        words: counts of words.
        chars: counts of characters.
        right: paired words whose direction of reading is within 45 degrees of the true one.
        pages: how many.
    """

    words: Counts = Counts()
    chars: Counts = Counts()
    right: int = 0
    pages: int = 0

    def __add__(self, other: Scores) -> Scores:
        right, pages = self.right + other.right, self.pages + other.pages
        return Scores(self.words + other.words, self.chars + other.chars, right, pages)

    def __str__(self) -> str:
        share = self.right / max(1, self.words.pairs)
        return (
            f"word F1 {self.words.f1:.4f} character F1 {self.chars.f1:.4f} direction {share:.4f} "
            f"({self.words.wanted} words of {self.pages} pages)"
        )

    @property
    def numbers(self) -> dict[str, float]:
        """The scores by name."""
        return {"word_f1": self.words.f1, "char_f1": self.chars.f1, "direction": self.right / max(1, self.words.pairs)}


def validation_pages(options: DetectorTraining) -> dict[str, list[Shown]]:
    """The pages of the sets that a run is validated on, by the sets' titles; of bent words nothing is asked.

    Raises:
        InputError: a set that cannot be read.
    """
    out = {}
    for choice in options.judged:
        pages = open_set(choice, options.texts)
        count = min(options.validation_pages, options.validation_pages if pages.size is None else pages.size)
        out[choice.title] = [without_curves(pages.page(index, _SEED)) for index in range(count)]
    return out


def judged(find: Find, pages: Iterable[Shown]) -> Scores:
    """Score what finds shapes on pages."""
    return sum((score(page.shapes, find(page.pixels)) for page in pages), Scores())


def score(wanted: Shapes, found: Shapes) -> Scores:
    """The scores of one page.

    Unknown words are not wanted, nor are characters of these or of words whose characters nobody boxed; what is found
    there counts for nothing.
    """
    boxed = np.zeros(len(wanted.words), bool)
    boxed[wanted.word_of[wanted.word_of >= 0]] = True
    asked = wanted.kept(wanted.known)
    words = _beside(found.words, wanted.words[~wanted.known])
    chars = _beside(found.chars, wanted.words[~wanted.known | ~boxed])
    pairs = quad_metrics.pair(asked.words, words)
    turns = [_between(asked.words[one.wanted], words[one.found]) for one in pairs]
    glyphs = len(quad_metrics.pair(asked.chars, chars))
    return Scores(
        Counts(len(pairs), len(asked.words), len(words)),
        Counts(glyphs, len(asked.chars), len(chars)),
        sum(turn < 45 for turn in turns),
        1,
    )


def _beside(found: Floats, excused: Floats) -> Floats:
    """The found quads without those that mostly lie in excused ones."""
    if not len(found) or not len(excused):
        return found
    overlap = geometry.iou(found, excused)
    own, other = geometry.areas(found)[:, None], geometry.areas(excused)[None]
    shared = overlap * (own + other) / (1 + overlap)
    return np.asarray(found[shared.sum(1) < _EXCUSED * own[:, 0]])


def _between(one: Floats, other: Floats) -> float:
    """Degrees between the directions of two quads."""
    first, second = geometry.angles(np.stack([one, other]))
    return float(abs((first - second + 180) % 360 - 180))


def finder(
    net: nn.Module, spec: DetectorSpec, device: torch.device, options: DetectorOptions = DEFAULT_OPTIONS
) -> Find:
    """What finds words and characters on a page of any size with a network, as they are found in reading."""

    @torch.inference_mode()
    def forward(page: Pixels) -> Maps:
        tensor = torch.from_numpy(page.copy()).to(device).permute(2, 0, 1)[None].float() / 255
        drawn = net(tensor.contiguous(memory_format=torch.channels_last))[0]
        return np.ascontiguousarray(drawn.float().cpu().numpy())

    return lambda pixels: detect(pixels, forward, spec, options).shapes


def overall(scores: Mapping[str, Scores] | Sequence[Scores]) -> float:
    """What the best weights are chosen by: the mean F1 of words and characters over the sets."""
    each = list(scores.values()) if isinstance(scores, Mapping) else list(scores)
    return sum((one.words.f1 + one.chars.f1) / 2 for one in each) / max(1, len(each))
