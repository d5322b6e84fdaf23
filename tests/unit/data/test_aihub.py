"""AI-Hub's three sets, made after their descriptions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.unit.data.conftest import (
    ReadSet,
    aihub_box,
    aihub_label,
    boxes,
    encoded,
    korean_zip,
    picture,
    put,
    rectangle,
)

from geulnun.data import joined

PAGE = "5350109-2001-0001-0035"


def test_documents_of_two_archives_with_korean_names(tmp_path: Path, read: ReadSet) -> None:
    image = encoded(picture(200, 100), "jpg")
    label = aihub_label(f"{PAGE}.jpg", [aihub_box("경상남도", 10, 20, 60, 20), aihub_box("제", 80, 20, 18, 20)])
    base = tmp_path / "Training"
    korean_zip(base / "[원천]train1.zip", {f"02.원천데이터(jpg)/인.허가/{PAGE}.jpg": image})
    korean_zip(base / "[라벨]train.zip", {f"01.라벨링데이터(json)/인.허가/{PAGE}.json": json.dumps(label).encode()})
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert sample.name == PAGE
    assert sample.facts["document"] == "5350109-2001-0001"
    assert (sample.facts["split"], sample.facts["kind"]) == ("training", "인.허가")
    assert boxes(sample.page) == [
        ("경상남도", rectangle(10, 20, 60, 20), True, False),
        ("제", rectangle(80, 20, 18, 20), True, False),
    ]
    assert sample.image is not None
    assert sample.image.place.endswith(f"[원천]train1.zip!/02.원천데이터(jpg)/인.허가/{PAGE}.jpg")
    assert sample.image.size() == (200, 100)
    assert sample.image.pixels().shape == (100, 200, 3)


def test_boxes_are_cut_at_the_edge_and_those_without_area_left_out(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    listed = [aihub_box("왼쪽", -3, -2, 13, 12), aihub_box("넘침", 190, 90, 40, 40), aihub_box("없음", 5, 5, 0, 9)]
    put(tmp_path / "labels/a.json", aihub_label("a.jpg", listed))
    (sample,), (problem,) = read(tmp_path)
    assert [quad for _, quad, _, _ in boxes(sample.page)] == [rectangle(0, 0, 10, 10), rectangle(190, 90, 10, 10)]
    assert "labels/a.json: left out a box at 5, 5 of 0 x 9" in str(problem)


def test_tall_boxes_are_vertical_but_not_those_of_one_syllable(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    listed = [aihub_box("결재란", 10, 10, 20, 60), aihub_box("인", 50, 10, 10, 60), aihub_box("가나", 80, 10, 20, 29)]
    put(tmp_path / "labels/a.json", aihub_label("a.png", listed))
    (sample,), _ = read(tmp_path)
    assert [line.vertical for line in sample.page.lines] == [True, False, False]
    # A vertical line starts at its top right corner and first runs down.
    assert sample.page.lines[0].quad == ((30, 10), (30, 70), (10, 70), (10, 10))


@pytest.mark.parametrize(
    "annotation",
    [
        {"annotation": {"bbox": [1, 2, 30, 4], "text": "가"}},
        {"annotation": {"annotation.bbox": [1, 2, 30, 4], "annotation.text": "가"}},
        {"annotation.bbox": [1, 2, 30, 4], "annotation.text": "가"},
        {"bbox": ["1", "2", "30", "4"], "text": "가"},
    ],
)
def test_both_shapes_of_annotations(tmp_path: Path, read: ReadSet, annotation: dict[str, object]) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    put(tmp_path / "labels/a.json", aihub_label("a.png", [annotation]))
    (sample,), problems = read(tmp_path, "aihub")
    assert problems == []
    assert boxes(sample.page) == [("가", rectangle(1, 2, 30, 4), True, False)]


def test_the_larger_set_has_corners(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/IMG_1.jpg", encoded(picture(90, 70), "jpg"))
    box = {"id": 1, "x": [4, 4, 44, 44], "y": [5, 25, 5, 25], "data": "서울특별시"}
    label = {
        "Dataset": {"name": "x"},
        "Images": {"identifier": "IMG_1", "type": "jpg", "width": 90, "height": 70},
        "Bbox": [box],
    }
    put(tmp_path / "labels/IMG_1.json", label)
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [("서울특별시", rectangle(4, 5, 40, 20), True, False)]


def test_words_are_joined_into_lines_whatever_their_order(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.png", encoded(picture(400, 100)))
    listed = [
        aihub_box("둘째", 60, 50, 40, 20), aihub_box("위", 10, 11, 20, 20), aihub_box("줄", 105, 52, 20, 20),
        aihub_box("아래", 10, 49, 40, 20), aihub_box("줄", 35, 9, 20, 20), aihub_box("옆단", 300, 50, 40, 20),
    ]  # fmt: skip
    put(tmp_path / "labels/a.json", aihub_label("a.png", listed, (400, 100)))
    (sample,), _ = read(tmp_path)
    page = joined(sample.page)
    assert [line.text for line in page.lines] == ["위 줄", "아래 둘째 줄", "옆단"]
    assert page.lines[0].quad == rectangle(10, 9, 45, 22)
    assert sorted(word.text for word in page.words) == sorted(word.text for word in sample.page.words)


def _typeface(folder: Path, name: str, attributes: list[dict[str, object]], texts: list[str]) -> None:
    images = [
        {"id": f"{at:08d}", "width": 30, "height": 20, "file_name": f"{at:08d}.png", "date_captured": ""}
        for at in range(len(texts))
    ]
    annotations = [
        {"attributes": attribute, "id": f"{at:08d}", "image_id": f"{at:08d}", "text": text}
        for at, (attribute, text) in enumerate(zip(attributes, texts, strict=True))
    ]
    put(folder / name, {"info": {}, "images": images, "annotations": annotations, "licenses": []})
    for at in range(len(texts)):
        put(folder / f"images/{at:08d}.png", encoded(picture(30, 20, at)))


def test_printed_syllables_words_and_sentences(tmp_path: Path, read: ReadSet) -> None:
    kinds = ["글자(음절)", "단어(어절)", "문장"]
    texts = ["넧", "가나다", "나는 학교에 간다."]
    _typeface(
        tmp_path, "printed_data_info.json", [{"font": "하나", "type": kind, "is_aug": False} for kind in kinds], texts
    )
    samples, problems = read(tmp_path)
    assert problems == []
    assert [sample.page.text for sample in samples] == texts
    assert [sample.facts["kind"] for sample in samples] == ["syllable", "word", "sentence"]
    assert {(sample.facts["font"], sample.facts["style"]) for sample in samples} == {("하나", "printed")}
    assert [len(sample.page.words) for sample in samples] == [1, 1, 3]


def test_handwriting_has_writers_and_broken_pairs_are_listed(tmp_path: Path, read: ReadSet) -> None:
    people = [
        {"type": "글자(음절)", "gender": "여", "age": "27", "job": "강사"},
        {"type": "글자(음절)", "gender": "남", "age": "30"},
    ]
    _typeface(tmp_path, "handwriting_data_info_clean.json", [dict(person) for person in people], ["가", "나"])
    put(tmp_path / "images/99999999.png", encoded(picture(3, 3)))
    (tmp_path / "images/00000001.png").unlink()
    (sample,), problems = read(tmp_path)
    assert (sample.facts["writer"], sample.facts["style"]) == ("여/27/강사", "handwritten")
    assert [problem.unpaired for problem in problems] == [True, True]
    assert "no image '00000001.png'" in str(problems[0])
    assert "99999999.png: no label" in str(problems[1])


def test_text_in_the_wild_gives_characters_to_their_words(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "Signboard/A.jpg", encoded(picture(100, 60), "jpg"))
    annotations = [
        {"id": "1", "image_id": "7", "attributes": {"class": "word"}, "text": "약국", "bbox": [10, 10, 40, 20]},
        {"id": "2", "image_id": "7", "attributes": {"class": "character"}, "text": "국", "bbox": [30, 10, 20, 20]},
        {"id": "3", "image_id": "7", "attributes": {"class": "character"}, "text": "약", "bbox": [9, 9, 20, 20]},
        {"id": "4", "image_id": "7", "attributes": {"class": "ignored"}, "text": None, "bbox": [60, 10, 9, 9]},
    ]
    image = {"id": "7", "width": 100, "height": 60, "file_name": "A.jpg", "type": "sign", "date_captured": ""}
    put(tmp_path / "textinthewild_data_info.json", {"info": {}, "images": [image], "annotations": annotations})
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert [(text, legible) for text, _, legible, _ in boxes(sample.page)] == [("약국", True), ("", False)]
    assert [char.quad for char in sample.page.words[0].chars] == [rectangle(9, 9, 20, 20), rectangle(30, 10, 20, 20)]
    assert sample.facts["kind"] == "sign"


def test_outdoor_photographs(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "[원천]Training/1.간판/간판_000001.jpg", encoded(picture(120, 80), "jpg"))
    label = {
        "info": {}, "images": [{"id": "1", "width": 120, "height": 80, "file_name": "간판_000001.jpg"}],
        "annotations": [
            {"id": 1, "bbox": [10, 5, 10, 50], "text": "노래방"}, {"id": 2, "bbox": [40, 5, 30, 10], "text": "xxx"},
            {"id": 3, "bbox": [None, None, None, None], "text": "버림"},
        ],
        "metadata": [{"wordorientation": "세로"}],
    }  # fmt: skip
    put(tmp_path / "[라벨]Training/1.간판/간판_000001.json", label)
    (sample,), (problem,) = read(tmp_path)
    assert boxes(sample.page) == [
        ("노래방", ((20, 5), (20, 55), (10, 55), (10, 5)), True, True),
        ("", rectangle(40, 5, 30, 10), False, False),
    ]
    assert (sample.facts["split"], sample.facts["kind"]) == ("training", "1.간판")
    assert "annotations[2].bbox" in str(problem)
    assert sample.image is not None
    assert np.array_equal(sample.image.pixels().shape, (80, 120, 3))
