"""Recipes of drawn sets: what they build, their parts, and what is said of wrong ones."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from geulnun.errors import InputError, MissingInputError, RecipeError, UsageError
from geulnun.synth.preview import SheetOptions, caption_face, contact_sheet, encode_sheet
from geulnun.synth.recipes import MAKERS, Verb, load
from geulnun.synth.sample import Sample
from geulnun.synth.sources import Chain, Mixture, Part, part_seed, stream

FONTS = Path(__file__).resolve().parents[2] / "fonts"
SHIPPED = sorted((Path(__file__).resolve().parents[3] / "recipes" / "synth").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _own_coverage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))


def written(folder: Path, text: str) -> Path:
    file = folder / "r.yaml"
    file.write_text(f"fonts: {{folder: {FONTS.as_posix()}}}\n{text}", "utf-8")
    return file


@pytest.mark.parametrize("verb", ["lines", "words", "pages", "scenes"])
def test_each_kind_draws_the_same_sample_from_the_same_seed(tmp_path: Path, verb: Verb) -> None:
    plan = load(written(tmp_path, f"kind: {verb}"), verb)
    one, other = plan.source(), pickle.loads(pickle.dumps(plan)).source()
    first, again = one.sample(3, 5), other.sample(3, 5)
    assert np.array_equal(first.image, again.image)
    assert (first.page, dict(first.facts)) == (again.page, dict(again.facts))
    assert not np.array_equal(first.image, one.sample(4, 5).image)
    assert first.image.shape[:2] == (first.page.height, first.page.width)
    assert {"family", "style"} <= set(first.facts)


def test_words_are_single_and_as_long_as_asked(tmp_path: Path) -> None:
    source = load(written(tmp_path, "options: {length: [2, 4]}"), "words").source()
    texts = [source.sample(index, 0).text for index in range(40)]
    assert all(" " not in text and 2 <= len(text) <= 4 for text in texts)
    assert len(set(texts)) > 20


PARTS = """
kind: lines
options: {worn: 0, size: [20, 30]}
parts:
  - {name: small, count: 3, options: {size: [20, 20]}}
  - {name: large, count: 4, options: {size: [40, 40]}}
