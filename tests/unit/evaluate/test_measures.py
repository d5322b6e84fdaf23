"""What is summed for measures of places, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geulnun.document import Block, Char, Line, Page, Word
from geulnun.evaluate.cases import Case
from geulnun.evaluate.measures import MEASURES, place_columns
from geulnun.evaluate.pairing import Matched
from geulnun.evaluate.scoring import score
from geulnun.geometry import from_boxes, to_tuples

#: Two words of two characters, 10 pixels each, with 10 between the words.
QUADS = to_tuples(from_boxes([[x, 0, x + 10, 10] for x in (0, 10, 30, 40)]))
CHARS = [Char(text, quad) for text, quad in zip("가나다라", QUADS, strict=True)]


def _span(first: int, last: int) -> object:
    return (QUADS[first][0], QUADS[last][1], QUADS[last][2], QUADS[first][3])


def _page(*words: tuple[int, int]) -> Page:
    made = tuple(Word(tuple(CHARS[a : b + 1]), _span(a, b)) for a, b in words)  # type: ignore[arg-type]
    return Page(60, 20, (Block((Line(made, _span(0, 3)),)),))  # type: ignore[arg-type]


TRUTH, TOGETHER = _page((0, 1), (2, 3)), _page((0, 3))


def _value(columns: dict[str, tuple[float, ...]], name: str) -> float:
    return float(MEASURES[name].combine(np.array(columns[name])))


def _matched(truth: Page, read: Page) -> Matched:
    return Matched(Case("a", (truth,)), truth, read)


def test_words_that_were_joined_are_a_merge() -> None:
    columns = place_columns(_matched(TRUTH, TOGETHER), "word", ("line", "word", "char"))
    assert (_value(columns, "line_f1"), _value(columns, "line_f1_mean"), _value(columns, "char_f1_mean")) == (1, 1, 1)
    # Each word has 20 of the 50 pixels: no pair.
    assert (_value(columns, "word_f1"), _value(columns, "word_merges"), _value(columns, "word_splits")) == (0, 1, 0)
    other = place_columns(_matched(TOGETHER, TRUTH), "word", ("word",))
    assert (_value(other, "word_splits"), _value(other, "word_merges")) == (1, 0)
    assert "line_f1" not in other


def test_the_mean_over_thresholds_counts_what_is_loose() -> None:
    moved = to_tuples(np.asarray(QUADS) + [2.0, 0.0])
    read = Page(60, 20, (Block((Line((Word(tuple(map(Char, "가나다라", moved))),)),)),))
    columns = place_columns(_matched(TRUTH, read), "line", ("char",))
    # An IoU of 8 / 12 is enough for four of the ten thresholds.
    assert _value(columns, "char_f1") == 1.0
    assert _value(columns, "char_f1_mean") == pytest.approx(0.4)


def test_a_run_that_tells_no_characters_has_no_figure_for_them() -> None:
    line = replace(TRUTH.lines[0], words=(replace(TRUTH.words[0], chars=(Char("가"),), quad=None),))
    bare = Page(60, 20, (Block((line,)),))
    columns = score("bare", [_matched(TRUTH, bare)], ()).columns
    assert {"line_f1", "line_f1_mean"} <= set(columns)
    assert not {"word_f1", "char_f1", "char_f1_mean"} & set(columns)
    assert {"word_f1", "char_f1"} <= set(score("whole", [_matched(TRUTH, TOGETHER)], ()).columns)
