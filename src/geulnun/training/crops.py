"""Batches for the line detector: pages drawn, cut and encoded, without end; and the held-out pages it is scored on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

from geulnun import geometry
from geulnun.decode import heatmap
from geulnun.errors import RecipeError
from geulnun.geometry import Floats
from geulnun.synth import fonts, wear
from geulnun.synth.pages import KINDS, Mix, PageOptions, render_page, render_sheet
from geulnun.synth.sheet import Pixels
from geulnun.synth.text import TextSource

Rng = np.random.Generator


@dataclass(frozen=True)
class CropOptions:
    """What the detector is shown.

    Attributes:
        size: height and width of a crop in pixels, multiples of 32; half of all batches swap the two.
        em: sizes of body text in pixels.
        longest: no page side is longer than this, in pixels.
        turned: share of crops turned by 90, 180 or 270 degrees.
        inverted: share of crops in negative.
        mix: how often each kind of page is drawn.
    """

    size: tuple[int, int] = (512, 512)
    em: tuple[float, float] = (8.0, 30.0)
    longest: int = 1400
    turned: float = 0.4
    inverted: float = 0.05
    mix: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 1.0))

    def __post_init__(self) -> None:
        if any(side % 32 or side < 64 for side in self.size):
            raise RecipeError(f"crops of size {self.size}; expected multiples of 32, 64 at least")


class Batch(NamedTuple):
    """Pages uint8 (n, 3, h, w), their maps float32 (n, 8, h/4, w/4) and the cells' weights (n, h/4, w/4)."""

    pages: Tensor
    maps: Tensor
    weights: Tensor


class Crops(IterableDataset[Batch]):
    """Endless batches; a batch's number and the seed decide all that is in it.

    Args:
        options: what to draw.
        texts: folder of texts to draw from; None for the built-in grammars.
        count: crops in a batch.
        seed: of all batches.
        first: number of the first batch.
    """

    def __init__(self, options: CropOptions, texts: Path | None, count: int, seed: int, first: int = 0) -> None:
        self.options, self.texts, self.count, self.seed, self.first = options, texts, count, seed, first

    def __iter__(self) -> Iterator[Batch]:
        cv2.setNumThreads(1)
        torch.set_num_threads(1)
        worker = torch.utils.data.get_worker_info()
        number, every = self.first + (worker.id if worker else 0), worker.num_workers if worker else 1
        source = TextSource(self.texts, "train")
        while True:
            yield self.batch(np.random.default_rng([self.seed, number]), source)
            number += every

    def batch(self, rng: Rng, source: TextSource) -> Batch:
        """Draw one batch."""
        options = self.options
        height, width = options.size if rng.random() < 0.5 else options.size[::-1]
        faces, mix = fonts.faces("train"), Mix(options.mix)
        pages = np.empty((self.count, 3, height, width), np.uint8)
        grid = height // heatmap.STRIDE, width // heatmap.STRIDE
        maps = np.empty((self.count, heatmap.CHANNELS, *grid), np.float32)
        weights = np.empty((self.count, *grid), np.float32)
        sheet = None
        for at in range(self.count):
            # Drawing a page costs more than learning from it: each is cut twice, at two places, worn and turned anew.
            if sheet is None or at % 2 == 0:
                look = PageOptions(em=options.em, longest=options.longest, wear=0)
                sheet, _ = render_sheet(rng, faces, source, mix.draw(rng), look)
            turn = int(rng.integers(1, 4)) * 90 if rng.random() < options.turned else 0
            window = (width, height) if turn % 180 else (height, width)
            pixels, quads = cut(np.asarray(sheet.image), sheet.quads(), *window, rng)
            if rng.random() < options.inverted:
                pixels = 255 - pixels
            pixels = wear.worn(pixels, rng, float(rng.uniform(0.2, 1)))
            quads = geometry.transform(quads, geometry.turn_matrix(window[1], window[0], turn))
            pages[at] = np.rot90(pixels, -turn // 90).transpose(2, 0, 1)
            maps[at], weights[at] = heatmap.encode(quads, height, width)
        return Batch(torch.from_numpy(pages), torch.from_numpy(maps), torch.from_numpy(weights))


def cut(page: Pixels, quads: Floats, height: int, width: int, rng: Rng) -> tuple[Pixels, Floats]:
    """Cut a window of ``height`` x ``width`` around some line of a page, beyond its edges where it is smaller.

    Returns:
        The window's pixels and the quads in its coordinates; those outside are still among them.
    """
    high, wide = page.shape[:2]
    aim = quads[int(rng.integers(len(quads)))].mean(0) if len(quads) else rng.uniform(0, 1, 2) * (wide, high)
    origin = []
    for middle, side, window in ((aim[0], wide, width), (aim[1], high, height)):
        # Beyond the page only where it is smaller than the window, or a little, as scans with a dark rim show.
        slack = 40 * rng.random() * (rng.random() < 0.2)
        low, top = min(0, side - window) - slack, max(0, side - window) + slack
        origin.append(round(float(np.clip(middle - rng.uniform(0, window), low, top))))
    left, up = origin
    inner = page[max(up, 0) : up + height, max(left, 0) : left + width]
    before = max(-up, 0), max(-left, 0)
    after = height - before[0] - inner.shape[0], width - before[1] - inner.shape[1]
    kind = cv2.BORDER_REPLICATE if rng.random() < 0.6 else cv2.BORDER_CONSTANT
    colour = [int(v) for v in rng.integers(0, 256, 3)]
    out = cv2.copyMakeBorder(inner, before[0], after[0], before[1], after[1], kind, value=colour)
    return np.asarray(out, np.uint8), quads - (left, up)


class HeldOut(NamedTuple):
    """A page to score on: its kind, RGB pixels, true quads (n, 4, 2) and true rotation."""

    kind: str
    pixels: Pixels
    quads: Floats
    rotation: int


def held_out_pages(texts: Path | None, each: int, em: tuple[float, float] = (10.0, 40.0)) -> list[HeldOut]:
    """``each`` pages of every kind in held-out fonts and sentences; every second one is turned."""
    source = TextSource(texts, "held-out")
    out = []
    for number in range(each):
        for at, kind in enumerate(KINDS):
            rng = np.random.default_rng([77, number, at])
            options = PageOptions(em=em, longest=2400, turns=number % 2 == 1)
            pixels, page = render_page(rng, fonts.faces("held-out"), source, kind, options)
            quads = np.array([line.quad for line in page.lines]).reshape(-1, 4, 2)
            out.append(HeldOut(kind, pixels, quads, page.rotation))
    return out
