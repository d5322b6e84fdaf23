"""The bench of the reader of characters: which images it reads, what is counted beside a rival, what the page shows."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner

from geulnun.bench import character_reader as bench
from geulnun.bench.character_reader_report import as_json, as_markdown, maps
from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.cli.bench_characters import character_reader as command
from geulnun.document import Block, Page, line_from_text
from geulnun.errors import DamagedInputError, MissingInputError
from geulnun.evaluate.characters.sets import HAND, PRINTED, Glyph
from geulnun.runtime.characters import CharacterRecogniser

Draw = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]
QUAD = ((0.0, 0.0), (8.0, 0.0), (8.0, 8.0), (0.0, 8.0))


class Stubborn(Engine):
    """Reads one character everywhere."""

    setting = "psm 10"
    levels = frozenset({"char"})
    identity = "stubborn 1"
    weights_bytes = 1_000_000

    def __init__(self, says: str) -> None:
        self.name, self.says = f"Tesseract {says}", says

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        assert level == "char"
        assert all(image.ndim == 3 for image in images)
        return [Reading(Page(9, 9, (Block((line_from_text(self.says, QUAD),)),)), 0.05, 0.05) for _ in images]

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        return [], {}


@pytest.fixture
def recipe(tmp_path: Path, test_font: Path) -> Path:
    pytest.importorskip("fontTools")
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/one.ttf").write_bytes(test_font.read_bytes())
    path = tmp_path / "tests.yaml"
    path.write_text(
        f"kind: koocr\nfonts: {{folder: {tmp_path / 'fonts'}}}\noptions: {{image_size: 64, characters: 가각나단라마}}\n"
        "parts:\n  - {name: small}\n  - {name: large, options: {image_size: 96}}\n",
        "utf-8",
    )
    return path


@pytest.fixture
def people(tmp_path: Path, glyph: Draw) -> Path:
    folder = tmp_path / "people"
    rows = []
    for source, chars in (("pens", "가나다"), ("kana", "ああ")):
        (folder / source).mkdir(parents=True)
        for at, char in enumerate(chars):
            cv2.imwrite(str(folder / source / f"{at}.png"), glyph(char))
            rows.append({"image": f"{source}/{at}.png", "text": char, "style": "hand", "level": "char"})
    (folder / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def test_every_part_and_every_source_is_a_test(recipe: Path, people: Path) -> None:
    found = bench.trials([recipe], people)
    assert [(one.name, one.public) for one in found] == [
        ("small", True), ("large", True), ("pens, people", False), ("kana, people", False),
    ]  # fmt: skip
    assert [glyph.load().shape for glyph in found[1].images(2)] == [(96, 96)] * 2
    assert [glyph.truth for glyph in found[2].images(9)] == list("가나다")
    assert [glyph.truth for glyph in found[2].images(2)] == list("가다")


def test_the_better_rival_is_counted_on_the_same_images(glyph: Draw, matcher: Matcher) -> None:
    def images(number: int) -> Iterator[Glyph]:
        for at, (truth, shown) in list(enumerate([("가", "가"), ("나", "나"), ("나", "나"), ("단", "라")]))[:number]:
            yield Glyph(str(at), truth, PRINTED, partial(glyph, shown))

    reader = CharacterRecogniser(matcher("가나단라"), threads=1)
    rivals = [Stubborn("가"), Stubborn("나"), Stubborn("단")]
    (row,) = bench.measure([bench.Trial("t", images)], reader, rivals, 4, 3)
    assert (row.found.whole.images, row.found.whole.first) == (4, 3)
    assert row.rival is not None
    assert (row.rival.engine.name, row.rival.images, row.rival.right, row.rival.ours) == ("Tesseract 나", 3, 2, 3)
    assert row.rival.milliseconds == pytest.approx(50)
    # Of 가 나 나 and 단 taken for 라: one initial and one final of four are wrong, no medial.
    assert row.jamo == [0.75, 1.0, 0.75]


def test_the_alphabet_is_that_of_all_truths() -> None:
    assert bench.alphabet_of("72") == "digits"
    assert bench.alphabet_of("a72") == "ASCII"
    assert bench.alphabet_of("가힣") == "syllables"
    assert bench.alphabet_of("あヴ") == "kana"
    assert bench.alphabet_of("가a") == ""


def test_a_reader_that_knows_the_alphabet_is_counted_apart(glyph: Draw, matcher: Matcher) -> None:
    file = matcher("가7")
    trial = bench.Trial("t", lambda n: iter([Glyph("a", "가", HAND, partial(glyph, "7"))]))
    told = partial(CharacterRecogniser, file, 1, None)
    (row,) = bench.measure([trial], CharacterRecogniser(file, threads=1), [], 5, 5, told)
    assert (row.found.whole.top1, row.alphabet, row.bound) == (0.0, "syllables", 1.0)


def test_models_of_korean_are_not_asked_for_kana(glyph: Draw, matcher: Matcher) -> None:
    trial = bench.Trial("kana", lambda n: iter([Glyph("a", "あ", HAND, lambda: glyph("가"))]), public=False)
    (row,) = bench.measure([trial], CharacterRecogniser(matcher("가나"), threads=1), [Stubborn("あ")], 5, 5)
    assert row.rival is None
    assert row.jamo == [None, None, None]


def test_the_page_tells_all_and_the_picture_shows_no_person(
    recipe: Path, people: Path, matcher: Matcher, tmp_path: Path
) -> None:
    file = matcher("가각나단라")
    reader = CharacterRecogniser(file, threads=1)
    told = lambda allow: CharacterRecogniser(file, threads=1, allow=allow)  # noqa: E731
    rows = bench.measure(bench.trials([recipe], people), reader, [Stubborn("가")], 6, 6, told)
    explained = bench.shown(rows, reader, file)
    assert explained
    assert {one.example.glyph.facts.get("source") for one in explained} == {None}
    root = maps(explained)
    pictures = [one.attrib["href"] for one in root.iter("image")]
    assert len(pictures) == len(explained) * 7
    content = base64.b64decode(pictures[1].removeprefix("data:image/jpeg;base64,"))
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (128, 128, 3)
    run = bench.Run("kana", 100, {"fonts": (0.5, 0.75, 8)}, 1.5, [{"step": "3", "stored": "77"}])
    page = as_markdown("- a day", rows, [run], 3.5, (1.5, 0.25), "maps.svg")
    # 마 is not known to this reader.
    assert "| small | 6 | 83.33 % | 43.65% to 96.99% | 83.33 % | 83.33 % (syllables) |" in page
    assert "16.67 % of 6 (가, psm 10) | 83.33 % |" in page
    assert "| kana, people | 2 | 0.00 % |" in page
    assert "3.50 MB. An image takes 1.50 ms alone and 0.25 ms in batches" in page
    assert "50 ms an image, 200 times as long" in page
    assert "마 as" in page
    assert "| kana | 100 | 1.50 | fonts | 8 | 50.00 % | 75.00 % |" in page
    assert "| step | stored |\n| --- | --- |\n| 3 | 77 |" in page
    content_json = as_json({"date": "x"}, rows, [run], 3.5, (1.5, 0.25))
    assert json.loads(json.dumps(content_json))["tests"][0]["rival"]["ours_top1"] == pytest.approx(5 / 6)


def test_a_run_tells_its_last_validation(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"scores\.jsonl: not found; name the folder of a finished run"):
        bench.run(tmp_path)
    (tmp_path / "character.onnx").write_bytes(b"1" * 500_000)
    scores = {
        "printed": {"top1": 0.5, "top5": 1.0, "images": 10},
        "handwritten": {"top1": 1.0, "top5": 1.0, "images": 30},
    }
    lines = [{"steps": 1, "images": 9, "sets": {}}, {"steps": 2, "images": 99, "sets": {"held-out": scores}}]
    (tmp_path / "scores.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    assert bench.run(tmp_path) == bench.Run(tmp_path.name, 99, {"held-out": (0.875, 1.0, 40)}, 0.5)
    (tmp_path / "curve.csv").write_text("step,kept\n5,70\n", "utf-8")
    assert bench.run(tmp_path).curve == [{"step": "5", "kept": "70"}]
    (tmp_path / "scores.jsonl").write_text("{}", "utf-8")
    with pytest.raises(DamagedInputError, match="not the scores of a run"):
        bench.run(tmp_path)


def test_the_command_writes_the_report(recipe: Path, matcher: Matcher, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(command)
    words = [
        "--model",
        str(matcher("가각나단라마")),
        "--recipe",
        str(recipe),
        "-n",
        "6",
        "--no-rivals",
        "--out",
        str(tmp_path),
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "characters.md").read_text("utf-8")
    assert page == done.stdout
    assert "| large | 6 | 100.00 % |" in page
    shown = re.findall(r"!\[.*]\((.*)\)", page)
    assert shown == ["characters-maps.svg"]
    assert (tmp_path / shown[0]).read_text("utf-8").startswith("<svg")
    assert json.loads((tmp_path / "characters.json").read_text("utf-8"))["tests"][0]["top1"] == 1.0


def test_the_shipped_tests_are_of_held_out_fonts() -> None:
    from geulnun.synth.recipes import load

    for path in bench.RECIPES:
        plan = load(path, "chars")
        assert {part.recipe.split for part in plan.parts} == {"held-out"}
