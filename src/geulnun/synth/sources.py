"""Sources built from the renderers, and how to put sources together and iterate over them."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from geulnun.errors import UsageError
from geulnun.synth.fonts import Face
from geulnun.synth.lines import LineOptions, LineRenderer
from geulnun.synth.sample import Sample, Source
from geulnun.synth.text import TextSource

Rng = np.random.Generator
#: Texts that are drawn until a face can write one.
_TRIES = 100


class LineSource:
    """Single lines of text from `LineRenderer`; without end. The fact "kind" is that of the text."""

    size: int | None = None

    def __init__(self, options: LineOptions, pool: Sequence[Face], texts: TextSource) -> None:
        self._renderer = LineRenderer(pool, texts, options)
        self._texts = _Texts(texts, self._renderer)

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one line."""
        rng = np.random.default_rng((seed, index))
        low, high = self._renderer.options.length
        length = int(np.clip(rng.gamma(2.2, 5.0), low, high))
        text, kind, face = self._texts.draw(rng, length, 1, 10 * high)
        return self._renderer.sample(rng, text, kind, face)


@dataclass(frozen=True)
class WordOptions:
    """How single words are drawn.

    Attributes:
        look: of the lines that the words are cut out of; its `length` is not used.
        length: characters of a word, least and most.
    """

    look: LineOptions = field(default_factory=LineOptions)
    length: tuple[int, int] = (1, 12)

    def __post_init__(self) -> None:
        if not 1 <= self.length[0] <= self.length[1]:
            raise UsageError(f"length is {list(self.length)}; expected [least, most] with 1 <= least <= most")


class WordSource:
    """Single eojeol, cut out of drawn lines as a word detector would; without end."""

    size: int | None = None

    def __init__(self, options: WordOptions, pool: Sequence[Face], texts: TextSource) -> None:
        self._renderer = LineRenderer(pool, texts, replace(options.look, length=options.length))
        self._texts = _Texts(texts, self._renderer)

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one word."""
        rng = np.random.default_rng((seed, index))
        low, high = self._renderer.options.length
        text, kind, face = self._texts.draw(rng, 2 * high, low, high)
        return self._renderer.word(rng, text, kind, face)


class _Texts:
    """Draws a text together with a face that can write it."""

    def __init__(self, texts: TextSource, renderer: LineRenderer) -> None:
        self._source, self._renderer = texts, renderer
        self._kinds = list(texts.mix)
        self._shares = np.cumsum([texts.mix[kind] for kind in self._kinds])

    def draw(self, rng: Rng, length: int, shortest: int, longest: int) -> tuple[str, str, Face]:
        """A text of about ``length`` characters, its kind, and a face.

        Only words of ``shortest`` to ``longest`` characters are kept. What the face lacks, the renderer draws with
        another one or leaves out.

        Raises:
            UsageError: the fonts draw none of what the texts hold, again and again.
        """
        kind = self._kinds[0]
        for attempt in range(_TRIES):
            if attempt % 10 == 0:
                roll = rng.random() * self._shares[-1]
                kind = self._kinds[int(np.searchsorted(self._shares, roll, side="right"))]
            face = self._renderer.face(rng, kind)
            line = self._source.line_of(kind, rng, length, face.syllables or None)
            words = [
                word for word in line.split(" ") if shortest <= sum(map(face.draws, word)) and len(word) <= longest
            ]
            if words:
                return " ".join(words), kind, face
        raise UsageError("the fonts draw nothing of what the texts hold; choose other fonts, texts or kinds of text")


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
