"""Formats of boxes other than AI-Hub's, made after their descriptions."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from tests.unit.data.conftest import ReadSet, boxes, encoded, picture, put, rectangle

from geulnun.data import read_alto, read_hocr, read_page_xml
from geulnun.data.readers.icdar import cleval_rows
from geulnun.errors import DamagedInputError

TILTED = ((10, 10), (50, 12), (49, 30), (9, 28))


def test_ufo(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "img/train/a.png", encoded(picture(80, 40)))
    words = {
        "0001": {"transcription": "마취", "points": [list(p) for p in TILTED], "orientation": "Horizontal",
                 "language": ["ko"], "illegibility": False, "word_tags": None},
        "0002": {"transcription": None, "points": [[1, 1], [5, 1], [5, 5], [1, 5]], "orientation": "Horizontal",
                 "language": None, "illegibility": True},
        "0003": {"transcription": "세로", "points": [[70, 2], [70, 30], [60, 30], [60, 2]], "orientation": "Vertical",
                 "language": ["ko"], "illegibility": False},
        "0004": {"transcription": "굽은 글", "orientation": "Irregular", "illegibility": False,
                 "points": [[20, 30], [30, 30], [40, 30], [40, 38], [30, 38], [20, 38]]},
    }  # fmt: skip
    put(
        tmp_path / "ufo/train.json", {"images": {"a.png": {"words": words, "img_w": 80, "img_h": 40, "tags": ["blur"]}}}
    )
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page)[:3] == [
        ("마취", TILTED, True, False),
        ("", rectangle(1, 1, 4, 4), False, False),
        ("세로", ((70, 2), (70, 30), (60, 30), (60, 2)), True, True),
    ]
    # A polygon becomes the least rectangle around it, from the corner nearest to its first point.
    assert np.allclose(np.array(boxes(sample.page)[3][1]), rectangle(20, 30, 20, 8))
    assert sample.facts["tags"] == "blur"
    assert sample.facts["split"] == "training"


def test_ufo_of_a_detector_has_neither_sizes_nor_texts(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a.png", encoded(picture(80, 40)))
    put(tmp_path / "output.json", {"images": {"a.png": {"words": {"0": {"points": [list(p) for p in TILTED]}}}}})
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert (sample.page.width, sample.page.height) == (80, 40)
    assert boxes(sample.page) == [("", TILTED, True, False)]


def test_icdar_2015_has_commas_in_texts_and_marks(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "ch4_test_images/img_1.jpg", encoded(picture(80, 40), "jpg"))
    rows = "\ufeff10,10,50,12,49,30,9,28,1,000원\r\n1,1,5,1,5,5,1,5,###\r\n\r\n2,2,9,2,9,9,2,9, 두  칸 \r\n"
    put(tmp_path / "gt/gt_img_1.txt", rows)
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert sample.name == "img_1"
    assert boxes(sample.page) == [
        ("1,000원", TILTED, True, False),
        ("", rectangle(1, 1, 4, 4), False, False),
        ("두 칸", rectangle(2, 2, 7, 7), True, False),
    ]
    assert (sample.page.width, sample.page.height) == (80, 40)


def test_mlt_has_scripts(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "img_7.png", encoded(picture(80, 40)))
    put(tmp_path / "gt_img_7.txt", "10,10,50,12,49,30,9,28,Korean,지금, 여기\n1,1,5,1,5,5,1,5,None,###\n")
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [("지금, 여기", TILTED, True, False), ("", rectangle(1, 1, 4, 4), False, False)]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (["0,0,8,0,8,4,0,4,12,34"], [("12,34", rectangle(0, 0, 8, 4), 1.0)]),
        (
            ["0,0,8,0,8,4,0,4,30011101", "0,0,8,0,8,4,0,4,가"],
            [("30011101", rectangle(0, 0, 8, 4), 1.0), ("가", rectangle(0, 0, 8, 4), 1.0)],
        ),
        (["1,2,9,6,가", "1,2,9,6,7"], [("가", rectangle(1, 2, 8, 4), 1.0), ("7", rectangle(1, 2, 8, 4), 1.0)]),
        (["0,0,8,0,8,4,0,4,0.75,가"], [("가", rectangle(0, 0, 8, 4), 0.75)]),
        (["0,0,4,0,8,0,8,4,4,4,0,4,굽음"], [("굽음", rectangle(0, 0, 8, 4), 1.0)]),
        (["1,2,9,6"], [("", rectangle(1, 2, 8, 4), 1.0)]),
        (["1,2,9,6,###"], [("", rectangle(1, 2, 8, 4), 0.0)]),
    ],
)  # fmt: skip
def test_rows_for_cleval(rows: list[str], wanted: list[tuple[str, tuple[tuple[float, float], ...], float]]) -> None:
    read_row = cleval_rows(rows)
    for row, (text, quad, confidence) in zip(rows, wanted, strict=True):
        box = read_row(row)
        assert box.text == text
        assert box.quad is not None
        assert np.allclose(box.quad, quad)
        assert (box.confidence if box.legible else 0.0) == confidence


def test_cleval_needs_no_images(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "res_img_1.txt", "0,0,8.5,0,8.5,4,0,4,가\n")
    (sample,), problems = read(tmp_path)
    assert (problems, sample.image, sample.name) == ([], None, "img_1")
    assert (sample.page.width, sample.page.height) == (9, 4)


@pytest.mark.parametrize("outline", ["polygon", "mask"])
def test_coco_text_in_both_versions(tmp_path: Path, read: ReadSet, outline: str) -> None:
    put(tmp_path / "COCO_1.jpg", encoded(picture(80, 40), "jpg"))
    flat = [value for point in TILTED for value in point]
    content = {
        "imgs": {"5": {"id": 5, "set": "val", "width": 80, "height": 40, "file_name": "COCO_1.jpg"}},
        "anns": {
            "1": {"id": 1, "image_id": 5, "bbox": [9, 10, 41, 20], outline: flat, "legibility": "legible",
                  "utf8_string": "글"},
            "2": {"id": 2, "image_id": 5, "bbox": [1, 1, 4, 4], outline: [], "legibility": "illegible"},
        },
        "imgToAnns": {"5": [1, 2]},
    }  # fmt: skip
    put(tmp_path / "cocotext.v2.json", content)
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [("글", TILTED, True, False), ("", rectangle(1, 1, 4, 4), False, False)]
    assert sample.facts["split"] == "validation"


def test_label_studio_turns_rectangles_around_their_first_corner(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "upload/a.png", encoded(picture(200, 100)))
    value = {"x": 10, "y": 20, "width": 20, "height": 10, "rotation": 90}
    results = [
        {"id": "A", "type": "rectangle", "value": value, "original_width": 200, "original_height": 100},
        {"id": "A", "type": "textarea", "value": value | {"text": ["서울", "시"]}},
        {"id": "A", "type": "labels", "value": value | {"labels": ["Text"]}},
        {"id": "B", "type": "polygon", "value": {"points": [[5, 10], [25, 12], [24.5, 30], [4.5, 28]]}},
        {"id": "B", "type": "textarea", "value": {"text": ["기울음"]}},
        {"id": "C", "type": "rectangle", "value": {"x": 50, "y": 50, "width": 5, "height": 10}},
    ]
    cancelled = {"was_cancelled": True, "result": []}
    task = {"id": 3, "data": {"ocr": "/data/upload/1/0a1b2c3d-a.png"}, "annotations": [cancelled, {"result": results}]}
    put(tmp_path / "export.json", [task])
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [
        ("서울 시", ((20, 20), (20, 60), (10, 60), (10, 20)), True, False),
        ("기울음", TILTED, True, False),
        ("", rectangle(100, 50, 10, 10), False, False),
    ]


def test_label_studio_predictions_stand_in_for_annotations(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a.png", encoded(picture(200, 100)))
    value = {"x": 10, "y": 20, "width": 20, "height": 10, "text": ["가"]}
    result = [{"id": "A", "type": kind, "value": value} for kind in ("rectangle", "textarea")]
    task = {"data": {"image": "a.png"}, "annotations": [], "predictions": [{"result": result}]}
    put(tmp_path / "export.json", [task])
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [("가", rectangle(20, 20, 40, 10), True, False)]


def test_label_studio_short_export(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a b.png", encoded(picture(200, 100)))
    box = {"x": 10, "y": 20, "width": 20, "height": 10, "rotation": 0, "original_width": 200, "original_height": 100}
    put(tmp_path / "min.json", [{"ocr": "/data/local-files/?d=set/a%20b.png", "bbox": [box], "transcription": "가"}])
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert boxes(sample.page) == [("가", rectangle(20, 20, 40, 10), True, False)]


def test_hocr(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "page.png", encoded(picture(200, 100)))
    word = '<span class="ocrx_word" title="bbox {}; x_wconf {}">{}</span>'
    content = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1.dtd">
    <html><head><meta name="ocr-system" content="x"><title>no text</title></head><body>
    <div class='ocr_page' title='image "scan/page.png"; bbox 0 0 200 100; ppageno 0'>
    <div class='ocr_carea' title="bbox 5 5 150 60"><p class='ocr_par'>
    <span class='ocr_line' title="bbox 5 5 150 25; baseline 0 0">{word.format("5 5 60 25", 96, "<b>대한</b>&amp;")}
    {word.format("70 5 150 25", 50, "민국")}</span></p></div></div></body></html>"""
    put(tmp_path / "page.hocr", content)
    (sample,), problems = read(tmp_path)
    assert problems == []
    page = sample.page
    assert (page.width, page.height, page.text) == (200, 100, "대한& 민국")
    assert page.blocks[0].quad == rectangle(5, 5, 145, 55)
    assert [word.quad for word in page.words] == [rectangle(5, 5, 55, 20), rectangle(70, 5, 80, 20)]
    assert [word.confidence for word in page.words] == [0.96, 0.5]
    assert sample.image is not None


