"""The JSON others parse: it changes only together with the schema's version."""

from geulnun.document import Alternative, Block, Char, Document, Line, Page, Word
from geulnun.write import JsonWriter, read_json

GOLDEN = """\
{"format":"geulnun-document","version":1,"source":"가.png","pages":[
{"number":1,"width":40,"height":20,"rotation":0,"dpi":300.0,"text":"글 눈","blocks":[
{"kind":"text","lines":[
{"text":"글 눈","confidence":0.75,"words":[\
{"text":"글","chars":[{"text":"글","confidence":0.5,"alternatives":[["굴",0.25]]}]},\
{"text":"눈","space_after":false,"chars":[{"text":"눈","confidence":1.0}]}]}
]}
]}
]}
"""


def test_version_1() -> None:
    words = (Word((Char("글", None, 0.5, (Alternative("굴", 0.25),)),)), Word((Char("눈"),), space_after=False))
    tree = Document((Page(40, 20, (Block((Line(words, None, 0.75),)),), dpi=300.0),), "가.png")
    assert JsonWriter().encode(tree).decode() == GOLDEN
    assert read_json(GOLDEN) == tree
