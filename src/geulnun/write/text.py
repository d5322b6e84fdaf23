"""Plain text in reading order."""

from __future__ import annotations

from geulnun.document import Document


class TextWriter:
    """UTF-8 text: lines, an empty line between blocks, a form feed between pages, a newline at the end."""

    suffix = ".txt"

    def encode(self, document: Document) -> bytes:
        """The file's content; empty for a document without text."""
        text = document.text
        return (text + "\n" if text else "").encode()
