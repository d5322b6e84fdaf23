"""Sets of single characters: which images they give, and what they say of those they leave out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geulnun.errors import DamagedInputError, InputError, MissingInputError, UsageError
from geulnun.evaluate.characters.sets import FONT, HAND, PRINTED, SetOptions, read_set


def index(folder: Path, *rows: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "index.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return folder


def test_an_index_lists_images(tmp_path: Path) -> None:
    listed = [("가", "char"), ("가나", "char"), ("다", "line"), ("라", "char")]
    rows = [
        {"image": f"one/{at}.png", "text": text, "style": "hand", "level": level}
        for at, (text, level) in enumerate(listed)
    ]
    folder = index(tmp_path / "set", *rows)
    (folder / "one").mkdir()
    Image.new("L", (8, 9), 7).save(folder / "one/0.png")
    told: list[str] = []
    glyphs = list(read_set(folder, note=told.append))
    assert [(one.name, one.truth, one.group) for one in glyphs] == [
        ("one/0.png", "가", HAND),
        ("one/3.png", "라", HAND),
    ]
    assert glyphs[0].facts["source"] == "one"
    assert glyphs[0].load().shape == (9, 8, 3)
    assert len(told) == 1
    assert "'가나' is not one character" in told[0]
    with pytest.raises(MissingInputError):
        glyphs[1].load()


def test_a_number_is_spread_over_the_set(tmp_path: Path) -> None:
    folder = index(tmp_path / "set", *({"image": f"{at}.png", "text": "가"} for at in range(10)))
    assert [one.name for one in read_set(folder, SetOptions(number=3))] == ["0.png", "3.png", "6.png"]
    assert len(list(read_set(folder, SetOptions(number=99)))) == 10


def test_stored_sets_are_read_with_their_groups(tmp_path: Path) -> None:
    for at in range(4):
        Image.fromarray(np.full((5, 5), 50 * at, np.uint8)).save(tmp_path / f"{at}.png")
    (tmp_path / "labels.csv").write_text("filename,words\n0.png,가\n1.png,나다\n2.png,다\n3.png,라\n", "utf-8")
    told: list[str] = []
    glyphs = list(read_set(tmp_path, note=told.append))
    assert "".join(one.truth for one in glyphs) == "가다라"
    assert "'나다' is not one character" in told[0]
    assert "".join(one.truth for one in read_set(tmp_path, SetOptions(number=2))) == "가다"


def test_recipes_draw_the_held_out_side(tmp_path: Path, test_font: Path) -> None:
    pytest.importorskip("fontTools")
    recipe = tmp_path / "chars.yaml"
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/one.ttf").write_bytes(test_font.read_bytes())
    recipe.write_text(
        f"kind: koocr\nfonts: {{folder: {tmp_path / 'fonts'}}}\noptions: {{image_size: 64, characters: 가나다라}}\n",
        "utf-8",
    )
    glyphs = list(read_set(recipe))
    assert sorted(one.truth for one in glyphs) == list("가나다라")
    assert {one.group for one in glyphs} <= {PRINTED, FONT}
    assert glyphs[0].load().shape == (64, 64)
    assert len(list(read_set(recipe, SetOptions(number=2)))) == 2


def test_what_is_no_set_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such file"):
        read_set(tmp_path / "gone")
    with pytest.raises(InputError):
        list(read_set(tmp_path))
    (tmp_path / "index.jsonl").write_text('{"image": "a.png"}\n', "utf-8")
    with pytest.raises(DamagedInputError, match=r"index\.jsonl:1: not an entry"):
        read_set(tmp_path)
    with pytest.raises(UsageError, match="number is 0"):
        SetOptions(number=0)
