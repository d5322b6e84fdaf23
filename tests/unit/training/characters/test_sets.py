"""Sets: groups, sides by font and writer, pickles a few at a time, shares, and ink without a character."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

from geulnun.charset import FlatCharset
from geulnun.errors import InputError, MissingInputError, RecipeError
from geulnun.image import ops
from geulnun.spec import CharacterSpec
from geulnun.training.characters import negatives
from geulnun.training.characters.augment import affine, displaced, moved
from geulnun.training.characters.batches import GROUPS, Drawing, Mix
from geulnun.training.characters.choices import CharacterSet, SideChoice
from geulnun.training.characters.options import AugmentChoice
from geulnun.training.characters.pickles import Pickled
from geulnun.training.characters.sets import Share, Shuffled, group_of, labels_of, on_side, open_set
from geulnun.training.sets import Words

MakeGlyphs = Callable[..., Path]
DIGITS = FlatCharset(tuple("0123456789"))
WORDS = Words(DIGITS, longest=1)
SPEC = CharacterSpec(24, classes=DIGITS)


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        ({"group": "printed", "style": "printed"}, "printed"),
        ({"group": "clova", "style": "printed"}, "handwriting-font"),
        ({"group": "printed", "style": "brush"}, "handwriting-font"),
        ({"group": "handwritten", "style": "sans"}, "handwritten"),
        ({"style": "handwritten", "writer": "a"}, "handwritten"),
        ({}, "printed"),
    ],
)
def test_groups_are_told_by_what_is_known(facts: dict[str, str], group: str) -> None:
    assert group_of(facts) == group


def test_a_writer_is_on_one_side_whatever_fonts_are_known() -> None:
    facts: list[dict[str, str | int | float]] = [
        {"writer": f"w{at % 7}"} if at % 2 else {"font": f"f{at % 10}"} for at in range(140)
    ]
    side = SideChoice("train", (("train", 0.5), ("validation", 0.5)))
    train = on_side(facts, side, "set")
    other = on_side(facts, replace(side, part="validation"), "set")
    assert [a != b for a, b in zip(train, other, strict=True)] == [True] * 140
    sides: dict[str, set[bool]] = {}
    for known, mine in zip(facts, train, strict=True):
        sides.setdefault(str(known), set()).add(mine)
    assert all(len(found) == 1 for found in sides.values())
    assert 20 <= sum(train) <= 120
    with pytest.raises(RecipeError, match="single images are not parted"):
        on_side([{"style": "handwritten"}], side, "set")


def test_stored_sets_are_read_by_their_labels(make_glyphs: MakeGlyphs) -> None:
    folder = make_glyphs("a", 22, "0123456789가")
    choice = CharacterSet(folder, group="handwritten")
    made = open_set(choice, WORDS)
    assert made.size == 20
    glyph = made.glyph(10, 1)
    assert glyph is not None
    assert (glyph.text, glyph.group, glyph.image.shape[:2]) == ("0", "handwritten", (40, 40))
    assert labels_of([choice]) == "0123456789가"
    with pytest.raises(MissingInputError, match="no such set of characters"):
        open_set(CharacterSet(folder / "none"), WORDS)
    with pytest.raises(InputError, match="no character of it can be used"):
        open_set(choice, Words(FlatCharset(("x",)), longest=1))


def test_shares_part_a_set_without_overlap(make_glyphs: MakeGlyphs) -> None:
    folder = make_glyphs("a", 20)
    parts = [open_set(CharacterSet(folder, share=share), WORDS) for share in ((0.0, 0.75), (0.75, 1.0))]
    assert [part.size for part in parts] == [15, 5]
    seen = [part.glyph(at, 0) for part in parts for at in range(part.size or 0)]
    assert len({one.image.tobytes() for one in seen if one is not None}) == 20


def test_pickles_are_held_so_many_at_a_time(make_pickles: MakeGlyphs, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_pickles("p", files=3, each=4)
    whole = open_set(CharacterSet(folder), WORDS)
    assert whole.size == 24
    held = open_set(CharacterSet(folder, at_once=2), WORDS)
    assert held.size == 24
    files = sorted(folder.glob("*.pickle"))
    pickled = Pickled(files, WORDS, 2)
    order = pickled.order(np.random.default_rng(3))
    assert sorted(order.tolist()) == list(range(24))
    # Two files' images come mixed, and then never again: each file is opened once.
    opened = [{int(at) // 4 for at in order[first : first + 8]} for first in range(0, 24, 8)]
    assert [len(each) for each in opened] == [2, 2, 2]
    assert set.union(*opened) == set(range(6))
    assert order.tolist() != pickled.order(np.random.default_rng(4)).tolist()
    for at in range(24):
        one, other = whole.glyph(at, 0), held.glyph(at, 0)
        assert one is not None
        assert other is not None
        assert (one.text, one.group) == (other.text, other.group)
        assert np.array_equal(one.image, other.image)
    only = open_set(CharacterSet(folder, files="handwritten_*.pickle"), WORDS)
    assert only.size == 12
    first = only.glyph(0, 0)
    assert first is not None
    assert first.group == "handwritten"
    with pytest.raises(MissingInputError, match="no file is called x"):
        open_set(CharacterSet(folder, files="x"), WORDS)


def test_an_epoch_shows_every_image_once_and_the_next_in_another_order(make_glyphs: MakeGlyphs) -> None:
    endless = Shuffled(open_set(CharacterSet(make_glyphs("a", 20)), WORDS))
    turns = [[one.image.tobytes() for at in range(20) if (one := endless.glyph(20 * turn + at, 5))] for turn in (0, 1)]
    assert sorted(turns[0]) == sorted(turns[1])
    assert turns[0] != turns[1]
    assert len(set(turns[0])) == 20


def test_batches_keep_ratios_and_hold_their_share_of_nothing(make_glyphs: MakeGlyphs) -> None:
    sets = (
        CharacterSet(make_glyphs("a"), ratio=3, group="printed"),
        CharacterSet(make_glyphs("b"), name="b", group="handwritten"),
    )
    drawing = Drawing(Mix(sets, SPEC, nothing=0.2, batch=20, seed=4))
    (batch,) = drawing[3]
    assert batch.inputs.shape == (20, 1, 24, 24)
    assert [int((batch.groups == at).sum()) for at in (-1, 0, 1, 2)] == [4, 12, 0, 4]
    assert (batch.ids[batch.groups == -1] == 0).all()
    assert (batch.ids[batch.groups >= 0] > 0).all()
    assert batch.inputs.reshape(20, -1).max(1).min() > 100
    (again,) = Drawing(drawing.mix)[3]
    assert np.array_equal(batch.inputs, again.inputs)
    assert not np.array_equal(batch.inputs, drawing[4][0].inputs)
    assert GROUPS[2] == "handwritten"


def test_a_damaged_image_costs_itself_alone(make_glyphs: MakeGlyphs) -> None:
    folder = make_glyphs("a", 10)
    # Its head is whole, so that it is listed.
    file = folder / "images" / "3.png"
    file.write_bytes(file.read_bytes()[:60])
    (batch,) = Drawing(Mix((CharacterSet(folder),), SPEC, batch=10))[0]
    assert len(batch.ids) == 9
    assert len(batch.problems) == 1
    assert "3.png" in batch.problems[0]


def test_recipes_of_lines_are_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.yaml").write_text("kind: lines\n", "utf-8")
    with pytest.raises(RecipeError, match="it draws lines"):
        open_set(CharacterSet(tmp_path / "lines.yaml"), WORDS)


def test_drawn_grids_are_learnt_from(tmp_path: Path, test_font: Path) -> None:
    text = f"kind: koocr\nfonts: {{folder: {test_font.parent}}}\noptions: {{image_size: 64, characters: '가1나'}}\n"
    (tmp_path / "grid.yaml").write_text(text, "utf-8")
    made = open_set(CharacterSet(tmp_path / "grid.yaml"), WORDS)
    assert made.size == 3
    found = [made.glyph(at, 0) for at in range(3)]
    # 가 and 나 are no classes here.
    assert [one.text for one in found if one is not None] == ["1"]
    assert Share(made, 0, 1).size == 3


@pytest.mark.parametrize("kind", negatives.KINDS)
def test_scribbles_have_ink_and_differ(kind: Callable[[np.random.Generator], np.ndarray]) -> None:
    drawn = [kind(np.random.default_rng(seed)) for seed in range(4)]
    assert all(ops.character_input(one, SPEC) is not None for one in drawn)
    assert len({one.tobytes() for one in drawn}) == 4


def test_pieces_are_outer_halves_with_a_gap() -> None:
    left, right = np.full((24, 24), 0.25, np.float32), np.full((24, 24), 0.75, np.float32)
    left[:, :12], right[:, 12:] = 9, 9
    out = negatives.pieces(left, right)
    assert (out[:, :10] == 0.25).all()
    assert (out[:, 10:14] == 0).all()
    assert (out[:, 14:] == 0.75).all()


def test_affine_moves_are_about_the_middle() -> None:
    matrix = affine(1, 1, np.pi / 2, 0, np.zeros(2), 11)
    assert np.allclose(matrix @ [5, 5, 1], [5, 5])
    # Clockwise on a page, whose rows count downwards: the right goes to the bottom.
    assert np.allclose(matrix @ [10, 5, 1], [5, 10])
    assert np.allclose(affine(2, 1, 0, 0, np.array([1.0, 3.0]), 11) @ [7, 5, 1], [10, 8])


def test_augmentation_at_rest_changes_nothing_and_else_stays_ink() -> None:
    ink = np.zeros((24, 24), np.float32)
    ink[6:18, 10:14] = 1
    still = AugmentChoice(1, (1.0, 1.0))
    assert np.allclose(moved(ink, still, np.random.default_rng(0)), ink, atol=1e-5)
    wild = AugmentChoice(1, (0.8, 1.2), 0.2, 30, 0.2, 0.1, 0.05)
    out = moved(ink, wild, np.random.default_rng(1))
    assert out.dtype == np.float32
    assert 0 <= out.min() < 0.01 < 0.5 < out.max() <= 1
    assert np.array_equal(out, moved(ink, wild, np.random.default_rng(1)))


def test_strokes_are_displaced_by_no_more_than_is_asked_for() -> None:
    ramp = np.tile(np.linspace(0, 1, 48, dtype=np.float32), (48, 1))
    shift = np.abs(displaced(ramp, 2.0, np.random.default_rng(2)) - ramp)[6:-6, 6:-6] * 47
    assert 0.2 < shift.max() <= 2.01
