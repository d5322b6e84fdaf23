"""Lines of text drawn from fonts: the recogniser's training and test material.

A line is drawn as a mask of ink with its own face, size, spacing and slant; set on paper with what
surrounds text on real pages (rules, cell borders, neighbouring lines, stamps); turned and bent a
little; cropped as loosely as a detector would; and worn. Nothing is kept on disk: a seed and a
position in the stream give the same line everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun.hangul import is_syllable
from geulnun.synth import wear
from geulnun.synth.fonts import Face, Style, faces
from geulnun.synth.text import TextSource

Image = NDArray[np.uint8]
Rng = np.random.Generator
T = TypeVar("T")

#: How often a style is drawn, so that print weighs most whatever the number of families.
STYLE_SHARE: dict[Style, float] = {"sans": 36, "serif": 30, "mono": 6, "hand": 13, "display": 11, "brush": 4}
#: Mark whose ink, with the line's own, spans the line from top to bottom.
REFERENCE = "한글"
#: Signs that some faces, and Hangul typewriters, set in wide cells of their own.
_LOOSE = frozenset(",.:;·!?'()")
_SIZES = np.unique(np.round(12 * 1.13 ** np.arange(16)))


@dataclass(frozen=True)
class LineOptions:
    """Ranges of a line's look.

    Attributes:
        size: em size in pixels, least and most, drawn log-uniformly; 14 px lines are in.
        length: characters, least and most; the middle lengths are the likely ones.
        worn: share of lines that go through `wear.worn`.
        strength: wear strength, least and most.
        tidy: True for an even line: no slant, no surroundings, no odd spacing, grey paper or light
            on dark. Print as it leaves a computer.
    """

    size: tuple[int, int] = (13, 60)
    length: tuple[int, int] = (1, 34)
    worn: float = 0.7
    strength: tuple[float, float] = (0.4, 1.3)
    tidy: bool = False


CLEAN = LineOptions(size=(28, 48), length=(8, 30), worn=0.0, tidy=True)
#: Wear such as office paper has: Tesseract 5 reads about one character in fifteen of it wrongly, without spaces.
WORN = LineOptions(size=(16, 48), length=(8, 30), worn=1.0, strength=(0.2, 0.5))
#: Wear up to what no one can read: bad faxes, far photographs.
HARSH = LineOptions(size=(16, 48), length=(8, 30), worn=1.0, strength=(0.6, 1.2))


@dataclass(frozen=True)
class LineSample:
    """A drawn line: grey uint8 (h, w), its text, and the face that drew it."""

    image: Image
    text: str
    face: Face


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
        self._korean: dict[Style, dict[str, list[Face]]] = {}
        self._latin = [face for face in pool if not face.syllables and not face.draws("か")]
        self._kana = [face for face in pool if face.draws("か")]
        for face in pool:
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
        while True:
            chosen = face or self.face(rng, kind)
            drawn = text if text is not None else self._text(rng, kind, length, chosen)
            used = self._faces_of(rng, drawn, chosen)
            kept = " ".join("".join(char for char in drawn if char == " " or char in used).split())
            if kept:
                break
            if text is not None and face is not None:
                raise ValueError(f"{face.path.name} draws nothing of {text!r}; choose another face or text")
        return LineSample(self._picture(rng, kept, used, chosen), kept, chosen)

    def face(self, rng: Rng, kind: str | None = None) -> Face:
        """Draw a face: first its style, then a family, then one of its weights."""
        if kind == "kana" and self._kana and rng.random() < 0.6:
            return _any(rng, self._kana)
        if kind == "latin" and self._latin and rng.random() < 0.4:
            return _any(rng, self._latin)
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
        for char in set(text) - {" "}:
            for candidate in (latin if char.isascii() else face, face, other):
                if candidate.draws(char):
                    used[char] = candidate
                    break
        return used

    def _picture(self, rng: Rng, text: str, used: dict[str, Face], face: Face) -> Image:
        options = self.options
        low, high = options.size
        size = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
        # A grid of sizes: opened fonts are kept, and every size is another one.
        size = round(float(_SIZES[np.argmin(np.abs(_SIZES - size))]))
        ink, top, bottom, end = _draw_ink(rng, text, used, face, size, options.tidy)
        if not options.tidy:
            ink = _surround(rng, ink, top, bottom, end, face, size, self.texts)
            ink, lean = _bend(rng, ink, top, bottom)
            end = min(end + lean, ink.shape[1])
        ink = _crop(rng, ink, top, bottom, end, options.tidy)
        image = _paper(rng, ink, options.tidy)
        if rng.random() < options.worn:
            image = wear.worn(image, rng, float(rng.uniform(*options.strength)))
        return image


def train_renderer(texts: TextSource, options: LineOptions | None = None) -> LineRenderer:
    """The renderer that trains: faces and texts of the training side."""
    return LineRenderer(faces("train"), texts, options or LineOptions())


def _any(rng: Rng, items: Sequence[T]) -> T:
    return items[int(rng.integers(len(items)))]


def _draw_ink(
    rng: Rng, text: str, used: dict[str, Face], face: Face, size: int, tidy: bool
) -> tuple[Image, int, int, int]:
    """Draw ``text`` as a mask of ink (255 = ink) with a margin of one em on each side.

    Returns:
        the mask (h, w), the line's top and bottom rows, and the column where its advance ends.
    """
    margin = size
    tracking = (
        0.0 if tidy or rng.random() < 0.7 else float(rng.choice([rng.normal(0, 0.03), rng.uniform(0, 0.3)])) * size
    )
    gap = size * (float(rng.uniform(0.15, 0.42)) if rng.random() < 0.75 else float(rng.uniform(0.42, 0.9)))
    # A space must stay wider than the gaps between letters, or nothing tells them apart.
    gap += max(tracking, 0) * 2
    if tidy or rng.random() < 0.3:
        gap = max(gap if not tidy and tracking else 0.0, face.at(size).getlength(" "), size * 0.2)
    loose = 0.0 if tidy or rng.random() < 0.9 else float(rng.uniform(0.05, 0.5)) * size
    gap += loose * float(rng.uniform(0.6, 1.2))
    jitter = (
        0.0
        if tidy or face.family.style not in ("hand", "brush") or rng.random() < 0.4
        else float(rng.uniform(0.01, 0.06))
    )
    by_word = tracking == jitter == loose == 0
    pieces: list[tuple[float, str, Face]] = []
    x = float(margin)
    for word in text.split(" "):
        for piece, drawer in _runs(word, used) if by_word else [(char, used[char]) for char in word]:
            pieces.append((x, piece, drawer))
            x += drawer.at(size).getlength(piece) + tracking + loose * (piece in _LOOSE)
        x += gap
    end = round(x - gap - tracking)
    height = 3 * size
    baseline = 2 * size
    mask = PilImage.new("L", (end + margin + size, height), 0)
    pen = ImageDraw.Draw(mask)
    for left, piece, drawer in pieces:
        up = rng.normal(0, jitter) * size if jitter else 0.0
        pen.text((left, baseline + up), piece, font=drawer.at(size), fill=255, anchor="ls")
    ink = np.asarray(mask, np.uint8)
    drawn = np.flatnonzero(ink.max(1) > min(64, int(ink.max()) // 2))
    first = face if face.draws(REFERENCE[0]) else next(iter(used.values()))
    _, above, _, below = first.at(size).getbbox(REFERENCE if first.draws(REFERENCE[0]) else "Hg", anchor="ls")
    top, bottom = (int(drawn[0]), int(drawn[-1]) + 1) if len(drawn) else (height, 0)
    # Where no Hangul stands by, nothing tells a detector how high Hangul would be: it may see the ink alone.
    alone = not tidy and not any(map(is_syllable, text)) and bottom - top > 0.3 * size and rng.random() < 0.6
    if not alone:
        top, bottom = min(top, baseline + int(above)), max(bottom, baseline + int(below))
    return ink, max(top, 0), min(bottom, height), min(end, ink.shape[1])


def _runs(word: str, used: dict[str, Face]) -> list[tuple[str, Face]]:
    """Cut a word where the face changes."""
    out: list[tuple[str, Face]] = []
    for char in word:
        if out and out[-1][1] is used[char]:
            out[-1] = (out[-1][0] + char, used[char])
        else:
            out.append((char, used[char]))
    return out


def _surround(rng: Rng, ink: Image, top: int, bottom: int, end: int, face: Face, size: int, texts: TextSource) -> Image:
    """Add what stands around text: parts of other lines, underlines, cell borders, seals, strokes through."""
    roll = rng.random()
    if roll > 0.34:
        return ink
    canvas = PilImage.fromarray(ink)
    pen = ImageDraw.Draw(canvas)
    width = canvas.width
    tall = bottom - top
    thick = max(1, round(size * float(rng.uniform(0.02, 0.07))))
    level = int(rng.integers(120, 256))
    if roll < 0.12:
        other = "".join(char for char in texts.line_of("sentence", rng, 20) if face.draws(char))
        away = round(tall * float(rng.uniform(1.12, 1.6)))
        baseline = 2 * size + (away if rng.random() < 0.5 else -away)
        pen.text((int(rng.integers(-size, size * 2)), baseline), other, font=face.at(size), fill=255, anchor="ls")
    elif roll < 0.18:
        y = bottom + round(tall * float(rng.uniform(0.02, 0.2)))
        pen.line([(size - 4, y), (end, y)], fill=level, width=thick)
    elif roll < 0.28:
        away = round(tall * float(rng.uniform(0.08, 0.4)))
        if rng.random() < 0.7:
            pen.line([(0, bottom + away), (width, bottom + away)], fill=level, width=thick)
        if rng.random() < 0.7:
            pen.line([(0, top - away), (width, top - away)], fill=level, width=thick)
        if rng.random() < 0.5:
            x = size - round(size * float(rng.uniform(0.12, 0.5)))
            pen.line([(x, 0), (x, canvas.height)], fill=level, width=thick)
        if rng.random() < 0.5:
            x = end + round(size * float(rng.uniform(0.12, 0.5)))
            pen.line([(x, 0), (x, canvas.height)], fill=level, width=thick)
    elif roll < 0.31:
        radius = round(tall * float(rng.uniform(0.5, 1.4)))
        x, y = (
            int(rng.integers(size, max(end, size + 1))),
            (top + bottom) // 2 + int(rng.integers(-tall // 2, tall // 2 + 1)),
        )
        seal = PilImage.new("L", canvas.size, 0)
        stroke = ImageDraw.Draw(seal)
        box = (x - radius, y - radius, x + radius, y + radius)
        (stroke.ellipse if rng.random() < 0.6 else stroke.rectangle)(
            box, outline=int(rng.integers(50, 130)), width=thick + 1
        )
        return np.maximum(np.asarray(canvas, np.uint8), np.asarray(seal, np.uint8))
    else:
        y0, y1 = rng.integers(top, bottom, size=2)
        pen.line([(0, int(y0)), (width, int(y1))], fill=int(rng.integers(60, 170)), width=max(1, thick // 2))
    return np.asarray(canvas, np.uint8)


def _bend(rng: Rng, ink: Image, top: int, bottom: int) -> tuple[Image, int]:
    """Slant, tilt and curve the line a little around its middle; how many columns further it may end then."""
    roll = rng.random()
    if roll > 0.42:
        return ink, 0
    height, width = ink.shape
    centre = (width / 2, (top + bottom) / 2)
    tall = bottom - top
    if roll < 0.06:
        # A curled page: the line rises and falls by a fraction of its own height.
        xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        lift = tall * float(rng.uniform(0.03, 0.14))
        wave = lift * np.sin(2 * np.pi * xs / (width * float(rng.uniform(0.7, 2.5))) + float(rng.uniform(0, 6.28)))
        return np.asarray(cv2.remap(ink, xs, (ys + wave).astype(np.float32), cv2.INTER_LINEAR), np.uint8), 0
    shear = float(rng.uniform(-0.12, 0.32)) if roll < 0.2 else float(rng.normal(0, 0.02))
    # What the detector leaves of a skew: less on long lines, as its quad follows both ends.
    rise = float(rng.normal(0, 0.1)) * tall / max(width, tall) if roll > 0.14 else 0.0
    stretch = float(rng.uniform(0.96, 1.04))
    matrix = np.array([[stretch, -shear, 0], [rise, 1, 0]], np.float32)
    matrix[:, 2] = np.array(centre) - matrix[:, :2] @ np.array(centre)
    lean = round(abs(shear) * tall / 2 + max(stretch - 1, 0) * width / 2)
    return np.asarray(cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_LINEAR), np.uint8), lean


def _crop(rng: Rng, ink: Image, top: int, bottom: int, end: int, tidy: bool) -> Image:
    """Cut the line out about as loosely as the reader does, and squeeze or widen it sometimes."""
    tall = bottom - top
    columns = ink[top:bottom].max(0) if bottom > top else ink.max(0)
    # The thinnest strokes at the least sizes are faint throughout: half their own depth is where they begin.
    start = int(np.argmax(columns > columns.max() / 2))
    start = max(0, min(start, end - 1))
    above, below = (np.full(2, 0.08) if tidy else np.clip(rng.normal(0.08, 0.07, 2), -0.05, 0.3)) * tall
    left, right = (np.full(2, 0.15) if tidy else np.clip(rng.normal(0.16, 0.13, 2), -0.01, 0.8)) * tall
    y0, y1 = max(0, round(top - above)), min(ink.shape[0], round(bottom + below))
    x0, x1 = max(0, round(start - left)), min(ink.shape[1], round(end + right))
    out = ink[y0 : max(y1, y0 + 4), x0 : max(x1, x0 + 4)]
    if not tidy and rng.random() < 0.35:
        wide = max(4, round(out.shape[1] * float(np.exp(rng.normal(0, 0.13)))))
        out = np.asarray(cv2.resize(out, (wide, out.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)
    return out


def _paper(rng: Rng, ink: Image, tidy: bool) -> Image:
    """Set the mask of ink on paper: dark on light mostly, light on dark, any contrast down to faint."""
    if tidy:
        return np.asarray(255 - ink, np.uint8)
    light, dark = float(rng.uniform(170, 256)), float(rng.uniform(0, 110))
    if rng.random() < 0.08:
        light = dark + float(rng.uniform(35, 90))
    paper, pen = (light, dark) if rng.random() < 0.88 else (dark, light)
    ground = np.full(ink.shape, paper, np.float32)
    if rng.random() < 0.08:
        # A picture or a gradient behind the text, kept apart from the ink in grey.
        cells = rng.random((int(rng.integers(2, 5)), int(rng.integers(2, 12))), dtype=np.float32) - 0.5
        field = cv2.resize(cells, (ink.shape[1], ink.shape[0]), interpolation=cv2.INTER_CUBIC)
        ground += field * np.float32(abs(paper - pen) * float(rng.uniform(0.2, 0.9)))
    cover = ink.astype(np.float32) / 255
    return np.clip(ground * (1 - cover) + pen * cover, 0, 255).astype(np.uint8)
