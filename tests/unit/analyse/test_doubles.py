"""Lines found twice."""

from __future__ import annotations

from geulnun.analyse.doubles import without_doubles
from geulnun.document import Char, Line, Quad, Word


def line(text: str, left: float, top: float, right: float, bottom: float, confidence: float = 0.9) -> Line:
    quad: Quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    words = tuple(Word(tuple(Char(char, confidence=confidence) for char in word)) for word in text.split())
    return Line(words, quad, confidence)


WHOLE = line("서울 시장 인", 0, 0, 90, 20)


def test_a_part_of_a_line_is_dropped_and_the_order_kept() -> None:
    other = line("시장", 0, 40, 30, 60)
    assert without_doubles([line("시장", 30, 1, 60, 19), other, WHOLE]) == [other, WHOLE]
    # Three quarters of it lie inside.
    assert without_doubles([WHOLE, line("인", 70, 0, 95, 20)]) == [WHOLE]


def test_another_text_or_place_is_no_double() -> None:
    lines = [WHOLE, line("사장", 30, 1, 60, 19), line("인", 80, 0, 100, 20), line("인", 200, 0, 220, 20)]
    assert without_doubles(lines) == lines


def test_of_two_alike_the_surer_stays_and_of_equal_ones_the_first() -> None:
    sure, unsure = line("가 나", 0, 0, 40, 20, 0.9), line("가나", 1, 0, 41, 20, 0.8)
    assert without_doubles([unsure, sure]) == without_doubles([sure, unsure]) == [sure]
    again = line("가 나", 1, 0, 41, 20, 0.9)
    assert without_doubles([sure, again]) == [sure]
    assert without_doubles([again, sure]) == [again]


def test_lines_without_place_stay() -> None:
    bare = Line(WHOLE.words)
    assert without_doubles([bare, bare, WHOLE]) == [bare, bare, WHOLE]
    assert without_doubles([]) == []


def test_many_lines() -> None:
    lines = [line("가나", 0, 30 * at, 40, 30 * at + 20) for at in range(700)]
    part = line("나", 20, 30 * 650, 40, 30 * 650 + 20)
    assert without_doubles([*lines, part]) == lines
