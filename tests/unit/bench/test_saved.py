"""Saved output of another engine, scored as if it read here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun.bench.saved import Saved, parse
from geulnun.document import Block, Document, Page, line_from_text
from geulnun.errors import DamagedInputError, MissingInputError, UsageError
from geulnun.write.json import JsonWriter

IMAGE = np.zeros((10, 20, 3), np.uint8)


def read(folder: Path, name: str) -> Page:
    [reading] = Saved("X", folder).read([IMAGE], "page", [name])
    assert (reading.wall, reading.cpu) == (0, 0)
    return reading.page


def test_documents_are_taken_whole_and_texts_line_by_line(tmp_path: Path) -> None:
    page = Page(40, 30, (Block((line_from_text("한 글", ((0, 0), (9, 0), (9, 5), (0, 5))),)),))
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "a b.json").write_bytes(JsonWriter().encode(Document((page,))))
    (tmp_path / "c.txt").write_text("\ufeff첫 줄\n\n둘째 줄\n", "utf-8")
    assert read(tmp_path, "set/a b.png").lines[0].quad == page.lines[0].quad
    assert read(tmp_path, "set/a b.png").text == "한 글"
    assert [line.text for line in read(tmp_path, "c.jpg").lines] == ["첫 줄", "둘째 줄"]


def test_an_image_without_a_file_was_not_read(tmp_path: Path) -> None:
    page = read(tmp_path, "none.png")
    assert (page.text, page.width, page.height) == ("", 20, 10)


def test_another_output_is_another_engine(tmp_path: Path) -> None:
    before = Saved("X", tmp_path).identity
    (tmp_path / "a.txt").write_text("글", "utf-8")
    assert Saved("X", tmp_path).identity != before


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"\xb1\xdb", r"a\.txt: not UTF-8"),
        ("a.json", b"{", r"a\.json"),
        ("a.json", JsonWriter().encode(Document((Page(1, 1), Page(1, 1)))), r"a\.json: holds 2 pages"),
    ],
)
def test_damaged_output_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DamagedInputError, match=message):
        read(tmp_path, "a.png")


def test_the_argument_is_a_name_and_a_folder(tmp_path: Path) -> None:
    assert parse(f"CLOVA={tmp_path}").name == "CLOVA"
    with pytest.raises(MissingInputError, match="no such folder"):
        parse("CLOVA=nowhere")
    with pytest.raises(UsageError, match="NAME=FOLDER"):
        parse("CLOVA")
    with pytest.raises(UsageError, match="timed"):
        Saved("X", tmp_path).command(Path("a.png"))
