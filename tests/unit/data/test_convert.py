"""Conversions: nothing is lost that a format can hold, and nothing half-written stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.data.conftest import ReadSet, aihub_box, aihub_label, boxes, encoded, picture, put, rectangle

from geulnun.data import FORMATS, DataSet, Problem, Sample, SampleImage
from geulnun.data.convert import ConvertOptions, Names, Report, convert
from geulnun.data.folders import whole_folder
from geulnun.data.writers import TARGETS, script_of
from geulnun.document import Block, Char, Document, Line, Page, Word
from geulnun.errors import GeulnunError, InputError, UsageError
from geulnun.write import JsonWriter
from geulnun.write.sets import SetOptions

Run = Callable[..., Report]


def run(source: Path, out: Path, to: str, from_: str = "auto", **options: object) -> Report:
    save = SetOptions(level="line", **options)  # type: ignore[arg-type]
    with DataSet(source, from_) as opened:
        return convert(opened, out, ConvertOptions(to, save))


def pages_of_boxes(folder: Path) -> Path:
    """Documents with quads of every kind, and one page without any."""
    tilted = ((10.0, 10.0), (50.0, 12.0), (49.0, 30.0), (9.0, 28.0))
    down = ((70.0, 2.0), (70.0, 30.0), (60.0, 30.0), (60.0, 2.0))

    def line(text: str, quad: object, confidence: float = 1.0, vertical: bool = False) -> Line:
        words = [Word(tuple(Char(char) for char in word)) for word in text.split(" ")]
        if len(words) == 1:
            words = [replace(words[0], quad=quad)]  # type: ignore[arg-type]
        return Line(tuple(words), quad, confidence, vertical)  # type: ignore[arg-type]

    lines = (
        line("기울음", tilted), line("가, 나\" 1,000", rectangle(1, 2, 30, 6)), line("세로", down, vertical=True),
        line("", rectangle(60, 32, 9, 4), 0.0), line("12,34", rectangle(20, 33, 30, 6)),
        line("Abc", rectangle(52, 33, 6, 6)), line('"\\"', rectangle(30, 2, 8, 6)),
    )  # fmt: skip
    for name, held in (("5350109-2001-0001-0035", lines), ("둘.째", lines[1:2]), ("빈", ())):
        page = Page(80, 40, (Block(held),) if held else ())
        put(folder / f"{name}.json", JsonWriter().encode(Document((page,), name)))
        put(folder / f"{name}.png", encoded(picture(80, 40, len(name))))
    return folder


def pages_of_text(folder: Path) -> Path:
    for name, text in (("a", "한 줄"), ("b", '두\n줄, "그리고"\n\n단락'), ("c", " 앞뒤 ")):
        put(folder / f"{name}.png", encoded(picture(40, 20, len(text))))
        lines = '"' + text.replace('"', '""') + '"'
        path = folder / "labels.csv"
        path.write_text(
            (path.read_text("utf-8") if path.exists() else "filename,words\n") + f"{name}.png,{lines}\n", "utf-8"
        )
    return folder


def characters(folder: Path) -> Path:
    rows = ["filename,words\n"]
    for at, char in enumerate("가나가힣나"):
        put(folder / f"{at}.png", encoded(picture(12, 10, at)[..., 0]))
        rows.append(f"{at}.png,{char}\n")
    put(folder / "labels.csv", "".join(rows))
    return folder


def content(samples: list[Sample]) -> list[tuple[object, ...]]:
    """All that a set tells, images as pixels."""
    found = []
    for sample in samples:
        pixels = sample.image.pixels() if sample.image else np.zeros((0, 0, 3), np.uint8)
        pixels = cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB).astype(np.uint8) if pixels.ndim == 2 else pixels
        page = sample.page
        found.append((sample.name, page.width, page.height, page.text, *boxes(page), pixels.shape, pixels.tobytes()))
    return found


@pytest.mark.parametrize("to", ["json", "tar", "icdar", "mlt", "cleval", "aihub", "ufo", "coco_text", "label_studio"])
def test_boxes_come_back_from_every_format(tmp_path: Path, read: ReadSet, to: str) -> None:
    source = pages_of_boxes(tmp_path / "source")
    assert run(source, tmp_path / "first", to, extension="png").problems == []
    # Rows for CLEval beside images are ICDAR's, but for quotes, so the format is named.
    first, problems = read(tmp_path / "first", to)
    assert problems == []
    wanted, _ = read(source)
    kept = {sample.name: sample for sample in wanted}
    assert {sample.name for sample in first} == set(kept)
    for sample in first:
        ours, theirs = boxes(sample.page), boxes(kept[sample.name].page)
        if to == "aihub":  # It has upright boxes only, and none that nobody is asked to read.
            theirs = [box for box in theirs if box[2]]
            assert [box[0] for box in ours] == [box[0] for box in theirs]
            assert ours[1:2] == theirs[1:2]
        elif to in ("json", "tar", "ufo"):
            assert ours == theirs
        else:  # No mark for vertical text; its place is kept.
            assert [box[:3] for box in ours] == [box[:3] for box in theirs]
        assert sample.image is not None
        assert np.array_equal(sample.image.pixels(), kept[sample.name].image.pixels())  # type: ignore[union-attr]
    # What has been through a format once does not change any more.
    assert run(tmp_path / "first", tmp_path / "second", to, to, extension="png").problems == []
    second, _ = read(tmp_path / "second", to)
    assert content(second) == content(first)


@pytest.mark.parametrize("to", ["labels", "folder", "lmdb", "tar", "json"])
def test_texts_come_back_from_every_format(tmp_path: Path, read: ReadSet, to: str) -> None:
    source = pages_of_text(tmp_path / "source")
    assert run(source, tmp_path / "first", to).problems == []
    first, problems = read(tmp_path / "first")
    assert problems == []
    assert [sample.page.text for sample in first] == ["한 줄", '두\n줄, "그리고"\n\n단락', " 앞뒤 "]
    wanted, _ = read(source)
    assert [row[-1] for row in content(first)] == [row[-1] for row in content(wanted)]
    run(tmp_path / "first", tmp_path / "second", to)
    second, _ = read(tmp_path / "second")
    assert content(second) == content(first)


@pytest.mark.parametrize("to", ["koocr", "hgu1"])
def test_characters_come_back_from_both_formats(tmp_path: Path, read: ReadSet, to: str) -> None:
    source = characters(tmp_path / "source")
    assert run(source, tmp_path / "first", to).problems == []
    first, problems = read(tmp_path / "first")
    wanted, _ = read(source)
    assert problems == []
    # HGU1 has a file for each character, and so another order.
    assert sorted(row[3:] for row in content(first)) == sorted(row[3:] for row in content(wanted))
    run(tmp_path / "first", tmp_path / "second", to)
    second, _ = read(tmp_path / "second")
    assert [row[3:] for row in content(second)] == [row[3:] for row in content(first)]


def test_every_format_that_is_written_is_read() -> None:
    assert TARGETS.keys() <= FORMATS.keys()


def test_jpeg_is_taken_as_it_is_unless_exif_turns_it(tmp_path: Path, read: ReadSet) -> None:
    plain = encoded(picture(30, 20), "jpg")
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = plain[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + plain[2:]
    put(tmp_path / "s/a.jpg", plain)
    put(tmp_path / "s/b.jpg", turned)
    put(tmp_path / "s/labels.csv", "filename,words\na.jpg,가\nb.jpg,나\n")
    report = run(tmp_path / "s", tmp_path / "out", "labels")
    assert (report.samples, report.recoded, report.problems) == (2, 1, [])
    assert (tmp_path / "out/0000/a.jpg").read_bytes() == plain
    samples, _ = read(tmp_path / "out")
    assert [(sample.page.width, sample.page.height) for sample in samples] == [(30, 20), (20, 30)]
    assert samples[1].image is not None
    assert samples[1].image.load() != turned


def test_a_label_of_another_size_than_its_image_is_left_out(tmp_path: Path) -> None:
    put(tmp_path / "s/images/a.png", encoded(picture(100, 200)))
    put(tmp_path / "s/images/b.png", encoded(picture(200, 100)))
    for name in "ab":
        put(tmp_path / f"s/labels/{name}.json", aihub_label(f"{name}.png", [aihub_box("가", 1, 2, 3, 4)]))
    report = run(tmp_path / "s", tmp_path / "out", "icdar")
    assert report.samples == 1
    assert "images/a.png: 100 x 200 pixels, but its label says 200 x 100" in str(report.problems[0])
    assert [path.name for path in (tmp_path / "out/images").iterdir()] == ["b.png"]


def test_illegible_boxes_have_no_place_in_texts(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "s/a.png", encoded(picture(30, 20)))
    put(tmp_path / "s/b.png", encoded(picture(30, 20)))
    put(tmp_path / "s/gt_a.txt", "1,1,9,1,9,9,1,9,###\n1,1,9,1,9,9,1,9,가\n")
    put(tmp_path / "s/gt_b.txt", "1,1,9,1,9,9,1,9,###\n")
    report = run(tmp_path / "s", tmp_path / "out", "labels")
    samples, _ = read(tmp_path / "out")
    assert [sample.page.text for sample in samples] == ["가"]
    assert "b: nothing in it is to be read" in str(report.problems[0])


def test_samples_of_one_name_get_their_own(tmp_path: Path, read: ReadSet) -> None:
    for folder in ("x", "y", "Z"):
        put(tmp_path / f"s/{folder}/images/A.png", encoded(picture(200, 100, len(folder))))
        put(tmp_path / f"s/{folder}/labels/a.json", aihub_label("A.png", [aihub_box(f"가{folder}", 1, 2, 30, 4)]))
    report = run(tmp_path / "s", tmp_path / "out", "aihub", extension="png")
    assert report.problems == []
    samples, _ = read(tmp_path / "out")
    assert sorted(sample.page.text for sample in samples) == ["가Z", "가x", "가y"]


@given(st.lists(st.text(max_size=9), max_size=12))
def test_names_are_never_the_same_and_always_files(wanted: list[str]) -> None:
    names = Names()
    given_ = [names.of(Sample(name, Page(1, 1), None)) for name in wanted]
    assert len({name.casefold() for name in given_}) == len(given_)
    assert all(name and not name.startswith(".") and not set(name) & set('/\\:*?"<>|\0') for name in given_)


def _stop(folder: Path, why: BaseException) -> None:
    put(folder / "a", b"x")
    raise why


def test_what_is_not_whole_has_no_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(GeulnunError, match="cannot be written"), whole_folder(out) as folder:
        _stop(folder, OSError(5, "Input/output error"))
    with pytest.raises(KeyboardInterrupt), whole_folder(out) as folder:
        _stop(folder, KeyboardInterrupt())
    assert list(tmp_path.iterdir()) == []
    with whole_folder(out) as folder:
        put(folder / "a", b"x")
        assert not out.exists()
    assert [path.name for path in out.iterdir()] == ["a"]
    with pytest.raises(UsageError, match="not an empty folder"), whole_folder(out):
        raise AssertionError


def test_what_a_kill_left_is_written_over_but_not_the_users_own(tmp_path: Path) -> None:
    put(tmp_path / ".out.part/mine", b"x")
    with pytest.raises(UsageError, match="in the way"), whole_folder(tmp_path / "out"):
        raise AssertionError
    put(tmp_path / ".out.part/.geulnun-data", b"")
    with whole_folder(tmp_path / "out") as folder:
        assert not (folder / "mine").exists()


def test_a_set_without_any_sample_is_an_error_and_no_folder(tmp_path: Path) -> None:
    put(tmp_path / "s/a.png", encoded(picture(30, 20)))
    put(tmp_path / "s/labels.csv", "filename,words\n")
    with pytest.raises(InputError, match="no label for this image"):
        run(tmp_path / "s", tmp_path / "out", "labels")
    assert not (tmp_path / "out").exists()


def test_formats_are_checked_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match="did you mean icdar"):
        ConvertOptions("icdr")
    with pytest.raises(UsageError, match="did you mean aihub"):
        DataSet("nowhere", "aihubb")


def test_a_sample_that_the_format_cannot_hold_is_a_problem(tmp_path: Path) -> None:
    found: list[Problem] = []
    with DataSet(pages_of_text(tmp_path / "s")) as opened, pytest.raises(UsageError, match="is not one character"):
        convert(opened, tmp_path / "out", ConvertOptions("koocr"), found.append)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("가나", "Korean"), ("Ab1", "Latin"), ("12,", "Symbols"), ("", "Symbols"), ("A가", "Mixed"),
        ("漢字", "Chinese"), ("かな", "Japanese"),
    ],
)  # fmt: skip
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


def test_an_image_knows_its_size_without_being_decoded() -> None:
    whole = encoded(picture(30, 20))
    assert SampleImage("x", lambda: whole[:60]).size() == (30, 20)
    with pytest.raises(InputError, match="x: damaged or cut short"):
        SampleImage("x", lambda: whole[:60]).pixels()
