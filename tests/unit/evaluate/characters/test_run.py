"""What is counted of recognisers of characters, by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.evaluate.characters.run import RunOptions, evaluate, interval, matrices
from geulnun.evaluate.characters.sets import FONT, HAND, OTHER, PRINTED, Glyph, group_of
from geulnun.runtime.characters import CharacterRecogniser

Draw = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


def test_groups_are_counted_apart(glyph: Draw, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가각나단"), threads=1)

    def one(name: str, truth: str, shown: str, group: str) -> Glyph:
        return Glyph(name, truth, group, lambda: glyph(shown), {"font": name[0]})

    def broken() -> NDArray[np.uint8]:
        raise DamagedInputError("e.png: broken")

    glyphs = [
        one("a1", "가", "가", PRINTED), one("a2", "각", "각", PRINTED), one("b1", "나", "단", HAND),
        one("b2", "뷁", "가", HAND), Glyph("e", "가", HAND, broken),
        Glyph("c", "가", PRINTED, lambda: np.full((9, 9), 255, np.uint8), {"font": "c"}),
    ]  # fmt: skip
    told: list[int] = []
    found = evaluate("set", "net", reader, glyphs, RunOptions(n=4, right=1, by=("font",)), told.append)
    assert (found.whole.images, found.whole.first, found.whole.unnamed, told) == (5, 2, 1, [5])
    assert list(found.groups) == [PRINTED, HAND]
    assert [found.groups[name].top1 for name in (PRINTED, HAND)] == pytest.approx([2 / 3, 0])
    # All four characters are among the four best, so only what cannot be written or has no ink is missed.
    assert [found.groups[name].topn for name in (PRINTED, HAND)] == pytest.approx([2 / 3, 0.5])
    assert {name: score.images for name, score in found.facts["font"].items()} == {"a": 2, "b": 2, "c": 1}
    assert found.outside == {"뷁": 1}
    assert found.left_out == ("e.png: broken",)
    assert found.confusions.faults == {("나", "단"): 1, ("뷁", "가"): 1, ("가", ""): 1}
    assert [one.glyph.name for one in found.wrong][-1] == "c"
    assert [one.right for one in found.right] == [True]
    assert found.milliseconds > 0


def test_only_the_surest_wrong_ones_are_kept(glyph: Draw, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가각나단", sharpness=2), threads=1)
    shown = [("가", "각"), ("가", "나"), ("가", "단"), ("나", "각")]
    glyphs = [Glyph(a + b, a, PRINTED, lambda b=b: glyph(b)) for a, b in shown]  # type: ignore[misc]
    sure = {name: guess.confidence for (a, b), name in zip(shown, [g.name for g in glyphs], strict=True)
            for guess in reader.read([glyph(b)])}  # fmt: skip
    found = evaluate("set", "net", reader, glyphs, RunOptions(wrong=2, right=0))
    best = sorted(sure.values(), reverse=True)[:2]
    assert [one.guess.confidence for one in found.wrong] == pytest.approx(best, rel=1e-5)
    assert found.right == ()


def test_jamo_are_counted_of_syllables_only() -> None:
    found = matrices({("가", "나"): 2, ("각", "A"): 1, ("A", "가"): 1, ("가", ""): 1}, {"가": 10, "각": 1, "A": 1})
    assert found["cho"][0].tolist() == [7, 0, 2, *[0] * 16]
    assert found["jung"].sum() == found["jong"].sum() == 9
    assert found["jung"][0, 0] == 9


def test_intervals_are_those_of_wilson() -> None:
    # Published values: 9 of 10, 0 of 10.
    assert interval(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-4)
    assert interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert interval(0, 0) == (0, 1)


def test_nothing_to_read_is_told(matcher: Matcher) -> None:
    with pytest.raises(MissingInputError, match="set: no image of a character"):
        evaluate("set", "net", CharacterRecogniser(matcher("가나"), threads=1), [])
    with pytest.raises(UsageError, match="wrong is -1"):
        RunOptions(wrong=-1)


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        ({"style": "print"}, PRINTED), ({"group": "clova", "style": "printed"}, FONT), ({"style": "hand"}, HAND),
        ({"group": "printed", "style": "brush", "font": "a.ttf"}, FONT),
        ({"group": "printed", "style": "sans"}, PRINTED), ({"group": "handwritten", "style": "sans"}, HAND),
        ({}, OTHER),
    ],
)  # fmt: skip
def test_groups_are_told_by_facts(facts: dict[str, object], group: str) -> None:
    assert group_of(facts) == group
