"""What fine-tuning learns from: a user's lines, parted by page or writer, and lines drawn as the first ones were."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.data import DataSet, Sample, SampleImage
from geulnun.data.split import SplitOptions, assign, groups
from geulnun.document import Quad
from geulnun.errors import GeulnunError, InputError, MissingDependencyError
from geulnun.image import ops
from geulnun.synth import sources
from geulnun.synth.fonts import Split, choose
from geulnun.synth.lines import LineOptions
from geulnun.synth.sources import LineSource, Mixture
from geulnun.synth.text import TextSource
from geulnun.synth.wear import Effect, WearOptions
from geulnun.training.batches import BUCKET, LineBatch, Mix, Ready, prepared, sorted_by_width
from geulnun.training.options import AugmentChoice
from geulnun.training.sets import Drawn, Line, LineSet, Shuffled, Stored, Words

Image = NDArray[np.uint8]
Item = tuple[Callable[[], Image], str]

#: Lines below which nothing is learnt and nothing can be measured.
LEAST = 10
#: Lines of the user's that are kept for validation at most.
MOST_VALIDATION = 200
#: Groups below which whole groups are too coarse to part by.
_GROUPS = 4
#: What lines are parted by where all images tell it, the best first.
_FACTS = (("writer", "document"), ("writer",), ("document",))
#: Chance that a line of the user's is worn anew each time it is shown, and how.
_WEAR = AugmentChoice(0.6, WearOptions(preset="light"))

_LOOK: dict[str, object] = {
    "size": (13, 60), "length": (1, 34), "stroke": Effect(0.2, -0.015, 0.03), "slant": Effect(0.12, -0.1, 0.3),
    "spacing": Effect(0.25, -0.05, 0.25), "squeeze": Effect(0.3, 0.75, 1.25), "cells": Effect(0.03, 1.0, 1.25),
    "hinting": 0.3, "hand": 0.5,
}  # fmt: skip
#: Shares and looks of rehearsed lines: those of recipes/synth/lines.yaml. The first three are such as pages have.
_LOOKS: tuple[tuple[str, float, dict[str, object]], ...] = (
    ("office", 32, {"worn": 1.0, "wear": WearOptions(preset="office")}),
    ("light", 16, {"worn": 1.0, "wear": WearOptions(preset="light")}),
    ("plain", 11, {"worn": 0.0}),
    ("worn", 26, {"worn": 1.0, "strength": (0.2, 1.1)}),
    ("photo", 10, {"worn": 1.0, "wear": WearOptions(preset="photo")}),
    ("copy", 5, {"worn": 1.0, "wear": WearOptions(preset="copy")}),
)


_LEGIBLE = 3


@dataclass(frozen=True)
class Parts:
    """A user's lines in two parts.

    Attributes:
        train: to learn from.
        validation: to measure with.
        by: what was kept together: "writer and document", "document", "image" or "line".
        left_out: lines that cannot be used, and why the first of them cannot.
    """

    train: LineSet
    validation: LineSet
    by: str
    left_out: tuple[str, ...]


def parted(folder: Path, words: Words, share: float, seed: int) -> Parts:
    """Read a set of lines and part it.

    Args:
        folder: line images with a ``labels.csv`` or ``gt.txt``, or any set that `geulnun.data` reads: of pages, the
            lines are cut out.
        words: what is kept of labels.
        share: of the lines for validation.
        seed: of the choice.

    Raises:
        InputError: nothing is there, it is no such set, or fewer than `LEAST` of its lines can be used.
    """
    problems: list[str] = []
    data = DataSet(folder)
    samples = [one for one in data.samples(lambda problem: problems.append(str(problem))) if one.image is not None]
    group_of, by = _groups(samples)
    rows = [
        (group, item, split)
        for sample, group, split in zip(samples, group_of, _splits(samples), strict=True)
        for item in _lines(sample)
        if _usable(item[1], words, problems)
    ]
    if len(rows) < LEAST:
        why = f" ({problems[0]})" if problems else ""
        raise InputError(f"{folder}: {len(rows)} lines can be used; fine-tuning needs at least {LEAST}{why}")
    if len({split for _, _, split in rows}) == 2:
        chosen, by = [split == "validation" for _, _, split in rows], "the set's own split"
    else:
        keys = [group for group, _, _ in rows]
        if len(set(keys)) < _GROUPS:
            keys, by = [str(at) for at in range(len(rows))], "line"
        wanted = min(share, MOST_VALIDATION / len(rows))
        part_of = assign(keys, SplitOptions((("train", 1 - wanted), ("validation", wanted)), seed=seed))
        chosen = [part_of[key] == "validation" for key in keys]
    train = [item for (_, item, _), held in zip(rows, chosen, strict=True) if not held]
    held = [item for (_, item, _), held in zip(rows, chosen, strict=True) if held]
    return Parts(Stored(train, words), Stored(held, words), by, tuple(problems))


def _groups(samples: Sequence[Sample]) -> tuple[list[str], str]:
    """The group of each image, and what groups are: the first facts that all images tell and that part them enough."""
    for by in _FACTS:
        if all(key in sample.facts for sample in samples for key in by):
            found = groups(samples, by)
            if len(set(found)) >= _GROUPS:
                return found, " and ".join(by)
    return [str(at) for at in range(len(samples))], "image"


def _splits(samples: Sequence[Sample]) -> list[str]:
    """The side that the set itself says each image is on; all "train" where it does not say it of all."""
    sides = [str(sample.facts.get("split", "")) for sample in samples]
    if not all(sides):
        return ["train"] * len(sides)
    return ["validation" if side in ("validation", "test") else "train" for side in sides]


def _lines(sample: Sample) -> Iterator[Item]:
    image = sample.image
    assert image is not None
    # Confidence 0 marks ink that nobody is asked to read.
    lines = [line for line in sample.page.lines if line.confidence != 0]
    whole = len(lines) == 1 and _fills(lines[0].quad, sample)
    for line in lines:
        yield functools.partial(_cut, image, None if whole else line.quad), line.text


def _fills(quad: Quad | None, sample: Sample) -> bool:
    """Whether a line is its whole image."""
    if quad is None:
        return True
    across, down = ([point[axis] for point in quad] for axis in (0, 1))
    page = sample.page
    return max(across) - min(across) >= 0.98 * page.width and max(down) - min(down) >= 0.98 * page.height


def _cut(image: SampleImage, quad: Quad | None) -> Image:
    return image.pixels() if quad is None else ops.crop_quad(image.pixels(), quad)


def _usable(text: str, words: Words, problems: list[str]) -> bool:
    if words(text) is not None:
        return True
    problems.append(f"{text!r:.40} holds a character that the recogniser cannot write, or nothing")
    return False


def rehearsal(words: Words, texts: Path | None, split: Split = "train") -> LineSet | None:
    """Lines such as the reader first learnt from, without end; None where no font of the catalogue is installed.

    Args:
        words: what is kept of texts.
        texts: folder of texts to draw; None for the built-in grammars.
        split: "held-out" for lines to measure with, in fonts and sentences that no training sees, and only as worn as
            can be read.
    """
    try:
        pool = choose(split, (), (), None)
    except MissingDependencyError:
        return None
    source = TextSource(texts, split)
    parts = [
        sources.Part(name, LineSource(LineOptions(**(_LOOK | look)), pool, source), share=share)  # type: ignore[arg-type]
        for name, share, look in (_LOOKS if split == "train" else _LOOKS[:_LEGIBLE])
    ]
    return Drawn(Mixture(parts), words)


def some(lines: LineSet, count: int | None, seed: int = 7) -> list[Line]:
    """The lines of a set, or the first ``count`` of them; those that cannot be read are left out."""
    most = lines.size if count is None else count if lines.size is None else min(count, lines.size)
    kept: list[Line] = []
    at = 0
    while len(kept) < (most or 0) and (lines.size is None or at < lines.size):
        try:
            line = lines.line(at, seed)
        except GeulnunError:
            line = None
        if line is not None:
            kept.append(line)
        at += 1
    return kept


class Feed:
    """Batches without end of a user's lines and of rehearsed ones.

    Args:
        lines: the user's.
        rehearsed: the others; None for none.
        share: of the rehearsed in each batch, 0..1.
        mix: spec, steps and words of the network; ``batch`` lines a batch in ``group`` batches of like widths.
    """

    def __init__(self, lines: LineSet, rehearsed: LineSet | None, share: float, mix: Mix) -> None:
        self._sets: list[tuple[LineSet, float, bool]] = [(Shuffled(lines), 1.0, True)]
        if rehearsed is not None and share > 0:
            self._sets = [(Shuffled(lines), 1 - share, True), (rehearsed, share, False)]
        self._mix = replace(mix, augment=_WEAR)

    def __iter__(self) -> Iterator[tuple[LineBatch, NDArray[np.bool_]]]:
        """Batches, and which of their lines are the user's."""
        number = 0
        while True:
            drawn = [list(self._draw(at, number)) for at in range(len(self._sets))]
            number += 1
            if any(drawn):
                yield from (self._batch(part) for part in self._dealt(drawn, number))

    def _dealt(self, drawn: list[list[tuple[int, Ready]]], number: int) -> list[list[tuple[Ready, bool]]]:
        group = self._mix.group
        own = {id(ready) for _, ready in drawn[0]}
        parts = sorted_by_width([lines for lines in drawn if lines], group)
        order = np.random.default_rng((self._mix.seed, number)).permutation(group)
        return [[(ready, id(ready) in own) for _, ready in parts[at]] for at in order.tolist()]

    def _draw(self, at: int, number: int) -> Iterator[tuple[int, Ready]]:
        lines, share, own = self._sets[at]
        count = max(1, round(share * self._mix.batch * self._mix.group))
        for place in range(count):
            index = number * count + place
            try:
                line = lines.line(index, self._mix.seed + at)
            except InputError:
                continue
            if line is None:
                continue
            seed = (self._mix.seed, at, index)
            ready = prepared(varied(line, seed) if own else line, self._mix, own, seed)
            if ready is not None:
                yield place, ready

    def _batch(self, drawn: list[tuple[Ready, bool]]) -> tuple[LineBatch, NDArray[np.bool_]]:
        spec, classes = self._mix.spec, self._mix.words.classes
        lines = [line for line, _ in drawn]
        widths = np.array([line.input.shape[-1] for line in lines])
        # Few widths, as in training: for each one PyTorch builds kernels.
        step = int(np.lcm(BUCKET, spec.multiple))
        width = spec.width or -(-int(widths.max()) // step) * step
        stacked = ops.line_batch([line.input for line in lines], width, spec).astype(np.float16)
        texts = [line.text for line in lines]
        made = LineBatch(stacked, widths, [classes.encode(text) for text in texts], texts)
        return made, np.array([own for _, own in drawn])


def varied(line: Line, seed: tuple[int, ...]) -> Line:
    """The line a little wider or narrower, and cut a little more loosely or closely, as another detector would."""
    rng = np.random.default_rng((*seed, 5))
    height, width = line.image.shape[:2]
    squeezed = cv2.resize(line.image, (max(4, round(width * float(np.exp(rng.normal(0, 0.06))))), height))
    image = np.asarray(squeezed, np.uint8)
    top, bottom, left, right = (round(height * float(amount)) for amount in rng.uniform(-0.04, 0.1, 4))
    image = image[max(0, -top) : height - max(0, -bottom)]
    image = image[:, max(0, -left) // 2 : image.shape[1] - max(0, -right) // 2]
    pads = (max(0, top), max(0, bottom), max(0, left), max(0, right))
    return Line(np.asarray(cv2.copyMakeBorder(image, *pads, cv2.BORDER_REPLICATE), np.uint8), line.text)
