"""Slices by value, and what is confused in them."""

from dataclasses import replace

import pytest

from geulnun.document import Block, Page, line_from_text
from geulnun.errors import UsageError
from geulnun.evaluate import slices
from geulnun.evaluate.alignment import CHARS, ERRORS, LINES, SOLID, SOLID_ERRORS, align
from geulnun.evaluate.cases import Case
from geulnun.evaluate.confusion import LETTERS, confusions, spaces
from geulnun.evaluate.pairing import Matched


def page(*lines: str) -> Page:
    made = []
    for at, text in enumerate(lines):
        quad = (
            (0.0, 40.0 * at),
            (100.0, 40.0 * at),
            (100.0, 40.0 * at + 10 * (at + 1)),
            (0.0, 40.0 * at + 10 * (at + 1)),
        )
        made.append(line_from_text(text, quad))
    return Page(100, 200, (Block(tuple(made)),))


def matched(truth: Page, read: Page, **facts: str) -> Matched:
    return Matched(Case("a", (truth,), facts), truth, read)


def _tables(pages: list[Matched], documents: list[int], *names: str) -> dict[slices.Key, list[list[float]]]:
    found = slices.tables(pages, [align(one.truth, one.read) for one in pages], documents, names)
    return {key: table.columns[:, [LINES, SOLID, SOLID_ERRORS]].tolist() for key, table in found.items()}


def test_facts_of_a_file_and_texts_of_its_lines() -> None:
    one = matched(page("가나", "한 1", "漢字"), page("거나", "한 1", "漢"), style="sans", family="Gothic", font="x.ttf")
    two = matched(page("다"), page("라"), style="serif", font="y.ttf")
    found = _tables([one, two], [0, 1], "style", "font", "digits", "hanja", "wear")
    assert found == {
        ("style", "sans"): [[3, 6, 2]],
        ("style", "serif"): [[1, 1, 1]],
        ("font", "Gothic"): [[3, 6, 2]],
        ("font", "y.ttf"): [[1, 1, 1]],
        ("digits", "without digits"): [[2, 4, 2], [1, 1, 1]],
        ("digits", "with digits"): [[1, 2, 0]],
        ("hanja", "without hanja"): [[2, 4, 1], [1, 1, 1]],
        ("hanja", "with hanja"): [[1, 2, 1]],
    }


def test_pages_of_one_document_are_one_row() -> None:
    one, two = matched(page("가"), page("나"), style="sans"), matched(page("다"), page("다"), style="sans")
    assert _tables([one, two], [0, 0], "style") == {("style", "sans"): [[2, 2, 1]]}


def test_scripts_take_characters_apart() -> None:
    found = _tables([matched(page("가나ㅋ A1漢-"), page("가다ㅋ A7漢"))], [0], "script")
    assert found == {
        ("script", "Hangul"): [[0, 2, 1]],
        ("script", "Latin"): [[0, 1, 0]],
        ("script", "digits"): [[0, 1, 1]],
        ("script", "hanja"): [[0, 1, 0]],
        ("script", "lone jamo"): [[0, 1, 0]],
        ("script", "signs"): [[0, 1, 1]],
    }


def test_heights_and_directions_of_lines() -> None:
    truth = page("가", "나", "다")  # 10, 20 and 30 px
    down = replace(truth.lines[2], vertical=True, quad=((0, 0), (14, 0), (14, 90), (0, 90)))
    truth = Page(100, 200, (Block((*truth.lines[:2], down)),))
    found = _tables([matched(truth, truth)], [0], "size", "vertical")
    assert found == {
        ("size", "under 12 px"): [[1, 1, 0]],
        ("size", "12 to 16 px"): [[1, 1, 0]],
        ("size", "16 to 24 px"): [[1, 1, 0]],
        ("vertical", "horizontal"): [[2, 2, 0]],
        ("vertical", "vertical"): [[1, 1, 0]],
    }


def test_a_line_without_a_place_has_the_size_its_set_states() -> None:
    bare = Page(0, 0, (Block((line_from_text("가"),)),))
    assert list(_tables([matched(bare, bare, size="32")], [0], "size")) == [("size", "32 to 48 px")]
    assert _tables([matched(bare, bare)], [0], "size") == {}
    assert _tables([matched(bare, bare, size="large")], [0], "size") == {}


def test_slices_of_lines_add_up() -> None:
    one = matched(page("가 나", "다 1"), page("가나", "거 1 2"), style="sans")
    laid = align(one.truth, one.read)
    found = slices.tables([one], [laid], [0], ("digits",))
    total = sum(table.columns.sum(0) for table in found.values())
    assert total[ERRORS] == laid.totals[ERRORS]
    assert total[CHARS] == laid.totals[CHARS]


def test_any_fact_may_be_a_slice_and_a_misspelt_one_is_told() -> None:
    cases = [Case("a", (), {"writer": "1"})]
    assert slices.checked(["writer", "style", "writer"], cases) == ("writer", "style")
    with pytest.raises(UsageError, match="'writr'; did you mean 'writer'"):
        slices.checked(["writr"], cases)


def test_confusions_of_letters_by_value() -> None:
    laid = [align(page("가각나마"), page("카각나")), align(page("강"), page("각"))]
    found = confusions(laid)
    assert found.faults == {("가", "카"): 1, ("마", ""): 1, ("강", "각"): 1}
    assert found.occurrences == {"가": 1, "각": 1, "나": 1, "마": 1, "강": 1}
    cho, jong = found.jamo["cho"], found.jamo["jong"]
    assert cho[LETTERS["cho"].index("ㄱ"), LETTERS["cho"].index("ㅋ")] == 1
    assert cho[LETTERS["cho"].index("ㄱ"), LETTERS["cho"].index("ㄱ")] == 2  # 각, and 강 read as 각
    assert cho.sum() == 4  # the syllable that is missing has no letters opposite
    assert jong[LETTERS["jong"].index("ㅇ"), LETTERS["jong"].index("ㄱ")] == 1
    assert jong[0, 0] == 2
    assert found.letters("jong", 5) == [("ㅇ", "ㄱ", 1, 1)]
    assert found.letters("cho", 5) == [("ㄱ", "ㅋ", 1, 3)]
    assert found.worst(2, syllables=True) == [("가", "카", 1), ("강", "각", 1)]
    assert found.kinds() == {"substituted": 2, "missing": 1, "added": 0, "lost lines": 0, "between lines": 0}
    assert (found.lines, found.exact, found.lost, found.errors) == (2, 0, 0, 3)


def test_lost_lines_confuse_no_letters() -> None:
    found = confusions([align(page("가나다라", "마바사아"), page("가나다라", "거너더러"))])
    assert not found.faults
    assert (found.lost, found.lost_errors, found.errors) == (1, 4, 4)
    assert sum(found.kinds().values()) == found.errors


def test_signs_are_apart_from_syllables() -> None:
    found = confusions([align(page("가1"), page("나7")), align(page("-a"), page("a"))])
    assert found.worst(5, syllables=False) == [("-", "", 1), ("1", "7", 1)]
    assert found.worst(5, syllables=True) == [("가", "나", 1)]


def test_wrong_spaces_by_what_is_around_them() -> None:
    found = spaces([align(page("할 수 있다"), page("할수 있 다")), align(page("할 수"), page("할수"))])
    assert found.missing == {"할수": 2}
    assert found.added == {"있다": 1}
