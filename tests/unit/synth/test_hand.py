"""Handwriting: one seed one line, quads that hold their ink, habits that show, no two characters alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from geulnun import geometry
from geulnun.synth import hand, strokes
from geulnun.synth.fonts import Face, Family
from geulnun.synth.hand import Writer, Written, draw_writer, ruling, write

pytest.importorskip("fontTools")
TEXT = "한글 가나다 이 이 12."


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "hand", "train", "OFL-1.1", (test_font.name,)), test_font)


def _wrote(face: Face, text: str = TEXT, seed: int = 0, size: float = 40, **habits: object) -> Written:
    return write(text, face, size, replace(STILL, **habits), np.random.default_rng(seed))  # type: ignore[arg-type]


#: A hand without any chance in it.
STILL = Writer(
    pressure=0, taper=0, dryness=0, slant_spread=0, turn=0, size_spread=0, jump=0, drift=0, elastic=0,
    jamo=0, jamo_size=0, tracking_spread=0, space_spread=0, even=1,
)  # fmt: skip


def test_same_seed_same_ink(face: Face) -> None:
    lines = []
    for seed in (3, 3, 4):
        rng = np.random.default_rng(seed)
        lines.append(write(TEXT, face, 40, draw_writer(rng), rng))
    assert np.array_equal(lines[0].ink, lines[1].ink)
    assert np.array_equal(lines[0].quads, lines[1].quads)
    assert lines[0].ink.shape != lines[2].ink.shape or not np.array_equal(lines[0].ink, lines[2].ink)


@pytest.mark.parametrize("tool", hand.TOOLS)
@pytest.mark.parametrize("size", [14, 40, 90])
def test_quads_hold_all_ink(face: Face, tool: hand.Tool, size: float) -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        writer = draw_writer(rng, care=seed / 3, tool=tool)
        line = write(TEXT, face, size, writer, rng)
        assert line.quads.shape == (len(TEXT.replace(" ", "")), 4, 2)
        assert line.ink.max() > 100
        left = line.ink.copy()
        for x0, y0, x1, y1 in geometry.to_boxes(line.quads):
            inside = line.ink[max(int(y0), 0) : int(np.ceil(y1)), max(int(x0), 0) : int(np.ceil(x1))]
            assert inside.max() > 60
            left[max(int(y0), 0) : int(np.ceil(y1)), max(int(x0), 0) : int(np.ceil(x1))] = 0
        assert not left.any()
        assert line.ink[0].max() == line.ink[:, 0].max() == line.ink[-1].max() == line.ink[:, -1].max() == 0
        assert line.top <= line.quads[..., 1].min()
        assert line.bottom >= line.quads[..., 1].max()


def _characters(line: Written) -> list[np.ndarray]:
    out = []
    for x0, y0, x1, y1 in geometry.to_boxes(line.quads).astype(int):
        cut = line.ink[max(y0, 0) : y1, max(x0, 0) : x1]
        ys, xs = np.nonzero(cut > 100)
        out.append(cut[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1])
    return out


def test_no_two_characters_are_the_same(face: Face) -> None:
    first, second = _characters(_wrote(face, "이 이", elastic=0.02, even=1))
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_a_still_hand_writes_what_the_font_draws(face: Face) -> None:
    """Distance maps, bending and placing change nothing where no habit does."""
    line = _wrote(face, "간", size=48, width=2 * _half(face))
    height, width = line.ink.shape
    # Eight times as large, for hinting moves strokes by parts of a pixel.
    sheet = Image.new("L", (8 * width, 8 * height), 0)
    ImageDraw.Draw(sheet).text((8 * line.left, 8 * line.baseline), "간", font=face.at(8 * 48), fill=255, anchor="ls")
    drawn, written = np.asarray(sheet.resize((width, height), Image.Resampling.BOX)) > 127, line.ink > 127
    assert (drawn & written).sum() > 0.9 * (drawn | written).sum()


def _half(face: Face) -> float:
    """Half of the stroke width of 간 in em, as the distance maps tell it."""
    steps = np.concatenate([part.map.ravel() for part in strokes.glyph(face, "간", 48).parts]).astype(float)
    return 2 * float((steps[steps > strokes.EDGE] - strokes.EDGE).mean()) / strokes.STEPS


def test_habits_show(face: Face) -> None:
    lines = [_wrote(face, width=width, taper=taper) for width, taper in ((0.02, 0), (0.08, 0), (0.14, 0), (0.08, 0.6))]
    thin, plain, thick, tapered = (int((line.ink > 127).sum()) for line in lines)
    assert thin < plain < thick
    assert tapered < 0.97 * plain
    line = _wrote(face)
    assert _wrote(face, tracking=0.2).right > line.right + 0.1 * 40 * 9
    assert _wrote(face, space=1.2).right > line.right + 0.5 * 40 * 3
    assert _wrote(face, "이", slant=0.4).quads[0, 1, 0] > _wrote(face, "이").quads[0, 1, 0]
    climbing = _wrote(face, "가가가가", climb=0.1).quads
    assert climbing[3, 0, 1] - climbing[0, 0, 1] == pytest.approx(0.1 * (climbing[3, 0, 0] - climbing[0, 0, 0]), abs=1)


def test_jamo_are_parted_and_move(face: Face) -> None:
    parts = strokes.glyph(face, "간", 48).parts
    assert [part.role for part in parts] == ["cho", "jung", "jong"]
    cho, jung, jong = parts
    assert cho.x + cho.map.shape[1] / 2 < jung.x + jung.map.shape[1] / 2
    assert jong.y + jong.map.shape[0] / 2 > cho.y + cho.map.shape[0] / 2
    widths = [_characters(_wrote(face, "간", size=90, huddle=huddle))[0].shape[1] for huddle in (-0.2, 0, 0.2)]
    assert widths[0] > widths[1] > widths[2]


def test_manuscript_squares_hold_a_character_each(face: Face) -> None:
    line = write("가나 다", face, 40, STILL, np.random.default_rng(0), cell=60)
    boxes = geometry.to_boxes(line.quads)
    assert (boxes[:, 0] - line.left).tolist() == pytest.approx([0, 60, 180])
    squares = ruling(line.ink.shape, line.baseline, 40, np.random.default_rng(0), cell=60, left=line.left)
    assert np.ptp(squares) == 255
    rules = ruling((90, 300), 60, 40, np.random.default_rng(0), "rules")
    assert (rules == rules[:, :1]).all()
    assert rules.any()


def test_bad_input_is_named(face: Face) -> None:
    with pytest.raises(ValueError, match="'뛟' is drawn by no given face"):
        _wrote(face, "뛟")
    with pytest.raises(ValueError, match="expected some characters"):
        _wrote(face, "  ")
    with pytest.raises(ValueError, match="slant of a writer is 3"):
        Writer(slant=3)
    with pytest.raises(ValueError, match="tool is 'quill'"):
        Writer(tool="quill")  # type: ignore[arg-type]
