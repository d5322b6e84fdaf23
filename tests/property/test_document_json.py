"""Any document survives being written as JSON and read back."""

from hypothesis import given
from hypothesis import strategies as st

from geulnun.document import Alternative, Block, Char, Document, Entity, Line, Page, Word
from geulnun.write import JsonWriter, read_json

number = st.floats(allow_nan=False, allow_infinity=False)
share = st.floats(0, 1)
point = st.tuples(number, number)
quad = st.none() | st.tuples(point, point, point, point)
text = st.text(max_size=4)
char = st.builds(Char, text, quad, share, st.lists(st.builds(Alternative, text, share), max_size=3).map(tuple))
word = st.builds(Word, st.lists(char, max_size=3).map(tuple), quad, st.booleans())
line = st.builds(Line, st.lists(word, max_size=3).map(tuple), quad, share, st.booleans())
block = st.builds(
    Block, st.lists(line, max_size=3).map(tuple), quad, st.sampled_from(("text", "title", "table", "list"))
)
size = st.integers(0, 10**6)
page = st.builds(
    Page, size, size, st.lists(block, max_size=3).map(tuple), size,
    st.sampled_from((0, 90, 180, 270)), st.none() | number,
    st.lists(st.builds(Entity, text, size, size, share), max_size=3).map(tuple),
)  # fmt: skip
document = st.builds(
    Document, st.lists(page, max_size=3).map(tuple), text, st.lists(st.tuples(text, text), max_size=3).map(tuple)
)


@given(document, st.booleans())
def test_round_trip(tree: Document, rows: bool) -> None:
    assert read_json(JsonWriter(rows).encode(tree)) == tree
