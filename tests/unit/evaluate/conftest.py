"""Truth and readings on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from geulnun.document import Block, Document, Page, Quad, line_from_text
from geulnun.write import JsonWriter

Make = Callable[..., Path]


def page_of(*lines: str, number: int = 1) -> Page:
    """A page whose lines stand below each other, 20 px high."""
    made = []
    for at, text in enumerate(lines):
        top, right = 40 * at + 10, 20 + 20 * max(len(text), 1)
        quad: Quad = ((20, top), (right, top), (right, top + 20), (20, top + 20))
        made.append(line_from_text(text, quad))
    return Page(400, 200, (Block(tuple(made)),) if made else (), number)


@pytest.fixture
def write(tmp_path: Path) -> Make:
    """Writes a document of pages of lines: ``write("truth/a.json", ["one line"], kind="print")``."""

    def make(name: str, *pages: list[str], image: bool = False, **facts: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = tuple(page_of(*lines, number=number) for number, lines in enumerate(pages, 1))
        path.write_bytes(JsonWriter().encode(Document(made, path.stem, tuple(facts.items()))))
        if image:
            Image.new("L", (400, 200), 200).save(path.with_suffix(".png"))
        return path

    return make
