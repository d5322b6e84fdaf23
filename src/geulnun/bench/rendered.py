"""Rendered lines and pages that no training has seen: held-out font families, held-out sentences, an own seed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from geulnun import hangul
from geulnun.bench.samples import LINE_MEASURES, PAGE_MEASURES, Sample, Slice, page_of_lines, rgb
from geulnun.charset import WITH_IDEOGRAPHS
from geulnun.errors import MissingDependencyError
from geulnun.synth.fonts import Face, Style, faces
from geulnun.synth.lines import CLEAN, HARSH, WORN, LineOptions, LineRenderer
from geulnun.synth.pages import PageOptions, render_page
from geulnun.synth.text import TextSource
from geulnun.synth.wear import Effect, WearOptions

#: Share of the 11,172 syllables a face must truly draw to take part in the slice of random syllables.
_NEARLY_ALL = 0.99
#: What a face must draw to take part in the slices of other text.
_LATIN = "0123456789AZaz.,:-()"


#: Styles of running print; the others imitate pens and signs.
PRINT: frozenset[Style] = frozenset(("sans", "serif", "mono"))


@dataclass(frozen=True)
class Kind:
    """A kind of line.

    Attributes:
        name: its row's name.
        text: its kind in `TextSource`.
        styles: of the families that draw it.
        all_syllables: whether these must draw nearly all syllables.
        ideographs: whether these must draw nearly all ideographs of KS X 1001, which the text holds.
        down: whether it stands in columns.
    """

    name: str
    text: str
    styles: frozenset[Style] = PRINT
    all_syllables: bool = False
    ideographs: bool = False
    down: bool = False


KINDS = (
    Kind("sentences", "sentence"),
    Kind("random syllables", "syllables", all_syllables=True),
    Kind("digits and punctuation", "figures"),
    Kind("Latin", "latin"),
    Kind("sentences in pen and display fonts", "sentence", frozenset(("hand", "brush", "display"))),
    Kind("hanja, alone and in sentences", "ideographs", ideographs=True),
    Kind("columns of sentences", "sentence", down=True),
)
LOOKS: dict[str, LineOptions] = {"clean": CLEAN, "worn": WORN, "harsh": HARSH}
#: Kinds of page by row name; the vertical ones are not pooled with the others.
PAGE_KINDS = {"letters": "letter", "two columns": "two_columns", "forms": "form", "receipts": "receipt"}
VERTICAL_KINDS = {"vertical text": "vertical"}
#: Kinds that are bound into books.
BOUND_KINDS = {"letters": "letter", "two columns": "two_columns", "forms": "form"}
PAGE_LOOKS: dict[str, PageOptions] = {
    "clean": PageOptions(em=(20.0, 40.0), wear=0.0, skew=0.0, perspective=0.0),
    "worn": PageOptions(em=(14.0, 36.0)),
    # Books: lines dive into the spine, at 0.35 pixels a pixel where it is steepest.
    "curled": PageOptions(
        em=(20.0, 40.0), wear=0.0, skew=0.0, perspective=0.0, look=WearOptions(curl=Effect(1.0, 40.0, 80.0))
    ),
}


def line_slices(texts: Path | None, per_family: int, seed: int) -> list[Slice]:
    """A slice for each kind and look.

    Args:
        texts: Folder of corpora; None draws from the built-in grammars.
        per_family: Lines of each slice in each held-out family.
        seed: The same seed gives the same lines.

    Raises:
        MissingDependencyError: fonts, or what opens them, are not installed.
    """
    source = TextSource(texts, "held-out")
    families = _families()
    out = []
    for kind in KINDS:
        suited = {name: [face for face in group if _suits(face, kind)] for name, group in families.items()}
        suited = {name: group for name, group in suited.items() if group}
        if not suited:
            if kind.styles != PRINT or kind.ideographs:
                continue
            raise MissingDependencyError(f"no held-out font draws {kind.name}; run `make fonts`")
        for look, options in LOOKS.items():
            where = f"{kind.name}, {look}"
            samples = partial(
                _lines, suited, source, kind, options, per_family, (seed, zlib.crc32(look.encode())), where
            )
            name = f"{where} ({len(suited)} families)"
            size = per_family * len(suited)
            out.append(Slice("rendered lines", name, "line", LINE_MEASURES, "cer", size, samples))
    return out


def syllable_families() -> dict[str, list[Face]]:
    """The held-out families of print whose faces draw nearly all syllables, by name.

    Raises:
        MissingDependencyError: there are none, or what opens fonts is not installed.
    """
    kind = next(kind for kind in KINDS if kind.all_syllables)
    suited = {name: [face for face in group if _suits(face, kind)] for name, group in _families().items()}
    if not any(suited.values()):
        raise MissingDependencyError(f"no held-out font draws {kind.name}; run `make fonts`")
    return {name: group for name, group in suited.items() if group}


def _families() -> dict[str, list[Face]]:
    """The held-out families that draw Hangul, by name."""
    out: dict[str, list[Face]] = {}
    try:
        for face in faces("held-out"):
            if face.draws("한"):
                out.setdefault(face.family.name, []).append(face)
    except ImportError as error:
        raise MissingDependencyError(f"rendering needs {error.name}; install geulnun[train]") from None
    return out


def _suits(face: Face, kind: Kind) -> bool:
    if kind.ideographs:
        drawn = sum(map(face.draws, WITH_IDEOGRAPHS.ideographs))
        return face.covers(_LATIN) and drawn > _NEARLY_ALL * len(WITH_IDEOGRAPHS.ideographs)
    if kind.all_syllables:
        return face.family.style in kind.styles and len(face.syllables) >= _NEARLY_ALL * hangul.COUNT
    return face.family.style in kind.styles and face.covers(_LATIN)


def _lines(
    families: dict[str, list[Face]],
    texts: TextSource,
    kind: Kind,
    options: LineOptions,
    per_family: int,
    seed: tuple[int, int],
    where: str,
) -> Iterator[Sample]:
    if kind.ideographs:
        texts = replace(texts, alphabet=WITH_IDEOGRAPHS)
    if kind.down:
        options = replace(options, direction="down")
    renderer = LineRenderer([face for group in families.values() for face in group], texts, options, fallback=False)
    for name, group in families.items():
        # A family's lines do not depend on which others are installed.
        rng = np.random.default_rng((*seed, zlib.crc32(name.encode()), zlib.crc32(kind.name.encode())))
        for index in range(per_family):
            drawn = renderer.draw(rng, kind=kind.text, face=group[int(rng.integers(len(group)))])
            image = rgb(drawn.image)
            truth = page_of_lines(image.shape[1], image.shape[0], [(drawn.text, None)])
            yield Sample(f"{where}/{name} {index}.png", image, truth, part=name)


def page_slices(texts: Path | None, per_kind: int, seed: int) -> list[Slice]:
    """A slice for each kind and look of page, pooled by look.

    Args:
        texts: Folder of corpora; None draws from the built-in grammars.
        per_kind: Pages of each slice.
        seed: The same seed gives the same pages.

    Raises:
        MissingDependencyError: fonts, or what opens them, are not installed.
    """
    pool = tuple(face for group in _families().values() for face in group if face.covers(_LATIN))
    source = TextSource(texts, "held-out")
    out = []
    for look, options in PAGE_LOOKS.items():
        for title, kind in (BOUND_KINDS if look == "curled" else PAGE_KINDS | VERTICAL_KINDS).items():
            vertical = title in VERTICAL_KINDS
            name, together = f"{title}, {look}", "" if vertical else f"all pages, {look}"
            samples = partial(_pages, pool, source, kind, options, per_kind, (seed, zlib.crc32(look.encode())), name)
            part = Slice(
                "rendered pages", name, "page", PAGE_MEASURES, "soft_f1", per_kind, samples, together, vertical
            )
            out.append(part)
    return out


def _pages(
    pool: tuple[Face, ...],
    texts: TextSource,
    kind: str,
    options: PageOptions,
    count: int,
    seed: tuple[int, int],
    where: str,
) -> Iterator[Sample]:
    for index in range(count):
        rng = np.random.default_rng((*seed, zlib.crc32(kind.encode()), index))
        image, truth = render_page(rng, pool, texts, kind, options)
        yield Sample(f"{where}/{index}.png", image, truth)
