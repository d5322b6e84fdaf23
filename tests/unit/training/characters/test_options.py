"""Options: misspelt keys, values that do not go together, alphabets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from geulnun import recipe
from geulnun.charset import Charset, FlatCharset
from geulnun.errors import MissingInputError, RecipeError
from geulnun.training.characters.alphabets import ClassChoice
from geulnun.training.characters.choices import CharacterSet, SideChoice
from geulnun.training.characters.options import AugmentChoice, CharacterTraining, NetChoice


def parse(**content: Any) -> CharacterTraining:
    return recipe.parse(content, CharacterTraining, "r.yaml")


def test_nested_choices_are_read_and_misspelt_ones_named() -> None:
    made = parse(net={"name": "melnyk", "head": "whole", "link": "gwap"}, hybrid={"rivals": 3}, epochs=2)
    assert (made.net.head, made.hybrid and made.hybrid.rivals) == ("whole", 3)
    with pytest.raises(RecipeError, match=r"unknown key net.hed; did you mean 'head'"):
        parse(net={"hed": "split"})
    with pytest.raises(RecipeError, match=r"unknown key adversarial.ration; did you mean 'ratio'"):
        parse(adversarial={"ration": 0.2})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"double_softmax": True}, "double_softmax goes with the head whole"),
        ({"epochs": 1, "steps": 5}, "expected one of them"),
        ({"schedule": "stairs"}, "expected rising shares"),
        ({"schedule": "stairs", "stairs": [[0.9, 1], [0.3, 2]]}, "expected rising shares"),
        ({"compress": {"drop": 0.99}}, "drop 0.99"),
        ({"compress": {"drop": 0.5, "drop_from": 9, "drop_until": 9}}, "expected a later step"),
        ({"adversarial": {"ratio": 1.0}}, "adversarial.ratio is 1.0"),
        ({"augment": {"zoom": [1.5, 1.0]}}, "augment.zoom"),
        ({"data": []}, "data is empty"),
        ({"validation": [{"path": "a"}, {"path": "b/a"}]}, "two sets are called 'a'"),
        ({"nothing": 1.0}, "nothing 1.0"),
    ],
)
def test_what_does_not_go_together_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        parse(**wrong)


def test_drawn_sets_have_no_sides_and_stored_ones_do() -> None:
    with pytest.raises(RecipeError, match="side parts stored sets"):
        CharacterSet(Path("a.yaml"), side=SideChoice("train"))
    with pytest.raises(RecipeError, match="one of train, validation"):
        SideChoice("test")
    with pytest.raises(RecipeError, match="no 'colour'"):
        SideChoice("train", by=("colour",))


def test_alphabets_make_the_classes_of_either_head(tmp_path: Path) -> None:
    choice = ClassChoice(("digits", "ks_x_1001"), others="가!")
    whole, split = choice.classes(True, str), choice.classes(False, str)
    assert isinstance(whole, FlatCharset)
    assert isinstance(split, Charset)
    assert len(whole.characters) == 10 + 2_350 + 1
    assert split.symbols == (*"0123456789", "!")
    assert ClassChoice(("kana",)).classes(True, str).classes == 170
    assert ClassChoice(("labels",)).classes(True, lambda: "가나").encode("나") == [2]
    (tmp_path / "chars.txt").write_text("한 글\n", "utf-8")
    given = ClassChoice((), file=Path("chars.txt")).beneath(tmp_path)
    assert given.classes(True, str) == FlatCharset(("한", "글"))
    with pytest.raises(MissingInputError, match="no such file of characters"):
        ClassChoice((), file=tmp_path / "none.txt").classes(True, str)
    with pytest.raises(RecipeError, match="no characters"):
        ClassChoice(()).classes(True, str)


def test_paths_are_taken_from_the_recipes_folder() -> None:
    made = CharacterTraining(start=Path("a.pt"), validation=(CharacterSet(Path("v")),)).beneath(Path("r"))
    assert made.start == Path("r/a.pt")
    assert made.validation[0].paths == (Path("r/v"),)
    assert made.data[0].paths == (Path("r/../synth/chars.yaml"),)


def test_defaults_are_the_default_network() -> None:
    made = CharacterTraining()
    assert made.net == NetChoice("dense", head="split")
    assert made.augment == AugmentChoice()
