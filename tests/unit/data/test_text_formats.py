"""Formats of images with a text each: lists, LMDB, HGU1, KoOCR's pickles, and this project's own."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import lmdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.data.conftest import ReadSet, encoded, picture, put

from geulnun.data.readers.labels import csv_rows
from geulnun.write.sets.growing import csv_row


def test_labels_of_train_easyocr_lie_beside_the_folder_of_images(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "training/select_data/images/p_1-2-31-22.png", encoded(picture(30, 20)))
    put(tmp_path / "training/select_data/images/q.png", encoded(picture(30, 20, 1)))
    put(tmp_path / "training/select_data/labels.csv", 'filename,words\np_1-2-31-22.png,"1,000 원"\nq.png,그는 "왔다"\n')
    samples, problems = read(tmp_path)
    assert problems == []
    assert [sample.page.text for sample in samples] == ["1,000 원", '그는 "왔다"']
    # A crop's name says what page it is from; any other name does not.
    assert [sample.facts.get("document") for sample in samples] == ["p", None]
    assert {sample.facts["split"] for sample in samples} == {"training"}


def test_labels_name_images_that_are_not_there(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a.png", encoded(picture(30, 20)))
    put(tmp_path / "b.png", encoded(picture(30, 20)))
    put(tmp_path / "labels.csv", "filename,words\na.png,가\nc.png,나\n")
    (sample,), problems = read(tmp_path)
    assert sample.page.text == "가"
    assert [problem.unpaired for problem in problems] == [True, True]


def test_tab_separated_lists(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.jpg", encoded(picture(30, 20), "jpg"))
    put(tmp_path / "gt.txt", "images/a.jpg\t가 나\t다\n")
    (sample,), problems = read(tmp_path)
    assert (sample.page.text, problems) == ("가 나\t다", [])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), max_size=5))
def test_rows_of_our_lists_come_back(texts: list[str]) -> None:
    content = b"".join([csv_row("filename", "words")] + [csv_row(f"{at}.png", text) for at, text in enumerate(texts)])
    rows = list(csv_rows(content.decode(), "labels.csv"))
    assert rows == [(f"{at}.png", text) for at, text in enumerate(texts)]


@pytest.mark.parametrize(("count", "size"), [(0, 0), (3, 40), (700, 60)])
def test_lmdb_is_read_without_its_library(tmp_path: Path, read: ReadSet, count: int, size: int) -> None:
    images = [encoded(picture(4 + at % 50 if size else 4, size or 4, at)) for at in range(count)]
    with lmdb.open(str(tmp_path / "db"), map_size=1 << 26) as database, database.begin(write=True) as transaction:
        for at, image in enumerate(images, 1):
            transaction.put(b"image-%09d" % at, image)
            transaction.put(b"label-%09d" % at, f"글 {at}".encode())
        transaction.put(b"num-samples", b"%d" % count)
    samples, problems = read(tmp_path, "lmdb")
    assert problems == []
    assert [sample.page.text for sample in samples] == [f"글 {at}" for at in range(1, count + 1)]
    assert [sample.image.load() for sample in samples if sample.image] == images


def hgu1(*records: tuple[str, np.ndarray]) -> bytes:
    parts = [b"HGU1\0\0\0\0"]
    for text, image in records:
        height, width = image.shape
        parts.append(text.encode("euc-kr") + struct.pack("BBBB", width, height, 0, 0) + image.tobytes())
    return b"".join(parts)


def test_hgu1(tmp_path: Path, read: ReadSet) -> None:
    images = [picture(5, 7)[..., 0], picture(100, 99, 1)[..., 0]]
    put(tmp_path / "pe92_train/b0a1.hgu1", hgu1(("가", images[0]), ("각", images[1])))
    samples, problems = read(tmp_path)
    assert problems == []
    assert [sample.page.text for sample in samples] == ["가", "각"]
    assert all(
        np.array_equal(sample.image.pixels(), image)
        for sample, image in zip(samples, images, strict=True)
        if sample.image
    )
    assert samples[0].facts["split"] == "training"


def test_hgu1_cut_short_keeps_what_is_whole(tmp_path: Path, read: ReadSet) -> None:
    image = picture(5, 7)[..., 0]
    put(tmp_path / "a.hgu1", hgu1(("가", image), ("나", image))[:-1])
    (sample,), (problem,) = read(tmp_path)
    assert sample.page.text == "가"
    assert "record 2 at byte 49 is cut short" in str(problem)


def content_of(kind: str) -> dict[str, object]:
    images = np.stack([picture(6, 5, at)[..., 0] for at in range(3)])
    labels = ["가", "나", "다"]
    kinds: dict[str, dict[str, object]] = {
        "arrays": {"image": images, "label": np.array(labels)},
        "objects": {"image": images, "label": np.array(labels, dtype=object)},
        "lists": {"image": list(images), "label": labels},
        "fortran": {"image": np.asfortranarray(images), "label": np.array(labels)},
    }
    return kinds[kind]


@pytest.mark.parametrize("kind", ["arrays", "objects", "lists", "fortran"])
@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol(tmp_path: Path, read: ReadSet, kind: str, protocol: int) -> None:
    content = content_of(kind)
    put(tmp_path / "handwritten_3.pickle", pickle.dumps(content, protocol))
    samples, problems = read(tmp_path)
    assert problems == []
    assert [sample.page.text for sample in samples] == ["가", "나", "다"]
    images = content["image"]
    assert isinstance(images, list | np.ndarray)
    assert all(
        np.array_equal(sample.image.pixels(), image)
        for sample, image in zip(samples, images, strict=True)
        if sample.image
    )
    assert {sample.facts["group"] for sample in samples} == {"handwritten"}


def test_old_numpys_names_are_known(tmp_path: Path, read: ReadSet) -> None:
    content = pickle.dumps(content_of("objects"), 2)
    assert b"numpy._core.multiarray" in content
    content = content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    put(tmp_path / "printed_0.pickle", content)
    samples, problems = read(tmp_path)
    assert ([sample.page.text for sample in samples], problems) == (["가", "나", "다"], [])


def test_one_list_is_read_with_the_images_around_it(tmp_path: Path, read: ReadSet) -> None:
    for name in "abc":
        put(tmp_path / f"{name}.png", encoded(picture(30, 20)))
    put(tmp_path / "first.csv", "filename,words\na.png,가\n")
    put(tmp_path / "second.csv", "filename,words\nb.png,나\nd.png,다\n")
    (sample,), problems = read(tmp_path / "first.csv")
    assert (sample.page.text, problems) == ("가", [])
    (sample,), problems = read(tmp_path / "second.csv")
    assert sample.page.text == "나"
    assert [str(problem).endswith("no image 'd.png' for it") for problem in problems] == [True]
