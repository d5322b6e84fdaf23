"""Boxes of characters from a reading: by hand, in doubt, in columns, and with the package's own recogniser."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

pytest.importorskip("torch")

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.document import Block, Char, Line, Page, Quad, Word
from geulnun.runtime.recogniser import CharReading, LineReading, Recogniser
from geulnun.training.detection.weak import DOUBT, cut, even, guessed


def reading(text: str, *ends: float) -> LineReading:
    """A reading whose characters end at fractions of the crop; the first begins at nought."""
    starts = (0.0, *ends[:-1])
    return LineReading(
        tuple(CharReading(char, 1.0, start, end) for char, start, end in zip(text, starts, ends, strict=True)), 1.0
    )


class Fake:
    """Reads whatever it is told to, and remembers the crops."""

    def __init__(self, *readings: LineReading) -> None:
        self.readings, self.crops = list(readings), list[NDArray[np.uint8]]()

    def read(self, crops: Sequence[NDArray[np.uint8]]) -> list[LineReading]:
        self.crops += crops
        return self.readings[: len(crops)]


def box(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return geometry.to_tuple(geometry.from_boxes([[x0, y0, x1, y1]])[0])


def word(text: str, quad: Quad | None = None) -> Word:
    return Word(tuple(Char(char) for char in text), quad)


def page(*lines: Line) -> Page:
    return Page(200, 100, (Block(lines),))


def same(one: Quad | None, other: Quad | None) -> bool:
    return one is not None and other is not None and np.allclose(one, other)


PIXELS = np.full((100, 200, 3), 255, np.uint8)


def test_a_right_reading_says_where_characters_stand() -> None:
    found = cut("가나다", reading("가나다", 0.2, 0.5, 0.9))
    assert found.borders.tolist() == pytest.approx([0, 0.2, 0.5, 1])
    assert found.confidence == 1


def test_a_wrong_character_has_a_place_but_costs_trust() -> None:
    found = cut("가나다라", reading("가너다라", 0.1, 0.4, 0.6, 1.0))
    assert found.borders.tolist() == pytest.approx([0, 0.1, 0.4, 0.6, 1])
    assert found.confidence == 0.75


def test_a_character_that_was_not_read_shares_the_room_between_its_neighbours() -> None:
    """Of 가1라 the middle was lost: its neighbours' centres lie at 0.2 and 0.8; usual widths are 2, 1 and 2 fifths."""
    found = cut("가1라", LineReading((CharReading("가", 1, 0.0, 0.4), CharReading("라", 1, 0.6, 1.0)), 1.0))
    assert found.confidence == pytest.approx(2 / 3)
    # Between the centres: two halves of a wide one and a narrow one, 2 : 2 : 2 of 0.6.
    assert found.borders.tolist() == pytest.approx([0, 0.4, 0.6, 1])


def test_a_reading_that_is_mostly_wrong_says_nothing() -> None:
    found = cut("가나다라", reading("xyzw", 0.1, 0.2, 0.3, 1.0))
    assert (found.borders.tolist(), found.confidence) == ([0, 0.25, 0.5, 0.75, 1], DOUBT)
    assert cut("가나", LineReading((), 0.0)).confidence == DOUBT
    assert even("가1a").borders.tolist() == pytest.approx([0, 0.5, 0.75, 1])


@given(st.text("가나다라1a. ", min_size=1, max_size=8), st.text("가나다라1a. ", max_size=8), st.integers(0, 999))
def test_borders_rise_from_nought_to_one_whatever_was_read(text: str, read: str, seed: int) -> None:
    ends = np.sort(np.random.default_rng(seed).random(len(read)))
    found = cut(text, reading(read, *ends.tolist()) if read else LineReading((), 0.0))
    assert len(found.borders) == len(text) + 1
    assert (found.borders[0], found.borders[-1]) == pytest.approx((0, 1))
    assert (np.diff(found.borders) >= -1e-12).all()
    assert DOUBT <= found.confidence <= 1


def test_words_get_boxes_along_their_quads_and_others_stay_as_they_are() -> None:
    done = Word((Char("하", box(0, 0, 5, 5), 0.4),), box(0, 0, 5, 5))
    slanted = ((10.0, 10.0), (50.0, 20.0), (50.0, 40.0), (10.0, 30.0))
    given_page = page(
        Line((done, word("가나", slanted))),
        Line((word("다라", box(0, 60, 20, 70)),), confidence=0.0),
    )
    fake = Fake(reading("가나", 0.25, 1.0))
    out = guessed(given_page, PIXELS, cast(Recogniser, fake))
    assert len(fake.crops) == 1
    assert out.lines[0].words[0] == done
    assert out.lines[1] == given_page.lines[1]
    first, second = out.lines[0].words[1].chars
    assert same(first.quad, ((10, 10), (20, 12.5), (20, 32.5), (10, 30)))
    assert same(second.quad, ((20, 12.5), (50, 20), (50, 40), (20, 32.5)))
    assert (first.confidence, out.lines[0].words[1].quad) == (1.0, slanted)
    shapes = Shapes.of_page(out)
    assert shapes.char_scores.tolist() == [0.4, 1, 1]


def test_a_line_without_quads_of_words_gives_them_theirs() -> None:
    line = Line((word("가나"), word("다")), box(0, 0, 100, 20))
    fake = Fake(reading("가나 다", 0.3, 0.6, 0.7, 1.0))
    out = guessed(page(line), PIXELS, cast(Recogniser, fake)).lines[0]
    assert same(out.words[0].quad, box(0, 0, 60, 20))
    assert same(out.words[1].quad, box(70, 0, 100, 20))
    assert out.words[1].chars[0].quad == out.words[1].quad
    assert out.text == "가나 다"


def test_columns_are_cut_evenly_from_top_to_bottom() -> None:
    down = ((30.0, 0.0), (30.0, 80.0), (10.0, 80.0), (10.0, 0.0))
    fake = Fake()
    said = guessed(page(Line((word("가나", down),), vertical=True)), PIXELS, cast(Recogniser, fake))
    # A tall box is a column even where nobody says so.
    seen = guessed(page(Line((word("가나", box(10, 0, 30, 80)),))), PIXELS, cast(Recogniser, fake))
    assert fake.crops == []
    for out in (said, seen):
        chars = out.words[0].chars
        assert same(chars[0].quad, box(10, 0, 30, 40))
        assert same(chars[1].quad, box(10, 40, 30, 80))
        assert chars[0].confidence == DOUBT


def test_the_packages_recogniser_finds_the_characters_of_a_printed_word(test_font: Path) -> None:
    text = "대한민국1234"
    font = ImageFont.truetype(str(test_font), 40)
    sheet = Image.new("RGB", (400, 80), "white")
    draw = ImageDraw.Draw(sheet)
    x, edges = 20.0, [20.0]
    for char in text:
        draw.text((x, 15), char, "black", font)
        x += font.getlength(char)
        edges.append(x)
    whole = box(20, 10, x, 65)
    out = guessed(page(Line((word(text, whole),))), np.asarray(sheet), Recogniser(threads=1))
    chars = out.words[0].chars
    assert chars[0].confidence > 0.8
    for one, left, right in zip(chars, edges[:-1], edges[1:], strict=True):
        assert one.quad is not None
        assert (one.quad[0][0] + one.quad[1][0]) / 2 == pytest.approx((left + right) / 2, abs=6)
