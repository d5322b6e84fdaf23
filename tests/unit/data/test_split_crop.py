"""Splits and crops: no document on two sides, the same for the same seed."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.data.conftest import ReadSet, aihub_box, aihub_label, encoded, picture, put

from geulnun.data import DataSet, Problem, Sample
from geulnun.data.crop import CropOptions, choose, crop
from geulnun.data.inspect import inspect
from geulnun.data.split import SplitOptions, assign, groups, parse_parts, split
from geulnun.data.splitsets import split_set
from geulnun.document import Page
from geulnun.errors import UsageError

FACTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6)), min_size=3, max_size=60)


def samples(facts: list[tuple[int, int]]) -> list[Sample]:
    return [
        Sample(f"s{at}", Page(1, 1), None, {"writer": f"w{writer}", "font": f"f{font}"})
        for at, (writer, font) in enumerate(facts)
    ]


@given(FACTS, st.integers(0, 5))
def test_no_writer_is_on_two_sides(facts: list[tuple[int, int]], seed: int) -> None:
    options = SplitOptions(by=("writer",), seed=seed)
    if len({writer for writer, _ in facts}) < 3:
        return
    sides = split(samples(facts), options)
    for writer in {writer for writer, _ in facts}:
        assert len({part for (_, part), (own, _) in zip(sides, facts, strict=True) if own == writer}) == 1
    assert {part for _, part in sides} == {"train", "validation", "test"}


@given(FACTS, st.integers(0, 3))
def test_neither_writer_nor_font_is_on_two_sides(facts: list[tuple[int, int]], seed: int) -> None:
    options = SplitOptions((("a", 1), ("b", 1)), ("writer", "font"), seed)
    group_of = groups(samples(facts), options.by)
    if len(set(group_of)) < 2:
        return
    sides = [part for _, part in split(samples(facts), options)]
    for at in (0, 1):
        for value in {fact[at] for fact in facts}:
            assert len({part for part, fact in zip(sides, facts, strict=True) if fact[at] == value}) == 1


@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_samples_and_other_samples_order_do_not_matter(
    facts: list[tuple[int, int]], random: object
) -> None:
    listed = samples(facts)
    mixed = list(listed)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first = dict(zip([one.name for one in listed], groups(listed, ("writer", "font")), strict=True))
    assert dict(zip([one.name for one in mixed], groups(mixed, ("writer", "font")), strict=True)) == first


def test_samples_that_share_anything_are_one_group() -> None:
    assert groups(samples([(1, 1), (1, 2), (3, 2), (4, 4)]), ("writer", "font")) == ["font:f1"] * 3 + ["font:f4"]


def test_shares_are_met_and_another_seed_splits_otherwise() -> None:
    names = [f"g{at}" for at in range(1000)]
    first = assign(names, SplitOptions(seed=0))
    counts = [sum(1 for part in first.values() if part == name) for name in ("train", "validation", "test")]
    assert counts == [800, 100, 100]
    assert assign(names, SplitOptions(seed=0)) == first
    assert assign(names, SplitOptions(seed=1)) != first


def test_what_is_not_known_is_not_split() -> None:
    with pytest.raises(UsageError, match="of 3 of 3 samples the document is not known"):
        groups(samples([(0, 0)] * 3), ("document",))
    with pytest.raises(UsageError, match="1 groups by writer for 3 parts"):
        split(samples([(0, 0)] * 9), SplitOptions(by=("writer",)))
    for text in ("train", "train=x", "a/b=1,c=1", "=1,b=2"):
        with pytest.raises(UsageError):
            SplitOptions(parse_parts(text))
    assert parse_parts("a=8, b=2") == (("a", 8.0), ("b", 2.0))
    with pytest.raises(UsageError, match="expected some of document, writer, font"):
        SplitOptions(by=("sheet",))


def documents(folder: Path, papers: int = 8, pages: int = 3, parts: tuple[str, ...] = ("",)) -> Path:
    """A set as AI-Hub's: papers of several pages."""
    for part in parts:
        for paper in range(papers):
            for page in range(pages):
                name = f"535010{parts.index(part)}-2001-{paper:04d}-{page:04d}"
                put(folder / part / f"images/{name}.jpg", encoded(picture(60, 40, paper * 10 + page), "jpg"))
                listed = [
                    aihub_box("가나", 2, 3, 30, 10),
                    aihub_box("다,라", -4, 20, 24, 30),
                    aihub_box("가나", 2, 3, 30, 10),
                ]
                put(folder / part / f"labels/{name}.json", aihub_label(f"{name}.jpg", listed, (60, 40)))
    return folder


