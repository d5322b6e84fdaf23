"""The sample pages, read from end to end by the shipped weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from geulnun import Document, Reader
from geulnun.charset import DEFAULT, normalise
from geulnun.metrics import eojeol_bag

PAGES = ("letter.png", "receipt.jpg")


@pytest.fixture(scope="module")
def documents(samples: Path) -> dict[str, Document]:
    """Every sample, read once by one reader."""
    reader = Reader()
    return {name: reader.read(samples / name) for name in PAGES}


def _truth(samples: Path, name: str) -> str:
    return (samples / name).with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_the_truth_can_be_written(samples: Path, name: str) -> None:
    assert DEFAULT.missing(normalise(_truth(samples, name))) == []


@pytest.mark.parametrize("name", PAGES)
def test_nearly_every_eojeol_is_read(samples: Path, documents: dict[str, Document], name: str) -> None:
    assert eojeol_bag(_truth(samples, name), documents[name].text).f1 >= 0.95


def test_the_letter_comes_in_reading_order(documents: dict[str, Document]) -> None:
    text = documents["letter.png"].text
    marks = ["문서번호", "시험을", "음료는", "궁금한", "요금", "2026년"]
    assert [mark for mark in marks if mark not in text] == []
    assert sorted(marks, key=text.index) == marks


def test_every_word_has_a_place_on_the_page(documents: dict[str, Document]) -> None:
    for document in documents.values():
        page = document.pages[0]
        for word in page.words:
            assert word.quad is not None
            assert all(-9 <= x <= page.width + 9 and -9 <= y <= page.height + 9 for x, y in word.quad)
            assert 0 < word.confidence <= 1
