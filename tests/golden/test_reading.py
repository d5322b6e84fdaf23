"""What the shipped weights read off pages that are turned, leaning, dark, small, empty, or read by many at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import Reader
from geulnun.document import Char, Page, Quad
from geulnun.metrics import cer, eojeol_bag

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def letter(samples: Path) -> Pixels:
    """The sample letter at two thirds of its size, to be quick."""
    page = np.asarray(Image.open(samples / "letter.png").convert("RGB"))
    return np.asarray(cv2.resize(page, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(scope="module")
def truth(samples: Path) -> str:
    return (samples / "letter.txt").read_text("utf-8")


def read(reader: Reader, pixels: Pixels) -> Page:
    return reader.read(np.ascontiguousarray(pixels)).pages[0]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_pages(reader: Reader, letter: Pixels, truth: str, turns: int) -> None:
    page = read(reader, np.rot90(letter, turns))
    assert page.rotation == turns * 90
    assert eojeol_bag(truth, page.text).f1 >= 0.93


@pytest.mark.parametrize("degrees", [-14, -4, 7])
def test_leaning_pages(reader: Reader, letter: Pixels, truth: str, degrees: float) -> None:
    height, width = letter.shape[:2]
    framed = cv2.copyMakeBorder(letter, height // 6, height // 6, width // 4, width // 4, cv2.BORDER_REPLICATE)
    centre = framed.shape[1] / 2, framed.shape[0] / 2
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
    leaning = cv2.warpAffine(framed, matrix, framed.shape[1::-1], borderValue=(255, 255, 255))
    assert eojeol_bag(truth, read(reader, np.asarray(leaning, np.uint8)).text).f1 >= 0.9


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("spine", ["left", "right"])
def test_pages_that_dive_into_a_spine(reader: Reader, letter: Pixels, truth: str, spine: str, turns: int) -> None:
    width = letter.shape[1]
    away = np.arange(width) if spine == "left" else width - 1 - np.arange(width)
    lift = 0.11 * width * np.exp(-away / (0.3 * width))
    framed = cv2.copyMakeBorder(letter, 0, round(lift.max()), 0, 0, cv2.BORDER_REPLICATE)
    y, x = np.mgrid[: framed.shape[0], :width].astype(np.float32)
    bent = cv2.remap(framed, x, (y - lift).astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    page = read(reader, np.rot90(bent, turns))
    assert page.rotation == turns * 90
    assert eojeol_bag(truth, page.text).f1 >= 0.93
    # Characters are where they were, moved as the page was.
    upright = {char.text: _middle(char.quad) for char in _lone(read(reader, letter))}
    off = []
    for char in _lone(page):
        if char.text in upright:
            x, y = _middle(char.quad)
            x, y = (width - y, x) if turns else (x, y)
            wanted = upright[char.text]
            off.append(np.hypot(x - wanted[0], y - wanted[1] - np.interp(wanted[0], np.arange(width), lift)))
    assert len(off) > 40
    assert max(off) < 5


def _middle(quad: Quad | None) -> NDArray[np.float64]:
    return np.asarray(np.asarray(quad).mean(0))


def _lone(page: Page) -> list[Char]:
    """Syllables that a page holds once."""
    chars = [
        char for word in page.words for char in word.chars if len(char.text.encode()) == 3 and char.confidence > 0.9
    ]
    counts = Counter(char.text for char in chars)
    return [char for char in chars if counts[char.text] == 1]


def test_light_on_dark(reader: Reader, letter: Pixels, truth: str) -> None:
    assert eojeol_bag(truth, read(reader, 255 - letter).text).f1 >= 0.93


def test_faint_on_coloured_paper(reader: Reader, letter: Pixels, truth: str) -> None:
    faint = (letter.astype(np.float32) * 0.35 + np.array([140, 125, 90], np.float32)).astype(np.uint8)
    assert eojeol_bag(truth, read(reader, faint).text).f1 >= 0.93


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_page_has_no_text(reader: Reader, value: int) -> None:
    assert read(reader, np.full((900, 700, 3), value, np.uint8)).text == ""


def test_noise_is_no_text(reader: Reader) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (800, 600, 3)).astype(np.uint8)
    assert len(read(reader, noise).text) <= 4


def test_many_threads_read_what_one_reads(reader: Reader, samples: Path, letter: Pixels) -> None:
    receipt = np.asarray(Image.open(samples / "receipt.jpg").convert("RGB"))
    pages = [letter, receipt, letter[: letter.shape[0] // 2]] * 3
    alone = [read(reader, page).text for page in pages[:3]] * 3
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda page: read(reader, page).text, pages))
    assert together == alone


def drawn(font: Path, text: str, size: int) -> Pixels:
    face = ImageFont.truetype(font, size)
    width = round(face.getlength(text)) + size
    image = Image.new("L", (width, round(size * 1.5)), 255)
    ImageDraw.Draw(image).text((size / 2, size * 1.15), text, font=face, fill=0, anchor="ls")
    return np.asarray(image, np.uint8)


LINES = (
    "없었던 값을 읽었을 때, 우리는 괜찮았다.",
    "합계 금액: 1,234,500원 (부가세 10% 포함)",
    "서울시 중구 을지로 27, 3층 02-555-0147",
    "뷁쐐쀍 똠쥬밟닭 앉끝",
)


@pytest.mark.parametrize("size", [18, 30, 64])
@pytest.mark.parametrize("text", LINES[:3])
def test_lines_read_by_value(reader: Reader, test_font: Path, text: str, size: int) -> None:
    assert reader.read_line(drawn(test_font, text, size)).text == text


def test_syllables_that_hardly_any_text_holds(reader: Reader, test_font: Path) -> None:
    read_as = reader.read_line(drawn(test_font, LINES[3], 40)).text
    assert cer(LINES[3], read_as).value < 0.1


def test_characters_stand_where_they_were_drawn(reader: Reader, test_font: Path) -> None:
    text, size = "가나 다라 마바", 40
    face = ImageFont.truetype(test_font, size)
    line = reader.read_line(drawn(test_font, text, size))
    assert line.text == text
    chars = [char for word in line.words for char in word.chars]
    at = [index for index, char in enumerate(text) if char != " "]
    for char, index in zip(chars, at, strict=True):
        assert char.quad is not None
        centre = (char.quad[0][0] + char.quad[1][0]) / 2
        wanted = size / 2 + (face.getlength(text[:index]) + face.getlength(text[: index + 1])) / 2
        assert abs(centre - wanted) < size * 0.3
