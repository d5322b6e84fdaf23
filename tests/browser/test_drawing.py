"""The drawing board on the page: a character and a line drawn with the pointer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
Stroke = Sequence[tuple[float, float]]

#: 한 as someone might write it, in shares of the board's height.
HAN: list[Stroke] = [
    [(0.36, 0.13), (0.50, 0.14)],
    [(0.24, 0.24), (0.62, 0.235)],
    [(0.43 + 0.11 * sin(pi * turn / 8), 0.41 - 0.11 * cos(pi * turn / 8)) for turn in range(17)],
    [(0.74, 0.10), (0.745, 0.60)],
    [(0.745, 0.35), (0.88, 0.35)],
    [(0.34, 0.64), (0.34, 0.86), (0.80, 0.855)],
]


def draw(page: Page, strokes: Sequence[Stroke], button: str = "left") -> None:
    board = page.locator("canvas.ink").bounding_box()
    assert board
    for stroke in strokes:
        points = [(board["x"] + x * board["height"], board["y"] + y * board["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down(button=button)  # type: ignore[arg-type]  # one of three names
        for point in points[1:]:
            page.mouse.move(*point, steps=4)
        page.mouse.up(button=button)  # type: ignore[arg-type]


def shrunk(strokes: Sequence[Stroke], left: float) -> list[Stroke]:
    return [[(x * 0.7 + left, y * 0.7 + 0.1) for x, y in stroke] for stroke in strokes]


def inked(page: Page) -> int:
    """Pixels of the board that hold ink."""
    return int(
        page.evaluate(
            """() => {
                const ink = document.querySelector("canvas.ink");
                const { data } = ink.getContext("2d").getImageData(0, 0, ink.width, ink.height);
                return data.filter((_, at) => at % 4 === 3).filter((alpha) => alpha > 128).length;
            }"""
        )
    )


def guesses(page: Page) -> list[str | None]:
    return [one.get_attribute("data-char") for one in page.locator(".tile[data-char]").all()]


def test_han_drawn_with_the_pointer_is_read(open_page: Open) -> None:
    page = open_page("#draw")
    expect(page.locator("#invite")).to_be_visible()
    draw(page, HAN)
    # It is read as it is written; the last stroke's answer is the one that has the final.
    expect(page.locator(".column li:first-child b")).to_have_text(["ㅎ", "ㅏ", "ㄴ"])
    assert "한" in guesses(page)
    assert len(guesses(page)) == 5
    expect(page.locator("canvas.heat")).to_be_visible()
    page.locator(".column.jong").click()
    expect(page.locator(".column.jong")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("1")
    assert page.input_value("#written") == "한"
    assert inked(page) == 0
    expect(page.locator("#invite")).to_be_visible()


def test_ink_is_erased_undone_and_cleared(open_page: Open) -> None:
    page = open_page("#draw")
    draw(page, [[(0.1, 0.5), (0.9, 0.5)]])
    whole = inked(page)
    assert whole > 0
    draw(page, [[(0.5, 0.3), (0.5, 0.7)]], button="right")
    rubbed = inked(page)
    assert rubbed < whole
    page.keyboard.press("z")
    assert inked(page) == whole
    page.keyboard.press("y")
    assert inked(page) == rubbed
    page.keyboard.press("e")
    draw(page, [[(0.2, 0.3), (0.2, 0.7)]])
    assert inked(page) < rubbed
    page.click('[data-act="clear"]')
    assert inked(page) == 0
    page.keyboard.press("Control+z")
    assert 0 < inked(page) < rubbed


def test_an_alphabet_chosen_binds_the_guesses(open_page: Open) -> None:
    page = open_page("#draw")
    draw(page, [[(0.2, 0.25), (0.78, 0.25), (0.78, 0.78)], [(0.18, 0.76), (0.8, 0.76)]])
    page.wait_for_selector(".tile[data-char]")
    page.select_option("#script", "katakana")
    for _ in range(100):
        if all(char and "ァ" <= char <= "ー" for char in guesses(page)):
            break
        page.wait_for_timeout(100)
    else:
        pytest.fail(f"other characters are named: {guesses(page)}")
    assert guesses(page)[0] == "コ"


def test_a_line_is_read(open_page: Open) -> None:
    page = open_page("#draw")
    page.click('[data-mode="line"]')
    draw(page, shrunk(HAN, 0.2) + shrunk(HAN, 1.0))
    page.wait_for_selector(".reading-line")
    page.wait_for_timeout(800)
    expect(page.locator(".reading-line")).to_contain_text("한")
    page.click(".reading-line")
    assert "한" in page.input_value("#written")
    assert inked(page) == 0
