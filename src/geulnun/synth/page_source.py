"""Pages and scenes as a data set that is drawn, never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geulnun.synth.fonts import Face
from geulnun.synth.layouts import LAYOUTS, SCENES
from geulnun.synth.pages import Mix, PageOptions, render_sample
from geulnun.synth.sample import Sample
from geulnun.synth.text import TextSource

#: Kinds of papers and screens, each as likely as the others.
PAPER_MIX: Mapping[str, float] = {kind: 1.0 for kind in LAYOUTS if kind not in SCENES}
SCENE_MIX: Mapping[str, float] = {kind: 1.0 for kind in LAYOUTS if kind in SCENES}


@dataclass(frozen=True)
class PageSourceOptions:
    """What pages a set has.

    Attributes:
        kinds: how often each kind is drawn (`geulnun.synth.pages.KINDS`); `SCENE_MIX` for scenes.
        page: sizes, wear and camera of each.
    """

    kinds: Mapping[str, float] = field(default_factory=lambda: dict(PAPER_MIX))
    page: PageOptions = field(default_factory=lambda: PageOptions(mixed=True))

    def __post_init__(self) -> None:
        Mix(self.kinds)


@dataclass(frozen=True)
class PageSource:
    """Pages without end.

    Attributes:
        options: kinds, sizes and wear.
        pool: fonts to draw with, of one side of the split.
        texts: words to write, of the same side.
    """

    options: PageSourceOptions
    pool: Sequence[Face]
    texts: TextSource

    @property
    def size(self) -> None:
        """None: there is no last page."""
        return

    def sample(self, index: int, seed: int) -> Sample:
        """Draw the page of an index; the same index and seed give the same bytes."""
        rng = np.random.default_rng((seed, index))
        kind = Mix(self.options.kinds).draw(rng)
        return render_sample(rng, self.pool, self.texts, kind, self.options.page)
