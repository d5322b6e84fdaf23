"""Documents to files: text, JSON (both ways), tables, XML, office formats, and pictures of what was read where.

`WRITERS` names every format; the command line and the server offer what stands there.
"""

import difflib

from geulnun.errors import UsageError
from geulnun.write import builders
from geulnun.write.base import Format, Original, Writer
from geulnun.write.files import write_file
from geulnun.write.json import JsonWriter, read_json
from geulnun.write.overlay import OverlayWriter
from geulnun.write.text import TextWriter

__all__ = [
    "WRITERS",
    "chosen",
    "Format",
    "Original",
    "Writer",
    "JsonWriter",
    "OverlayWriter",
    "TextWriter",
    "read_json",
    "write_file",
]

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: Every format by the name that ``-f`` and the server's ``format`` take, the plain ones first.
WRITERS: dict[str, Format] = {
    "txt": Format(TextWriter, ".txt", "text/plain", "plain text in reading order"),
    "layout": Format(builders.layout, ".layout.txt", "text/plain", "plain text laid out as the page is"),
    "json": Format(JsonWriter, ".json", "application/json", "the whole tree, without loss"),
    "tsv": Format(builders.tsv, ".tsv", "text/tab-separated-values", "Tesseract's table of words"),
    "csv": Format(builders.csv, ".csv", "text/csv", "table of words for spreadsheets"),
    "md": Format(builders.markdown, ".md", "text/markdown", "Markdown"),
    "html": Format(builders.html, ".html", "text/html", "page for browsers, lines in their places"),
    "hocr": Format(builders.hocr, ".hocr", "text/vnd.hocr+html", "hOCR 1.2"),
    "alto": Format(builders.alto, ".alto.xml", "application/alto+xml", "ALTO 4.3"),
    "page": Format(builders.page, ".page.xml", "application/vnd.prima.page+xml", "PAGE 2019", single=True),
    "docx": Format(builders.docx, ".docx", _DOCX, "Word document"),
    "pdf": Format(builders.pdf, ".pdf", "application/pdf", "searchable PDF", "needed"),
    "svg": Format(builders.svg, ".svg", "image/svg+xml", "page with its text over it", "optional", single=True),
    "overlay": Format(OverlayWriter, ".overlay.png", "image/png", "lines drawn over the page", "needed", single=True),
}


def chosen(names: str) -> dict[str, Format]:
    """The formats that a list such as ``txt,json`` names, each once, in that order.

    Raises:
        UsageError: a name is none; the message tells the nearest.
    """
    found = {}
    for name in (part.strip() for part in names.split(",")):
        if name not in WRITERS:
            near = difflib.get_close_matches(name, WRITERS, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(WRITERS)}"
            raise UsageError(f"format {name!r}; {hint}")
        found[name] = WRITERS[name]
    return found
