"""The layouts a page may have, and the sizes each comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from geulnun.synth.certificates import certificate, id_card
from geulnun.synth.fonts import Style
from geulnun.synth.handwritten import manuscript, notebook
from geulnun.synth.offices import official
from geulnun.synth.papers import columns, dense, form, letter, receipt
from geulnun.synth.pen import Pen
from geulnun.synth.prints import book, newspaper
from geulnun.synth.scenes import poster, scene, screen, sparse
from geulnun.synth.screens import screenshot, slide
from geulnun.synth.sheet import Sheet
from geulnun.synth.shops import card, cards, slip
from geulnun.synth.signs import sign
from geulnun.synth.tables import table_page
from geulnun.synth.upright import vertical


@dataclass(frozen=True)
class Layout:
    """A way to fill a page, and the sizes it comes in.

    Attributes:
        draw: fills the sheet.
        width: least and greatest width of the sheet, in em.
        ratio: least and greatest height, in widths.
        leading: least and greatest distance between baselines, in em.
        dark: share of pages with light text on dark.
        marks: share of lines that are underlined, struck through or highlighted.
        styles: styles of faces the kind is set in, where there are such.
        mixed: whether characters that the face lacks are drawn with another face rather than left out.
    """

    draw: Callable[[Sheet, Pen], None]
    width: tuple[float, float]
    ratio: tuple[float, float]
    leading: tuple[float, float] = (1.3, 2.0)
    dark: float = 0.03
    marks: float = 0.03
    mixed: bool = False
    styles: tuple[Style, ...] = get_args(Style)


PRINT: tuple[Style, ...] = ("sans", "serif")
SCREEN: tuple[Style, ...] = ("sans", "mono", "display")
HANDS: tuple[Style, ...] = ("hand",)
LAYOUTS: dict[str, Layout] = {
    "letter": Layout(letter, (36, 60), (1.2, 1.45), (1.35, 2.1)),
    "two_columns": Layout(columns, (38, 64), (1.0, 1.45), (1.2, 1.8)),
    "dense": Layout(dense, (20, 52), (0.8, 1.5), (1.08, 1.7)),
    "form": Layout(form, (36, 60), (0.8, 1.45), (1.3, 1.9)),
    "receipt": Layout(receipt, (14, 28), (1.5, 3.5), (1.02, 1.6)),
    "poster": Layout(poster, (18, 45), (0.7, 1.5), (1.0, 1.7), dark=0.2),
    "screen": Layout(screen, (28, 60), (0.6, 1.4), (1.2, 1.7), dark=0.2),
    "sparse": Layout(sparse, (12, 50), (0.3, 1.4), dark=0.1),
    "scene": Layout(scene, (20, 45), (0.6, 1.4), (1.0, 1.4)),
    "official": Layout(official, (42, 54), (1.38, 1.45), (1.6, 2.0), dark=0, marks=0, mixed=True, styles=PRINT),
    "table": Layout(table_page, (40, 64), (0.9, 1.45), (1.4, 1.8), dark=0, marks=0.01, mixed=True, styles=PRINT),
    "certificate": Layout(certificate, (36, 44), (1.25, 1.45), (1.5, 1.9), dark=0, marks=0, mixed=True, styles=PRINT),
    "id_card": Layout(id_card, (28, 34), (0.6, 0.66), (1.25, 1.5), dark=0, marks=0, mixed=True, styles=PRINT),
    "newspaper": Layout(newspaper, (52, 84), (1.1, 1.5), (1.2, 1.4), dark=0, marks=0, mixed=True, styles=PRINT),
    "book": Layout(book, (32, 76), (0.66, 1.5), (1.45, 1.9), dark=0, marks=0.01, mixed=True, styles=PRINT),
    "vertical": Layout(
        vertical, (24, 50), (0.7, 1.4), (1.5, 2.0), marks=0, mixed=True, styles=("serif", "brush", "hand", "sans")
    ),
    "slip": Layout(slip, (19, 26), (1.5, 2.6), (1.15, 1.5), dark=0, marks=0, mixed=True),
    "card": Layout(card, (26, 36), (0.54, 0.64), (1.25, 1.6), dark=0.1, marks=0, mixed=True),
    "cards": Layout(cards, (44, 80), (0.6, 1.2), (1.25, 1.6), dark=0, marks=0, mixed=True),
    "slide": Layout(slide, (36, 56), (0.56, 0.75), (1.25, 1.7), dark=0.35, marks=0.02, mixed=True, styles=SCREEN),
    "screenshot": Layout(screenshot, (26, 70), (0.5, 1.9), (1.3, 1.7), dark=0.25, marks=0, mixed=True, styles=SCREEN),
    "sign": Layout(sign, (24, 45), (0.6, 1.4), (1.0, 1.4), dark=0, marks=0, mixed=True),
    "manuscript": Layout(manuscript, (28, 34), (0.9, 1.4), marks=0, dark=0, styles=HANDS),
    "notebook": Layout(notebook, (22, 38), (0.9, 1.45), marks=0, dark=0, styles=HANDS),
}

#: Kinds that are photographs of things with text on them; the others are papers and screens.
SCENES = ("scene", "sign", "cards")
