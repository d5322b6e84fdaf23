"""Markdown: CommonMark 0.31 with the tables of GitHub Flavored Markdown."""

from __future__ import annotations

import re

from geulnun.document import Block, Document, Line, Page
from geulnun.write.base import Original
from geulnun.write.characters import html_text, one_line, utf8
from geulnun.write.table import grid, items

#: What means something anywhere in a line.
_INLINE = re.compile(r"[\\`*_\[\]<>|~&]")
#: What means something where a line begins: a heading, a rule, a quotation, an item, a number and its dot.
_START = re.compile(r"^(#|[+=-]|:(?=-)|\d{1,9}(?=[.)]))")
#: Marks of items that Markdown's own stands for.
_MARK = re.compile(r"^\s*[•·‣◦∙▪■●*+–—-]\s+")
_NUMBER = re.compile(r"^\s*(\d{1,3}[.)])\s+")


class MarkdownWriter:
    """A heading for each title, a paragraph for each block of text, lines kept; tables and lists as such.

    Signs that Markdown would take for its own are escaped. Pages are parted by a rule.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content; empty for a document without text."""
        pages = [text for page in document.pages if (text := _page(page))]
        return utf8("\n\n---\n\n".join(pages) + "\n") if pages else b""


def _page(page: Page) -> str:
    return "\n\n".join(text for block in page.blocks if (text := _block(block)))


def _block(block: Block) -> str:
    if not block.text.strip():
        return ""
    if block.kind == "table":
        return _table(block)
    if block.kind == "list":
        return "\n".join(_item(item) for item in items(block))
    if block.kind == "title":
        # A heading is one line in Markdown, and signs of numbers at its end would close it.
        return "# " + " ".join(filter(None, (_inline(line.text).replace("#", "\\#") for line in block.lines)))
    return "\\\n".join(filter(None, (_escaped(line.text) for line in block.lines)))


def _table(block: Block) -> str:
    rows = [["" if cell is None else _inline(cell.text) for cell in row] for row in grid(block)]
    # The format has no table without a head; which rows are the head, the tree does not know.
    head, *body = rows
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *body)]
    return "\n".join(lines)


def _item(lines: list[Line]) -> str:
    text = lines[0].text
    number = _NUMBER.match(text)
    mark = number or _MARK.match(text)
    rest = [text[mark.end() :] if mark else text, *(line.text for line in lines[1:])]
    sign = f"{number[1]} " if number else "- "
    return sign + f"\\\n{' ' * len(sign)}".join(filter(None, map(_escaped, rest)))


def _escaped(text: str) -> str:
    return _START.sub(lambda sign: _before(sign[1]), _inline(text))


def _before(sign: str) -> str:
    """The sign escaped: a number by its dot, which follows it."""
    return f"{sign}\\" if sign.isdecimal() else f"\\{sign}"


def _inline(text: str) -> str:
    return _INLINE.sub(r"\\\g<0>", html_text(one_line(text)).strip())
