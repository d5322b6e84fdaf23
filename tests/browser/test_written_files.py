"""What a reader copies from the files in a browser is the text of the tree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from geulnun.document import Block, Char, Document, Line, Page, Quad, Word
from geulnun.read import open_source
from geulnun.write import WRITERS

SIZE = 800, 500


def line(text: str, x: float, y: float, high: float = 30) -> Line:
    words, at = [], x
    for part in text.split(" "):
        wide = high * len(part)
        words.append(Word(tuple(map(Char, part)), quad(at, y, wide, high)))
        at += wide + high / 3
    return Line(tuple(words), quad(x, y, at - high / 3 - x, high))


def quad(x: float, y: float, wide: float, high: float) -> Quad:
    return (x, y), (x + wide, y), (x + wide, y + high), (x, y + high)


def document() -> Document:
    turned = Line((Word((Char("옆"), Char("글")), ((780, 40), (780, 100), (750, 100), (750, 40))),))
    column = Line((Word((Char("세"), Char("로")), ((700, 40), (700, 100), (670, 100), (670, 40))),), vertical=True)
    table = (line("이름", 40, 250), line("값", 300, 250), line("둘", 40, 300), line("3 개", 300, 300))
    glued = Line((Word((Char("붙"),), quad(40, 400, 30, 30), False), Word((Char("임"),), quad(70, 400, 30, 30))))
    blocks = (
        Block((line("제1장 글과 눈", 40, 20, 40),), kind="title"),
        Block((line("첫째 줄은 길다", 40, 100), line("둘째", 40, 150))),
        Block(table, kind="table"),
        Block((glued,), kind="list"),
        Block((turned, column)),
    )
    return Document((Page(*SIZE, blocks),), "쪽.png")


@pytest.mark.parametrize("width", [1000, 360])
@pytest.mark.parametrize("name", ["html", "svg"])
def test_text_is_copied_as_it_was_read(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    path = tmp_path / f"a{WRITERS[name].suffix}"
    with open_source(np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)) as pages:
        path.write_bytes(WRITERS[name].build().encode(document(), pages))
    page = browser.new_page(viewport={"width": width, "height": 600})
    page.goto(path.as_uri())
    copied = page.evaluate(
        "() => { const all = getSelection(); all.selectAllChildren(document.documentElement); return all.toString() }"
    )
    assert [row for row in copied.split("\n") if row.strip()] == document().pages[0].text.replace("\n\n", "\n").split(
        "\n"
    )
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.close()


def test_words_stand_where_they_stood(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(WRITERS["svg"].build().encode(document()))
    page = browser.new_page(viewport={"width": 1000, "height": 600})
    page.goto(path.as_uri())
    boxes = page.evaluate(
        "() => [...document.querySelectorAll('tspan')].map(span => { const box = span.getBoundingClientRect();"
        " return [box.left, box.top, box.right, box.bottom] })"
    )
    for (left, top, right, bottom), word in zip(boxes, document().pages[0].words, strict=True):
        assert word.quad is not None
        x, y = (sum(point[axis] for point in word.quad) / 4 for axis in (0, 1))
        # The middle of the word's place lies within its text, a space after it included.
        assert (left < x < right, top < y < bottom) == (True, True)
    page.close()
