"""What every kind of data set is made of: a sample with its truth, and a source that draws the sample of any index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun.document import Page

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Sample:
    """An image, its truth, and what it was made of.

    Attributes:
        image: uint8 pixels, grey (h, w) or RGB (h, w, 3).
        truth: the truth, or what measures it: training that wants the text alone need not wait for quads.
        facts: what labels and statistics need beside the truth: "font", "family", "style", "kind", "group", and so on.
        label: the text, where it is known before the truth is measured.
    """

    image: NDArray[np.uint8]
    truth: Page | Callable[[], Page]
    facts: Facts = field(default_factory=dict)
    label: str | None = None

    @cached_property
    def page(self) -> Page:
        """The truth, with quads of characters wherever they are known."""
        return self.truth if isinstance(self.truth, Page) else self.truth()

    @property
    def text(self) -> str:
        """The text of the truth."""
        return self.page.text if self.label is None else self.label


class Source(Protocol):
    """A data set that is drawn, never stored: each of its samples follows from an index and a seed."""

    @property
    def size(self) -> int | None:
        """How many samples there are; None where there is no end (a grid is finite, random text is not)."""
        ...

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one sample: the same index and seed give the same bytes, in any process."""
        ...
