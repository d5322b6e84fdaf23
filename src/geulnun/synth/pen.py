"""A pen: fonts, words, sizes and colours of one page, and the small habits of typesetting that layouts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geulnun.synth.fonts import Face, Style
from geulnun.synth.sheet import Colour, Font, Sheet, advance
from geulnun.synth.sheet import colour as colour_of
from geulnun.synth.text import TextSource

Rng = np.random.Generator

#: Signs that no line begins with, and signs that none ends with.
CLOSING = frozenset(".,!?:;)]}〉》」』】”’…·~。、ー％%")
OPENING = frozenset("([{〈《「『【“‘")


@dataclass(frozen=True)
class Pen:
    """What a layout writes with.

    Attributes:
        rng: source of every choice.
        texts: source of every word.
        faces: font faces a page may mix.
        face: face of the body text.
        em: em size of the body text in pixels.
        ink: colour of the body text.
        paper: colour under it.
        leading: distance between baselines, in em.
        tracking: extra distance between characters, in em.
        spacing: width of a word space, in spaces of the font.
        marks: share of lines that are underlined, struck through or highlighted.
        outline: colour drawn around the strokes, for text on pictures; None for none.
        fallback: faces for characters that the face lacks, as word processors have them; without one, words with
            such characters are left out.
        pool: all faces there are, for `of`.
    """

    rng: Rng
    texts: TextSource
    faces: tuple[Face, ...]
    face: Face
    em: float
    ink: Colour
    paper: Colour
    leading: float = 1.6
    tracking: float = 0.0
    spacing: float = 1.0
    marks: float = 0.0
    outline: Colour | None = None
    fallback: tuple[Face, ...] = ()
    pool: tuple[Face, ...] = ()

    def font(self, scale: float = 1.0) -> Font:
        """The body face at ``scale`` times the body size."""
        return self.face.at(max(5, round(self.em * scale)))

    def other(self) -> Pen:
        """The same pen with another of the page's faces."""
        return replace(self, face=self.faces[int(self.rng.integers(len(self.faces)))])

    def covers(self, word: str) -> bool:
        """Tell whether the face, or a fallback, draws every character of a word."""
        if not self.fallback:
            return self.face.covers(word)
        return all(self.face.draws(char) or any(face.draws(char) for face in self.fallback) for char in word)

    def others(self, words: Sequence[str], scale: float = 1.0) -> dict[str, Font]:
        """Fonts of the characters of words that the face lacks and a fallback draws."""
        if not self.fallback:
            return {}
        size = self.font(scale).size
        out: dict[str, Font] = {}
        for char in set().union(*words):
            if not self.face.draws(char):
                drawer = next((face for face in self.fallback if face.draws(char)), None)
                if drawer is not None:
                    out[char] = drawer.at(int(size))
        return out

    def length(self, text: str, scale: float = 1.0) -> float:
        """Width in pixels of words joined by spaces, as `line` would write them."""
        words = [word for word in text.split(" ") if self.covers(word)]
        font = self.font(scale)
        tracking = self.tracking * self.em * scale
        return fit(words, font, None, self.space(font), tracking, self.others(words, scale))[1]

    def of(self, *styles: Style) -> Pen:
        """The same pen with a Korean face of one of these styles, where there is one."""
        fit_ones = [face for face in self.pool if face.family.style in styles]
        if not fit_ones:
            return self
        face = fit_ones[int(self.rng.integers(len(fit_ones)))]
        return replace(self, face=face) if face.covers("가나다") else self

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly from ``low`` to ``high``."""
        return float(self.rng.uniform(low, high))

    def words(self, length: int, kind: str | None = None) -> list[str]:
        """Words of about ``length`` characters together that the face draws."""
        for _ in range(6):
            draw = self.texts.line(self.rng, length) if kind is None else self.texts.line_of(kind, self.rng, length)
            words = [word for word in draw.split(" ") if word and self.covers(word)]
            if words:
                return words
        return self._fallback()

    def prose(self, sentences: int) -> list[str]:
        """The words of a paragraph that the face draws."""
        words = [word for word in self.texts.paragraph(self.rng, sentences).split(" ") if self.covers(word)]
        return [word for word in words if word] or self._fallback()

    def _fallback(self) -> list[str]:
        """Something nearly every face draws."""
        return [word for word in ("가나다", "2026") if self.face.covers(word)][:1]

    def line(
        self,
        sheet: Sheet,
        x: float,
        y: float,
        words: Sequence[str],
        *,
        scale: float = 1.0,
        width: float | None = None,
        align: float = 0.0,
        colour: Colour | None = None,
        gap: float | None = None,
    ) -> float:
        """Write words on baseline ``y``; returns the x of their end.

        Words past ``width``, and those the face does not draw, are left out. ``align`` 0 starts at x, 0.5 centres in
        the width, 1 ends at x + width.
        """
        font = self.font(scale)
        space = self.space(font) if gap is None else gap
        tracking = self.tracking * self.em * scale
        words = [word for word in words if self.covers(word)]
        others = self.others(words, scale)
        kept, used = fit(words, font, width, space, tracking, others)
        if not kept:
            return x
        if width is not None:
            x += align * (width - used)
        self._mark(sheet, x, y, used, scale)
        return sheet.write((x, y), kept, font, colour or self.ink, space, tracking, self.outline, others)

    def space(self, font: Font) -> float:
        """Width of a word space of this pen in pixels."""
        # A space wider than a letter would part a line in two.
        return min(self.spacing * float(font.getlength(" ")), 0.9 * font.size)

    def _mark(self, sheet: Sheet, x: float, y: float, width: float, scale: float) -> None:
        """Now and then a rule under or through the line to come, or a bright bar behind it."""
        if not self.chance(self.marks):
            return
        em, style = self.em * scale, int(self.rng.integers(3))
        if style == 2:
            bright = colour_of(self.rng.uniform(0.7, 1, 3) * np.array(self.paper) + self.rng.uniform(-40, 40, 3))
            sheet.draw.rectangle((x - 0.2 * em, y - em, x + width + 0.2 * em, y + 0.3 * em), fill=bright)
        else:
            level = y + (0.18 if style == 0 else -0.33) * em
            sheet.draw.line((x, level, x + width, level), fill=self.ink, width=max(1, round(0.07 * em)))

    def paragraph(
        self,
        sheet: Sheet,
        box: tuple[float, float, float, float],
        words: Sequence[str],
        *,
        scale: float = 1.0,
        align: float = 0.0,
        justify: bool = False,
        indent: float = 0.0,
        hang: float = 0.0,
        breaks: bool = False,
    ) -> float:
        """Fill a box x0, y0, x1, y1 with words, line by line; returns the y under the last line.

        The first line is set in by ``indent`` pixels, those after it by ``hang``. With ``breaks``, a word that does not
        fit is broken between any two characters, as Korean may be.
        """
        x0, y0, x1, y1 = box
        font = self.font(scale)
        space, tracking = self.space(font), self.tracking * self.em * scale
        pitch = self.leading * self.em * scale
        y = y0 + self.em * scale
        words = list(words)
        others = self.others(words, scale)
        while words and y + 0.3 * self.em * scale < y1:
            width = x1 - x0 - indent
            kept, used = fit(words, font, width, space, tracking, others)
            if breaks and len(kept) < len(words):
                words = broken(words, len(kept), font, width - used, space, tracking, others)
                kept, used = fit(words, font, width, space, tracking, others)
            if not kept:
                words = words[1:]
                continue
            words = words[len(kept) :]
            gap = space
            if justify and words and len(kept) > 1:
                gap = min(space + (width - used) / (len(kept) - 1), max(space, 1.2 * self.em * scale))
                used += (gap - space) * (len(kept) - 1)
            x = x0 + indent + align * (width - used)
            self._mark(sheet, x, y, used, scale)
            sheet.write((x, y), kept, font, self.ink, gap, tracking, self.outline, others)
            indent, y = hang, y + pitch
        return y - 0.7 * self.em * scale


def fit(
    words: Sequence[str],
    font: Font,
    width: float | None,
    space: float,
    tracking: float = 0.0,
    others: Mapping[str, Font] | None = None,
) -> tuple[list[str], float]:
    """The first words that fit into ``width`` pixels (all without one), and the width they take."""
    kept: list[str] = []
    used = 0.0
    for word in words:
        if others:
            extent = sum(advance(others.get(char, font), char) + tracking for char in word)
        else:
            extent = sum(advance(font, char) + tracking for char in word)
        extent += space if kept else 0.0
        if width is not None and used + extent > width:
            break
        kept.append(word)
        used += extent
    return kept, used


def broken(
    words: list[str], at: int, font: Font, room: float, space: float, tracking: float, others: Mapping[str, Font]
) -> list[str]:
    """The words with that at ``at`` cut in two so that its head takes at most ``room`` pixels, if it may be cut."""
    word, used, end = words[at], space if at else 0.0, 0
    for char in word:
        used += advance(others.get(char, font), char) + tracking
        if used > room:
            break
        end += 1
    # No line begins with a closing sign nor ends with an opening one.
    while 0 < end < len(word) and (word[end] in CLOSING or word[end - 1] in OPENING or word[end].isascii()):
        end -= 1
    return [*words[:at], word[:end], word[end:], *words[at + 1 :]] if 0 < end < len(word) else words
