"""The page that speed is measured on: A4 at 300 dpi, 40 lines, about 2,200 characters, always the same pixels."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageDraw, ImageFont

from geulnun.bench.samples import Sample, page_of_lines
from geulnun.document import Quad
from geulnun.errors import MissingDependencyError
from geulnun.geometry import from_boxes, to_tuple
from geulnun.synth.fonts import Face, faces

WIDTH, HEIGHT, DPI = 2480, 3508, 300
LINES = 40
#: 11.5 point text on a pitch of 1.6 em.
_SIZE, _PITCH = 48, 76
_LEFT, _TOP = 210, 270
#: Paper around a single line.
_MARGIN = 5
_TEXT = Path(__file__).with_name("page.txt")


@cache
def a4_page(font: Path | None = None) -> Sample:
    """Draw the page.

    Args:
        font: A font file; None takes the first held-out sans or serif face that draws all of the text.

    Raises:
        MissingDependencyError: no held-out font is installed, or none draws the text.
    """
    words = _TEXT.read_text("utf-8").split()
    face = ImageFont.truetype(str(font), _SIZE) if font else _face("".join(words)).at(_SIZE)
    sheet = PillowImage.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(sheet)
    _, ink_top, _, ink_bottom = face.getbbox("한글", anchor="ls")
    lines: list[tuple[str, Quad | None]] = []
    for index, text in enumerate(_wrap(words, face, WIDTH - 2 * _LEFT)[:LINES]):
        baseline = _TOP + index * _PITCH + _SIZE
        draw.text((_LEFT, baseline), text, font=face, fill=0, anchor="ls")
        _, top, _, bottom = face.getbbox(text, anchor="ls")
        box = [_LEFT, baseline + min(top, ink_top), _LEFT + face.getlength(text), baseline + max(bottom, ink_bottom)]
        lines.append((text, to_tuple(from_boxes(box))))
    image = np.repeat(np.asarray(sheet)[..., None], 3, axis=2)
    name = f"A4 at {DPI} dpi, {' '.join(filter(None, face.getname()))}"
    return Sample(name, image, page_of_lines(WIDTH, HEIGHT, lines))


def text_lines(count: int = LINES, letters: int = 20, font: Path | None = None) -> list[Sample]:
    """Single lines of the page's text, each of so many characters, cut as line crops are.

    Args:
        count: Lines.
        letters: Characters of each, spaces counted.
        font: As of `a4_page`.

    Raises:
        MissingDependencyError: as `a4_page`.
    """
    text = " ".join(_TEXT.read_text("utf-8").split())
    face = ImageFont.truetype(str(font), _SIZE) if font else _face(text.replace(" ", "")).at(_SIZE)
    starts = (at for at in range(len(text) - letters) if text[at] != " " != text[at + letters - 1])
    out = []
    for start, _ in zip(islice(starts, 0, None, letters), range(count), strict=False):
        words = text[start : start + letters]
        left, top, right, bottom = face.getbbox(words, anchor="ls")
        sheet = PillowImage.new("L", (round(right - left) + 2 * _MARGIN, round(bottom - top) + 2 * _MARGIN), 255)
        ImageDraw.Draw(sheet).text((_MARGIN - left, _MARGIN - top), words, font=face, fill=0, anchor="ls")
        image = np.repeat(np.asarray(sheet)[..., None], 3, axis=2)
        out.append(Sample(words, image, page_of_lines(sheet.width, sheet.height, [(words, None)])))
    return out


def _face(text: str) -> Face:
    for face in faces("held-out", ("sans", "serif")):
        if face.covers(set(text)):
            return face
    raise MissingDependencyError("no held-out font draws the text of the speed page; run `make fonts`")


def _wrap(words: list[str], face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def save(sample: Sample, path: Path) -> None:
    """Write the page as PNG with its resolution, which readers may use."""
    PillowImage.fromarray(sample.image).save(path, dpi=(DPI, DPI))
