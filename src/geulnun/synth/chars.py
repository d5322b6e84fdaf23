"""Images of single characters: KoOCR's grids, and an endless stream that a classifier learns from.

A grid is finite and enumerated: its index names the font, the character and the hand, whatever the seed; the seed
decides what wear and hands do.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import gcd
from typing import Literal, NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import charset, hangul
from geulnun.synth import cells, hand
from geulnun.synth.fonts import Face
from geulnun.synth.sample import Sample
from geulnun.synth.wear import PRESETS, WearOptions

Image = NDArray[np.uint8]
Rng = np.random.Generator
T = TypeVar("T")
Group = Literal["printed", "handwriting-font", "handwritten"]
#: KoOCR's table: image size to x offset, y offset and character size.
KOOCR_SIZES: dict[int, tuple[int, int, int]] = {64: (5, 5, 50), 96: (8, 8, 80), 128: (14, 10, 100), 256: (50, 10, 200)}
#: Styles whose faces are handwriting fonts.
HAND_STYLES = frozenset({"hand", "brush"})
#: Tries for a character that a face draws and that can be seen.
_TRIES = 200


@dataclass(frozen=True)
class KoocrOptions:
    """What KoOCR's grid holds.

    Attributes:
        image_size: side of the square images, pixels; 64, 96, 128 and 256 have their offsets and character sizes from
            KoOCR's table, others need them given.
        x_offset: left edge of the character's box, pixels; None for the table's.
        y_offset: its top edge.
        char_size: its side, which is the em size of the font.
        group: "printed" takes the faces that are no handwriting fonts, "handwriting-font" those that are, as they are;
            "handwritten" has our hand model write with them, where KoOCR has photographs of people's writing.
        characters: "all" 11,172 syllables, "ks_x_1001" its 2,350, or the characters themselves, one after another.
        writers: hands to each font, for "handwritten"; each writes every character once.
        wear: what happens to the images; nothing by default, as in KoOCR.
        order: "mixed" strews fonts and characters over the indices, so that any first part is a fair one; "fonts" is
            font after font, in code point order.
    """

    image_size: int = 96
    x_offset: int | None = None
    y_offset: int | None = None
    char_size: int | None = None
    group: Group = "printed"
    characters: str = "ks_x_1001"
    writers: int = 1
    wear: WearOptions = field(default_factory=WearOptions)
    order: Literal["mixed", "fonts"] = "mixed"

    def __post_init__(self) -> None:
        given = (self.x_offset, self.y_offset, self.char_size)
        if self.image_size not in KOOCR_SIZES and None in given:
            sizes = ", ".join(map(str, KOOCR_SIZES))
            raise ValueError(f"image_size {self.image_size} is none of {sizes}: give x_offset, y_offset and char_size")
        x, y, side = self.box
        if side < 8 or min(x, y) < 0 or max(x, y) + side > self.image_size:
            raise ValueError(f"a character of {side} px at {x}, {y} does not fit an image of {self.image_size} px")
        if self.writers < 1 or not self.characters:
            raise ValueError(f"{self.writers} writers of {self.characters!r}; expected 1 or more and some characters")

    @property
    def box(self) -> tuple[int, int, int]:
        """Left, top and side of the character's box in pixels."""
        own = KOOCR_SIZES.get(self.image_size, (0, 0, 0))
        given = (self.x_offset, self.y_offset, self.char_size)
        x, y, side = (own[at] if value is None else value for at, value in enumerate(given))
        return x, y, side


class KoocrCell(NamedTuple):
    """One image of the grid: its character, face, and which of the face's hands wrote it (0 where none did)."""

    char: str
    face: Face
    writer: int


