"""pytesseract's face: the same results in each type, options of the command line, errors of the same names."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from lxml import etree
from numpy.typing import NDArray
from PIL import Image

from geulnun.compat import pytesseract
from geulnun.compat.pytesseract import Output
from geulnun.errors import MissingDependencyError

WORDS = "글마루구립도서관 문서번호 글마루-2026-0417 받는 곳 구민 여러분".split()
Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def text(head: Pixels) -> str:
    found = pytesseract.image_to_string(head, lang="kor+eng")
    assert isinstance(found, str)
    return found


def test_text_ends_as_tesseracts_does(text: str, head: Pixels) -> None:
    assert text.split() == WORDS
    assert text.endswith("\n\f")
    assert pytesseract.image_to_string(Image.fromarray(head), output_type=Output.BYTES) == text.encode()
    assert pytesseract.image_to_string(head, output_type=Output.DICT) == {"text": text}


def test_data_is_tesseracts_table(head: Pixels) -> None:
    table = pytesseract.image_to_data(head, lang="kor", output_type=Output.DICT)
    assert list(table) == "level page_num block_num par_num line_num word_num left top width height conf text".split()
    assert len({len(column) for column in table.values()}) == 1
    words = [at for at, level in enumerate(table["level"]) if level == 5]
    assert [table["text"][at] for at in words] == WORDS
    assert all(50 <= table["conf"][at] <= 100 for at in words)
    for at in words:
        left, top = table["left"][at], table["top"][at]
        assert head[top : top + table["height"][at], left : left + table["width"][at]].min() < 128
    rows = pytesseract.image_to_data(head).splitlines()
    assert [row.split("\t")[-1] for row in rows if row.startswith("5\t")] == WORDS


def test_a_data_frame_needs_pandas(head: Pixels) -> None:
    if importlib.util.find_spec("pandas") is None:
        with pytest.raises(MissingDependencyError, match="pip install pandas"):
            pytesseract.image_to_data(head, output_type=Output.DATAFRAME)
    else:
        frame = pytesseract.image_to_data(head, output_type=Output.DATAFRAME)
        assert list(frame[frame.level == 5].text) == WORDS


def test_boxes_count_from_below(head: Pixels) -> None:
    boxes = pytesseract.image_to_boxes(head, output_type=Output.DICT)
    assert "".join(boxes["char"]) == "".join(WORDS)
    for left, bottom, right, top in zip(boxes["left"], boxes["bottom"], boxes["right"], boxes["top"], strict=True):
        assert 0 <= left < right <= head.shape[1]
        assert 0 <= bottom < top <= head.shape[0]
    assert boxes["top"][0] > head.shape[0] * 0.7  # the title stands at the top
    assert pytesseract.image_to_boxes(head).splitlines()[0].split()[0] == "글"


def test_files_of_other_formats(head: Pixels) -> None:
    document = pdfium.PdfDocument(pytesseract.image_to_pdf_or_hocr(head))
    assert document[0].get_textpage().get_text_range().split() == WORDS
    document.close()
    for content in (pytesseract.image_to_pdf_or_hocr(head, extension="hocr"), pytesseract.image_to_alto_xml(head)):
        root = etree.fromstring(content)
        strings = [*map(str, root.itertext()), *(str(one.get("CONTENT")) for one in root.iter("{*}String"))]
        assert set(WORDS) <= set(" ".join(strings).split())
    with pytest.raises(ValueError, match="expected pdf or hocr"):
        pytesseract.image_to_pdf_or_hocr(head, extension="docx")


def test_how_an_image_lies(head: Pixels) -> None:
    told = pytesseract.image_to_osd(np.rot90(head, -1), output_type=Output.DICT)
    assert (told["orientation"], told["rotate"], told["script"]) == (90, 270, "Hangul")
    assert "Rotate: 0\n" in pytesseract.image_to_osd(head)
    with pytest.raises(pytesseract.TesseractError, match="Too few characters"):
        pytesseract.image_to_osd(np.full((60, 60), 255, np.uint8))


def test_options_of_the_command_line(head: Pixels) -> None:
    title = head[:120]
    line = pytesseract.image_to_string(title, config="--oem 1 --psm 7").strip()
    assert "\n" not in line
    digits = pytesseract.image_to_string(head, config="--psm 6 -c tessedit_char_whitelist=0123456789-")
    assert set(digits) <= set("0123456789-\t\n\f")
    assert "2026-0417" in digits
    with pytest.warns(UserWarning, match="load_system_dawg has no meaning here"):
        pytesseract.image_to_string(head, config="-c load_system_dawg=0")
    with pytest.warns(UserWarning, match="timeout=3 has no meaning here"):
        pytesseract.image_to_string(np.full((60, 60), 255, np.uint8), timeout=3)


def test_errors_have_their_names(head: Pixels, tmp_path: Path) -> None:
    with pytest.raises(pytesseract.TesseractError, match="language 'jpn'") as caught:
        pytesseract.image_to_string(head, lang="jpn")
    assert caught.value.status == 1
    with pytest.raises(pytesseract.TesseractError, match="page segmentation mode '77'"):
        pytesseract.image_to_string(head, config="--psm 77")
    with pytest.raises(TypeError, match="output_type 'yaml'"):
        pytesseract.image_to_string(np.full((60, 60), 255, np.uint8), output_type="yaml")
    assert {"kor", "eng"} <= set(pytesseract.get_languages())


def test_the_program_may_be_told_to_lie_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "nowhere")
    assert pytesseract.image_to_string(np.full((60, 60), 255, np.uint8)) == "\f"
