"""Label files damaged in any way are problems that name them, never anything else."""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geulnun.data import FORMATS, DataSet, Problem, Sample
from geulnun.errors import InputError

PNG = cv2.imencode(".png", np.zeros((40, 80, 3), np.uint8))[1].tobytes()
_IMAGE = {"id": "1", "width": 80, "height": 40, "file_name": "a.png", "type": "sign", "set": "train"}
_POINTS = [[10, 10], [50, 12], [49, 30], [9, 28]]
_VALUE = {"x": 10, "y": 20, "width": 20, "height": 10, "rotation": 5, "text": ["가"]}

_WORD = {"points": _POINTS, "transcription": "가", "illegibility": False, "orientation": "Vertical"}
_ANNOTATION = {
    "image_id": 1, "bbox": [1, 2, 3, 4], "polygon": [1, 1, 9, 1, 9, 9, 1, 9], "utf8_string": "가",
    "legibility": "legible", "class": "handwritten",
}  # fmt: skip
_RESULTS = [
    {"id": "A", "type": "rectangle", "value": _VALUE},
    {"id": "A", "type": "textarea", "value": _VALUE},
    {"id": "B", "type": "polygon", "value": {"points": _POINTS}},
]
_LINE = {"confidence": 1.0, "words": [{"quad": _POINTS, "chars": [{"text": "가", "confidence": 1.0}]}]}
_PAGE = {"number": 1, "width": 80, "height": 40, "rotation": 0, "blocks": [{"kind": "text", "lines": [_LINE]}]}

LABELS: dict[str, Any] = {
    "aihub": {
        "images": [{"image.width": 80, "image.height": 40, "image.file.name": "a.png", "image.category": "x"}],
        "annotations": [{"annotation.bbox": [1, 2, 30, 4], "annotation.text": "가나"}],
    },
    "aihub_outdoor": {
        "images": [_IMAGE],
        "annotations": [{"bbox": [1, 2, 30, 4], "text": "가"}],
        "metadata": [{"wordorientation": "세로"}],
    },
    "aihub_typeface": {
        "images": [_IMAGE],
        "annotations": [
            {"image_id": "1", "text": "가", "bbox": [1, 2, 30, 4], "attributes": {"class": "word", "font": "x"}},
        ],
    },
    "ufo": {"images": {"a.png": {"img_w": 80, "img_h": 40, "tags": ["x"], "words": {"1": _WORD}}}},
    "coco_text": {"imgs": {"1": _IMAGE}, "anns": {"1": _ANNOTATION}},
    "label_studio": [{"id": 1, "data": {"ocr": "/x/a.png"}, "annotations": [{"result": _RESULTS}]}],
    "json": {
        "format": "geulnun-document", "version": 1, "source": "a", "metadata": [["font", "x"]], "pages": [_PAGE],
    },
}  # fmt: skip
_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=4), st.just([]),
    st.just({}),
    st.just([[]]), st.just([None]), st.just({"x": []}), st.lists(st.integers(-9, 99), max_size=9),
)  # fmt: skip

TEXTS: dict[str, tuple[str, str]] = {
    "icdar": ("a.txt", "10,10,50,12,49,30,9,28,가\n1,1,5,1,5,5,1,5,###\n"),
    "mlt": ("a.txt", "10,10,50,12,49,30,9,28,Korean,가\n"),
    "cleval": ("a.txt", "10,10,50,12,49,30,9,28,가\n"),
    "labels": ("labels.csv", 'filename,words\na.png,"가\n나"\n'),
    "hocr": (
        "a.hocr",
        """<div class='ocr_page' title='image "a.png"; bbox 0 0 80 40'><div class='ocr_carea' title='bbox 1 1 9 9'>
        <span class='ocr_line' title='bbox 1 1 9 9'>
        <span class='ocrx_word' title='bbox 1 1 9 9; x_wconf 9; x_bboxes 1 1 9 9'>가</span></span></div></div>""",
    ),
    "alto": (
        "a.xml",
        """<alto><Layout><Page WIDTH='80' HEIGHT='40'><TextBlock>
        <TextLine HPOS='1' VPOS='1' WIDTH='9' HEIGHT='9'>
        <String HPOS='1' VPOS='1' WIDTH='9' HEIGHT='9' CONTENT='가' WC='0.5'/><SP/>
        </TextLine></TextBlock></Page></Layout></alto>""",
    ),
    "page": (
        "a.xml",
        """<PcGts><Page imageFilename='a.png' imageWidth='80' imageHeight='40'><TextRegion id='r'>
        <Coords points='1,1 9,1 9,9 1,9'/><TextLine><Coords points='1,1 9,9'/>
        <TextEquiv index='0'><Unicode>가</Unicode></TextEquiv></TextLine></TextRegion></Page></PcGts>""",
    ),
}
_NOISE = st.one_of(st.text(max_size=5), st.sampled_from(["9" * 400, "-1", "nan", "1e999", "<", ">", "'", ",,", "\0"]))


def check(format_: str, name: str, content: str | bytes) -> list[Sample | Problem]:
    """Read a set of one image and one label."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.png").write_bytes(PNG)
        Path(folder, name).write_bytes(
            content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        )
        with DataSet(folder, format_) as opened:
            found = list(opened)
        for one in found:
            if isinstance(one, Problem):
                assert isinstance(one.error, InputError)
                assert "\n" not in str(one)
                assert folder in str(one)
        return found


def ways(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values of a tree."""
    found = [at] if at else []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += ways(item, (*at, key))
    return found


@pytest.mark.parametrize("format_", LABELS)
def test_the_undamaged_ones_are_read(format_: str) -> None:
    (sample,) = check(format_, "a.json", json.dumps(LABELS[format_]))
    assert isinstance(sample, Sample)
    assert sample.page.text.startswith("가")


@pytest.mark.parametrize("format_", TEXTS)
def test_the_undamaged_texts_are_read(format_: str) -> None:
    name, text = TEXTS[format_]
    sample = check(format_, name, text)[0]
    assert isinstance(sample, Sample)
    assert sample.page.text.startswith("가")


@pytest.mark.parametrize("format_", LABELS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_value_may_be_wrong_or_missing(format_: str, data: st.DataObject) -> None:
    tree = copy.deepcopy(LABELS[format_])
    for _ in range(data.draw(st.integers(1, 2))):
        known = ways(tree)
        if not known:
            break
        *way, last = data.draw(st.sampled_from(known))
        parent = tree
        for key in way:
            parent = parent[key]
        if data.draw(st.booleans()):
            parent[last] = copy.deepcopy(data.draw(_JUNK))
        else:
            del parent[last]
    check(format_, "a.json", json.dumps(tree))


@pytest.mark.parametrize("format_", TEXTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_text_may_be_cut_or_written_over(format_: str, data: st.DataObject) -> None:
    name, text = TEXTS[format_]
    at = data.draw(st.integers(0, len(text)))
    drop = data.draw(st.integers(0, 12))
    junk = data.draw(
        st.one_of(st.text(max_size=5), st.sampled_from(["9" * 400, "-1", "nan", "1e999", "<", ">", "'", ",,", "\0"]))
    )
    check(format_, name, text[:at] + junk + text[at + drop :])


def test_every_reader_of_labels_is_tried() -> None:
    assert LABELS.keys() | TEXTS.keys() == FORMATS.keys() - {"tar", "lmdb", "hgu1", "koocr"}
