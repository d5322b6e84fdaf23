"""The reader of single characters: whatever holds one, in; what it may be, out."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geulnun.errors import InputError, MissingInputError, UsageError
from geulnun.read import LoadOptions, Source, open_source
from geulnun.read.raster import MAX_PIXELS

if TYPE_CHECKING:
    from geulnun.runtime.characters import CharacterGuess, CharacterRecogniser

#: Channels that the last axis of one image may have.
_CHANNELS = (1, 2, 3, 4)


class CharacterReader:
    """Reads images that hold one character each: syllables, jamo, letters, digits, kana and signs.

    Ink may be dark on light or light on dark, in any colour and size; an image without ink gets no character. One
    reader may serve many threads; its network is loaded when first needed, once.

    Args:
        recogniser: reads characters, or the path of an ONNX file that does (`geulnun train character`); None for the
            package's own.
        threads: threads of the network; None leaves the choice to the runtime.
        reject: confidence below which no character is named, 0 to below 1; None for what the network's file says.
        allow: characters and ranges (``0-9가-힣``) beside which none is named; empty for all.
        block: characters and ranges that are not named.
        max_pixels: largest image accepted, in pixels.

    Raises:
        UsageError: an option is out of its range; the lists are looked at when the network is loaded.
        MissingInputError: there is no such file.
    """

    def __init__(
        self,
        recogniser: CharacterRecogniser | Path | str | None = None,
        *,
        threads: int | None = None,
        reject: float | None = None,
        allow: str = "",
        block: str = "",
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        if threads is not None and threads < 1:
            raise UsageError(f"threads is {threads}; expected 1 or more")
        if reject is not None and not 0 <= reject < 1:
            raise UsageError(f"reject is {reject}; expected 0 to below 1")
        if isinstance(recogniser, (str, Path)):
            recogniser = Path(recogniser)
            if not recogniser.is_file():
                raise MissingInputError(f"{recogniser}: no such file; name an exported network (.onnx)")
        self.threads, self.reject = threads, reject
        self.allow, self.block = allow, block
        self._loading = LoadOptions(max_pixels=max_pixels)
        self._given = recogniser
        self._lock = threading.Lock()

    def predict(self, images: Source | Sequence[Source], n: int = 5) -> list[CharacterGuess]:
        """What each image may be.

        Args:
            images: one image or several: a file's path, a folder or glob, bytes, an open binary file, a PIL image, an
                array (h, w) or (h, w, 1 to 4), RGB and not OpenCV's BGR; a list or tuple of such, or an array of
                several images, (n, h, w) or (n, h, w, 1 to 4). Of three axes, the last is taken for channels where it
                holds 1 to 4 entries.
            n: how many characters, and how many jamo of each place, are told of each.

        Returns:
            A guess an image, in their order; a list of one for one image. Guesses are empty for images without ink and
            where no character is probable enough.

        Raises:
            InputError: an image cannot be read; the message names it and the remedy.
            UsageError: ``n`` is below 1.
            ModelError: the network cannot be loaded.
        """
        if n < 1:
            raise UsageError(f"n is {n}; expected 1 or more alternatives")
        rasters = [rgb for source in _sources(images) for rgb in self._rasters(source)]
        return self.recogniser.read(rasters, n)

    @property
    def recogniser(self) -> CharacterRecogniser:
        """The network at work."""
        # Here and not above: loading the runtime takes longer than telling that a file is missing.
        from geulnun.runtime.characters import CharacterRecogniser

        with self._lock:
            if self._given is None or isinstance(self._given, Path):
                self._given = CharacterRecogniser(self._given, self.threads, self.reject, self.allow, self.block)
            return self._given

    def _rasters(self, source: Source) -> Iterator[NDArray[np.uint8]]:
        with open_source(source, self._loading) as pages:
            for page in pages:
                yield page.rgb


def _sources(images: Source | Sequence[Source]) -> Iterator[Source]:
    """The images of a batch, or the one."""
    if isinstance(images, np.ndarray):
        if images.ndim == 4 or (images.ndim == 3 and images.shape[-1] not in _CHANNELS):
            yield from images
        elif images.ndim in (2, 3):
            yield images
        else:
            raise InputError(f"array: shape {images.shape}; expected one image (h, w) or several (n, h, w)")
    elif isinstance(images, (list, tuple)):
        yield from images
    else:
        yield images  # type: ignore[misc]  # no other sequence is a batch