"""


def test_parts_override_what_stands_above_them_and_follow_each_other(tmp_path: Path) -> None:
    plan = load(written(tmp_path, PARTS), "lines")
    assert [part.recipe.options.size for part in plan.parts] == [(20, 20), (40, 40)]
    assert [part.recipe.options.worn for part in plan.parts] == [0, 0]
    source = plan.source()
    assert source.size == 7
    drawn = [source.sample(index, 0) for index in range(7)]
    assert [one.facts["part"] for one in drawn] == ["small"] * 3 + ["large"] * 4
    assert drawn[0].text != drawn[3].text


def test_shares_mix_parts_without_end(tmp_path: Path) -> None:
    text = PARTS.replace("count: 3", "share: 1").replace("count: 4", "share: 3")
    source = load(written(tmp_path, text), "lines").source()
    assert source.size is None
    large = sum(source.sample(index, 0).facts["part"] == "large" for index in range(60))
    assert 36 <= large <= 54


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: line", "kind is 'line'; did you mean 'lines'"),
        ("kind: 3", "kind is 3; expected one of lines, words"),
        ("optoins: {}", "unknown key optoins; did you mean 'options'"),
        ("options: {sise: [1, 2]}", r"unknown key options\.sise; did you mean 'size'"),
        ("options: {worn: much}", r"options\.worn is 'much'"),
        ("options: 3", "options is 3; expected keys and values"),
        ("save: {extention: png}", r"unknown key save\.extention; did you mean 'extension'"),
        ("save: {quality: 0}", "quality is 0"),
        ("parts: 3", "parts is 3; expected a list"),
        ("parts: [{name: a, options: {sise: 1}}]", r"parts\.0: unknown key options\.sise; did you mean 'size'"),
        ("parts: [{name: a, sise: 1}]", r"parts\.0: unknown key sise"),
        ("parts: [{name: a, font: 1}]", r"parts\.0: unknown key font; did you mean 'fonts'"),
        ("parts: [{name: a, count: 0}]", "count is below 1"),
        ("parts: [{name: a, share: 1}, {name: b, count: 3}]", "give every part a share"),
        ("parts: [{name: a, count: 1}, {name: a, count: 3}]", "two parts are called 'a'"),
        ("parts: [{name: a, count: 1}, {name: b, kind: words}]", "a set holds one of them"),
        ("kind: words", "it draws words, not lines; run geulnun synth words"),
        ("split: validation", "split is 'validation'"),
    ],
)
def test_wrong_recipes_are_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        load(written(tmp_path, text), "lines")
    assert "\n" not in str(caught.value)


def test_fonts_and_texts_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such recipe"):
        load(tmp_path / "no.yaml", "lines")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/a.ttf").write_bytes(b"no font at all")
    file = tmp_path / "r.yaml"
    file.write_text(f"fonts: {{folder: {tmp_path / 'bad'}}}")
    with pytest.raises(InputError, match=r"a\.ttf"):
        load(file, "lines").source()
    with pytest.raises(MissingInputError, match="no such folder of texts"):
        load(written(tmp_path, ""), "lines", tmp_path / "nothing").source()
    file.write_text("fonts: {families: [Nanum Gotic]}")
    with pytest.raises(UsageError, match="did you mean 'Nanum Gothic'"):
        load(file, "lines").source()


def test_the_digest_follows_options_fonts_and_texts(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_text("글을 읽었다.\n", "utf-8")
    plain = load(written(tmp_path, ""), "lines").digest()
    assert load(written(tmp_path, "# a remark\n"), "lines").digest() == plain
    assert load(written(tmp_path, "save: {quality: 80}"), "lines").digest() == plain
    others = {plain, load(written(tmp_path, "options: {worn: 0.1}"), "lines").digest()}
    others.add(load(written(tmp_path, ""), "lines", texts).digest())
    (texts / "b.txt").write_text("글을 썼다.\n", "utf-8")
    others.add(load(written(tmp_path, ""), "lines", texts).digest())
    assert len(others) == 4


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_recipes_are_valid_and_name_their_kind(path: Path) -> None:
    plan = load(path)
    assert all(part.recipe.kind in MAKERS for part in plan.parts)
    head = path.read_text("utf-8").splitlines()
    assert any(line.startswith("#") and f"geulnun synth {plan.verb} recipes/synth/{path.name}" in line for line in head)


class Letters:
    """A source of two samples."""

    size: int | None = 2

    def sample(self, index: int, seed: int) -> Sample:
        from geulnun.document import Page

        return Sample(np.full((4, 4), index, np.uint8), Page(4, 4), {"seed": seed})


def test_chains_refuse_what_their_parts_have_not() -> None:
    with pytest.raises(UsageError, match="asks for 3 samples; it has 2"):
        Chain([Part("a", Letters(), 3)])
    chain = Chain([Part("a", Letters()), Part("b", Letters(), 1)])
    assert chain.size == 3
    assert [chain.sample(index, 9).facts["seed"] for index in range(3)] == [9, 9, part_seed(9, 1)]
    assert part_seed(9, 1) != 9
    with pytest.raises(UsageError, match="share above 0"):
        Mixture([Part("a", Letters())])


def test_streams_of_workers_part_the_indices() -> None:
    assert [sample.image[0, 0] for sample in stream(Letters(), 0)] == [0, 1]
    assert [sample.image[0, 0] for sample in stream(Letters(), 0, 1, 2)] == [1]
    assert list(stream(Letters(), 0, 0, 2, start=2)) == []


def test_sheets_show_every_sample_with_its_caption(tmp_path: Path) -> None:
    plan = load(written(tmp_path, "options: {size: [20, 30], length: [2, 8]}"), "lines")
    source = plan.source()
    samples = [source.sample(index, 0) for index in range(6)]
    assert caption_face(plan.faces()) is None  # 403 syllables are too few to write captions with
    plain = contact_sheet(samples, SheetOptions(width=800, captions=False))
    sheet = contact_sheet(samples, SheetOptions(width=800))
    boxed = contact_sheet(samples, SheetOptions(width=800, boxes=True))
    assert sheet.shape[1] == 800
    assert sheet.shape[0] > plain.shape[0]
    assert not np.array_equal(sheet, boxed)
    # A sheet holds the samples' own pixels where they are not made smaller.
    first = samples[0].image
    assert np.array_equal(sheet[10 : 10 + first.shape[0], 10 : 10 + first.shape[1], 0], first)
    assert encode_sheet(sheet, ".png")[:4] == b"\x89PNG"
    with pytest.raises(UsageError, match=r"'\.gif'; expected \.png, \.jpg, \.webp"):
        encode_sheet(sheet, ".gif")
    with pytest.raises(UsageError, match="no samples"):
        contact_sheet([])
