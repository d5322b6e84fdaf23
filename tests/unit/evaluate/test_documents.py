"""Saved output of any engine as documents."""

from pathlib import Path

import pytest

from geulnun.document import Alternative, Block, Char, Line, Page, Word
from geulnun.errors import DamagedInputError, MissingInputError
from geulnun.evaluate.documents import read_document, read_labels, text_document, without_char_quads
from geulnun.evaluate.tsv import read_tsv

#: The place of the first line below.
BOX = ((10.0, 10.0), (100.0, 10.0), (100.0, 30.0), (10.0, 30.0))
HEAD = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
TSV = (
    HEAD
    + "1\t1\t0\t0\t0\t0\t0\t0\t400\t200\t-1\t\n"
    + "2\t1\t1\t0\t0\t0\t10\t10\t90\t20\t-1\t\n"
    + "3\t1\t1\t1\t0\t0\t10\t10\t90\t20\t-1\t\n"
    + "4\t1\t1\t1\t1\t0\t10\t10\t90\t20\t-1\t\n"
    + "5\t1\t1\t1\t1\t1\t10\t10\t40\t20\t90.5\t나는\n"
    + "5\t1\t1\t1\t1\t2\t60\t10\t40\t20\t50\t간다\n"
    + "4\t1\t2\t1\t1\t0\t10\t50\t90\t20\t-1\t\n"
    + "5\t1\t2\t1\t1\t1\t10\t50\t90\t20\t95\t \n"
    + "1\t2\t0\t0\t0\t0\t0\t0\t30\t40\t-1\t\n"
)


def test_text_is_laid_out_as_our_writer_and_tesseract_do() -> None:
    document = text_document("가 나\n다\t라\n\n마\n\f\n바\n\f", "a.txt")
    assert [[[line.text for line in block.lines] for block in page.blocks] for page in document] == [
        [["가 나", "다", "라"], ["마"]],
        [["바"]],
    ]
    assert [page.number for page in document] == [1, 2]
    assert len(text_document("", "a.txt").pages) == 1


def test_a_tsv_gives_boxes_and_confidences_of_words() -> None:
    first, second = read_tsv(TSV, "a.tsv").pages
    assert (first.width, first.height, first.text) == (400, 200, "나는 간다")
    assert first.lines[0].quad == BOX
    assert [word.confidence for word in first.words] == [0.905, 0.5]
    assert first.words[1].quad == ((60.0, 10.0), (100.0, 10.0), (100.0, 30.0), (60.0, 30.0))
    assert (second.width, second.height, len(second.blocks), second.number) == (30, 40, 0, 2)


def test_a_tsv_takes_its_spaces_from_the_text_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(TSV, "utf-8")
    (tmp_path / "a.txt").write_text("나는간다\n\n\f\f", "utf-8")
    line = read_document(tmp_path / "a.tsv").pages[0].lines[0]
    assert line.text == "나는간다"
    assert line.quad == BOX
    assert line.confidence == pytest.approx(0.7025)
    # A text of other lines is of another run.
    (tmp_path / "a.txt").write_text("나는간다\n또\n\f\f", "utf-8")
    assert read_document(tmp_path / "a.tsv").pages[0].text == "나는 간다"


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("", "a.tsv:1: begins with"),
        (HEAD + "1\t1\t0\t0\t0\t0\t0\t0\t400\n", "a.tsv:2: not a row"),
        (HEAD + "5\t1\t1\t1\t1\t1\t10\t10\t40\t20\tx\t나\n", "a.tsv:2: not a row"),
        (HEAD + "5\t1\t1\t1\t1\t1\t10\t10\t40\t20\t9\t나\n", "a.tsv:2: not a row"),
        (HEAD + "7\t1\t1\t1\t1\t1\t10\t10\t40\t20\t9\t나\n", "a.tsv:2: not a row"),
    ],
)
def test_a_broken_tsv_is_told_by_its_line(content: str, place: str) -> None:
    with pytest.raises(DamagedInputError, match=place):
        read_tsv(content, "a.tsv")


def test_hocr_alto_and_page_are_read_by_their_content(tmp_path: Path) -> None:
    hocr = (
        "<html><body><div class='ocr_page' title='bbox 0 0 100 50'><span class='ocr_line' title='bbox 1 2 30 12'>"
        "<span class='ocrx_word' title='bbox 1 2 30 12; x_wconf 80'>글눈</span></span></div></body></html>"
    )
    alto = (
        "<alto><Layout><Page WIDTH='100' HEIGHT='50'><PrintSpace><TextBlock><TextLine>"
        "<String CONTENT='글눈' HPOS='1' VPOS='2' WIDTH='29' HEIGHT='10'/>"
        "</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"
    )
    xml = (
        "<PcGts><Page imageWidth='100' imageHeight='50' imageFilename='a.png'><TextRegion id='r'><TextLine id='l'>"
        "<Coords points='1,2 30,2 30,12 1,12'/><TextEquiv><Unicode>글눈</Unicode></TextEquiv>"
        "</TextLine></TextRegion></Page></PcGts>"
    )
    for name, content in (("a.hocr", hocr), ("b.xml", alto), ("c.xml", xml)):
        (tmp_path / name).write_text(content, "utf-8")
        document = read_document(tmp_path / name)
        assert [page.text for page in document] == ["글눈"], name


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b'{"format": "geulnun-document",\n "version": }', r"a\.json: not JSON .*line 2 column 13"),
        ("a.json", b"[]", r"a\.json: no .format."),
        ("a.txt", "가나".encode("cp949"), r"a\.txt: not UTF-8 at byte 0"),
        ("a.xml", b"<alto><Layout>", r"a\.xml"),
        ("a.doc", b"", r"a\.doc: not a kind of file"),
    ],
)
def test_what_is_broken_is_told_with_file_and_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedInputError, match=message):
        read_document(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"a\.json: cannot be read"):
        read_document(tmp_path / "a.json")


def test_pages_are_kept_without_the_places_of_characters() -> None:
    char = Char("가", BOX, 0.5, (Alternative("갸", 0.4),))
    line = Line((Word((char,), BOX, False), Word((Char("나"),))), BOX, 0.25, True)
    page = Page(9, 8, (Block((line,), BOX, "title"),), 3, 90, 300.0)
    bare = without_char_quads(page)
    assert bare.text == "가나"
    assert bare.words[0].chars == (Char("가", None, 0.5),)
    assert (bare.words[0].quad, bare.lines[0].quad, bare.lines[0].confidence, bare.lines[0].vertical) == (
        BOX, BOX, 0.25, True,
    )  # fmt: skip
    assert (bare.width, bare.number, bare.rotation, bare.dpi, bare.blocks[0].kind) == (9, 3, 90, 300.0, "title")


def test_labels_keep_commas_quotes_and_lines(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('filename,words\na.png,"가, ""나"""\nb\\c.png,다\n', "utf-8")
    assert read_labels(path) == [("a.png", '가, "나"'), ("b/c.png", "다")]
    path.write_text("file;text\n", "utf-8")
    with pytest.raises(DamagedInputError, match=r"labels\.csv:1: begins with 'file;text'"):
        read_labels(path)
    path.write_text("filename,words\na.png,가\nb.png\n", "utf-8")
    with pytest.raises(DamagedInputError, match=r"labels\.csv:3"):
        read_labels(path)