class KoocrGrid:
    """KoOCR's character images: every font draws every character it has, black on white, grey.

    Fonts of a pool are of one side of the split, so sets of both sides share no font, and no hand either.

    Args:
        options: what the grid holds.
        pool: faces; those of the group are taken.

    Raises:
        ValueError: no face of the pool is of the group and draws any of the characters.
    """

    def __init__(self, options: KoocrOptions, pool: Sequence[Face]) -> None:
        self.options = options
        wanted = _characters(options.characters)
        drawn = [
            (face, tuple(char for char in wanted if face.draws(char)))
            for face in pool
            if (face.family.style in HAND_STYLES) == (options.group != "printed")
        ]
        self.faces = [(face, chars) for face, chars in drawn if chars]
        if not self.faces:
            raise ValueError(f"no face of group {options.group!r} draws the characters; give others or more fonts")
        self._hands = options.writers if options.group == "handwritten" else 1
        self._starts = np.cumsum([0, *(len(chars) * self._hands for _, chars in self.faces)]).tolist()
        self._stride = _stride(self._starts[-1]) if options.order == "mixed" else 1

    @property
    def size(self) -> int:
        """Images in the grid: characters of each face together, times the hands."""
        return int(self._starts[-1])

    def cell(self, index: int) -> KoocrCell:
        """The cell of an index; every index is another one.

        Raises:
            IndexError: the grid ends before it.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"index {index} of a grid of {self.size}")
        at = index * self._stride % self.size
        which = bisect_right(self._starts, at) - 1
        face, chars = self.faces[which]
        writer, char = divmod(at - self._starts[which], len(chars))
        return KoocrCell(chars[char], face, writer)

    def sample(self, index: int, seed: int) -> Sample:
        """Draw the image of an index: grey uint8 (image_size, image_size)."""
        options, cell = self.options, self.cell(index)
        rng = np.random.default_rng((seed, index))
        x, y, side = options.box
        # KoOCR's pickles call handwriting fonts after the ones it took.
        group = "clova" if options.group == "handwriting-font" else options.group
        facts = _facts(cell.char, cell.face, group)
        if options.group == "handwritten":
            # A hand is one person's over all its characters.
            known = [face for face, _ in self.faces].index(cell.face)
            writer = hand.draw_writer(np.random.default_rng((seed, 1, known, cell.writer)))
            ink, _, below = cells.written(cell.char, cell.face, 0.9 * side, writer, rng)
            left = x + side / 2 - ink.shape[1] / 2
            facts |= {"writer": f"{cell.face.path.stem}-{cell.writer}"}
        else:
            ink, bearing, below = cells.printed(cell.char, cell.face, side)
            left = x + bearing
        ink, scale = cells.within(ink, side)
        # The middle of the face's characters stands in the middle of the box; what would leave the box is moved in.
        top = y + side / 2 + below * scale
        at_x = int(np.clip(round(left), x, x + side - ink.shape[1]))
        at_y = int(np.clip(round(top), y, y + side - ink.shape[0]))
        sheet = np.zeros((options.image_size, options.image_size), np.uint8)
        cells.place(sheet, ink, at_x, at_y)
        image, page = cells.worn(255 - sheet, cells.page(cell.char, sheet), rng, options.wear, side)
        return Sample(image, page, facts | {"size": side, "index": index})


def _characters(named: str) -> tuple[str, ...]:
    if named == "all":
        return hangul.syllables()
    if named == "ks_x_1001":
        return hangul.ks_x_1001()
    return tuple(dict.fromkeys(named))


def _stride(size: int) -> int:
    """A step that visits every index below ``size`` once, near its golden section so that neighbours lie far apart."""
    step = max(1, round(size * 0.6180339887))
    while gcd(step, size) != 1:
        step += 1
    return step


def _facts(char: str, face: Face, group: str) -> dict[str, str | int | float]:
    return {
        "name": f"{char}_{{index}}",
        "kind": "char",
        "group": group,
        "font": face.path.name,
        "family": face.family.name,
        "style": face.family.style,
        "split": face.family.split,
    }


#: What a stream draws of each kind unless it is told otherwise.
ALPHABETS: dict[str, float] = {
    "common": 45,
    "syllables": 20,
    "jamo": 5,
    "ascii": 12,
    "digits": 5,
    "symbols": 4,
    "kana": 6,
    "hanja": 3,
}


def _office() -> WearOptions:
    """Office wear without the marks and screens that hide a lone character: no one could read what is under them."""
    known = PRESETS["office"]
    halftone, strike, stamp, signature, crumple = (
        replace(known[name], chance=0) for name in ("halftone", "strike", "stamp", "signature", "crumple")
    )
    return WearOptions("office", halftone=halftone, strike=strike, stamp=stamp, signature=signature, crumple=crumple)


@dataclass(frozen=True)
class CharOptions:
    """Ranges of a stream of characters.

    Attributes:
        image_size: side of the square images, pixels.
        mix: weights of the alphabets: "common" (the syllables of KS X 1001), "syllables" (all 11,172), "jamo", "ascii"
            (letters and signs), "digits", "symbols" (signs beyond ASCII), "kana", "hanja" (4,888 of KS X 1001).
        scale: em size as a share of the image, least and most.
        shift: how far the character stands from the middle at most, as a share of the image.
        hand: share of images that the hand model writes; faces of any style serve it, handwriting fonts mostly.
        neighbours: share of images into which parts of other characters reach, as they do where a line is cut.
        inverted: share of images that are light on dark.
        wear: what happens to the images; office wear, but for what would hide a lone character.
    """

    image_size: int = 64
    mix: dict[str, float] = field(default_factory=lambda: dict(ALPHABETS))
    scale: tuple[float, float] = (0.55, 0.95)
    shift: float = 0.08
    hand: float = 0.35
    neighbours: float = 0.2
    inverted: float = 0.08
    wear: WearOptions = field(default_factory=_office)

    def __post_init__(self) -> None:
        unknown = set(self.mix) - set(ALPHABETS)
        if unknown or not any(weight > 0 for weight in self.mix.values()):
            raise ValueError(f"mix is {self.mix}; expected weights of some of {', '.join(ALPHABETS)}")
        if self.image_size < 16 or not 0.2 <= self.scale[0] <= self.scale[1] <= 2:
            raise ValueError(f"image_size {self.image_size}, scale {self.scale}; expected 16 or more and 0.2 to 2")
        for name in ("shift", "hand", "neighbours", "inverted"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 to 1")


class CharStream:
    """Characters without end: any alphabet, font, size, place, hand and wear; grey images.

    Args:
        options: ranges of the look.
        pool: faces to draw with; a family is drawn first, then one of its faces.

    Raises:
        ValueError: the pool is empty.
    """

    size = None

    def __init__(self, options: CharOptions, pool: Sequence[Face]) -> None:
        self.options = options
        self._families: dict[str, list[Face]] = {}
        for face in pool:
            self._families.setdefault(face.family.name, []).append(face)
        if not self._families:
            raise ValueError("no face to draw characters with; name some fonts or install them (make fonts)")

    def sample(self, index: int, seed: int) -> Sample:
        """Draw the character of an index: grey uint8 (image_size, image_size)."""
        options, rng = self.options, np.random.default_rng((seed, index))
        face, char = self._pick(rng)
        side = options.image_size
        # In steps of a sixteenth: a font is opened for each size, which takes longer than drawing with it.
        step = max(1, side // 16)
        em = max(8, step * round(side * float(rng.uniform(*options.scale)) / step))
        by_hand = rng.random() < options.hand * (2.0 if face.family.style in HAND_STYLES else 0.7)
        writer = hand.draw_writer(rng) if by_hand else None
        sheet = np.zeros((side, side), np.uint8)
        dx, dy = rng.uniform(-options.shift, options.shift, 2) * side
        ink, _, below = self._ink(char, face, em, writer, rng)
        for _ in range(_TRIES):
            if ink.size:
                break
            # Of a hairline, such as some fonts' underscore, nothing may be left to see at a small size.
            face, char = self._pick(rng)
            ink, _, below = self._ink(char, face, em, writer, rng)
        else:
            raise ValueError(f"nothing that the fonts draw is to be seen at {em} pixels; make image_size larger")
        ink, scale = cells.within(ink, side - 2)
        x = int(np.clip(round((side - ink.shape[1]) / 2 + dx), 0, side - ink.shape[1]))
        y = int(np.clip(round(side / 2 + below * scale + dy), 0, side - ink.shape[0]))
        cells.place(sheet, ink, x, y)
        page = cells.page(char, sheet)
        if rng.random() < options.neighbours:
            for sign in (-1, 1):
                other, _, under = self._ink(self._char(rng, face) or char, face, em, writer, rng)
                away = (ink.shape[1] + other.shape[1]) / 2 + em * float(rng.uniform(0.03, 0.25))
                left = x + ink.shape[1] / 2 + sign * away - other.shape[1] / 2
                cells.place(sheet, other, round(left), round(side / 2 + under * scale + dy))
        facts = _facts(char, face, "handwritten" if by_hand else "printed")
        image, page = cells.worn(self._paper(sheet, rng), page, rng, options.wear, em)
        return Sample(image, page, facts | {"size": em})

    def _pick(self, rng: Rng) -> tuple[Face, str]:
        names = list(self._families)
        for _ in range(_TRIES):
            face = _any(rng, self._families[_any(rng, names)])
            char = self._char(rng, face)
            if char is not None:
                return face, char
        raise ValueError(f"no face draws anything of {', '.join(self.options.mix)}; give other fonts or another mix")

    def _char(self, rng: Rng, face: Face) -> str | None:
        """A character of the mix that the face draws; None where ten tries found none."""
        kinds = list(self.options.mix)
        share = np.cumsum([self.options.mix[kind] for kind in kinds])
        for _ in range(10):
            kind = kinds[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]
            char = _any(rng, _alphabet(kind))
            if face.draws(char):
                return char
        return None

    @staticmethod
    def _ink(char: str, face: Face, em: int, writer: hand.Writer | None, rng: Rng) -> cells.Inked:
        return cells.printed(char, face, em) if writer is None else cells.written(char, face, em, writer, rng)

    def _paper(self, ink: Image, rng: Rng) -> Image:
        options = self.options
        light, dark = float(rng.uniform(150, 256)), float(rng.uniform(0, 100))
        paper, pen = (dark, light) if rng.random() < options.inverted else (light, dark)
        return np.asarray(cv2.convertScaleAbs(ink, alpha=(pen - paper) / 255, beta=paper), np.uint8)


def _any(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]


@lru_cache(maxsize=16)
def _alphabet(kind: str) -> tuple[str, ...]:
    """The characters of one kind of a mix."""
    if kind == "hanja":
        return tuple(bytes((row, cell)).decode("euc_kr") for row in range(0xCA, 0xFE) for cell in range(0xA1, 0xFF))
    if kind in ("common", "syllables"):
        return hangul.ks_x_1001() if kind == "common" else hangul.syllables()
    known = [char for char in charset.PLAIN.symbols if char != " "]
    kinds: dict[str, Callable[[str], bool]] = {
        "jamo": lambda char: char in hangul.COMPATIBILITY_JAMO,
        "digits": lambda char: char.isascii() and char.isdecimal(),
        "ascii": lambda char: char.isascii() and not char.isdecimal(),
        "kana": lambda char: "ぁ" <= char <= "ー",
    }
    if kind in kinds:
        return tuple(char for char in known if kinds[kind](char))
    return tuple(char for char in known if not any(holds(char) for holds in kinds.values()))
