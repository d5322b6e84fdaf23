"""The bench of detectors, with finders that know the answers, or part of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import final

import numpy as np
import pytest

from geulnun import geometry
from geulnun.bench import detectors, detectors_report, finders
from geulnun.bench.detector_costs import Cost
from geulnun.bench.detectors import Kept, PageSet, Result, curved, measure, without_curved
from geulnun.bench.engines import Image
from geulnun.bench.finders import Finder, Found, words_of
from geulnun.bench.samples import Sample, page_of_lines
from geulnun.document import Block, Char, Line, Page, Word
from geulnun.runtime import weights

#: A line of two words of two characters, 10 pixels each.
CELLS = geometry.from_boxes([[x, 10, x + 10, 20] for x in (10, 20, 40, 50)])


def _span(cells: np.ndarray) -> np.ndarray:
    return np.stack([cells[0, 0], cells[-1, 1], cells[-1, 2], cells[0, 3]])


WORDS = np.stack([_span(CELLS[:2]), _span(CELLS[2:])])
LINE = _span(CELLS)[None]


def _truth() -> Page:
    quads = geometry.to_tuples(CELLS)
    words = tuple(
        Word(tuple(Char(text, quad) for text, quad in zip(texts, quads[at : at + 2], strict=True)), quad)
        for at, texts, quad in zip((0, 2), ("가나", "다라"), geometry.to_tuples(WORDS), strict=True)
    )
    return Page(80, 30, (Block((Line(words, geometry.to_tuple(LINE[0])),)),))


@final
class _Knows(Finder):
    """Finds the line; words and characters too unless it is plain. Counts how often it was asked."""

    def __init__(self, name: str, plain: bool = False, setting: str = "2 threads") -> None:
        self.name, self.setting, self.megabytes, self.identity = name, setting, 1.5, name
        self.plain, self.asked = plain, 0

    def find(self, image: Image) -> Found:
        self.asked += 1
        if image.shape[0] != 30:
            return Found(np.zeros((0, 4, 2)) if self.plain else LINE)
        if self.plain:
            return Found(LINE, scaling=0.05, network=0.2, rest=0.1)
        return Found(LINE, WORDS[:1], CELLS, network=0.3, rest=0.1, read=page_of_lines(80, 30, [("가나 다라", None)]))


def _set(kind: detectors.Kind = "drawn", size: int = 2, read: int = 0) -> PageSet:
    def samples() -> Iterator[Sample]:
        for at in range(size):
            yield Sample(f"pages/{at}", np.full((30, 80, 3), 200 + at, np.uint8), _truth())

    return PageSet("pages", kind, size, samples, read)


def _quiet(*_: object) -> None: ...


def test_each_finder_is_measured_in_what_it_tells(tmp_path: Path) -> None:
    whole, plain = measure([_Knows("whole"), _Knows("plain", True)], [_set()], tmp_path, _quiet)
    assert whole.value("line_f1") == 1.0
    assert whole.value("cleval_detection") == pytest.approx(1.0)
    # Of two words it finds one.
    assert whole.value("word_f1") == pytest.approx(2 / 3)
    assert (whole.value("char_f1"), whole.value("char_f1_mean")) == (1.0, 1.0)
    assert plain.value("line_f1") == 1.0
    assert plain.value("word_f1") is plain.value("char_f1") is plain.value("read:soft_f1") is None
    assert plain.pages == 2
    assert plain.milliseconds == pytest.approx((50.0, 200.0, 100.0))


def test_real_truth_knows_no_words(tmp_path: Path) -> None:
    (whole,) = measure([_Knows("whole")], [_set("real")], tmp_path, _quiet)
    assert whole.value("line_f1") == 1.0
    assert whole.value("word_f1") is None


def test_what_is_found_on_an_empty_page_is_wrong_where_that_is_known(tmp_path: Path) -> None:
    def samples() -> Iterator[Sample]:
        yield Sample("empty", np.full((30, 80, 3), 255, np.uint8), Page(80, 30))

    (wrong,) = measure([_Knows("whole")], [replace(_set(), size=1, samples=samples)], tmp_path, _quiet)
    assert (wrong.value("line_f1"), wrong.value("char_f1"), wrong.value("cleval_detection")) == (0.0, 0.0, 0.0)
    (unknown,) = measure([_Knows("whole")], [replace(_set("real"), size=1, samples=samples)], tmp_path / "r", _quiet)
    assert unknown.value("line_f1") is None


def test_what_was_measured_is_kept(tmp_path: Path) -> None:
    finder = _Knows("whole")
    first = measure([finder], [_set(size=1)], tmp_path, _quiet)
    (file,) = tmp_path.glob("*.jsonl")
    with file.open("a") as torn:
        torn.write('\n["pages/1 found", {"line_f1": [1')
    second = measure([finder], [_set(size=2)], tmp_path, _quiet)
    assert finder.asked == 2
    assert second[0].value("line_f1") == first[0].value("line_f1") == 1.0
    assert second[0].sums["line_f1"] == [4.0, 4.0]
    assert len(Kept(tmp_path, finder).pages) == 2


def test_readings_are_pooled_beside_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reads:
        def page(self, image: Image, found: Found) -> Page:
            return page_of_lines(80, 30, [("가나 다마", geometry.to_tuple(found.lines[0]))])

    monkeypatch.setattr(detectors, "_Reads", Reads)
    (result,) = measure([_Knows("whole")], [_set(size=3, read=2)], tmp_path, _quiet)
    assert result.sums["read:eojeol_bag_f1"] == [4.0, 8.0]
    # Four of five characters, the space among them.
    assert result.value("read:soft_f1") == pytest.approx(0.8)
    assert result.value("own:eojeol_bag_f1") == 1.0


def test_pages_without_text_count_false_lines(tmp_path: Path) -> None:
    quiet = detectors.noise(1, side=64)
    names = [sample.name for sample in quiet.samples()]
    assert len(names) == len(set(names)) == quiet.size
    assert {sample.image.shape[0] for sample in quiet.samples()} == {64, 1, 20_000}
    some, none = measure([_Knows("some"), _Knows("none", True)], [quiet], tmp_path, _quiet)
    assert (some.false_lines, none.false_lines) == (1.0, 0.0)


def test_curved_lines_and_what_lies_on_them_are_left_out() -> None:
    turn = np.radians(30)
    leaning = CELLS[3] @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    truth = _truth()
    (line,) = truth.lines
    last = replace(line.words[1], chars=(line.words[1].chars[0], Char("라", geometry.to_tuple(leaning))))
    bent = replace(line, words=(line.words[0], last))
    assert curved(bent)
    assert not curved(line)
    below = [quad + [0, 200] for quad in (LINE[0], WORDS[0])]
    page = Page(80, 300, (Block((bent, Line((), geometry.to_tuple(below[0])))),))
    found = Found(np.stack([LINE[0], below[0]]), np.stack([*WORDS, below[1]]), CELLS)
    kept, shapes = without_curved(page, found)
    assert [one.quad for one in kept.lines] == [geometry.to_tuple(below[0])]
    np.testing.assert_array_equal(shapes.lines, below[:1])
    assert shapes.words is not None
    assert shapes.chars is not None
    assert (len(shapes.words), len(shapes.chars)) == (1, 0)
    assert without_curved(truth, found) == (truth, found)


def test_words_of_tesseract_are_those_with_text() -> None:
    head = "level\tpage\tblock\tpar\tline\tword\tleft\ttop\twidth\theight\tconf\ttext"
    rows = [
        "4\t1\t1\t1\t1\t0\t0\t0\t90\t20\t-1\t",
        "5\t1\t1\t1\t1\t1\t10\t5\t30\t12\t90\t가나",
        "5\t1\t1\t1\t1\t2\t50\t5\t9\t9\t9\t ",
    ]
    np.testing.assert_array_equal(geometry.to_boxes(words_of("\n".join([head, *rows]))), [[10, 5, 40, 17]])
    assert words_of(head).shape == (0, 4, 2)


def test_the_report_lists_all_and_shows_drawn_pages(tmp_path: Path) -> None:
    whole, plain = _Knows("whole"), _Knows("plain", True)
    sets = [_set(), _set("real"), replace(_set("real"), name="others"), detectors.noise(1, side=64)]
    results = measure([whole, plain], sets, tmp_path, _quiet)
    costs = [
        Cost(whole, "A4", 0.05, 0.25, 0.1, 0.04, 1, 2, 4),
        Cost(_Knows("Tesseract", setting="psm 3"), "A4", 0.0, 0.0, 2.0, 0.0, 1, 2, 0),
    ]
    picture = detectors_report.pictures([whole, plain], sets, tmp_path / "out" / "detectors.webp")
    text = detectors_report.as_markdown("- today", results, costs, picture)
    assert "| whole | 66.67 % | 66.67 % | 100.00 %" in text
    assert "## All Korean pages, 4 images" in text
    assert "| A4 | whole | 1.50 | 50 | 250 | 100.0 | 25.00 % | 40.0 | 0.200 | 1 | 2 | 4 |" in text
    assert "(detectors.webp)" in text
    assert (tmp_path / "out/detectors.webp").stat().st_size > 1000
    content = detectors_report.as_json({}, results, costs)
    rows = json.loads(json.dumps(content))["rows"]
    assert {row["set"] for row in rows} == {"pages", "others", "all Korean pages", "pages without text"}
    assert next(row for row in rows if row["set"] == "all Korean pages")["line_f1"] == 1.0


def test_a_network_is_timed_apart_from_the_rest() -> None:
    finder = finders.Network(weights.path("detector"), threads=1)
    found = finder.find(np.full((64, 96, 3), 255, np.uint8))
    assert found.network > 0
    assert found.rest > found.decoding > 0
    assert found.scaling > 0
    assert found.seconds == pytest.approx(found.scaling + found.network + found.rest)
    assert (len(found.lines), found.units) == (0, ("line", "word", "char"))
    assert finder.name == "regions"
    assert finders.Network(weights.path("detector"), 1, "mine").name == "mine"
    assert 0.5 < finder.megabytes < 8
    assert isinstance(Result(finder, _set(), 0, {}).value("line_f1"), type(None))
