"""How each format's writer is made. What a format needs is imported when it is asked for: most commands need none."""

from __future__ import annotations

from geulnun.write.base import Writer


def layout() -> Writer:
    """Text that keeps the page's layout."""
    from geulnun.write.layout import LayoutWriter

    return LayoutWriter()


def tsv() -> Writer:
    """Tesseract's table."""
    from geulnun.write.tsv import TsvWriter

    return TsvWriter()


def csv() -> Writer:
    """A table of words."""
    from geulnun.write.tsv import CsvWriter

    return CsvWriter()


def markdown() -> Writer:
    """CommonMark with tables."""
    from geulnun.write.markdown import MarkdownWriter

    return MarkdownWriter()


def html() -> Writer:
    """A page for browsers."""
    from geulnun.write.html import HtmlWriter

    return HtmlWriter()


def hocr() -> Writer:
    """hOCR 1.2."""
    from geulnun.write.hocr import HocrWriter

    return HocrWriter()


def alto() -> Writer:
    """ALTO 4."""
    from geulnun.write.alto import AltoWriter

    return AltoWriter()


def page() -> Writer:
    """PAGE 2019."""
    from geulnun.write.page import PageWriter

    return PageWriter()


def docx() -> Writer:
    """Word's format."""
    from geulnun.write.docx import DocxWriter

    return DocxWriter()


def pdf() -> Writer:
    """PDF that can be searched."""
    from geulnun.write.pdf import PdfWriter

    return PdfWriter()


def svg() -> Writer:
    """A drawing with text that can be selected."""
    from geulnun.write.svg import SvgWriter

    return SvgWriter()