ALTO = """<?xml version="1.0" encoding="UTF-8"?><alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description>
<MeasurementUnit>pixel</MeasurementUnit><sourceImageInformation><fileName>p.png</fileName></sourceImageInformation>
</Description><Layout><Page WIDTH="200" HEIGHT="100"><PrintSpace><TextBlock HPOS="5" VPOS="5" WIDTH="145" HEIGHT="55">
<TextLine HPOS="5" VPOS="5" WIDTH="145" HEIGHT="20">
<String HPOS="5" VPOS="5" WIDTH="55" HEIGHT="20" CONTENT="대한" WC="0.9">
<Glyph HPOS="5" VPOS="5" WIDTH="27" HEIGHT="20" CONTENT="대"/>
<Glyph HPOS="33" VPOS="5" WIDTH="27" HEIGHT="20" CONTENT="한"/>
</String><SP/><String HPOS="70" VPOS="5" WIDTH="60" HEIGHT="20" CONTENT="민국"/><String HPOS="130" VPOS="5" WIDTH="20"
HEIGHT="20" CONTENT="."/></TextLine></TextBlock></PrintSpace></Page></Layout></alto>"""


def test_alto(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "p.png", encoded(picture(200, 100)))
    put(tmp_path / "p.xml", ALTO)
    (sample,), problems = read(tmp_path)
    assert problems == []
    page = sample.page
    assert (page.width, page.height, page.text) == (200, 100, "대한 민국.")
    assert [word.quad for word in page.words][:2] == [rectangle(5, 5, 55, 20), rectangle(70, 5, 60, 20)]
    assert [char.quad for char in page.words[0].chars] == [rectangle(5, 5, 27, 20), rectangle(33, 5, 27, 20)]
    assert math.isclose(page.words[0].confidence, 0.9)


