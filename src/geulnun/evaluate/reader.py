"""Our own reader as a run: it reads the truth's images, pages with detection and cut-out lines without."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from geulnun.document import Block, Document, Page
from geulnun.errors import MissingInputError
from geulnun.evaluate.cases import Case, Level
from geulnun.evaluate.pairing import Readings
from geulnun.pipeline import Reader
from geulnun.read import open_source


def readings(
    cases: Sequence[Case],
    reader: Reader,
    label: str = "Geulnun",
    level: Level | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Readings:
    """What ``reader`` reads from the images of a truth, each when it is asked for.

    Args:
        cases: the truth; what has no image has no reading.
        reader: who reads.
        label: what the run is called.
        level: "page" or "line" for all; None leaves it to each case.
        progress: told of each file.

    Raises:
        MissingInputError: no case has an image.
    """
    images = {case.name: case for case in cases if case.image is not None}
    if not images:
        raise MissingInputError(
            "the truth has no images to read; put each beside its truth under the same name, or name saved readings"
        )
    places = {name: at for at, name in enumerate(images)}

    def load(name: str) -> Document:
        progress(f"reading {name}", places[name], len(places))
        return _read(reader, images[name], level or images[name].level)

    return Readings(label, tuple(images), load)


def _read(reader: Reader, case: Case, level: Level) -> Document:
    assert case.image is not None
    source = case.image()
    if level == "page":
        return reader.read(source)
    with open_source(source, reader.options.loading()) as rasters:
        rgb = next(iter(rasters)).rgb
    line = reader.read_line(rgb)
    page = Page(rgb.shape[1], rgb.shape[0], (Block((line,)),) if line.words else (), case.pages[0].number)
    return Document((page,), case.name)
