"""What every kind of data set is made of: a sample with its truth, and a source that draws the sample of any index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun.document import Page

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Sample:
    """An image, its truth, and what it was made of.

    Attributes:
        image: uint8 pixels, grey (h, w) or RGB (h, w, 3).
        page: the truth, with quads of characters wherever they are known.
        facts: what labels and statistics need beside the truth: "font", "family", "style", "kind", "group", and so on.
    """

    image: NDArray[np.uint8]
    page: Page
    facts: Facts = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of the truth."""
        return self.page.text


class Source(Protocol):
    """A data set that is drawn, never stored: each of its samples follows from an index and a seed."""

    @property
    def size(self) -> int | None:
        """How many samples there are; None where there is no end (a grid is finite, random text is not)."""
        ...

    def sample(self, index: int, seed: int) -> Sample:
        """Draw one sample: the same index and seed give the same bytes, in any process."""
        ...
