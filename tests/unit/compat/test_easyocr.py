"""EasyOCR's face: shapes of results, arguments that act, arguments that are refused or warned of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geulnun.compat import easyocr
from geulnun.errors import InputError, MissingInputError, UsageError

LINES = ("글마루구립도서관", "문서번호", "글마루-2026-0417", "받는 곳", "구민 여러분")
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def reader() -> easyocr.Reader:
    return easyocr.Reader(["ko", "en"], gpu=False)


@pytest.fixture(scope="module")
def found(reader: easyocr.Reader, head: Pixels) -> list[tuple[list[list[int]], str, float]]:
    return reader.readtext(head[..., ::-1])


def test_readtext_gives_boxes_texts_and_confidences(
    found: list[tuple[list[list[int]], str, float]], head: Pixels
) -> None:
    assert tuple(text for _, text, _ in found) == LINES
    for box, _, confidence in found:
        assert 0.5 <= confidence <= 1
        (left, top), (right, also_top), (also_right, bottom), (also_left, also_bottom) = box
        assert (left, right, top, bottom) == (also_left, also_right, also_top, also_bottom)
        assert 0 <= left < right <= head.shape[1]
        assert 0 <= top < bottom <= head.shape[0]
        assert head[top:bottom, left:right].min() < 128


def test_formats_hold_the_same(
    reader: easyocr.Reader, head: Pixels, found: list[tuple[list[list[int]], str, float]]
) -> None:
    array = head[..., ::-1]
    assert reader.readtext(array, detail=0) == list(LINES)
    assert reader.readtext(array, output_format="free_merge") == found
    rows = reader.readtext(array, output_format="dict")
    assert [(row["boxes"], row["text"], row["confident"]) for row in rows] == found
    assert [json.loads(row) for row in reader.readtext(array, output_format="json")] == rows


def test_a_paragraph_is_a_block_without_confidence(reader: easyocr.Reader, head: Pixels) -> None:
    blocks = reader.readtext(head[..., ::-1], paragraph=True)
    assert all(len(block) == 2 for block in blocks)
    assert " ".join(text for _, text in blocks).split() == " ".join(LINES).split()
    assert len(blocks) < len(LINES)
    rows = reader.readtext(head[..., ::-1], paragraph=True, output_format="dict")
    assert [set(row) for row in rows] == [{"boxes", "text"}] * len(blocks)


def test_images_come_in_many_ways(reader: easyocr.Reader, head: Pixels, tmp_path: Path) -> None:
    picture = Image.fromarray(head)
    picture.save(tmp_path / "a.png")
    alpha = np.dstack([head, np.full(head.shape[:2], 255, np.uint8)])
    for image in (
        str(tmp_path / "a.png"),
        (tmp_path / "a.png").read_bytes(),
        picture,
        alpha,
        head.mean(2).astype(np.uint8),
    ):
        assert reader.readtext(image, detail=0) == list(LINES)
    blank = Image.new("L", (40, 30), 255)
    blank.save(tmp_path / "two.tif", save_all=True, append_images=[blank])
    with pytest.raises(InputError, match="2 pages; expected one image"):
        reader.readtext(tmp_path / "two.tif")


def test_what_may_stand_there(reader: easyocr.Reader, head: Pixels) -> None:
    number = head[..., ::-1]
    texts = reader.readtext(number, detail=0, allowlist="0123456789-", filter_ths=0.0)
    assert set("".join(texts)) <= set("0123456789-")
    assert any("2026-0417" in text for text in texts)
    without = reader.readtext(number, detail=0, blocklist="-2", filter_ths=0.0)
    assert not set("".join(without)) & set("-2")


def test_small_text_and_doubtful_text_are_left_out(reader: easyocr.Reader, head: Pixels) -> None:
    wide = reader.readtext(head[..., ::-1], detail=0, min_size=300)
    assert set(wide) < set(LINES)
    assert LINES[0] in wide
    sure = reader.readtext(head[..., ::-1], filter_ths=1.0)
    assert len(sure) < len(LINES)
    assert all(confidence == 1.0 for _, _, confidence in sure)


def test_detect_and_recognize_make_readtext(reader: easyocr.Reader, head: Pixels) -> None:
    ([upright], [leaning]) = reader.detect(head[..., ::-1])
    assert len(upright) + len(leaning) == len(LINES)
    assert all(left < right and top < bottom for left, right, top, bottom in upright)
    grey = head.mean(2).astype(np.uint8)
    assert sorted(reader.recognize(grey, upright, leaning, detail=0)) == sorted(LINES)
    left, right, top, bottom = next(box for box in upright if box[3] - box[2] > 20)
    whole = reader.recognize(grey[max(0, top - 5) : bottom + 5, max(0, left - 5) : right + 5])
    assert len(whole) == 1
    assert whole[0][1] in LINES


def test_a_batch_is_read_one_by_one(reader: easyocr.Reader, head: Pixels) -> None:
    images = [head[..., ::-1], np.full_like(head, 255)]
    assert reader.readtext_batched(images, detail=0) == [list(LINES), []]
    half = reader.readtext_batched(images[:1], n_width=head.shape[1] // 2, n_height=head.shape[0] // 2)[0]
    assert max(max(point) for box, _, _ in half for point in box) <= head.shape[1] // 2


def test_arguments_that_mean_nothing_here(reader: easyocr.Reader) -> None:
    blank = np.full((40, 60), 255, np.uint8)
    assert reader.readtext(blank, batch_size=4, workers=2, text_threshold=0.7) == []
    with pytest.warns(UserWarning, match="text_threshold=0.5 has no meaning here"):
        reader.readtext(blank, text_threshold=0.5)
    with pytest.warns(UserWarning, match="read on the CPU"):
        easyocr.Reader(["ko"], gpu=True)


def test_errors_say_what_was_expected(reader: easyocr.Reader) -> None:
    blank = np.full((40, 60), 255, np.uint8)
    with pytest.raises(ValueError, match="languages ja; expected any of ko, en"):
        easyocr.Reader(["ko", "ja"])
    with pytest.raises(UsageError, match="network 'korean_g2'"):
        easyocr.Reader(["ko"], recog_network="korean_g2")
    with pytest.raises(MissingInputError, match=r"absent\.onnx: no such file"):
        easyocr.Reader(["ko"], recog_network="absent.onnx")
    with pytest.raises(UsageError, match="no argument 'txt_threshold'"):
        reader.readtext(blank, txt_threshold=0.5)
    with pytest.raises(UsageError, match="output_format 'yaml'"):
        reader.readtext(blank, output_format="yaml")
    with pytest.raises(UsageError, match="decoder 'best'"):
        reader.readtext(blank, decoder="best")
    with pytest.raises(UsageError, match="recognizer=False"):
        easyocr.Reader(["ko"], recognizer=False).readtext(blank)
    with pytest.raises(UsageError, match="detector=False"):
        easyocr.Reader(["ko"], detector=False).detect(blank)
    with pytest.raises(UsageError, match="gathers no paragraphs"):
        reader.recognize(blank, paragraph=True)
