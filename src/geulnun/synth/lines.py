"""Lines of text drawn from fonts: the recogniser's training and test material.

A line is drawn as a mask of ink with its own face, size, spacing and slant; set on paper with what
surrounds text on real pages (rules, cell borders, neighbouring lines, stamps); turned and bent a
little; cropped as loosely as a detector would; and worn. Nothing is kept on disk: a seed and a
position in the stream give the same line everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from geulnun import geometry
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.errors import UsageError
from geulnun.geometry import Floats, QuadTuple
from geulnun.spec import Direction
from geulnun.synth import columns, hand, linework, surroundings, unhinted, wear
from geulnun.synth.fonts import Face, Style, faces
from geulnun.synth.linework import Ink
from geulnun.synth.sample import Sample
from geulnun.synth.text import TextSource
from geulnun.synth.wear import Effect, Move, WearOptions

Image = NDArray[np.uint8]
Rng = np.random.Generator
T = TypeVar("T")

#: How often a style is drawn, so that print weighs most whatever the number of families.
STYLE_SHARE: dict[Style, float] = {"sans": 36, "serif": 30, "mono": 6, "hand": 13, "display": 11, "brush": 4}
#: How often text and face are drawn anew where the face draws nothing of the text.
_TRIES = 100
_SIZES = np.unique(np.round(12 * 1.13 ** np.arange(16)))


@dataclass(frozen=True)
class LineOptions:
    """Ranges of a line's look.

    Attributes:
        size: em size in pixels, least and most, drawn log-uniformly; 14 px lines are in.
        length: characters, least and most; the middle lengths are the likely ones.
        worn: share of lines that go through `wear.worn`.
        strength: wear strength, least and most.
        tidy: True for an even line: no slant, no surroundings, no odd spacing, black on white. Print as it leaves a
            computer.
        wear: the chain that worn lines go through, instead of `wear.worn` and ``strength``.
        stroke: how much thicker strokes get, in em, thinner where negative; None for the font's own.
        slant: faux italics as the tangent of the lean, to the right where positive. None here and below: the habits
            that `WORN` and `HARSH` were defined with.
        spacing: extra distance between characters in em.
        squeeze: factor of the width: condensed below 1, expanded above.
        cells: width in em of a typewriter's cells, each with one character, ASCII in half a cell; None for none.
        hinting: share of the lines whose outlines are pulled onto the pixel grid, as on screens; on paper none are, and
            they are drawn twice as fast.
        hand: share of the lines in hand and brush faces that are written as a person would (`geulnun.synth.hand`).
        direction: "down" sets columns of upright characters instead of lines (`geulnun.synth.columns`).
    """

    size: tuple[int, int] = (13, 60)
    length: tuple[int, int] = (1, 34)
    worn: float = 0.7
    strength: tuple[float, float] = (0.4, 1.3)
    tidy: bool = False
    wear: WearOptions | None = None
    stroke: Effect | None = None
    slant: Effect | None = None
    spacing: Effect | None = None
    squeeze: Effect | None = None
    cells: Effect | None = None
    hinting: float = 1.0
    hand: float = 0.0
    direction: Direction = "across"

    def __post_init__(self) -> None:
        for name, (low, high), least in (("size", self.size, 4), ("length", self.length, 1)):
            if not least <= low <= high:
                raise UsageError(f"{name} is [{low}, {high}]; expected [least, most] with {least} <= least <= most")
        if self.direction not in get_args(Direction):
            raise UsageError(f"direction is {self.direction!r}; expected one of {', '.join(get_args(Direction))}")
        for name in ("worn", "hinting", "hand"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"{name} is {getattr(self, name)}; expected a share, 0 to 1")
        for name, (least_amount, most) in _LIMITS.items():
            effect: Effect | None = getattr(self, name)
            if effect is not None and not least_amount <= effect.low <= effect.high <= most:
                raise UsageError(
                    f"{name} from {effect.low} to {effect.high}; expected {least_amount} <= low <= high <= {most}"
                )


#: Amounts that leave text which can be read.
_LIMITS = {
    "stroke": (-0.1, 0.2),
    "slant": (-1.0, 1.0),
    "spacing": (-0.3, 3.0),
    "squeeze": (0.2, 4.0),
    "cells": (0.5, 3.0),
}

CLEAN = LineOptions(size=(28, 48), length=(8, 30), worn=0.0, tidy=True)
#: Wear such as office paper has: Tesseract 5 reads about one character in fifteen of it wrongly, without spaces.
WORN = LineOptions(size=(16, 48), length=(8, 30), worn=1.0, strength=(0.2, 0.5))
#: Wear up to what no one can read: bad faxes, far photographs.
HARSH = LineOptions(size=(16, 48), length=(8, 30), worn=1.0, strength=(0.6, 1.2))


@dataclass(frozen=True)
class LineSample:
    """A drawn line: grey uint8 (h, w), its text, the face and em size that drew it, and the name of its wear.

    ``cells`` measures where the characters are, as quads (n, 4, 2) without those of spaces; `page` calls it.
    """

    image: Image
    text: str
    face: Face
    size: int
    cells: Callable[[], Floats] = field(repr=False, compare=False)
    wear: str = "none"
    vertical: bool = False

    @property
    def page(self) -> Page:
        """The truth: one line, a quad for each character; a tight crop may cut off a part of the outer ones."""
        cells = self.cells()
        words, at = [], 0
        for word in self.text.split(" "):
            part = cells[at : at + len(word)]
            chars = tuple(Char(char, quad) for char, quad in zip(word, geometry.to_tuples(part), strict=True))
            words.append(Word(chars, _span(part, self.vertical)))
            at += len(word)
        height, width = self.image.shape[:2]
        whole = _span(cells, self.vertical)
        return Page(width, height, (Block((Line(tuple(words), whole, vertical=self.vertical),), whole),))


def _nothing(text: str | None, kind: str | None) -> UsageError:
    wanted = repr(text) if text is not None else f"text of kind {kind}" if kind else "the texts"
    return UsageError(f"the fonts given draw nothing of {wanted}; choose other fonts, text or length")


def _span(quads: Floats, vertical: bool) -> QuadTuple:
    """From the start of the first quad to the end of the last."""
    # A column begins at its upper right and first runs down; so does the side of its characters that is told here.
    along = np.roll(quads, -1, axis=1) if vertical else quads
    return geometry.to_tuple(np.stack([along[0, 0], along[-1, 1], along[-1, 2], along[0, 3]]))


class LineRenderer:
    """Draws lines from faces and a text source.

    Args:
        pool: faces to draw with, of one side of the split.
        texts: where text comes from; its split should be the faces'.
        options: ranges of the look.
        fallback: draw characters that a face lacks with another face, as word processors do; False
            leaves them out of the text.
    """

    def __init__(self, pool: Sequence[Face], texts: TextSource, options: LineOptions, *, fallback: bool = True) -> None:
        self.texts = texts
        self.options = options
        self._pool = tuple(pool)
        self._korean: dict[Style, dict[str, list[Face]]] = {}
        self._latin = [face for face in pool if not face.syllables and not face.draws("か")]
        self._kana = [face for face in pool if face.draws("か")]
        self._ideographic: dict[str, list[Face]] = {}
        for face in pool:
            if face.draws("韓"):
                self._ideographic.setdefault(face.family.name, []).append(face)
            if face.syllables:
                self._korean.setdefault(face.family.style, {}).setdefault(face.family.name, []).append(face)
        wide = [face for face in self._kana if face.syllables and face.draws("①") and face.draws("㉮")]
        self._fallback = wide if fallback else []

    def stream(self, seed: int, worker: int = 0) -> Iterator[LineSample]:
        """Lines without end; the same seed and worker give the same lines."""
        rng = np.random.default_rng((seed, worker))
        while True:
            yield self.draw(rng)

    def draw(self, rng: Rng, text: str | None = None, kind: str | None = None, face: Face | None = None) -> LineSample:
        """Draw one line; ``text``, ``kind`` of text and ``face`` are drawn at random where not given."""
        low, high = self.options.length
        length = int(np.clip(rng.gamma(2.2, 5.0), low, high))
        for _ in range(_TRIES):
            chosen = face or self.face(rng, kind)
            drawn = text if text is not None else self._text(rng, kind, length, chosen)
            used = self._faces_of(rng, drawn, chosen)
            kept = " ".join("".join(char for char in drawn if char == " " or char in used).split())
            if kept:
                return self._picture(rng, kept, used, chosen)
            if text is not None and face is not None:
                raise ValueError(f"{face.path.name} draws nothing of {text!r}; choose another face or text")
        raise _nothing(text, kind)

    def sample(self, rng: Rng, text: str | None = None, kind: str | None = None, face: Face | None = None) -> Sample:
        """Draw one line as `draw` does, with the truth of its characters."""
        return _sample(self.draw(rng, text, kind, face), kind)

    def word(self, rng: Rng, text: str | None = None, kind: str | None = None, face: Face | None = None) -> Sample:
        """Draw a line and cut one of its eojeol out, as a word detector would: the next ones' edges may be seen."""
        low, high = self.options.length
        chosen = face or self.face(rng, kind)
        for _ in range(_TRIES):
            line = text if text is not None else self._text(rng, kind, 2 * high, chosen)
            used = self._faces_of(rng, line, chosen)
            words = ["".join(char for char in word if char in used) for word in line.split(" ")]
            # A word too long is cut, as it would have been had it stood at the end of a line.
            words = words if text is not None else [word[:high] for word in words]
            fitting = [at for at, word in enumerate(words) if word and (text is not None or len(word) >= low)]
            if fitting:
                break
            chosen = face or self.face(rng, kind)
        else:
            raise _nothing(text, kind)
        at = fitting[int(rng.integers(len(fitting)))]
        # The neighbours are all that can be seen of the rest of the line.
        before, after = (
            [word for word in near if word] for near in (words[max(0, at - 1) : at], words[at + 1 : at + 2])
        )
        kept = " ".join([*before, words[at], *after])
        part = sum(map(len, before)), len(words[at])
        return _sample(self._picture(rng, kept, used, chosen, part), kind)

    def face(self, rng: Rng, kind: str | None = None) -> Face:
        """Draw a face: first its style, then a family, then one of its weights."""
        if kind == "kana" and self._kana and rng.random() < 0.6:
            return _any(rng, self._kana)
        if kind == "latin" and self._latin and rng.random() < 0.4:
            return _any(rng, self._latin)
        if not self._korean:
            return _any(rng, self._pool)
        styles = list(self._korean)
        share = np.cumsum([STYLE_SHARE[style] for style in styles])
        named = self._korean[styles[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]]
        return _any(rng, named[_any(rng, list(named))])

    def _text(self, rng: Rng, kind: str | None, length: int, face: Face) -> str:
        syllables = face.syllables or None
        if kind is None:
            return self.texts.line(rng, length, syllables)
        return self.texts.line_of(kind, rng, length, syllables)

    def _faces_of(self, rng: Rng, text: str, face: Face) -> dict[str, Face]:
        """The face that draws each character of ``text``; characters that none draws are absent."""
        used: dict[str, Face] = {}
        other = _any(rng, self._fallback) if self._fallback else face
        # Documents often set Latin and digits in a Latin face of their own.
        latin = _any(rng, self._latin) if self._latin and self._fallback and rng.random() < 0.1 else face
        ideographic = face
        if self._fallback and self._ideographic and any(map(_is_ideograph, text)) and rng.random() < 0.6:
            # Few Korean faces draw ideographs: all that do should be seen, those for Japanese text among them.
            ideographic = _any(rng, self._ideographic[_any(rng, list(self._ideographic))])
        for char in dict.fromkeys(text.replace(" ", "")):
            for candidate in (latin if char.isascii() else ideographic if _is_ideograph(char) else face, face, other):
                if candidate.draws(char):
                    used[char] = candidate
                    break
        return used

    def _picture(
        self, rng: Rng, text: str, used: dict[str, Face], face: Face, part: tuple[int, int] | None = None
    ) -> LineSample:
        """Draw a text, or the ``part`` (first, count) of its characters without spaces."""
        options = self.options
        low, high = options.size
        size = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
        # A grid of sizes: opened fonts are kept, and every size is another one.
        size = round(float(_SIZES[np.argmin(np.abs(_SIZES - size))]))
        # No draw where every line is hinted: seeds of older lines stay good.
        hinted = options.hinting == 1 or bool(rng.random() < options.hinting)
        opener = Face.at if hinted else unhinted.at
        ink = self._ink(rng, text, used, face, size, opener)
        if not options.tidy:
            ink = surroundings.surround(rng, ink, face, size, self.texts, opener)
            ink = linework.bend(rng, ink, upright=options.slant is not None)
        if options.slant is not None:
            ink = linework.shear_ink(ink, linework.amount(rng, options.slant, 0.0))
        if part is not None:
            ink = linework.focus(ink, *part)
            text = text.replace(" ", "")[part[0] : sum(part)]
        ink = linework.crop(rng, ink, options.tidy, options.squeeze, None if part is None else ink.left)
        image = linework.on_paper(rng, ink.mask, options.tidy)
        move, worn = Move(), "none"
        if rng.random() < options.worn:
            if options.wear is None:
                worn = "plain"
                image = wear.worn(image, rng, float(rng.uniform(*options.strength)))
            else:
                worn = options.wear.preset
                # A stroke at the crop's edge must not be drawn out over what geometry shows beyond it.
                image, move = wear.apply(image, rng, options.wear, size, fill=wear.paper_tone(image))
        if options.direction == "down":
            lying = image.shape[0]
            stood = np.ascontiguousarray(np.rot90(image, -1))
            return LineSample(stood, text, face, size, lambda: columns.upright(move(ink.quads), lying), worn, True)
        return LineSample(image, text, face, size, lambda: move(ink.quads), worn)

    def _ink(self, rng: Rng, text: str, used: dict[str, Face], face: Face, size: int, opener: linework.Opener) -> Ink:
        options = self.options
        if options.direction == "down":
            how = linework.setting(rng, face, size, options.tidy, options.spacing, None, opener)
            ink = columns.draw_column(rng, text, used, size, options.tidy, how, opener)
        elif options.hand > 0 and face.family.style in ("hand", "brush") and rng.random() < options.hand:
            ink = linework.written(hand.write(text, used, size, hand.draw_writer(rng), rng))
        else:
            how = linework.setting(rng, face, size, options.tidy, options.spacing, options.cells, opener)
            ink = linework.draw_ink(rng, text, used, face, size, options.tidy, how, opener)
        if options.stroke is not None:
            ink = linework.thicken(ink, linework.amount(rng, options.stroke, 0.0) * size)
        return ink


def _sample(drawn: LineSample, kind: str | None) -> Sample:
    family = drawn.face.family
    facts: dict[str, str | int | float] = {
        "font": drawn.face.path.name,
        "family": family.name,
        "style": family.style,
        "size": drawn.size,
        "wear": drawn.wear,
    }
    return Sample(drawn.image, lambda: drawn.page, facts | ({"kind": kind} if kind else {}), drawn.text)


def train_renderer(texts: TextSource, options: LineOptions | None = None) -> LineRenderer:
    """The renderer that trains: faces and texts of the training side."""
    return LineRenderer(faces("train"), texts, options or LineOptions())


def _is_ideograph(char: str) -> bool:
    return "\u4e00" <= char < "\ua000"


def _any(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]
