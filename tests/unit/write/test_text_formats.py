"""Layout text, tables and Markdown by value."""

from __future__ import annotations

import json

import pytest
from markdown_it import MarkdownIt

from geulnun.document import Alternative, Block, BlockKind, Char, Document, Line, Page, Quad, Word, line_from_text
from geulnun.errors import DamagedInputError
from geulnun.geometry import to_tuples, transform, turn_matrix
from geulnun.write import WRITERS, JsonWriter, read_json
from geulnun.write.characters import cells, language
from geulnun.write.json import schema
from geulnun.write.places import word_quads
from geulnun.write.table import grid


def quad(x: float, y: float, wide: float, high: float = 20) -> Quad:
    return (x, y), (x + wide, y), (x + wide, y + high), (x, y + high)


def line(text: str, x: float, y: float) -> Line:
    """A line in a font whose Latin letters are 10 pixels wide and Hangul 20."""
    words, at = [], x
    for part in text.split(" "):
        wide = 10 * cells(part)
        words.append(Word(tuple(map(Char, part)), quad(at, y, wide)))
        at += wide + 10
    return Line(tuple(words), quad(x, y, at - 10 - x))


def document(*blocks: Block, rotation: int = 0) -> Document:
    return Document((Page(1000, 800, blocks, rotation=rotation),), "a.png")


def written(name: str, *blocks: Block) -> str:
    return WRITERS[name].build().encode(document(*blocks)).decode()


TABLE = Block(
    (line("이름", 0, 0), line("값", 200, 0), line("비고", 300, 0), line("둘", 0, 30), line("없음", 300, 30)),
    kind="table",
)


def test_layout_keeps_columns_indents_and_gaps() -> None:
    left = Block((line("왼쪽 단", 0, 0), line("안으로", 40, 30), line("다음", 0, 120)))
    right = Block((line("right", 400, 2), line("둘째 줄", 400, 31)))
    assert written("layout", left, right).split("\n") == [
        "왼쪽 단" + " " * 33 + "right",
        "    안으로" + " " * 30 + "둘째 줄",
        "", "", "다음", "",
    ]  # fmt: skip


def test_layout_parts_words_that_stand_far_apart_and_neighbours_that_touch() -> None:
    far = Line((Word((Char("가"),), quad(0, 0, 20)), Word((Char("나"),), quad(300, 0, 20))), quad(0, 0, 320))
    assert written("layout", Block((far,))) == "가" + " " * 28 + "나\n"
    glued = Line((Word((Char("가"),), quad(0, 0, 20), space_after=False), far.words[1]), far.quad)
    assert written("layout", Block((glued,))) == "가나\n"
    assert written("layout", Block((line("가나다", 0, 0), line("라", 60, 0)))) == "가나다  라\n"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_layout_of_a_turned_page_is_that_of_the_upright_one(rotation: int) -> None:
    upright = Block((line("왼쪽", 0, 0), line("오른쪽", 300, 0), line("아래", 20, 40)))
    # The page that this turn makes upright.
    back = turn_matrix(1000, 800, (360 - rotation) % 360)
    lines = tuple(Line(one.words, to_tuples(transform(one.quad or (), back))[0]) for one in upright.lines)
    turned = document(Block(tuple(Line(line_from_text(one.text).words, one.quad) for one in lines)), rotation=rotation)
    assert WRITERS["layout"].build().encode(turned).decode() == written("layout", upright)


def test_layout_puts_columns_of_text_and_lines_without_a_place_last() -> None:
    column = Line((Word((Char("세"), Char("로"))),), ((20, 0), (20, 40), (0, 40), (0, 0)), vertical=True)
    assert written("layout", Block((column, line_from_text("어디"), line("여기", 0, 0)))) == "여기\n\n세로\n어디\n"
    assert WRITERS["layout"].build().encode(document()) == b""


def test_cells() -> None:
    assert [cells(text) for text in ("한a", "ᄒᆞᆫ", "é", "e\u0301", "\u200b", "ﾊ", "漢")] == [3, 2, 1, 1, 0, 1, 2]


def test_languages_are_told_by_their_letters() -> None:
    assert [language(text) for text in ("漢字와", "漢字の", "漢字", "abc", "")] == ["ko", "ja", "", "", ""]


def test_tesseracts_rows() -> None:
    words = (Word((Char("가", None, 0.5),), quad(1.2, 3, 10), False), Word((Char("!"),)), Word((Char("나"),)))
    rows = written("tsv", Block((Line(words, quad(1, 2, 50)),))).splitlines()
    assert [row.split("\t") for row in rows[1:]] == [
        ["1", "1", "0", "0", "0", "0", "0", "0", "1000", "800", "-1", ""],
        ["2", "1", "1", "0", "0", "0", "1", "2", "50", "20", "-1", ""],
        ["3", "1", "1", "1", "0", "0", "1", "2", "50", "20", "-1", ""],
        ["4", "1", "1", "1", "1", "0", "1", "2", "50", "20", "-1", ""],
        ["5", "1", "1", "1", "1", "1", "1", "3", "11", "20", "50", "가!"],
        ["5", "1", "1", "1", "1", "2", "1", "2", "50", "20", "100", "나"],
    ]