def test_page_xml_keeps_the_reading_order(tmp_path: Path, read: ReadSet) -> None:
    def region(number: str, text: str, attributes: str = "") -> str:
        coords = '<Coords points="5,5 60,5 60,25 5,25"/>'
        unicode_ = f"<TextEquiv><Unicode>{text}</Unicode></TextEquiv>"
        line = f'<TextLine id="l{number}">{coords}{unicode_}</TextLine>'
        return f'<TextRegion id="{number}" {attributes}>{coords}{line}</TextRegion>'

    content = f"""<?xml version="1.0"?><PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
    <Page imageFilename="p.png" imageWidth="200" imageHeight="100"><ReadingOrder><OrderedGroup id="g">
    <RegionRefIndexed index="0" regionRef="b"/><RegionRefIndexed index="1" regionRef="a"/></OrderedGroup></ReadingOrder>
    {region("a", "둘째 줄", 'readingDirection="top-to-bottom"')}
    {region("b", "첫 줄", 'type="heading"')}</Page></PcGts>"""
    put(tmp_path / "p.xml", content)
    (sample,), problems = read(tmp_path)
    assert problems == []
    assert sample.page.text == "첫 줄\n\n둘째 줄"
    assert [block.kind for block in sample.page.blocks] == ["title", "text"]
    assert [line.vertical for line in sample.page.lines] == [False, True]
    assert sample.page.lines[0].quad == rectangle(5, 5, 55, 20)
    assert sample.image is None


