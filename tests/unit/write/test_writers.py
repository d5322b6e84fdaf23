import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun.document import Alternative, Block, Char, Document, Entity, Line, Page, Word
from geulnun.errors import DamagedInputError, UsageError
from geulnun.read import open_source
from geulnun.write import WRITERS, JsonWriter, OverlayWriter, TextWriter, chosen, read_json

QUAD = ((10.0, 10.25), (50.0, 10.0), (50.0, 30.0), (10.0, 30.0))


def document() -> Document:
    chars = (Char("글", QUAD, 0.9, (Alternative("굴", 0.05),)), Char("눈", None, 0.5))
    line = Line((Word(chars, QUAD, False), Word((Char("."),))), QUAD, 0.75)
    upright = Line((Word((Char("세"),)),), vertical=True)
    page = Page(100, 80, (Block((line, upright), QUAD, "title"),), 2, 90, 300.0, (Entity("date", 0, 1, 0.5),))
    return Document((Page(5, 5), page), "자료/가.pdf", (("title", "제목"),))


@pytest.mark.parametrize("rows", [True, False])
def test_json_comes_back_equal(rows: bool) -> None:
    content = JsonWriter(rows).encode(document())
    assert read_json(content) == document()
    assert read_json(content.decode()) == document()
    assert content.count(b"\n") == (9 if rows else 1)


def test_json_is_readable_by_others() -> None:
    tree = json.loads(JsonWriter().encode(document()))
    assert (tree["format"], tree["version"]) == ("geulnun-document", 1)
    assert tree["pages"][1]["blocks"][0]["lines"][0]["text"] == "글눈."
    assert tree["pages"][1]["text"] == "글눈.\n세"


def test_json_holds_file_names_that_are_not_utf8() -> None:
    odd = replace(document(), source="caf\udce9.png")
    assert read_json(JsonWriter().encode(odd)) == odd


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "geulnun-document"),
        (b'{"format": "geulnun-document", "version": 99}', "version 99"),
        (b'{"format": "geulnun-document", "version": 1}', "'pages' is missing"),
        (b'{"format": "geulnun-document", "version": 1, "source": "", "pages": {}}', "list was expected"),
        (b'{"format": "geulnun-document", "version": 1, "source": "", "pages": [3]}', "not a document"),
    ],
)
def test_json_that_is_no_document(content: bytes, words: str) -> None:
    with pytest.raises(DamagedInputError, match=words) as caught:
        read_json(content, "a.json")
    assert str(caught.value).startswith("a.json: ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"number":2', '"number":"2"'),
        ('"kind":"title"', '"kind":"poem"'),
        ('"confidence":0.75', '"confidence":true'),
        ('"vertical":true', '"vertical":1'),
        ('"text":"글"', '"text":null'),
    ],
)
def test_json_with_a_value_of_the_wrong_kind(old: str, new: str) -> None:
    content = JsonWriter().encode(document()).decode()
    assert old in content
    with pytest.raises(DamagedInputError, match="not a document"):
        read_json(content.replace(old, new))


def test_text_ends_with_a_newline_unless_empty() -> None:
    assert TextWriter().encode(document()).decode() == "\f글눈.\n세\n"
    assert TextWriter().encode(Document((Page(5, 5),))) == b""


def test_cells_of_a_row_share_a_line_of_text() -> None:
    def line(text: str, x: float, y: float) -> Line:
        quad = ((x, y), (x + 40, y + 4), (x + 38, y + 24), (x - 2, y + 20))  # leaning a little
        return Line((Word((Char(text),)),), quad)

    lines = (
        line("가", 0, 0),
        line("나", 100, 10),
        line("다", 0, 30),
        line("라", 45, 35),
        replace(line("마", 0, 0), quad=None),
    )
    page = Page(200, 99, (Block(lines), Block(lines[:1])))
    assert TextWriter().encode(Document((page,))).decode() == "가\t나\n다\t라\n마\n\n가\n"


def test_overlay_colours_by_confidence_and_keeps_the_page() -> None:
    rgb = np.full((80, 120, 3), 255, np.uint8)
    quad = ((40.0, 20.0), (110.0, 20.0), (110.0, 60.0), (40.0, 60.0))
    for confidence, channel in ((1.0, 1), (0.0, 0)):
        line = Line((Word((Char("가"),)),), quad, confidence)
        page = Page(120, 80, (Block((line, replace(line, quad=None))),))
        drawn = OverlayWriter().draw(page, rgb)
        edge = drawn[20, 80].astype(int)
        assert drawn.shape == rgb.shape
        assert edge.argmax() == channel
        assert drawn[70, 115].tolist() == [255] * 3
    assert (rgb == 255).all()


def test_overlay_png_and_text_labels(test_font: Path) -> None:
    rgb = np.full((80, 120, 3), 255, np.uint8)
    line = Line((Word((Char("가"),)),), ((10.0, 40.0), (110.0, 40.0), (110.0, 70.0), (10.0, 70.0)), 1.0)
    page = Page(120, 80, (Block((line,)),))
    png = OverlayWriter(test_font).encode_page(page, rgb)
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert (decoded[22:36] < 250).any()  # the label stands above the line
    with pytest.raises(UsageError, match="not a usable font"):
        OverlayWriter(Path("none.ttf"))


def test_formats_are_chosen_by_name() -> None:
    assert list(chosen("json, txt,json")) == ["json", "txt"]
    with pytest.raises(UsageError, match=r"format 'jsn'; did you mean 'json'\?"):
        chosen("txt,jsn")
    with pytest.raises(UsageError, match="format 'zzz'; expected txt, "):
        chosen("zzz")


def test_pictures_are_of_one_page_and_of_its_size() -> None:
    rgb = np.full((4, 6, 3), 255, np.uint8)
    with open_source(rgb) as pages:
        assert WRITERS["overlay"].build().encode(Document((Page(6, 4),)), pages).startswith(b"\x89PNG")
        with pytest.raises(UsageError, match="has 6 x 4 pixels; expected 5 x 4"):
            OverlayWriter().encode(Document((Page(5, 4),)), pages)
        with pytest.raises(UsageError, match="2 pages; a file of format overlay holds one"):
            OverlayWriter().encode(Document((Page(6, 4), Page(6, 4))), pages)
    with pytest.raises(UsageError, match="give the file that was read"):
        OverlayWriter().encode(Document((Page(6, 4),)))
