"""Sources built from the renderers, and how to put sources together and iterate over them."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geulnun.document import Block, Page, line_from_text
from geulnun.errors import UsageError
from geulnun.geometry import from_boxes, to_tuple
from geulnun.synth.fonts import Face
from geulnun.synth.lines import LineOptions, LineRenderer, LineSample
from geulnun.synth.sample import Sample, Source
from geulnun.synth.text import TextSource

#: How often a word is drawn anew because none of its characters is one that a font has.
_TRIES = 20
_ASCII = "".join(map(chr, range(33, 127)))


class LineSource:
    """Single lines of text from `LineRenderer`; without end."""

    size: int | None = None

    def __init__(self, options: LineOptions, pool: Sequence[Face], texts: TextSource) -> None:
        self._renderer = LineRenderer(pool, texts, options)

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one line."""
        return _line(self._renderer.draw(np.random.default_rng((seed, index))))


@dataclass(frozen=True)
class WordOptions:
    """How single words are drawn.

    Attributes:
        look: of the lines that the words are; its `length` is not used.
        length: characters of a word, least and most.
    """

    look: LineOptions = field(default_factory=LineOptions)
    length: tuple[int, int] = (1, 12)

    def __post_init__(self) -> None:
        if not 1 <= self.length[0] <= self.length[1]:
            raise UsageError(f"length is {list(self.length)}; expected [least, most] with 1 <= least <= most")


class WordSource:
    """Single eojeol, cut out of lines of the text source; without end."""

    size: int | None = None

    def __init__(self, options: WordOptions, pool: Sequence[Face], texts: TextSource) -> None:
        self._options = options
        self._texts = texts
        self._renderer = LineRenderer(pool, texts, options.look)

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one word."""
        rng = np.random.default_rng((seed, index))
        face = self._renderer.face(rng)
        return _line(self._renderer.draw(rng, text=self._word(rng, face), face=face))

    def _word(self, rng: np.random.Generator, face: Face) -> str:
        """A word of what the face draws; one syllable of it if the texts hold none."""
        low, high = self._options.length
        for _ in range(_TRIES):
            words = self._texts.line(rng, 2 * high).split(" ")
            word = "".join(char for char in words[int(rng.integers(len(words)))] if face.draws(char))
            if low <= len(word) <= high:
                return word
        known = face.syllables or tuple(char for char in _ASCII if face.draws(char))
        return "".join(known[int(rng.integers(len(known)))] for _ in range(low))


def _line(drawn: LineSample) -> Sample:
    height, width = drawn.image.shape[:2]
    line = line_from_text(drawn.text, to_tuple(from_boxes([0, 0, width, height])))
    page = Page(width, height, (Block((line,)),))
    family = drawn.face.family
    return Sample(drawn.image, page, {"font": drawn.face.path.name, "family": family.name, "style": family.style})


@dataclass(frozen=True)
class Part:
    """A source inside another: ``count`` samples of it one after another, or a ``share`` of an endless mixture."""

    name: str
    source: Source
    count: int | None = None
    share: float | None = None


class Chain:
    """Parts one after another; the last may be endless. Facts gain "part"."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        sizes = [part.source.size if part.count is None else part.count for part in parts]
        if None in sizes[:-1]:
            raise UsageError(f"part {parts[sizes.index(None)].name!r} has no end; give it a count, or each a share")
        for part, size in zip(parts, sizes, strict=True):
            if part.source.size is not None and size is not None and size > part.source.size:
                raise UsageError(f"part {part.name!r} asks for {size} samples; it has {part.source.size}")
        self._ends = list(itertools.accumulate(size or 0 for size in sizes))
        self._endless = sizes[-1] is None

    @property
    def size(self) -> int | None:
        """All parts together; None where the last has no end."""
        return None if self._endless else self._ends[-1]

    def sample(self, index: int, seed: int) -> Sample:
        """Draw a sample of the part that the index lies in."""
        at = min(bisect.bisect_right(self._ends, index), len(self.parts) - 1)
        first = self._ends[at - 1] if at else 0
        return _drawn(self.parts[at], index - first, part_seed(seed, at))


class Mixture:
    """Parts mixed by their shares, without end; an endless part is drawn at the mixture's own index."""

    size: int | None = None

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self._shares = np.cumsum([part.share or 0.0 for part in parts])
        if not parts or self._shares[-1] <= 0:
            raise UsageError("a mixture needs a part with a share above 0")

    def sample(self, index: int, seed: int) -> Sample:
        """Draw a sample of a part that the seed and index choose."""
        rng = np.random.default_rng((seed, index, len(self.parts)))
        at = int(np.searchsorted(self._shares, rng.random() * self._shares[-1], side="right"))
        part = self.parts[at]
        inner = index if part.source.size is None else int(rng.integers(part.source.size))
        return _drawn(part, inner, part_seed(seed, at))


def part_seed(seed: int, number: int) -> int:
    """The seed of a part: that of the whole for the first, others for the rest, so that parts differ."""
    if number == 0:
        return seed
    return int(np.random.SeedSequence((seed, number)).generate_state(1, np.uint64)[0] >> np.uint64(1))


def stream(source: Source, seed: int, worker: int = 0, workers: int = 1, start: int = 0) -> Iterator[Sample]:
    """A worker's samples: indices ``start + worker``, ``start + worker + workers``, ...; to the source's end if any.

    Together the workers draw each index once, so a training may change their number and go on at ``start``.
    """
    for index in itertools.count(start + worker, workers):
        if source.size is not None and index >= source.size:
            return
        yield source.sample(index, seed)


def _drawn(part: Part, index: int, seed: int) -> Sample:
    sample = part.source.sample(index, seed)
    return replace(sample, facts={**sample.facts, "part": part.name})
