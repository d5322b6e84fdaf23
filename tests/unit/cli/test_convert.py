"""Stored documents to other formats, and reading to all of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from geulnun.write import WRITERS

Run = Callable[..., Any]
Make = Callable[..., Path]

PAGES = ("page", "svg", "overlay")


@pytest.fixture
def stored(run: Run, picture: Make, tmp_path: Path) -> tuple[Path, Path]:
    """An image and the document read from it."""
    image = picture("scan.png", 9)
    assert run("read", image, "-f", "json", "-o", tmp_path / "stored").code == 0
    return image, tmp_path / "stored" / "scan.json"


def test_reading_writes_every_format(run: Run, picture: Make, tmp_path: Path) -> None:
    result = run("read", picture("scan.png", 9), "-f", ",".join(WRITERS), "-o", tmp_path / "out")
    assert (result.code, result.out, result.err) == (0, "", "")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted("scan" + format_.suffix for format_ in WRITERS.values())


def test_formats_of_pages_are_a_file_a_page(run: Run, tmp_path: Path) -> None:
    pages = [Image.new("L", (60, 40), 9 + number) for number in range(2)]
    pages[0].save(tmp_path / "two.tif", save_all=True, append_images=pages[1:])
    assert run("read", tmp_path / "two.tif", "-f", ",".join((*PAGES, "alto")), "-o", tmp_path / "out").code == 0
    names = [f"two-000{n}{WRITERS[name].suffix}" for name in PAGES for n in (1, 2)]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([*names, "two.alto.xml"])


def test_converting_is_the_same_as_reading(run: Run, stored: tuple[Path, Path], tmp_path: Path) -> None:
    image, document = stored
    names = ",".join(name for name in WRITERS if name not in ("pdf", "page"))
    assert run("read", image, "-f", names, "-o", tmp_path / "read").code == 0
    assert run("convert", document, "-f", names, "-o", tmp_path / "made", "--original", image).code == 0
    for path in (tmp_path / "read").iterdir():
        made = (tmp_path / "made" / path.name).read_bytes()
        assert made == path.read_bytes() or path.suffix == ".docx", path.name


def test_one_format_goes_to_stdout(run: Run, stored: tuple[Path, Path]) -> None:
    assert run("convert", stored[1], "-f", "txt").out == "값9\n"
    assert run("convert", stored[1], "-f", "md").out == "값9\n"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("-f", "txt,md"), 2, "format 'txt,md' cannot go to stdout"),
        (("-f", "svg"), 2, "format 'svg' cannot go to stdout"),
        (("-f", "atlo"), 2, "format 'atlo'; did you mean 'alto'?"),
        (("-f", "overlay", "-o", "out"), 2, "give the file that was read as well"),
        (("-f", "overlay", "-o", "out", "--original", "none.png"), 3, "no such file"),
    ],
)
def test_what_cannot_be_converted(
    run: Run, stored: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], code: int, message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = run("convert", stored[1], *arguments)
    assert (result.code, message in result.err) == (code, True)


def test_a_broken_document_does_not_stop_the_others(run: Run, stored: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    result = run("convert", broken, stored[1], tmp_path / "none.json", "-f", "txt", "-o", tmp_path / "out")
    assert result.code == 3
    assert ("broken.json: not JSON" in result.err, "none.json: cannot be opened" in result.err) == (True, True)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["scan.txt"]


def test_another_picture_than_the_one_read_is_told(run: Run, stored: tuple[Path, Path], tmp_path: Path) -> None:
    Image.new("L", (7, 7)).save(tmp_path / "other.png")
    result = run("convert", stored[1], "-f", "svg", "-o", tmp_path / "out", "--original", tmp_path / "other.png")
    assert (result.code, "give the file that was read" in result.err) == (2, True)


def test_schema_is_printed(run: Run) -> None:
    result = run("schema")
    assert json.loads(result.out)["$id"] == "urn:geulnun:document:1"
