"""Contact sheets: many samples on one picture with captions, to look at before a set is drawn."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun.document import Quad
from geulnun.errors import UsageError
from geulnun.synth.fonts import Face
from geulnun.synth.sample import Sample

Pixels = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

#: Table, captions, and quads of characters and of lines.
_GROUND, _INK, _CHAR, _LINE = (226, 228, 232), (40, 44, 52), (214, 60, 50), (40, 110, 214)
#: What a caption tells, as far as the facts hold it.
_TOLD = ("part", "kind", "group", "style", "family")
_CAPTION, _GAP = 11, 10
#: Syllables that a face for captions has: those of KS X 1001 are 2,350.
_EVERYDAY = 2_000


@dataclass(frozen=True)
class SheetOptions:
    """How a contact sheet looks.

    Attributes:
        width: of the sheet in pixels.
        cell: greatest width and height of a sample in pixels; larger ones are shown smaller.
        narrowest: least width of a cell, so that captions have room.
        boxes: whether the quads of characters (red) and lines (blue) are drawn over the samples.
        captions: whether each sample's text and facts stand below it.
    """

    width: int = 1200
    cell: tuple[int, int] = (585, 420)
    narrowest: int = 96
    boxes: bool = False
    captions: bool = True

    def __post_init__(self) -> None:
        if min(self.cell) < 16 or self.width < self.cell[0] + 2 * _GAP or self.narrowest > self.cell[0]:
            raise UsageError(
                f"a sheet of {self.width} px with cells of {self.cell} px, {self.narrowest} at least; expected cells "
                f"of 16 px or more, and {2 * _GAP} px of sheet beside one"
            )


def contact_sheet(
    samples: Sequence[Sample], options: SheetOptions | None = None, captions: Face | None = None
) -> Pixels:
    """Lay samples out in rows.

    Args:
        samples: one at least.
        options: sizes, boxes, captions.
        captions: face to write captions with; Pillow's own, which has no Hangul, without one.

    Returns:
        RGB uint8 (h, w, 3).

    Raises:
        UsageError: there is no sample.
    """
    if not samples:
        raise UsageError("no samples for the sheet; ask for one or more")
    options = options or SheetOptions()
    font: Font = captions.at(_CAPTION) if captions else ImageFont.load_default(_CAPTION)
    pictures = [_picture(sample, options) for sample in samples]
    places, height = _places([picture.shape for picture in pictures], options)
    sheet = Image.new("RGB", (options.width, height), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for (x, y), picture, sample in zip(places, pictures, samples, strict=True):
        sheet.paste(Image.fromarray(picture), (x, y))
        if options.captions:
            room = max(picture.shape[1], options.narrowest)
            for at, text in enumerate(_caption(sample)):
                line = y + picture.shape[0] + 2 + at * (_CAPTION + 3)
                pen.text((x, line), _shortened(text, font, room), fill=_INK, font=font)
    return np.array(sheet)


def caption_face(pool: Iterable[Face]) -> Face | None:
    """A face to write captions with: of plain print, with the Hangul of everyday text; None where there is none."""
    return next((face for face in pool if face.family.style == "sans" and len(face.syllables) >= _EVERYDAY), None)


def encode_sheet(sheet: Pixels, suffix: str) -> bytes:
    """The sheet as the content of a small file: ".png" in 128 colours, ".jpg" or ".webp".

    Raises:
        UsageError: another suffix.
    """
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        ".png": ("PNG", {"optimize": True}),
        ".jpg": ("JPEG", {"quality": 82}),
        ".webp": ("WEBP", {"quality": 78, "method": 6}),
    }
    if suffix.lower() not in kinds:
        raise UsageError(f"a sheet cannot be written as {suffix!r}; expected {', '.join(kinds)}")
    name, settings = kinds[suffix.lower()]
    image = Image.fromarray(sheet)
    stream = io.BytesIO()
    (image.quantize(128) if name == "PNG" else image).save(stream, name, **settings)
    return stream.getvalue()


def _picture(sample: Sample, options: SheetOptions) -> Pixels:
    """The sample in RGB, small enough for a cell, with its quads if wanted."""
    image = sample.image if sample.image.ndim == 3 else cv2.cvtColor(sample.image, cv2.COLOR_GRAY2RGB)
    height, width = image.shape[:2]
    scale = min(1.0, options.cell[0] / width, options.cell[1] / height)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    out = np.ascontiguousarray(image, np.uint8)
    if options.boxes:
        out = out.copy()
        for line in sample.page.lines:
            for word in line.words:
                for char in word.chars:
                    _outline(out, char.quad, scale, _CHAR)
            _outline(out, line.quad, scale, _LINE)
    return out


def _outline(image: Pixels, quad: Quad | None, scale: float, colour: tuple[int, int, int]) -> None:
    if quad is not None:
        # Quads lie on pixel edges, polylines takes pixel centres, here in sixteenths.
        points = np.round((np.asarray(quad) * scale - 0.5) * 16).astype(np.int32)
        cv2.polylines(image, [points], True, colour, 1, cv2.LINE_AA, 4)


def _places(shapes: Sequence[tuple[int, ...]], options: SheetOptions) -> tuple[list[tuple[int, int]], int]:
    """Left top corners of the pictures, row by row, and the height of the sheet."""
    below = 2 * (_CAPTION + 3) + 2 if options.captions else 0
    places: list[tuple[int, int]] = []
    x, y, tallest = _GAP, _GAP, 0
    for shape in shapes:
        width = max(shape[1], options.narrowest)
        if x > _GAP and x + width + _GAP > options.width:
            x, y, tallest = _GAP, y + tallest + below + _GAP, 0
        places.append((x, y))
        x += width + _GAP
        tallest = max(tallest, shape[0])
    return places, y + tallest + below + _GAP


def _caption(sample: Sample) -> tuple[str, str]:
    facts = sample.facts
    told = [str(facts[name]) for name in _TOLD if facts.get(name) not in (None, "")]
    return " ".join(sample.text.split()), " · ".join(told)


def _shortened(text: str, font: Font, room: float) -> str:
    """The text, or its beginning and three dots where it is wider than the room."""
    if font.getlength(text) <= room:
        return text
    low, high = 0, min(len(text), 400)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if font.getlength(f"{text[:middle]}...") <= room else (low, middle - 1)
    return f"{text[:low]}..."
