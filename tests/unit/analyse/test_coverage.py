import pytest

from geulnun.analyse.coverage import coverage


def test_floor_and_ceiling() -> None:
    result = coverage("가나 다라\n 마", set("가나다"))
    assert result.missing == (("라", 1), ("마", 1))
    assert (result.chars, result.eojeols, result.eojeols_hit) == (7, 3, 2)
    assert result.cer_floor == pytest.approx(2 / 7)
    assert result.eojeol_ceiling == pytest.approx(1 / 3)


def test_nothing_missing_and_nothing_at_all() -> None:
    assert coverage("가 가", "가").cer_floor == 0
    empty = coverage("  ", "")
    assert (empty.chars, empty.cer_floor, empty.eojeol_ceiling) == (0, 0.0, 1.0)


def test_most_frequent_first() -> None:
    assert [char for char, _ in coverage("b a a c", "").missing] == ["a", "b", "c"]
