"""What stands around a line on real pages, drawn into its mask of ink: it is in the picture and not in the text."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from geulnun.synth.fonts import Face
from geulnun.synth.linework import Ink, Opener, Rng
from geulnun.synth.text import TextSource


def surround(rng: Rng, ink: Ink, face: Face, size: int, texts: TextSource, opener: Opener = Face.at) -> Ink:
    """Add what stands around text: parts of other lines, underlines, cell borders, seals, strokes through."""
    roll = rng.random()
    if roll > 0.34:
        return ink
    top, bottom, end = ink.top, ink.bottom, ink.end
    canvas = PilImage.fromarray(ink.mask)
    pen = ImageDraw.Draw(canvas)
    width = canvas.width
    tall = bottom - top
    thick = max(1, round(size * float(rng.uniform(0.02, 0.07))))
    level = int(rng.integers(120, 256))
    if roll < 0.12:
        other = "".join(char for char in texts.line_of("sentence", rng, 20) if face.draws(char))
        away = round(tall * float(rng.uniform(1.12, 1.6)))
        baseline = ink.baseline + (away if rng.random() < 0.5 else -away)
        pen.text((int(rng.integers(-size, size * 2)), baseline), other, font=opener(face, size), fill=255, anchor="ls")
    elif roll < 0.18:
        y = bottom + round(tall * float(rng.uniform(0.02, 0.2)))
        pen.line([(ink.left - 4, y), (end, y)], fill=level, width=thick)
    elif roll < 0.28:
        away = round(tall * float(rng.uniform(0.08, 0.4)))
        if rng.random() < 0.7:
            pen.line([(0, bottom + away), (width, bottom + away)], fill=level, width=thick)
        if rng.random() < 0.7:
            pen.line([(0, top - away), (width, top - away)], fill=level, width=thick)
        if rng.random() < 0.5:
            x = ink.left - round(size * float(rng.uniform(0.12, 0.5)))
            pen.line([(x, 0), (x, canvas.height)], fill=level, width=thick)
        if rng.random() < 0.5:
            x = end + round(size * float(rng.uniform(0.12, 0.5)))
            pen.line([(x, 0), (x, canvas.height)], fill=level, width=thick)
    elif roll < 0.31:
        radius = round(tall * float(rng.uniform(0.5, 1.4)))
        x, y = (
            int(rng.integers(ink.left, max(end, ink.left + 1))),
            (top + bottom) // 2 + int(rng.integers(-tall // 2, tall // 2 + 1)),
        )
        seal = PilImage.new("L", canvas.size, 0)
        stroke = ImageDraw.Draw(seal)
        box = (x - radius, y - radius, x + radius, y + radius)
        (stroke.ellipse if rng.random() < 0.6 else stroke.rectangle)(
            box, outline=int(rng.integers(50, 130)), width=thick + 1
        )
        return replace(ink, mask=np.maximum(np.asarray(canvas, np.uint8), np.asarray(seal, np.uint8)))
    else:
        y0, y1 = rng.integers(top, bottom, size=2)
        pen.line([(0, int(y0)), (width, int(y1))], fill=int(rng.integers(60, 170)), width=max(1, thick // 2))
    return replace(ink, mask=np.asarray(canvas, np.uint8))
