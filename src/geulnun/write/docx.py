"""DOCX (ECMA-376, Office Open XML), for word processors."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import PurePath

import docx
from docx.document import Document as WordFile
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.shared import Inches, Length
from docx.styles.style import BaseStyle, ParagraphStyle
from docx.text.paragraph import Paragraph

from geulnun.document import Block, BlockKind, Document, Line, Page
from geulnun.write.base import Original
from geulnun.write.characters import language, one_line, xml_text
from geulnun.write.table import grid, items

#: Styles of the library's own template.
_STYLES: dict[BlockKind, str] = {"title": "Heading 1", "header": "Header", "footer": "Footer", "figure": "Caption"}
_FONT = "맑은 고딕"
#: Word takes pages of at most 22 inches a side; an inch is as small as anyone prints.
_SMALLEST, _LARGEST = 1.0, 22.0
_A4 = 8.27, 11.69
#: ZIP and the file's properties want a time; files of the same tree shall be the same.
_TIME = datetime(1980, 1, 1, tzinfo=UTC)


class DocxWriter:
    """A paragraph for each block, its lines parted by line breaks; titles as headings, tables as tables.

    Each page is a section of its own, of the page's size where its resolution is known, else as high as an A4 sheet
    and wide in proportion. What stands where on it is not kept: that is what PDF is for.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        file = docx.Document()
        _prepare(file, document)
        for index, page in enumerate(document.pages):
            section = file.sections[0] if index == 0 else file.add_section(WD_SECTION.NEW_PAGE)
            section.page_width, section.page_height = _size(page)
            section.left_margin = section.right_margin = Length(section.page_width // 10)
            section.top_margin = section.bottom_margin = Length(section.page_height // 12)
            for block in page.blocks:
                _block(file, block)
        stream = io.BytesIO()
        file.save(stream)
        return stream.getvalue()


def _prepare(file: WordFile, document: Document) -> None:
    facts = file.core_properties
    facts.title = xml_text(PurePath(document.source).name)[:255]
    facts.author = facts.last_modified_by = "geulnun"
    facts.comments = ""
    facts.created = facts.modified = _TIME
    facts.language = language(document.text)
    for style in file.styles:
        if isinstance(style, ParagraphStyle) and style.name in ("Normal", "Heading 1"):
            _set_font(style)


def _set_font(style: BaseStyle) -> None:
    """Hangul takes the font of the east Asian slot, which the library has no name for."""
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), _FONT)
    for theme in ("w:eastAsiaTheme",):
        fonts.attrib.pop(qn(theme), None)


def _size(page: Page) -> tuple[Length, Length]:
    """The sheet's width and height."""
    if page.width <= 0 or page.height <= 0:
        return Inches(_A4[0]), Inches(_A4[1])
    dpi = page.dpi if page.dpi is not None and page.dpi > 0 else page.height / _A4[1]
    wide, high = page.width / dpi, page.height / dpi
    scale = min(1.0, _LARGEST / max(wide, high))
    return Inches(max(wide * scale, _SMALLEST)), Inches(max(high * scale, _SMALLEST))


def _block(file: WordFile, block: Block) -> None:
    if not block.lines:
        return
    if block.kind == "table":
        _table(file, block)
    elif block.kind == "list":
        for item in items(block):
            _fill(file.add_paragraph(style="List Paragraph"), item)
    else:
        _fill(file.add_paragraph(style=_STYLES.get(block.kind, "Normal")), block.lines)


def _table(file: WordFile, block: Block) -> None:
    rows = grid(block)
    table = file.add_table(len(rows), max(map(len, rows)), style="Table Grid")
    for row, lines in zip(table.rows, rows, strict=True):
        for cell, line in zip(row.cells, lines, strict=True):
            if line is not None:
                _fill(cell.paragraphs[0], [line])


def _fill(paragraph: Paragraph, lines: Iterable[Line]) -> None:
    for at, line in enumerate(lines):
        run = paragraph.add_run()
        if at:
            run.add_break()
        text = one_line(xml_text(line.text))
        node = run._r.add_t(text)
        # Spaces where a run begins or ends are dropped without it.
        node.set(qn("xml:space"), "preserve")
