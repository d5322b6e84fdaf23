"""The line generator: every option changes what it says, and the quads go along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.errors import MissingInputError
from geulnun.synth import strips
from geulnun.synth.fonts import Face, Family
from geulnun.synth.sample import Sample
from geulnun.synth.text import TextSource
from geulnun.synth.trdg import TrdgLines, TrdgOptions

pytest.importorskip("fontTools")
LINE = "가나다 라마바"


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    file = tmp_path / "lines.txt"
    file.write_text(f"{LINE}\n나라 말\n", "utf-8")
    return file


def _draw(face: Face, lines: Path | None, index: int = 0, seed: int = 0, **changes: Any) -> Sample:
    plain: dict[str, Any] = {"input_file": lines, "height": 64, "background": 1, "text_colour": "#000000"}
    return TrdgLines(TrdgOptions(**plain | changes), [face], TextSource()).sample(index, seed)


def _ink(sample: Sample) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of what is darker than middle grey."""
    ys, xs = np.nonzero(sample.image.mean(2) < 128)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _lean(sample: Sample) -> float:
    """The reading direction of the ink in degrees, clockwise, from its principal axis."""
    ys, xs = np.nonzero(sample.image.mean(2) < 128)
    return float(np.degrees(0.5 * np.arctan2(2 * np.cov(xs, ys)[0, 1], np.var(xs) - np.var(ys))))


def test_lines_of_a_file_in_turn(face: Face, lines: Path) -> None:
    assert [_draw(face, lines, index).text for index in range(3)] == [LINE, "나라 말", LINE]


def test_the_same_index_and_seed_give_the_same_bytes(face: Face) -> None:
    drawn = [_draw(face, None, 3, seed, words=3, background=0, random_skew=True, skew=5) for seed in (1, 1, 2)]
    assert np.array_equal(drawn[0].image, drawn[1].image)
    assert drawn[0].page == drawn[1].page
    assert drawn[0].text != drawn[2].text


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"skew": 12}, {"distortion": 1}, {"distortion": 3, "distortion_orientation": 2}, {"fit": True},
        {"distortion": 2, "distortion_orientation": 1}, {"orientation": 1}, {"handwritten": True}, {"width": 900},
        {"handwritten": True, "orientation": 1}, {"space_width": 3.0}, {"margins": (0, 20, 9, 3), "alignment": 0},
    ],
)  # fmt: skip
def test_quads_hold_the_ink(face: Face, lines: Path, changes: dict[str, Any]) -> None:
    sample = _draw(face, lines, **changes)
    assert sample.text == LINE
    chars = [char for word in sample.page.words for char in word.chars]
    assert "".join(char.text for char in chars) == LINE.replace(" ", "")
    for quads in ([char.quad for char in chars], [sample.page.lines[0].quad]):
        covered = np.zeros(sample.image.shape[:2], np.uint8)
        for quad in quads:
            corners = np.asarray(quad)
            cv2.fillConvexPoly(covered, np.round(geometry.grow(corners, 1, 1)[0]).astype(np.int32), 1)
        assert sample.image[covered == 0].min() > 128
    for char in chars:
        x0, y0, x1, y1 = geometry.to_boxes(np.asarray(char.quad))[0].astype(int)
        assert sample.image[max(y0, 0) : y1, max(x0, 0) : x1].min() < 140


def test_height_and_margins_are_exact(face: Face, lines: Path) -> None:
    for height, margins in ((32, (5, 5, 5, 5)), (64, (0, 0, 0, 0)), (80, (7, 11, 3, 2))):
        sample = _draw(face, lines, height=height, margins=margins, fit=True)
        x0, y0, x1, y1 = _ink(sample)
        assert sample.image.shape[0] == height
        assert (y0, x0) == pytest.approx((margins[0], margins[1]), abs=1)
        assert (height - y1, sample.image.shape[1] - x1) == pytest.approx((margins[2], margins[3]), abs=1)


def test_width_is_exact_and_alignment_moves_the_ink(face: Face, lines: Path) -> None:
    drawn = [_draw(face, lines, width=800, alignment=alignment, fit=True) for alignment in (0, 1, 2)]
    assert {sample.image.shape for sample in drawn} == {(64, 800, 3)}
    left, centre, right = (_ink(sample) for sample in drawn)
    assert left[0] == pytest.approx(5, abs=1)
    assert (centre[0] + centre[2]) / 2 == pytest.approx(400, abs=1.5)
    assert right[2] == pytest.approx(795, abs=1)
    assert _draw(face, lines, width=20).image.shape == _draw(face, lines).image.shape


def test_skew_turns_the_ink(face: Face, lines: Path) -> None:
    assert _lean(_draw(face, lines)) == pytest.approx(0, abs=1)
    assert _lean(_draw(face, lines, skew=10)) == pytest.approx(-10, abs=1.5)
    assert _lean(_draw(face, lines, skew=-10)) == pytest.approx(10, abs=1.5)
    leans = [_lean(_draw(face, lines, 2 * index, random_skew=True, skew=10)) for index in range(8)]
    assert min(leans) < -1 < 1 < max(leans)
    assert max(map(abs, leans)) < 11.5


