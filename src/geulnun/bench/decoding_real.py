"""Decoders on real images, read as the pipeline reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from geulnun.bench import real
from geulnun.bench.samples import Sample, Slice
from geulnun.bench.score import MEASURES, MeasureName, Ratio
from geulnun.decode.options import DecodeOptions
from geulnun.document import Block, Page
from geulnun.pipeline import Reader, ReaderOptions


@dataclass(frozen=True)
class Compared:
    """A set of real images in its own measure (`Slice.primary`): the ratio of each decoder by its title."""

    set: str
    images: int
    measure: MeasureName
    ratios: Mapping[str, Ratio]


def compare(
    folder: Path,
    decoders: Mapping[str, DecodeOptions],
    weights: Path | None = None,
    advance: Callable[[str], None] = lambda name: None,
) -> list[Compared]:
    """Read the Korean sets of a folder of real images with each decoder; ``weights`` as in `Reader`."""
    readers = {title: Reader(ReaderOptions(decoding=one), recogniser=weights) for title, one in decoders.items()}
    out = []
    for part in real.slices(folder):
        # Sets of another script have its name in brackets.
        if "(" not in part.name:
            advance(part.name)
            samples = list(part.samples())
            ratios = {title: _ratio(reader, part, samples) for title, reader in readers.items()}
            out.append(Compared(part.name, len(samples), part.primary, ratios))
    return out


def _ratio(reader: Reader, part: Slice, samples: list[Sample]) -> Ratio:
    total = Ratio()
    for sample in samples:
        total += MEASURES[part.primary].compute(sample.truth, _read(reader, sample, part.level == "page"))
    return total


def _read(reader: Reader, sample: Sample, page: bool) -> Page:
    if page:
        return reader.read(sample.image).pages[0]
    height, width = sample.image.shape[:2]
    return Page(width, height, (Block((reader.read_line(sample.image),)),))
