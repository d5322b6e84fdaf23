"""The truth of sheets: quads hold their ink, and what cannot be read is not in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.geometry import Floats
from geulnun.synth import wear
from geulnun.synth.fonts import Face, Family
from geulnun.synth.layouts import LAYOUTS, SCENES
from geulnun.synth.mounts import homography, mount, rolled
from geulnun.synth.pages import PageOptions, render_page
from geulnun.synth.pen import Pen
from geulnun.synth.sheet import Sheet
from geulnun.synth.text import TextSource
from geulnun.synth.upright import column

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
TEXT = "가나다라마"


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


@pytest.fixture
def pen(face: Face) -> Pen:
    return Pen(np.random.default_rng(0), TextSource(), (face,), face, 40.0, BLACK, WHITE)


def texts_of(sheet: Sheet) -> list[str]:
    return [line.text for line in sheet.page().lines]


def inked(sheet: Sheet) -> Floats:
    return 255.0 - np.asarray(sheet.image)[..., 0]


def share_inside(ink: Floats, quad: Floats) -> float:
    """How much of the ink lies in the quad; drawn four times as large, so that edges count by their share."""
    big = cv2.resize(ink, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    mask = cv2.fillPoly(np.zeros(big.shape, np.uint8), [np.round(quad * 4).astype(np.int32)], 1)
    return float((big * mask).sum() / big.sum())


def one_by_one(face: Face) -> list[Sheet]:
    """Sheets with each character of `TEXT` alone where it stands in the line."""
    font, out = face.at(40), []
    for at, char in enumerate(TEXT):
        sheet = Sheet.blank(400, 160, WHITE)
        sheet.draw.text((60 + font.getlength(TEXT[:at]), 90), char, BLACK, font, "ls")
        out.append(sheet)
    return out


def tilted(sheet: Sheet) -> None:
    corners = np.array([[0, 0], [400, 0], [400, 160], [0, 160]], np.float64)
    sheet.warp(homography(corners, corners + [[10, 30], [40, 0], [60, 50], [0, 60]]), 480, 240, WHITE)


def curled(sheet: Sheet) -> None:
    sheet.move(*wear.curl(np.asarray(sheet.image), 40.0, 0.3, fill=WHITE))


def turned(sheet: Sheet) -> None:
    sheet.turn(270)


@pytest.mark.parametrize("bend", [lambda sheet: None, tilted, curled, turned])
def test_each_character_s_ink_lies_in_its_own_quad(face: Face, bend) -> None:  # type: ignore[no-untyped-def]
    sheet = Sheet.blank(400, 160, WHITE)
    sheet.write((60.0, 90.0), [TEXT], face.at(40), BLACK)
    bend(sheet)
    quads = np.array([char.quad for char in sheet.page().words[0].chars])
    alone = one_by_one(face)
    for at, lone in enumerate(alone):
        bend(lone)
        inside = [share_inside(inked(lone), quad) for quad in quads]
        assert inside[at] >= 0.95
        assert sum(inside) - inside[at] <= 0.05
    (line,) = sheet.page().lines
    assert share_inside(inked(sheet), np.array(line.quad)) >= 0.97
    assert share_inside(inked(sheet), np.array(line.words[0].quad)) >= 0.97


def test_characters_past_the_edge_are_no_truth(face: Face) -> None:
    sheet = Sheet.blank(150, 100, WHITE)
    end = sheet.write((20.0, 60.0), ["가나", "다라마바"], face.at(40), BLACK)
    sheet.settle()
    assert end > 150
    assert texts_of(sheet) == ["가나 다"] or texts_of(sheet) == ["가나"]
    assert geometry.to_boxes(sheet.quads())[0, 2] <= 150
    sheet.write((20.0, 8.0), ["위"], face.at(40), BLACK)
    before = texts_of(sheet)
    sheet.settle()
    assert texts_of(sheet) == before[:1]


def test_text_on_text_is_no_truth_and_text_beside_it_is(face: Face) -> None:
    sheet = Sheet.blank(600, 200, WHITE)
    font = face.at(40)
    sheet.write((20.0, 60.0), ["가나다라"], font, BLACK)
    sheet.write((20.0, 100.0), ["마바사아"], font, BLACK)
    sheet.settle()
    assert texts_of(sheet) == ["가나다라", "마바사아"]
    sheet.write((20.0 + 2 * font.getlength("가"), 66.0), ["차카"], font, BLACK)
    sheet.settle()
    assert texts_of(sheet) == ["가나", "마바사아"]


def test_what_a_picture_covers_is_no_truth(face: Face) -> None:
    sheet = Sheet.blank(600, 100, WHITE)
    font = face.at(40)
    sheet.write((0.0, 60.0), ["가나", "다라", "마바"], font, BLACK)
    boxes = geometry.to_boxes(sheet.runs[0].chars)
    sheet.cover((float(boxes[2, 0]), 0.0, float(boxes[2, 2]), 100.0))
    assert texts_of(sheet) == ["가나", "라 마바"]
    first, second = sheet.page().lines
    assert first.quad == pytest.approx(np.array([boxes[0, :2], boxes[1, [2, 1]], boxes[1, 2:], boxes[0, [0, 3]]]))
    assert geometry.to_boxes(np.array(second.quad))[0, 0] == pytest.approx(boxes[3, 0])
    sheet.cover((0, 0, 600, 100))
    assert sheet.page().blocks == ()


def test_blocks_keep_their_order_and_kind(face: Face) -> None:
    sheet = Sheet.blank(600, 200, WHITE)
    for at, kind in enumerate(("title", "text", "footer")):
        sheet.begin(kind)  # type: ignore[arg-type]
        sheet.write((20.0, 50.0 + 60 * at), ["가나"], face.at(30), BLACK)
    assert [block.kind for block in sheet.page().blocks] == ["title", "text", "footer"]


def test_a_column_runs_down_and_its_characters_stand_upright(pen: Pen) -> None:
    sheet = Sheet.blank(120, 500, WHITE)
    end = column(sheet, pen, 60.0, 20.0, ["가나(다).", "라마"])
    (line,) = sheet.page().lines
    assert line.vertical
    assert line.text == "가나(다). 라마"
    quad = np.array(line.quad)
    assert geometry.angles(quad)[0] == pytest.approx(90)
    assert quad[0] == pytest.approx([quad[:, 0].max(), 20.0])
    assert geometry.sizes(quad)[0][0] == pytest.approx(end - 20)
    chars = np.array([char.quad for word in line.words for char in word.chars])
    assert (np.diff(chars[:, :, 1].mean(1)) > 0).all()
    upright = geometry.angles(chars)
    assert upright[[0, 1, 3, 6, 7]] == pytest.approx(np.zeros(5))
    # Brackets lie on their side: their own top is at the right.
    assert upright[[2, 4]] == pytest.approx([90, 90])
    shares = np.array([share_inside(inked(sheet), quad) for quad in chars])
    assert (shares > 0.005).all()
    assert shares.sum() >= 0.97
    words = np.array([word.quad for word in line.words])
    assert geometry.angles(words) == pytest.approx([90, 90])
    assert words[0, 1, 1] < words[1, 0, 1]


def test_a_raised_full_stop_stands_at_the_upper_right(pen: Pen) -> None:
    sheet = Sheet.blank(120, 200, WHITE)
    column(sheet, pen, 60.0, 20.0, ["가."])
    stop = np.array(sheet.page().words[0].chars[1].quad)
    ink = inked(sheet)
    ink[: int(stop[:, 1].min())] = 0
    ys, xs = np.nonzero(ink > 128)
    assert xs.min() > 60
    assert ys.max() < stop[:, 1].min() + 20


def test_a_mounted_board_brings_its_truth_and_covers_what_was_there(face: Face) -> None:
    sheet = Sheet.blank(500, 300, WHITE)
    sheet.begin("title")
    sheet.write((200.0, 160.0), ["가나"], face.at(30), BLACK)
    board = Sheet.blank(200, 80, (230, 230, 230))
    board.begin("header")
    board.write((20.0, 55.0), ["다라"], face.at(40), BLACK)
    corners = np.array([[120, 90], [400, 110], [390, 240], [110, 210]], np.float64)
    mount(sheet, board, corners)
    page = sheet.page()
    assert [(block.kind, block.text) for block in page.blocks] == [("header", "다라")]
    grey = np.asarray(sheet.image)[..., 0]
    dark = np.where(grey < 128, 1.0, 0.0)
    assert share_inside(dark, np.array(page.lines[0].quad)) >= 0.97


def test_a_rolled_board_takes_its_quads_along(face: Face) -> None:
    board = Sheet.blank(300, 100, WHITE)
    board.write((15.0, 65.0), ["가나다라마바"], face.at(40), BLACK)
    filled = rolled(board, 0.5, 0.3)
    assert filled.shape == (board.height, board.width)
    dark = np.where((np.asarray(board.image)[..., 0] < 90) & (filled > 250), 1.0, 0.0)
    shares = [share_inside(dark, np.array(char.quad)) for char in board.page().words[0].chars]
    assert sum(shares) >= 0.95
    assert min(shares) > 0.05
    assert share_inside(dark, np.array(board.page().lines[0].quad)) >= 0.97


def test_a_fallback_draws_what_the_face_lacks(face: Face, pen: Pen, monkeypatch: pytest.MonkeyPatch) -> None:
    class Poor(Face):
        def draws(self, char: str) -> bool:
            return char != "나" and face.draws(char)

        def covers(self, text: object) -> bool:
            return all(self.draws(char) for char in str(text))

    poor = Poor(face.family, face.path)
    alone, helped = replace(pen, face=poor), replace(pen, face=poor, fallback=(face,))
    sheet = Sheet.blank(400, 200, WHITE)
    alone.line(sheet, 10, 60, ["가나", "다"])
    helped.line(sheet, 10, 160, ["가나", "다"])
    assert texts_of(sheet) == ["다", "가나 다"]
    assert helped.others(["가나", "다"]).keys() == {"나"}
    quad = np.array(sheet.page().lines[1].words[0].chars[1].quad)
    x0, y0, x1, y1 = (round(v) for v in geometry.to_boxes(quad)[0])
    assert inked(sheet)[y0:y1, x0:x1].max() > 200


@pytest.mark.parametrize("kind", [kind for kind in LAYOUTS if kind not in SCENES])
def test_there_is_ink_in_every_character_s_quad(face: Face, kind: str) -> None:
    options = PageOptions(em=(12, 12), skew=0, perspective=0, wear=0, extras=0)
    pixels, page = render_page(np.random.default_rng(4), [face], TextSource(), kind, options)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    assert page.lines
    for word in page.words:
        for char in word.chars:
            x0, y0, x1, y1 = np.round(geometry.to_boxes(np.array(char.quad))[0]).astype(int)
            patch = grey[max(y0, 0) : y1, max(x0, 0) : x1]
            assert patch.size
            assert np.ptp(patch) > 25, (kind, char)


def test_a_look_that_moves_the_page_moves_its_truth(face: Face) -> None:
    look = wear.WearOptions(preset="none", curl=wear.Effect(1.0, 0.8, 0.8))
    options = PageOptions(em=(14, 14), skew=0, perspective=0, wear=0, extras=0, look=look)
    plain = replace(options, look=None)
    pages = [render_page(np.random.default_rng(3), [face], TextSource(), "dense", o) for o in (options, plain)]
    (pixels, page), (_, flat) = pages
    assert (page.height, page.width) == pixels.shape[:2]
    assert page.text == flat.text
    assert page.lines[0].quad != flat.lines[0].quad
