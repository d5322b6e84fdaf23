"""Character images: grids that hold what their formulas say, ink inside its box, streams of every alphabet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun import geometry
from geulnun.synth import cells
from geulnun.synth.chars import ALPHABETS, CharOptions, CharStream, KoocrGrid, KoocrOptions
from geulnun.synth.fonts import Face, Family
from geulnun.synth.kana import KANA, KanaGrid, KanaOptions
from geulnun.synth.sample import Sample
from geulnun.synth.wear import WearOptions

pytest.importorskip("fontTools")


@pytest.fixture
def pool(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Face]:
    """The test font as a printing face and as a handwriting one."""
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return [Face(Family(style, style, "train", "OFL-1.1", (test_font.name,)), test_font) for style in ("sans", "hand")]


def _box(sample: Sample) -> list[float]:
    quad = sample.page.words[0].chars[0].quad
    assert quad
    return [float(edge) for edge in geometry.to_boxes(np.asarray(quad))[0]]


@pytest.mark.parametrize(
    ("size", "box"), [(64, (5, 5, 50)), (96, (8, 8, 80)), (128, (14, 10, 100)), (256, (50, 10, 200))]
)
@pytest.mark.parametrize("group", ["printed", "handwriting-font", "handwritten"])
def test_koocr_ink_stands_in_its_box(pool: list[Face], size: int, box: tuple[int, int, int], group: str) -> None:
    grid = KoocrGrid(KoocrOptions(image_size=size, group=group, characters="가한를을1"), pool)  # type: ignore[arg-type]
    assert (grid.options.box, grid.size) == (box, 5)
    x, y, side = box
    for index in range(grid.size):
        sample = grid.sample(index, 0)
        assert sample.image.shape == (size, size)
        ys, xs = np.nonzero(sample.image < 247)
        x0, y0, x1, y1 = _box(sample)
        assert (x0, y0, x1, y1) == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        assert x <= x0 < x1 <= x + side
        assert y <= y0 < y1 <= y + side
        assert y1 - y0 > 0.5 * side
        assert sample.image[0, 0] == 255
        assert sample.facts["group"] == group.replace("handwriting-font", "clova")
        assert sample.facts["family"] == ("sans" if group == "printed" else "hand")


def test_koocr_holds_each_character_of_each_font_and_hand_once(pool: list[Face]) -> None:
    grid = KoocrGrid(KoocrOptions(group="handwritten", writers=3, characters="all"), pool)
    assert grid.size == 3 * 403
    cells = [grid.cell(index) for index in range(grid.size)]
    assert len(set(cells)) == grid.size
    assert {cell.char for cell in cells} == set(pool[1].syllables)
    # A first part is a fair one: it holds all hands about as often.
    counts = np.bincount([cell.writer for cell in cells[:300]])
    assert counts.min() > 80
    plain = KoocrGrid(KoocrOptions(characters="all", order="fonts"), pool)
    assert [plain.cell(index).char for index in range(plain.size)] == list(pool[0].syllables)
    with pytest.raises(IndexError, match="index 403 of a grid of 403"):
        plain.cell(403)


def test_a_writer_is_one_hand_and_writers_differ(pool: list[Face]) -> None:
    grid = KoocrGrid(KoocrOptions(group="handwritten", writers=2, characters="가", order="fonts"), pool)
    first, again, second = (grid.sample(*at).image for at in ((0, 5), (0, 5), (1, 5)))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert [grid.sample(index, 5).facts["writer"] for index in (0, 1)] == [f"{pool[1].path.stem}-{at}" for at in (0, 1)]


def test_wear_is_off_unless_asked_for(pool: list[Face]) -> None:
    clean, harsh = (
        KoocrGrid(KoocrOptions(characters="한글", wear=WearOptions(preset=name)), pool).sample(0, 0)
        for name in ("none", "harsh")
    )
    assert np.array_equal(clean.image, KoocrGrid(KoocrOptions(characters="한글"), pool).sample(0, 9).image)
    assert not np.array_equal(clean.image, harsh.image)
    assert harsh.image.shape == clean.image.shape


def test_koocr_refuses_what_cannot_be(pool: list[Face]) -> None:
    with pytest.raises(ValueError, match="image_size 100 is none of 64, 96, 128, 256"):
        KoocrOptions(image_size=100)
    with pytest.raises(ValueError, match="does not fit an image of 96 px"):
        KoocrOptions(char_size=95)
    with pytest.raises(ValueError, match="no face of group 'printed'"):
        KoocrGrid(KoocrOptions(), pool[1:])


def test_kana_grid_counts_as_the_formula() -> None:
    options = KanaOptions()
    assert len(KANA) == 169
    assert options.sizes == tuple(range(120, 249, 8))
    assert options.shifts(120) == (0, -22, 22, -34, 34)
    assert (len(options.shifts(224)), options.shifts(232)) == (5, (0,))
    places = sum(len(options.shifts(size)) ** 2 for size in options.sizes)
    # 4,236 a class in the original: 3 fonts, and 4 turns for want of 0.
    assert places * 3 * 4 == 4236
    assert 0 in options.rotations


def test_every_kana_index_is_another_cell(pool: list[Face]) -> None:
    grid = KanaGrid(KanaOptions(image_size=64, characters="가나"), pool)
    places = sum(len(grid.options.shifts(size)) ** 2 for size in grid.options.sizes)
    assert grid.per_class == 2 * places * 5
    assert grid.size == 2 * grid.per_class
    cells = [grid.cell(index) for index in range(grid.size)]
    assert len(set(cells)) == grid.size
    assert [cell.char for cell in cells] == ["가"] * grid.per_class + ["나"] * grid.per_class
    assert {cell.rotation for cell in cells} == {0, -4, 4, -8, 8}


def test_kana_cells_are_drawn_where_they_say(pool: list[Face]) -> None:
    grid = KanaGrid(KanaOptions(image_size=128, characters="가"), pool[:1])
    still, moved, turned = None, None, None
    for index in range(grid.size):
        cell = grid.cell(index)
        if cell.size == 56 and cell.rotation == 0 and (cell.dx, cell.dy) == (0, 0):
            still = grid.sample(index, 0)
        elif cell.size == 56 and cell.rotation == 0 and (cell.dx, cell.dy) == (18, -12):
            moved = grid.sample(index, 0)
        elif cell.size == 56 and cell.rotation == 8 and (cell.dx, cell.dy) == (0, 0):
            turned = grid.sample(index, 0)
    assert still
    assert moved
    assert turned
    assert np.array_equal(still.image[12:, :-18], moved.image[:-12, 18:])
    x0, y0, x1, y1 = _box(still)
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((64, 64), abs=5)
    assert still.image.max() == 255
    assert still.image[0].max() == 0
    # Clockwise: what stands upright leans to the right at the top.
    top, bottom = (np.flatnonzero(turned.image[int(y)] > 127).max() for y in (_box(turned)[1] + 3, _box(turned)[3] - 4))
    assert top > bottom


def test_kana_index_file_names_every_class(pool: list[Face]) -> None:
    grid = KanaGrid(KanaOptions(image_size=64, characters="가나"), pool)
    yaml = pytest.importorskip("yaml")
    index = yaml.safe_load(grid.extras()["index.yml"])
    assert index["number"] == grid.per_class
    assert index["characters"] == [{"character": "가", "code": 0xAC00}, {"character": "나", "code": 0xB098}]
    with pytest.raises(ValueError, match="no face draws every class"):
        KanaGrid(KanaOptions(), pool)


def test_stream_draws_what_it_is_told(pool: list[Face]) -> None:
    stream = CharStream(CharOptions(), pool)
    drawn = [stream.sample(index, 0) for index in range(60)]
    assert stream.size is None
    assert all(
        sample.image.shape == (64, 64) and len(sample.text) == 1 and np.ptp(sample.image) > 20 for sample in drawn
    )
    assert {sample.facts["group"] for sample in drawn} == {"printed", "handwritten"}
    assert np.array_equal(drawn[7].image, CharStream(CharOptions(), pool).sample(7, 0).image)
    assert not np.array_equal(drawn[7].image, stream.sample(7, 1).image)
    digits = CharStream(CharOptions(mix={"digits": 1}), pool)
    assert {digits.sample(index, 0).text for index in range(60)} == set("0123456789")
    for sample in drawn:
        x0, y0, x1, y1 = _box(sample)
        assert -8 <= x0 < x1 <= 72
        assert -8 <= y0 < y1 <= 72


def test_a_character_too_thin_to_be_seen_gives_way_to_another(
    pool: list[Face], monkeypatch: pytest.MonkeyPatch
) -> None:
    def faint(char: str, face: Face, size: int) -> cells.Inked:
        found = seen(char, face, size)
        return found._replace(ink=found.ink[:0, :0]) if char in "13579" else found

    seen = cells.printed
    stream = CharStream(CharOptions(mix={"digits": 1}, hand=0), pool)
    monkeypatch.setattr(cells, "printed", faint)
    drawn = [stream.sample(index, 0) for index in range(40)]
    assert {sample.text for sample in drawn} == set("02468")
    assert all(np.ptp(sample.image) > 20 for sample in drawn)
    monkeypatch.setattr(cells, "printed", lambda *given: seen(*given)._replace(ink=np.zeros((0, 0), np.uint8)))
    with pytest.raises(ValueError, match="nothing that the fonts draw is to be seen at"):
        stream.sample(0, 0)


def test_stream_refuses_what_cannot_be(pool: list[Face]) -> None:
    with pytest.raises(ValueError, match="expected weights of some of"):
        CharOptions(mix={"runes": 1})
    with pytest.raises(ValueError, match="no face draws anything of hanja"):
        CharStream(CharOptions(mix={"hanja": 1}), pool).sample(0, 0)
    assert set(CharOptions().mix) == set(ALPHABETS)
