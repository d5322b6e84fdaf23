"""The bench of orientation: every page in four turns, every line both ways up, told by one who knows or not."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from geulnun import geometry
from geulnun.bench import orientation
from geulnun.bench.orientation import Result, Row
from geulnun.decode.posture import PageTurn
from geulnun.document import Block, Line, Page, line_from_text
from geulnun.synth.sample import Sample

TEXTS = ("가나다라마바", "12-345", "가", "A 4 나")


class _Source:
    """Draws a page with a mark in its upper left corner, or a line with one at its upper left end; some blank pages."""

    size = None

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def sample(self, index: int, seed: int) -> Sample:
        image = np.full((60, 100), 255, np.uint8)
        image[:10, :10] = 0
        text = TEXTS[index % len(TEXTS)]
        lines: tuple[Line, ...] = (line_from_text(text, geometry.to_tuple([[0, 0], [99, 0], [99, 20], [0, 20]])),)
        if self.kind == "pages" and index % 2:
            lines = ()
        if self.kind == "columns":
            image = np.ascontiguousarray(np.rot90(image, -1))
        page = Page(image.shape[1], image.shape[0], (Block(lines),))
        return Sample(image, page, {"kind": "letter"})


class _Knows:
    """Tells by the mark."""

    def __init__(self, columns: bool = False) -> None:
        self.columns = columns

    def postures(self, crops: Sequence[Any], /) -> Any:
        out = np.zeros((len(crops), 4))
        for row, crop in zip(out, crops, strict=True):
            row[2 * self.columns + int(crop[0, 0] > 0)] = 0.95
            row += 0.0125
        return out

    def page(self, image: Any, quads: Any, guess: int, /) -> PageTurn:
        corners = [image[0, 0], image[0, -1], image[-1, -1], image[-1, 0]]
        return PageTurn((-90 * int(np.argmin(corners))) % 360, 0.95, 0.0)


def _plan(kind: str) -> Any:
    return SimpleNamespace(source=lambda: _Source(kind))


def _blind(image: Any) -> Any:
    return SimpleNamespace(quads=np.zeros((0, 4, 2)), rotation=0)


def test_pages_come_in_all_turns_and_blank_ones_are_passed_over() -> None:
    result = Result()
    orientation.pages(_Knows(), _blind, _plan("pages"), 3, 1, result)
    row = result.pages["all pages"]
    assert (row.right.right, row.right.total, row.share_sure) == (12, 12, 1.0)
    # Who never turns a page is right for a quarter of them.
    assert row.rival.value == 0.25
    assert result.pages.keys() == {"all pages", "letter"}


@pytest.mark.parametrize("columns", [False, True])
def test_lines_come_both_ways_up(columns: bool) -> None:
    result = Result()
    orientation.lines(_Knows(columns), _plan("columns" if columns else "lines"), 4, 1, columns, result)
    assert all(row.right.value == 1.0 for row in result.lines.values())
    samples = {name: row.right.total for name, row in result.lines.items()}
    if columns:
        assert samples == {"columns": 8, "lines told from columns": 8}
        return
    assert samples == {
        "lines of Hangul": 6,
        "lines of Hangul, 6 and more syllables": 2,
        "lines of Hangul, 1 to 2 syllables": 4,
        "lines with little or no Hangul": 2,
        "lines told from columns": 8,
    }
    wrong = Result()
    orientation.lines(_Knows(not columns), _plan("lines"), 1, 1, columns, wrong)
    assert wrong.lines["lines of Hangul"].right.value == 1.0
    assert wrong.lines["lines told from columns"].right.value == 0.0


def test_the_report_says_how_many_were_sure() -> None:
    row = Row()
    for right, confidence in ((True, 0.99), (True, 0.6), (False, 0.95), (False, 0.5)):
        row.add(right, confidence, True)
    result = Result({"all pages": row}, {"columns": row}, 12.0, 3.0)
    rows: Any = orientation.as_json({}, result)["rows"]
    first, second = rows
    assert (first["right"], first["sure"], first["right_where_sure"], first["detector"]) == (0.5, 0.5, 0.5, 1.0)
    assert second["of"] == "lines"
    text = orientation.as_markdown("- today", result)
    assert "| all pages | 4 | 50.00 % | 50.00 % | 50.00 % | 100.00 % |" in text
    assert "| columns | 4 | 50.00 % | 50.00 % | 50.00 % |" in text
