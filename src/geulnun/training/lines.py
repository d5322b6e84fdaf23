"""Batches of drawn lines: rendered in worker processes, grouped by width, never on disk."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from geulnun.charset import DEFAULT
from geulnun.image import ops
from geulnun.synth.fonts import faces
from geulnun.synth.lines import CLEAN, WORN, LineRenderer
from geulnun.synth.recipes import Plan
from geulnun.synth.sources import stream
from geulnun.synth.text import TextSource

#: Padded widths are multiples of this; a batch of narrow lines holds no more than that many.
BUCKET, MOST_LINES = 64, 160


@dataclass(frozen=True)
class Batch:
    """Line inputs (N, 1, LINE_HEIGHT, W) float16, steps (N,) each line fills at four pixels a step, and labels."""

    inputs: Tensor
    steps: Tensor
    labels: list[list[int]]
    texts: list[str]


def make_batch(samples: list[tuple[np.ndarray, str]], width: int) -> Batch:
    """Pad prepared line inputs (LINE_HEIGHT, w) to ``width`` and encode their texts."""
    inputs = [line for line, _ in samples]
    steps = [-(-line.shape[1] // 4) for line in inputs]
    stacked = ops.line_batch(inputs, width).astype(np.float16)
    texts = [text for _, text in samples]
    return Batch(torch.from_numpy(stacked), torch.tensor(steps), [DEFAULT.encode(text) for text in texts], texts)


def fits(width: int, text: str) -> bool:
    """Tell whether CTC can write ``text`` in ``width`` pixels: a step each, and one between repeats."""
    repeats = sum(a == b for a, b in itertools.pairwise(text))
    return -(-width // 4) >= len(text) + repeats


class LineStream(IterableDataset[Batch]):
    """Batches without end; together the workers draw each index of the plan's source once.

    Lines wait in buckets by padded width until a bucket holds a batch. So there are few shapes, and the
    kernels that libraries build for a shape are built once.

    Args:
        plan: what to draw.
        seed: another seed continues with other lines after a restart.
        columns: pixels of width in a batch, padding included.
        widest: lines wider than this are dropped, as are those CTC cannot write.
    """

    def __init__(self, plan: Plan, seed: int, columns: int = 20_000, widest: int = 1_152) -> None:
        self.plan, self.seed, self.columns, self.widest = plan, seed, columns, widest

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        buckets: dict[int, list[tuple[np.ndarray, str]]] = {}
        for sample in stream(self.plan.source(), self.seed, worker, workers):
            line = ops.line_input(sample.image)
            if line.shape[1] > self.widest or not fits(line.shape[1], sample.text):
                continue
            width = -(-line.shape[1] // BUCKET) * BUCKET
            bucket = buckets.setdefault(width, [])
            bucket.append((line, sample.text))
            if len(bucket) == min(MOST_LINES, self.columns // width):
                yield make_batch(bucket, width)
                buckets[width] = []


def loader(lines: LineStream, workers: int) -> Iterator[Batch]:
    """The stream's batches, drawn in ``workers`` processes (0: in this one)."""
    return iter(DataLoader(lines, batch_size=None, num_workers=workers, prefetch_factor=6 if workers else None))


def validation(texts: Path | None, count: int, seed: int = 7) -> dict[str, list[tuple[np.ndarray, str]]]:
    """Held-out lines by slice: sentences clean and worn, syllables, figures, Latin; no trained font or text."""
    source = TextSource(texts, "held-out")
    pool = faces("held-out", ("sans", "serif", "mono"))
    slices = {
        "clean": (CLEAN, "sentence"),
        "worn": (WORN, "sentence"),
        "syllables": (CLEAN, "syllables"),
        "figures": (CLEAN, "figures"),
        "latin": (CLEAN, "latin"),
    }
    out: dict[str, list[tuple[np.ndarray, str]]] = {}
    for name, (options, kind) in slices.items():
        renderer = LineRenderer(pool, source, options, fallback=False)
        rng = np.random.default_rng(seed)
        drawn = [renderer.draw(rng, kind=kind) for _ in range(count)]
        out[name] = [(ops.line_input(sample.image), sample.text) for sample in drawn]
    return out