def test_csv_opens_in_spreadsheets() -> None:
    content = WRITERS["csv"].build().encode(document(Block((line('가,"나', 0, 0),), kind="title")))
    assert content.startswith(b"\xef\xbb\xbfpage,block,kind,line,vertical,word,text,space_after,confidence,x1,y1,")
    assert content.decode().splitlines()[1] == '1,1,title,1,0,1,"가,""나",1,1.0,0,0,60,0,60,20,0,20'


def test_cells_stand_in_their_columns() -> None:
    assert [[cell and cell.text for cell in row] for row in grid(TABLE)] == [
        ["이름", "값", "비고"],
        ["둘", None, "없음"],
    ]
    loose = Block((line("가", 0, 0), line_from_text("나")), kind="table")
    assert [len(row) for row in grid(loose)] == [1, 1]
    wide = Block((line("가나다라마바사아자차카", 0, 0), line("가", 0, 30), line("나", 100, 30)), kind="table")
    assert [[cell and cell.text for cell in row] for row in grid(wide)] == [
        ["가나다라마바사아자차카", None],
        ["가", "나"],
    ]


MARKDOWN: list[tuple[BlockKind, list[str], str, str]] = [
    ("title", ["1장", "끝 #"], "# 1장 끝 \\#", "<h1>1장 끝 #</h1>"),
    (
        "text",
        ["1. 가", "# 나", "- *다*"],
        "1\\. 가\\\n\\# 나\\\n\\- \\*다\\*",
        "<p>1. 가<br />\n# 나<br />\n- *다*</p>",
    ),
    ("text", ["a|b", ":-:"], "a\\|b\\\n\\:-:", "<p>a|b<br />\n:-:</p>"),
    (
        "list",
        ["• 가", "이음", "• 나"],
        "- 가\\\n  이음\n- 나",
        "<ul>\n<li>가<br />\n이음</li>\n<li>나</li>\n</ul>",
    ),
    ("list", ["3. 셋", "4. 넷"], "3. 셋\n4. 넷", '<ol start="3">\n<li>셋</li>\n<li>넷</li>\n</ol>'),
    ("list", ["가", "나"], "- 가\n- 나", "<ul>\n<li>가</li>\n<li>나</li>\n</ul>"),
]


@pytest.mark.parametrize(("kind", "lines", "text", "shown"), MARKDOWN)
def test_markdown_of_each_kind(kind: BlockKind, lines: list[str], text: str, shown: str) -> None:
    content = written("md", Block(tuple(map(line_from_text, lines)), kind=kind))
    assert content == text + "\n"
    assert MarkdownIt("commonmark").enable("table").render(content).strip() == shown


def test_markdown_tables_and_pages() -> None:
    two = Document((*document(TABLE).pages, Page(1, 1), *document(Block((line("a|b", 0, 0),), kind="table")).pages))
    assert WRITERS["md"].build().encode(two).decode() == (
        "| 이름 | 값 | 비고 |\n| --- | --- | --- |\n| 둘 |  | 없음 |\n\n---\n\n| a\\|b |\n| --- |\n"
    )
    assert WRITERS["md"].build().encode(document()) == b""


def test_words_without_a_place_take_their_share_of_the_line() -> None:
    words = line_from_text("가 abcd").words
    assert word_quads(Line(words, quad(0, 0, 70))) == [quad(0, 0, 20), quad(30, 0, 40)]
    assert word_quads(Line(words)) == [None, None]


def test_the_schema_holds_what_is_written_and_refuses_what_is_not() -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(schema())
    chars = (Char("글", quad(0, 0, 9), 0.9, (Alternative("굴", 0.05),)),)
    full = Document((Page(9, 9, (Block((Line((Word(chars),), vertical=True),), quad(0, 0, 9)),), dpi=300.0),), "a")
    tree = json.loads(JsonWriter().encode(full))
    validator.check_schema(schema())
    assert list(validator.iter_errors(tree)) == []
    for path, value in {("version",): 2, ("pages", 0, "width"): "9", ("pages", 0, "blocks", 0, "kind"): "x"}.items():
        broken = json.loads(JsonWriter().encode(full))
        node = broken
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        assert not validator.is_valid(broken)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "1" + "0" * 400, "9999999999"])
def test_numbers_no_page_has_are_refused(number: str) -> None:
    text = JsonWriter().encode(document(Block((line("가", 0, 0),)))).decode()
    with pytest.raises(DamagedInputError, match="number was expected"):
        read_json(text.replace('"confidence":1.0', f'"confidence":{number}'))
    with pytest.raises(DamagedInputError, match=r"number .*was expected"):
        read_json(text.replace('"width":1000', f'"width":{number}'))
