"""Truth and readings find each other."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.evaluate.cases import Case, read_truth
from geulnun.evaluate.pairing import pair, pair_names, saved

Make = Callable[..., Path]


def test_names_pair_whole_then_joined_then_by_their_last_part() -> None:
    wanted = ["x/1", "y/1", "z/2", "3", "4"]
    given = ["x/1", "y_1", "2", "out/3", "q/4", "r/4"]
    assert pair_names(wanted, given) == {"x/1": "x/1", "y/1": "y_1", "z/2": "2", "3": "out/3"}


def test_one_file_on_each_side_is_a_pair() -> None:
    assert pair_names(["truth"], ["reading"]) == {"truth": "reading"}


def test_names_in_jamo_are_those_in_syllables() -> None:
    assert pair_names(["한글", "x"], [unicodedata.normalize("NFD", "한글"), "y"]) == {
        "한글": unicodedata.normalize("NFD", "한글")
    }


def test_what_stands_twice_pairs_with_nothing() -> None:
    assert pair_names(["a/1", "b/1"], ["1", "c/1"]) == {}


def test_a_folder_of_documents_with_facts_and_images(write: Make, tmp_path: Path) -> None:
    write("truth/set one/a.json", ["가"], image=True, style="sans", family="Gothic")
    write("truth/b.json", ["나"], ["다"])
    first, second = sorted(read_truth(tmp_path / "truth"), key=lambda case: case.name, reverse=True)
    assert (first.name, first.facts["source"], first.facts["style"], first.level) == (
        "set one/a", "set one", "sans", "page",
    )  # fmt: skip
    assert first.image is not None
    assert first.image() == tmp_path / "truth/set one/a.png"
    assert (second.name, len(second.pages), second.image, second.facts["source"]) == ("b", 2, None, "truth")


def test_a_list_of_line_images(tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    (folder / "labels.csv").write_text("filename,words\n0000/page_1-2-30-40.png,가 나\n0000/b.png,다\n", "utf-8")
    first, second = read_truth(folder)
    assert (first.name, first.level, first.pages[0].text) == ("0000/page_1-2-30-40", "line", "가 나")
    assert first.group == "page"
    assert second.group == "0000/b"
    assert first.facts["source"] == "lines"


def test_a_list_takes_the_page_that_stands_beside_its_image(write: Make, tmp_path: Path) -> None:
    write("set/0000/a.json", ["가", "나"], style="sans")
    (tmp_path / "set/labels.csv").write_text('filename,words\n0000/a.png,"가\n나"\n', "utf-8")
    (case,) = read_truth(tmp_path / "set")
    assert (case.level, case.facts["style"], len(case.pages[0].lines)) == ("page", "sans", 2)
    assert case.pages[0].lines[0].quad is not None


def test_other_sets_are_read_by_the_converters(tmp_path: Path) -> None:
    for name in ("img_1", "img_2"):
        Image.new("L", (200, 100), 255).save(tmp_path / f"{name}.png")
        (tmp_path / f"gt_{name}.txt").write_text(
            "100,10,150,10,150,30,100,30,나다\n10,10,60,10,60,30,10,30,가\n10,60,60,60,60,80,10,80,###\n", "utf-8"
        )
    first, second = read_truth(tmp_path)
    assert (first.name, second.name) == ("img_1", "img_2")
    assert first.loose
    assert [line.text for line in first.pages[0].lines if line.confidence] == ["나다", "가"]
    assert first.image is not None


@pytest.mark.parametrize("kind", ["icdat", "labelz"])
def test_a_format_that_is_none_is_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        read_truth(tmp_path, kind)


def test_truth_that_is_missing_or_empty(write: Make, tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such file or folder"):
        read_truth(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingInputError, match="an empty folder"):
        read_truth(tmp_path / "empty")
    write("blank/a.json", [])
    with pytest.raises(MissingInputError, match="holds no text"):
        read_truth(tmp_path / "blank")


def test_broken_truth_is_told_with_its_place(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["가"])
    (tmp_path / "truth/b.json").write_text('{"format": "geulnun-document", "version": 1,\n oops}', "utf-8")
    with pytest.raises(DamagedInputError, match=r"b\.json: not JSON .*line 2 column 2"):
        read_truth(tmp_path / "truth")


def _read(tmp_path: Path) -> list[Case]:
    return read_truth(tmp_path / "truth")


def test_readings_of_several_kinds_are_found(write: Make, tmp_path: Path) -> None:
    for name in "abc":
        write(f"truth/{name}.json", ["가"])
    write("out/a.json", ["가"])
    (tmp_path / "out/a.txt").write_text("never read", "utf-8")
    (tmp_path / "out/b.png.txt").write_text("나", "utf-8")
    found = pair(_read(tmp_path), saved(tmp_path / "out"))
    assert [(one.case.name, one.read.text) for one in found.matched] == [("a", "가"), ("b", "나")]
    assert (found.unread, found.unknown) == (("c",), ())


def test_a_list_of_readings(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["가"])
    write("truth/b.json", ["나"])
    (tmp_path / "labels.csv").write_text("filename,words\na.png,거\nz.png,나\n", "utf-8")
    found = pair(_read(tmp_path), saved(tmp_path / "labels.csv"))
    assert [one.read.text for one in found.matched] == ["거"]
    assert (found.unread, found.unknown) == (("b",), ("z",))


def test_readings_as_rows_of_boxes(tmp_path: Path) -> None:
    for folder, text in (("truth", "가나"), ("out", "가너")):
        (tmp_path / folder).mkdir()
        for name in ("img_1", "img_2"):
            prefix = "gt" if folder == "truth" else "res"
            row = f"10,10,60,10,60,30,10,30,{text}\n"
            (tmp_path / folder / f"{prefix}_{name}.txt").write_text(row, "utf-8")
    found = pair(_read(tmp_path), saved(tmp_path / "out"))
    assert [(one.case.name, one.truth.text, one.read.text) for one in found.matched] == [
        ("img_1", "가나", "가너"), ("img_2", "가나", "가너"),
    ]  # fmt: skip
    assert found.matched[0].read.lines[0].quad is not None


def test_unread_truth_counts_as_a_miss_on_request(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["가"])
    write("truth/b.json", ["나"])
    write("out/a.json", ["가"])
    write("out/b2.json", ["나"])
    found = pair(_read(tmp_path), saved(tmp_path / "out"), "miss")
    assert [(one.read.text, one.missed) for one in found.matched] == [("가", False), ("", True)]
    assert (found.unread, found.unknown) == (("b",), ("b2",))


def test_pages_pair_by_number_and_the_rest_is_listed(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["하나"], ["둘"], ["셋"])
    path = write("out/a.json", ["둘"])
    path.write_text(path.read_text("utf-8").replace('"number":1', '"number":2'), "utf-8")
    found = pair(_read(tmp_path), saved(tmp_path / "out"))
    assert [(one.truth.text, one.read.text) for one in found.matched] == [("둘", "둘")]
    assert found.unread == ("a, page 1", "a, page 3")


def test_more_pages_than_the_truth_has_are_listed(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["하나"])
    write("out/a.json", ["하나"], ["둘"])
    found = pair(_read(tmp_path), saved(tmp_path / "out"))
    assert [one.read.text for one in found.matched] == ["하나"]
    assert found.unknown == ("a, page 2",)


def test_readings_of_something_else_altogether(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["가"])
    write("truth/b.json", ["가"])
    write("out/x.json", ["가"])
    with pytest.raises(MissingInputError, match="no reading has the name of a truth, such as 'a'"):
        pair(_read(tmp_path), saved(tmp_path / "out"))
    (tmp_path / "none").mkdir()
    for path, message in ((tmp_path / "none", "no reading in it"), (tmp_path / "gone", "no such file")):
        with pytest.raises(MissingInputError, match=message):
            saved(path)