def test_blur_softens(face: Face, lines: Path) -> None:
    steps = [np.abs(np.diff(_draw(face, lines, blur=blur).image.astype(int), axis=1)).max() for blur in (0, 1, 4)]
    assert steps[0] > steps[1] > steps[2]
    some = [_draw(face, lines, 2 * index, blur=4, random_blur=True).image for index in range(4)]
    assert len({int(np.abs(np.diff(image.astype(int), axis=1)).max()) for image in some}) == 4


def test_grounds_differ(face: Face, lines: Path, tmp_path: Path) -> None:
    corner = {ground: _draw(face, lines, background=ground).image[:4].astype(int) for ground in (0, 1, 2, 3)}
    assert (corner[1] == 255).all()
    assert 225 < corner[0].mean() < 245
    assert 6 < corner[0].std() < 14
    assert corner[2].std() > 20
    assert np.ptp(corner[3], axis=2).max() > 5
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "red.png"), np.full((10, 10, 3), (0, 0, 200), np.uint8))
    own = _draw(face, lines, background=3, pictures=folder).image[:4]
    assert (own == (200, 0, 0)).all()


def test_distortion_goes_where_it_is_told() -> None:
    ink = np.zeros((64, 400), np.uint8)
    ink[30:34, 20:380] = 255
    strip = strips.Strip(ink, geometry.from_boxes([[20, 30, 380, 34]]))
    down, across, both = (strips.distort(strip, 3, way, np.random.default_rng(0)).ink.shape for way in (0, 1, 2))
    assert (down, across, both) == ((72, 400), (64, 408), (72, 408))
    sine, cosine = (strips.distort(strip, wave, 0, np.random.default_rng(0)).ink for wave in (1, 2))
    tops = [image.argmax(0)[20:380] for image in (sine, cosine)]
    assert np.ptp(tops[0]) == np.ptp(tops[1]) == 16
    assert tops[0][90 - 20] - tops[0][270 - 20] == 16
    assert tops[1][20 - 20] - tops[1][180 - 20] == pytest.approx(16, abs=1)


def test_vertical_text_is_taller_than_wide(face: Face, lines: Path) -> None:
    sample = _draw(face, lines, orientation=1)
    assert sample.image.shape[1] == 64
    assert sample.image.shape[0] > 3 * 64
    assert sample.page.lines[0].vertical
    tops = [char.quad[0][1] for word in sample.page.words for char in word.chars if char.quad]
    assert tops == sorted(tops)


def test_colour_and_spaces(face: Face, lines: Path) -> None:
    assert _draw(face, lines, text_colour="#0000ff").image.reshape(-1, 3).min(0).tolist() == [0, 0, 255]
    ranged = {
        tuple(_draw(face, lines, 2 * index, text_colour="#101010,#808080").image.reshape(-1, 3).min(0).tolist())
        for index in range(5)
    }
    assert len(ranged) == 5
    assert all(16 <= level <= 128 for colour in ranged for level in colour)
    assert _ink(_draw(face, lines, space_width=4.0))[2] > _ink(_draw(face, lines))[2] + 20


def test_words_sequences_and_names(face: Face) -> None:
    counts = [len(_draw(face, None, index, words=4).text.split()) for index in range(6)]
    assert counts == [4] * 6
    assert len({len(_draw(face, None, index, words=4, random_length=True).text.split()) for index in range(12)}) > 1
    digits = "".join(_draw(face, None, index, random_sequences=True, numbers=True, words=3).text for index in range(5))
    assert digits.replace(" ", "").isdigit()
    signs = _draw(face, None, random_sequences=True, symbols=True, words=3)
    assert not any(char.isalnum() for char in signs.text)
    assert signs.facts["name"] == "{index}"
    plain = [_draw(face, None, naming=naming) for naming in (0, 1, 2)]
    assert [sample.facts["name"] for sample in plain] == [
        f"{plain[0].text}_{{index}}",
        f"{{index}}_{plain[0].text}",
        "{index}",
    ]


def test_handwriting_is_not_print(face: Face, lines: Path) -> None:
    print_, hand = _draw(face, lines), _draw(face, lines, handwritten=True)
    assert hand.facts["group"] == "handwritten"
    assert print_.image.shape != hand.image.shape or not np.array_equal(print_.image, hand.image)


def test_bad_options_are_named(face: Face, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"margins \(30, 5, 30, 5\) leave -28 of 32 px"):
        TrdgOptions(margins=(30, 5, 30, 5))
    with pytest.raises(ValueError, match="text_colour is 'black'"):
        TrdgOptions(text_colour="black")
    with pytest.raises(MissingInputError, match="no such file"):
        TrdgOptions(font=tmp_path / "none.ttf")
    with pytest.raises(ValueError, match="no font for language 'ko'"):
        TrdgLines(TrdgOptions(), [], TextSource())
