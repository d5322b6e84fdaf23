"""hOCR 1.2 (https://kba.github.io/hocr-spec/1.2/), as XHTML with the classes that Tesseract writes."""

from __future__ import annotations

from math import radians, tan

from geulnun.document import BlockKind, Document, Line, Page, Quad, Word
from geulnun.write import xml
from geulnun.write.base import Original, maker_version
from geulnun.write.characters import language, xml_text
from geulnun.write.places import number, pixel_box, quad_of, share, slant
from geulnun.write.xml import Node, under

_XHTML = "http://www.w3.org/1999/xhtml"
_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
)
_LINES: dict[BlockKind, str] = {"title": "ocr_header", "header": "ocr_header", "footer": "ocr_footer"}
#: A line that leans by less than so many degrees has a baseline, one that leans more is turned.
_LEANS = 45


class HocrWriter:
    """Pages, areas, paragraphs, lines and words; boxes in whole pixels, confidences in percent.

    A space stands between words where one was read and nothing where none was. What has no quad has no bbox; a turned
    line has its ``textangle``, counter-clockwise, one that leans a little its ``baseline``, the lower edge of its quad.
    """

    def __init__(self, chars: bool = False) -> None:
        """With ``chars``, also an ``ocrx_cinfo`` for each character that has a quad, which makes files larger."""
        self._chars = chars

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        root = xml.root("html", _XHTML)
        if tongue := language(document.text):
            root.set(xml.LANG, tongue)
            root.set("lang", tongue)
        self._head(root, document, tongue)
        body = under(root, "body")
        for index, page in enumerate(document.pages):
            self._page(body, page, index, document.source)
        return xml.content(root, _DOCTYPE)

    def _head(self, root: Node, document: Document, tongue: str) -> None:
        head = under(root, "head")
        under(head, "title", xml_text(document.source) or "geulnun")
        kinds = ["ocr_page", "ocr_carea", "ocr_par", "ocr_line", "ocr_header", "ocr_footer", "ocrx_word"]
        facts = {
            "ocr-system": f"geulnun {maker_version()}",
            "ocr-capabilities": " ".join(kinds + ["ocrx_cinfo"] * self._chars + ["ocrp_lang", "ocrp_wconf"]),
            "ocr-number-of-pages": str(len(document.pages)),
            "ocr-langs": tongue or "unknown",
        }
        under(head, "meta", content="text/html; charset=utf-8").set("http-equiv", "Content-Type")
        for key, value in facts.items():
            under(head, "meta", content=value).set("name", key)

    def _page(self, body: Node, page: Page, index: int, source: str) -> None:
        facts = [f'image "{_quotable(source)}"', f"bbox 0 0 {max(page.width, 0)} {max(page.height, 0)}"]
        facts.append(f"ppageno {index}")
        if page.dpi is not None:
            facts.append(f"scan_res {round(page.dpi)} {round(page.dpi)}")
        name = f"{index + 1}"
        sheet = _node(body, "div", "ocr_page", f"page_{name}", facts)
        lines = words = 0
        for b, block in enumerate(page.blocks, 1):
            place = _bbox(quad_of(block), page)
            area = _node(sheet, "div", "ocr_carea", f"block_{name}_{b}", place)
            par = _node(area, "p", "ocr_par", f"par_{name}_{b}", place)
            if tongue := language(block.text):
                par.set("lang", tongue)
            for line in block.lines:
                lines += 1
                row = _node(par, "span", _LINES.get(block.kind, "ocr_line"), f"line_{name}_{lines}", _strip(line, page))
                if line.vertical:
                    row.set("style", "writing-mode: vertical-rl")
                row.tail = "\n"
                for at, word in enumerate(line.words):
                    words += 1
                    last = at == len(line.words) - 1
                    self._word(row, word, page, f"word_{name}_{words}").tail = " " * (word.space_after and not last)

    def _word(self, row: Node, word: Word, page: Page, name: str) -> Node:
        facts = [*_bbox(quad_of(word), page), f"x_wconf {round(100 * share(word.confidence))}"]
        node = _node(row, "span", "ocrx_word", name, facts)
        if not self._chars:
            node.text = xml_text(word.text)
            return node
        node.set("title", node.get("title", "") + "; x_confs " + " ".join(_percent(c.confidence) for c in word.chars))
        for char in word.chars:
            quad = quad_of(char)
            place = "" if quad is None else "x_bboxes " + " ".join(map(str, pixel_box(quad, page))) + "; "
            title = f"{place}x_conf {_percent(char.confidence)}"
            under(node, "span", xml_text(char.text), class_="ocrx_cinfo", title=title)
        return node


def _node(parent: Node, name: str, kind: str, id_: str, facts: list[str]) -> Node:
    """An element of hOCR; its facts stand in its title, as the format wants it."""
    node = under(parent, name, class_=kind, id=id_)
    if facts:
        node.set("title", "; ".join(facts))
    if kind in ("ocr_page", "ocr_carea", "ocr_par"):
        node.text = node.tail = "\n"
    return node


def _bbox(quad: Quad | None, page: Page) -> list[str]:
    return [] if quad is None else ["bbox " + " ".join(map(str, pixel_box(quad, page)))]


def _strip(line: Line, page: Page) -> list[str]:
    """Where a line stands and how it leans."""
    quad = quad_of(line)
    facts = _bbox(quad, page)
    if quad is None or line.vertical:
        return facts
    angle = slant(quad)
    if abs(angle) >= _LEANS:
        return [*facts, f"textangle {number(-angle % 360)}"]
    # From the lower left corner of the box, as the specification counts (section 5.4.2), y down.
    left, _, _, bottom = pixel_box(quad, page)
    slope = tan(radians(angle))
    x, y = quad[3]
    return [*facts, f"baseline {slope:.4f} {round(y + slope * (left - x) - bottom)}"]


def _percent(confidence: float) -> str:
    return number(100 * share(confidence))


def _quotable(name: str) -> str:
    """A file's name as the value of ``image``: in double quotes, where none may stand."""
    return xml_text(name).replace('"', "'")
