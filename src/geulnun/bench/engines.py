"""What the bench asks of an OCR engine; another rival is one more class."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geulnun.document import Page

Image = NDArray[np.uint8]
Level = Literal["page", "line", "word", "char"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an engine read from one image, and the wall and CPU seconds it took.

    An engine that starts a process for each batch counts its start in, spread over the batch.
    """

    page: Page
    wall: float
    cpu: float


class Engine(ABC):
    """One engine in one setting.

    Attributes:
        name: The engine, as the tables call it, e.g. ``Tesseract kor``.
        setting: What was set, e.g. ``psm 6``; the best setting of a name is the one compared.
        levels: Kinds of images this setting is meant for.
        vertical: Whether it is meant for vertical text alone.
    """

    name: str
    setting: str
    levels: frozenset[Level]
    vertical: bool = False

    @property
    @abstractmethod
    def identity(self) -> str:
        """Everything that decides the output, versions and weights included: the key of saved readings."""

    @property
    @abstractmethod
    def weights_bytes(self) -> int:
        """Bytes of the files of weights the engine loads."""

    @abstractmethod
    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        """Read images, RGB uint8 (h, w, 3), each a page, or cut to a line, word or character; ``names`` are theirs."""

    @abstractmethod
    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """The command line that reads a page file ``copies`` times in one process, and its environment variables."""
