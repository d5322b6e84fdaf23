"""Plain text in reading order."""

from __future__ import annotations

from geulnun.document import Document
from geulnun.write.base import Original
from geulnun.write.characters import utf8
from geulnun.write.table import rows


class TextWriter:
    """UTF-8 text: an empty line between blocks, a form feed between pages, a newline at the end.

    Each line of text is a line of the file, but lines side by side, such as the cells of a table's row, share one and
    are parted by tabs.
    """

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content; empty for a document without text."""
        pages = (
            "\n\n".join(
                "\n".join("\t".join(line.text for line in row) for row in rows(block))
                for block in page.blocks
                if block.lines
            )
            for page in document.pages
        )
        text = "\f".join(pages)
        return utf8(text + "\n") if text else b""
