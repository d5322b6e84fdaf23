"""Which lines are shown, and their pictures."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geulnun.document import Block, Page, Quad, line_from_text
from geulnun.evaluate import worst
from geulnun.evaluate.alignment import align
from geulnun.evaluate.cases import Case
from geulnun.evaluate.pairing import Matched
from geulnun.evaluate.worst import WorstCase, changed_cases, line_picture, worst_cases


def page(*lines: str) -> Page:
    return Page(100, 100, (Block(tuple(line_from_text(line) for line in lines)),))


def matched(name: str, truth: Page, read: Page) -> Matched:
    return Matched(Case(name, (truth,)), truth, read)


def _worst(*pages: Matched, count: int = 10) -> list[WorstCase]:
    return worst_cases(pages, [align(one.truth, one.read) for one in pages], count)


def test_the_line_with_most_errors_comes_first_and_right_ones_never() -> None:
    one = matched("a", page("가나다라마바", "사아자차카타", "파하"), page("가너더라마바", "사어자차카타", "파하"))
    found = _worst(one)
    assert [(case.name, case.truth, case.read, case.errors, case.length, case.lost) for case in found] == [
        ("a, line 1", "가나다라마바", "가너더라마바", 2, 7, False),
        ("a, line 2", "사아자차카타", "사어자차카타", 1, 7, False),
    ]
    assert found[0].pieces == (("equal", "가", "가"), ("replace", "나다", "너더"), ("equal", "라마바", "라마바"))
    assert found[0].picture is None
    assert found[0].other_read is None


def test_lost_lines_take_half_at_most_where_others_are_bad_too() -> None:
    read = [matched(f"r{at}", page("가나다라"), page("거나다라")) for at in range(4)]
    lost = [matched(f"l{at}", page("가나다라"), page()) for at in range(4)]
    found = _worst(*read, *lost, count=4)
    assert [case.lost for case in found] == [False, False, True, True]
    assert [case.lost for case in _worst(*read[:1], *lost, count=4)] == [False, True, True, True]
    assert [case.lost for case in _worst(*read, *lost[:1], count=4)] == [False, False, False, True]
    assert _worst(*read, *lost, count=0) == []


def test_one_document_does_not_fill_the_list() -> None:
    lines = [f"가나다라{at}" for at in range(6)]
    one = matched("a", page(*lines), page(*(line.replace("가", "거") for line in lines)))
    assert len(_worst(one)) == worst.PER_DOCUMENT


def test_what_two_runs_read_differently() -> None:
    truth = page("가나다라", "마바사아", "자차카타")
    first, second = page("가나다라", "머버사아", "자차커타"), page("거나다라", "마바사아", "자차커타")
    pages = [matched("a", truth, first)]
    better, worse = changed_cases(pages, [align(truth, first)], [align(truth, second)], 5)
    assert [(case.truth, case.errors, case.other_errors) for case in better] == [("마바사아", 2, 0)]
    assert [(case.truth, case.read, case.other_read) for case in worse] == [("가나다라", "가나다라", "거나다라")]


def _picture(case: Case, quad: Quad | None = None) -> Image.Image | None:
    content = line_picture(case, case.pages[0], line_from_text("가", quad))
    return None if content is None else Image.open(io.BytesIO(content))


def test_the_picture_shows_the_line_and_a_little_around_it(tmp_path: Path) -> None:
    pixels = np.full((100, 200), 255, np.uint8)
    pixels[40:60, 50:150] = 0
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    quad: Quad = ((25, 20), (75, 20), (75, 30), (25, 30))  # the truth's raster is half as large
    found = _picture(Case("a", (Page(100, 50),), image=lambda: path), quad)
    assert found is not None
    assert found.size == (108, 28)  # a fifth of the height, 4 px, on every side
    assert np.asarray(found.convert("L"))[14, 54] < 30
    assert np.asarray(found.convert("L"))[1, 54] > 220


def test_without_a_place_the_whole_page_is_shown_small(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (3000, 1000), 255).save(path)
    pages = (page("가", "나"),)
    found = _picture(Case("a", pages, image=lambda: path))
    assert found is not None
    assert found.size == (360, 120)
    line = _picture(Case("a", pages, image=lambda: path, level="line"))
    assert line is not None
    assert line.size == (720, 240)


@pytest.mark.parametrize("content", [b"", b"no image"])
def test_an_image_that_cannot_be_read_is_left_out(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert _picture(Case("a", (page("가"),), image=lambda: path)) is None
    assert _picture(Case("a", (page("가"),))) is None


def test_the_page_of_the_right_number_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.new("L", (100, 100), value) for value in (10, 200)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    pages = (Page(100, 100, number=1), Page(100, 100, number=2))
    content = line_picture(Case("a", pages, image=lambda: path), pages[1], line_from_text("가"))
    assert content is not None
    assert abs(int(np.asarray(Image.open(io.BytesIO(content)).convert("L")).mean()) - 200) < 5
