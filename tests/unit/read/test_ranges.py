import pytest

from geulnun.errors import PageRangeError
from geulnun.read.ranges import parse_pages, resolve_pages


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1-3,7-", (1, 2, 3, 7, 8, 9)),
        ("2", (2,)),
        ("-2", (1, 2)),
        (" 3 - 4 , 1 ", (3, 4, 1)),
        ("4-20", (4, 5, 6, 7, 8, 9)),
        ("2,2,1-3", (2, 1, 3)),
    ],
)
def test_ranges_resolve(text: str, expected: tuple[int, ...]) -> None:
    assert resolve_pages(text, 9, "a.pdf") == expected


@pytest.mark.parametrize("text", ["", "a", "1,,2", "1-2-3", "0", "3-1", "-", "1.5", "-0", "１"])
def test_malformed_ranges_name_the_text_and_the_form(text: str) -> None:
    with pytest.raises(PageRangeError, match="page range") as caught:
        parse_pages(text)
    assert repr(text) in str(caught.value)


def test_a_part_outside_names_file_and_page_count() -> None:
    with pytest.raises(PageRangeError, match=r"b\.pdf: page 5 asked for, but it has 3 pages"):
        resolve_pages("1,5-", 3, "b.pdf")
