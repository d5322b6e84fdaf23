"""Maps and reports: they show what the figures say, and escape what images say."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geulnun.errors import UsageError
from geulnun.evaluate.characters import maps, pictures
from geulnun.evaluate.characters.html import as_html
from geulnun.evaluate.characters.plain import as_json, as_markdown
from geulnun.evaluate.characters.run import CharacterEvaluation, Example, RunOptions, evaluate
from geulnun.evaluate.characters.sets import HAND, PRINTED, Glyph
from geulnun.runtime.characters import CharacterGuess, CharacterRecogniser, JamoOf

Draw = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


@pytest.fixture
def file(matcher: Matcher) -> Path:
    return matcher("가각나단A<", jamo=True, sharpness=6)


@pytest.fixture
def found(glyph: Draw, file: Path) -> CharacterEvaluation:
    glyphs = [
        Glyph("a/가.png", "가", PRINTED, lambda: glyph("가")),
        Glyph("b", "나", PRINTED, lambda: glyph("단")),
        Glyph("c", "<", HAND, lambda: glyph("A")),
        Glyph("d", "ア", HAND, lambda: glyph("각")),
    ]
    return evaluate("my set", "net.onnx", CharacterRecogniser(file, threads=1), glyphs, RunOptions(by=("font",)))


def test_occlusion_hangs_on_where_the_ink_is(glyph: Draw, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가각", sharpness=2), threads=1)
    ink = reader.prepared(glyph("각"))
    assert ink is not None
    final = JamoOf(reader.spec.classes).targets("각")["jong"]
    (found,) = maps.occlusion(reader)(ink, final[None])
    assert found.shape == (16, 16)
    # What tells 각 from 가 is the final, which stands below.
    assert found[8:].sum() > found[:8].sum()
    assert found.max() > 0


def test_each_jamo_has_its_map(found: CharacterEvaluation, file: Path) -> None:
    pytest.importorskip("onnx")
    reader = CharacterRecogniser(file, threads=1)
    explained, notes = maps.explain([*found.right, *found.wrong], reader, file, ["cam", "grad-cam"])
    assert notes == []
    places = {one.example.guess.text: list(one.maps["cam"]) for one in explained}
    assert places["가"] == ["cho", "jung", "jong"]
    assert places["A"] == ["character"]
    assert explained[0].maps["grad-cam"]["cho"].shape == (4, 4)
    blank = Example(found.right[0].glyph, np.full((9, 9), 255, np.uint8), CharacterGuess())
    assert maps.explain([blank], reader, file, ["occlusion"]) == ([], [])
    with pytest.raises(UsageError, match="maps 'cma'"):
        maps.explain([], reader, file, ["cma"])


def test_a_file_without_features_is_explained_from_outside(found: CharacterEvaluation, file: Path) -> None:
    pytest.importorskip("onnx")
    reader = CharacterRecogniser(file, threads=1)
    explained, notes = maps.explain(found.right, reader, file.with_name("other.onnx"), ["cam", "grad-cam"])
    assert [list(one.maps) for one in explained] == [["occlusion"]]
    assert len(notes) == 2


def test_the_page_shows_figures_and_escapes_readings(found: CharacterEvaluation, file: Path) -> None:
    explained, _ = maps.explain(found.right, CharacterRecogniser(file, threads=1), file, ["occlusion"])
    page = as_html(found, explained, ["a remark"]).decode()
    for part in (
        "Printed, top-1",
        "Handwritten, top-5",
        "50.00 %",
        "Initials (cho)",
        "Most confused",
        "a remark",
        "jong ∅",
    ):
        assert part in page
    assert "ア" in page
    assert "&lt;" in page
    assert "<script" not in page
    assert page.count("data:image/png") == len(found.wrong) + 4


def test_json_and_markdown_agree(found: CharacterEvaluation) -> None:
    tree = json.loads(as_json(found))
    assert (tree["format"], tree["all"]["images"], tree["groups"]["printed"]["top1"]) == ("geulnun-characters", 4, 0.5)
    assert tree["groups"]["handwritten"]["top1"] == 0
    assert ["나", "단", 1] in tree["faults"]
    assert tree["outside"] == {"ア": 1}
    assert tree["jamo"]["cho"]["counts"][0][0] == 1
    text = as_markdown(found, "characters.html")
    assert "| Printed | 2 | 50.00 % |" in text
    assert "| All | 4 | 25.00 % |" in text
    assert "| 나 | 단 | 1 | 1 |" in text
    assert "&lt;" in text


def test_maps_are_red_for_and_blue_against() -> None:
    signs = np.array([[1.0, -1.0], [0.0, 0.0]], np.float32)
    picture = np.asarray(Image.open(io.BytesIO(pictures.overlay(np.zeros((8, 8), np.float32), signs)))).astype(int)
    red, blue = picture[8, 8], picture[8, -9]
    assert red[0] > red[2] + 50
    assert blue[2] > blue[0] + 50


def test_sheets_and_thumbnails_are_small(found: CharacterEvaluation) -> None:
    wide = np.zeros((50, 400, 3), np.uint8)
    assert Image.open(io.BytesIO(pictures.thumbnail(wide))).size == (96, 12)
    assert pictures.sheet(()) is None
    content = pictures.sheet(found.wrong)
    assert content is not None
    assert Image.open(io.BytesIO(content)).size == (300, 100)
