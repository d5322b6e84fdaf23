"""Statistics of texts, by value."""

from __future__ import annotations

import pytest

from geulnun import hangul
from geulnun.synth.statistics import count, is_common, script


def test_ks_x_1001_holds_2350_syllables() -> None:
    assert sum(map(is_common, hangul.syllables())) == 2350
    assert is_common("를")
    assert not is_common("뷁")
    assert not is_common("A")


@pytest.mark.parametrize(
    ("char", "wanted"),
    [
        ("글", "syllables"),
        ("ㅋ", "jamo"),
        ("7", "digits"),
        ("q", "Latin"),
        ("カ", "kana"),
        ("漢", "ideographs"),
        (" ", "space"),
        ("₩", "signs"),
    ],
)
def test_scripts(char: str, wanted: str) -> None:
    assert script(char) == wanted


def test_counts() -> None:
    found = count([("값을 본 A", {"kind": "words", "style": "sans"}), ("값을 본\n7", {"kind": "words"})])
    assert found.texts == 2
    assert found.total == 11
    assert dict(found.lines) == {6: 1, 4: 1, 1: 1}
    assert dict(found.eojeols) == {2: 2, 1: 4}
    assert found.syllables == [("값", 2), ("본", 2), ("을", 2)]
    assert found.jamo["ㅄ"] == 2
    assert found.jamo["ㄹ"] == 2
    # Four runs of the first line, then two of the second line that are known.
    assert found.novelty == pytest.approx(4 / 6)
    assert found.facts == {"kind": {"words": 2}, "style": {"sans": 1}}
    assert found.scripts["syllables"] == pytest.approx(6 / 11)


def test_the_table_tells_it_and_nothing_is_no_error() -> None:
    table = count([("값을 본 |", {"kind": "words"})]).text()
    assert "| syllables seen | 3 of 11,172; 3 of KS X 1001's 2,350 |" in table
    assert "| kind | words 1 |" in table
    assert "| texts | 0 |" in count([]).text()
