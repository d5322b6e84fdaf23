"""Sets and batches: drawn and stored pages, mixed, each batch known from its number; what a run may not say."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.errors import InputError, MissingInputError, RecipeError
from geulnun.runtime.recogniser import CharReading, LineReading
from geulnun.synth import fonts
from geulnun.synth.fonts import Face, Family
from geulnun.training.characters.choices import SideChoice
from geulnun.training.detection import batches, sets
from geulnun.training.detection.batches import Batches, Drawing, Mix
from geulnun.training.detection.options import CropChoice, DetectorTraining, PageSet
from geulnun.training.detection.sets import Shown, Shuffled, open_set, without_curves

MakePages = Callable[..., Path]
LOOK = CropChoice(size=(64, 96), nothing=0)


@pytest.fixture
def one_font(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    monkeypatch.setattr(fonts, "choose", lambda *_: (face,))


@pytest.mark.usefixtures("one_font")
def test_drawn_pages_follow_from_their_index_and_seed(tmp_path: Path) -> None:
    recipe = tmp_path / "pages.yaml"
    recipe.write_text("kind: pages\noptions: {kinds: {sparse: 1}, page: {em: [10, 12], longest: 400}}\n", "utf-8")
    pages = open_set(PageSet(recipe))
    assert pages.size is None
    one, same, other = pages.page(3, 1), pages.page(3, 1), pages.page(4, 1)
    assert np.array_equal(one.pixels, same.pixels)
    assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)
    assert one.name == "sparse"
    assert one.shapes.known.all()
    assert len(one.shapes.chars) >= len(one.shapes.words) > 0


@pytest.mark.usefixtures("one_font")
def test_a_recipe_of_lines_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.yaml").write_text("kind: lines\n", "utf-8")
    with pytest.raises(RecipeError, match="it draws lines"):
        open_set(PageSet(tmp_path / "lines.yaml"))


def test_stored_pages_have_their_words_and_characters(make_pages: MakePages) -> None:
    pages = open_set(PageSet(make_pages("a", 3)))
    assert pages.size == 3
    shown = pages.page(0, 1)
    assert shown.pixels.shape == (96, 128, 3)
    assert shown.shapes.word_of.tolist() == [0, 0, 0, 1, 1]
    x0, y0, x1, y1 = geometry.to_boxes(shown.shapes.chars)[4].astype(int)
    assert (shown.pixels[y0:y1, x0:x1] == 40).all()


def test_boxes_of_characters_are_guessed_once_a_page(make_pages: MakePages, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    class Fake:
        def __init__(self, threads: int) -> None:
            assert threads == 1

        def read(self, crops: list[np.ndarray]) -> list[LineReading]:
            read.append(len(crops))
            # The dark blocks are 12 of 14 pixels apart.
            ends = {40: [12 / 40, 26 / 40, 1.0], 26: [12 / 26, 1.0]}
            return [
                LineReading(
                    tuple(CharReading("가", 1, a, b) for a, b in itertools.pairwise([0.0, *ends[crop.shape[1]]])), 1
                )
                for crop in crops
            ]

    monkeypatch.setattr(sets, "Recogniser", Fake)
    folder = make_pages("bare", 2, boxed=False)
    assert len(open_set(PageSet(folder)).page(0, 1).shapes.chars) == 0
    pages = open_set(PageSet(folder, weak=True))
    for _ in range(2):
        shapes = pages.page(0, 1).shapes
        assert shapes.word_of.tolist() == [0, 0, 0, 1, 1]
        assert (shapes.char_scores == 1).all()
        first = geometry.to_boxes(shapes.chars)[0] - geometry.to_boxes(shapes.words)[0]
        assert first == pytest.approx([0, 0, 12 - 40, 0])
    assert read == [2]


def test_a_count_and_a_side_take_a_part_of_a_set(make_pages: MakePages) -> None:
    folder = make_pages("a", 8)
    assert open_set(PageSet(folder, count=2)).size == 2
    halves = (("train", 0.5), ("validation", 0.5))
    sizes = [open_set(PageSet(folder, side=SideChoice(name, halves))).size for name, _ in halves]
    assert sizes[0] is not None and sizes[1] is not None  # noqa: PT018  # one fact
    assert (sum(size or 0 for size in sizes), min(size or 0 for size in sizes) > 0) == (8, True)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such set of pages"):
        open_set(PageSet(tmp_path / "nowhere"))


def test_an_image_of_another_size_than_its_label_says_is_refused(make_pages: MakePages) -> None:
    folder = make_pages("a", 1)
    label = folder / "0.json"
    label.write_text(
        label.read_text("utf-8").replace('"width":128', '"width":64').replace('"width": 128', '"width": 64')
    )
    with pytest.raises(InputError, match="the boxes would lie elsewhere"):
        open_set(PageSet(folder)).page(0, 1)


def test_a_set_is_gone_through_once_before_it_comes_again(make_pages: MakePages) -> None:
    endless = Shuffled(open_set(PageSet(make_pages("a", 5))))
    names = [endless.page(index, 3).name for index in range(10)]
    assert sorted(names[:5]) == sorted(names[5:]) == ["0", "1", "2", "3", "4"]
    assert names[:5] != names[5:]


def test_of_bent_words_nothing_is_asked() -> None:
    """Three characters on an arc, three on a slope."""
    arc = geometry.from_boxes([[0, 20, 20, 40], [25, 10, 45, 30], [50, 20, 70, 40]])
    slope = geometry.from_boxes([[0, 60, 20, 80], [25, 65, 45, 85], [50, 70, 70, 90]])
    words = np.stack([geometry.hull(arc), geometry.hull(slope)])
    shapes = Shapes.of(words, np.concatenate([arc, slope]), [0, 0, 0, 1, 1, 1])
    assert without_curves(Shown(np.zeros((1, 1, 3), np.uint8), shapes)).shapes.known.tolist() == [False, True]


def equal(one: batches.Batch, other: batches.Batch) -> bool:
    pairs = ((one.pages, other.pages), (one.maps, other.maps), (one.weights, other.weights))
    return all(np.array_equal(first, second) for first, second in pairs)


@pytest.mark.parametrize("kind", ["regions", "points"])
def test_a_batch_is_decided_by_its_number(make_pages: MakePages, kind: str) -> None:
    mix = Mix(kind, (PageSet(make_pages("a")),), crops=LOOK, seed=4, batch=3)
    from_two = Batches(mix, 2, 0)
    first, second = (next(iter(from_two)) for _ in range(2))
    assert equal(first, second)
    assert not equal(first, Drawing(mix)[3][0])
    assert first.pages.shape[0] == 3
    assert sorted(first.pages.shape[2:]) == [64, 96]
    assert first.maps.max() > 0.5


def test_sets_come_by_their_ratios_and_a_page_as_often_as_it_is_cut(make_pages: MakePages) -> None:
    choices = (PageSet(make_pages("a", 40), ratio=3), PageSet(make_pages("b", 40)))
    drawing = Drawing(Mix("points", choices, crops=replace(LOOK, cuts=2), batch=2))
    seen: list[tuple[int, int]] = []
    for at in range(240):
        drawing._page(at // 2, [])
        assert drawing._last is not None
        seen.append(drawing._last[0])
    assert seen[::2] == seen[1::2]
    assert len(set(seen)) == 120
    found = Counter(number for number, _ in seen[::2])
    assert 75 <= found[0] <= 105


def test_a_page_that_cannot_be_read_is_told_and_the_next_one_taken(make_pages: MakePages) -> None:
    folder = make_pages("a", 4)
    (folder / "1.png").write_bytes(b"not an image")
    drawing = Drawing(Mix("points", (PageSet(folder),), crops=LOOK, batch=4))
    problems = [problem for number in range(4) for problem in drawing[number][0].problems]
    assert problems
    assert all("1.png" in problem for problem in problems)
    for number in (0, 2, 3):
        (folder / f"{number}.png").write_bytes(b"nor this")
    with pytest.raises(InputError, match="in a row cannot be read"):
        Drawing(drawing.mix)[0]


@pytest.mark.parametrize("kind", ["regions", "points"])
def test_characters_that_nobody_boxed_are_not_background(make_pages: MakePages, kind: str) -> None:
    look = replace(LOOK, scale=(1, 1), turned=0, tilted=0, spun=0)
    bare = Drawing(Mix(kind, (PageSet(make_pages("bare", boxed=False)),), crops=look))[0][0]
    boxed = Drawing(Mix(kind, (PageSet(make_pages("boxed")),), crops=look))[0][0]
    weights = bare.weights if kind == "regions" else bare.weights[:, 1]
    truth = boxed.maps[:, 0 if kind == "regions" else 9]
    assert (truth > 0.9).any()
    assert (weights[truth > 0.9] == 0).all()
    assert (weights == 1).mean() > 0.5


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"data": ()}, "data is empty"),
        ({"steps": 0}, "steps is 0"),
        ({"rate": 0.0}, "rate is 0.0"),
        ({"average": 1.0}, "average 1.0"),
        ({"workers": -1}, "workers is -1"),
        ({"validation": (PageSet(Path("a")), PageSet(Path("b/a")))}, "two sets are called 'a'"),
    ],
)
def test_impossible_runs_are_refused(values: dict[str, object], message: str) -> None:
    given: dict[str, object] = {"kind": "points", "data": (PageSet(Path("a")),)}
    with pytest.raises(RecipeError, match=message):
        DetectorTraining(**(given | values))  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("values", [{"ratio": 0}, {"count": 0}, {"weak": True}])
def test_impossible_sets_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(RecipeError):
        PageSet(Path("a.yaml"), **values)  # type: ignore[arg-type]  # the point of the test


def test_without_validation_sets_the_drawn_ones_are_drawn_from_the_other_side() -> None:
    run = DetectorTraining("points", (PageSet(Path("a.yaml")), PageSet(Path("stored")))).beneath(Path("there"))
    assert run.judged == (PageSet(Path("there/a.yaml"), split="held-out"),)
    assert run.data[1].path == Path("there/stored")
