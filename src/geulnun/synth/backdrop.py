"""What stands on pages and is not text: pictures, textures, rules, bar codes, seals, stray lines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Colour, Sheet, colour

Rng = np.random.Generator
Field = NDArray[np.float32]
Box = tuple[float, float, float, float]


def shade(pen: Pen, amount: float) -> Colour:
    """A colour ``amount`` (0..1) of the way from the ink to the paper."""
    mixed = (1 - amount) * np.array(pen.ink) + amount * np.array(pen.paper)
    r, g, b = (int(v) for v in mixed)
    return r, g, b


def underline(sheet: Sheet, pen: Pen, x0: float, x1: float, y: float) -> None:
    """A thin rule under something."""
    sheet.draw.line((x0, y, x1, y), fill=pen.ink, width=max(1, round(0.05 * pen.em)))


def picture(sheet: Sheet, pen: Pen, box: Box, soft: bool = False) -> None:
    """Fill a box with something photo-like: clouds of colour, shapes and texture; ``soft`` keeps near the paper."""
    x0, y0, x1, y1 = (round(v) for v in box)
    width, height = min(x1, sheet.width) - max(x0, 0), min(y1, sheet.height) - max(y0, 0)
    if width < 4 or height < 4:
        return
    rng = pen.rng
    field = _clouds(rng, height, width, soft)
    if soft:
        field = np.float32(0.75) * np.array(pen.paper, np.float32) + np.float32(0.25) * field
    elif rng.random() < 0.75:
        texture = (_stripes, _grain, _grain, _grain, _blotches, _static)[int(rng.integers(6))]
        field = field + texture(rng, height, width)[..., None]
    patch = Image.fromarray(np.clip(field, 0, 255).astype(np.uint8))
    if not soft:
        draw = ImageDraw.Draw(patch)
        if rng.random() < 0.35:
            _litter(draw, pen, width, height)
        _shapes(draw, pen, width, height)
    sheet.image.paste(patch, (max(x0, 0), max(y0, 0)))
    sheet.cover((x0, y0, x1, y1))


def _clouds(rng: Rng, height: int, width: int, soft: bool) -> Field:
    """Soft colours (h, w, 3): a few random ones blown up, nearly grey half of the time and wherever ``soft``."""
    cells = rng.uniform(0, 255, (int(rng.integers(2, 9)), int(rng.integers(2, 9)), 3)).astype(np.float32)
    # Photographs are duller than random colours, and paper printed with a pattern duller still.
    colourful = 0.7 if rng.random() >= 0.5 else 0.3
    grey = cells.mean(2, keepdims=True)
    cells = grey + np.float32(0.15 if soft else colourful) * (cells - grey)
    return np.asarray(cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC))


def _stripes(rng: Rng, height: int, width: int) -> Field:
    """Bars or waves (h, w) of one period and angle: blinds, fences, fabric."""
    period, angle = float(rng.uniform(3, 40)), rng.uniform(0, np.pi)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * (2 * np.pi / period))
    return np.asarray((np.sign(wave) if rng.random() < 0.5 else wave) * np.float32(rng.uniform(10, 60)), np.float32)


def _grain(rng: Rng, height: int, width: int) -> Field:
    """Noise of many sizes (h, w): stone, leaves, hair; stretched one way at times, as grass and water are."""
    total = np.zeros((height, width), np.float32)
    stretch = float(np.exp(rng.uniform(-1.2, 1.2))) if rng.random() < 0.5 else 1.0
    slope = rng.uniform(0.3, 1.1)
    for cell in (2, 4, 8, 16, 32):
        grid = max(2, round(height / (cell * stretch))), max(2, round(width * stretch / cell))
        grain = rng.standard_normal(grid, dtype=np.float32)
        total += cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(cell**slope)
    return np.asarray(total * np.float32(rng.uniform(5, 60) / max(float(total.std()), 1e-6)))


def _static(rng: Rng, height: int, width: int) -> Field:
    """Noise of single pixels (h, w), as a dark sensor gives."""
    return np.asarray(rng.standard_normal((height, width), dtype=np.float32) * np.float32(rng.uniform(10, 90)))


def _blotches(rng: Rng, height: int, width: int) -> Field:
    """Two levels with a ragged border (h, w): foliage before sky, stains, marble."""
    field = _grain(rng, height, width)
    return np.asarray(
        np.where(field > np.quantile(field, rng.uniform(0.2, 0.8)), 1, -1) * rng.uniform(10, 80), np.float32
    )


def _litter(draw: ImageDraw.ImageDraw, pen: Pen, width: int, height: int) -> None:
    """Many small alike things: grass, windows, bricks, pebbles."""
    rng = pen.rng
    kind, size = int(rng.integers(4)), pen.em * float(np.exp(rng.uniform(-1.2, 0.8)))
    colours = rng.uniform(0, 255, (3, 3))
    count = int(min(600, width * height / (size * size) * rng.uniform(0.05, 0.5)))
    columns = max(1, int(width / size / 1.7))
    for at in range(count):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        if kind == 3:
            x, y = at % columns * 1.7 * size, at // columns * 1.7 * size
        tone = colour(colours[at % 3] + rng.uniform(-30, 30, 3))
        dx, dy = rng.normal(0, size, 2)
        if kind == 0:
            draw.line((x, y, x + 0.3 * dx, y - abs(dy)), fill=tone, width=int(rng.integers(1, 4)))
        elif kind == 1:
            draw.ellipse((x, y, x + abs(dx) + 1, y + abs(dy) + 1), fill=tone)
        elif kind == 2:
            draw.polygon([(x, y), (x + dx, y + dy), (x - dy, y + 0.5 * dx)], fill=tone)
        else:
            draw.rectangle((x, y, x + size, y + size), fill=tone)


def _shapes(draw: ImageDraw.ImageDraw, pen: Pen, width: int, height: int) -> None:
    rng = pen.rng
    for _ in range(int(rng.integers(0, 14))):
        tone = colour(rng.uniform(0, 256, 3))
        points = rng.uniform(0, 1, (int(rng.integers(2, 6)), 2)) * (width, height)
        spread = rng.uniform(0.05, 1)
        points = points[0] + (points - points[0]) * spread
        kind = int(rng.integers(4))
        flat = [tuple(point) for point in points]
        if kind == 0:
            draw.line(flat, fill=tone, width=int(rng.integers(1, 6)))
        elif kind == 1:
            draw.polygon(flat, fill=tone)
        else:
            low, high = points[:2].min(0), points[:2].max(0)
            shape = draw.ellipse if kind == 2 else draw.rectangle
            shape((*low, *high), fill=tone if rng.random() < 0.6 else None, outline=tone)


def barcode(sheet: Sheet, pen: Pen, box: Box) -> None:
    """Upright bars of random width."""
    x, y0, x1, y1 = box
    step = max(1.0, 0.1 * pen.em)
    while x < x1:
        thick = step * int(pen.rng.integers(1, 4))
        sheet.draw.rectangle((x, y0, x + thick - 0.5, y1), fill=pen.ink)
        x += thick + step * int(pen.rng.integers(1, 4))


def matrix_code(sheet: Sheet, pen: Pen, x: float, y: float, side: float) -> None:
    """A square of random modules, as a QR code."""
    modules = (pen.rng.random((25, 25)) < 0.5).astype(np.uint8) * 255
    for top, left in ((0, 0), (0, 18), (18, 0)):
        modules[top : top + 7, left : left + 7] = 0
        modules[top + 1 : top + 6, left + 1 : left + 6] = 255
        modules[top + 2 : top + 5, left + 2 : left + 5] = 0
    code = Image.fromarray(modules).resize((max(4, round(side)),) * 2, Image.Resampling.NEAREST)
    sheet.image.paste(code.convert("RGB"), (round(x), round(y)))
    sheet.cover((x, y, x + side, y + side))


def seal(sheet: Sheet, pen: Pen, x: float, y: float, side: float) -> None:
    """A red seal, round or square, multiplied over whatever lies there; its carved signs are no text of the page."""
    rng = pen.rng
    size = max(12, round(side))
    stamp = Image.new("L", (size * 2, size * 2), 0)
    draw = ImageDraw.Draw(stamp)
    thick = max(2, round(size * rng.uniform(0.05, 0.14)))
    frame = (thick, thick, 2 * size - thick, 2 * size - thick)
    (draw.ellipse if rng.random() < 0.5 else draw.rectangle)(frame, outline=255, width=thick)
    count = int(rng.choice([1, 2, 2, 3]))
    font = pen.face.at(max(6, round(1.35 * size / count)))
    sign = [char for char in "".join(pen.words(12, "words")) if not char.isspace()][: count * count]
    for at, char in enumerate(sign):
        column, row = divmod(at, count)
        x_at, y_at = (size + ((i + 0.5) / count - 0.5) * 1.35 * size for i in (count - 1 - column, row))
        draw.text((x_at, y_at), char, 255, font, anchor="mm")
    turned = stamp.rotate(float(rng.uniform(-15, 15))).resize((size, size), Image.Resampling.BOX)
    mask = np.asarray(turned, np.float32)[..., None] / 255 * np.float32(rng.uniform(0.55, 1.0))
    left, top = round(x), round(y)
    pixels = np.array(sheet.image)
    # A seal may stand partly, or wholly, beyond the sheet.
    rows, columns = slice(max(top, 0), max(top + size, 0)), slice(max(left, 0), max(left + size, 0))
    part = pixels[rows, columns].astype(np.float32)
    mask = mask[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
    red = np.array([rng.uniform(170, 240), rng.uniform(10, 70), rng.uniform(10, 80)], np.float32)
    part *= 1 - mask * (1 - red / 255)
    pixels[rows, columns] = part.astype(np.uint8)
    sheet.paint(pixels)


def stray(sheet: Sheet, pen: Pen) -> None:
    """A pen stroke, a fold or a strike-through across the page."""
    rng = pen.rng
    start = rng.uniform(0, 1, 2) * (sheet.width, sheet.height)
    length, angle = rng.uniform(0.05, 0.8) * sheet.width, rng.normal(0, 0.25) + (np.pi / 2 if rng.random() < 0.3 else 0)
    end = start + length * np.array([np.cos(angle), np.sin(angle)])
    tone = colour(rng.uniform(0, 200, 3)) if rng.random() < 0.5 else shade(pen, 0.3)
    sheet.draw.line((*start, *end), fill=tone, width=max(1, round(rng.uniform(0.03, 0.15) * pen.em)))
