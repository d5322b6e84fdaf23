"""HTML: headings, paragraphs, lists and tables, each line where it stood on its page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from lxml import etree

from geulnun.document import Block, Document, Line, Page, Quad
from geulnun.write.base import Original
from geulnun.write.characters import cells, html_text, language
from geulnun.write.places import certainty, number, quad_of, size_of, slant
from geulnun.write.table import grid, items
from geulnun.write.xml import Node, under

#: How pages look. Lengths follow the width of the window, so that a page is seen whole on any screen.
_STYLE = """
:root { color-scheme: light dark; font-family: "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif }
body { margin: 0; padding: 2vw; background: light-dark(#e9e7e2, #161719) }
.page { position: relative; container-type: inline-size; max-width: 1000px; margin: 0 auto 2vw; overflow: hidden;
  background: light-dark(#fff, #232529); color: light-dark(#1b1b1b, #e6e6e6); box-shadow: 0 1px 6px #0004 }
.page :is(h2, p, ul, li, table, tbody, tr, td, header, footer, figure) { display: block; margin: 0; padding: 0;
  font: inherit; list-style: none }
.page > * { font-size: 0 }
.page .title { font-weight: 700 }
.line { position: absolute; transform-origin: 0 0; white-space: pre; text-align-last: justify }
.line.down { writing-mode: vertical-rl; text-orientation: upright }
.line.loose { position: static; display: block; font-size: 2cqw }
""".strip()

#: How high a font's square is for a line of text one high; Hangul fills it to nine tenths.
_EM = 1.1
#: A page without a size is as high as an A4 sheet is wide.
_A4 = (210, 297)


class HtmlWriter:
    """One file that needs no other: a section for each page, its blocks as HTML's own elements.

    Lines stand where they stood and are turned as they were, in the reader's own fonts; text can be selected and
    searched, and is read aloud in reading order. Each word is a span with its quad (``data-quad``, pixels of the page,
    clockwise from its start) and its confidence (``data-conf``).
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        root = etree.Element("html")
        if tongue := language(document.text):
            root.set("lang", tongue)
        head = under(root, "head")
        under(head, "meta", charset="utf-8")
        under(head, "meta", content="width=device-width, initial-scale=1").set("name", "viewport")
        under(head, "title", html_text(PurePath(document.source).name) or "geulnun")
        under(head, "style", _STYLE)
        body = under(under(root, "body"), "main")
        for page in document.pages:
            _page(body, page)
        return etree.tostring(root, encoding="UTF-8", method="html", doctype="<!DOCTYPE html>") + b"\n"


def _page(body: Node, page: Page) -> None:
    sheet = under(body, "section", class_="page", id=f"page-{page.number}")
    sheet.set("aria-label", f"{page.number}")
    width, height = (page.width, page.height) if page.width > 0 and page.height > 0 else _A4
    sheet.set("style", f"aspect-ratio: {width} / {height}")
    sheet.text = sheet.tail = "\n"
    for block in page.blocks:
        node = _BLOCKS[block.kind](sheet, block, page)
        node.tail = "\n"


def _lines(parent: Node, name: str, block: Block, page: Page) -> Node:
    """An element that holds the block's lines."""
    node = under(parent, name)
    if name == "h2":
        node.set("class", "title")
    _rows(node, block.lines, page)
    return node


def _rows(node: Node, lines: Sequence[Line], page: Page) -> None:
    """Lines one below the other; the breaks between them take no room, but are copied with the text."""
    for at, line in enumerate(lines):
        if at:
            under(node, "br")
        _line(node, line, page)


def _holder(name: str) -> Callable[[Node, Block, Page], Node]:
    return lambda parent, block, page: _lines(parent, name, block, page)


def _list(parent: Node, block: Block, page: Page) -> Node:
    node = under(parent, "ul")
    for item in items(block):
        _rows(under(node, "li"), item, page)
    return node


def _table(parent: Node, block: Block, page: Page) -> Node:
    node = under(parent, "table")
    body = under(node, "tbody")
    for row in grid(block):
        cells_ = under(body, "tr")
        for line in row:
            cell = under(cells_, "td")
            if line is not None:
                _line(cell, line, page)
    return node


#: What each kind of block is in HTML.
_BLOCKS: dict[str, Callable[[Node, Block, Page], Node]] = {
    "text": _holder("p"),
    "title": _holder("h2"),
    "table": _table,
    "list": _list,
    "figure": _holder("figure"),
    "header": _holder("header"),
    "footer": _holder("footer"),
}


def _line(parent: Node, line: Line, page: Page) -> None:
    quad = quad_of(line)
    placed = quad is not None and page.width > 0 and page.height > 0
    node = under(parent, "span", class_="line")
    node.tail = "\n"
    if quad is not None and placed:
        node.set("style", _style(line, quad, page))
        if line.vertical:
            node.set("class", "line down")
    else:
        node.set("class", "line loose")
    for at, word in enumerate(line.words):
        span = under(node, "span", html_text(word.text))
        place = quad_of(word)
        if place is not None:
            span.set("data-quad", " ".join(f"{number(x)},{number(y)}" for x, y in place))
        span.set("data-conf", certainty(word.confidence))
        span.tail = " " if word.space_after and at < len(line.words) - 1 else ""


def _style(line: Line, quad: Quad, page: Page) -> str:
    """Where a line stands, in shares of the page, and how large its letters are."""
    length, height = size_of(quad)
    em = _EM * height
    if not line.vertical:
        # No wider than the line: a cell of a fixed font is half as wide as its letters are high, a space is less.
        em = min(em, 2 * length / max(cells(line.text) - 0.4 * line.text.count(" "), 1))
    unit = 100 / page.width
    across, along = ("height", "width") if not line.vertical else ("width", "height")
    x, y = quad[0] if not line.vertical else quad[3]
    facts = {
        "left": f"{number(100 * x / page.width, 3)}%",
        "top": f"{number(100 * y / page.height, 3)}%",
        along: f"{number(length * unit, 3)}cqw",
        across: f"{number(height * unit, 3)}cqw",
        "line-height": f"{number(height * unit, 3)}cqw",
        "font-size": f"{number(em * unit, 3)}cqw",
    }
    turn = slant(quad) - 90 * line.vertical
    if abs(turn) >= 0.05:
        facts["transform"] = f"rotate({number(turn)}deg)"
    return "; ".join(f"{name}: {value}" for name, value in facts.items())
