"""Whole pages with their truth: layout, seals, wear and camera over one sheet.

`render` is a pure function of its generator, so a page can be drawn again from its seed, and nothing is written
to disk between drawing and use.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np

from geulnun.document import Page
from geulnun.errors import UsageError
from geulnun.geometry import Floats
from geulnun.synth import wear
from geulnun.synth.backdrop import matrix_code, picture, seal, stray
from geulnun.synth.fonts import Face
from geulnun.synth.layouts import LAYOUTS, Layout
from geulnun.synth.mounts import homography
from geulnun.synth.pen import Pen
from geulnun.synth.sample import Sample
from geulnun.synth.sheet import Colour, Pixels, Sheet, colour
from geulnun.synth.text import TextSource
from geulnun.synth.wear import WearOptions

Rng = np.random.Generator

Paper = Literal["any", "a4", "a5", "b5"]
#: Widths and heights in millimetres (ISO 216; B5 as Korea and Japan cut it).
PAPERS: dict[str, tuple[float, float]] = {"a4": (210, 297), "a5": (148, 210), "b5": (182, 257)}
#: Every kind of page there is.
KINDS = tuple(LAYOUTS)


@dataclass(frozen=True)
class PageOptions:
    """How pages are drawn; each is drawn anew from these ranges.

    Attributes:
        em: least and greatest size of body text in pixels; the page's size follows from it.
        longest: no side gets longer than this, in pixels.
        wear: 0 for clean pages, 1 for what real scans and photos show.
        skew: greatest tilt in degrees; half of all pages stay straight, most others nearly so.
        perspective: greatest shift of a corner, as a share of the page's side.
        turns: whether pages are also turned by 90, 180 and 270 degrees.
        extras: chance of seals, codes and stray lines.
        mixed: whether every kind draws what a face lacks with another face (newer kinds always do).
        paper: a paper size, upright, or "any" for sizes that follow from ``em``; on paper, ``em`` follows from the
            width and the layout.
        dpi: resolution of papers.
        look: the chain of wear, which may move the page; None for the older chain, whose strength is ``wear``.
    """

    em: tuple[float, float] = (9.0, 30.0)
    longest: int = 4000
    wear: float = 1.0
    skew: float = 15.0
    perspective: float = 0.04
    turns: bool = False
    extras: float = 0.25
    mixed: bool = False
    paper: Paper = "any"
    dpi: float = 150.0
    look: WearOptions | None = None

    def __post_init__(self) -> None:
        if not 4 <= self.em[0] <= self.em[1] or self.longest < 32:
            raise UsageError(f"em {self.em} and longest {self.longest}; expected 4 <= em, low <= high, longest >= 32")


DEFAULT_OPTIONS = PageOptions()


@dataclass(frozen=True)
class Mix:
    """How often each kind of page is drawn."""

    weights: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS, 1.0))

    def __post_init__(self) -> None:
        for name in self.weights:
            if name not in LAYOUTS:
                near = difflib.get_close_matches(name, KINDS, n=1)
                raise UsageError(
                    f"no kind of page is called {name!r}; expected {near[0] if near else ', '.join(KINDS)}"
                )

    def draw(self, rng: Rng) -> str:
        """The name of a kind."""
        names = list(self.weights)
        share = np.array([self.weights[name] for name in names])
        return str(names[int(rng.choice(len(names), p=share / share.sum()))])


def render_page(
    rng: Rng, faces: Sequence[Face], texts: TextSource, kind: str, options: PageOptions = DEFAULT_OPTIONS
) -> tuple[Pixels, Page]:
    """Draw one page.

    Args:
        rng: decides everything; the same state gives the same page.
        faces: fonts to draw with.
        texts: words to write.
        kind: one of `KINDS`.
        options: sizes and wear.

    Returns:
        RGB uint8 pixels (h, w, 3) and the truth, whose `rotation` is the turn that makes the page upright.
    """
    sheet, rotation = render_sheet(rng, faces, texts, kind, options)
    return np.array(sheet.image), sheet.page(rotation)


def render_sample(
    rng: Rng, faces: Sequence[Face], texts: TextSource, kind: str, options: PageOptions = DEFAULT_OPTIONS
) -> Sample:
    """Draw one page as `render_page` does, with what it was made of: its kind, and the family and style of its text."""
    sheet, rotation = render_sheet(rng, faces, texts, kind, options)
    worn = options.look.preset if options.look is not None else "plain" if options.wear > 0 else "none"
    facts: dict[str, str | int | float] = {"kind": kind, "em": round(sheet.em, 2), "wear": worn}
    if sheet.face is not None:
        family = sheet.face.family
        facts |= {"font": sheet.face.path.name, "family": family.name, "style": family.style}
    return Sample(np.array(sheet.image), sheet.page(rotation), facts)


def render_sheet(
    rng: Rng, faces: Sequence[Face], texts: TextSource, kind: str, options: PageOptions = DEFAULT_OPTIONS
) -> tuple[Sheet, int]:
    """Draw one page as `render_page` does, without building its document tree; returns it with its rotation."""
    layout = LAYOUTS[kind]
    em = float(np.exp(rng.uniform(np.log(options.em[0]), np.log(options.em[1]))))
    width = em * rng.uniform(*layout.width)
    height = width * rng.uniform(*layout.ratio)
    em *= min(1.0, options.longest / max(width, height))
    width, height = (round(min(side, options.longest)) for side in (width, height))
    if options.paper != "any":
        aspect = width / em
        width, height = (round(side / 25.4 * options.dpi) for side in PAPERS[options.paper])
        em = width / aspect
    ink, paper = _colours(rng, rng.random() < layout.dark)
    sheet = Sheet.blank(width, height, paper)
    sheet.dpi = options.dpi if options.paper != "any" else None
    pen = _pen(rng, faces, texts, layout, em, ink, paper, options.mixed)
    sheet.em, sheet.face = em, pen.face
    layout.draw(sheet, pen)
    sheet.settle()
    _extras(sheet, pen, options.extras)
    _camera(sheet, pen, options)
    rotation = int(rng.integers(4)) * 90 if options.turns else 0
    sheet.turn((360 - rotation) % 360)
    if options.look is not None:
        pixels, move = wear.apply(np.asarray(sheet.image), rng, options.look, em)
        if move.still:
            sheet.paint(pixels)
        else:
            sheet.move(pixels, move)
        sheet.settle()
    elif options.wear > 0:
        sheet.paint(wear.worn(np.asarray(sheet.image), rng, options.wear * rng.uniform(0.2, 1)))
    return sheet, rotation


def _pen(
    rng: Rng,
    faces: Sequence[Face],
    texts: TextSource,
    layout: Layout,
    em: float,
    ink: Colour,
    paper: Colour,
    mixed: bool,
) -> Pen:
    pool = tuple(face for face in faces if face.family.style in layout.styles) or faces
    chosen = tuple(_korean(rng, pool) for _ in range(3))
    return Pen(
        rng=rng,
        texts=texts,
        faces=chosen,
        face=chosen[0],
        em=em,
        ink=ink,
        paper=paper,
        leading=float(rng.uniform(*layout.leading)),
        tracking=float(rng.choice([0, 0, 0, 0, -0.04, 0.05, 0.12])),
        spacing=float(np.exp(rng.uniform(-0.3, 0.55))) if rng.random() < 0.5 else 1.0,
        marks=layout.marks,
        fallback=_fallback(tuple(faces)) if layout.mixed or mixed else (),
        pool=tuple(faces),
    )


@lru_cache(maxsize=8)
def _fallback(faces: tuple[Face, ...]) -> tuple[Face, ...]:
    """Faces that draw what many lack: signs, hanja and kana, and Latin."""
    wanted = ("가①□", "漢字かー", "Aé")
    found = (next((face for face in faces if face.covers(probe)), None) for probe in wanted)
    return tuple(face for face in found if face is not None)


def _korean(rng: Rng, faces: Sequence[Face]) -> Face:
    """One of the faces, if possible one that draws Korean: others would leave most of a page out."""
    tried = [faces[int(at)] for at in rng.integers(len(faces), size=20)]
    return next((face for face in tried if face.covers("가나다")), tried[0])


def _colours(rng: Rng, dark: bool) -> tuple[Colour, Colour]:
    """Ink and paper of a page: mostly black on white, some tinted, with enough contrast to be read."""
    low, high = float(rng.uniform(0, 110)), float(rng.uniform(215, 256))
    if rng.random() < 0.5:
        low, high = float(rng.uniform(0, 40)), float(rng.uniform(240, 256))
    tint = rng.uniform(-25, 12, 3) if rng.random() < 0.4 else np.zeros(3)
    stain = rng.uniform(-40, 90, 3) if rng.random() < 0.15 else np.zeros(3)
    ink, paper = colour(low + stain), colour(high + tint)
    return (paper, ink) if dark else (ink, paper)


def _extras(sheet: Sheet, pen: Pen, chance: float) -> None:
    quads = sheet.quads()
    if pen.chance(chance):
        for _ in range(int(pen.rng.integers(1, 3))):
            side = pen.between(2.5, 7) * pen.em
            # Where seals go: over the end of a line.
            corner = (
                quads[int(pen.rng.integers(len(quads))), 1] - side * pen.between(0.2, 0.8)
                if len(quads)
                else np.array([pen.between(0, sheet.width), pen.between(0, sheet.height)])
            )
            seal(sheet, pen, float(corner[0]), float(corner[1]), side)
    if pen.chance(chance * 0.4):
        side = pen.between(4, 8) * pen.em
        x, y = pen.between(0, max(sheet.width - side, 1)), pen.between(0, max(sheet.height - side, 1))
        covered = [run for run in sheet.runs if _meets(run.quad, (x, y, x + side, y + side))]
        if not covered:
            matrix_code(sheet, pen, x, y, side)
    while pen.chance(chance):
        stray(sheet, pen)


def _meets(quad: Floats, box: tuple[float, float, float, float]) -> bool:
    low, high = quad.min(0), quad.max(0)
    return bool(low[0] < box[2] and box[0] < high[0] and low[1] < box[3] and box[1] < high[1])


def _camera(sheet: Sheet, pen: Pen, options: PageOptions) -> None:
    """Tilt the sheet and pull its corners, on a canvas that holds it whole."""
    rng, paper = pen.rng, pen.paper
    tilt = 0.0
    if options.skew > 0 and rng.random() < 0.5:
        # Scanned pages lean by a degree or two; photographs by anything.
        tilt = float(
            np.clip(rng.normal(0, options.skew * (0.1 if rng.random() < 0.5 else 0.6)), -options.skew, options.skew)
        )
    pull = rng.uniform(0, options.perspective) if options.perspective > 0 and rng.random() < 0.25 else 0.0
    if abs(tilt) < 0.05 and pull == 0:
        return
    width, height = sheet.width, sheet.height
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    target = corners + rng.uniform(-1, 1, (4, 2)) * pull * min(width, height)
    turn = np.radians(tilt)
    target = target @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    target -= target.min(0)
    rim = rng.uniform(0, 0.1, 4) * min(width, height) * (rng.random() < 0.3)
    target += rim[:2]
    size = np.ceil(target.max(0) + rim[2:]).astype(int)
    border = paper if rng.random() < 0.4 else colour(rng.uniform(0, 255, 3))
    sheet.warp(homography(corners, target), int(size[0]), int(size[1]), border)
    if border != paper and rng.random() < 0.5:
        _desk(sheet, pen, target)


def _desk(sheet: Sheet, pen: Pen, corners: Floats) -> None:
    """Put something photo-like around the page whose corners (4, 2) are given."""
    desk = Sheet.blank(sheet.width, sheet.height, pen.paper)
    picture(desk, pen, (0, 0, sheet.width, sheet.height))
    page = cv2.fillConvexPoly(np.zeros((sheet.height, sheet.width), np.uint8), np.round(corners).astype(np.int32), 1)
    sheet.paint(np.where(page[..., None] > 0, np.asarray(sheet.image), np.asarray(desk.image)))
