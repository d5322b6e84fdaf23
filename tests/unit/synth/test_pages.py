"""Rendered pages: the truth lies where the ink is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.document import Line
from geulnun.errors import UsageError
from geulnun.geometry import Floats
from geulnun.synth.fonts import Face, Family
from geulnun.synth.layouts import SCENES
from geulnun.synth.mounts import homography
from geulnun.synth.page_source import SCENE_MIX, PageSource, PageSourceOptions
from geulnun.synth.pages import KINDS, Mix, PageOptions, render_page
from geulnun.synth.sheet import Sheet, ink_extent
from geulnun.synth.text import TextSource

BLACK, WHITE = (0, 0, 0), (255, 255, 255)


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


def quads_of(lines: tuple[Line, ...]) -> Floats:
    return np.array([line.quad for line in lines], np.float64)


def ink_box(sheet: Sheet) -> list[int]:
    ys, xs = np.nonzero(np.asarray(sheet.image)[..., 0] < 128)
    return [int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1]


def test_a_line_s_quad_holds_its_ink_and_no_more(face: Face) -> None:
    sheet = Sheet.blank(600, 100, WHITE)
    end = sheet.write((20.0, 60.0), ["우리", "나라", "가을"], face.at(40), BLACK)
    x0, y0, x1, y1 = geometry.to_boxes(sheet.quads())[0]
    ink = ink_box(sheet)
    assert end == x1
    assert (x0, y0) == pytest.approx((20, 60 + ink_extent("우리 나라 가을", face.at(40))[0]))
    assert x0 <= ink[0] < x0 + 6
    assert x1 - 6 < ink[2] <= x1 + 1
    assert y0 <= ink[1] < y0 + 6
    assert y1 - 6 < ink[3] <= y1 + 1


def test_dots_alone_have_a_quad_of_full_height(face: Face) -> None:
    sheet = Sheet.blank(600, 200, WHITE)
    sheet.write((20.0, 60.0), ["..."], face.at(40), BLACK)
    sheet.write((20.0, 160.0), ["한글"], face.at(40), BLACK)
    heights = geometry.sizes(sheet.quads())[1]
    assert heights[0] >= heights[1] > 30


@pytest.mark.parametrize("tracking", [0.0, 6.0])
def test_characters_lie_in_their_words_and_words_in_their_line(face: Face, tracking: float) -> None:
    sheet = Sheet.blank(700, 100, WHITE)
    sheet.write((20.0, 60.0), ["우리", "", "나라가"], face.at(40), BLACK, gap=50.0, tracking=tracking)
    (line,) = sheet.page().lines
    assert line.text == "우리 나라가"
    boxes = geometry.to_boxes(np.array([char.quad for word in line.words for char in word.chars], np.float64))
    assert (boxes[1:, 0] >= boxes[:-1, 2] + tracking - 1e-6).all()
    assert boxes[2, 0] - boxes[1, 2] == pytest.approx(50 + tracking)
    whole = geometry.to_boxes(quads_of((line,)))[0]
    assert boxes[0, 0] == whole[0]
    assert boxes[-1, 2] == whole[2]


def test_quads_follow_the_ink_through_camera_and_turn(face: Face) -> None:
    sheet = Sheet.blank(500, 300, WHITE)
    sheet.write((60.0, 150.0), ["가나다라마바사"], face.at(40), BLACK)
    corners = np.array([[0, 0], [500, 0], [500, 300], [0, 300]], np.float64)
    sheet.warp(homography(corners, corners + [[40, 60], [10, 0], [30, 40], [0, 20]]), 560, 380, WHITE)
    sheet.turn(90)
    ink = np.asarray(sheet.image)[..., 0] < 128
    inside = cv2.fillPoly(np.zeros(ink.shape, np.uint8), [np.round(sheet.quads()[0]).astype(np.int32)], 1)
    grown = cv2.dilate(inside, np.ones((5, 5), np.uint8))
    assert ink.any()
    assert grown[ink].all()
    # Turned clockwise, text reads downwards.
    assert geometry.angles(sheet.quads())[0] == pytest.approx(90, abs=12)
    assert (sheet.width, sheet.height) == (380, 560)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_renders_alike_from_its_seed(face: Face, kind: str) -> None:
    options = PageOptions(em=(9, 10), turns=True, longest=800)
    for seed in range(1):
        pages = [render_page(np.random.default_rng([5, seed]), [face], TextSource(), kind, options) for _ in range(2)]
        (pixels, page), (again, same) = pages
        assert pixels.dtype == np.uint8
        assert pixels.shape == (page.height, page.width, 3)
        assert page == same
        assert (pixels == again).all()
        assert page.rotation in (0, 90, 180, 270)


def test_rotation_is_the_turn_that_makes_the_page_upright(face: Face) -> None:
    options = PageOptions(em=(9, 12), turns=True, skew=0, perspective=0)
    seen = set()
    for seed in range(8):
        _, page = render_page(np.random.default_rng(seed), [face], TextSource(), "dense", options)
        upright = geometry.transform(quads_of(page.lines), geometry.turn_matrix(page.width, page.height, page.rotation))
        assert np.abs(geometry.angles(upright)).max() < 1e-6
        seen.add(page.rotation)
    assert len(seen) > 2


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in SCENES])
def test_lines_of_a_page_do_not_overlap(face: Face, kind: str) -> None:
    for seed in range(2):
        options = PageOptions(em=(12, 14), skew=0, perspective=0, wear=0, longest=1000)
        _, page = render_page(np.random.default_rng(seed), [face], TextSource(), kind, options)
        overlap = geometry.iou(quads_of(page.lines), quads_of(page.lines))
        np.fill_diagonal(overlap, 0)
        assert len(page.lines) > (0 if kind == "sparse" else 3)
        assert overlap.max() < 0.25


def test_clean_pages_stay_clean(face: Face) -> None:
    options = PageOptions(em=(12, 14), skew=0, perspective=0, wear=0, extras=0)
    pixels, _ = render_page(np.random.default_rng(2), [face], TextSource(), "dense", options)
    colours, counts = np.unique(pixels.reshape(-1, 3), axis=0, return_counts=True)
    assert counts.max() > 0.5 * counts.sum()
    assert len(colours) < 300


def test_a_misspelt_kind_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="receipt"):
        Mix({"reciept": 1.0})


@pytest.mark.parametrize("options", [{"em": (20.0, 10.0)}, {"em": (1.0, 10.0)}, {"longest": 3}])
def test_impossible_sizes_are_refused(options: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(UsageError, match="expected"):
        PageOptions(**options)  # type: ignore[arg-type]  # the point of the test


def test_a4_has_its_size_and_says_its_resolution(face: Face) -> None:
    options = PageOptions(paper="a4", dpi=60, wear=0, skew=0, perspective=0)
    pixels, page = render_page(np.random.default_rng(1), [face], TextSource(), "letter", options)
    assert pixels.shape == (702, 496, 3)
    assert page.dpi == 60


@pytest.mark.parametrize("options", [PageSourceOptions(), PageSourceOptions(kinds=SCENE_MIX)])
def test_a_source_draws_the_same_page_for_an_index_and_others_for_others(
    face: Face, options: PageSourceOptions
) -> None:
    options = replace(options, page=PageOptions(em=(8, 9), wear=0.5))
    source = PageSource(options, [face], TextSource())
    first, again, other = source.sample(3, 7), source.sample(3, 7), source.sample(4, 7)
    assert source.size is None
    assert (first.image == again.image).all()
    assert first.page == again.page
    assert first.facts == again.facts
    assert first.facts["kind"] in options.kinds
    assert first.facts["family"] == "Test"
    assert first.facts["wear"] in ("none", "plain")
    assert first.image.shape != other.image.shape or (first.image != other.image).any()


def test_a_source_refuses_kinds_that_do_not_exist() -> None:
    with pytest.raises(UsageError, match="newspaper"):
        PageSourceOptions(kinds={"newspapr": 1.0})


def test_an_official_letter_says_what_its_blocks_are(face: Face) -> None:
    options = PageOptions(em=(12, 12), skew=0, perspective=0, wear=0, extras=0)
    _, page = render_page(np.random.default_rng(3), [face], TextSource(), "official", options)
    kinds = [block.kind for block in page.blocks]
    assert kinds.index("header") < kinds.index("list") < kinds.index("footer")
    assert any(line.text.startswith("1. ") for line in page.lines)
    # What wraps hangs under the text after the number, not under the number.
    *items, _ = (block for block in page.blocks if block.kind == "list")
    wrapped = next(block for block in items if len(block.lines) > 1)
    lefts = geometry.to_boxes(quads_of(wrapped.lines))[:, 0]
    assert (lefts[1:] > lefts[0] + 6).all()


def test_quantities_on_a_slip_are_lines_of_their_own(face: Face) -> None:
    options = PageOptions(em=(12, 12), skew=0, perspective=0, wear=0, extras=0)
    _, page = render_page(np.random.default_rng(2), [face], TextSource(), "slip", options)
    assert any(line.text.isdigit() and len(line.text) == 1 for line in page.lines)
