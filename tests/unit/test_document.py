"""The document tree: its text is lossless and it cannot be changed in place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from geulnun.document import Block, Char, Document, Line, Page, Word, line_from_text


def _page(*blocks: str) -> Page:
    return Page(100, 80, tuple(Block(tuple(line_from_text(line) for line in block.split("\n"))) for block in blocks))


def test_text_joins_words_lines_blocks_and_pages() -> None:
    page = _page("가 나\n다", "라")
    assert page.text == "가 나\n다\n\n라"
    assert Document((page, _page("마"))).text == "가 나\n다\n\n라\f마"


def test_a_line_keeps_the_absence_of_spaces() -> None:
    words = (Word((Char("가"),), space_after=False), Word((Char("나"),)), Word((Char("다"),)))
    assert Line(words).text == "가나 다"


def test_lines_and_words_come_in_reading_order() -> None:
    page = _page("가 나\n다", "라")
    assert [line.text for line in page.lines] == ["가 나", "다", "라"]
    assert [word.text for word in page.words] == ["가", "나", "다", "라"]


def test_empty_things_have_empty_text() -> None:
    assert Document().text == ""
    assert Page(1, 1).text == ""
    assert Page(1, 1, (Block(()), *_page("가").blocks)).text == "가"
    assert Line(()).text == ""


def test_a_word_is_as_sure_as_its_least_sure_character() -> None:
    assert Word((Char("가", confidence=0.9), Char("나", confidence=0.4))).confidence == 0.4
    assert Word(()).confidence == 1.0


def test_nodes_are_frozen_and_replaced() -> None:
    page = _page("가")
    with pytest.raises(FrozenInstanceError):
        page.width = 7  # type: ignore[misc]
    assert replace(page, number=3).number == 3
    assert hash(page) == hash(_page("가"))


def test_a_document_is_iterated_by_page() -> None:
    pages = (_page("가"), _page("나"))
    assert tuple(Document(pages)) == pages
