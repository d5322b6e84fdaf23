"""The line generator of ocr_kor: TextRecognitionDataGenerator's options, each doing what its description says.

Written anew from the options' documented meaning, with our fonts, texts and hand model. Text is drawn once, turned,
distorted, brought to the wanted height, set on a ground and blurred, in this order; quads go the same way.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun import charset
from geulnun.errors import MissingInputError
from geulnun.geometry import Floats
from geulnun.synth import grounds, hand, strips
from geulnun.synth.fonts import Face, Family
from geulnun.synth.sample import Sample
from geulnun.synth.text import TextSource

Image = NDArray[np.uint8]
Rng = np.random.Generator
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_AROUND = re.compile(r"^\W+|\W+$")
_SYMBOLS = "!\"#$%&'()*+,-./:;?@[]^_{|}~"


@dataclass(frozen=True)
class TrdgOptions:
    """Options of ocr_kor's generator; the letters in brackets are its own.

    Its --output_dir and -t (threads) are ``-o`` and ``--workers`` of our command, its -e the extension of a recipe's
    ``save``.

    Attributes:
        count: how many lines [-c].
        input_file: text file whose lines are taken in turn [-i]; None to draw words.
        language: "ko" or "en" [-l]; decides the words and what letters are.
        sentences: pieces of corpus sentences of about ``words`` words [-wk, which asked Wikipedia].
        random_sequences: words of random characters [-rs], of the three kinds below, or of all if none is named.
        letters: letters in random words: syllables for "ko" [-let].
        numbers: digits in random words [-num].
        symbols: signs in random words [-sym]; names then follow ``naming`` 2, as a sign may not fit a file name.
        words: words in a line [-w].
        random_length: 1 to ``words`` words instead [-r].
        height: height of images, or width of those with vertical text, pixels [-f].
        skew: turn of the text, degrees against the clock [-k].
        random_skew: turned by -``skew`` to ``skew`` instead [-rk].
        blur: Gaussian blur, standard deviation in pixels [-bl].
        random_blur: blurred by 0 to ``blur`` instead [-rbl].
        background: 0 Gaussian noise, 1 white, 2 quasicrystal, 3 pictures [-b].
        pictures: folder of pictures for ``background`` 3; None for pictures of our own making.
        handwritten: written by our hand model [-hw, which was a network trained on English].
        naming: 0 TEXT_ID, 1 ID_TEXT, 2 ID alone [-na]; labels are what the writer of the set makes of them.
        distortion: 0 none, 1 sine, 2 cosine, 3 random [-d]; by up to the square root of the text's height.
        distortion_orientation: 0 up and down, 1 left and right, 2 both [-do].
        width: width of the image in pixels; -1 for that of text and margins; wider text wins [-wd]. Vertical text has
            none.
        alignment: where text stands in a wider image: 0 left, 1 centre, 2 right [-al].
        orientation: 0 horizontal, 1 vertical [-or].
        text_colour: "#rrggbb", or two with a comma between: each channel is drawn between them [-tc].
        space_width: width of a space, in spaces of the font [-sw].
        margins: top, left, bottom, right, pixels [-m].
        fit: cut to the ink before margins are added [-fi].
        font: a font file; None for those of the recipe [-ft].
    """

    count: int = 1000
    input_file: Path | None = None
    language: Literal["ko", "en"] = "ko"
    sentences: bool = False
    random_sequences: bool = False
    letters: bool = False
    numbers: bool = False
    symbols: bool = False
    words: int = 1
    random_length: bool = False
    height: int = 32
    skew: float = 0
    random_skew: bool = False
    blur: float = 0
    random_blur: bool = False
    background: Literal[0, 1, 2, 3] = 0
    pictures: Path | None = None
    handwritten: bool = False
    naming: Literal[0, 1, 2] = 0
    distortion: Literal[0, 1, 2, 3] = 0
    distortion_orientation: Literal[0, 1, 2] = 0
    width: int = -1
    alignment: Literal[0, 1, 2] = 1
    orientation: Literal[0, 1] = 0
    text_colour: str = "#282828"
    space_width: float = 1.0
    margins: tuple[int, int, int, int] = (5, 5, 5, 5)
    fit: bool = False
    font: Path | None = None

    def __post_init__(self) -> None:
        for name, least in (("count", 1), ("words", 1), ("blur", 0), ("space_width", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; expected {least} or more")
        if not -90 <= self.skew <= 90:
            raise ValueError(f"skew is {self.skew}; expected -90 to 90 degrees")
        if min(self.margins) < 0 or self.height - self.across < 8:
            raise ValueError(
                f"margins {self.margins} leave {self.height - self.across} of {self.height} px; expected 8 or more"
            )
        colours = self.text_colour.split(",")
        if len(colours) > 2 or not all(_COLOUR.fullmatch(colour) for colour in colours):
            raise ValueError(f"text_colour is {self.text_colour!r}; expected #rrggbb or #rrggbb,#rrggbb")
        for path in (self.input_file, self.font, self.pictures):
            if path is not None and not path.exists():
                raise MissingInputError(f"{path}: no such file or folder; name one or leave the option out")

    @property
    def across(self) -> int:
        """Margins across the direction of the text together, pixels."""
        top, left, bottom, right = self.margins
        return left + right if self.orientation else top + bottom


class TrdgLines:
    """A source of ocr_kor's lines: RGB images of one line each.

    Args:
        options: what they look like.
        pool: faces to draw with; not needed where the options name a font.
        texts: where words come from.

    Raises:
        ValueError: there is no face to draw with.
    """

    def __init__(self, options: TrdgOptions, pool: Sequence[Face], texts: TextSource) -> None:
        self.options = options
        self.texts = texts
        if options.font is not None:
            family = Family(options.font.stem, "sans", texts.split, "unknown", (options.font.name,))
            pool = [Face(family, options.font)]
        korean = [face for face in pool if face.syllables] if options.language == "ko" else list(pool)
        if not korean:
            raise ValueError(f"no font for language {options.language!r}; name one or install some (make fonts)")
        self.pool = korean

    @property
    def size(self) -> int:
        """As many as the options ask for."""
        return self.options.count

    def sample(self, index: int, seed: int) -> Sample:
        """Draw the line of an index."""
        options, rng = self.options, np.random.default_rng((seed, index))
        face = self.pool[int(rng.integers(len(self.pool)))]
        text = _words(options, face, self.texts, rng, index)
        angle = float(rng.uniform(-1, 1)) * options.skew if options.random_skew else options.skew
        drawn = strips.turn(self._strip(text, face, rng), angle)
        drawn = strips.distort(drawn, options.distortion, options.distortion_orientation, rng)
        image, quads = _compose(drawn, options, rng)
        naming = 2 if options.random_sequences and _kinds(options)[2] else options.naming
        # Whoever writes the set fills in its running number and replaces what a file name cannot hold.
        name = (f"{text}_{{index}}", f"{{index}}_{text}", "{index}")[naming]
        facts = {
            "name": name,
            "kind": "trdg",
            "group": "handwritten" if options.handwritten else "printed",
            "font": face.path.name,
            "family": face.family.name,
            "style": face.family.style,
            "skew": round(angle, 2),
        }
        height, width = image.shape[:2]
        page = strips.page(text, quads, width, height, is_vertical=bool(options.orientation))
        return Sample(image, page, facts)

    def _strip(self, text: str, face: Face, rng: Rng) -> strips.Strip:
        options = self.options
        writer = hand.draw_writer(rng) if options.handwritten else None
        set_text = strips.vertical if options.orientation else strips.horizontal
        drawn = set_text(text, face, options.height, options.space_width, writer, rng)
        return strips.fit(drawn) if options.fit else drawn


def _words(options: TrdgOptions, face: Face, texts: TextSource, rng: Rng, index: int) -> str:
    """The text of one line, of characters that the face draws; never empty."""
    wanted = int(rng.integers(1, options.words + 1)) if options.random_length else options.words
    for _ in range(50):
        if options.input_file is not None:
            lines = _lines(options.input_file)
            words = lines[index % len(lines)].split()
        elif options.random_sequences:
            words = [_sequence(options, face, rng) for _ in range(wanted)]
        elif options.sentences:
            words = texts.line_of("sentence" if options.language == "ko" else "latin", rng, 4 * wanted).split()
        else:
            words = []
            while len(words) < wanted:
                words += texts.line_of("words" if options.language == "ko" else "latin", rng, 6).split()
            # Dictionary words: what our lists put around them, quotes and commas, is left out.
            words = [_AROUND.sub("", word) for word in words[:wanted]]
        kept = ["".join(char for char in word if face.draws(char)) for word in words]
        text = " ".join(word for word in kept if word)
        if text:
            return text
        index += 1
    raise ValueError(f"{face.path.name} draws nothing of the text it is given; choose another font or text")


def _kinds(options: TrdgOptions) -> tuple[bool, bool, bool]:
    """Which of letters, numbers and symbols random words hold."""
    kinds = (options.letters, options.numbers, options.symbols)
    return kinds if any(kinds) else (True, True, True)


def _sequence(options: TrdgOptions, face: Face, rng: Rng) -> str:
    letters, numbers, symbols = _kinds(options)
    korean = options.language == "ko"
    pool: Sequence[str] = ()
    if letters:
        # As many syllables as an English alphabet would bury digits and signs among 11,172.
        pool = (
            [face.syllables[int(at)] for at in rng.integers(len(face.syllables), size=30)]
            if korean
            else string.ascii_letters
        )
    pool = [*pool, *(string.digits if numbers else ""), *(_SYMBOLS if symbols else "")]
    return "".join(pool[int(at)] for at in rng.integers(len(pool), size=int(rng.integers(1, 6 if korean else 11))))


@lru_cache(maxsize=8)
def _lines(path: Path) -> tuple[str, ...]:
    """The lines of a text file that hold something, normalised."""
    found = tuple(line for line in map(charset.normalise, path.read_text("utf-8").splitlines()) if line)
    if not found:
        raise MissingInputError(f"{path}: holds no line of text; give one or more")
    return found


def _compose(strip: strips.Strip, options: TrdgOptions, rng: Rng) -> tuple[Image, Floats]:
    """Bring a strip to its size, set it on its ground in its colour, blur: RGB (h, w, 3), and the quads there."""
    top, left, bottom, right = options.margins
    high, wide = strip.ink.shape
    if options.orientation:
        inner = options.height - left - right
        strip = strips.resize(strip, inner, max(1, round(high * inner / wide)))
        width, height, x = options.height, strip.ink.shape[0] + top + bottom, left
    else:
        inner = options.height - top - bottom
        strip = strips.resize(strip, max(1, round(wide * inner / high)), inner)
        text = strip.ink.shape[1]
        width, height = max(options.width, text + left + right), options.height
        x = (left, left + (width - left - right - text) // 2, width - right - text)[options.alignment]
    ground = _ground(height, width, options, rng).astype(np.float32)
    into = ground[top : top + strip.ink.shape[0], x : x + strip.ink.shape[1]]
    cover = strip.ink[..., None].astype(np.float32) / 255
    into += (_colour(options.text_colour, rng) - into) * cover
    sigma = float(rng.uniform(0, 1)) * options.blur if options.random_blur else float(options.blur)
    image = np.asarray(np.clip(np.round(ground), 0, 255), np.uint8)
    if sigma > 0.05:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
    return image, strip.quads + (x, top)


def _ground(height: int, width: int, options: TrdgOptions, rng: Rng) -> Image:
    if options.background == 0:
        return grounds.noise(height, width, rng)
    if options.background == 1:
        return grounds.white(height, width)
    if options.background == 2:
        return grounds.quasicrystal(height, width, rng)
    if options.pictures is not None:
        return grounds.cut_from(options.pictures, height, width, rng)
    return grounds.picture(height, width, rng)


def _colour(text: str, rng: Rng) -> NDArray[np.float32]:
    """A colour (3,): the one given, or each channel drawn between two."""
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in text.split(",")]
    low, high = np.minimum(ends[0], ends[-1]), np.maximum(ends[0], ends[-1])
    return rng.integers(low, high + 1).astype(np.float32)
