"""The shipped recogniser of characters on a font's characters: as drawn, in all shades and sizes, and worn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import CharacterReader, hangul
from geulnun.synth import wear

Draw = Callable[..., NDArray[np.uint8]]


@pytest.fixture(scope="module")
def reader() -> CharacterReader:
    return CharacterReader(threads=1)


@pytest.fixture(scope="module")
def draw(test_font: Path) -> Draw:
    def drawn(char: str, size: int = 48, paper: int = 255, ink: int = 0) -> NDArray[np.uint8]:
        sheet = Image.new("L", (2 * size, 2 * size), paper)
        ImageDraw.Draw(sheet).text((size, size), char, ink, ImageFont.truetype(str(test_font), size), "mm")
        return np.asarray(sheet)

    return drawn


@pytest.fixture(scope="module")
def syllables(test_font: Path) -> list[str]:
    with TTFont(str(test_font)) as font:
        return [chr(code) for code in font.getBestCmap() if hangul.is_syllable(chr(code))]


def test_every_syllable_of_a_font_is_read(reader: CharacterReader, draw: Draw, syllables: list[str]) -> None:
    guesses = reader.predict([draw(char) for char in syllables], n=5)
    wrong = [(char, guess.text) for char, guess in zip(syllables, guesses, strict=True) if guess.text != char]
    assert len(syllables) > 400
    assert len(wrong) <= 1, wrong
    assert all(char in dict(guess.alternatives) for char, guess in zip(syllables, guesses, strict=True))


def test_colours_sizes_and_margins_change_nothing(reader: CharacterReader, draw: Draw) -> None:
    for char in "한글과값A7":
        plain = draw(char)
        red = np.stack([np.full_like(plain, 200), plain, plain], axis=-1)
        images = [plain, draw(char, 24), draw(char, 130), draw(char, 48, 20, 240), draw(char, 48, 180, 90), red]
        images.append(np.pad(plain, 60, constant_values=255))
        assert [guess.text for guess in reader.predict(images)] == [char] * len(images)


def test_jamo_and_alternatives_are_those_of_the_syllable(reader: CharacterReader, draw: Draw) -> None:
    (guess,) = reader.predict(draw("한"), n=3)
    assert [guess.cho[0][0], guess.jung[0][0], guess.jong[0][0]] == ["ㅎ", "ㅏ", "ㄴ"]
    assert guess.confidence > 0.9
    assert len(guess.alternatives) == 3


def test_paper_and_scribbles_are_no_characters(reader: CharacterReader) -> None:
    blank = np.full((60, 60), 230, np.uint8)
    scribble = Image.new("L", (120, 120), 255)
    angles = np.linspace(0, 40, 400)
    points = [(60 + (8 + a) * np.cos(1.7 * a), 60 + (8 + a) * np.sin(1.3 * a)) for a in angles]
    ImageDraw.Draw(scribble).line(points, fill=0, width=2)
    nothing, drawn = reader.predict([blank, np.asarray(scribble)])
    assert (nothing.text, nothing.blank) == ("", 1.0)
    assert drawn.blank > 0.5 or drawn.confidence < 0.5


def test_a_list_of_what_may_stand_there_decides(reader: CharacterReader, draw: Draw) -> None:
    digits = CharacterReader(threads=1, allow="0-9")
    assert [guess.text for guess in digits.predict([draw("O"), draw("l"), draw("2")])] == ["0", "1", "2"]
    letters = CharacterReader(threads=1, allow="A-Za-z")
    (round_one,) = letters.predict(draw("0"))
    assert round_one.text in ("O", "o")


def test_worn_characters_are_read(reader: CharacterReader, draw: Draw, syllables: list[str]) -> None:
    options = wear.WearOptions(preset="light")
    images = [wear.apply(draw(char), np.random.default_rng(at), options, 48)[0] for at, char in enumerate(syllables)]
    right = sum(char == guess.text for char, guess in zip(syllables, reader.predict(images), strict=True))
    assert right >= 0.97 * len(syllables)