def papers_of(path: Path) -> dict[str, set[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        found: dict[str, set[str]] = {}
        for row in csv.DictReader(file):
            found.setdefault(row["part"], set()).add(row["document"])
    return found


def cut(source: Path, out: Path, **options: object) -> tuple[dict[str, int], list[Problem]]:
    with DataSet(source) as opened:
        report = crop(opened, out, CropOptions(**options))  # type: ignore[arg-type]
    return dict(report.pages), report.problems


def test_crops_are_train_easyocrs(tmp_path: Path, read: ReadSet) -> None:
    source = documents(tmp_path / "s")
    pages, problems = cut(source, tmp_path / "out", validation=4, evaluation=5)
    assert problems == []
    assert (pages["validation"], pages["evaluation"]) == (4, 5)
    papers = papers_of(tmp_path / "out/pages.csv")
    assert not papers["training"] & papers["validation"]
    assert not papers["validation"] & papers["evaluation"]
    assert not papers["training"] & papers["evaluation"]
    folder = tmp_path / "out/training_and_validation_set/validation/select_data"
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["filename", "words"]
    # The third box of a page is the first once more.
    assert len(rows) == 1 + 4 * 2
    name, words = rows[2]
    page = name.rpartition("_")[0]
    assert (name, words) == (f"{page}_0-20-20-40.png", "다,라")
    whole = cv2.imread(str(source / f"images/{page}.jpg"))
    assert whole is not None
    piece = cv2.imread(str(folder / "images" / name))
    assert piece is not None
    assert np.array_equal(piece, whole[20:40, 0:20])
    evaluation, problems = read(tmp_path / "out/evaluation_set")
    assert (len(evaluation), problems) == (5, [])
    assert {str(sample.facts["document"]) for sample in evaluation} == papers["evaluation"]
    crops, problems = read(tmp_path / "out/training_and_validation_set")
    assert problems == []
    # Crops know their page, so that they can still be split without taking pages apart.
    assert {str(sample.facts["document"]).rpartition("-")[0] for sample in crops} == papers["training"] | papers[
        "validation"
    ]


def test_parts_of_the_set_itself_are_kept(tmp_path: Path) -> None:
    source = documents(tmp_path / "s", papers=4, pages=2, parts=("Training", "Validation"))
    pages, _ = cut(source, tmp_path / "out", training=3, validation=3, evaluation=3)
    assert pages == {"training": 3, "validation": 3, "evaluation": 3}
    papers = papers_of(tmp_path / "out/pages.csv")
    assert all(paper.startswith("5350100") for paper in papers["training"])
    assert all(paper.startswith("5350101") for paper in papers["validation"] | papers["evaluation"])
    assert not papers["validation"] & papers["evaluation"]


def test_the_same_seed_chooses_the_same_pages(tmp_path: Path) -> None:
    with DataSet(documents(tmp_path / "s")) as opened:
        listed = list(opened.samples())
    first = choose(listed, CropOptions(validation=4, evaluation=5))
    assert choose(listed, CropOptions(validation=4, evaluation=5)) == first
    assert choose(listed, CropOptions(validation=4, evaluation=5, seed=2)) != first
    with pytest.raises(UsageError, match="30 pages for evaluation; only 24 are left"):
        choose(listed, CropOptions(evaluation=30))


def test_a_split_on_disk(tmp_path: Path, read: ReadSet) -> None:
    with DataSet(documents(tmp_path / "s")) as opened:
        report = split_set(opened, tmp_path / "out", SplitOptions(), to="icdar")
    assert sum(report.parts.values()) == 24
    seen: dict[str, str] = {}
    for part in ("train", "validation", "test"):
        found, problems = read(tmp_path / "out" / part)
        assert problems == []
        names = [sample.name for sample in found]
        assert (tmp_path / f"out/{part}.txt").read_text("utf-8").split() == names
        assert report.parts[part] == len(names)
        for name in names:
            assert seen.setdefault(name[:17], part) == part


def test_contents_are_counted(tmp_path: Path) -> None:
    source = documents(tmp_path / "s", papers=2, pages=2)
    put(source / "images/more.jpg", encoded(picture(5, 5), "jpg"))
    with DataSet(source) as opened:
        contents = inspect(opened, images=True)
    counts = contents.counts
    assert (contents.format, counts["samples"], counts["lines"], counts["words"], counts["characters"]) == (
        "aihub",
        4,
        12,
        12,
        28,
    )
    assert (contents.widths, contents.heights) == ((60, 60), (40, 40))
    assert {fact: len(values) for fact, values in contents.facts.items()} == {"document": 2, "kind": 1, "source": 1}
    assert [str(problem).endswith("more.jpg: no label for this image") for problem in contents.problems] == [True]
    assert contents.lines()[0] == "format      aihub: AI-Hub 공공행정문서 OCR"
    assert json.dumps(dict(counts))


def test_turned_boxes_can_be_cut_level(tmp_path: Path) -> None:
    page = np.full((80, 80), 255, np.uint8)
    page[20:60, 30:40] = 0  # A bar that stands upright, and is read from its lower end.
    put(tmp_path / "s/a.png", encoded(page))
    put(tmp_path / "s/gt_a.txt", "30,60,30,20,40,20,40,60,막대\n")
    for straighten, shape in ((False, (40, 10)), (True, (10, 40))):
        out = tmp_path / f"out{straighten}"
        cut(tmp_path / "s", out, straighten=straighten)
        (file,) = out.rglob("a_30-20-40-60.png")
        piece = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
        assert piece is not None
        assert piece.shape == shape
        assert piece.max() < 64
