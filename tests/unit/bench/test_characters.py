"""The bench of characters: rows that can be trained, what is counted, what is kept, and what the page says."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner

from geulnun import recipe
from geulnun.bench import characters
from geulnun.bench.characters import Plan, Result, load, measure, score, timed, training, variants
from geulnun.bench.characters_report import as_json, as_markdown
from geulnun.bench.laboratory import keep
from geulnun.cli.bench_characters import characters as command
from geulnun.errors import UsageError
from geulnun.evaluate.characters.sets import HAND, PRINTED, Glyph, read_set
from geulnun.runtime.characters import CharacterRecogniser

Draw = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


def test_rows_are_networks_links_heads_and_methods() -> None:
    rows = variants(Plan())
    assert len(rows) >= 12
    assert len({one.name for one in rows}) == len(rows)
    told = {one.told for one in rows}
    assert {"DirectMap", "hybrid learning loss", "adversarial features", "AdaBound", "SGD", "Adam"} <= told
    assert {one.net.get("head") for one in rows} >= {"whole", "refine", "denseran"}


def test_every_row_is_a_recipe_of_a_network_that_can_be_built() -> None:
    torch = pytest.importorskip("torch")
    from geulnun.charset import Charset, FlatCharset
    from geulnun.nets.character.builders import BUILDERS
    from geulnun.training.characters.options import CharacterTraining

    plan = Plan(images=6_400, factor=0.25)
    for variant in variants(plan):
        options = recipe.parse(training(variant, plan, Path("set")), CharacterTraining, variant.name)
        assert options.images == 6_400
        assert options.net.factor == 0.25
        assert isinstance(options.data[0].path, Path)
        net = options.net
        classes = FlatCharset(tuple("가나다")) if net.head == "whole" else Charset(())
        with torch.device("meta"):
            BUILDERS[net.name].build(classes, plan.size, net.factor, net.link, net.head, net.direct, net.hidden)
        if options.compress is not None and options.compress.drop:
            assert options.compress.drop_until <= plan.steps


def test_shares_are_counted_by_kind(glyph: Draw, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가각나단라마"), threads=1)
    images = {
        PRINTED: [Glyph("a", "가", PRINTED, lambda: glyph("가")), Glyph("b", "나", PRINTED, lambda: glyph("단"))],
        HAND: [Glyph("c", "단", HAND, lambda: glyph("단"))],
    }
    result = score(reader, images, Result("row", "dense", "gwap", "split", "–"))
    assert result.top1 == {PRINTED: 0.5, HAND: 1.0}
    assert result.top5[HAND] == 1.0


def test_times_are_medians_of_one_and_of_a_batch(glyph: Draw, matcher: Matcher) -> None:
    reader = CharacterRecogniser(matcher("가나"), threads=1)
    ticks = itertools.count()
    # Every look at this clock is a second later: a run takes one second, a batch's image a 64th of it.
    alone, batched = timed(reader, [Glyph("a", "가", PRINTED, lambda: glyph("가"))], lambda: float(next(ticks)))
    assert alone == pytest.approx(1000)
    assert batched == pytest.approx(1000 / 64)


def test_finished_rows_are_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("drawn or trained again")

    monkeypatch.setattr(characters, "tests", fail)
    monkeypatch.setattr(characters, "train", fail)
    monkeypatch.setattr(characters, "draw", fail)
    result = Result(
        "dense", "dense", "gwap", "split", "–", 1.5, 3.0, 0.8, 0.2, 100, 2.0, {PRINTED: 0.5}, {PRINTED: 0.9}
    )
    keep(tmp_path / "dense/result.json", result)
    assert measure(["dense"], Plan(), tmp_path, tell=lambda _: None) == [result]
    assert load(tmp_path / "dense/result.json") == result
    with pytest.raises(UsageError, match="no row is called 'dens'"):
        measure(["dens"], Plan(), tmp_path)


def test_a_new_row_is_trained_scored_timed_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, glyph: Draw, matcher: Matcher
) -> None:
    def train(variant: characters.Variant, plan: Plan, data: Path, folder: Path, *_: object) -> Result:
        assert data == tmp_path / "drawn"
        folder.mkdir()
        matcher("가나").rename(folder / "net.onnx")
        return Result(variant.name, "dense", "gwap", "split", variant.told)

    monkeypatch.setattr(characters, "train", train)
    monkeypatch.setattr(characters, "draw", lambda plan, work: work / "drawn")
    monkeypatch.setattr(characters, "tests", lambda plan: {HAND: [Glyph("a", "나", HAND, lambda: glyph("나"))]})
    told: list[str] = []
    (result,) = measure(["dense-hybrid"], Plan(), tmp_path, tell=told.append)
    assert (result.method, result.top1) == ("hybrid learning loss", {HAND: 1.0})
    assert result.alone > 0
    assert result.batched > 0
    assert load(tmp_path / "dense-hybrid/result.json") == result
    assert told == ["dense-hybrid: begins", "dense-hybrid: handwritten 100.0%"]


def test_finished_rows_are_timed_again_on_what_was_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, glyph: Draw, matcher: Matcher
) -> None:
    def drawn(folder: Path) -> list[Glyph]:
        assert folder == tmp_path / "drawn"
        return [Glyph("a", "나", HAND, lambda: glyph("나"))]

    monkeypatch.setattr(characters, "read_set", drawn)
    for name in ("dense", "melnyk"):
        keep(tmp_path / name / "result.json", Result(name, name, "gwap", "split", "–", alone=-1.0, batched=-1.0))
        (tmp_path / name / "net.onnx").write_bytes(matcher("가나").read_bytes())
    results = measure(["dense", "melnyk"], Plan(), tmp_path, tell=lambda _: None, again=True)
    assert all(one.alone > 0 and one.batched > 0 for one in results)
    assert results == [load(tmp_path / name / "result.json") for name in ("dense", "melnyk")]


@pytest.fixture
def plain(tmp_path: Path, test_font: Path) -> Path:
    pytest.importorskip("fontTools")
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/one.ttf").write_bytes(test_font.read_bytes())
    path = tmp_path / "plain.yaml"
    path.write_text(
        f"kind: koocr\nfonts: {{folder: {tmp_path / 'fonts'}}}\noptions: {{image_size: 64, characters: 가나다라마}}\n"
        "parts:\n  - {name: a}\n  - {name: b, options: {image_size: 96}}\n",
        "utf-8",
    )
    return path


def test_training_images_are_drawn_once_as_many_of_each_part(plain: Path, tmp_path: Path) -> None:
    words = plain.read_text("utf-8").replace("image_size: 96", "characters: 바사아자차카")
    plain.write_text(words, "utf-8")
    folder = characters.draw(Plan(plain, drawn=6), tmp_path / "work")
    assert sorted(glyph.truth for glyph in read_set(folder)) == list("가라마바아차")
    before = {path: path.stat().st_mtime_ns for path in folder.glob("*.pickle")}
    assert characters.draw(Plan(plain, drawn=6), tmp_path / "work") == folder
    assert {path: path.stat().st_mtime_ns for path in folder.glob("*.pickle")} == before
    with pytest.raises(UsageError):
        characters.draw(Plan(plain, drawn=8), tmp_path / "work")


def test_tests_are_drawn_of_every_part(plain: Path) -> None:
    drawn = [one for glyphs in characters.tests(Plan(plain, tests=3)).values() for one in glyphs]
    assert [one.load().shape for one in drawn] == [(64, 64)] * 3 + [(96, 96)] * 3
    assert {one.truth for one in drawn} <= set("가나다라마")


def test_the_page_puts_the_best_first() -> None:
    worse = Result("b", "melnyk", "gap", "split", "–", 4.8, 9.7, 6.25, 5, 640, 7, {PRINTED: 0.5}, {PRINTED: 0.75})
    better = Result("a", "dense", "gwap", "split", "SGD", 1.2, 2.5, 0.8, 0.25, 640, 3, {PRINTED: 0.9}, {PRINTED: 1.0})
    page = as_markdown("- a day", [worse, better], Plan(images=640))
    assert "| dense | gwap | split | SGD | 1.20 | 2.50 | 0.80 | 0.25 | 90.00% | 100.00% |" in page
    assert page.index("| dense |") < page.index("| melnyk |")
    assert "saw 640 images of 64 pixels, of 30,000 that were drawn once" in page
    assert "handwritten" not in page.split("\n\n")[3]
    assert as_json({"date": "x"}, [better], Plan())["plan"]["images"] == 60_000  # type: ignore[index]


def test_the_command_lists_its_rows() -> None:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, ["--list"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [one.name for one in variants(Plan())]
