"""What detectors cost: seconds of the network and of what follows, on an A4 page and one of thousands of characters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from geulnun.bench.engines import Image
from geulnun.bench.finders import Finder, Network
from geulnun.bench.page import a4_page
from geulnun.errors import MissingDependencyError
from geulnun.synth.fonts import faces
from geulnun.synth.pages import PageOptions, render_page
from geulnun.synth.text import TextSource

#: Characters that the dense page has at least.
DENSE = 4_000


@dataclass(frozen=True)
class Cost:
    """A finder on a page: seconds, the least of several runs.

    Attributes:
        finder: who.
        page: which.
        scaling: until the network first runs.
        network: of the network.
        rest: of what follows; of Tesseract the whole page's.
        decoding: of these, from the network's maps to words and characters.
        lines: what was found: lines.
        words: words; 0 where they are not told.
        chars: characters; 0 where they are not told.
    """

    finder: Finder
    page: str
    scaling: float
    network: float
    rest: float
    decoding: float
    lines: int
    words: int
    chars: int

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.scaling + self.network + self.rest

    @property
    def share(self) -> float:
        """Share of what follows the network in the time of finding."""
        return self.rest / max(self.seconds, 1e-9)


def dense_page(texts: Path | None, seed: int) -> tuple[Image, int]:
    """Newspapers side by side in held-out fonts, `DENSE` characters and more, and how many they have.

    Raises:
        MissingDependencyError: fonts are not installed.
    """
    source, pool = TextSource(texts, "held-out"), faces("held-out")
    if not pool:
        raise MissingDependencyError("no fonts to draw newspapers in; run `make fonts`")
    options = PageOptions(em=(14, 14), wear=0, skew=0, perspective=0, extras=0)
    papers: list[Image] = []
    count = 0
    while count < DENSE:
        rng = np.random.default_rng((seed, len(papers)))
        image, page = render_page(rng, pool, source, "newspaper", options)
        papers.append(image)
        count += sum(len(word.chars) for word in page.words)
    high = max(len(paper) for paper in papers)
    level = [cv2.copyMakeBorder(paper, 0, high - len(paper), 0, 0, cv2.BORDER_REPLICATE) for paper in papers]
    return np.concatenate(level, 1), count


def costs(
    finders: Sequence[Finder],
    texts: Path | None,
    seed: int,
    repeats: int,
    progress: Callable[[str, int, int], None],
) -> list[Cost]:
    """Time every finder on an A4 page at 300 dpi and on a dense page, ours ``repeats`` times."""
    image, count = dense_page(texts, seed)
    sample = a4_page()
    pages = {f"A4, 300 dpi, {sum(map(_solid, sample.truth.lines)):,} characters": sample.image}
    pages[f"newspaper, {count:,} characters"] = image
    out = []
    for at, (name, pixels) in enumerate(pages.items()):
        for finder in finders:
            progress(f"{name}: {finder.name} {finder.setting}", at, len(pages))
            runs = [finder.find(pixels) for _ in range(repeats if isinstance(finder, Network) else 1)]
            best = min(runs, key=lambda one: one.seconds)
            words, chars = (0 if one is None else len(one) for one in (best.words, best.chars))
            seconds = best.scaling, best.network, best.rest, best.decoding
            out.append(Cost(finder, name, *seconds, len(best.lines), words, chars))
    return out


def _solid(line: object) -> int:
    text: str = getattr(line, "text", "")
    return len(text.replace(" ", ""))
