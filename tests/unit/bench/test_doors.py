"""What counts as text that came out as it went in, and the report of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from geulnun.bench import doors, doors_report
from geulnun.bench.doors_server import ServerScore
from geulnun.bench.samples import Sample
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.errors import DamagedInputError
from geulnun.geometry import from_boxes, to_tuple

META: dict[str, object] = {
    "date": "2026-11-22", "commit": None, "command": "geulnun bench doors",
    "machine": {"cpu": "one", "cores": 2, "memory_gb": 8, "system": "Linux"}, "versions": {"python": "3"},
}  # fmt: skip


def test_a_page_counts_by_words_by_bag_and_by_rows() -> None:
    tally = doors.Tally()
    tally.add("가 나\n다", ["가 나", "다"], "가  나\r\n다\f")
    tally.add("가 나\n다", ["가 나", "다"], "다\n가 나")
    tally.add("가 나\n다", ["가 나", "다"], "가 나 다")
    tally.add("가 나\n다", ["가 나", "다"], "가나 다")
    assert (tally.pages, tally.words, tally.bag, tally.rows) == (4, 2, 3, 1)


class _Truth:
    """Reads a page as if it knew what stands there."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def read(self, _: bytes) -> object:
        from geulnun.document import Document

        return Document((self._page,))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")
def test_pages_go_through_both_programs() -> None:
    quad = to_tuple(from_boxes([20, 20, 180, 60]))
    page = Page(240, 100, (Block((Line((Word((Char("글"), Char("눈"))), Word((Char("1"),))), quad),)),))
    sample = Sample("a.png", np.full((100, 240, 3), 255, np.uint8), page)
    told: list[tuple[str, int]] = []
    score = doors.measure([sample], _Truth(page), lambda name, done: told.append((name, done)))  # type: ignore[arg-type]
    assert told == [("a.png", 1)]
    assert set(score.tallies) == {(tree, program) for tree in doors.TREES for program in doors.PROGRAMS}
    assert all((one.pages, one.words, one.bag, one.rows) == (1, 1, 1, 1) for one in score.tallies.values())
    assert not score.failed
    part = doors_report.pdf_json(META, score)
    text = doors_report.as_markdown({"pdf": part})
    assert "| truth | pdftotext -raw | 1 | 1 of 1 | 1 of 1 | 1 of 1 |" in text
    assert "## Server" not in text


def test_the_server_has_its_row() -> None:
    score = ServerScore(8, 50, 0, 1.9, 2.0, 0.5, 3.25, 4.0)
    text = doors_report.as_markdown({"server": doors_report.server_json(META, score)})
    assert "| 8 | 50 | 0 | 1.900 | 2.000 | 95.0% | 0.50 s | 3.25 s | 4.00 s |" in text


def test_parts_not_measured_again_are_kept(tmp_path: Path) -> None:
    assert doors_report.before(tmp_path) == {}
    (tmp_path / "doors.json").write_text('{"server": {"clients": 8}}')
    assert doors_report.before(tmp_path) == {"server": {"clients": 8}}
    for damaged in ("{", "[]"):
        (tmp_path / "doors.json").write_text(damaged)
        with pytest.raises(DamagedInputError, match="delete it"):
            doors_report.before(tmp_path)