def test_hocr_with_characters_as_tesseract_writes_them(tmp_path: Path, read: ReadSet) -> None:
    infos = "\n".join(
        f"<span class='ocrx_cinfo' title='x_bboxes {x} 5 {x + 20} 25; x_conf 90'>{char}</span>"
        for x, char in ((5, "글"), (30, "-"))
    )
    word = f"<span class='ocrx_word' title='bbox 5 5 50 25; x_wconf 0'>\n{infos}\n</span>"
    put(tmp_path / "a.hocr", f"<div class='ocr_page' title='bbox 0 0 60 30'><span class='ocr_line'>{word}</span></div>")
    (sample,), problems = read(tmp_path)
    assert problems == []
    (found,) = sample.page.words
    assert (found.text, [char.quad for char in found.chars]) == (
        "글-",
        [rectangle(5, 5, 20, 20), rectangle(30, 5, 20, 20)],
    )
    # An engine that is not sure at all still asks to be read.
    assert 0 < sample.page.lines[0].confidence < 0.01


def test_cleval_takes_texts_out_of_quotes(tmp_path: Path) -> None:
    read_row = cleval_rows(['0,0,8,0,8,4,0,4,"a\\"b"'])
    assert read_row('0,0,8,0,8,4,0,4,"a\\"b"').text == 'a"b'
    assert read_row('0,0,8,0,8,4,0,4,a"b').text == 'a"b'


def test_single_files_of_an_engines_output() -> None:
    document = read_alto(ALTO.encode(), "out/p.xml")
    assert (document.source, document.text) == ("out/p.xml", "대한 민국.")
    hocr = "<div class='ocr_page' title='bbox 0 0 60 30'><span class='ocr_line'>한 줄</span></div>" * 2
    assert [page.number for page in read_hocr(hocr.encode())] == [1, 2]
    for read, content in ((read_hocr, b"<p>"), (read_hocr, b"\xff"), (read_alto, b"<alto>"), (read_page_xml, b"<a/>")):
        with pytest.raises(DamagedInputError, match=r"^x: "):
            read(content, "x")
    bad = ALTO.replace('WC="0.9"', 'WC="much"')
    with pytest.raises(DamagedInputError, match=r"^x: could not convert string to float"):
        read_alto(bad.encode(), "x")


def test_keys_pair_samples_with_outputs(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "scene/images/img_1.jpg", encoded(picture(80, 40), "jpg"))
    put(tmp_path / "scene/gt/gt_img_1.txt", "10,10,50,12,49,30,9,28,글\n")
    (sample,), _ = read(tmp_path)
    assert (sample.name, sample.key) == ("img_1", "scene/images/img_1")
    (sample,), _ = read(tmp_path / "scene/gt", "cleval")
    assert sample.key == "img_1"
