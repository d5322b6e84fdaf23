"""A picture of the page with what was read drawn over it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun.document import Document, Line, Page
from geulnun.errors import UsageError
from geulnun.write.base import Original, Pixels, only_page, pixels_of

#: Confidence at and below which a line is drawn fully red; at 1.0 it is fully green.
_RED_AT = 0.5


class OverlayWriter:
    """Line quads coloured from red (unsure) to green (sure), numbered in reading order.

    A tick marks where each line starts, so that upside-down and turned readings show. With a font that has Hangul,
    each line is labelled with its text instead of its number.
    """

    def __init__(self, font: Path | None = None) -> None:
        """Take the font file for text labels; ``None`` draws numbers, which need no font.

        Raises:
            UsageError: the font cannot be loaded.
        """
        self._font = font
        if font is not None:
            self._load(font, 12)

    def draw(self, page: Page, rgb: Pixels) -> Pixels:
        """Draw ``page`` over its raster.

        Args:
            page: lines without a quad are skipped, but keep their number.
            rgb: uint8 (h, w, 3), the raster the page was read from; it is not changed.

        Returns:
            uint8 (h, w, 3).
        """
        # A little paler than the page, so that colours stand out on black ink.
        out: Pixels = cv2.addWeighted(rgb, 0.6, np.full_like(rgb, 255), 0.4, 0).astype(np.uint8)
        thickness = max(1, round(max(out.shape[:2]) / 1200))
        lines = [(number, line) for number, line in enumerate(page.lines, 1) if line.quad is not None]
        for number, line in lines:
            _draw_quad(out, line, thickness)
            if self._font is None:
                _draw_number(out, number, line, thickness)
        return self._draw_texts(out, [line for _, line in lines]) if self._font is not None else out

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The one page of ``document`` as a PNG file's content.

        Raises:
            UsageError: there is no original, or it has another size, or there are several pages.
        """
        page = only_page(document, "overlay")
        return self.encode_page(page, pixels_of(page, original, "overlay"))

    def encode_page(self, page: Page, rgb: Pixels) -> bytes:
        """`draw` as a PNG file's content."""
        _, content = cv2.imencode(".png", self.draw(page, rgb)[..., ::-1])
        return content.tobytes()

    def _draw_texts(self, pixels: Pixels, lines: list[Line]) -> Pixels:
        image = Image.fromarray(pixels)
        canvas = ImageDraw.Draw(image)
        for line in lines:
            points = _points(line)
            height = float(np.linalg.norm(points[3] - points[0]))
            size = int(np.clip(height * 0.45, 8, 60))
            x, y = points[:, 0].min(), points[:, 1].min() - size * 1.1
            assert self._font is not None
            canvas.text((x, max(0.0, y)), line.text, fill=colour_of(line.confidence), font=self._load(self._font, size))
        return np.asarray(image)

    @staticmethod
    def _load(font: Path, size: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(font, size)
        except OSError as error:
            raise UsageError(f"{font}: not a usable font ({error}); give a TrueType or OpenType file") from error


def _points(line: Line) -> NDArray[np.float64]:
    return np.asarray(line.quad, dtype=np.float64)


def colour_of(confidence: float) -> tuple[int, int, int]:
    """Red, green and blue, 0 to 255, of a confidence: red where the reading is unsure, green where it is sure."""
    sure = float(np.clip((confidence - _RED_AT) / (1 - _RED_AT), 0, 1))
    return round(220 * (1 - sure)), round(150 * sure), 40


def _draw_quad(pixels: Pixels, line: Line, thickness: int) -> None:
    points = _points(line)
    colour = colour_of(line.confidence)
    cv2.polylines(pixels, [np.rint(points).astype(np.int32)], True, colour, thickness, cv2.LINE_AA)
    along = points[1] - points[0]
    width, height = float(np.linalg.norm(along)), float(np.linalg.norm(points[3] - points[0]))
    tick = (points[0] + points[3]) / 2 + along / max(width, 1.0) * min(0.3 * height, width)
    start = np.rint(np.stack([points[0], tick, points[3]])).astype(np.int32)
    cv2.polylines(pixels, [start], False, colour, thickness, cv2.LINE_AA)


def _draw_number(pixels: Pixels, number: int, line: Line, thickness: int) -> None:
    points = _points(line)
    height = float(np.linalg.norm(points[3] - points[0]))
    scale = float(np.clip(height / 60, 0.3, 1.5))
    label = str(number)
    (width, _), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    # Beside the start of the line, in the margin where there is one.
    x = max(0, round(points[:, 0].min() - width - 4 * thickness))
    y = round(points[0, 1] + (points[3, 1] - points[0, 1]) / 2 + 10 * scale)
    cv2.putText(pixels, label, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 60, 200), thickness, cv2.LINE_AA)
